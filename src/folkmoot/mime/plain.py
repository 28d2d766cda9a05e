"""Plain text to HTML: links, quotes, signatures, and paragraphs that may flow (RFC 3676)."""

import re
from collections.abc import Iterator
from html import escape
from typing import Final

from folkmoot.mime import urls

TEXT_MAX: Final = 1024 * 1024  # characters shown of one part: a book; the rest is left to the download
LINKS_MAX: Final = 5000  # made in one text
QUOTES_MAX: Final = 30  # levels; what is deeper is shown at this one
LINE_MAX: Final = 10_000  # characters joined into one line when text flows
_QUOTE: Final = re.compile(r"(?:> ?)+")
_QUOTE_OF_FLOWED: Final = re.compile(r">+")
_LINK: Final = re.compile(
    r"(?P<web>(?:https?://|www\.)[^\s<>\"\x00-\x1f\x7f]{2,2000})"
    r"|(?P<uri>(?:mailto:|tel:)[^\s<>\"\x00-\x1f\x7f]{2,300})"
    r"|(?P<address>(?<![\w.+/@-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}(?![\w@-]))",
    re.IGNORECASE,
)
_TRAILING: Final = ".,;:!?'*_"
_BRACKETS: Final = {")": "(", "]": "[", "}": "{"}
_SIGNATURES: Final = frozenset({"-- ", "--"})
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

_Line = tuple[int, str]  # level of quotation, text


def text_to_html(text: str, *, flowed: bool = False, delete_space: bool = False) -> str:
    """Return text as safe HTML, to be shown with its blanks and line breaks kept (``white-space: pre-wrap``).

    ``flowed`` and ``delete_space`` are format=flowed and delsp=yes of its type.  Levels of quotation become nested
    ``blockquote``; what follows the separator of signatures stands in a ``div`` of class ``signature``.
    """
    text = _CONTROLS.sub("", text[:TEXT_MAX].replace("\r\n", "\n").replace("\r", "\n")).replace("\x0c", "\n")
    lines = text.removesuffix("\n").split("\n")
    read = _flowed(lines, delete_space=delete_space) if flowed else _fixed(lines)
    return "".join(_blocks(read))


def linked(text: str, budget: list[int] | None = None) -> str:
    """Return text escaped for HTML, with its URLs and mail addresses as links; ``budget`` counts what may be made."""
    left = budget if budget is not None else [LINKS_MAX]
    pieces: list[str] = []
    position = 0
    for found in _LINK.finditer(text):
        if left[0] <= 0:
            break
        shown = _trimmed(found[0])
        target = _target(found.lastgroup or "", shown)
        if not target:
            continue
        left[0] -= 1
        pieces.append(escape(text[position : found.start()], quote=False))
        pieces.append(
            f'<a href="{escape(target)}" target="_blank" rel="noopener noreferrer">{escape(shown, quote=False)}</a>'
        )
        position = found.start() + len(shown)
    pieces.append(escape(text[position:], quote=False))
    return "".join(pieces)


def _target(kind: str, shown: str) -> str:
    if kind == "address":
        return urls.link(f"mailto:{shown}")
    if shown[:4].lower() == "www.":
        return urls.link(f"http://{shown}")
    return urls.link(shown)


def _trimmed(url: str) -> str:
    """Take off what ends the sentence, not the URL."""
    while url:
        last = url[-1]
        opening = _BRACKETS.get(last)
        if last in _TRAILING or (opening is not None and url.count(last) > url.count(opening)):
            url = url[:-1]
        else:
            break
    return url


def _fixed(lines: list[str]) -> Iterator[_Line]:
    for line in lines:
        quote = _QUOTE.match(line) if line.startswith(">") else None
        if quote is None:
            yield 0, line
        else:
            yield min(quote[0].count(">"), QUOTES_MAX), line[quote.end() :]


def _flowed(lines: list[str], *, delete_space: bool) -> Iterator[_Line]:
    """Join the lines that end with a blank to the next of the same level (RFC 3676 section 4)."""
    open_level = -1
    gathered: list[str] = []
    size = 0
    for line in lines:
        quote = _QUOTE_OF_FLOWED.match(line)
        level = min(len(quote[0]), QUOTES_MAX) if quote else 0
        content = line[quote.end() :] if quote else line
        content = content.removeprefix(" ")  # space-stuffed
        if gathered and (level != open_level or content == "-- " or size > LINE_MAX):
            yield open_level, "".join(gathered)
            gathered, size = [], 0
        flows = content.endswith(" ") and content != "-- "
        gathered.append(content[:-1] if flows and delete_space else content)
        size += len(content)
        open_level = level
        if not flows:
            yield level, "".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield open_level, "".join(gathered)


def _blocks(lines: Iterator[_Line]) -> Iterator[str]:
    present = 0
    signature = False
    first = True
    budget = [LINKS_MAX]
    for level, line in lines:
        if signature and level:
            yield "</div>"
            signature = False
        if level != present:
            yield "<blockquote>" * (level - present) if level > present else "</blockquote>" * (present - level)
            present, first = level, True
        if not level and not signature and line in _SIGNATURES:
            yield '<div class="signature">'
            signature, first = True, True
        yield linked(line, budget) if first else "\n" + linked(line, budget)
        first = False
    yield "</div>" if signature else ""
    yield "</blockquote>" * present
