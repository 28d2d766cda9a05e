"""Private database servers for tests, one of each kind for a whole run, and fresh databases on them.

A server listens on a free loopback port, keeps its files in a directory of its own and is stopped by its keeper, a
shell that waits for the test run to end, however it ends.  Waits for the disk are switched off.
"""

import asyncio
import fcntl
import json
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Final, TypeVar

import asyncpg
import pytest

from folkmoot.database import Database, migrate
from folkmoot.store.check import check_store

T = TypeVar("T")

START_SECONDS: Final = 60
_CONNECTIONS: Final = 8
_serial = count()


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; ``url`` lacks the database's name, ``directory`` holds its files and log."""

    kind: str  # mariadb, postgresql
    url: str
    port: int
    pid: int
    directory: Path
    command: list[str] = field(default_factory=list)  # what starts it

    def name(self, database: str) -> str:
        """Return the URL of a database."""
        return f"{self.url}/{database}"


def require(program: str, package: str) -> str:
    """Return the path of a program; fail with the line that installs it."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.fail(f"{program} is missing: apt-get install -y {package}", pytrace=False)
    return found


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def shared(kind: str, start: Callable[[], Server]) -> Server:
    """Return the run's one server of a kind, started by whichever worker comes first."""
    run = _run_directory()
    with (run / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        state = run / f"{kind}.json"
        if state.exists():
            values = json.loads(state.read_text())
            return Server(**{**values, "directory": Path(values["directory"])})
        server = start()
        values = {name: getattr(server, name) for name in Server.__dataclass_fields__}
        state.write_text(json.dumps({**values, "directory": str(server.directory)}))
        return server


def start_mariadb(*, cache: str = "256M", durable: bool = False) -> Server:
    """Start a MariaDB whose default character set is not ours, as in databases made for SOGo."""
    install, daemon = require("mariadb-install-db", "mariadb-server"), require("mariadbd", "mariadb-server")
    client = require("mariadb", "mariadb-client")
    directory, port = own_directory("mariadb", "mysql"), free_port()
    data, sock = directory / "data", directory / "s"
    user = ["--user=mysql"] if os.geteuid() == 0 else []
    quiet = ["--skip-test-db", "--skip-name-resolve"]
    subprocess.run(
        [install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal", *user, *quiet],
        check=True,
        capture_output=True,
    )
    command = [daemon, "--no-defaults", f"--datadir={data}", f"--socket={sock}", f"--port={port}", *user]
    certificate, key = _self_signed(directory, "mysql")
    # It is an authority too: who shows it is known.
    command += [f"--ssl-cert={certificate}", f"--ssl-key={key}", f"--ssl-ca={certificate}"]
    command += ["--bind-address=127.0.0.1", "--skip-name-resolve", "--character-set-server=utf8mb3"]
    command += [f"--innodb-flush-log-at-trx-commit={durable:d}", f"--innodb-buffer-pool-size={cache}"]
    command += ["--max-connections=400"]
    pid = keep(command, directory)
    root = [client, "--no-defaults", f"--socket={sock}", "--user=root"]
    wait(lambda: _answers("mariadb", port, directory), directory)
    subprocess.run(
        [*root, "-e", "CREATE USER folkmoot@'%' IDENTIFIED BY 'secret'; GRANT ALL ON *.* TO folkmoot@'%';"],
        check=True,
    )
    return Server("mariadb", f"mysql://folkmoot:secret@127.0.0.1:{port}", port, pid, directory, command)


def _self_signed(directory: Path, owner: str) -> tuple[Path, Path]:
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    request = [
        require("openssl", "openssl"),
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
    ]
    request += ["-nodes", "-days", "2", "-subj", "/CN=nobody", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(request, check=True, capture_output=True)
    if os.geteuid() == 0:
        shutil.chown(key, owner)
    return certificate, key


def start_postgresql(*, cache: str = "256MB", durable: bool = False) -> Server:
    """Start a PostgreSQL whose default collation is not by code point."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    if not versions:
        pytest.fail("postgres is missing: apt-get install -y postgresql", pytrace=False)
    binaries = versions[-1].parent
    directory, port = own_directory("postgresql", "postgres"), free_port()
    data = directory / "data"
    as_user = [require("setpriv", "util-linux"), "--reuid=postgres", "--regid=postgres", "--init-groups"]
    prefix = as_user if os.geteuid() == 0 else []
    initdb = [str(binaries / "initdb"), "-D", str(data), "--auth=trust", "--username=folkmoot", "--no-sync"]
    initdb += ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en"]
    subprocess.run([*prefix, *initdb], check=True, capture_output=True, cwd="/")
    command = [*prefix, str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-k", str(directory)]
    certificate, key = _self_signed(directory, "postgres")
    command += ["-c", "ssl=on", "-c", f"ssl_cert_file={certificate}", "-c", f"ssl_key_file={key}"]
    for setting in () if durable else ("fsync=off", "synchronous_commit=off", "full_page_writes=off"):
        command += ["-c", setting]
    command += ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=400", "-c", f"shared_buffers={cache}"]
    pid = keep(command, directory)
    wait(lambda: _answers("postgresql", port, directory), directory)
    return Server("postgresql", f"postgresql://folkmoot@127.0.0.1:{port}", port, pid, directory, command)


def start_again(server: Server) -> Server:
    """Start a server again that has been killed, on its old port with its old files."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        pid = keep(server.command, server.directory)
        while Path(f"/proc/{pid}").exists():  # PostgreSQL refuses while children of the old one are about to leave
            if _answers(server.kind, server.port, server.directory):
                return replace(server, pid=pid)
            time.sleep(0.1)
    pytest.fail(f"{server.kind} does not start again: {server.directory}/log", pytrace=False)


def _answers(kind: str, port: int, directory: Path) -> bool:
    if kind == "mariadb":
        ask = [require("mariadb", "mariadb-client"), "--no-defaults", f"--socket={directory}/s", "--user=root"]
        ask += ["-e", "SELECT 1"]
    else:
        ready = max(Path("/usr/lib/postgresql").glob("*/bin/pg_isready"), key=lambda path: int(path.parts[4]))
        ask = [str(ready), "-h", "127.0.0.1", "-p", str(port), "-q"]
    return subprocess.run(ask, capture_output=True, check=False).returncode == 0


def keep(command: list[str], directory: Path) -> int:
    """Start a server under a keeper and return the server's pid; its output goes to ``directory/log``."""
    run = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    pid_file = directory / "keeper.pid"
    pid_file.unlink(missing_ok=True)
    log, pids, own = (shlex.quote(str(path)) for path in (directory / "log", pid_file, directory))
    script = f"""
        {shlex.join(command)} > {log} 2>&1 &
        server=$!
        echo $server > {pids}.new; mv {pids}.new {pids}
        while kill -0 {run} 2>/dev/null && kill -0 $server 2>/dev/null; do sleep 0.5; done
        kill -INT $server 2>/dev/null || true
        kill -TERM $server 2>/dev/null || true
        wait $server
        kill -0 {run} 2>/dev/null || rm -rf {own} {shlex.quote(str(_run_directory()))}
    """
    detached = f"({script}) < /dev/null > /dev/null 2>&1 &"
    subprocess.run(["/bin/sh", "-c", detached], start_new_session=True, check=True, cwd="/")
    wait(pid_file.exists, directory)
    return int(pid_file.read_text())


@asynccontextmanager
async def fresh_database(server: Server) -> AsyncIterator[str]:
    """Make an empty database and yield its URL; remove it at the end."""
    name = f"t{os.getpid()}_{next(_serial)}"
    await _administer(server, f"CREATE DATABASE {name}")
    try:
        yield server.name(name)
    finally:
        force = " WITH (FORCE)" if server.kind == "postgresql" else ""
        await _administer(server, f"DROP DATABASE {name}{force}")


async def _administer(server: Server, sql: str) -> None:
    if server.kind == "postgresql":
        connection = await asyncpg.connect(server.name("postgres"))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()
        return
    async with await Database.open(server.name("mysql"), pool_size=1) as database:
        await database.exclusively(lambda session: session.run(sql))


@asynccontextmanager
async def sqlite_url() -> AsyncIterator[str]:
    """Yield the URL of a SQLite file in memory that does not exist yet."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
    with tempfile.TemporaryDirectory(prefix="folkmoot-", dir=place) as directory:
        yield f"sqlite:///{directory}/folkmoot.db"


_migrated: list[bytes] = []  # one SQLite file, of which all tests of this process get a copy


async def migrate_quickly(url: str) -> None:
    """Make the tables of a database that is not there yet; on SQLite by copying a file that has them."""
    if not url.startswith("sqlite:///"):
        async with await Database.open(url, pool_size=1) as opened:
            await migrate(opened)
        return
    if not _migrated:
        async with sqlite_url() as first:
            async with await Database.open(first) as opened:
                await migrate(opened)
            _migrated.append(_file_of(first).read_bytes())
    _file_of(url).write_bytes(_migrated[0])


def _file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture(scope="session")
def mariadb_server() -> Server:
    return shared("mariadb", start_mariadb)


@pytest.fixture(scope="session")
def postgresql_server() -> Server:
    return shared("postgresql", start_postgresql)


DIALECTS: Final = (
    "sqlite",
    pytest.param("mariadb", marks=pytest.mark.live),
    pytest.param("postgresql", marks=pytest.mark.live),
)


@pytest.fixture(params=DIALECTS)
async def empty_url(request: pytest.FixtureRequest, anyio_backend: str) -> AsyncIterator[str]:
    """The URL of a database without tables, once for each kind of database."""
    if request.param == "sqlite":
        async with sqlite_url() as url:
            yield url
        return
    server: Server = request.getfixturevalue(f"{request.param}_server")
    async with fresh_database(server) as url:
        yield url


@pytest.fixture
async def database(empty_url: str) -> AsyncIterator[Database]:
    """A migrated database, checked at the end, once for each kind of database."""
    await migrate_quickly(empty_url)
    async with await Database.open(empty_url, pool_size=_CONNECTIONS) as opened:
        yield opened
        assert [str(fault) for fault in await check_store(opened)] == []


class Machine:
    """A migrated database for tests that are not async themselves; checked when it closes."""

    def __init__(self, kind: str = "sqlite") -> None:
        self._kind = kind
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self.database = self.run(self._open())

    def run(self, work: Coroutine[object, object, T]) -> T:
        return self._runner.run(work)

    def close(self) -> None:
        try:
            assert [str(fault) for fault in self.run(check_store(self.database))] == []
        finally:
            self.run(self._stack.aclose())
            self._runner.close()

    async def _open(self) -> Database:
        if self._kind == "sqlite":
            url = await self._stack.enter_async_context(sqlite_url())
        else:
            server = shared(self._kind, start_mariadb if self._kind == "mariadb" else start_postgresql)
            url = await self._stack.enter_async_context(fresh_database(server))
        await migrate_quickly(url)
        return await self._stack.enter_async_context(await Database.open(url))


def _run_directory() -> Path:
    """Return the directory that all workers of this run share."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"pid{os.getpid()}"
    path = Path(tempfile.gettempdir()) / f"folkmoot-run-{run}"
    path.mkdir(exist_ok=True)
    return path


def own_directory(kind: str, user: str) -> Path:
    directory = Path(tempfile.mkdtemp(prefix=f"folkmoot-{kind}-"))
    directory.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(directory, user)
    return directory


def wait(ready: Callable[[], bool], directory: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not ready():
        if time.monotonic() > until:
            log = directory / "log"
            pytest.fail(f"not ready in time: {log.read_text()[-2000:] if log.exists() else directory}", pytrace=False)
        time.sleep(0.1)
