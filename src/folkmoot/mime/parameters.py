"""Values with parameters: Content-Type and Content-Disposition (RFC 2045 section 5.1, RFC 2183, RFC 2231)."""

import re
from collections.abc import Sequence
from typing import Final

from folkmoot.mime.charsets import codec_of, to_text
from folkmoot.mime.encoded_words import decode, one_line

PARAMETERS_MAX: Final = 200  # of one field: long names come in some ten pieces
VALUE_OCTETS_MAX: Final = 64 * 1024
_QUOTED: Final = re.compile(rb'"((?:[^"\\]++|\\.)*+)"?', re.DOTALL)
_QUOTED_PAIR: Final = re.compile(rb"\\(.)", re.DOTALL)
_COMMENT: Final = re.compile(rb"\((?:[^()\\]|\\.)*+\)", re.DOTALL)
_MAIN: Final = re.compile(rb"[^;\s\"(]+(?:\s*/\s*[^;\s\"(]+)?")
_PIECE: Final = re.compile(r"(?P<name>[^*]+)(?:\*(?P<number>\d{1,3}))?(?P<encoded>\*)?\Z")
_PERCENT: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_WITH_BLANKS: Final = frozenset({"filename", "name"})  # people leave the quotes off

Parameters = tuple[tuple[str, str], ...]


def parse_value(octets: bytes) -> tuple[str, Parameters]:
    """Take a value apart: what it is, in lower case without blanks, and its parameters as written.

    Octets beyond ASCII stay recognisable as surrogates: ``parameter_text`` decodes them.
    """
    octets = octets[:VALUE_OCTETS_MAX]
    if b"(" in octets:
        octets = _without_comments(octets)
    main = _MAIN.match(octets.lstrip())
    value = re.sub(r"\s+", "", _text(main[0])).lower() if main else ""
    found: list[tuple[str, str]] = []
    position = octets.find(b";")
    while 0 <= position < len(octets) and len(found) < PARAMETERS_MAX:
        position += 1
        equals, semicolon = octets.find(b"=", position), octets.find(b";", position)
        if equals < 0:
            break
        if 0 <= semicolon < equals:
            position = semicolon
            continue
        name = _text(octets[position:equals].strip()).lower()
        content, position = _value(octets, equals + 1, name.partition("*")[0])
        if name:
            found.append((name, _text(content)))
    return value, tuple(found)


def parameter_text(parameters: Sequence[tuple[str, str]], name: str) -> str:
    """Return a parameter as text: joined and decoded by RFC 2231, or by RFC 2047 as many write it; empty if absent."""
    pieces: dict[int, tuple[bool, bytes]] = {}
    plain: bytes | None = None
    for key, value in parameters[:PARAMETERS_MAX]:
        piece = _PIECE.match(key) if key.startswith(name) else None
        if piece is None or piece["name"] != name:
            continue
        octets = value.encode("utf-8", "surrogateescape")
        if piece["number"] is None and piece["encoded"] is None:
            plain = octets if plain is None else plain
        else:
            pieces.setdefault(int(piece["number"] or 0), (piece["encoded"] is not None, octets))
    if pieces:
        return _joined(pieces)
    return decode(plain) if plain else ""


def _joined(pieces: dict[int, tuple[bool, bytes]]) -> str:
    charset = ""
    gathered = []
    for expected, number in enumerate(sorted(pieces)):
        encoded, octets = pieces[number]
        if number != expected:
            break  # a piece is missing: what follows means nothing
        if encoded:
            if number == 0 and octets.count(b"'") >= 2:  # noqa: PLR2004
                label, _, octets = octets.split(b"'", 2)
                charset = label.decode("ascii", "replace")
            octets = _PERCENT.sub(lambda match: bytes((int(match[1], 16),)), octets)
        gathered.append(octets)
    whole = b"".join(gathered)
    if not charset and b"=?" in whole:
        return decode(whole)
    return one_line(to_text(whole, charset if codec_of(charset) else ""))


def _value(octets: bytes, start: int, name: str) -> tuple[bytes, int]:
    """Return a parameter's value and where the next semicolon is."""
    while octets[start : start + 1].isspace():
        start += 1
    if octets[start : start + 1] == b'"':
        quoted = _QUOTED.match(octets, start)
        content, position = (quoted[1], quoted.end()) if quoted else (b"", start + 1)
        if name not in _WITH_BLANKS or b'\\"' in content or b"\\\\" in content:
            content = _QUOTED_PAIR.sub(rb"\1", content)  # else "C:\file", from Windows
        end = octets.find(b";", position)
        return content, end if end >= 0 else len(octets)
    end = octets.find(b";", start)
    end = end if end >= 0 else len(octets)
    content = octets[start:end].strip()
    if name not in _WITH_BLANKS:
        content = content.split(None, 1)[0] if content else b""
    return content, end


def _without_comments(octets: bytes) -> bytes:
    """Take out comments that stand outside of quotes."""
    kept, position = [], 0
    while position < len(octets):
        special = re.compile(rb'["(]').search(octets, position)
        if special is None:
            break
        pattern = _QUOTED if special[0] == b'"' else _COMMENT
        match = pattern.match(octets, special.start())
        if match is None:
            kept.append(octets[position : special.end()])
            position = special.end()
        elif special[0] == b'"':
            kept.append(octets[position : match.end()])
            position = match.end()
        else:
            kept.append(octets[position : special.start()])
            position = match.end()
    kept.append(octets[position:])
    return b"".join(kept)


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")
