"""A blob as the answer to GET: whole or a range, as a file or shown (RFC 8620 section 6.2)."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.disposition import PLAIN, STRANGERS, attachment, inline, is_raster, permitted_type
from folkmoot.jmap.http import Request, Response, problem
from folkmoot.jmap.protocol.calling import Blob, Context
from folkmoot.mailboxes.raster import OCTETS_MAX as PICTURE_MAX

KEPT_SECONDS: Final = 24 * 3600  # by the client; a blob never changes
_RANGE: Final = re.compile(r"bytes=(?:([0-9]{1,15})-([0-9]{0,15})|-([0-9]{1,15}))", re.ASCII)
_INLINE: Final = "inline"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of an account is delivered, and how."""

    account: str
    blob: str
    name: str
    content_type: str
    shown: bool = False  # inline, where it is a picture or plain text


def wanted_of(request: Request, account: str, blob: str, name: str) -> Wanted:
    """Return what a download URL asks for; ``disposition=inline`` in its query is ours.

    Raises:
        MalformedInput: the query has too many fields.
    """
    fields = request.fields()
    return Wanted(account, blob, name, permitted_type(fields.get("type", "")), fields.get("disposition") == _INLINE)


async def deliver(context: Context, request: Request, wanted: Wanted) -> Response:
    """Answer with a blob.

    Raises:
        NotFound: there is none that the caller may read.
    """
    told = "\0".join([wanted.account, wanted.blob, wanted.name, wanted.content_type, str(wanted.shown)])
    etag = f'"{blake2b(told.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()}"'
    kept = [("ETag", etag), ("Cache-Control", f"private, max-age={KEPT_SECONDS}, immutable")]
    if etag in request.header("if-none-match"):
        return Response(304, kept)
    account = await context.accounts.get(wanted.account)
    blob = await context.open_blob(account, wanted.blob)
    if blob.page_policy:
        shown = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", blob.page_policy)]
        return Response(200, [*kept, *shown], blob.pieces)
    if wanted.shown and is_raster(wanted.content_type):
        picture = await _picture(context, account, wanted.blob, blob)
        if picture is not None:
            return Response(200, [*kept, *_shown(wanted, picture[0])], picture[1])
        blob = await context.open_blob(account, wanted.blob)
    if wanted.shown and wanted.content_type == PLAIN:
        headers = _shown(wanted, f"{PLAIN}; charset=utf-8")
    else:
        headers = [("Content-Type", wanted.content_type), ("Content-Disposition", attachment(wanted.name))]
    return _ranged(request, etag, [*kept, *headers], blob)


async def _picture(context: Context, account: Account, blob_id: str, blob: Blob) -> tuple[str, bytes] | None:
    """Return a picture written anew; None where it is none, or too large to be looked at."""
    await _closed(blob.pieces)
    try:
        octets = await context.read_blob(account, blob_id, limit=PICTURE_MAX)
        made = await context.services.mail.pictures.within(octets)
    except (MalformedInput, TooLarge):
        return None
    return made.content_type, made.octets


def _shown(wanted: Wanted, content_type: str) -> list[tuple[str, str]]:
    return [
        ("Content-Type", content_type),
        ("Content-Disposition", inline(wanted.name)),
        ("Content-Security-Policy", STRANGERS),
    ]


def _ranged(request: Request, etag: str, headers: list[tuple[str, str]], blob: Blob) -> Response:
    size = blob.size
    if size is None:
        return Response(200, headers, blob.pieces)
    headers.append(("Accept-Ranges", "bytes"))
    asked = _RANGE.fullmatch(request.header("range").strip())
    if asked is None or request.header("if-range") not in {"", etag}:
        return Response(200, [*headers, ("Content-Length", str(size))], blob.pieces)
    if asked[3] is not None:
        first, last = max(size - int(asked[3]), 0), size - 1
    else:
        first, last = int(asked[1]), min(int(asked[2] or size - 1), size - 1)
    if first > last:
        return problem(416, "there is nothing in that range", ("Content-Range", f"bytes */{size}"))
    length = last - first + 1
    headers += [("Content-Range", f"bytes {first}-{last}/{size}"), ("Content-Length", str(length))]
    return Response(206, headers, cut(blob.pieces, first, length))


async def cut(pieces: AsyncIterator[bytes], first: int, length: int) -> AsyncIterator[bytes]:
    """Yield ``length`` octets from ``first`` on, of those that come."""
    left = length
    try:
        async for piece in pieces:
            if first >= len(piece):
                first -= len(piece)
                continue
            part = piece[first : first + left]
            first = 0
            left -= len(part)
            yield part
            if not left:
                return
    finally:
        await _closed(pieces)


async def _closed(pieces: AsyncIterator[bytes]) -> None:
    close = getattr(pieces, "aclose", None)
    if close is not None:
        await close()
