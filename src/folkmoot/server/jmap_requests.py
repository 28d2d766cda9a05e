"""Requests for JMAP: what the face is given of them, and what becomes of its answers."""

from collections.abc import Awaitable, Callable

from folkmoot.core.caller import ANONYMOUS, Caller
from folkmoot.jmap import http as jmap
from folkmoot.server.asgi import Receive
from folkmoot.server.exchange import Answer, Bodies, Head, Incoming
from folkmoot.server.sockets import AsgiSocket

Jmap = Callable[[jmap.Request], Awaitable[tuple[Caller | None, jmap.Response]]]
JmapSocket = Callable[[jmap.Request, jmap.Accept], Awaitable[tuple[Caller | None, jmap.Response]]]


async def no_jmap(_: jmap.Request) -> tuple[Caller | None, jmap.Response]:
    """Answer where there is none."""
    return None, jmap.problem(404, "there is nothing here")


async def no_socket(_: jmap.Request, __: jmap.Accept) -> tuple[Caller | None, jmap.Response]:
    """Answer where there is none."""
    return None, jmap.problem(404, "there is nothing here")


async def answer_jmap(face: Jmap, head: Head, path: str, bodies: Bodies, receive: Receive) -> tuple[Caller, Answer]:
    """Let a face answer; raises what it raises."""
    incoming = Incoming(bodies, head, receive)
    try:
        caller, response = await face(_request(head, path, incoming))
    finally:
        incoming.release()
    return caller or ANONYMOUS, _answer(response)


async def answer_socket(
    face: JmapSocket, head: Head, path: str, receive: Receive, socket: AsgiSocket
) -> tuple[Caller, Answer]:
    """Let a face speak over a WebSocket, or not; the answer is for whom it does not, and for the log."""
    incoming = Incoming(Bodies(pause_seconds=0), head, receive)  # a handshake has none
    caller, response = await face(_request(head, path, incoming), socket.accept)
    return caller or ANONYMOUS, _answer(response)


def _request(head: Head, path: str, incoming: Incoming) -> jmap.Request:
    return jmap.Request(
        method=head.method,
        path=path,
        query=head.query,
        headers=head.headers,
        body=incoming,
        client=head.origin.client,
        origin=head.origin.public,
        remote_user=head.origin.remote_user,
    )


def _answer(response: jmap.Response) -> Answer:
    headers = list(response.headers)
    if isinstance(response.body, bytes):
        return Answer(response.status, headers, response.body)
    return Answer(response.status, headers, pieces=response.body)
