"""The private Dovecot as a child of the supervisor: started, watched, told of new settings, stopped.

The supervisor has no event loop: it calls ``turn`` once in a while, and nothing but ``end_former`` waits.  One Dovecot
at a time has its directory; what a killed supervisor has left is ended first.
"""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import structlog

from folkmoot.core.errors import ConfigurationError, FolkmootError
from folkmoot.stack import dovecot
from folkmoot.stack.place import write_private

PAUSE_SECONDS: Final = 0.5  # before one that died is started again; doubles while it keeps dying
PAUSE_MAX_SECONDS: Final = 30.0
LASTING_SECONDS: Final = 10.0  # one that lived this long did not die of its configuration
LEAVE_SECONDS: Final = 10.0  # after the order to leave it is killed
LOG_MAX: Final = 10 * 1024 * 1024  # octets of its log; then a new one begins, and one old one is kept
LOOK_SECONDS: Final = 60.0  # between looks at the log's size
ERRORS_MAX: Final = 64 * 1024  # octets of its errors read in one turn
LINE_MAX: Final = 2_000  # characters of one in our log
_ORDERS: Final = ("Warning: Killed with signal 15", "Warning: SIGHUP received")  # that we gave
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
_LIBC: Final = ctypes.CDLL(None)

_log: Final = structlog.get_logger("folkmoot.mail")


class DovecotChild:
    """One Dovecot; ``render`` gives the files of its configuration, anew for each start and each change."""

    def __init__(
        self, program: str, directory: Path, base: Path, owner: int | None, render: Callable[[], Mapping[str, str]]
    ) -> None:
        """Prepare; ``owner`` is the user whom its files belong to where that is not us."""
        self._program = program
        self._directory = directory
        self._base = base
        self._owner = owner
        self._render = render
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._not_before = 0.0
        self._pause = PAUSE_SECONDS
        self._told_at: float | None = None  # when a running one was told to leave
        self._stopping = False
        self._looked_at = 0.0

    @property
    def pid(self) -> int | None:
        """The running one's process id."""
        return self._process.pid if self._process is not None else None

    @property
    def gone(self) -> bool:
        """Whether nothing of it runs any more."""
        return self._process is None

    def turn(self) -> None:
        """Do what is due now; called about twice a second, and when a child of the process has ended."""
        now = time.monotonic()
        if self._process is None:
            if not self._stopping and now >= self._not_before and self._alone(now):
                self._start(now)
            return
        self._report(self._process.stderr)
        if self._process.poll() is not None:
            self._mourn(self._process, now)
        elif self._told_at is not None and now - self._told_at > LEAVE_SECONDS:
            _log.error("Dovecot does not leave, killing it", pid=self._process.pid)
            self._process.kill()
        elif now - self._looked_at > LOOK_SECONDS:
            self._looked_at = now
            self._rotate(self._process)

    def end_former(self) -> None:
        """End what a killed supervisor has left, before its ports are looked at; this waits.

        Raises:
            ConfigurationError: it belongs to a server that lives.
        """
        pid = _running(self._base / "master.pid", self._directory / dovecot.CONF)
        if pid is not None and _has_server(pid):
            raise ConfigurationError(f"another server runs the mail in {self._directory}")
        until = time.monotonic() + 2 * LEAVE_SECONDS
        while not self._alone(time.monotonic()) and time.monotonic() < until:
            time.sleep(0.1)

    def renew(self) -> None:
        """Write the configuration anew, and have a running one read it if it has changed."""
        try:
            changed = self._written()
        except (FolkmootError, OSError) as error:
            _log.error("Dovecot keeps its old configuration", reason=str(error))
            return
        if changed and self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """Tell it to leave; ``gone`` tells when it has."""
        self._stopping = True
        if self._process is not None and self._told_at is None:
            self._told_at = time.monotonic()
            self._process.terminate()

    def reopen_log(self) -> None:
        """Have it open its log again, which somebody has renamed."""
        if self._process is not None:
            self._process.send_signal(signal.SIGUSR1)

    def _start(self, now: float) -> None:
        self._started = now
        self._told_at = None
        try:
            self._written()
            self._process = subprocess.Popen(  # noqa: S603 - a program of the system, and a name of ours
                [self._program, "-F", "-c", str(self._directory / dovecot.CONF)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd="/",
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                start_new_session=True,  # Ctrl-C is for the supervisor, which then stops this one
                preexec_fn=_leave_with_parent,  # noqa: PLW1509 - the supervisor has one thread
            )
        except (FolkmootError, OSError) as error:
            _log.error("Dovecot cannot be started", reason=str(error))
            self._wait(now)
            return
        if self._process.stderr is not None:
            os.set_blocking(self._process.stderr.fileno(), False)
        _log.info("Dovecot started", pid=self._process.pid)

    def _written(self) -> bool:
        self._base.mkdir(mode=0o755, parents=True, exist_ok=True)  # Dovecot wants to look into it as any of its users
        changed = [write_private(self._directory / name, text) for name, text in self._render().items()]
        if self._owner is not None:
            for path in (self._directory, *self._directory.iterdir()):
                if path != self._base:
                    os.chown(path, self._owner, -1)
        return any(changed)

    def _mourn(self, process: subprocess.Popen[bytes], now: float) -> None:
        self._report(process.stderr)
        if process.stderr is not None:
            process.stderr.close()
        self._process = None
        if self._told_at is not None:
            _log.info("Dovecot stopped")
            return
        if now - self._started > LASTING_SECONDS:
            self._pause = PAUSE_SECONDS
        _log.error("Dovecot died", status=process.returncode, again_in=self._pause)
        self._wait(now)

    def _wait(self, now: float) -> None:
        self._not_before = now + self._pause
        self._pause = min(self._pause * 2, PAUSE_MAX_SECONDS)

    def _alone(self, now: float) -> bool:
        """Return whether no other Dovecot has our directory; one that a killed supervisor has left is told to go."""
        pid = _running(self._base / "master.pid", self._directory / dovecot.CONF)
        if pid is None:
            self._told_at = None
            return True
        if self._told_at is None:
            _log.warning("ending a Dovecot that a former server has left", pid=pid)
            self._told_at = now
            _send(pid, signal.SIGTERM)
        elif now - self._told_at > LEAVE_SECONDS:
            _send(pid, signal.SIGKILL)
        return False

    def _report(self, errors: IO[bytes] | None) -> None:
        if errors is None:
            return
        try:
            text = os.read(errors.fileno(), ERRORS_MAX)
        except BlockingIOError:
            return
        for line in text.decode("utf-8", "replace").splitlines():
            words = line.strip()[:LINE_MAX]
            if not words:
                continue
            say = _log.warning if "Warning:" in words else _log.error
            if any(ours in words for ours in _ORDERS):
                say = _log.debug
            say("Dovecot", said=words)

    def _rotate(self, process: subprocess.Popen[bytes]) -> None:
        log = self._directory / "dovecot.log"
        with suppress(OSError):
            if log.stat().st_size > LOG_MAX:
                log.replace(log.with_suffix(".log.1"))
                process.send_signal(signal.SIGUSR1)


def _leave_with_parent() -> None:
    """Have the kernel end this process should the supervisor be killed."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _running(pid_file: Path, configuration: Path) -> int | None:
    """Return the process of a pid file if it lives and has this configuration."""
    try:
        pid = int(pid_file.read_text("ascii"))
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if os.fsencode(configuration) in words else None


def _has_server(pid: int) -> bool:
    """Return whether a process is the child of a Folkmoot."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8", "replace")
        parent = next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:"))
        return b"folkmoot" in Path(f"/proc/{parent}/cmdline").read_bytes()
    except (OSError, StopIteration):
        return False


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
