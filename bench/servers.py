"""Starts the servers to compare, side by side on this machine, and stops them again."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench import state
from bench.groupware import FLAVOURS, start_folkmoot, start_sogo
from bench.mariadb import MariaDB
from bench.nginx import start_nginx
from bench.others import start_radicale, start_xandikos
from bench.processes import Launcher, alive, as_user, stop
from bench.state import Running, State

NAMES: Final = ("folkmoot", *FLAVOURS, "radicale", "xandikos")  # the first one that runs is compared with the others
_ON_MARIADB: Final = frozenset({"folkmoot", *FLAVOURS})
_DAV_ROOTS: Final = {"radicale": "/", "xandikos": "/"}
_LOGS: Final = "log"


def up(names: Sequence[str], directory: Path) -> State:
    """Start servers and what they need; if one does not start, none stays.

    Raises:
        SystemExit: a program is missing, a server does not start, or some are running already.
    """
    directory = directory.absolute()
    running = state.load(directory)
    if running is not None and any(map(alive, running.processes)):
        raise SystemExit("servers are up already: python -m bench down")
    wanted = [name for name in NAMES if name in names]
    logs = directory / _LOGS
    logs.mkdir(parents=True, exist_ok=True)
    _refuse_hidden(directory)
    launcher = Launcher(logs)
    try:
        servers = _started(launcher, wanted, directory)
    except BaseException:
        for process in reversed(launcher.started):
            stop(process)
        raise
    found = State(tuple(servers), tuple(launcher.started))
    state.save(directory, found)
    return found


def down(directory: Path, *, keep: bool = False) -> None:
    """Stop what ``up`` started and remove its data; logs stay."""
    running = state.load(directory)
    for process in reversed(running.processes if running is not None else ()):
        print(f"stopping {process.name}", file=sys.stderr)
        stop(process)
    state.forget(directory)
    if not keep and directory.is_dir():
        for entry in directory.iterdir():
            if entry.name != _LOGS:
                shutil.rmtree(entry)


def _started(launcher: Launcher, names: Sequence[str], directory: Path) -> list[Running]:
    mariadb = MariaDB(directory / "mariadb")
    if _ON_MARIADB.intersection(names):
        print("starting mariadb", file=sys.stderr)
        mariadb.start(launcher)
    uses: dict[str, tuple[str, ...]] = {}
    ports: dict[str, int] = {}
    for name in names:
        print(f"starting {name}", file=sys.stderr)
        before = len(launcher.started)
        ports[name] = _start(launcher, name, mariadb, directory / name)
        shared = ("mariadb", "nginx") if name in _ON_MARIADB else ("nginx",)
        uses[name] = (*(process.name for process in launcher.started[before:]), *shared)
    proxied = start_nginx(launcher, ports, directory / "nginx")
    return [
        Running(
            name,
            url=f"http://127.0.0.1:{proxied[name]}{_DAV_ROOTS.get(name, '/SOGo/dav')}",
            direct=f"http://127.0.0.1:{ports[name]}{_DAV_ROOTS.get(name, '/SOGo/dav')}",
            uses=uses[name],
        )
        for name in names
    ]


def _start(launcher: Launcher, name: str, mariadb: MariaDB, own: Path) -> int:
    match name:
        case "folkmoot":
            return start_folkmoot(launcher, mariadb, own)
        case "radicale":
            return start_radicale(launcher, own)
        case "xandikos":
            return start_xandikos(launcher, own)
        case _:
            return start_sogo(launcher, name, mariadb, own)


def _refuse_hidden(directory: Path) -> None:
    """Leave if the unprivileged users that servers run as under root cannot reach the directory."""
    if os.geteuid() == 0:
        reached = subprocess.run([*as_user("nobody")[:2], "--clear-groups", "--", "test", "-x", directory], check=False)
        if reached.returncode != 0:
            raise SystemExit(f"{directory}: closed to other users; choose another place with --state")
