from dataclasses import replace
from pathlib import Path

import pytest
from bench.processes import Launcher, alive, free_port, listening, require, stop


def test_a_process_lives_until_it_is_stopped_with_all_its_children(tmp_path: Path) -> None:
    launcher = Launcher(tmp_path)
    script = "trap '' TERM; sleep 60 & echo $! >child; wait"
    launcher.start("sleeper", ["sh", "-c", f"cd {tmp_path}; {script}"], ready=(tmp_path / "child").exists)
    (sleeper,) = launcher.started
    assert alive(sleeper)
    stop(sleeper, seconds=0.2)
    assert not alive(sleeper)
    child = Path("/proc", (tmp_path / "child").read_text().strip(), "stat")
    assert not child.exists() or child.read_text().split()[2] == "Z"


def test_descendants_with_a_session_of_their_own_end_too(tmp_path: Path) -> None:
    launcher = Launcher(tmp_path)
    script = f"cd {tmp_path}; setsid sh -c 'echo $$ >child; exec sleep 60' & wait"
    launcher.start("parent", ["sh", "-c", script], ready=lambda: bool(_read(tmp_path / "child")))
    child = Path("/proc", _read(tmp_path / "child"), "stat")
    assert child.exists()
    stop(launcher.started[0])
    assert not child.exists() or child.read_text().split()[2] == "Z"


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def test_another_process_with_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    launcher = Launcher(tmp_path)
    launcher.start("sleeper", ["sleep", "60"], ready=lambda: True)
    (sleeper,) = launcher.started
    earlier = replace(sleeper, began=sleeper.began - 1)
    assert not alive(earlier)
    stop(earlier)
    assert alive(sleeper)
    stop(sleeper)


def test_a_program_that_ends_too_early_is_reported_with_its_log(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no such option"):
        Launcher(tmp_path).start("broken", ["sh", "-c", "echo no such option >&2; exit 2"], ready=lambda: False)


def test_a_missing_program_is_reported_with_the_line_that_installs_it() -> None:
    with pytest.raises(SystemExit, match="apt-get install -y --no-install-recommends sogo memcached"):
        require("no-such-program", "sogo memcached")


def test_nobody_listens_on_a_free_port() -> None:
    assert not listening(free_port())
