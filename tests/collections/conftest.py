"""Services on each database, with address books and files as the kinds of collection."""

from dataclasses import dataclass

import pytest

from folkmoot.addressbooks.content import AddressBookContent
from folkmoot.collections.access import Access
from folkmoot.collections.collections import Collections
from folkmoot.collections.content import UNCONDITIONAL, Condition, Content, Place
from folkmoot.collections.grants import Grants
from folkmoot.collections.importing import Imports
from folkmoot.collections.locks import Locks
from folkmoot.collections.objects import Objects
from folkmoot.collections.transfer import Transfers
from folkmoot.core.caller import Caller
from folkmoot.core.clock import SystemClock
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database import Database
from folkmoot.files.content import FilesContent
from folkmoot.sharing.policy import SharingPolicy
from folkmoot.store.records import Kind, PutResult
from tests.support.everybody import Everybody
from tests.support.servers import database, empty_url, mariadb_server, postgresql_server

ANNA = Caller(PrincipalId("anna"))
BERT = Caller(PrincipalId("bert"))
BOOK = Place(ANNA.principal, Kind.ADDRESSBOOK, "personal")
FILES = Place(ANNA.principal, Kind.FILES, "")


@dataclass
class House:
    """All services over one database."""

    access: Access

    def __post_init__(self) -> None:
        self.collections = Collections(self.access)
        self.objects = Objects(self.access)
        self.transfers = Transfers(self.access)
        self.grants = Grants(self.access, Everybody())
        self.imports = Imports(self.access)
        self.locks = Locks(self.access.database, self.access.clock)

    async def put(
        self,
        name: str,
        body: bytes,
        *,
        caller: Caller = ANNA,
        place: Place = BOOK,
        condition: Condition = UNCONDITIONAL,
        tokens: frozenset[str] = frozenset(),
    ) -> PutResult:
        return await self.objects.put(caller, place, ResourceName(name), body, "", condition, tokens)

    async def names(self, caller: Caller = ANNA, place: Place = BOOK) -> set[str]:
        return {meta.name for meta in (await self.objects.list_(caller, place))[1]}


def card(uid: str, name: str = "Jan Novák") -> bytes:
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\nEND:VCARD\r\n".encode()


@pytest.fixture
async def house(database: Database) -> House:
    """Services for address books and files."""
    contents: list[Content] = [AddressBookContent(), FilesContent(size_max=1000)]
    return House(Access(database, contents, SharingPolicy(), SystemClock()))


__all__ = ["database", "empty_url", "house", "mariadb_server", "postgresql_server"]
