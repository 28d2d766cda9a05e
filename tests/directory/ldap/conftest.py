"""Sources in a private OpenLDAP."""

from collections.abc import AsyncIterator, Callable
from typing import Final

import pytest

from folkmoot.config.sources import LdapSource
from folkmoot.directory.ldap.connections import Connections
from folkmoot.directory.ldap.places import places_of
from folkmoot.directory.ldap.source import LdapUserSource
from folkmoot.directory.verifier import Verifier
from tests.support.slapd import READER, Slapd, slapd, slapd_server

__all__ = ["slapd", "slapd_server"]

MakeLdap = Callable[..., LdapUserSource]
_DOMAIN: Final = ("domain", "domain_in_ids", "query_limit")


@pytest.fixture
async def make_ldap(slapd: Slapd) -> AsyncIterator[MakeLdap]:
    """A function from settings of an LDAP source to the source."""
    opened: list[Connections] = []
    verifier = Verifier(threads=2)

    def make(**values: object) -> LdapUserSource:
        settings = LdapSource(
            **{
                "id": "staff",
                "can_authenticate": True,
                "is_address_book": True,
                "hosts": slapd.url,
                "base_dn": slapd.base,
                "bind_dn": READER[0],
                "bind_password": READER[1],
                "kind_field": "businessCategory",
                "multiple_bookings_field": "employeeNumber",
                **{name: value for name, value in values.items() if name not in _DOMAIN},
            }  # type: ignore[arg-type]  # tests name the fields
        )
        opened.append(Connections("staff", places_of(settings), settings.bind_dn, settings.bind_password))
        more = {name: value for name, value in values.items() if name in _DOMAIN}
        return LdapUserSource(settings, opened[-1], verifier, **more)  # type: ignore[arg-type]

    yield make
    for one in opened:
        await one.close()
    verifier.close()


@pytest.fixture
def source(slapd: Slapd, make_ldap: MakeLdap) -> LdapUserSource:
    """Anna, Bert and a room."""
    addresses = ["anna@example.org", "a.cech@example.org", "Anna.Old@example.net"]
    slapd.person("anna", cn="Anna Čech", mail=addresses)
    slapd.person("bert", "o'brien%_", cn="Bert O'Brien 100%", mail="bert@example.org")
    slapd.person("room", "", cn="Big room", businessCategory="Location", employeeNumber="1")
    return make_ldap()
