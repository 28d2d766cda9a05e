"""Pictures of cards as blobs: those in stored cards are served, those uploaded are written into cards."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from folkmoot.contentline import Line
from folkmoot.core.errors import FolkmootError, NotFound
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.contacts.ids import card_id, photo_digest, photo_of_id
from folkmoot.jmap.jscontact import JsError
from folkmoot.jmap.jscontact.resources import is_inline
from folkmoot.jmap.protocol.calling import Blob, Call, Context
from folkmoot.mailboxes.raster import OCTETS_MAX
from folkmoot.store.records import Kind
from folkmoot.vcard import Binary, binary_value, parse

PICTURES_MAX: Final = 10  # of one card that are taken at once; each is decoded
# What browsers are told of a picture that somebody's card brought: bitmaps, or octets to keep.
_SHOWN: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp"})
_MEDIA: Final = frozenset({"PHOTO", "LOGO", "SOUND"})


async def open_picture(context: Context, account: Account, blob: str) -> Blob:
    """Open a picture that stands in a stored card.

    Raises:
        NotFound: there is none of this id that the caller may see.
    """
    line = (await _lines(context, account, [blob])).get(blob)
    content = None if line is None else await asyncio.to_thread(binary_value, line)
    if content is None:
        raise NotFound("no such blob")
    content_type = content.media_type if content.media_type in _SHOWN else "application/octet-stream"
    return Blob(content_type, "picture", len(content.content), _whole(content.content))


async def holders_of(
    context: Context, account: Account, blobs: Sequence[str]
) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return the cards that pictures stand in."""
    found: dict[str, Mapping[str, Sequence[str]]] = {}
    for blob in await _lines(context, account, blobs):
        named = photo_of_id(blob)
        found[blob] = {"ContactCard": [card_id(named[0])]} if named is not None else {}
    return found


async def _lines(context: Context, account: Account, blobs: Sequence[str]) -> dict[str, Line]:
    """Return the lines that these pictures stand in, of cards that the caller may see."""
    named = {blob: wanted for blob in blobs if (wanted := photo_of_id(blob)) is not None}
    if not named or not account.addressbooks:
        return {}
    oids = {oid for oid, _ in named.values()}
    stored = await context.services.home_objects.by_oid(context.caller, account.owner, Kind.ADDRESSBOOK, oids)
    found: dict[str, Line] = {}
    for oid, one in stored.items():
        try:
            pictures = await asyncio.to_thread(_pictures, one.stored.body)
        except FolkmootError:
            continue
        found |= {blob: pictures[digest] for blob, (of, digest) in named.items() if of == oid and digest in pictures}
    return found


def _pictures(body: bytes) -> dict[str, Line]:
    return {photo_digest(line): line for line in parse(body).properties if line.name in _MEDIA and is_inline(line)}


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def pictures_of(call: Call[Any], media: Any, known: Mapping[str, Any]) -> dict[str, Binary]:
    """Return the contents of blobs that media entries name, as bitmaps that we wrote; ``known`` are in the card.

    Raises:
        JsError: no such blob, no bitmap, or too many of them.
    """
    present = {one.get("blobId") for one in known.values()}
    wanted: dict[str, str] = {}
    for key, entry in media.items() if isinstance(media, dict) else ():
        blob = entry.get("blobId") if isinstance(entry, dict) else None
        if isinstance(blob, str) and blob not in present:
            wanted.setdefault(blob, f"media/{key}/blobId")
    if len(wanted) > PICTURES_MAX:
        raise JsError(f"media: at most {PICTURES_MAX} new pictures at once", "media")
    found: dict[str, Binary] = {}
    for blob, at in wanted.items():
        try:
            octets = await call.context.read_blob(call.account, blob, limit=OCTETS_MAX)
            picture = await call.services.mail.pictures.within(octets)
        except FolkmootError as error:
            raise JsError(f"{at}: {error}", at) from error
        found[blob] = Binary(picture.octets, picture.content_type)
    return found
