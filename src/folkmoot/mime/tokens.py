"""HTML as a stream of tags and text, cut by the rules of the HTML standard (its section on tokenization).

Linear in the input, whatever the input.  What a later reader might understand differently never gets past the caller:
``markup`` writes each token anew.
"""

import html
import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

ATTRIBUTES_MAX: Final = 60  # of one tag; more is no work of an editor
_NEXT: Final = re.compile(r"<(?=[a-zA-Z!/?])")
_NAME: Final = re.compile(r"[a-zA-Z][^\s/>\x00]{0,39}")
_ATTRIBUTE: Final = re.compile(
    r"[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|((?!\s*+>)[^\s>]*+)))?"
)
_TAG_END: Final = re.compile(r"[^>]*+>?")
_COMMENT_END: Final = re.compile(r"--!?>")
_EMPTY_COMMENT: Final = re.compile(r"<!---?>")
_RAW_TEXT: Final = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "xmp", "iframe", "noembed", "noframes", "textarea", "title")
}
_WITH_REFERENCES: Final = frozenset({"textarea", "title"})  # RCDATA
_NO_CHARACTERS: Final = re.compile("[\x00\ud800-\udfff]")


class Text(Struct, frozen=True, gc=False):
    """Characters, with references resolved; ``raw_of`` is the element whose content they are, if it holds no tags."""

    content: str
    raw_of: str = ""


class Start(Struct, frozen=True, gc=False):
    """A start tag: names in lower case, values with references resolved; of attributes that repeat the first counts."""

    name: str
    attributes: dict[str, str]


class End(Struct, frozen=True, gc=False):
    """An end tag."""

    name: str


Token = Text | Start | End


def tokens(markup: str) -> Iterator[Token]:
    """Yield the tags and texts of a document; comments, declarations and processing instructions are left out."""
    markup = _NO_CHARACTERS.sub("", markup.replace("\r\n", "\n").replace("\r", "\n"))
    position = 0
    while True:
        found = _NEXT.search(markup, position)
        start = found.start() if found else len(markup)
        if start > position:
            content = markup[position:start]
            yield Text(_resolved(content) if "&" in content else content)
        if found is None:
            return
        following = markup[start + 1]
        if following in "!?":
            position = _after_declaration(markup, start)
            continue
        closing = following == "/"
        name = _NAME.match(markup, start + 1 + closing)
        if name is None:  # "</>" is nothing, "</1" a comment, and "<" before anything else is text
            end = markup.find(">", start)
            position = end + 1 if end >= 0 else len(markup)
            continue
        position = name.end()
        if markup.startswith(">", position):
            attributes: dict[str, str] = {}
            position += 1
        else:
            attributes, position = _attributes(markup, position, wanted=not closing)
        word = name[0].lower()
        if closing:
            yield End(word)
            continue
        yield Start(word, attributes)
        if word == "plaintext":
            yield Text(markup[position:], word)
            return
        raw = _RAW_TEXT.get(word)
        if raw is not None:
            end_tag = raw.search(markup, position)
            end = end_tag.start() if end_tag else len(markup)
            raw_text = markup[position:end]
            yield Text(_resolved(raw_text) if word in _WITH_REFERENCES else raw_text, word)
            position = end


def _attributes(markup: str, position: int, *, wanted: bool) -> tuple[dict[str, str], int]:
    """Read up to the end of a tag."""
    found: dict[str, str] = {}
    for _ in range(ATTRIBUTES_MAX):
        attribute = _ATTRIBUTE.match(markup, position)
        if attribute is None:
            break
        position = attribute.end()
        if wanted:
            _, double, single, bare = attribute.groups()
            value = double if double is not None else single if single is not None else bare or ""
            found.setdefault(attribute[1].lower(), _resolved(value) if "&" in value else value)
    end = _TAG_END.match(markup, position)
    return found, end.end() if end else len(markup)


def _after_declaration(markup: str, start: int) -> int:
    if markup.startswith("<!--", start):
        empty = _EMPTY_COMMENT.match(markup, start)
        if empty:
            return empty.end()
        end = _COMMENT_END.search(markup, start + 4)
        return end.end() if end else len(markup)
    close = markup.find(">", start)
    return close + 1 if close >= 0 else len(markup)


def _resolved(text: str) -> str:
    return _NO_CHARACTERS.sub("", html.unescape(text)).replace("\r\n", "\n").replace("\r", "\n")
