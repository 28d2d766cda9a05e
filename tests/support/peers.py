"""Other people's programs, run in the environment that ``./test peers`` makes for them."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

ENVIRONMENT: Final = Path(__file__).parents[2] / ".cache" / "peers" / "bin"


def peer(name: str) -> str:
    """Return the path of a program from the peers' environment."""
    program = ENVIRONMENT / name
    if not program.exists():
        pytest.fail(f"{name} is missing: ./test peers installs it", pytrace=False)
    return str(program)


def run(
    *command: str,
    cwd: Path,
    words: str = "",
    seconds: float = 120,
    status: int | None = 0,
    **variables: str,
) -> str:
    """Run a program with ``cwd`` as its home and return all that it prints; ``status`` None allows any."""
    environment: Mapping[str, str] = {
        "PATH": f"{os.environ['PATH']}:/usr/sbin",
        "HOME": str(cwd),
        "XDG_CONFIG_HOME": str(cwd / ".config"),
        "XDG_DATA_HOME": str(cwd / ".local/share"),
        "XDG_CACHE_HOME": str(cwd / ".cache"),
        "LC_ALL": "C.UTF-8",
        "TZ": "Europe/Prague",
        **variables,
    }
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        input=words.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds,
        check=False,
    )
    output = done.stdout.decode("utf-8", "replace")
    assert status is None or done.returncode == status, f"{command[0]} ended with {done.returncode}:\n{output[-6000:]}"
    return output
