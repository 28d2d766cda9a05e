"""Radicale and Xandikos, from an environment of their own."""

import subprocess
from pathlib import Path
from typing import Final

from bench.mariadb import PASSWORD, PEOPLE
from bench.processes import Launcher, free_port, listening

ROOT: Final = Path(__file__).parents[1]
_ENVIRONMENT: Final = ROOT / ".cache" / "bench-others"


def start_radicale(launcher: Launcher, directory: Path) -> int:
    """Start Radicale with its own files and plain passwords; return its port."""
    port = free_port()
    directory.mkdir(parents=True, exist_ok=True)
    people = directory / "people"
    people.write_text("".join(f"load{number:03}:{PASSWORD}\n" for number in range(1, PEOPLE + 1)))
    configuration = directory / "radicale.conf"
    configuration.write_text(
        f"""[server]
hosts = 127.0.0.1:{port}
max_connections = 200
[auth]
type = htpasswd
htpasswd_filename = {people}
htpasswd_encryption = plain
[storage]
filesystem_folder = {directory / "collections"}
[logging]
level = warning
"""
    )
    command = [_installed("python"), "-m", "radicale", "--config", str(configuration)]
    launcher.start("radicale", command, ready=lambda: listening(port))
    return port


def start_xandikos(launcher: Launcher, directory: Path) -> int:
    """Start Xandikos, which believes the user that nginx names; return its port."""
    port = free_port()
    (directory / "collections").mkdir(parents=True, exist_ok=True)
    (directory / "state").mkdir(exist_ok=True)
    command = [_installed("xandikos"), "multi-user", "-d", str(directory / "collections"), "--defaults"]
    command += ["--state-dir", str(directory / "state"), "-l", "127.0.0.1", "-p", str(port)]
    command += ["--trust-x-remote-user-from", "127.0.0.1", "--no-detect-systemd"]
    launcher.start("xandikos", command, ready=lambda: listening(port))
    return port


def _installed(program: str) -> str:
    """Return a program of the environment, which is made when it is first needed or its lock has changed."""
    make = '. scripts/environment.sh; environment "$1" requirements/bench-others.lock'
    done = subprocess.run(["bash", "-euc", make, "bash", str(_ENVIRONMENT)], cwd=ROOT, check=False)
    if done.returncode != 0:
        raise SystemExit("the environment of Radicale and Xandikos cannot be made")
    return str(_ENVIRONMENT / "bin" / program)
