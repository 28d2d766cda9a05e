"""``folkmoot check-config FILE``."""

import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from folkmoot.tool.check_config import check_config

FIXTURES = Path(__file__).parents[1] / "fixtures" / "config"


def test_a_sound_file_exits_0_and_tells_what_is_not_acted_on_yet() -> None:
    result = CliRunner().invoke(check_config, [str(FIXTURES / "article" / "sogo-sql-users.conf")])
    assert result.exit_code == 0
    assert result.output.endswith("No errors, no warnings.\n")
    assert "SOGoMaximumPingInterval" in result.output


def test_a_faulty_file_exits_1_with_every_fault_on_a_line(tmp_path: Path) -> None:
    path = tmp_path / "sogo.conf"
    path.write_text(
        "{\n WOWorkersCount = many;\n SOGoMailDomian = x;\n SOGoTimeZone = UTC; FolkmootDatabaseURL = 'sqlite://';\n}"
    )
    result = CliRunner().invoke(check_config, ["--quiet", str(path)])
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{path}:2: error: WOWorkersCount: expected a whole number, found 'many'",
        f"{path}:3: error: SOGoMailDomian: unknown key; did you mean SOGoMailDomain?",
        "2 errors, no warnings.",
    ]


def test_a_file_is_checked_without_loading_the_server() -> None:
    program = "import sys; from folkmoot.tool.main import main\ntry: main()\nfinally: print(*sys.modules, sep=chr(10))"
    path = FIXTURES / "article" / "sogo-sql-users.conf"
    done = subprocess.run(
        [sys.executable, "-c", program, "check-config", path], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.splitlines()
    assert "folkmoot.config.load" in loaded
    assert not {"sqlalchemy", "uvicorn", "asyncio", "folkmoot.server", "folkmoot.database"}.intersection(loaded)
