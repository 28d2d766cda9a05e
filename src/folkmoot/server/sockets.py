"""A WebSocket of ASGI as the JMAP face knows it."""

from folkmoot.server.asgi import Message, Receive, Send
from folkmoot.server.exchange import Answer
from folkmoot.server.sending import headers_of


class AsgiSocket:
    """One WebSocket, accepted or refused."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._closed = False
        self.accepted = False

    async def accept(self, subprotocol: str) -> "AsgiSocket":
        """Complete the handshake."""
        await self._send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": []})
        self.accepted = True
        return self

    async def finish(self, answer: Answer) -> None:
        """Close it if it is open, or else answer the handshake."""
        if self.accepted:
            await self.close(1000)
            return
        headers = headers_of(answer)
        await self._send({"type": "websocket.http.response.start", "status": answer.status, "headers": headers})
        await self._send({"type": "websocket.http.response.body", "body": answer.body})

    async def connected(self) -> bool:
        """Wait for the handshake; False if the peer has gone already."""
        return bool((await self._receive())["type"] == "websocket.connect")

    async def receive(self) -> str | bytes | None:
        """Return the next message, None when the peer has gone."""
        if self._closed:
            return None
        message: Message = await self._receive()
        if message["type"] != "websocket.receive":
            self._closed = True
            return None
        text: str | None = message.get("text")
        octets: bytes | None = message.get("bytes")
        return text if text is not None else octets

    async def send(self, text: str | bytes) -> None:
        """Send a text message.

        Raises:
            ConnectionError: the peer is gone.
        """
        if self._closed:
            raise ConnectionError("the WebSocket is closed")
        try:
            await self._send({"type": "websocket.send", "text": text.decode() if isinstance(text, bytes) else text})
        except OSError as error:  # what uvicorn raises about a peer that has gone is one
            self._closed = True
            raise ConnectionError("the peer has closed the WebSocket") from error

    async def close(self, code: int, reason: str = "") -> None:
        """Close it; there need be nobody any more."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._send({"type": "websocket.close", "code": code, "reason": reason})
        except OSError:
            return
