"""From the settings to a running supervisor: log, sockets, user, pid file, tables, workers."""

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import structlog

from folkmoot.config.faults import Severity
from folkmoot.config.settings import Settings
from folkmoot.core.errors import ConfigurationError, FolkmootError
from folkmoot.database import migrate
from folkmoot.server import listeners, logs, privileges, worker
from folkmoot.server.app import Application
from folkmoot.server.asgi import ASGI
from folkmoot.server.compose import open_site
from folkmoot.server.database_place import open_own_database
from folkmoot.server.embedded_mail import EmbeddedMail, open_embedded_mail
from folkmoot.server.supervisor import Plan, Supervisor
from folkmoot.server.worker import WorkerLimits

log = structlog.get_logger()

LEAVE_SECONDS: Final = 15.0  # for requests under way when a worker has to leave
KILL_SECONDS: Final = LEAVE_SECONDS + worker.DRAIN_SECONDS + 5  # after which nobody waits for it


class Daemon:
    """The server as one process tree; ``load`` reads the settings, at start and for each SIGHUP."""

    def __init__(
        self, load: Callable[[], Settings], *, user: str = "", allow_root: bool = False, next_free_port: bool = False
    ) -> None:
        self._load = load
        self._user = user
        self._allow_root = allow_root
        self._next_free_port = next_free_port

    def run(self, announce: Callable[[str, EmbeddedMail | None], None] | None = None) -> int:
        """Serve until told to stop; return the exit status.  ``announce`` gets the address that was bound, and mail.

        Raises:
            ConfigurationError: it cannot start like this.
            Unavailable: the database does not answer.
        """
        settings = self._load()
        listener = listeners.bind(
            settings.server.listen, backlog=settings.server.listen_queue_size, next_free=self._next_free_port
        )
        with listener, _pid_file(settings.server.pid_file):
            privileges.drop(self._user, allow_root=self._allow_root)
            log_file = _open_log(settings)
            _report(settings)
            mail = open_embedded_mail(settings)
            if mail is not None:
                settings = mail.applied(settings)
            _in_child(lambda: asyncio.run(_prepare(settings)))
            log.info("listening", address=listeners.name_of(listener), workers=settings.server.workers)
            if announce is not None:
                announce(listeners.name_of(listener), mail)
            supervisor = Supervisor(
                self._plan(settings, listener, log_file, mail),
                again=lambda: self._plan(self._renewed(log_file, mail), listener, log_file, mail),
                log_file=log_file,
                companion=mail.child if mail is not None else None,
            )
            return supervisor.run()

    def _renewed(self, log_file: logs.LogFile, mail: EmbeddedMail | None) -> Settings:
        settings = self._load()
        _configure_log(settings, log_file)
        _report(settings)
        if mail is None:
            return settings
        mail.renew(settings)
        return mail.applied(settings)

    def _plan(
        self, settings: Settings, listener: socket.socket, log_file: logs.LogFile, mail: EmbeddedMail | None
    ) -> Plan:
        sockets = [listener, *(mail.http if mail is not None else ())]
        limits = WorkerLimits(
            memory_octets=settings.server.worker_memory_max_megabytes * 1024 * 1024,
            leave_seconds=LEAVE_SECONDS,
            send_seconds=settings.server.send_timeout_seconds,
            backlog=settings.server.listen_queue_size,
        )

        def make(stopping: asyncio.Event) -> ASGI:
            return Application(open_site(settings, stopping, mail))

        return Plan(
            workers=settings.server.workers,
            silence_seconds=settings.server.watchdog_request_timeout_minutes * 60.0,
            leave_seconds=KILL_SECONDS,
            run=lambda channel: worker.run(sockets, channel, make, limits, log_file),
        )


async def _prepare(settings: Settings) -> None:
    async with await open_own_database(settings) as database:
        await migrate(database)


def _in_child(work: Callable[[], None]) -> None:
    """Run something that starts threads and loops in a process of its own, so that this one can still fork.

    Raises:
        ConfigurationError: it failed; the message is that of its expected failure.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(reader)
            work()
            status = 0
        except FolkmootError as error:
            os.write(writer, str(error).encode()[:4096])
        except BaseException as error:  # told by the log, as the parent only sees the status
            log.error("bug", exc_info=error)
            os.write(writer, b"the database could not be prepared; the log tells why")
        finally:
            os._exit(status)
    os.close(writer)
    with open(reader, "rb") as pipe:  # noqa: PTH123 - a descriptor, not a path
        reason = pipe.read()
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0:
        raise ConfigurationError(reason.decode() or "the database could not be prepared")


def _open_log(settings: Settings) -> logs.LogFile:
    try:
        log_file = logs.LogFile(settings.logging.file or "-")
    except OSError as error:
        log_file = logs.LogFile("-")
        _configure_log(settings, log_file)
        log.warning("the log goes to the console", file=settings.logging.file, reason=error.strerror)
    _configure_log(settings, log_file)
    return log_file


def _configure_log(settings: Settings, log_file: logs.LogFile) -> None:
    level = "debug" if settings.logging.requests else settings.logging.level
    logs.configure(log_file, json=settings.logging.format == "json", level=level)


def _report(settings: Settings) -> None:
    for fault in settings.faults:
        say = log.error if fault.severity > Severity.WARNING else log.warning
        say("settings", key=fault.key, line=fault.line, file=fault.origin, fault=fault.message)


@contextmanager
def _pid_file(name: str) -> Iterator[None]:
    """Keep our process id in a file while we run; a place that cannot be written to stops nobody."""
    path = Path(name) if name else None
    if path is not None:
        try:
            path.write_text(f"{os.getpid()}\n")
        except OSError as error:
            log.warning("no pid file", file=name, reason=error.strerror)
            path = None
    try:
        yield
    finally:
        if path is not None:
            with suppress(OSError):
                path.unlink()
