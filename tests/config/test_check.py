"""Checking a file: all faults at once, each with key and line."""

from pathlib import Path

import pytest

from folkmoot.config.check import check
from folkmoot.config.faults import Severity
from folkmoot.config.load import load

FIXTURES = Path(__file__).parents[1] / "fixtures" / "config"
ARTICLE = sorted((FIXTURES / "article").glob("*.conf"))

FAULTY = """{
  SOGoProfileURL = "mysql://sogo:pw@localhost/sogo/sogo_user_profile";
  OCSFolderInfoURL = "oracle://sogo:pw@localhost/sogo/sogo_folder_info";
  SOGoMailDomian = example.com;
  SOGoTimeZone = Mars/Olympus;
  WOWorkersCount = many;
  SOGoMailMessageCheck = manually;
  SOGoSecretType = plain;
  SOGoSecretValue = short;
  SOGoMailingMechanism = pigeon;
  SOGoUserSources = (
    { type = sql; id = same; viewURL = "mysql://h/d/t"; },
    { type = sql; id = same; viewURL = "nonsense"; }
  );
  SOGoPageTitle = a;
  SOGoPageTitle = b;
  SoSecurityManagerDebugEnabled = YES;
}
"""


def test_the_published_configurations_are_there() -> None:
    assert [path.name for path in ARTICLE] == ["sogo-active-directory.conf", "sogo-sql-users.conf", "sogo.conf"]


@pytest.mark.parametrize("path", ARTICLE, ids=lambda path: path.name)
def test_the_published_configurations_have_no_fault(path: Path) -> None:
    report = check(path.read_bytes(), str(path))
    assert report.faults == ()
    assert load([], {}, [path]).general.time_zone == "America/Chicago"


def test_every_fault_is_told_at_once_with_key_and_line() -> None:
    report = check(FAULTY, "f")
    assert [(fault.line, fault.key) for fault in report.faults] == [
        (3, "OCSFolderInfoURL"),
        (4, "SOGoMailDomian"),
        (5, "SOGoTimeZone"),
        (6, "WOWorkersCount"),
        (7, "SOGoMailMessageCheck"),
        (9, "SOGoSecretValue"),
        (10, "SOGoMailingMechanism"),
        (11, "SOGoUserSources"),
        (13, "SOGoUserSources.2.viewURL"),
        (15, "SOGoPageTitle"),
        (0, "OCSSessionsFolderURL"),
    ]
    assert report.failed


def test_a_misspelt_key_is_told_which_was_meant() -> None:
    messages = [fault.message for fault in check(FAULTY).faults]
    assert "unknown key; did you mean SOGoMailDomain?" in messages


def test_source_ids_must_differ_in_the_whole_file() -> None:
    source = '{ type = sql; id = people; viewURL = "mysql://h/d/t"; }'
    for text in (
        f"SOGoUserSources = ({source}, {source});",
        f"SOGoUserSources = ({source}); domains = {{ a.b = {{ SOGoUserSources = ({source}, {source}); }}; }};",
    ):
        assert any("more than one source has the id 'people'" in str(one) for one in check("{" + text + "}").faults)


@pytest.mark.parametrize(
    "key",
    [
        "SOGoCalendarDefaultCategoryColor",
        "SOGoMailMessageCheck",
        "SOGoMailPollingIntervals",
        "SOGoGlobalAddressBookFirstEntries",
        "SOGoGlobalAddressBookFirstEntriesCount",
        "WOApplicationRedirectURL",
    ],
)
def test_removed_keys_warn_and_are_no_error(key: str) -> None:
    faults = [fault for fault in check(f"{{ {key} = 1; }}").faults if fault.key == key]
    assert [fault.severity for fault in faults] == [Severity.WARNING]


@pytest.mark.parametrize("key", ["WOMessageUseUTF8", "SoProductLoaderDebugEnabled", "WODebugTakeValues", "WOProfileX"])
def test_debug_switches_of_the_libraries_are_passed_over(key: str) -> None:
    assert all(fault.key != key for fault in check(f"{{ {key} = YES; }}").faults)


def test_keys_not_acted_on_yet_are_listed_with_their_line() -> None:
    report = check("{\n SOGoHelpURL = x;\n domains = { a.b = {\n SOGoMailDisableETag = y; }; };\n WOPort = 20000; }")
    assert [(one.key, one.line) for one in report.unserved] == [
        ("SOGoHelpURL", 2),
        ("domains.a.b.SOGoMailDisableETag", 4),
    ]


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_file_is_skipped_with_a_warning(text: str) -> None:
    report = check(text)
    assert [fault.message for fault in report.faults] == ["empty file skipped"]
    assert not report.failed


@pytest.mark.parametrize("text", ["{ a = ", "(a, b)", "word", '<?xml version="1.0"?><plist><array/></plist>'])
def test_a_file_that_is_no_dictionary_is_fatal(text: str) -> None:
    assert Severity.FATAL in [fault.severity for fault in check(text).faults]


def test_no_break_spaces_are_told_with_line_and_column() -> None:
    report = check("{\n\u00a0SOGoTimeZone = UTC; FolkmootDatabaseURL = 'sqlite://';\n}", "f")
    assert [str(fault) for fault in report.faults] == [
        "f:2: no-break space at column 1, as pasted from a web page; type a space"
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("SOGoSecretType = plain; SOGoSecretValue = short;", "SOGoSecretValue"),
        ("SOGoSecretType = env;", "SOGoSecretValue"),
        ("SOGoURLEncryptionEnabled = YES; SOGoURLEncryptionPassphrase = short;", "SOGoURLEncryptionPassphrase"),
        ("SOGoAuthenticationType = openid;", "SOGoOpenIdClient"),
        ("SOGoAuthenticationType = cas;", "SOGoCASServiceURL"),
        ("OCSStoreURL = 'mysql://h/d/t';", "OCSAclURL"),
        ("SOGoLoginDomains = (a.b);", "SOGoLoginDomains"),
        ("SOGoForwardConstraints = 4;", "SOGoForwardConstraints"),
        ("SOGoSMTPAuthenticationType = PLAIN;", "SOGoSMTPAuthenticationType"),
        ("SOGoSMTPAuthenticationType = PLAIN; SOGoSMTPMasterUserEnabled = YES;", "SOGoSMTPAuthenticationType"),
        ("SOGoAppointmentSendEMailNotifications = YES;", "SOGoMailingMechanism"),
        ("domains = { a = { SOGoACLsSendEMailNotifications = YES; }; };", "domains.a.SOGoMailingMechanism"),
        ("OCSEMailAlarmsFolderURL = 'mysql://h/d/t';", "SOGoEnableEMailAlarms"),
        ("SOGoCalendarDefaultRoles = (PublicViewer, Reader);", "SOGoCalendarDefaultRoles.2"),
        (
            (
                "SOGoUserSources = ({ type = sql; id = a; viewURL = 'mysql://h/d/t'; "
                "userPasswordAlgorithm = sym-aes-128-cbc; });"
            ),
            "SOGoUserSources",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_told(text: str, fault: str) -> None:
    assert fault in [one.key for one in check("{" + text + "}").faults]


def test_what_the_system_and_a_domain_have_in_common_is_told_once() -> None:
    text = "{ SOGoSMTPAuthenticationType = PLAIN; domains = { a = { SOGoMailDomain = a; }; b = {}; }; }"
    keys = [one.key for one in check(text).faults]
    assert [key for key in keys if key.endswith("SOGoSMTPAuthenticationType")] == ["SOGoSMTPAuthenticationType"]


def test_mail_settings_that_go_together_are_not_told() -> None:
    account = "SOGoSMTPAuthenticationType = PLAIN; SOGoSMTPMasterUserEnabled = YES; SOGoSMTPMasterUserUsername = s;"
    mails = "SOGoMailingMechanism = smtp; SOGoEnableEMailAlarms = YES; OCSEMailAlarmsFolderURL = 'mysql://h/d/t';"
    told = [one.key for one in check("{" + account + mails + "}").faults]
    assert not {"SOGoSMTPAuthenticationType", "SOGoMailingMechanism", "SOGoEnableEMailAlarms"} & set(told)


def test_a_flood_of_unknown_keys_is_checked_in_reasonable_time() -> None:
    report = check("{" + "".join(f"key{number} = 1;" for number in range(5_000)) + "}")
    assert len(report.faults) >= 5_000
