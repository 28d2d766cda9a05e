"""When embedded mail is on by itself, and what it turns on."""

from pathlib import Path

import pytest

from folkmoot.config.load import load


def _of(tmp_path: Path, text: str, arguments: tuple[str, ...] = ()) -> tuple[bool, bool]:
    file = tmp_path / "sogo.conf"
    file.write_text(f"{{ {text} }}")
    settings = load(arguments, {}, [file])
    return settings.server.embedded_mail, settings.calendar.notify_invitations


@pytest.mark.parametrize("text", ["", "WOPort = 20001;", 'FolkmootStateDirectory = "/tmp/x";', "SOGoTimeZone = UTC;"])
def test_it_is_on_where_no_site_is_configured(tmp_path: Path, text: str) -> None:
    assert _of(tmp_path, text) == (True, True)


@pytest.mark.parametrize(
    "text",
    [
        'SOGoIMAPServer = "imap://mail.example.org";',
        "SOGoFallbackIMAP4Server = localhost;",
        'SOGoSMTPServer = "smtp://localhost";',
        'SOGoSieveServer = "sieve://localhost";',
        'SOGoProfileURL = "mysql://a:b@localhost/sogo/sogo_user_profile";',
        'OCSFolderInfoURL = "mysql://a:b@localhost/sogo/sogo_folder_info";',
        'FolkmootDatabaseURL = "postgresql://a:b@localhost/folkmoot";',
        "SOGoUserSources = ({ type = ldap; id = x; });",
        "domains = { example.org = { SOGoMailDomain = example.org; }; };",
        "FolkmootEmbeddedMail = NO;",
        "FolkmootEmbeddedMail = maybe;",
    ],
)
def test_it_surprises_no_site_of_somebodys_own(tmp_path: Path, text: str) -> None:
    assert _of(tmp_path, text) == (False, False)


def test_it_is_on_where_it_is_wanted_whatever_else_is_configured(tmp_path: Path) -> None:
    assert _of(tmp_path, "FolkmootEmbeddedMail = YES; SOGoSMTPServer = mail.example.org;") == (True, True)
    assert _of(tmp_path, "SOGoIMAPServer = localhost;", ("-FolkmootEmbeddedMail", "YES")) == (True, True)


def test_what_is_said_of_mails_counts_all_the_same(tmp_path: Path) -> None:
    assert _of(tmp_path, "SOGoAppointmentSendEMailNotifications = NO;") == (True, False)


def test_filters_and_vacation_are_open_where_our_own_sieve_serves_them(tmp_path: Path) -> None:
    file = tmp_path / "sogo.conf"
    file.write_text("{ }")
    sieve = load([], {}, [file]).sieve
    assert (sieve.vacation, sieve.forward, sieve.scripts) == (True, True, True)
