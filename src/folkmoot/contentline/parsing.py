"""Text to content lines: line breaks, folds, character sets, names."""

import re
from collections.abc import Sequence
from typing import Final

from folkmoot.contentline.charsets import decode
from folkmoot.contentline.line import Line
from folkmoot.contentline.names import KNOWN_NAMES
from folkmoot.core.errors import MalformedInput, TooLarge

OCTETS_MAX: Final = 64 * 1024 * 1024  # an import; a stored object is limited far below by its collection
LINES_MAX: Final = 1_000_000  # about 400 octets of memory each
_FOLDED_END: Final = re.compile(r"\r\n(?![ \t])")
_ODD_BREAK: Final = re.compile(r"\r*\n|\r")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
_CHARSET: Final = re.compile(rb";CHARSET=\"?([A-Za-z0-9_.-]{1,40})", re.IGNORECASE)
_FOLD_OCTETS: Final = re.compile(rb"\r?\n[ \t]")
_QUOTED_PRINTABLE: Final = re.compile(r";(?:ENCODING=)?QUOTED-PRINTABLE[;:]", re.IGNORECASE)
_SOFT_BREAK: Final = re.compile(r"=[ \t]*\r\n[ \t]?")


def parse_lines(
    source: bytes | str,
    *,
    octets_max: int = OCTETS_MAX,
    lines_max: int = LINES_MAX,
    fallback_charset: str | None = None,
    quoted_printable: bool = False,
) -> list[Line]:
    """Return the content lines of a whole text; blank lines and a byte order mark are passed over.

    Line breaks may be CRLF, LF or CR.  A line folded inside a UTF-8 character is mended, and
    comes out newly folded.  ``fallback_charset`` reads lines that are not UTF-8, unless they
    name a CHARSET of their own, as vCard 2.1 does; without it they are refused.
    ``quoted_printable`` joins the soft line breaks of vCard 2.1; the ``=`` of each is dropped.

    Raises:
        MalformedInput: a line without a colon or with an impossible name, or not UTF-8; the
            message has the number of the physical line.
        TooLarge: more octets or lines than allowed.
    """
    if len(source) > octets_max:
        raise TooLarge(f"content lines: more than {octets_max} octets")
    text, mended = (source, False) if isinstance(source, str) else _decode(source, fallback_charset)
    text = text.removeprefix("\ufeff")
    raws = _split(text, quoted_printable=quoted_printable)
    if len(raws) > lines_max:
        raise TooLarge(f"content lines: more than {lines_max} lines")
    known = KNOWN_NAMES
    lines: list[Line] = []
    append = lines.append
    for raw in raws:
        unfolded = raw
        if "\n" in raw:
            if quoted_printable and "=\r\n" in raw and _QUOTED_PRINTABLE.search(raw):
                unfolded = _SOFT_BREAK.sub("", raw)
            unfolded = unfolded.replace("\r\n ", "").replace("\r\n\t", "")
            if "\n" in unfolded:
                unfolded = _SOFT_BREAK.sub("", raw)
        head, colon, value = unfolded.partition(":")
        if head in known and colon:
            name = known[head]
            line = Line.parsed(name, value, "", None, head, raw)
        elif not unfolded or unfolded.isspace():
            continue
        else:
            line = _parse_line(unfolded, raw, raws)
        append(line)
    if mended:  # what came as bytes that are no text goes out newly folded
        for line in lines:
            line.raw = None
    return lines


def line_number(lines: Sequence[Line], index: int) -> int:
    """Return the physical line, from 1, at which a logical line starts, blank lines not counted."""
    return 1 + sum((line.raw or "").count("\r\n") + 1 for line in lines[:index])


def _parse_line(unfolded: str, raw: str, raws: list[str]) -> Line:
    head, colon, value = unfolded.partition(":")
    if head.count('"') % 2:
        head, colon, value = _split_quoted(unfolded)
    if not colon:
        raise MalformedInput(f"content line: no colon on line {_position(raw, raws)}")
    written, semicolon, parameters = head.partition(";")
    name = KNOWN_NAMES.get(written)
    group = None
    if name is None:
        written = written.strip()
        prefix, dot, rest = written.rpartition(".")
        if dot and _NAME.fullmatch(prefix):
            group, written = prefix, rest
        if not _NAME.fullmatch(written):
            raise MalformedInput(f"content line: impossible property name on line {_position(raw, raws)}")
        name = written.upper()
    return Line.parsed(name, value, semicolon + parameters, group, written, raw)


def _split_quoted(unfolded: str) -> tuple[str, str, str]:
    """Split at the first colon outside quotes; at the first one at all if the quotes never close."""
    quoted = False
    for position, character in enumerate(unfolded):
        if character == '"':
            quoted = not quoted
        elif character == ":" and not quoted:
            return unfolded[:position], ":", unfolded[position + 1 :]
    return unfolded.partition(":")


def _position(raw: str, raws: list[str]) -> int:
    """Return the physical line of a raw line; identity, as equal lines may come twice."""
    number = 1
    for other in raws:
        if other is raw:
            break
        number += other.count("\r\n") + 1
    return number


def _split(text: str, *, quoted_printable: bool) -> list[str]:
    if text.count("\n") != text.count("\r\n") or text.count("\r") != text.count("\n"):
        text = _ODD_BREAK.sub("\r\n", text)
    folded = "\r\n " in text or "\r\n\t" in text
    raws = _FOLDED_END.split(text.lstrip(" \t")) if folded else text.split("\r\n")
    if quoted_printable and "QUOTED-PRINTABLE" in text.upper():
        raws = _join_soft_breaks(raws)
    return raws


def _join_soft_breaks(raws: list[str]) -> list[str]:
    """Join lines of quoted-printable values that end in ``=`` (vCard 2.1 section 2.1.3)."""
    joined: list[str] = []
    pieces: list[str] = []
    for raw in raws:
        soft = raw.rstrip(" \t").endswith("=")
        if pieces:
            pieces.append(raw)
            if not soft:
                joined.append("\r\n".join(pieces))
                pieces = []
        elif soft and _QUOTED_PRINTABLE.search(raw):
            pieces.append(raw)
        else:
            joined.append(raw)
    if pieces:
        joined.append("\r\n".join(pieces))
    return joined


def _decode(source: bytes, fallback_charset: str | None) -> tuple[str, bool]:
    """Return the text, and whether it had to be mended: unfolded, as characters were split by folds."""
    try:
        return source.decode("utf-8"), False
    except UnicodeDecodeError:
        pass
    unfolded = _FOLD_OCTETS.sub(b"", source)
    try:
        return unfolded.decode("utf-8"), True
    except UnicodeDecodeError as error:
        if fallback_charset is None:
            number = unfolded.count(b"\n", 0, error.start) + 1
            raise MalformedInput(f"content line: not UTF-8 on unfolded line {number}") from error
    return "\n".join(_decode_line(line, fallback_charset) for line in unfolded.split(b"\n")), True


def _decode_line(line: bytes, fallback_charset: str) -> str:
    named = _CHARSET.search(line)
    return decode(line, "utf-8", named[1].decode("ascii") if named else fallback_charset, fallback_charset)
