"""Lists of addresses (RFC 5322 section 3.4), recovered from what writers made of them."""

import re
from typing import Final

from msgspec import Struct

from folkmoot.mime.encoded_words import decode, one_line

ADDRESSES_MAX: Final = 5000  # in one field; servers take fewer recipients
COMMENT_DEPTH_MAX: Final = 20
_SPECIAL: Final = re.compile(rb'["(<>,;:\\]')
_QUOTED_PAIR: Final = re.compile(rb"\\(.)", re.DOTALL)
_QUOTED: Final = re.compile(rb'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_BACKSLASH, _OPEN, _CLOSE = b"\\()"
_BLANKS: Final = re.compile(rb"\s+")


class MailAddress(Struct, frozen=True, gc=False):
    """A name, maybe empty, and an address, maybe broken: whatever stood there, on one line."""

    name: str
    address: str


class _Gathered:
    """What is known of the address being read."""

    __slots__ = ("angle", "comment", "phrase")

    def __init__(self) -> None:
        self.phrase: list[bytes] = []
        self.comment = b""
        self.angle: bytes | None = None

    def finished(self) -> MailAddress | None:
        phrase = b"".join(self.phrase).strip()
        if self.angle is not None:
            return _named(phrase or self.comment, self.angle)
        if not phrase:
            return None
        last = phrase.rsplit(None, 1)[-1]
        if b"@" in last[1:-1] and b'"' not in last:
            # "Anna anna@example.com", without brackets
            return _named(phrase[: -len(last)].strip() or self.comment, last)
        return _named(self.comment, phrase)


def addresses(text: bytes) -> tuple[MailAddress, ...]:
    """Return the addresses of a field's value, without the names of groups; never fails.

    Semicolons separate as commas do (Outlook).  Encoded words are decoded in names and never in addresses.
    """
    found: list[MailAddress] = []
    present = _Gathered()
    position = 0
    while len(found) < ADDRESSES_MAX:
        special = _SPECIAL.search(text, position)
        if special is None:
            present.phrase.append(text[position:])
            break
        start = special.start()
        present.phrase.append(text[position:start])
        position = _step(text, start, present)
        if text[start : start + 1] in {b",", b";"}:
            one = present.finished()
            if one is not None:
                found.append(one)
            present = _Gathered()
    else:
        return tuple(found)
    one = present.finished()
    if one is not None:
        found.append(one)
    return tuple(found)


def _step(text: bytes, start: int, present: _Gathered) -> int:
    """Take in what begins with the special character at ``start``; return where reading goes on."""
    match text[start : start + 1]:
        case b'"':
            content, end = _quoted(text, start)
            present.phrase.append(content)
            return end
        case b"(":
            content, end = _comment(text, start)
            present.comment = present.comment or content
            present.phrase.append(b" ")
            return end
        case b"<":
            end, following = _angle_end(text, start)
            if present.angle is None:
                present.angle = text[start + 1 : end]
            return following
        case b":":
            before = b"".join(present.phrase).strip().lower()
            if before == b"mailto" or present.angle is not None or b"@" not in before:
                present.phrase.clear()  # the name of a group
            else:
                present.phrase.append(b":")
        case b"\\":
            present.phrase.append(text[start + 1 : start + 2])
            return start + 2
    return start + 1


def _quoted(text: bytes, start: int) -> tuple[bytes, int]:
    """Return the content of a quoted string; a quote that is never closed is nothing."""
    quoted = _QUOTED.match(text, start)
    if quoted is None:
        return b"", start + 1
    if text[quoted.end() : quoted.end() + 1] == b"@":  # a quoted local part keeps its quotes
        return quoted[0], quoted.end()
    return _QUOTED_PAIR.sub(rb"\1", quoted[1]) if b"\\" in quoted[1] else quoted[1], quoted.end()


def _comment(text: bytes, start: int) -> tuple[bytes, int]:
    depth = 0
    position = start
    while position < len(text):
        octet = text[position]
        if octet == _BACKSLASH:
            position += 1
        elif octet == _OPEN:
            depth += 1
            if depth > COMMENT_DEPTH_MAX:
                break
        elif octet == _CLOSE:
            depth -= 1
            if depth == 0:
                content = _QUOTED_PAIR.sub(rb"\1", text[start + 1 : position])
                return content.strip(), position + 1
        position += 1
    return b"", start + 1


def _angle_end(text: bytes, start: int) -> tuple[int, int]:
    """Return where an address in brackets ends, and where reading goes on: maybe where the next address must begin."""
    following = text.find(b"<", start + 1)
    limit = following if following >= 0 else len(text)
    end = text.find(b">", start, limit)
    if end >= 0:
        return end, end + 1
    comma = text.find(b",", start, limit)
    return (comma, comma) if comma >= 0 else (limit, limit)


def _named(name: bytes, address: bytes) -> MailAddress:
    address = address.strip()
    if address.startswith(b"@"):
        address = address.partition(b":")[2] or address  # a source route (RFC 5322 section 4.4)
    address = _BLANKS.sub(b"", address) if b'"' not in address else address
    if address.lower().startswith(b"mailto:"):
        address = address[7:]
    shown = one_line(address.decode("utf-8", "replace").strip("<>"))
    text = decode(_BLANKS.sub(b" ", name))
    if len(text) > 1 and text[0] == text[-1] == "'":
        text = text[1:-1]
    return MailAddress(text, shown)
