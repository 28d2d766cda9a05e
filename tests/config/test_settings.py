"""The tree of settings: defaults, kinds, old names, domains."""

import dataclasses
from ipaddress import ip_network

import pytest

from folkmoot.config.check import check
from folkmoot.config.faults import Severity
from folkmoot.config.kinds import ALL_ADDRESSES, ListenAddress
from folkmoot.config.qualifier import Comparison, Operator
from folkmoot.config.settings import Settings
from folkmoot.config.sources import LdapSource, SqlSource
from folkmoot.config.url import Dialect


def settings(text: str) -> Settings:
    return check("{" + text + "}").settings


def messages(text: str) -> list[str]:
    return [
        str(fault)
        for fault in check("{ SOGoTimeZone = UTC; FolkmootDatabaseURL = 'sqlite://'; " + text + "}", "f").faults
    ]


def test_without_anything_the_embedded_default_stands() -> None:
    default = Settings()
    assert default.server.listen == ListenAddress("127.0.0.1", 20000)
    assert default.database_url.dialect is Dialect.SQLITE
    assert default.database_url.database == "/var/lib/folkmoot/folkmoot.sqlite"
    assert default.people.sources == ()
    assert default.security.failed_logins_max == 0


def test_settings_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().server.workers = 2  # type: ignore[misc]  # what is tested


@pytest.mark.parametrize("written", ["YES", "yes", '"YES"', "1", '"1"', "true", "<*BY>", "<*I1>"])
def test_booleans_come_in_every_form(written: str) -> None:
    assert settings(f"SOGoEnablePublicAccess = {written};").security.public_access


@pytest.mark.parametrize("written", ["NO", "no", "0", '"0"', "false", "<*BN>", '""'])
def test_and_so_do_their_contraries(written: str) -> None:
    assert not settings(f"SOGoXSRFValidationEnabled = {written};").security.validate_request_origin


@pytest.mark.parametrize("written", ["15", "15.0", '"15"', "<*I15>", '" 15 "', "<*R15.0>"])
def test_numbers_come_bare_and_quoted(written: str) -> None:
    assert settings(f"WOWorkersCount = {written};").server.workers == 15


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("20000", ListenAddress(ALL_ADDRESSES, 20000)),
        ("127.0.0.1:20001", ListenAddress("127.0.0.1", 20001)),
        ('"[::1]:20000"', ListenAddress("::1", 20000)),
        ("*:20000", ListenAddress(ALL_ADDRESSES, 20000)),
        ("localhost:80", ListenAddress("localhost", 80)),
        ("unix:/run/folkmoot.sock", ListenAddress("", 0, "/run/folkmoot.sock")),
    ],
)
def test_every_form_of_woport_is_read(written: str, address: ListenAddress) -> None:
    assert settings(f"WOPort = {written};").server.listen == address


@pytest.mark.parametrize("written", ["0", "70000", "host", "::1:20000", "a b", '""', "(1)"])
def test_a_woport_that_cannot_be_bound_is_fatal(written: str) -> None:
    found = check("{ WOPort = " + (written if written[0] in '"(' else f'"{written}"') + "; }").faults
    assert any(fault.key == "WOPort" and fault.severity >= Severity.ERROR for fault in found)


def test_old_names_are_honoured_and_the_present_one_wins() -> None:
    assert settings("SOGoServerTimeZone = Asia/Tokyo;").general.time_zone == "Asia/Tokyo"
    both = "SOGoServerTimeZone = Asia/Tokyo; SOGoTimeZone = Europe/Paris;"
    assert settings(both).general.time_zone == "Europe/Paris"
    assert "f:1: SOGoDefaultMailDomain: old name of SOGoMailDomain" in messages("SOGoDefaultMailDomain = a.b;")


def test_a_value_of_the_wrong_kind_leaves_the_default_and_is_told() -> None:
    assert settings("WOWorkersCount = many;").server.workers == 1
    assert messages("WOWorkersCount = many;") == ["f:1: WOWorkersCount: expected a whole number, found 'many'"]


def test_one_bad_item_of_an_array_does_not_take_the_others_with_it() -> None:
    text = "SOGoCalendarDefaultRoles = (PublicViewer, Emperor, objectcreator);"
    assert settings(text).calendar.default_roles == ("PublicViewer", "ObjectCreator")
    assert messages(text)[0].startswith("f:1: SOGoCalendarDefaultRoles.2: expected one of")


def test_trusted_proxies_are_addresses_and_networks() -> None:
    found = settings("FolkmootTrustedProxies = (10.0.0.0/8, '2001:db8::1');").server.trusted_proxies
    assert found == (ip_network("10.0.0.0/8"), ip_network("2001:db8::1/128"))


def test_the_database_of_the_folder_registry_is_ours_unless_another_is_named() -> None:
    text = 'OCSFolderInfoURL = "mysql://sogo:pw@localhost/sogo/sogo_folder_info";'
    assert str(settings(text).database_url) == "mysql://localhost/sogo"
    assert str(settings(text + "FolkmootDatabaseURL = postgresql://h/other;").database_url) == "postgresql://h/other"


SOURCES = """SOGoUserSources = (
    { type = sql; id = people; viewURL = "mysql://u:p@h/d/users"; LoginFieldNames = (c_uid, mail);
      authenticationFilter = "active = '1'"; userPasswordAlgorithm = SSHA512.b64; MailFieldNames = (mail, aliases);
      userPasswordPolicy = ({ label = POLICY_MIN_LENGTH; value = 8; }); },
    { type = ldap; id = directory; baseDN = "dc=example,dc=com"; bindFields = "uid, mail"; filter = "mail='*'";
      bindPassword = hush; mapping = { displayname = (cn); }; ModulesConstraints = { Mail = { ou = staff; }; }; }
);"""


def test_user_sources_are_typed_by_their_kind() -> None:
    sql, ldap = settings(SOURCES).people.sources
    assert isinstance(sql, SqlSource)
    assert (sql.view_url.table, sql.login_fields, sql.mail_fields) == ("users", ("c_uid", "mail"), ("mail", "aliases"))
    assert sql.password_scheme == "ssha512.b64"
    assert sql.authentication_filter == Comparison("active", Operator.EQUAL, "1")
    assert (sql.password_policy[0].label, sql.password_policy[0].value) == ("POLICY_MIN_LENGTH", 8)
    assert isinstance(ldap, LdapSource)
    assert (ldap.bind_fields, ldap.contact_mapping) == (("uid", "mail"), {"displayname": ("cn",)})
    assert ldap.module_constraints == {"Mail": {"ou": "staff"}}


def test_secrets_do_not_print() -> None:
    shown = repr(settings(SOURCES + "SOGoSecretType = plain; SOGoSecretValue = abcdefghijklmnopabcdefghijklmnop;"))
    assert "hush" not in shown
    assert "abcdefghijklmnop" not in shown


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("{ type = sql; id = a; }", "SOGoUserSources.1: left out, as it has no viewURL"),
        ("{ type = sql; viewURL = 'mysql://h/d/t'; }", "SOGoUserSources.1: left out, as it has no id"),
        ("{ id = a; }", "SOGoUserSources.1: expected `type = sql` or `type = ldap`, found nothing"),
        ("{ type = nis; id = a; }", "SOGoUserSources.1: expected `type = sql` or `type = ldap`, found 'nis'"),
        ("a", "SOGoUserSources.1: expected a dictionary, found 'a'"),
        (
            "{ type = sql; id = a; viewURL = 'mysql://h/d/t'; globalID = x; }",
            "SOGoUserSources.1.globalID: unknown key",
        ),
        (
            "{ type = sql; id = a; viewURL = 'mysql://h/d/t'; canAuthentcate = YES; }",
            "SOGoUserSources.1.canAuthentcate: unknown key; did you mean canAuthenticate?",
        ),
        (
            "{ type = sql; id = a; viewURL = 'mysql://h/d/t'; userPasswordAlgorithm = rot13; }",
            "SOGoUserSources.1.userPasswordAlgorithm: expected one of",
        ),
    ],
)
def test_what_is_wrong_with_a_source_is_told_by_its_number(source: str, fault: str) -> None:
    assert messages(f"SOGoUserSources = ({source});")[0].startswith(f"f:1: {fault}")


DOMAINS = """
SOGoMailDomain = example.com;
SOGoSuperUsernames = (root);
domains = {
    acme.com = { SOGoMailDomain = acme.com; SOGoTimeZone = Asia/Tokyo; WOWorkersCount = 3; SOGoLangage = Dutch; };
    other.org = { };
};"""


def test_a_domain_overrides_and_inherits() -> None:
    tree = settings(DOMAINS)
    acme = tree.for_domain("ACME.com")
    assert (acme.domain, acme.people.mail_domain, acme.general.time_zone) == ("acme.com", "acme.com", "Asia/Tokyo")
    assert acme.security.superusers == ("root",)
    assert tree.for_domain("other.org").people.mail_domain == "example.com"
    assert tree.for_domain("unknown.net") is tree


def test_a_domain_cannot_set_what_is_for_the_system() -> None:
    assert settings(DOMAINS).for_domain("acme.com").server.workers == 1
    found = messages(DOMAINS)
    assert "f:5: domains.acme.com.WOWorkersCount: is for the whole system and cannot differ by domain" in found
    assert "f:5: domains.acme.com.SOGoLangage: unknown key; did you mean SOGoLanguage?" in found


def test_a_fault_of_the_system_is_not_told_again_for_each_domain() -> None:
    found = messages("WOWorkersCount = many; SOGoFreeBusyDefaultInterval = 7;" + DOMAINS)
    assert len([one for one in found if "many" in one]) == 1
    assert len([one for one in found if "SOGoFreeBusyDefaultInterval" in one]) == 1
