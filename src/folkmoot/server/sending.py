"""An answer on its way: whole, or piece by piece for as long as the client stays."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import structlog

from folkmoot.core.errors import FolkmootError
from folkmoot.server.asgi import Receive, Send
from folkmoot.server.exchange import Answer, ClientGone

log = structlog.get_logger()

# What a client stores here may be anything; shown by a browser it must stay a document without powers.
_STORED_POLICY: Final = (b"content-security-policy", b"default-src 'none'; sandbox; frame-ancestors 'none'")
_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_EMPTY: Final = (204, 304)


def headers_of(answer: Answer) -> list[tuple[bytes, bytes]]:
    """Return the header fields of an answer with those that all have, unless it says otherwise."""
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    names = {name for name, _ in headers}
    headers += [one for one in (*_ALWAYS, _STORED_POLICY) if one[0] not in names]
    if answer.pieces is None and answer.status not in _EMPTY and b"content-length" not in names:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    return headers


async def send_answer(answer: Answer, receive: Receive, send: Send, *, head_only: bool) -> int:
    """Send an answer; return the octets of its body.

    Raises:
        ClientGone: the client left before the end of what comes piece by piece.
    """
    await send({"type": "http.response.start", "status": answer.status, "headers": headers_of(answer)})
    if answer.pieces is not None:
        try:
            return 0 if head_only else await _send_pieces(answer.pieces, receive, send)
        finally:
            await _close(answer.pieces)
            if head_only:
                await send({"type": "http.response.body", "body": b""})
    await send({"type": "http.response.body", "body": b"" if answer.status in _EMPTY else answer.body})
    return len(answer.body)


async def _send_pieces(pieces: AsyncIterator[bytes], receive: Receive, send: Send) -> int:
    sent = 0
    waiting = asyncio.timeout(None)  # the stream may be silent for hours: it ends with the client
    gone = asyncio.ensure_future(_until_gone(receive))

    def left(_: object) -> None:
        waiting.reschedule(asyncio.get_running_loop().time())

    try:
        async with waiting:
            gone.add_done_callback(left)
            try:
                async for piece in pieces:
                    if piece:
                        sent += len(piece)
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
                        await asyncio.sleep(0)  # others have their turn, and who has left is noticed
            finally:
                gone.remove_done_callback(left)
        await send({"type": "http.response.body", "body": b""})
    except TimeoutError:
        if waiting.expired():
            raise ClientGone("the client left within the answer") from None
        raise
    except FolkmootError as error:
        # Too late for a status: the connection is closed, so that the client knows the end is missing.
        log.warning("answer broken off", reason=str(error))
        raise ClientGone(str(error)) from error
    finally:
        gone.cancel()
    return sent


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _close(pieces: AsyncIterator[bytes]) -> None:
    close = getattr(pieces, "aclose", None)
    if close is not None:
        await close()
