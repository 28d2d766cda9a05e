"""Header fields and bodies as they are written: folded, encoded, with lines that may be sent (RFC 5322, 2045 to 2047).

Whatever could end a line is refused, not repaired: it is an attack or a mistake of ours.
"""

import binascii
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from folkmoot.core.errors import MalformedInput
from folkmoot.mime.address_lists import MailAddress

LINE_MAX: Final = 78  # octets of a line that we write (RFC 5322 section 2.1.1)
HARD_LINE_MAX: Final = 998  # octets of a line that may be sent at all
WORD_MAX: Final = 75  # characters of an encoded word (RFC 2047 section 2)
PIECE_MAX: Final = 60  # characters of one piece of a parameter's value (RFC 2231 section 3)
BASE64_LINE: Final = 57  # octets of content that make a line of 76
_BREAKS: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\u2028\u2029\ud800-\udfff]")
_NAME: Final = re.compile(r"[!-9;-~]{1,76}")
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]+")
_PLAIN_VALUE: Final = re.compile(r"[ -!#-\[\]-~]*")  # quoted without escapes, which some programs cannot read
_NOT_Q: Final = re.compile(rb"[^A-Za-z0-9!*+/-]")  # what stands in a phrase, the strictest place (RFC 2047 section 5)
_LONG_WORD: Final = 200  # characters: a URL in a subject may stand as it is, a blob may not


def check(text: str) -> str:
    """Return a text that may stand in a field.

    Raises:
        MalformedInput: it has control characters.
    """
    found = _BREAKS.search(text)
    if found:
        raise MalformedInput(f"a header field cannot hold the character U+{ord(found[0]):04X}")
    return text


def field(name: str, value: str) -> bytes:
    """Return an unstructured field, folded.

    Raises:
        MalformedInput: no field name, or control characters in the value.
    """
    _check_name(name)
    words = check(value).replace("\t", " ").strip()
    return _line(name, _phrase_tokens(words, len(name) + 2))


def raw_field(name: str, value: str) -> bytes:
    """Return a field whose value stands as it is, folded at its blanks.

    Raises:
        MalformedInput: no field name; control characters, or characters beyond ASCII.
    """
    _check_name(name)
    words = check(value).replace("\t", " ").strip()
    if not words.isascii():
        raise MalformedInput(f"the field {name} has characters beyond ASCII")
    return _line(name, [word.encode("ascii") for word in words.split(" ")])


def group_field(name: str, groups: Sequence[tuple[str | None, Sequence[MailAddress]]]) -> bytes:
    """Return a field of addresses, some of which are named groups (RFC 5322 section 3.4).

    Raises:
        MalformedInput: control characters, or an address that no field can hold.
    """
    _check_name(name)
    tokens: list[bytes] = []
    for number, (title, addresses) in enumerate(groups):
        end = b"," if number + 1 < len(groups) else b""
        if title is not None:
            tokens += _name_tokens(check(title).replace("\t", " ").strip() or "Group", room=1)
            tokens[-1] += b":"
            end = b";" + end
        for index, one in enumerate(addresses):
            tokens += _address_tokens(one, b"," if index + 1 < len(addresses) else end, room=1)
        if not addresses and title is not None:
            tokens[-1] += end
    return _line(name, tokens)


def address_field(name: str, addresses: Sequence[MailAddress]) -> bytes:
    """Return a field of addresses, folded between them.

    Raises:
        MalformedInput: control characters, or an address that no field can hold.
    """
    _check_name(name)
    tokens: list[bytes] = []
    for number, one in enumerate(addresses):
        separator = b"," if number + 1 < len(addresses) else b""
        tokens += _address_tokens(one, separator, room=len(name) + 2 if number == 0 else 1)
    return _line(name, tokens)


def ids_field(name: str, ids: Sequence[str]) -> bytes:
    """Return a field of message ids, one on a line where they do not fit together.

    Raises:
        MalformedInput: something that is no id.
    """
    _check_name(name)
    for one in ids:
        if not re.fullmatch(r"<[!-;=?-~]+(?:@[!-;=?-~]+)?>", one) or len(one) > HARD_LINE_MAX - 80:
            raise MalformedInput("not a message id")
    return _line(name, [one.encode("ascii") for one in ids])


def parameters_field(name: str, value: str, parameters: Sequence[tuple[str, str]] = ()) -> bytes:
    """Return a field such as Content-Type with its parameters, those beyond ASCII as RFC 2231 says.

    Raises:
        MalformedInput: control characters, or no token.
    """
    _check_name(name)
    if not all(_TOKEN.fullmatch(part) for part in value.split("/")):
        raise MalformedInput(f"not a content type or disposition: {check(value)[:80]!r}")
    pieces = [piece for key, text in parameters for piece in _parameter(key, check(text))]
    tokens = [value.encode("ascii"), *pieces]
    return _line(name, [token + (b";" if number + 1 < len(tokens) else b"") for number, token in enumerate(tokens)])


def encoded_words(text: str, room: int = 0) -> list[bytes]:
    """Return the encoded words of a text (RFC 2047); ``room`` characters of the first line are taken already."""
    octets = text.encode()
    wide = sum(byte > 0x7E for byte in octets)  # noqa: PLR2004  # beyond ASCII
    letter = "Q" if wide * 6 < len(octets) else "B"
    overhead = len("=?utf-8?Q??=")
    words: list[bytes] = []
    piece = ""
    for character in text:
        limit = min(WORD_MAX, LINE_MAX - 1 - room) if not words else WORD_MAX
        if piece and overhead + _encoded_length(piece + character, letter) > limit:
            words.append(_word(piece, letter))
            piece = ""
        piece += character
    if piece:
        words.append(_word(piece, letter))
    return words


def base64_lines(octets: bytes) -> bytes:
    """Return base64 in lines of 76 (RFC 2045 section 6.8)."""
    view = memoryview(octets)
    return b"".join(
        binascii.b2a_base64(view[start : start + BASE64_LINE], newline=False) + b"\r\n"
        for start in range(0, len(octets), BASE64_LINE)
    )


def quoted_printable(octets: bytes) -> bytes:
    """Return quoted-printable text with lines ended by CRLF (RFC 2045 section 6.7)."""
    lines = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return b"\r\n".join(_quoted_line(line) for line in lines)


def _quoted_line(line: bytes) -> bytes:
    encoded = binascii.b2a_qp(line, quotetabs=False, istext=False, header=False).replace(b"=\n", b"=\r\n")
    # A line of "From " is changed by mailboxes of mbox form, one dot by bad relays.
    if encoded.startswith(b"From "):
        encoded = b"=46" + encoded[1:]
    elif encoded.startswith(b"."):
        encoded = b"=2E" + encoded[1:]
    if encoded.endswith((b" ", b"\t")):
        encoded = encoded[:-1] + b"=%02X" % encoded[-1]
    return encoded


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise MalformedInput(f"not the name of a header field: {name[:80]!r}")


def _line(name: str, tokens: Sequence[bytes]) -> bytes:
    lines: list[bytes] = []
    present = name.encode("ascii") + b":"
    for token in tokens:
        if len(present) + 1 + len(token) > LINE_MAX and len(present) > len(name) + 1:
            lines.append(present)
            present = b""
        present += b" " + token
    lines.append(present)
    if max(map(len, lines)) > HARD_LINE_MAX:
        raise MalformedInput(f"the field {name} cannot be folded into lines that may be sent")
    return b"\r\n".join(lines) + b"\r\n"


def _phrase_tokens(text: str, room: int) -> list[bytes]:
    """Return the words of a text as they stand, or encoded where that would change them."""
    words = text.split(" ")
    plain = text.isascii() and "=?" not in text and "" not in words and max(map(len, words)) <= _LONG_WORD
    if plain or not text:
        return [word.encode("ascii") for word in words if word]
    return encoded_words(text, room)


def _address_tokens(one: MailAddress, separator: bytes, room: int) -> list[bytes]:
    address = check(one.address)
    if not address or any(character in address for character in ' \t<>(),;:"[]\\'):
        raise MalformedInput(f"not a mail address: {address[:80]!r}")
    octets = address.encode()  # beyond ASCII: RFC 6532
    name = check(one.name).replace("\t", " ").strip()
    if not name:
        return [octets + separator]
    return [*_name_tokens(name, room), b"<" + octets + b">" + separator]


def _name_tokens(name: str, room: int) -> list[bytes]:
    """Return a display name, quoted or encoded where it has to be."""
    if not name.isascii() or "=?" in name:
        return encoded_words(name, room)
    if _ATOMS.fullmatch(name) and "  " not in name:
        return [word.encode("ascii") for word in name.split(" ")]
    quoted = b'"' + re.sub(r'(["\\])', r"\\\1", name).encode("ascii") + b'"'
    return [quoted] if len(quoted) <= LINE_MAX - 2 else encoded_words(name, room)


def _parameter(key: str, text: str) -> list[bytes]:
    if not _TOKEN.fullmatch(key):
        raise MalformedInput(f"not the name of a parameter: {key[:80]!r}")
    if _PLAIN_VALUE.fullmatch(text) and len(key) + len(text) < LINE_MAX - 5:
        return [f'{key}="{text}"'.encode("ascii")]
    encoded = quote(text, safe="!#$&+-.^_`|~")
    if len(key) + len(encoded) < LINE_MAX - 15:
        return [f"{key}*=utf-8''{encoded}".encode("ascii")]
    pieces: list[bytes] = []
    rest = "utf-8''" + encoded
    while rest:
        end = PIECE_MAX
        if "%" in rest[end - 2 : end] and len(rest) > end:  # not within an encoded octet
            end -= 2 if rest[end - 2] == "%" else 1
        pieces.append(f"{key}*{len(pieces)}*={rest[:end]}".encode("ascii"))
        rest = rest[end:]
    return pieces


def _encoded_length(text: str, letter: str) -> int:
    octets = text.encode()
    if letter == "B":
        return (len(octets) + 2) // 3 * 4
    return sum(1 if byte == 0x20 or not _NOT_Q.match(bytes((byte,))) else 3 for byte in octets)  # noqa: PLR2004  # blank


def _word(text: str, letter: str) -> bytes:
    octets = text.encode()
    if letter == "B":
        inner = binascii.b2a_base64(octets, newline=False)
    else:
        inner = _NOT_Q.sub(lambda found: b"_" if found[0] == b" " else b"=%02X" % found[0][0], octets)
    return b"=?utf-8?" + letter.encode("ascii") + b"?" + inner + b"?="
