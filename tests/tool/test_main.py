import subprocess
import sys
from pathlib import Path

import pytest

from folkmoot import __version__
from folkmoot.tool import main as program
from folkmoot.tool.main import COMMANDS, folkmoot, main


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    assert isinstance(left.value.code, int)
    return left.value.code


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name, "--help") == 0
    assert f"Usage: folkmoot {name}" in capsys.readouterr().out


def test_help_names_every_command_without_loading_their_rooms() -> None:
    script = (
        "import sys; from folkmoot.tool.main import folkmoot; folkmoot(['--help'], standalone_mode=False);"
        "sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'uvicorn', 'lxml')))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert all(name in told.stdout for name in COMMANDS)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"Folkmoot {__version__}\n"


def test_an_expected_failure_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "sogo.conf"
    broken.write_text("{ WOPort = ")
    assert run("-c", str(broken), "user", "list") == 1
    told = capsys.readouterr().err
    assert told.startswith("folkmoot: ")
    assert "Traceback" not in told


def test_an_unknown_command_is_a_mistake_of_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("brew-coffee") == 2
    assert "brew-coffee" in capsys.readouterr().err


def test_parameters_stand_anywhere_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sogo.conf").write_text('{ WOLogFile = "-"; }')
    common = ["-c", str(tmp_path / "sogo.conf")]
    assert run(*common, "user", "list", "-FolkmootStateDirectory", str(tmp_path)) == 0
    assert (tmp_path / "folkmoot.sqlite").exists()
    assert capsys.readouterr().out == ""


def test_sogod_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(program, "main", called.append)
    monkeypatch.setattr(sys, "argv", ["sogod", "-WOWorkersCount", "3"])
    program.sogod()
    assert called == [["serve", "-WOWorkersCount", "3"]]


def test_nothing_but_known_commands_is_listed() -> None:
    assert set(folkmoot.commands) == set(), "commands are found in COMMANDS only"
