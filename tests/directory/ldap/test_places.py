"""From ``hostname`` to servers."""

import pytest

from folkmoot.config.sources import LdapSource
from folkmoot.core.errors import ConfigurationError
from folkmoot.directory.ldap.places import Place, places_of


def source(hosts: str, **values: object) -> LdapSource:
    return LdapSource(**{"id": "staff", "base_dn": "dc=x", "hosts": hosts, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hosts", "values", "places"),
    [
        ("ldap.example.org", {}, [Place("ldap://ldap.example.org:389")]),
        ("a b:3389", {"port": 1389}, [Place("ldap://a:1389"), Place("ldap://b:3389")]),
        ("a", {"encryption": "SSL"}, [Place("ldaps://a:636")]),
        ("a", {"encryption": "SSL", "port": 637}, [Place("ldaps://a:637")]),
        ("a", {"encryption": "STARTTLS"}, [Place("ldap://a:389", start_tls=True)]),
        ("ldap://a/????!StartTLS", {}, [Place("ldap://a:389", start_tls=True)]),
        ("ldaps://a ldap://[::1]:390/", {}, [Place("ldaps://a:636"), Place("ldap://[::1]:390")]),
    ],
)
def test_servers_are_read(hosts: str, values: dict[str, object], places: list[Place]) -> None:
    assert list(places_of(source(hosts, **values))) == places


@pytest.mark.parametrize("hosts", ["", "  ", "http://a", "a/b", "ldap://a/dc=x", "a;b"])
def test_what_is_no_server_is_refused(hosts: str) -> None:
    with pytest.raises(ConfigurationError):
        places_of(source(hosts))


def test_only_encrypted_servers_are_private() -> None:
    assert not Place("ldap://a:389").private
    assert Place("ldap://a:389", start_tls=True).private
    assert Place("ldaps://a:636").private
