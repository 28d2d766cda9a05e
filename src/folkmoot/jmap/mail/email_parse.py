"""``Email/parse`` (RFC 8621 section 4.9): a message that lies in a blob."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec

from folkmoot.core.errors import NotFound, TooLarge
from folkmoot.jmap.mail.describing import EMAIL
from folkmoot.jmap.mail.email_shape import DEFAULTS, BodyArguments, EmailShape, Known
from folkmoot.jmap.mail.emails import take_sections
from folkmoot.jmap.mail.header_forms import raw_fields
from folkmoot.jmap.mail.ids import BlobId, parse_blob_id
from folkmoot.jmap.protocol.calling import Answer, Call, Method
from folkmoot.jmap.protocol.describing import Arguments, Id, UnsignedInt
from folkmoot.jmap.protocol.errors import InvalidProperties, MethodFailed
from folkmoot.mailboxes.previews import preview_of, preview_part
from folkmoot.mime.reading import Message, read_message

BLOBS_MAX: Final = 20  # of one call
OCTETS_MAX: Final = 30 * 1024 * 1024  # of one message
_NOT_STORED: Final = frozenset({"id", "mailboxIds", "keywords", "receivedAt", "threadId"})
_PROPERTIES: Final = frozenset(DEFAULTS) - _NOT_STORED
_COLON: Final = b":"


class ParseArguments(Arguments):
    """Of ``Email/parse``."""

    account_id: Id
    blob_ids: list[str]
    properties: list[str] | None = None
    body_properties: list[str] | None = None
    fetch_text_body_values: bool = False
    fetch_html_body_values: bool = msgspec.field(name="fetchHTMLBodyValues", default=False)
    fetch_all_body_values: bool = False
    max_body_value_bytes: UnsignedInt = 0


async def _parse(call: Call[ParseArguments]) -> Answer:
    asked = call.arguments
    if len(asked.blob_ids) > BLOBS_MAX:
        raise MethodFailed("requestTooLarge", f"at most {BLOBS_MAX} messages at once")
    names = frozenset(asked.properties) if asked.properties is not None else _PROPERTIES
    try:
        EMAIL.check_names(names)
        shape = EmailShape(
            names or frozenset({"id"}),
            BodyArguments(
                account_id=asked.account_id,
                body_properties=asked.body_properties,
                fetch_text_body_values=asked.fetch_text_body_values,
                fetch_html_body_values=asked.fetch_html_body_values,
                fetch_all_body_values=asked.fetch_all_body_values,
                max_body_value_bytes=asked.max_body_value_bytes,
            ),
        )
    except InvalidProperties as error:
        raise MethodFailed("invalidArguments", str(error)) from error
    parsed: dict[str, Any] = {}
    not_found: list[str] = []
    not_parsable: list[str] = []
    for blob in dict.fromkeys(map(call.context.id_of, asked.blob_ids)):
        try:
            octets = await call.context.read_blob(call.account, blob, limit=OCTETS_MAX)
        except TooLarge:
            not_parsable.append(blob)
            continue
        except NotFound:
            not_found.append(blob)
            continue
        told = await asyncio.to_thread(_object, octets, shape, blob)
        if told is None:
            not_parsable.append(blob)
        else:
            parsed[blob] = told
    return {
        "accountId": call.account.id,
        "parsed": parsed or None,
        "notFound": not_found or None,
        "notParsable": not_parsable or None,
    }


def _object(octets: bytes, shape: EmailShape, blob: str) -> Mapping[str, Any] | None:
    """Return a message as an email that is stored nowhere; None where it is none."""
    message = read_message(octets)
    fields = raw_fields(message.section("HEADER"))
    if not fields or _COLON not in octets[:1000]:
        return None
    known = Known(
        {"id": None, "blobId": blob, "threadId": None, "mailboxIds": None},
        size=len(octets),
        fields=fields,
        structure=message.part,
    )
    wanted = [name for name, _ in shape.sections(message.part)]
    take_sections(known, {name: found[: shape.section_octets] for name, found in _held(message, wanted).items()})
    part = preview_part(message.part)
    if part is not None and "preview" in shape.names:
        known.preview = preview_of(part, message.section(part.path)[: shape.section_octets])
    told = shape.object(known, _parts_of(blob))
    if "keywords" in told:
        told["keywords"] = {}
    return told if "id" in shape.names else {name: value for name, value in told.items() if name != "id"}


def _held(message: Message, names: list[str]) -> dict[str, bytes]:
    held = {}
    for name in names:
        with suppress(NotFound):
            held[name] = message.section(name)
    return held


def _parts_of(blob: str) -> Any:
    """Return what names the parts of a message in a blob: those of stored emails' attachments have blobs, too."""
    outer = parse_blob_id(blob)

    def name(path: str) -> str | None:
        if outer is None or outer.index:
            return None
        if outer.path is None:
            return str(BlobId(outer.email, path))
        return str(BlobId(outer.email, f"{outer.path}.{path}")) if "~" not in outer.path else None

    return name


EMAIL_PARSE: Final = Method("Email/parse", ParseArguments, _parse)
