"""How messages of the corpus are put together: octet by octet, with no library that would put them right."""

import base64
import binascii
from collections.abc import Sequence

CRLF = b"\r\n"
DATE = "Tue, 10 Mar 2026 09:15:00 +0100"
BASE64_LINE = 57  # octets of a line of 76 characters


def octets(text: str | bytes, charset: str = "utf-8") -> bytes:
    """Return text with CRLF line ends; bytes as they are."""
    if isinstance(text, bytes):
        return text
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode(charset)


def base64_of(content: bytes) -> bytes:
    """Return base64 in lines of 76 characters."""
    pieces = [content[start : start + BASE64_LINE] for start in range(0, len(content), BASE64_LINE)]
    return CRLF.join(base64.b64encode(piece) for piece in pieces)


def quoted_printable_of(content: bytes) -> bytes:
    """Return quoted-printable; line ends stay line ends."""
    return binascii.b2a_qp(content.replace(CRLF, b"\n"), istext=True).replace(b"\n", CRLF)


def word_b(text: str, charset: str = "utf-8", label: str = "") -> str:
    """Return one encoded word in base64 (RFC 2047)."""
    return f"=?{label or charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="


def word_q(text: str, charset: str = "utf-8", label: str = "") -> str:
    """Return one encoded word in the Q encoding (RFC 2047)."""
    written = "".join(
        chr(octet) if chr(octet).isalnum() and octet < 128 else f"={octet:02X}" for octet in text.encode(charset)
    )
    return f"=?{label or charset}?Q?{written}?="


def entity(headers: Sequence[str | bytes], body: bytes) -> bytes:
    """Return header fields, an empty line, and a body."""
    return CRLF.join([*(octets(header) for header in headers), b"", body])


def part(
    content_type: str, content: str | bytes, *more: str | bytes, encoding: str = "", charset: str = "utf-8"
) -> bytes:
    """Return a body part; ``encoding`` is applied as well as named."""
    body = octets(content, charset)
    headers: list[str | bytes] = [f"Content-Type: {content_type}", *more]
    if encoding:
        headers.append(f"Content-Transfer-Encoding: {encoding}")
    match encoding.lower():
        case "base64":
            body = base64_of(body)
        case "quoted-printable":
            body = quoted_printable_of(body)
        case _:
            pass
    return entity(headers, body)


def multipart(
    subtype: str,
    boundary: str,
    *parts: bytes,
    more: str = "",
    headers: Sequence[str | bytes] = (),
    preamble: bytes = b"",
    epilogue: bytes = b"",
    closed: bool = True,
) -> bytes:
    """Return a multipart; ``more`` follows the boundary among the parameters."""
    mark = b"--" + boundary.encode()
    body = preamble + (CRLF if preamble else b"")
    body += b"".join(mark + CRLF + one + CRLF for one in parts)
    if closed:
        body += mark + b"--" + CRLF + epilogue
    return entity([f'Content-Type: multipart/{subtype}; boundary="{boundary}"{more}', *headers], body)


def message(
    sender: str | bytes,
    subject: str | bytes,
    content: bytes,
    *more: str | bytes,
    to: str | bytes = "Erika Muster <erika@folkmoot.example>",
    date: str = DATE,
    message_id: str = "",
) -> bytes:
    """Return a whole message: the fields every program writes, ``more``, and an entity with its own fields."""
    fields: list[bytes] = [
        b"Date: " + octets(date),
        b"From: " + octets(sender),
        b"To: " + octets(to),
        b"Subject: " + octets(subject),
    ]
    if message_id:
        fields.append(b"Message-ID: " + octets(message_id))
    fields += [*(octets(line) for line in more), b"MIME-Version: 1.0"]
    return CRLF.join(fields) + CRLF + content


def attached(content_type: str, name: str, content: bytes, *more: str | bytes, encoding: str = "base64") -> bytes:
    """Return a file as most programs attach it."""
    return part(
        f'{content_type}; name="{name}"',
        content,
        f'Content-Disposition: attachment; filename="{name}"',
        *more,
        encoding=encoding,
    )
