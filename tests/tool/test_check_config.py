"""``folkmoot check-config FILE``."""

from pathlib import Path

from click.testing import CliRunner

from folkmoot.tool.check_config import check_config

FIXTURES = Path(__file__).parents[1] / "fixtures" / "config"


def test_a_sound_file_exits_0_and_tells_what_is_not_acted_on_yet() -> None:
    result = CliRunner().invoke(check_config, [str(FIXTURES / "article" / "sogo-sql-users.conf")])
    assert result.exit_code == 0
    assert result.output.endswith("No errors, no warnings.\n")
    assert "SOGoPasswordChangeEnabled" in result.output


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
