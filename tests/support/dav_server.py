"""A DAV server for peers' suites: the face on uvicorn, with Basic passwords equal to "password"."""

import asyncio
import base64
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import unquote

import uvicorn

from folkmoot.database import Database, migrate
from folkmoot.dav.face import DavFace
from folkmoot.dav.http import Request
from folkmoot.dav.settings import DavSettings
from tests.support.dav import CALLERS, PREFIX, services_on

Message = dict[str, object]


class Server:
    """An ASGI application around one face."""

    def __init__(self, face: DavFace) -> None:
        self._face = face

    async def __call__(
        self,
        scope: dict[str, object],
        receive: Callable[[], Awaitable[dict[str, object]]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}  # type: ignore[attr-defined]
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")  # type: ignore[operator]
            if not message.get("more_body"):
                break
        user = base64.b64decode(headers.get("authorization", "")[6:]).decode().partition(":")[0]
        path = unquote(scope["raw_path"].decode())  # type: ignore[attr-defined]
        if user not in CALLERS or not path.startswith(PREFIX):
            challenge = [(b"www-authenticate", b'Basic realm="test"')]
            await send({"type": "http.response.start", "status": 401, "headers": challenge})
            await send({"type": "http.response.body", "body": b""})
            return
        method = str(scope["method"])
        query = scope["query_string"].decode()  # type: ignore[attr-defined]
        request = Request(
            method, path[len(PREFIX) :], query, headers, body, CALLERS[user], PREFIX, f"http://{headers.get('host')}"
        )
        response = await self._face(request)
        fields = [(name.encode(), value.encode()) for name, value in response.headers]
        if method != "HEAD":
            fields.append((b"content-length", str(len(response.body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": fields})
        await send({"type": "http.response.body", "body": response.body})


async def serve(path: Path, port: int) -> None:
    """Serve until the process ends."""
    async with await Database.open(f"sqlite:///{path}") as database:
        await migrate(database)
        face = DavFace(services_on(database), DavSettings())
        config = uvicorn.Config(Server(face), host="127.0.0.1", port=port, log_level="warning", lifespan="off")
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
