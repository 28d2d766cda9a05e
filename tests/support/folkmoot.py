"""A real Folkmoot for tests: ``folkmoot serve`` on a free loopback port, with a directory and people of its own.

On MariaDB and PostgreSQL it starts from a ``sogo.conf`` whose people stand in an SQL table, as administrators of SOGo
have it; on SQLite its people are those of the built-in source.
"""

import asyncio
import base64
import hashlib
import http.client
import os
import pwd
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

import httpx
import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from folkmoot.core.clock import SystemClock
from folkmoot.database import Database, Statement, Transaction, migrate
from folkmoot.directory.local import LocalUserSource, NewUser
from folkmoot.directory.verifier import Verifier
from folkmoot.stack.place import Place, PlacePorts, keep, known_place, make_place
from folkmoot.store.check import check_store
from tests.support.servers import Server, free_port, fresh_database, require, sqlite_url

READY_SECONDS: Final = 60
STOP_SECONDS: Final = 40
DAV: Final = "/SOGo/dav"

_PEOPLE: Final = sa.Table(
    "sogo_users",
    sa.MetaData(),
    *(sa.Column(name, sa.String(190)) for name in ("c_uid", "c_name", "c_password", "c_cn", "mail")),
)
_ADD: Final = Statement(sa.insert(_PEOPLE))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in."""

    login: str
    password: str = "a secret, with ünïcode"

    @property
    def mail(self) -> str:
        return self.login if "@" in self.login else f"{self.login}@example.org"

    @property
    def path(self) -> str:
        """The principal's path, without a final slash."""
        return f"{DAV}/{quote(self.login, safe='@')}"

    @property
    def calendar(self) -> str:
        return f"{self.path}/Calendar/personal/"

    @property
    def address_book(self) -> str:
        return f"{self.path}/Contacts/personal/"

    @property
    def authorization(self) -> str:
        return "Basic " + base64.b64encode(f"{self.login}:{self.password}".encode()).decode()


ANNA: Final = Person("anna")
BERT: Final = Person("bert")
CARL: Final = Person("carl@example.org")


class Folkmoot:
    """One server: its processes, its settings, its log, its people."""

    def __init__(
        self, directory: Path, database: str, *, workers: int = 2, settings: str = "", state: Path | None = None
    ) -> None:
        self.directory = directory
        self.state = state or directory  # FolkmootStateDirectory
        self.user = ""  # whom the server runs as, where that is not us
        self.database = database
        self.workers = workers
        self.port = free_port()
        self.log_file = directory / "folkmoot.log"
        self.people: list[Person] = []
        self.expected: list[str] = []  # words of faults that the test itself caused
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self.log_file.read_text("utf-8", "replace") if self.log_file.exists() else ""

    @property
    def pids(self) -> list[int]:
        """The supervisor's process id, then the workers'."""
        assert self._process is not None
        supervisor = self._process.pid
        children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text()
        return [supervisor, *map(int, children.split())]

    def prepare(self, *people: Person) -> None:
        """Make the tables and the people, and write the configuration."""
        asyncio.run(self._people_added(people))
        (self.directory / "sogo.conf").write_text(self._configuration(), "utf-8")

    def add(self, person: Person) -> Person:
        """Add somebody while the server runs."""
        asyncio.run(self._people_added([person]))
        return person

    def beside(self, directory: Path) -> "Folkmoot":
        """Return another node on the same database, for the same people; it is not started yet."""
        node = Folkmoot(directory, self.database, workers=self.workers, settings=self._settings)
        node.people = self.people
        (directory / "sogo.conf").write_text(node._configuration(), "utf-8")
        return node

    def start(self) -> None:
        """Start the server and wait until every worker answers."""
        seen = self.log.count("worker ready")
        program = Path(sys.executable).with_name("folkmoot")
        command = [str(program), "--config", str(self.directory / "sogo.conf"), "serve", "--allow-root"]
        # The kernel ends the server should this test run die, however it dies.
        watched = [require("setpriv", "util-linux"), "--pdeathsig", "TERM", *self._as_user(), "--", *command]
        with (self.directory / "console").open("ab") as console:
            self._process = subprocess.Popen(
                watched, stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True
            )
        deadline = time.monotonic() + READY_SECONDS
        while self.log.count("worker ready") < seen + self.workers or not self.healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                console_text = (self.directory / "console").read_text("utf-8", "replace")
                raise AssertionError(f"folkmoot does not start:\n{console_text[-4000:]}\n{self.log[-4000:]}")
            time.sleep(0.05)

    def _as_user(self) -> list[str]:
        """Return how to become an ordinary user who can still read this checkout, wherever it is."""
        if not self.user:
            return []
        can_read = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
        group = str(pwd.getpwnam(self.user).pw_gid)
        return [f"--reuid={self.user}", f"--regid={group}", "--clear-groups", *can_read]

    @property
    def mail(self) -> Place:
        """Where the server's embedded mail is."""
        place = known_place(str(self.state))
        assert place is not None, "this server has no embedded mail"
        return place

    def deliver(self, message: bytes, *recipients: str, sender: str = "someone@example.net") -> None:
        """Deliver to addresses by LMTP, through Sieve."""
        with smtplib.LMTP(str(self.mail.lmtp)) as client:
            client.sendmail(sender, recipients, message)

    def mail_ready(self) -> bool:
        """Return whether the private Dovecot answers."""
        with (
            suppress(OSError, AssertionError),
            smtplib.LMTP(str(self.mail.lmtp)),
            socket.create_connection(("127.0.0.1", self.mail.ports.imap), 1) as imap,
        ):
            return imap.recv(4) == b"* OK"
        return False

    def wait_for_mail(self) -> None:
        """Wait until the private Dovecot answers."""
        deadline = time.monotonic() + READY_SECONDS
        while not self.mail_ready():
            assert time.monotonic() < deadline, f"no mail:\n{self.log[-4000:]}"
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server as its administrator does."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            status = process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise AssertionError(f"folkmoot does not stop:\n{self.log[-4000:]}") from None
        assert status == 0, self.log[-4000:]

    def kill(self) -> None:
        """Kill the supervisor and all workers at once."""
        process, self._process = self._process, None
        assert process is not None
        process.kill()  # first, or it may live long enough to tell that its workers died
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def healthy(self) -> bool:
        """Return whether the server says that it works."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with closing(connection), suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/.folkmoot/health", headers={"Connection": "close"})
            return connection.getresponse().status == 200
        return False

    def client(self, person: Person = ANNA, *, seconds: float = 30) -> httpx.Client:
        """Return a client that signs in as somebody."""
        return httpx.Client(
            base_url=self.url, headers={"Authorization": person.authorization}, timeout=seconds, trust_env=False
        )

    def async_client(self, person: Person = ANNA, *, connections: int = 1, seconds: float = 30) -> httpx.AsyncClient:
        """Return a client of several connections that signs in as somebody."""
        return httpx.AsyncClient(
            base_url=self.url,
            headers={"Authorization": person.authorization},
            timeout=seconds,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            trust_env=False,
        )

    def bugs(self) -> list[str]:
        """Return the lines of the log that tell of a bug or of a worker that died unexpectedly."""
        words = r"\bbug\b|worker died|worker failed|does not answer|Traceback"
        found = re.findall(f"^.*(?:{words}).*$", self.log, re.MULTILINE)
        return [line for line in found if not any(word in line for word in self.expected)]

    def store_faults(self) -> list[str]:
        """Return what is inconsistent in the store."""

        async def check() -> list[str]:
            async with await Database.open(self.database, pool_size=2) as database:
                return [str(fault) for fault in await check_store(database)]

        return asyncio.run(check())

    async def _people_added(self, people: Sequence[Person]) -> None:
        wanted = list(people)
        async with await Database.open(self.database, pool_size=2) as database:
            await migrate(database)
            if self.database.startswith("sqlite"):
                verifier = Verifier(threads=1)
                source = LocalUserSource(database, verifier, SystemClock())
                for person in wanted:
                    await source.add(NewUser(person.login, person.login.title(), person.mail), person.password)
                verifier.close()
            else:
                await _added_to_table(database, wanted, make_table=not self.people)
        self.people += wanted

    def _configuration(self) -> str:
        lines = [
            f'WOPort = "127.0.0.1:{self.port}";',
            f"WOWorkersCount = {self.workers};",
            f'WOLogFile = "{self.log_file}";',
            f'WOPidFile = "{self.directory}/pid";',
            f'FolkmootStateDirectory = "{self.state}";',
            f'FolkmootDatabaseURL = "{self.database}";',
            'SOGoTimeZone = "Europe/Prague";',
            self._settings,
        ]
        if not self.database.startswith("sqlite"):
            lines.append(
                "SOGoUserSources = ({ type = sql; id = staff; canAuthenticate = YES; isAddressBook = YES;"
                f' displayName = Staff; userPasswordAlgorithm = ssha; viewURL = "{self.database}/sogo_users"; }});'
            )
        return "{\n  " + "\n  ".join(filter(None, lines)) + "\n}\n"


async def _added_to_table(database: Database, people: list[Person], *, make_table: bool) -> None:
    if make_table:
        ddl = str(CreateTable(_PEOPLE).compile(dialect=database.ddl_dialect))
        await database.exclusively(lambda session: session.run(ddl))
    for person in people:
        salt = os.urandom(8)
        digest = hashlib.sha1(person.password.encode() + salt, usedforsecurity=False).digest() + salt
        row = {
            "c_uid": person.login,
            "c_name": person.login,
            "c_password": "{SSHA}" + base64.b64encode(digest).decode(),
            "c_cn": person.login.title(),
            "mail": person.mail,
        }

        async def work(tx: Transaction, row: dict[str, str] = row) -> int:
            return await tx.execute(_ADD, **row)

        await database.write(work)


@contextmanager
def running(
    directory: Path,
    server: Server | None = None,
    *,
    workers: int = 2,
    settings: str = "",
    people: tuple[Person, ...] = (ANNA, BERT, CARL),
    mail: bool = False,
    user: str = "",
) -> Iterator[Folkmoot]:
    """Run a server on a database of its own, on SQLite unless ``server`` says where; check both at the end.

    With ``mail`` it has a private Dovecot, ``Folkmoot.mail``.  With ``user`` it runs as that user, on SQLite.
    """
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        url = runner.run(stack.enter_async_context(sqlite_url() if server is None else fresh_database(server)))
        state = None
        if mail:  # a short name that Dovecot's user may pass: temporary directories of pytest are closed
            state = Path(stack.enter_context(TemporaryDirectory(prefix="folkmoot-state-", dir="/tmp")))
            settings += "FolkmootEmbeddedMail = YES;"
            ports = PlacePorts(**{name: free_port() for name in PlacePorts.__struct_fields__})
            keep(replace(make_place(str(state)), ports=ports))  # others' servers begin at the usual ones
            directory = state if user else directory
        folkmoot = Folkmoot(directory, url, workers=workers, settings=settings, state=state)
        try:
            folkmoot.prepare(*people)
            if user:
                folkmoot.user = user
                database = Path(url.removeprefix("sqlite://")).parent
                for path in filter(None, (directory, database, state)):
                    subprocess.run([require("chown", "coreutils"), "-R", user, str(path)], check=True)
            folkmoot.start()
            if mail:
                folkmoot.wait_for_mail()
            yield folkmoot
            folkmoot.stop()
            found = folkmoot.bugs() + folkmoot.store_faults()
            assert found == [], "\n".join(found)
        finally:
            if folkmoot._process is not None:
                folkmoot.kill()
            runner.run(stack.aclose())
