"""Precedence: arguments, environment, GNUstep's defaults, sogo.conf, debconf.conf, built-in defaults."""

from pathlib import Path

import pytest

from folkmoot.config.kinds import ListenAddress
from folkmoot.config.load import load, standard_files, take_overrides
from folkmoot.core.errors import ConfigurationError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".GNUstepDefaults").write_text(
        "{ NSGlobalDomain = { SOGoPageTitle = global; }; sogod = { SOGoPageTitle = defaults; WOPort = 1001; }; }"
    )
    (tmp_path / "sogo.conf").write_text("{ SOGoPageTitle = sogo; WOPort = 1002; SOGoMailDomain = sogo; }")
    (tmp_path / "debconf.conf").write_text("{ SOGoMailDomain = debconf; SOGoHelpURL = debconf; }")
    return tmp_path


def files(home: Path) -> list[Path]:
    return [home / ".GNUstepDefaults", home / "sogo.conf", home / "debconf.conf"]


def test_the_strongest_origin_of_each_key_wins(home: Path) -> None:
    settings = load(["-WOWorkersCount", "4"], {"FOLKMOOT_SOGoLanguage": "Dutch"}, files(home))
    assert settings.server.workers == 4
    assert settings.general.language == "Dutch"
    assert (settings.web.page_title, settings.server.listen.port) == ("defaults", 1001)
    assert settings.people.mail_domain == "sogo"
    assert settings.web.help_url == "debconf"
    assert settings.web.favicon == "sogo.ico"


def test_arguments_win_over_the_environment_and_the_environment_over_files(home: Path) -> None:
    environment = {"FOLKMOOT_WOPort": "1003", "FOLKMOOT_SOGoPageTitle": "environment"}
    settings = load(["-WOPort", "127.0.0.1:1004"], environment, files(home))
    assert settings.server.listen == ListenAddress("127.0.0.1", 1004)
    assert settings.web.page_title == "environment"


def test_the_stock_units_arguments_are_taken() -> None:
    arguments = ["-WOWorkersCount", "3", "-WOPidFile", "/run/sogo/sogo.pid", "-WOLogFile", "-"]
    settings = load(arguments, {}, [])
    assert (settings.server.workers, settings.server.pid_file, settings.logging.file) == (3, "/run/sogo/sogo.pid", "-")
    assert settings.faults == ()


def test_prefork_sets_the_number_of_workers_unless_ours_does() -> None:
    assert load([], {"PREFORK": "7"}, []).server.workers == 7
    assert load([], {"PREFORK": "7", "FOLKMOOT_WOWorkersCount": "8"}, []).server.workers == 8
    assert load(["-WOWorkersCount", "9"], {"PREFORK": "7"}, []).server.workers == 9


@pytest.mark.parametrize("value", ['["anna", "bob"]', "(anna, bob)", '("anna", "bob",)'])
def test_structured_variables_are_json_or_property_lists(value: str) -> None:
    assert load([], {"FOLKMOOT_SOGoSuperUsernames": value}, []).security.superusers == ("anna", "bob")
    assert load(["-SOGoSuperUsernames", value], {}, []).security.superusers == ("anna", "bob")


def test_our_own_parameters_need_not_say_folkmoot_twice() -> None:
    settings = load([], {"FOLKMOOT_DatabaseURL": "sqlite:///srv/a", "FOLKMOOT_FolkmootLogFormat": "json"}, [])
    assert settings.database_url.database == "/srv/a"
    assert settings.logging.format == "json"


def test_without_a_file_the_embedded_default_keeps_to_the_users_own_places() -> None:
    settings = load([], {"STATE_DIRECTORY": "/srv/state"}, [])
    assert settings.database_url.database == "/srv/state/folkmoot.sqlite"
    assert (settings.logging.file, settings.server.pid_file) == ("-", "")
    assert load([], {"FOLKMOOT_StateDirectory": "/x", "STATE_DIRECTORY": "/y"}, []).server.state_directory == "/x"


def test_faults_that_do_not_stop_the_server_are_listed(home: Path) -> None:
    (home / "sogo.conf").write_text("{ SOGoTimeZnoe = UTC;\n SOGoMailingMechanism = pigeon; }")
    settings = load(["stray", "-WOPort"], {}, [home / "sogo.conf"])
    shown = [str(fault) for fault in settings.faults]
    assert "command line: expected -Key value, found 'stray'" in shown
    assert "command line: WOPort: has no value" in shown
    assert f"{home}/sogo.conf:1: SOGoTimeZnoe: unknown key; did you mean SOGoTimeZone?" in shown
    assert any(one.startswith(f"{home}/sogo.conf:2: SOGoMailingMechanism: expected one of") for one in shown)


def test_an_empty_file_is_skipped_with_a_warning(home: Path) -> None:
    (home / "sogo.conf").write_text("")
    settings = load([], {}, files(home))
    assert settings.people.mail_domain == "debconf"
    assert [str(fault) for fault in settings.faults] == [f"{home}/sogo.conf: empty file skipped"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{ a = ", "sogo.conf: line 1"),
        ("{ WOPort = nowhere; }", "sogo.conf:1: WOPort"),
        ("{ OCSFolderInfoURL = 'oracle://u:p@h/d/t'; }", "oracle"),
        ("{ SOGoSecretType = plain; SOGoSecretValue = short; }", "32 characters"),
        ("{ SOGoSecretType = env; SOGoSecretValue = SECRET; }", "'SECRET' must hold"),
        (
            "{ SOGoUserSources = ({ type = sql; id = a; viewURL = 'mysql://h/d/t'; authenticationFilter = 'a='; }); }",
            "filter",
        ),
    ],
)
def test_what_the_server_cannot_start_with_is_raised_with_its_place(tmp_path: Path, text: str, part: str) -> None:
    (tmp_path / "sogo.conf").write_text(text)
    with pytest.raises(ConfigurationError, match=part):
        load([], {}, [tmp_path / "sogo.conf"])


def test_a_secret_in_the_environment_is_put_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "sogo.conf").write_text("{ SOGoSecretType = env; SOGoSecretValue = SECRET; }")
    settings = load([], {"SECRET": "s" * 32}, [tmp_path / "sogo.conf"])
    assert settings.security.secret_value == "s" * 32


def test_an_unreadable_file_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load([], {}, [tmp_path])


def test_files_that_do_not_exist_are_passed_over(tmp_path: Path) -> None:
    assert load([], {}, standard_files(tmp_path)[:2]).faults == ()


def test_tools_part_overrides_from_their_own_arguments() -> None:
    overrides, others = take_overrides(["-v", "backup", "-SOGoTimeZone", "UTC", "/srv/x", "-p", "cred"])
    assert overrides == ["-SOGoTimeZone", "UTC"]
    assert others == ["-v", "backup", "/srv/x", "-p", "cred"]
