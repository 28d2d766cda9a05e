"""Opens the blobs of ``view_ids``: pages that we have made, zips, and pictures from elsewhere."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from folkmoot.core.errors import MalformedInput, NotFound, TooLarge
from folkmoot.fetch.errors import FetchFailed
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.blobs import ref_of
from folkmoot.jmap.mail.views import mail_of
from folkmoot.jmap.protocol.calling import Blob, Context
from folkmoot.jmap.vendor_mail.view_ids import REMOTE, Shows, ViewId, parse_view_id
from folkmoot.jmap.vendor_mail.view_rendering import shown
from folkmoot.mailboxes.raster import Picture
from folkmoot.mime.html import HTML_MAX
from folkmoot.mime.rendering import Rendered, RenderOptions, render

HTML: Final = "text/html"
ZIP: Final = "application/zip"
# Whom the frame belongs to; a page's own policy says the rest.
_FRAMED: Final = "; frame-ancestors 'self'"
_PICTURE: Final = "mail/remote picture"
_SHOWN_AS: Final = {"html": "html", "xhtml+xml": "html"}


async def open_view(context: Context, account: Account, blob: str) -> Blob:
    """Open a message or an attachment as a page, or all attachments as a zip.

    Raises:
        NotFound: there is none that the caller may read.
        TooLarge: it is more than is shown.
    """
    wanted = parse_view_id(blob)
    if wanted is None or account.mail is None:
        raise NotFound("no such blob")
    if wanted.shows is Shows.ATTACHMENT:
        return _page(await _attachment(context, account, wanted))
    found = await shown(context, account, wanted)
    if wanted.shows is Shows.MESSAGE:
        return _page(found.view.rendered)
    downloading = context.services.mail.downloading
    pieces = downloading.zip(context.caller, mail_of(account), found.ref, found.view)
    return Blob(ZIP, "attachments.zip", None, pieces)


async def open_remote(context: Context, account: Account, blob: str) -> Blob:
    """Open a picture from elsewhere, of which we wrote the URL for this reader.

    Raises:
        NotFound: it is nobody's, or cannot be had.
    """
    key = (_PICTURE, blob)
    picture: Picture | None = context.kept.get(key)
    if picture is None:
        if account.mail is None:
            raise NotFound("no such blob")
        try:
            picture = await context.services.mail.pictures.fetch(context.caller.principal, blob[len(REMOTE) :])
        except (FetchFailed, MalformedInput, TooLarge) as error:
            raise NotFound("the picture cannot be had") from error
        context.kept[key] = picture
    return Blob(picture.content_type, "", len(picture.octets), _once(picture.octets))


async def _attachment(context: Context, account: Account, wanted: ViewId) -> Rendered:
    """Show a text by itself, without any picture."""
    ref = await ref_of(context, account, wanted.email)
    found = await context.services.mail.downloading.part(context.caller, mail_of(account), ref, wanted.path)
    part = found.part
    if part is None or part.children:
        raise NotFound("there is no such text")
    octets = bytearray()
    async for piece in found.pieces:
        octets += piece
        if len(octets) > HTML_MAX:
            raise TooLarge("the text is too long to be shown; save it")
    alone = msgspec.structs.replace(
        part,
        path="1",
        type="text",
        subtype=_SHOWN_AS.get(part.subtype, "plain"),
        encoding="binary",
        size=len(octets),
        disposition="",
        disposition_parameters=(),
    )
    return await asyncio.to_thread(render, alone, {"1": bytes(octets)}, RenderOptions(picture_sources=()))


def _page(rendered: Rendered) -> Blob:
    octets = rendered.document.encode("utf-8", "replace")
    return Blob(HTML, "message.html", len(octets), _once(octets), page_policy=rendered.csp + _FRAMED)


async def _once(octets: bytes) -> AsyncIterator[bytes]:
    yield octets
