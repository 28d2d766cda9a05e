"""SOGo on the benchmark's mail server, and the requests that its web interface makes for lists of messages."""

import http.client
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Final

from bench.client import Refused
from bench.groupware import start_sogo
from bench.load import descendants, memory_mib
from bench.mail.people import USER
from bench.mariadb import PASSWORD, MariaDB
from bench.processes import Launcher, Process, stop

_TIMEOUT_SECONDS: Final = 600  # after which SOGo ends its own workers
_FLAVOUR: Final = "sogo-tuned"
_INBOX: Final = f"/SOGo/so/{USER}/Mail/0/folderINBOX/"
_PREFERENCES: Final = f"/SOGo/so/{USER}/Preferences/save"
_XSRF_COOKIE: Final = "XSRF-TOKEN"


class Sogo:
    """SOGo with a worker a core, which keeps its connections to the mail server, and one person signed in to it."""

    def __init__(self, directory: Path, imap_port: int) -> None:
        self._directory = directory
        self._mariadb = MariaDB(directory / "mariadb")
        self._imap_port = imap_port
        self._launcher = Launcher(directory / "log")
        self._servers: list[Process] = []
        self._port = 0
        self._headers: dict[str, str] = {}

    def start(self) -> None:
        """Start it with a database of its own, and sign in."""
        self._launcher.logs.mkdir(parents=True, exist_ok=True)
        self._mariadb.start(self._launcher)
        self._start_server()

    def restart(self) -> None:
        """Start it anew, so that it remembers nothing, and sign in."""
        for process in reversed(self._servers):
            stop(process)
        self._start_server()

    def stop(self) -> None:
        """Stop it and its database."""
        for process in reversed(self._launcher.started):
            stop(process)

    def memory(self) -> float:
        """Return what its processes take, in MiB."""
        return memory_mib(descendants([process.pid for process in self._servers if process.name == _FLAVOUR]))

    def view(
        self,
        sort: str = "arrival",
        *,
        ascending: bool = False,
        unread: bool = False,
        search: tuple[str, str] | None = None,
    ) -> int:
        """List the inbox: all UIDs in order and the first hundred rows; return how many UIDs there are.

        ``search`` is a field and the text to look for.
        """
        asked: dict[str, object] = {"sortingAttributes": {"sort": sort, "asc": int(ascending), "match": "AND"}}
        asked["filters"] = [{"searchBy": search[0], "searchInput": search[1]}] if search else []
        if unread:
            asked["unseenOnly"] = 1
        return _flattened(json.loads(self._post(_INBOX + "view", asked))["uids"])

    def rows(self, uids: Sequence[int]) -> None:
        """Ask for rows, as scrolling does."""
        told = json.loads(self._post(_INBOX + "headers", {"uids": list(uids)}))
        if len(told) != len(uids) + 1:  # the first one names the columns
            raise Refused(f"SOGo told {len(told) - 1} of {len(uids)} rows")

    def message(self, uid: int) -> None:
        """Open a message."""
        self._request("GET", f"{_INBOX}{uid}/view", None)

    def flag(self, uid: int) -> None:
        """Flag a message."""
        self._post(f"{_INBOX}{uid}/markMessageFlagged", {})

    def as_conversations(self, wanted: bool) -> None:
        """Choose whether lists are made of conversations."""
        self._post(_PREFERENCES, {"defaults": {"SOGoMailSortByThreads": int(wanted)}})

    def date(self) -> None:
        """Ask for the date: what a request costs that opens no mail."""
        self._request("GET", f"/SOGo/so/{USER}/date", None)

    def _start_server(self) -> None:
        before = len(self._launcher.started)
        more = {
            "SOGoIMAPServer": f'"imap://127.0.0.1:{self._imap_port}"',
            "NGImap4DisableIMAP4Pooling": "NO",
            # Nobody is there for scripts, which would be written with each preference.
            "SOGoSieveScriptsEnabled": "NO",
            "SOGoVacationEnabled": "NO",
            "SOGoForwardEnabled": "NO",
        }
        self._port = start_sogo(self._launcher, _FLAVOUR, self._mariadb, self._directory / "sogo", more=more)
        self._servers = self._launcher.started[before:]
        self._sign_in()

    def _sign_in(self) -> None:
        self._headers = {"Content-Type": "application/json"}
        self._headers["x-webobjects-server-protocol"] = "HTTP/1.0"
        self._headers["x-webobjects-server-url"] = f"http://127.0.0.1:{self._port}"
        message, _ = self._request("POST", "/SOGo/connect", {"userName": USER, "password": PASSWORD})
        cookies = SimpleCookie()
        for line in message.get_all("set-cookie", []):
            cookies.load(line)
        self._headers["Cookie"] = "; ".join(f"{name}={morsel.coded_value}" for name, morsel in cookies.items())
        self._headers[f"X-{_XSRF_COOKIE}"] = cookies[_XSRF_COOKIE].value

    def _post(self, path: str, body: Mapping[str, object]) -> bytes:
        return self._request("POST", path, body)[1]

    def _request(
        self, method: str, path: str, body: Mapping[str, object] | None
    ) -> tuple[http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT_SECONDS)
        try:  # SOGo closes each connection after its answer
            connection.request(method, path, None if body is None else json.dumps(body), self._headers)
            answer = connection.getresponse()
            octets = answer.read()
        finally:
            connection.close()
        if answer.status not in {200, 204}:
            raise Refused(f"{method} {path} answered {answer.status}: {octets[:300]!r}")
        return answer.headers, octets


@contextmanager
def sogo_running(directory: Path, imap_port: int) -> Iterator[Sogo]:
    """Start SOGo with its files below a directory, and stop it afterwards."""
    sogo = Sogo(directory, imap_port)
    try:
        sogo.start()
        yield sogo
    finally:
        sogo.stop()


def _flattened(uids: list[object]) -> int:
    """Count UIDs; with conversations they are rows of UID, level and what is first, below a row of their names."""
    return len(uids) - 1 if uids and isinstance(uids[0], list) else len(uids)
