"""Whether Dovecot can run here, and what is said where it cannot."""

import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path

import pytest

from folkmoot.core.errors import ConfigurationError
from folkmoot.stack import running
from folkmoot.stack.running import find_dovecot, runnable


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which Dovecot is installed, as far as files tell."""
    library = tmp_path / "lib"
    for part in running._PARTS:
        (library / part).parent.mkdir(parents=True, exist_ok=True)
        (library / part).touch()
    program = tmp_path / "dovecot"
    program.write_text("#!/bin/sh\necho '2.3.19.1 (9b53102964)'\n")
    program.chmod(0o755)
    monkeypatch.setattr(running, "_LIBRARIES", (library,))
    monkeypatch.setattr(shutil, "which", lambda *_args, **_named: str(program))
    return tmp_path


def test_an_installed_dovecot_is_found(installed: Path) -> None:
    assert find_dovecot() == str(installed / "dovecot")


@pytest.mark.parametrize("part", running._PARTS)
def test_a_part_that_is_missing_is_answered_with_what_installs_it(installed: Path, part: str) -> None:
    (installed / "lib" / part).unlink()
    with pytest.raises(ConfigurationError, match=r"apt-get install -y .*dovecot-auth-lua"):
        find_dovecot()


def test_so_is_a_missing_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_named: None)
    with pytest.raises(ConfigurationError, match="apt-get install"):
        find_dovecot()


def test_another_version_is_refused_as_it_would_not_understand_us(installed: Path) -> None:
    (installed / "dovecot").write_text("#!/bin/sh\necho '2.4.1 (abc)'\n")
    with pytest.raises(ConfigurationError, match=r"2\.4\.1"):
        find_dovecot()


def test_a_program_that_does_not_answer_is_refused(installed: Path) -> None:
    (installed / "dovecot").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(ConfigurationError):
        find_dovecot()


def test_an_ordinary_user_runs_everything_as_itself(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = pwd.getpwnam("nobody")
    monkeypatch.setattr(os, "geteuid", lambda: nobody.pw_uid)
    monkeypatch.setattr(os, "getegid", lambda: nobody.pw_gid)
    found = runnable(str(installed))
    assert (found.runs_as.one, found.runs_as.mail, found.owner) == (True, "nobody", None)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives directories to others")
@pytest.mark.usefixtures("installed")
def test_as_root_dovecots_user_is_let_through_and_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon = pwd.getpwnam("daemon")
    monkeypatch.setattr(running, "_SYSTEM_USER", "daemon")
    monkeypatch.setattr(running, "_LOGIN_USER", "nobody")
    open_way = Path(tempfile.mkdtemp())
    state = open_way / "state"
    try:
        open_way.chmod(0o755)
        state.mkdir(mode=0o700)
        found = runnable(str(state))
        assert (found.runs_as.one, found.owner) == (False, daemon.pw_uid)
        assert (stat.S_IMODE(state.stat().st_mode), state.stat().st_gid) == (0o710, daemon.pw_gid)
        open_way.chmod(0o700)
        with pytest.raises(ConfigurationError, match="cannot pass"):
            runnable(str(state))
    finally:
        state.rmdir()
        open_way.rmdir()
