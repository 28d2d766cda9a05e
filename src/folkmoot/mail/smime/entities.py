"""Messages cut and put together around what is signed or encrypted (RFC 8551 section 3)."""

import re
import secrets
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.mime.writing import base64_lines

HEADER_MAX: Final = 1_000_000  # octets
_CRLF: Final = b"\r\n"
_BARE: Final = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_FIELD: Final = re.compile(rb"([!-9;-~]+)[ \t]*:")
_END: Final = re.compile(rb"\A\r?\n|\r?\n\r?\n|\r?\n\Z")  # of a header
_OWN: Final = b"content-"


def canonical(octets: bytes) -> bytes:
    """Return octets whose lines all end with CRLF."""
    return _BARE.sub(_CRLF, octets)


def cut(message: bytes) -> tuple[list[bytes], bytes]:
    """Return the fields of a message that are not about its content, and the entity of those that are.

    The body stays octet by octet.

    Raises:
        MalformedInput: the header is longer than ``HEADER_MAX``.
    """
    end = _END.search(message)
    header, body = (message[: end.start()], message[end.end() :]) if end else (message, b"")
    if len(header) > HEADER_MAX:
        raise MalformedInput("the header of the message is too long")
    outer: list[bytes] = []
    inner: list[bytes] = []
    current = outer
    for line in canonical(header).split(_CRLF) if header.strip() else []:
        if line[:1] not in (b" ", b"\t"):
            found = _FIELD.match(line)
            name = found[1].lower() if found else b""
            current = inner if name.startswith(_OWN) else [] if name == b"mime-version" else outer
        current.append(line)
    return outer, b"".join(line + _CRLF for line in inner) + _CRLF + body


def join(outer: list[bytes], entity: bytes) -> bytes:
    """Return a message of fields and an entity; what fields about other things the entity has are left out.

    Such fields are no part of this message: a From within must not look like that of the message.
    """
    _, own = cut(entity)
    return b"".join(line + _CRLF for line in outer) + b"MIME-Version: 1.0\r\n" + own


def signed_entity(entity: bytes, signature: bytes, digest: str) -> bytes:
    """Return a multipart/signed of an entity and its detached signature (RFC 1847)."""
    boundary = b"=_signed-" + secrets.token_hex(16).encode()
    while boundary in entity:
        boundary = b"=_signed-" + secrets.token_hex(16).encode()
    return _CRLF.join(
        (
            b'Content-Type: multipart/signed; protocol="application/pkcs7-signature";',
            b' micalg=%b; boundary="%b"' % (digest.encode(), boundary),
            b"",
            b"This is a signed message.",
            b"--" + boundary,
            entity,
            b"--" + boundary,
            b'Content-Type: application/pkcs7-signature; name="smime.p7s"',
            b"Content-Transfer-Encoding: base64",
            b'Content-Disposition: attachment; filename="smime.p7s"',
            b"Content-Description: S/MIME signature",
            b"",
            base64_lines(signature) + b"--" + boundary + b"--",
            b"",
        )
    )


def encrypted_entity(content: bytes, kind: str) -> bytes:
    """Return an application/pkcs7-mime part of encrypted content."""
    return _CRLF.join(
        (
            b'Content-Type: application/pkcs7-mime; smime-type=%b; name="smime.p7m"' % kind.encode(),
            b"Content-Transfer-Encoding: base64",
            b'Content-Disposition: attachment; filename="smime.p7m"',
            b"Content-Description: S/MIME encrypted message",
            b"",
            base64_lines(content),
        )
    )
