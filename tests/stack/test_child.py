"""The child that is Dovecot, with a program in its place that does as a test says."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from folkmoot.core.errors import ConfigurationError
from folkmoot.stack import child as child_module
from folkmoot.stack.child import DovecotChild

PROGRAM = """#!{python}
import os, pathlib, signal, sys, time
conf = pathlib.Path(sys.argv[3])
(conf.parent / "run" / "master.pid").write_text(f"{{os.getpid()}}\\n")
with open(conf.parent / "starts", "a") as starts:
    starts.write(conf.read_text())
signal.signal(signal.SIGHUP, lambda *_: (conf.parent / "reloaded").write_text(conf.read_text()))
if "stubborn" in conf.read_text():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "dies" in conf.read_text():
    sys.exit("Error: it cannot be")
(conf.parent / "up").touch()
while True:
    time.sleep(0.05)
"""


class Stage:
    """A child and what it is told."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.text = "calm\n"
        program = directory / "program"
        program.write_text(PROGRAM.format(python=sys.executable))
        program.chmod(0o755)
        self.child = self.another()

    def another(self) -> DovecotChild:
        return DovecotChild(
            str(self.directory / "program"),
            self.directory,
            self.directory / "run",
            None,
            lambda: {"dovecot.conf": self.text},
        )

    @property
    def starts(self) -> str:
        path = self.directory / "starts"
        return path.read_text() if path.exists() else ""

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline
            self.child.turn()
            time.sleep(0.01)

    def up(self) -> int:
        self.until((self.directory / "up").exists)
        (self.directory / "up").unlink()
        assert self.child.pid is not None
        return self.child.pid

    def end(self) -> None:
        self.child.stop()
        if self.child.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.child.pid, signal.SIGKILL)
        self.until(lambda: self.child.gone)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(child_module, "PAUSE_SECONDS", 0.01)
    made = Stage(tmp_path)
    yield made
    made.end()


def test_it_is_started_with_its_configuration_and_stopped(stage: Stage) -> None:
    pid = stage.up()
    stage.child.stop()
    stage.until(lambda: stage.child.gone)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    stage.child.turn()
    assert stage.child.gone


def test_one_that_dies_is_started_again(stage: Stage) -> None:
    first = stage.up()
    with capture_logs() as logs:
        os.kill(first, signal.SIGKILL)
        assert stage.up() != first
    assert any(entry["event"] == "Dovecot died" for entry in logs)


def test_one_that_cannot_live_is_tried_more_and_more_seldom_and_its_errors_are_ours(stage: Stage) -> None:
    stage.text = "dies\n"
    with capture_logs() as logs:
        stage.until(lambda: stage.starts.count("dies") >= 4)
        stage.until(lambda: sum(entry["event"] == "Dovecot died" for entry in logs) >= 3)
    pauses = [entry["again_in"] for entry in logs if entry["event"] == "Dovecot died"]
    assert pauses[:3] == sorted(pauses[:3])
    assert pauses[2] > pauses[0]
    assert any("it cannot be" in entry.get("said", "") for entry in logs)


def test_a_change_is_told_and_none_is_not(stage: Stage) -> None:
    stage.up()
    stage.child.renew()
    stage.text = "other\n"
    stage.child.renew()
    stage.until((stage.directory / "reloaded").exists)
    assert (stage.directory / "reloaded").read_text() == "other\n"


def test_a_configuration_that_cannot_be_made_leaves_the_old_one(stage: Stage) -> None:
    stage.up()
    stage.child._render = _fail
    with capture_logs() as logs:
        stage.child.renew()
    assert logs[0]["event"] == "Dovecot keeps its old configuration"
    assert not stage.child.gone


def _fail() -> dict[str, str]:
    raise ConfigurationError("no")


def test_one_that_does_not_leave_is_killed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "LEAVE_SECONDS", 0.2)
    stage.text = "stubborn\n"
    stage.up()
    stage.child.stop()
    stage.until(lambda: stage.child.gone)


def test_one_that_belongs_to_another_server_is_left_alone(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = stage.up()
    monkeypatch.setattr(child_module, "_has_server", lambda _: True)
    with pytest.raises(ConfigurationError, match="another server"):
        stage.another().end_former()
    os.kill(pid, 0)


def test_one_that_was_left_behind_is_ended_first(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = stage.up()
    monkeypatch.setattr(child_module, "_has_server", lambda _: False)
    stage.another().end_former()
    with capture_logs() as logs:
        stage.up()
    assert any(entry["event"] == "Dovecot died" for entry in logs), f"{pid} was told to leave"


def test_a_pid_file_of_something_else_is_ignored(stage: Stage) -> None:
    (stage.directory / "run").mkdir()
    (stage.directory / "run" / "master.pid").write_text(f"{os.getpid()}\n")
    stage.another().end_former()
    os.kill(os.getpid(), 0)


def test_a_log_that_has_grown_is_put_aside(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "LOG_MAX", 10)
    monkeypatch.setattr(child_module, "LOOK_SECONDS", 0)
    log = stage.directory / "dovecot.log"
    log.write_text("x" * 11)
    monkeypatch.setattr(signal, "SIGUSR1", signal.SIGHUP)  # which the program survives
    stage.up()
    stage.until(log.with_suffix(".log.1").exists)
    assert not log.exists()
