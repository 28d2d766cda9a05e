"""The parent process: binds once, keeps the wanted number of workers alive, passes signals on.

SIGTERM and SIGINT end everything within the deadline; SIGHUP reads the settings again and replaces the workers one by
one, each only after its successor answers; SIGUSR1 opens the log file again.  A worker that crashes is replaced, after
a growing pause; one whose event loop stands still for too long is killed and replaced; one that has grown too large is
replaced politely.  A companion, where there is one, lives as long as the workers do.  The supervisor itself opens no
database and runs no event loop, so that forking is safe.
"""

import contextlib
import gc
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Final, NoReturn, Protocol

import structlog

from folkmoot.core.errors import ConfigurationError
from folkmoot.server import worker
from folkmoot.server.logs import LogFile

log = structlog.get_logger()

PAUSE_SECONDS: Final = 0.5  # before a crashed worker is replaced; doubles while they keep crashing
PAUSE_MAX_SECONDS: Final = 30.0
LASTING_SECONDS: Final = 10.0  # a worker that lived this long did not crash at start
START_SECONDS: Final = 120.0  # from fork to readiness; a slow directory or database may take its time
TURN_SECONDS: Final = 0.5  # the longest that a deadline is noticed late


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run; a new one may come with SIGHUP."""

    workers: int
    silence_seconds: float  # without a sign of life (WOWatchDogRequestTimeout); 0: no limit
    leave_seconds: float  # between the order to leave and the kill
    run: Callable[[socket.socket], int]  # runs in the child with its end of the channel; returns the exit status


class Companion(Protocol):
    """Another child of ours, which starts and ends processes by itself and never waits."""

    @property
    def gone(self) -> bool:
        """Whether nothing of it runs."""

    def turn(self) -> None:
        """Do what is due."""

    def stop(self) -> None:
        """Begin to leave."""

    def reopen_log(self) -> None:
        """Open the log again."""


@dataclass(slots=True)
class _Child:
    pid: int
    channel: socket.socket
    generation: int
    started: float
    heard: float
    ready: bool = False
    leaving_since: float | None = None
    replaced: bool = False


class Supervisor:
    """Runs the plan until told to stop."""

    def __init__(
        self, plan: Plan, *, again: Callable[[], Plan], log_file: LogFile, companion: Companion | None = None
    ) -> None:
        self._plan = plan
        self._again = again
        self._log_file = log_file
        self._companion = companion
        self._children: dict[int, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._generation = 0
        self._stopping = False
        self._ever_ready = False
        self._useless = False
        self._pause = PAUSE_SECONDS
        self._not_before = 0.0
        self._pending: list[int] = []

    def run(self) -> int:
        """Return the exit status of the whole server."""
        waker, wakes = socket.socketpair()
        wakes.setblocking(False)
        waker.setblocking(False)
        self._selector.register(waker, selectors.EVENT_READ)
        signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD)
        before = {number: signal.signal(number, self._noted) for number in signals}
        signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
        gc.collect()
        gc.freeze()  # what exists now is shared with the workers; counting it would copy its pages
        try:
            while not self._over():
                self._turn()
                for key, _ in self._selector.select(TURN_SECONDS):
                    if key.fileobj is waker:
                        with contextlib.suppress(BlockingIOError):
                            waker.recv(4096)
                    else:
                        self._hear(self._children[key.data])
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()
            waker.close()
            wakes.close()
        return 1 if self._useless else 0

    def _over(self) -> bool:
        return self._stopping and not self._children and (self._companion is None or self._companion.gone)

    def _noted(self, number: int, _frame: FrameType | None) -> None:
        self._pending.append(number)

    def _turn(self) -> None:
        while self._pending:
            self._obey(self._pending.pop(0))
        self._bury()
        self._accompany()
        now = time.monotonic()
        for child in list(self._children.values()):
            self._watch(child, now)
        if self._stopping:
            return
        serving = [c for c in self._children.values() if c.leaving_since is None and not c.replaced]
        current = [c for c in serving if c.generation == self._generation]
        if len(current) < self._plan.workers and now >= self._not_before and all(c.ready for c in current):
            self._fork()
            return
        self._retire([c for c in serving if c.generation != self._generation], ready=sum(c.ready for c in current))

    def _accompany(self) -> None:
        """Let the companion begin once a worker answers, and end when no worker needs it any more."""
        if self._companion is None or not (self._ever_ready or self._stopping):
            return
        if self._stopping and not self._children:
            self._companion.stop()
        self._companion.turn()

    def _retire(self, old: list[_Child], *, ready: int) -> None:
        """Send old workers away, one for each new one that answers; the last ones when all new ones do."""
        surplus = len(old) if ready >= self._plan.workers else len(old) + ready - self._plan.workers
        for child in old[: max(0, surplus)]:
            self._dismiss(child)

    def _obey(self, number: int) -> None:
        match number:
            case signal.SIGTERM | signal.SIGINT:
                if not self._stopping:
                    log.info("stopping")
                self._stopping = True
                for child in self._children.values():
                    self._dismiss(child)
            case signal.SIGHUP:
                self._renew()
            case signal.SIGUSR1:
                self._log_file.reopen()
                for child in self._children.values():
                    _send_signal(child.pid, signal.SIGUSR1)
                if self._companion is not None:
                    self._companion.reopen_log()
            case _:
                pass

    def _renew(self) -> None:
        try:
            self._plan = self._again()
        except ConfigurationError as error:
            log.error("settings not taken over, the old ones stay", reason=str(error))
            return
        self._generation += 1
        self._not_before = 0.0
        log.info("replacing workers", generation=self._generation)

    def _fork(self) -> None:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            self._become_worker(ours, theirs)
        theirs.close()
        ours.setblocking(False)
        now = time.monotonic()
        child = _Child(pid, ours, self._generation, started=now, heard=now)
        self._children[pid] = child
        self._selector.register(ours, selectors.EVENT_READ, pid)

    def _become_worker(self, ours: socket.socket, theirs: socket.socket) -> NoReturn:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            ours.close()
            for child in self._children.values():
                child.channel.close()
            self._selector.close()
            status = self._plan.run(theirs)
        except BaseException as error:  # the end of this process; the log is all that remains of it
            log.error("worker failed", exc_info=error)
        finally:
            os._exit(status)

    def _hear(self, child: _Child) -> None:
        try:
            words = child.channel.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            words = b""
        if not words:
            self._selector.unregister(child.channel)
            return
        child.heard = time.monotonic()
        if worker.READY in words:
            child.ready = self._ever_ready = True
            log.info("worker ready", worker=child.pid)
        if worker.TOO_BIG in words and not child.replaced and child.leaving_since is None:
            log.warning("worker too large, replacing it", worker=child.pid)
            child.replaced = True

    def _watch(self, child: _Child, now: float) -> None:
        """Kill what does not answer, does not start or does not leave; dismiss what has a successor."""
        if child.leaving_since is not None:
            overdue = now - child.leaving_since > self._plan.leave_seconds
        elif not child.ready:
            overdue = now - child.started > START_SECONDS
        else:
            overdue = 0 < self._plan.silence_seconds < now - child.heard
            if now - child.started > LASTING_SECONDS:
                self._pause = PAUSE_SECONDS
        if overdue:
            log.error("worker does not answer, killing it", worker=child.pid)
            _send_signal(child.pid, signal.SIGKILL)
        if child.replaced and child.leaving_since is None:
            others = [c for c in self._children.values() if c.ready and not c.replaced and c.leaving_since is None]
            if len(others) >= self._plan.workers:
                self._dismiss(child)

    def _dismiss(self, child: _Child) -> None:
        if child.leaving_since is None:
            child.leaving_since = time.monotonic()
            _send_signal(child.pid, signal.SIGTERM)

    def _bury(self) -> None:
        for pid in list(self._children):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found == 0:
                continue
            child = self._children.pop(pid)
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(child.channel)
            child.channel.close()
            if child.leaving_since is None:
                self._mourn(child, os.waitstatus_to_exitcode(status))

    def _mourn(self, child: _Child, status: int) -> None:
        """A worker died unasked: decide whether and when to replace it."""
        if not self._ever_ready and status == worker.EXIT_CANNOT_START:
            self._useless = self._stopping = True
            for other in self._children.values():
                self._dismiss(other)
            return
        if time.monotonic() - child.started < LASTING_SECONDS:
            self._not_before = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, PAUSE_MAX_SECONDS)
        log.error("worker died", worker=child.pid, status=status)


def _send_signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
