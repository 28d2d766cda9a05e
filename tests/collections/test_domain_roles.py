"""Default roles of domains through the services: owners are looked up outside of the unit of work."""

import pytest

from folkmoot.addressbooks.content import AddressBookContent
from folkmoot.collections.access import Access
from folkmoot.collections.content import Place
from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database import Database
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.sharing.policy import SharingPolicy, policies_of
from folkmoot.store.records import Kind
from tests.collections.conftest import ANNA, BERT, BOOK, House, card

pytestmark = pytest.mark.anyio


async def test_a_book_is_shared_as_its_owners_domain_says(database: Database) -> None:
    asked: list[str] = []

    async def find(principal: PrincipalId) -> Principal | None:
        asked.append(principal)
        return Principal(principal, principal, principal, (), PrincipalKind.INDIVIDUAL, "x", "open")

    roles = ("ObjectViewer", "ObjectCreator", "ObjectEraser")
    policies = policies_of(SharingPolicy(), {"open": SharingPolicy((), roles)}, find)
    house = House(Access(database, [AddressBookContent()], policies, SystemClock()))
    await house.put("a.vcf", card("a"))
    assert asked == []  # an owner's own collections depend on nobody's domain
    assert [seen.collection.name for seen in await house.collections.home(BERT, ANNA.principal, Kind.ADDRESSBOOK)]
    assert asked == ["anna"]
    await house.put("b.vcf", card("b"), caller=BERT)
    await house.objects.delete(BERT, BOOK, ResourceName("a.vcf"))
    assert await house.names(caller=BERT) == {"b.vcf"}
    with pytest.raises(NotFound):
        await house.collections.seen(BERT, Place(ANNA.principal, Kind.ADDRESSBOOK, "none"))
    assert asked == ["anna"]


async def test_the_first_request_may_be_a_write(database: Database) -> None:
    async def find(principal: PrincipalId) -> Principal | None:
        return None

    policies = policies_of(SharingPolicy((), ("ObjectCreator",)), {"closed": SharingPolicy()}, find)
    await House(Access(database, [AddressBookContent()], SharingPolicy(), SystemClock())).put("a.vcf", card("a"))
    house = House(Access(database, [AddressBookContent()], policies, SystemClock()))
    assert (await house.put("b.vcf", card("b"), caller=BERT)).created
