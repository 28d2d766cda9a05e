"""From an email as a client describes it to the message that is stored (RFC 8621 section 4.6)."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final

from folkmoot.core.errors import MalformedInput, NotFound, TooLarge
from folkmoot.jmap.mail.describing import BODY_PART
from folkmoot.jmap.mail.header_writing import fields_of
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.mail.addresses import message_id
from folkmoot.mime import writing
from folkmoot.mime.building import DEPTH_MAX, PARTS_MAX, BuiltPart, build

MESSAGE_MAX: Final = 128 * 1024 * 1024  # octets of what is put together; as large as what can be stored
_TEXTS: Final = {"textBody": "text/plain", "htmlBody": "text/html"}
_PLAIN: Final = ("type", "name", "disposition", "cid", "location", "charset")


@dataclass
class _Reader:
    """Reads the parts of one email, and notes what they need."""

    texts: Mapping[str, str]  # by part id
    blobs: list[str] = field(default_factory=list)
    count: int = 0

    def part(self, value: Any, place: str, depth: int = 0) -> "_Part":
        self.count += 1
        if depth >= DEPTH_MAX or self.count > PARTS_MAX:
            raise SetFailed("tooLarge", f"an email has at most {PARTS_MAX} parts, {DEPTH_MAX} within each other")
        if not isinstance(value, dict):
            raise InvalidProperties("a part is an object", place)
        try:
            for name in value:
                BODY_PART.check(name, value[name])
        except InvalidProperties as error:
            raise InvalidProperties(str(error), place) from error
        if value.get("headers") is not None:
            raise InvalidProperties("fields of a part are set one by one", f"{place}/headers")
        below = value.get("subParts")
        kind = value.get("type")
        if below is not None or (kind or "").lower().startswith("multipart/"):
            if value.get("partId") is not None or value.get("blobId") is not None:
                raise InvalidProperties("a multipart has no content of its own", place)
            if not (kind or "").lower().startswith("multipart/") or not below:
                raise InvalidProperties("what holds parts is a multipart", place)
            parts = [self.part(one, f"{place}/subParts/{at}", depth + 1) for at, one in enumerate(below)]
            return _Part(_built(value, place, kind), None, parts)
        return self._leaf(value, place, kind)

    def _leaf(self, value: Mapping[str, Any], place: str, kind: str | None) -> "_Part":
        text, blob = value.get("partId"), value.get("blobId")
        if (text is None) == (blob is None):
            raise InvalidProperties("a part has either a partId or a blobId", place)
        if blob is not None:
            self.blobs.append(blob)
            return _Part(_built(value, place, kind or "application/octet-stream"), blob)
        if not isinstance(text, str) or text not in self.texts:
            raise InvalidProperties(f"there is no body value {str(text)[:60]}", "bodyValues")
        if value.get("charset") is not None:
            raise InvalidProperties("the server chooses the charset of what it writes", f"{place}/charset")
        if not (kind or "text/plain").lower().startswith("text/"):
            raise InvalidProperties("what stands in bodyValues is text", f"{place}/type")
        octets = self.texts[text].encode(errors="replace")
        return _Part(replace(_built(value, place, kind or "text/plain"), content=octets, text=True))


@dataclass(frozen=True)
class _Part:
    built: BuiltPart
    blob: str | None = None
    below: "Sequence[_Part]" = ()

    def filled(self, contents: Mapping[str, bytes]) -> BuiltPart:
        if self.below:
            return replace(self.built, children=tuple(one.filled(contents) for one in self.below))
        return self.built if self.blob is None else replace(self.built, content=contents[self.blob])


def _built(value: Mapping[str, Any], place: str, kind: str | None) -> BuiltPart:
    text = {name: value.get(name) or "" for name in _PLAIN}
    written = [one for _, some in _part_fields(value, place) for one in some]
    try:
        return BuiltPart(
            content_type=kind or "",
            charset=text["charset"],
            name=text["name"],
            disposition=text["disposition"],
            cid=text["cid"].strip("<>"),
            language=tuple(value.get("language") or ()),
            location=text["location"],
            fields=tuple(written),
        )
    except MalformedInput as error:
        raise InvalidProperties(str(error), place) from error


def _part_fields(value: Mapping[str, Any], place: str) -> Iterator[tuple[str, list[bytes]]]:
    own = {"content-type": "type", "content-disposition": "disposition", "content-id": "cid"}
    own |= {"content-language": "language", "content-location": "location"}
    for name, fields in fields_of(value, of_part=True):
        if name in own:  # that the server writes, with what it needs in them
            raise InvalidProperties(f"{name} is set by {own[name]}", f"{place}/{own[name]}")
        yield name, fields


async def build_email(call: Call[Any], value: Mapping[str, Any], *, now: datetime, key: str) -> bytes:
    """Return the message that a client describes; ``key`` makes its Message-ID if it has none.

    Raises:
        SetFailed: ``invalidProperties``, ``blobNotFound`` or ``tooLarge``.
    """
    if value.get("headers") is not None:
        raise InvalidProperties("header fields are set one by one", "headers")
    present = dict(fields_of(value, of_part=False))
    reader = _Reader(_texts(value))
    top = _top(reader, value)
    contents = await _contents(call, reader.blobs)
    senders = value.get("from") or value.get("sender") or []
    sender = senders[0]["email"] if senders else ""
    fields = [one for some in present.values() for one in some]
    if not present.get("date"):
        fields.insert(0, writing.field("Date", format_datetime(now)))
    identity = message_id(key, sender)
    if not present.get("message-id"):
        fields.append(writing.ids_field("Message-ID", [identity]))
    try:
        return await asyncio.to_thread(build, fields, top.filled(contents), seed=identity)
    except MalformedInput as error:
        raise InvalidProperties(str(error)) from error


def _texts(value: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part, one in (value.get("bodyValues") or {}).items():
        if one.get("isEncodingProblem") or one.get("isTruncated"):
            raise InvalidProperties("a body value is whole", "bodyValues")
        found[part] = one["value"]
    return found


def _top(reader: _Reader, value: Mapping[str, Any]) -> _Part:
    """Return the body: as its structure says, or made of its texts and files."""
    convenient = [name for name in ("textBody", "htmlBody", "attachments") if value.get(name) is not None]
    if value.get("bodyStructure") is not None:
        if convenient:
            raise InvalidProperties("bodyStructure stands alone", "bodyStructure", *convenient)
        return reader.part(value["bodyStructure"], "bodyStructure")
    bodies: list[_Part] = []
    for name, kind in _TEXTS.items():
        listed = value.get(name)
        if listed is None:
            continue
        if len(listed) != 1 or (isinstance(listed[0], dict) and (listed[0].get("type") or kind).lower() != kind):
            raise InvalidProperties(f"{name} is one part of {kind}", name)
        given = {**listed[0], "type": kind} if isinstance(listed[0], dict) else listed[0]
        bodies.append(reader.part(given, name))
    files = [reader.part(one, f"attachments/{at}") for at, one in enumerate(value.get("attachments") or [])]
    shown = [one for one in files if one.built.cid and one.built.disposition.lower() == "inline"]
    if value.get("htmlBody") is not None and shown:
        files = [one for one in files if one not in shown]
        bodies[-1] = _multipart("related", [bodies[-1], *shown])
    if not bodies and not files:
        return _Part(BuiltPart("text/plain", text=True))
    body = bodies[:1] if len(bodies) < len(_TEXTS) else [_multipart("alternative", bodies)]
    files = [_attached(one) for one in files]
    together = [*body, *files]
    return together[0] if len(together) == 1 and not files else _multipart("mixed", together)


def _attached(one: _Part) -> _Part:
    built = one.built
    return replace(one, built=replace(built, disposition=built.disposition or "attachment"))


def _multipart(subtype: str, parts: Sequence[_Part]) -> _Part:
    return _Part(BuiltPart(f"multipart/{subtype}"), None, parts)


async def _contents(call: Call[Any], blobs: Sequence[str]) -> dict[str, bytes]:
    """Return the octets of all blobs, each read once."""
    contents: dict[str, bytes] = {}
    missing: list[str] = []
    left = MESSAGE_MAX
    for blob in dict.fromkeys(blobs):
        try:
            contents[blob] = await call.context.read_blob(call.account, call.context.id_of(blob), limit=left)
        except (NotFound, SetFailed):
            missing.append(blob)
        except TooLarge as error:
            raise SetFailed("tooLarge", f"an email has at most {MESSAGE_MAX} octets", maxSize=MESSAGE_MAX) from error
        else:
            left -= len(contents[blob])
    if missing:
        raise SetFailed("blobNotFound", "there are no such blobs", notFound=missing)
    return contents
