"""A message of Outlook's as an ordinary message, so that it is read and shown like any other."""

import re
from hashlib import blake2b
from typing import Final

from folkmoot.core.errors import TooLarge
from folkmoot.mime.filenames import safe_name
from folkmoot.mime.tnef.reading import Tnef, TnefFile
from folkmoot.mime.writing import base64_lines, field, parameters_field

OCTETS_MAX: Final = 150_000_000  # of the message that is made: base64 adds a third
_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,64}/[a-z0-9!#$&^_.+-]{1,64}")
_CID: Final = re.compile(r"[^\x00-\x20\x7f-\U0010ffff<>]{1,250}")
_NOT_TAKEN: Final = ("multipart/", "message/")  # parts have to be made, not believed
_CRLF: Final = b"\r\n"


def unpack(tnef: Tnef) -> bytes:
    """Return a message with the text, the files, the meeting and the messages within, all as parts.

    Raises:
        TooLarge: what is within is larger than its container, many times.
    """
    return field("Subject", _one_line(tnef.subject)) + b"MIME-Version: 1.0\r\n" + unpack_entity(tnef)


def unpack_entity(tnef: Tnef) -> bytes:
    """Return the same as an entity, which begins with its Content-Type; raises as ``unpack`` does."""
    out = _top(tnef)
    if len(out) > OCTETS_MAX:
        raise TooLarge(f"a message of more than {OCTETS_MAX} octets within a winmail.dat")
    return out


def _top(tnef: Tnef) -> bytes:
    choices = []
    if tnef.text or not tnef.html:
        choices.append(_text("plain", tnef.text))
    shown = [one for one in tnef.files if one.cid and tnef.html]
    others = [_file(one) for one in tnef.files if not (one.cid and tnef.html)]
    if tnef.html:
        html = _text("html", tnef.html)
        choices.append(_multipart("related", [html, *map(_file, shown)]) if shown else html)
    if tnef.calendar is not None:
        parameters = (("charset", "utf-8"), ("method", tnef.calendar.method))
        choices.append(
            _encoded(parameters_field("Content-Type", "text/calendar", parameters), tnef.calendar.text.encode())
        )
    body = _multipart("alternative", choices) if len(choices) > 1 else choices[0]
    others += [b"Content-Type: message/rfc822\r\n\r\n" + unpack(one) for one in tnef.messages]
    return _multipart("mixed", [body, *others]) if others else body


def _text(subtype: str, text: str) -> bytes:
    written = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode("utf-8", "replace")
    return _encoded(parameters_field("Content-Type", f"text/{subtype}", (("charset", "utf-8"),)), written)


def _file(one: TnefFile) -> bytes:
    believed = _TYPE.fullmatch(one.content_type) and not one.content_type.startswith(_NOT_TAKEN)
    head = field("Content-Type", one.content_type if believed else "application/octet-stream")
    kind = "inline" if one.cid else "attachment"
    head += parameters_field("Content-Disposition", kind, (("filename", safe_name(one.name)),))
    if _CID.fullmatch(one.cid):
        head += f"Content-ID: <{one.cid}>\r\n".encode()
    return _encoded(head, one.content)


def _encoded(head: bytes, content: bytes) -> bytes:
    return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64_lines(content)


def _multipart(subtype: str, parts: list[bytes]) -> bytes:
    digest = blake2b(digest_size=16)
    for one in parts:
        digest.update(one)
    boundary = f"=_unpacked-{digest.hexdigest()}"  # of its content: within a part it would need a collision
    mark = b"--" + boundary.encode()
    head = parameters_field("Content-Type", f"multipart/{subtype}", (("boundary", boundary),))
    return head + _CRLF + b"".join(mark + _CRLF + one + _CRLF for one in parts) + mark + b"--\r\n"


def _one_line(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)[:1000]
