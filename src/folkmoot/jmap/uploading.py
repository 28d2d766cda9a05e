"""Uploads, and the blobs that they become (RFC 8620 section 6.1)."""

from typing import Final

from folkmoot.core.errors import NotFound, TooLarge
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.http import Request
from folkmoot.jmap.protocol import limits
from folkmoot.jmap.protocol.calling import Blob, Context
from folkmoot.jmap.protocol.errors import RequestRefused
from folkmoot.jmap.services import JmapServices

LETTER: Final = "U"  # begins the ids of uploads; what follows is the upload's own
NAME: Final = "upload"  # nobody is told a name before a draft, a card or an event takes it


def largest(services: JmapServices) -> int:
    """Return how many octets an upload may have."""
    told = services.settings(None).server.upload_max_kilobytes * 1024
    return min(told or limits.UPLOAD_OCTETS_MAX, limits.UPLOAD_OCTETS_MAX, services.uploads.largest)


async def receive_upload(context: Context, request: Request, account: str) -> dict[str, object]:
    """Keep the body of a request, as it arrives.

    Raises:
        NotFound: there is no such account.
        RequestRefused: ``limit``: it is too large.
        TooLarge: too much is waiting to be used.
    """
    where = await context.accounts.get(account)
    services = context.services
    most = largest(services)
    kind = request.header("content-type") or "application/octet-stream"
    length = request.header("content-length")
    try:
        if length.isdecimal() and int(length[:18]) > most:
            raise TooLarge(f"an upload has at most {most} octets")
        kept = await services.uploads.put(context.caller.principal, NAME, kind, request.body.pieces(most))
    except TooLarge as error:
        raise RequestRefused("limit", str(error), limit="maxSizeUpload", status=413) from error
    return {"accountId": where.id, "blobId": LETTER + kept.id, "type": kept.content_type, "size": kept.size}


async def open_upload(context: Context, _account: Account, blob: str) -> Blob:
    """Open what the caller has uploaded; it may be used in every account that he has.

    Raises:
        NotFound: there is none, any more.
    """
    if not blob.startswith(LETTER):
        raise NotFound("no such blob")
    kept, pieces = await context.services.uploads.open(context.caller.principal, blob[1:])
    return Blob(kept.content_type, kept.name, kept.size, pieces)
