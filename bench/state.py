"""What runs at present, kept in a file between ``up``, ``run`` and ``down``."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bench.processes import Process

STATE_DIRECTORY: Final = Path(".cache/bench")
_FILE: Final = "state.json"


@dataclass(frozen=True, slots=True)
class Running:
    """A server to measure: its DAV root behind nginx, and without nginx, and every process that works for it."""

    name: str
    url: str
    direct: str
    uses: tuple[str, ...]  # names of processes


@dataclass(frozen=True, slots=True)
class State:
    """The servers, and the processes in the order in which they were started."""

    servers: tuple[Running, ...]
    processes: tuple[Process, ...]

    def roots(self, server: Running) -> tuple[int, ...]:
        """Return the pids whose work and memory count as the server's."""
        return tuple(process.pid for process in self.processes if process.name in server.uses)


def load(directory: Path) -> State | None:
    """Return what was saved last, if anything was."""
    try:
        told = json.loads((directory / _FILE).read_text())
    except FileNotFoundError:
        return None
    servers = tuple(Running(**{**each, "uses": tuple(each["uses"])}) for each in told["servers"])
    return State(servers, tuple(Process(**each) for each in told["processes"]))


def save(directory: Path, state: State) -> None:
    """Replace what was saved."""
    fresh = directory / f"{_FILE}.new"
    fresh.write_text(json.dumps(asdict(state), indent=2) + "\n")
    fresh.replace(directory / _FILE)


def forget(directory: Path) -> None:
    """Remove what was saved."""
    (directory / _FILE).unlink(missing_ok=True)
