"""Processes that outlive the command that started them, found again by pid and start time."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

START_SECONDS: Final = 60
STOP_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Process:
    """The first process of a server; it leads a session of its own, so all of its children can be ended with it."""

    name: str
    pid: int
    began: int  # clock ticks after boot: another process may get the same pid one day


def require(program: str, packages: str) -> str:
    """Return the path of a program, or leave with the line that installs it."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise SystemExit(f"{program} is missing: apt-get install -y --no-install-recommends {packages}")
    return found


def as_user(user: str) -> list[str]:
    """Return what goes before a command so that it runs as ``user``; nothing where we are not root ourselves."""
    if os.geteuid() != 0:
        return []
    return [require("setpriv", "util-linux"), f"--reuid={user}", f"--regid={user}", "--init-groups", "--"]


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Launcher:
    """Starts programs that stay in the foreground, with a log each."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.started: list[Process] = []

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start a program and wait until it is ready; leave with the end of its log if it is not in time."""
        log = self.logs / f"{name}.log"
        with log.open("ab") as output:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                cwd="/",
                env=environment,
            )
        child.returncode = 0  # it outlives us on purpose: nobody here waits for it
        process = Process(name, child.pid, _stat(child.pid)[1])
        self.started.append(process)
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if not alive(process) or time.monotonic() > deadline:
                raise SystemExit(
                    f"{name} does not start; {log} ends with:\n{log.read_text('utf-8', 'replace')[-2000:]}"
                )
            time.sleep(0.1)


def alive(process: Process) -> bool:
    """Return whether it still runs."""
    try:
        state, began = _stat(process.pid)
    except OSError:
        return False
    return began == process.began and state != "Z"


def stop(process: Process, *, seconds: float = STOP_SECONDS) -> None:
    """End a process, and whatever is left of its session and descendants; kill it if it has not ended in time."""
    if not alive(process):
        return
    below = _below(process.pid)  # SOGo's workers lead sessions of their own
    os.kill(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while alive(process) and time.monotonic() < deadline:
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for child in filter(alive, below):
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
    while any(map(alive, (process, *below))):
        time.sleep(0.01)


def listening(port: int) -> bool:
    """Return whether somebody accepts connections on a loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _below(pid: int) -> list[Process]:
    """Return all descendants of a process."""
    try:
        children = [int(each) for path in Path(f"/proc/{pid}/task").glob("*/children") for each in _words(path)]
        return [each for child in children for each in (Process("", child, _stat(child)[1]), *_below(child))]
    except OSError:  # it ended in this moment
        return []


def _words(path: Path) -> list[str]:
    return path.read_text().split()


def _stat(pid: int) -> tuple[str, int]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return fields[0], int(fields[19])
