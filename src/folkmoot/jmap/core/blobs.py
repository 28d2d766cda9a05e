"""Blobs in method calls: made, read, looked up, copied (RFC 9404; RFC 8620 section 6.3)."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from folkmoot.core.errors import FolkmootError, NotFound
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.core.blob_sources import SOURCES_MAX, BlobUpload, make_blob
from folkmoot.jmap.delivering import cut
from folkmoot.jmap.protocol.calling import Answer, Call, Capability, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, Id, UnsignedInt
from folkmoot.jmap.protocol.errors import InvalidProperties, MethodFailed, SetFailed, set_failed
from folkmoot.jmap.protocol.limits import OBJECTS_IN_GET_MAX, OBJECTS_IN_SET_MAX
from folkmoot.jmap.uploading import LETTER, NAME, largest

URN: Final = "urn:ietf:params:jmap:blob"
TOLD_OCTETS_MAX: Final = 16 * 1024 * 1024  # of all blobs in one answer; larger ones are downloaded
READ_OCTETS_MAX: Final = 256 * 1024 * 1024  # that one call has digested, or looked through for their size
DIGESTS: Final[Mapping[str, Any]] = {"sha": hashlib.sha1, "sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
THREAD_OCTETS: Final = 1024 * 1024  # from which text is made in a thread
_TEXT: Final = "data:asText"
_BASE64: Final = "data:asBase64"
_DATA: Final = frozenset(["data", _TEXT, _BASE64])
_DIGEST: Final = "digest:"


class BlobUploadArguments(Arguments):
    """Of ``Blob/upload``."""

    account_id: Id
    create: dict[str, dict[str, Any]]


class BlobGetArguments(Arguments):
    """Of ``Blob/get``."""

    account_id: Id
    ids: list[str]
    properties: list[str] | None = None
    offset: UnsignedInt | None = None
    length: UnsignedInt | None = None


class BlobLookupArguments(Arguments):
    """Of ``Blob/lookup``."""

    account_id: Id
    type_names: list[str]
    ids: list[str]


class BlobCopyArguments(Arguments):
    """Of ``Blob/copy``."""

    from_account_id: Id
    account_id: Id
    blob_ids: list[str]


@dataclass(slots=True)
class _Room:
    """What is left of one call's octets."""

    told: int = TOLD_OCTETS_MAX
    read: int = READ_OCTETS_MAX


async def upload(call: Call[BlobUploadArguments]) -> Answer:
    """Make blobs of text, base64 and other blobs."""
    wanted = call.arguments.create
    if len(wanted) > OBJECTS_IN_SET_MAX:
        raise MethodFailed("requestTooLarge", f"at most {OBJECTS_IN_SET_MAX} objects at once")
    made: dict[str, Any] = {}
    failed: dict[str, Any] = {}
    for creation, value in wanted.items():
        try:
            made[creation] = one = await make_blob(call.context, call.account, _described(value))
            call.context.created[creation] = str(one["id"])
        except FolkmootError as error:
            failed[creation] = set_failed(error).told()
    return {"accountId": call.account.id, "created": made or None, "notCreated": failed or None}


def _described(value: dict[str, Any]) -> BlobUpload:
    try:
        return msgspec.convert(value, BlobUpload)
    except msgspec.ValidationError as error:
        raise InvalidProperties(str(error), "data") from error


async def get(call: Call[BlobGetArguments]) -> Answer:
    """Tell blobs, or ranges of them, and their digests."""
    asked = call.arguments
    ids = list(dict.fromkeys(asked.ids))
    if len(ids) > OBJECTS_IN_GET_MAX:
        raise MethodFailed("requestTooLarge", f"at most {OBJECTS_IN_GET_MAX} objects at once")
    names = frozenset(["data", "size"] if asked.properties is None else asked.properties) - {"id"}
    known = _DATA | {"size"} | {_DIGEST + one for one in DIGESTS}
    if not names <= known:
        raise MethodFailed("invalidArguments", f"a blob has no {min(names - known)[:60]}")
    room = _Room()
    found: list[dict[str, Any]] = []
    missing: list[str] = []
    for id_ in ids:
        try:
            found.append(await _told(call, id_, names, room))
        except (NotFound, SetFailed):
            missing.append(id_)
    return {"accountId": call.account.id, "list": found, "notFound": missing}


async def _told(call: Call[BlobGetArguments], id_: str, names: frozenset[str], room: _Room) -> dict[str, Any]:
    asked = call.arguments
    id_ = call.context.id_of(id_)
    blob = await call.context.open_blob(call.account, id_)
    wants_data = bool(names & _DATA)
    digests = {name: DIGESTS[name.removeprefix(_DIGEST)]() for name in names if name.startswith(_DIGEST)}
    first, length = asked.offset or 0, 2**53 if asked.length is None else asked.length
    size, taken = 0, 0
    parts: list[bytes] = []
    if not wants_data and not digests and blob.size is not None:
        await _close(blob.pieces)
        return {"id": id_, "size": blob.size}
    async for piece in blob.pieces:
        part = piece[max(first - size, 0) : max(first + length - size, 0)]
        size += len(piece)
        taken += len(part)
        room.read -= len(piece)
        if wants_data:
            room.told -= len(part)
            parts.append(part)
        if room.read < 0 or room.told < 0:
            raise MethodFailed("requestTooLarge", "the blobs are too large for one answer; download them")
        for digest in digests.values():
            await asyncio.to_thread(digest.update, part)
        if blob.size is not None and size >= first + length:
            break
    await _close(blob.pieces)
    told: dict[str, Any] = {"id": id_}
    if wants_data:
        octets = b"".join(parts)
        far = len(octets) >= THREAD_OCTETS
        told |= await asyncio.to_thread(_data, octets, names) if far else _data(octets, names)
    if (asked.offset or asked.length is not None) and (
        first > (blob.size or size) or (asked.length is not None and taken < length)
    ):
        told["isTruncated"] = True
    if "size" in names:
        told["size"] = blob.size if blob.size is not None else size
    return told | {name: b64encode(digest.digest()).decode() for name, digest in digests.items()}


def _data(octets: bytes, names: frozenset[str]) -> dict[str, Any]:
    """Return octets as asked: what is no UTF-8 is told as base64, or, where text alone was asked, not at all."""
    text: str | None = None
    told: dict[str, Any] = {}
    if names & {"data", _TEXT}:
        try:
            text = octets.decode()
        except UnicodeDecodeError:
            told["isEncodingProblem"] = True
        if _TEXT in names or text is not None:
            told[_TEXT] = text
    if _BASE64 in names or ("data" in names and text is None):
        told[_BASE64] = b64encode(octets).decode()
    return told


async def lookup(call: Call[BlobLookupArguments]) -> Answer:
    """Tell which objects hold blobs."""
    asked, context = call.arguments, call.context
    known = held_types(context)
    unknown = sorted(set(asked.type_names) - known)
    if unknown:
        raise MethodFailed("unknownDataType", f"blobs are not looked up in {unknown[0][:60]}")
    ids = list(dict.fromkeys(map(context.id_of, asked.ids)))
    if len(ids) > OBJECTS_IN_GET_MAX:
        raise MethodFailed("requestTooLarge", f"at most {OBJECTS_IN_GET_MAX} objects at once")
    found: dict[str, Mapping[str, Any]] = {}
    for letter in sorted({id_[:1] for id_ in ids}):
        of_letter = [id_ for id_ in ids if id_.startswith(letter)]
        if letter in context.holders:
            found |= await context.holders[letter].find(context, call.account, of_letter)
        else:
            found |= {id_: {} for id_ in of_letter if await _exists(context, call.account, id_)}
    return {
        "accountId": call.account.id,
        "list": [
            {"id": id_, "matchedIds": {name: list(found[id_].get(name, ())) for name in asked.type_names}}
            for id_ in ids
            if id_ in found
        ],
        "notFound": [id_ for id_ in ids if id_ not in found],
    }


async def _exists(context: Context, account: Account, id_: str) -> bool:
    try:
        await _close((await context.open_blob(account, id_)).pieces)
    except NotFound:
        return False
    return True


async def copy(call: Call[BlobCopyArguments]) -> Answer:
    """Make blobs of one account known in another; uploads are known in all of them."""
    asked, context = call.arguments, call.context
    try:
        source = await context.accounts.get(asked.from_account_id)
    except NotFound as error:
        raise MethodFailed("fromAccountNotFound", "there is no such account") from error
    if len(asked.blob_ids) > OBJECTS_IN_SET_MAX:
        raise MethodFailed("requestTooLarge", f"at most {OBJECTS_IN_SET_MAX} objects at once")
    copied: dict[str, str] = {}
    failed: dict[str, Any] = {}
    for id_ in dict.fromkeys(asked.blob_ids):
        try:
            copied[id_] = await _copied(context, source, id_)
        except FolkmootError as error:
            failed[id_] = set_failed(error).told()
    return {
        "fromAccountId": source.id,
        "accountId": call.account.id,
        "copied": copied or None,
        "notCopied": failed or None,
    }


async def _copied(context: Context, source: Account, id_: str) -> str:
    blob = await context.open_blob(source, id_)
    if id_.startswith(LETTER):
        await _close(blob.pieces)
        return id_
    most = largest(context.services)
    kept = await context.services.uploads.put(
        context.caller.principal, blob.name or NAME, blob.content_type, cut(blob.pieces, 0, most + 1)
    )
    return LETTER + kept.id


async def _close(pieces: object) -> None:
    close = getattr(pieces, "aclose", None)
    if close is not None:
        await close()


def held_types(context: Context) -> set[str]:
    """Return the names of the types in which blobs can be looked up."""
    return {name for one in context.holders.values() for name in one.types}


def account_capability(context: Context, _account: Account) -> Mapping[str, Any]:
    """Return what an account's capability tells (RFC 9404 section 3.2)."""
    return {
        "maxSizeBlobSet": largest(context.services),
        "maxDataSources": SOURCES_MAX,
        "supportedTypeNames": sorted(held_types(context)),
        "supportedDigestAlgorithms": list(DIGESTS),
    }


COPY: Final = Method("Blob/copy", BlobCopyArguments, copy, writes=True)
BLOBS: Final = Capability(
    URN,
    methods=(
        Method("Blob/upload", BlobUploadArguments, upload, "Make blobs of text, base64 and other blobs.", writes=True),
        Method("Blob/get", BlobGetArguments, get, "Read blobs, or ranges of them, and their digests."),
        Method("Blob/lookup", BlobLookupArguments, lookup, "Find which objects hold blobs."),
    ),
    account=account_capability,
    document="Small blobs within method calls (RFC 9404).",
)
