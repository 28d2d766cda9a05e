"""A plain CalDAV client for filling accounts before a measurement."""

import base64
import http.client
import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlsplit

TIMEOUT_SECONDS: Final = 120


class Refused(Exception):
    """The server answered something that makes the measurement worthless."""


@dataclass(frozen=True, slots=True)
class Account:
    """One person's places on one server, and the sync token from before the last change."""

    user: str
    password: str
    calendar: str  # path with final slash
    addressbook: str
    free_busy: str = ""  # path of a free-busy URL, if the server has one
    token: str = ""

    @property
    def authorization(self) -> str:
        """The value of the Authorization header."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


class Client:
    """One connection to one server as one person."""

    def __init__(self, url: str, account: Account) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=TIMEOUT_SECONDS)
        self._account = account

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def call(
        self, method: str, path: str, body: str = "", headers: tuple[tuple[str, str], ...] = ()
    ) -> tuple[int, str]:
        """Send one request; return status and body."""
        sent = {"Authorization": self._account.authorization, "User-Agent": "Folkmoot-bench", **dict(headers)}
        for _ in range(2):  # a server may close a connection that has been kept long enough for it
            try:
                self._connection.request(method, path, body.encode(), sent)
                answer = self._connection.getresponse()
                return answer.status, answer.read().decode("utf-8", "replace")
            except (ConnectionError, http.client.HTTPException):
                self._connection.close()
        raise Refused(f"{method} {path}: the connection breaks")

    def must(self, method: str, path: str, body: str, allowed: set[int], **headers: str) -> str:
        """Send one request whose answer must be one of ``allowed``."""
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        status, text = self.call(method, path, body, named)
        if status not in allowed:
            raise Refused(f"{method} {path} answered {status}: {text[:300]}")
        return text

    def sync_token(self) -> str:
        """Return the calendar's present sync token, empty if the server has none."""
        text = self.must(
            "PROPFIND",
            self._account.calendar,
            '<D:propfind xmlns:D="DAV:"><D:prop><D:sync-token/></D:prop></D:propfind>',
            {207},
            Depth="0",
            Content_Type="application/xml",
        )
        found = re.search(r"<[^>]*sync-token[^>]*>([^<]+)</", text)
        return found[1] if found else ""
