"""Pieces of blobs, and blobs made of pieces (RFC 9404 section 4.1)."""

import binascii
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from folkmoot.core.errors import NotFound, TooLarge
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.delivering import cut
from folkmoot.jmap.protocol.calling import Blob, Context
from folkmoot.jmap.protocol.describing import Described, UnsignedInt, told
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.uploading import LETTER, NAME, largest

SOURCES_MAX: Final = 64  # pieces of one blob
UNKNOWN_TYPE: Final = "application/octet-stream"


class DataSource(Described, forbid_unknown_fields=True):
    """Octets of a new blob: exactly one of text, base64, and a range of another blob."""

    as_text: Annotated[str | None, told("text, which becomes UTF-8")] = msgspec.field(default=None, name="data:asText")
    as_base64: Annotated[str | None, told("base64, padded")] = msgspec.field(default=None, name="data:asBase64")
    blob_id: str | None = None
    offset: UnsignedInt | None = None
    length: UnsignedInt | None = None


class BlobUpload(Described, forbid_unknown_fields=True):
    """A blob to be made."""

    data: Annotated[list[DataSource], Meta(min_length=1, max_length=SOURCES_MAX)]
    type: str | None = None


async def make_blob(context: Context, account: Account, wanted: BlobUpload) -> dict[str, object]:
    """Make a blob of its sources, one after the other.

    Raises:
        SetFailed: ``invalidProperties``: a source is none, or reaches beyond what it takes from; ``blobNotFound``;
            ``tooLarge``.
    """
    for source in wanted.data:
        _check(source)
    services = context.services
    try:
        kept = await services.uploads.put(
            context.caller.principal,
            NAME,
            wanted.type or UNKNOWN_TYPE,
            _limited(_sources(context, account, wanted.data), largest(services)),
        )
    except TooLarge as error:
        raise SetFailed("tooLarge", str(error)) from error
    return {"id": LETTER + kept.id, "type": kept.content_type, "size": kept.size}


async def _sources(context: Context, account: Account, sources: Sequence[DataSource]) -> AsyncIterator[bytes]:
    for source in sources:
        if source.as_text is not None:
            yield source.as_text.encode()
        elif source.as_base64 is not None:
            yield _decoded(source.as_base64)
        elif source.blob_id is not None:
            async for piece in _range(context, account, source, context.id_of(source.blob_id)):
                yield piece


async def _range(context: Context, account: Account, source: DataSource, blob_id: str) -> AsyncIterator[bytes]:
    blob = await _opened(context, account, blob_id)
    if not source.offset and source.length is None:
        async for piece in blob.pieces:
            yield piece
        return
    octets = 0
    length = 2**53 if source.length is None else source.length
    async for piece in cut(blob.pieces, source.offset or 0, length):
        octets += len(piece)
        yield piece
    if source.length is not None and octets < source.length:
        raise InvalidProperties("the range reaches beyond the end of the blob", "data")


async def _opened(context: Context, account: Account, blob_id: str) -> Blob:
    try:
        return await context.open_blob(account, blob_id)
    except NotFound as error:
        raise SetFailed("blobNotFound", "there is no such blob", notFound=[blob_id]) from error


async def _limited(pieces: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    octets = 0
    async for piece in pieces:
        octets += len(piece)
        if octets > most:
            raise TooLarge(f"a blob has at most {most} octets")
        yield piece


def _check(source: DataSource) -> None:
    given = [one for one in (source.as_text, source.as_base64, source.blob_id) if one is not None]
    if len(given) != 1:
        raise InvalidProperties("a source is text, base64, or another blob", "data")
    if source.blob_id is None and (source.offset is not None or source.length is not None):
        raise InvalidProperties("only another blob has a range", "data")


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidProperties("this is no base64", "data") from error
