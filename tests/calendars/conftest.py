"""Calendars and address books over one database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest

from folkmoot.addressbooks.content import AddressBookContent
from folkmoot.calendars.birthdays import Birthdays
from folkmoot.calendars.busy.free_busy import FreeBusy
from folkmoot.calendars.content import CalendarContent
from folkmoot.calendars.limits import CalendarLimits
from folkmoot.calendars.service import Calendars
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.access import Access
from folkmoot.collections.collections import Collections
from folkmoot.collections.content import Content, Place
from folkmoot.collections.grants import Grants
from folkmoot.collections.objects import Objects
from folkmoot.core.caller import Caller
from folkmoot.core.clock import SystemClock
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database import Database
from folkmoot.directory.domains import Domains
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.sharing.policy import SharingPolicy
from folkmoot.sharing.preferences import PreferenceDefaults
from folkmoot.store.records import Kind, PutResult
from tests.support.everybody import Everybody
from tests.support.servers import database, empty_url, mariadb_server, postgresql_server

ANNA = Caller(PrincipalId("anna"))
BERT = Caller(PrincipalId("bert"))
WORK = Place(ANNA.principal, Kind.CALENDAR, "personal")
BOOK = Place(ANNA.principal, Kind.ADDRESSBOOK, "personal")
BERLIN = ZoneInfo("Europe/Berlin")


class Neighbours:
    """A directory of three people, one of them in a domain that the others do not see, and a room."""

    domains = Domains(visible={})

    def __init__(self) -> None:
        people = (
            neighbour("anna"),
            neighbour("bert"),
            neighbour("room", PrincipalKind.LOCATION),
            neighbour("far", domain="far.example.org"),
        )
        self.people = {one.id: one for one in people}

    async def find(self, principal: PrincipalId) -> Principal | None:
        return self.people.get(principal)

    async def find_many(self, principals: Sequence[PrincipalId]) -> Mapping[PrincipalId, Principal]:
        return {one: self.people[one] for one in principals if one in self.people}

    async def find_by_mail(self, address: str) -> Principal | None:
        return next((one for one in self.people.values() if address.lower() in one.mails), None)

    async def search(self, text: str, *, asking: Principal, limit: int) -> Sequence[Principal]:
        return [one for one in self.people.values() if text in one.id][:limit]

    def addresses(self, principal: Principal) -> tuple[str, ...]:
        return principal.mails


def neighbour(name: str, kind: PrincipalKind = PrincipalKind.INDIVIDUAL, domain: str | None = None) -> Principal:
    mails = (f"{name}@example.org", f"{name}.second@example.org")
    return Principal(PrincipalId(name), name, name.title(), mails, kind, "test", domain)


@dataclass
class House:
    """The services of calendars."""

    access: Access
    zones: CalendarZones
    limits: CalendarLimits

    def __post_init__(self) -> None:
        self.calendars = Calendars(self.access, self.zones, self.limits)
        self.people = Neighbours()
        self.free_busy = FreeBusy(self.access, self.zones, self.people, lambda _: PreferenceDefaults(zone=BERLIN))
        self.collections = Collections(self.access)
        self.objects = Objects(self.access)
        self.grants = Grants(self.access, Everybody())

    async def put(self, name: str, text: str, *, place: Place = WORK, caller: Caller = ANNA) -> PutResult:
        body = text.replace("\n", "\r\n").encode()
        return await self.objects.put(caller, place, ResourceName(name), body, "")

    async def names(self, place: Place = WORK, caller: Caller = ANNA) -> set[str]:
        return {meta.name for meta in (await self.objects.list_(caller, place))[1]}


def event(uid: str, start: str, *lines: str) -> str:
    extra = "".join(f"{line}\n" for line in lines)
    return (
        f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\nBEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20260101T000000Z\n"
        f"{start}\n{extra}SUMMARY:{uid}\nEND:VEVENT\nEND:VCALENDAR\n"
    )


@pytest.fixture
async def house(database: Database) -> House:
    """Services in a house whose floating times are Berlin's."""
    zones, limits = CalendarZones(BERLIN), CalendarLimits(resource_size=100_000, instances=20, attendees=5)
    clock = SystemClock()
    contents: list[Content] = [CalendarContent(limits, zones), AddressBookContent(Birthdays(clock, BERLIN))]
    return House(Access(database, contents, SharingPolicy(), clock), zones, limits)


__all__ = ["database", "empty_url", "house", "mariadb_server", "postgresql_server"]
