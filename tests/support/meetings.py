"""A small office whose people invite each other, through the DAV face."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from folkmoot.calendars.meetings.policy import MeetingPolicy
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.dav.face import DavFace
from folkmoot.dav.settings import DavSettings
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.ical import Component, parse
from folkmoot.ical import format as format_calendar
from folkmoot.scheduling.meeting import attendees
from folkmoot.scheduling.values import Address
from folkmoot.store import outbox, profiles
from folkmoot.store.outbox import Mail
from tests.support.dav import Answers, Dav, FixedDirectory, header, person, services_on

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
PEOPLE = (
    person("anna", "Anna Berg"),
    person("ben", "Ben Lund"),
    person("carl@example.org", "Carl Öst"),
    person("dora", "Dora Ek"),
    person("staff", "The staff", PrincipalKind.GROUP),
    replace(person("room", "Meeting room", PrincipalKind.LOCATION), multiple_bookings=1),
    replace(person("hall", "The hall", PrincipalKind.LOCATION), multiple_bookings=0),
    replace(person("desks", "Two desks", PrincipalKind.THING), multiple_bookings=2),
    replace(person("beamer", "A beamer", PrincipalKind.THING), multiple_bookings=-1),
)
STAFF = ("ben@example.org", "dora@example.org", "outside@example.net")


class Clock:
    """Stands still unless it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def milliseconds(self) -> int:
        return int(self.time.timestamp() * 1000)


class Office(FixedDirectory):
    """The people above; the staff is a group."""

    def __init__(self, people: Sequence[Principal] = PEOPLE) -> None:
        super().__init__()
        self._people = {one.id: one for one in people}
        self._by_mail = {mail: one for one in people for mail in one.mails}
        self.asked = 0

    async def find_many(self, principals: Sequence[PrincipalId]) -> Mapping[PrincipalId, Principal]:
        return {name: self._people[name] for name in principals if name in self._people}

    async def find_by_mail(self, address: str) -> Principal | None:
        self.asked += 1
        return self._by_mail.get(address.lower())

    async def members(self, group: Principal) -> Sequence[str]:
        return STAFF if group.id == "staff" else ()


def meeting(
    uid: str,
    *attendees: str,
    organizer: str = "mailto:anna@example.org",
    summary: str = "Planning",
    start: str = "20260302T090000Z",
    end: str = "20260302T100000Z",
    extra: str = "",
    more: str = "",
) -> str:
    """Return a meeting; attendees are addresses, or whole lines after ``ATTENDEE``; ``more`` follows the event."""
    lines = "".join(
        f"ATTENDEE{one}\r\n"
        if one.startswith((";", ":"))
        else f"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{one}\r\n"
        for one in attendees
    )
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{start}\r\nDTEND:{end}\r\nSUMMARY:{summary}\r\n"
        f"ORGANIZER:{organizer}\r\n{lines}{extra}END:VEVENT\r\n{more}END:VCALENDAR\r\n"
    )


@dataclass
class Desk:
    """The office's DAV face, and what its tests ask again and again."""

    dav: Dav
    database: Database
    clock: Clock
    directory: Office
    headers: dict[str, str] = field(default_factory=dict)

    async def put(
        self, who: str, name: str, body: str, *, status: int | None = None, home: str | None = None, **headers: str
    ) -> str:
        """PUT into a personal calendar; return the Schedule-Tag."""
        path = f"/{home or HOMES.get(who, who)}/Calendar/personal/{name}"
        response = await self.dav.request("PUT", path, body, who, **headers)
        assert response.status in ((201, 204) if status is None else (status,)), (response.status, response.body)
        return (header(response, "Schedule-Tag") or "").strip('"')

    async def get(self, who: str, name: str, home: str | None = None) -> Component:
        """GET from a personal calendar."""
        return parse(await self.text(who, name, home))

    async def text(self, who: str, name: str, home: str | None = None) -> str:
        response = await self.dav.request("GET", f"/{home or HOMES.get(who, who)}/Calendar/personal/{name}", as_=who)
        assert response.status == 200, response.status
        return response.body.decode()

    async def status(self, who: str, name: str) -> int:
        path = f"/{HOMES.get(who, who)}/Calendar/personal/{name}"
        return (await self.dav.request("GET", path, as_=who)).status

    async def names(self, who: str, collection: str = "personal") -> list[str]:
        """Return the members of a collection."""
        path = f"/{HOMES.get(who, who)}/Calendar/{collection}/"
        answers = await self.dav.propfind(path, "{DAV:}getetag", depth="1", as_=who)
        return sorted(href.rpartition("/")[2] for href in answers.hrefs if not href.endswith("/"))

    async def inbox(self, who: str) -> list[Component]:
        """Return the messages in an inbox."""
        found = []
        for name in await self.names(who, "inbox"):
            response = await self.dav.request("GET", f"/{HOMES.get(who, who)}/Calendar/inbox/{name}", as_=who)
            assert response.status == 200
            found.append(parse(response.body))
        return found

    async def methods(self, who: str) -> list[str]:
        """Return the methods of the messages in an inbox."""
        return sorted(message.text("METHOD") or "" for message in await self.inbox(who))

    async def delete(self, who: str, name: str, *, status: int = 204, **headers: str) -> None:
        path = f"/{HOMES.get(who, who)}/Calendar/personal/{name}"
        response = await self.dav.request("DELETE", path, as_=who, **headers)
        assert response.status == status, (response.status, response.body)

    async def answer(self, who: str, name: str, partstat: str) -> None:
        """Answer as a client does: GET, change the own line, PUT with If-Match."""
        own = f"{who}@example.org"
        response = await self.dav.request("GET", f"/{who}/Calendar/personal/{name}", as_=who)
        calendar = parse(response.body)
        for component in calendar.components:
            for place, line in enumerate(component.properties):
                if line.name == "ATTENDEE" and own in line.value.lower():
                    component.properties[place] = line.with_param("PARTSTAT", partstat).with_param("RSVP")
        await self.put(who, name, format_calendar(calendar), If_Match=header(response, "ETag") or "")

    async def answer_again(self, who: str, name: str, partstat: str) -> None:
        """Answer until no other writer comes between GET and PUT."""
        for _ in range(50):
            with suppress(AssertionError):
                await self.answer(who, name, partstat)
                return
        raise AssertionError("always somebody else")

    async def mails(self) -> list[Mail]:
        """Return what waits in the outbox, oldest first."""
        found = await self.database.read(lambda tx: outbox.list_(tx, list(outbox.State)))
        return sorted(found, key=lambda mail: mail.id)

    async def prefer(self, who: str, **calendar: object) -> None:
        """Set settings of the Calendar module."""
        await self.database.write(
            lambda tx: profiles.set_(
                tx,
                PrincipalId(who),
                properties={"settings": {"Calendar": calendar}},
                dead_properties={},
                now=self.clock.milliseconds(),
            )
        )

    async def propfind(self, path: str, *names: str, as_: str = "anna", depth: str = "0") -> Answers:
        return await self.dav.propfind(path, *names, as_=as_, depth=depth)


HOMES = {"carl": "carl@example.org"}


def answers(calendar: Component) -> dict[str, str]:
    """Return what each attendee answered, by the local part of the address."""
    return {
        address.partition("@")[0]: (line.param("PARTSTAT") or "").upper()
        for address, line in attendees(calendar).items()
    }


def status_of(calendar: Component, address: str) -> str | None:
    """Return the SCHEDULE-STATUS of an attendee."""
    return attendees(calendar)[Address(address)].param("SCHEDULE-STATUS")


def desk_on(database: Database, policy: MeetingPolicy | None = None, people: Sequence[Principal] = PEOPLE) -> Desk:
    """Return the office over a database."""
    clock, directory = Clock(), Office(people)
    services = services_on(database, clock, directory=directory, meeting_policy=policy)
    return Desk(Dav(DavFace(services, DavSettings())), database, clock, directory)
