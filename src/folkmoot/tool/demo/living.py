"""Has the demo people share, invite and answer, through the same services as any program of theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from typing import Final

from folkmoot.collections.content import Condition, Place
from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.dav.services import Services
from folkmoot.ical import format as format_calendar
from folkmoot.ical import parse
from folkmoot.scheduling.meeting import address_of, components
from folkmoot.sharing.choices import Choices
from folkmoot.sharing.presets import READER, WRITER
from folkmoot.sharing.rights import group_subject
from folkmoot.store.records import Kind
from folkmoot.tool.demo.meetings import Arrangements, Meeting
from folkmoot.tool.demo.people import BOOKABLE, GROUPS, PEOPLE, Person, person

CALENDAR: Final = "text/calendar; charset=utf-8"
TEAM: Final = Place(PrincipalId("zoe"), Kind.CALENDAR, "lindenhof")
LINK_LABEL: Final = "Our website"
_NEW: Final = Condition(none_match=frozenset(["*"]))
_STAFF: Final = group_subject(PrincipalId("staff"))
_SALES: Final = group_subject(PrincipalId("sales"))
_DATES: Final = frozenset(["PublicDAndTViewer", "PrivateDAndTViewer", "ConfidentialDAndTViewer"])
_TEAM_ROLES: Final = frozenset(["PublicModifier", "PrivateViewer", "ConfidentialDAndTViewer", "ObjectCreator"])
_COLORS: Final = tuple(
    f"#{one}FF" for one in ("2F6F8F", "E4572E", "76B041", "A23B72", "17BEBB", "FFC914", "5C6B73", "D1495B")
)


@dataclass(frozen=True, slots=True)
class Shared:
    """A collection of somebody's, who has which roles on it, and whose home shows it under which name."""

    place: Place
    roles: Mapping[str, frozenset[str]]
    subscribers: Mapping[str, str]  # login, and the name the subscriber gave it


def personal(login: str, kind: Kind = Kind.CALENDAR) -> Place:
    """Return the collection that everybody has."""
    return Place(PrincipalId(login), kind, "personal")


SHARED: Final = (
    Shared(TEAM, {_STAFF: _TEAM_ROLES}, {one.login: "Lindenhof" for one in PEOPLE if one.login != TEAM.owner}),
    # Zoë keeps Anna's calendar; the others see when Anna is there.
    Shared(personal("anna"), {"zoe": WRITER, _STAFF: _DATES}, {"zoe": "Anna (I act for her)", "ben": "Anna"}),
    Shared(personal("chiara"), {_SALES: READER}, {"emma": "Chiara", "hiro": "Chiara, southern Europe"}),
    Shared(personal("emma"), {_SALES: READER}, {"chiara": "Emma"}),
    Shared(personal("chiara", Kind.ADDRESSBOOK), {_SALES: frozenset(["ObjectViewer"])}, {"emma": "Chiara's customers"}),
)
# Emma's office hours, as calendar programs state them (RFC 7953).
_OFFICE_HOURS: Final = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Folkmoot//Demo//EN\r\nBEGIN:VAVAILABILITY\r\n"
    "UID:demo-emma-availability\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;TZID=America/New_York:20200101T000000\r\n"
    "BEGIN:AVAILABLE\r\nUID:demo-emma-available\r\nDTSTAMP:20260101T000000Z\r\n"
    "DTSTART;TZID=America/New_York:20200101T090000\r\nDTEND;TZID=America/New_York:20200101T170000\r\n"
    "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\r\nSUMMARY:In the office\r\nEND:AVAILABLE\r\n"
    "END:VAVAILABILITY\r\nEND:VCALENDAR\r\n"
)


async def prefer(services: Services, choices: Choices) -> None:
    """Say in which zone everybody lives and works, and that Hiro lets only Anna and his colleagues in sales invite."""
    for one in PEOPLE:
        hours = {"SOGoTimeZone": one.zone, "SOGoDayStartTime": "09:00", "SOGoDayEndTime": "17:30"}
        working_days = {"SOGoCalendarWeekdays": ["MO", "TU", "WE", "TH", "FR"]}
        await choices.save(_caller(one), PrincipalId(one.login), {**hours, **working_days}, {})
    zoe, emma = person("zoe"), person("emma")
    await choices.save(_caller(zoe), PrincipalId(zoe.login), {"SOGoBusyOffHours": True}, {})
    await services.people.change_profile(_caller(emma), PrincipalId(emma.login), {"availability": _OFFICE_HOURS}, {})
    hiro, welcome = person("hiro"), [person("anna"), person("chiara"), person("fatima")]
    whitelist = {one.login: f"{one.name} <{one.mail}>" for one in welcome}
    prevent = {"PreventInvitations": 1, "PreventInvitationsWhitelist": whitelist}
    await choices.save(_caller(hiro), PrincipalId(hiro.login), {}, {"Calendar": prevent})


async def share(services: Services) -> None:
    """Give rights, subscribe people under names and colours of their own, and make a secret link."""
    colors = cycle(_COLORS)
    for shared in SHARED:
        owner = Caller(shared.place.owner)
        await services.grants.change(owner, shared.place, shared.roles)
        for login, name in shared.subscribers.items():
            caller = _caller(person(login))
            await services.subscriptions.subscribe(caller, shared.place, [caller.principal])
            mounts = await services.subscriptions.all_(caller, caller.principal, shared.place.kind)
            mount = next(one for one in mounts if one.place == shared.place)
            await services.subscriptions.change(caller, mount, {"displayname": name, "color": next(colors)})
    await services.links.create(Caller(TEAM.owner), TEAM, label=LINK_LABEL)


async def meet(services: Services, today: date) -> None:
    """Invite, answer, and call off."""
    for resource in BOOKABLE:
        await services.collections.ensure_defaults(PrincipalId(resource.login), Kind.CALENDAR)
    for meeting in Arrangements(today).all_():
        await _invite(services, meeting)
        for login, status in meeting.answers:
            await _answer(services, meeting, person(login), status)
        if meeting.called_off:
            owner = PrincipalId(meeting.organizer.login)
            await services.objects.delete(Caller(owner), personal(owner), ResourceName(meeting.name))


async def _invite(services: Services, meeting: Meeting) -> None:
    writer = meeting.writer or meeting.organizer
    place = personal(meeting.organizer.login)
    await services.objects.put(
        _caller(writer), place, ResourceName(meeting.name), meeting.body.encode(), CALENDAR, _NEW
    )


async def _answer(services: Services, meeting: Meeting, who: Person, status: str) -> None:
    """Answer as a program does: fetch the copy, change the own line, store it."""
    place, name = personal(who.login), ResourceName(meeting.name)
    _, stored = await services.objects.read(_caller(who), place, name)
    calendar = parse(stored.body)
    for component in components(calendar):
        component.properties = [
            line.with_param("PARTSTAT", status).with_param("RSVP")
            if line.name == "ATTENDEE" and address_of(line) == who.mail
            else line
            for line in component.properties
        ]
    body = format_calendar(calendar).encode()
    await services.objects.put(
        _caller(who), place, name, body, CALENDAR, Condition(match=frozenset([stored.meta.etag]))
    )


def _caller(one: Person) -> Caller:
    return Caller(
        PrincipalId(one.login), tuple(PrincipalId(group.login) for group in GROUPS if one.login in group.members)
    )
