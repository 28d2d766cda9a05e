"""The DAV face over real services, and a small directory of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from xml.etree import ElementTree as ET

from folkmoot.addressbooks.content import AddressBookContent
from folkmoot.addressbooks.directory_books import DirectoryBooks
from folkmoot.addressbooks.service import AddressBooks
from folkmoot.calendars.busy.free_busy import FreeBusy
from folkmoot.calendars.content import CalendarContent
from folkmoot.calendars.limits import CalendarLimits
from folkmoot.calendars.meetings.inbox import INBOX_CONTENT
from folkmoot.calendars.meetings.policy import MeetingPolicy, one_policy
from folkmoot.calendars.meetings.rules import MeetingRules
from folkmoot.calendars.meetings.service import Meetings
from folkmoot.calendars.service import Calendars
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.access import Access
from folkmoot.collections.collections import Collections
from folkmoot.collections.content import Content
from folkmoot.collections.grants import Grants
from folkmoot.collections.links import Links
from folkmoot.collections.locks import Locks
from folkmoot.collections.notifications import NOTIFICATIONS_CONTENT
from folkmoot.collections.objects import Objects
from folkmoot.collections.share_invitations import ShareInvitations
from folkmoot.collections.subscriptions import Subscriptions
from folkmoot.collections.transfer import Transfers
from folkmoot.core.caller import ANONYMOUS, Caller
from folkmoot.core.clock import Clock, SystemClock
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.dav.face import DavFace
from folkmoot.dav.http import Request, Response
from folkmoot.dav.services import Services
from folkmoot.directory.directory import Directory
from folkmoot.directory.domains import Domains
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.files.content import FilesContent
from folkmoot.sharing.people import People
from folkmoot.sharing.policy import SharingPolicy

PREFIX = "/SOGo/dav"
FILE_SIZE_MAX = 1024 * 1024


def person(name: str, display_name: str, kind: PrincipalKind = PrincipalKind.INDIVIDUAL) -> Principal:
    return Principal(
        id=PrincipalId(name),
        login=name,
        display_name=display_name,
        mails=(f"{name}@example.org", f"{name}.second@example.org"),
        kind=kind,
        source="test",
    )


PEOPLE = (
    person("anna", "Anna Berg"),
    person("ben", "Ben Lund"),
    person("carl@example.org", "Carl Öst & Söhne"),
    person("staff", "The staff", PrincipalKind.GROUP),
    person("room", "Meeting room", PrincipalKind.LOCATION),
)


STAFF = (PrincipalId("anna"),)  # who is in the group


class FixedDirectory:
    """Five principals, one of each kind that matters, and no address book."""

    address_books = ()
    domains = Domains()

    def __init__(self) -> None:
        self._people = {one.id: one for one in PEOPLE}

    async def find(self, principal: PrincipalId) -> Principal | None:
        return self._people.get(principal)

    async def find_many(self, principals: Sequence[PrincipalId]) -> Mapping[PrincipalId, Principal]:
        return {name: self._people[name] for name in principals if name in self._people}

    async def find_by_mail(self, address: str) -> Principal | None:
        return next((one for one in PEOPLE if address.lower() in one.mails), None)

    async def search(self, text: str, *, asking: Principal, limit: int) -> Sequence[Principal]:
        needle = text.lower()
        return [one for one in PEOPLE if needle in one.display_name.lower() or needle in one.mails[0]][:limit]

    def addresses(self, principal: Principal) -> tuple[str, ...]:
        return principal.mails

    async def members(self, group: Principal) -> Sequence[str]:
        return [member.mails[0] for member in await self.direct_members(group)]

    async def direct_members(self, group: Principal) -> Sequence[Principal]:
        return [self._people[name] for name in STAFF] if group.id == "staff" else []

    async def groups_of(self, principal: Principal) -> Sequence[PrincipalId]:
        return [PrincipalId("staff")] if principal.id in STAFF else []


CALLERS = {
    "anna": Caller(PrincipalId("anna"), (PrincipalId("staff"),)),
    "ben": Caller(PrincipalId("ben")),
    "carl": Caller(PrincipalId("carl@example.org"), denied=frozenset(["Calendar"])),
    "dora": Caller(PrincipalId("dora")),
    "root": Caller(PrincipalId("ben"), superuser=True),
    "nobody": ANONYMOUS,
}


def caller_of(name: str) -> Caller:
    """Return one of the callers above, or a person of that name."""
    return CALLERS.get(name) or Caller(PrincipalId(name))


def services_on(
    database: Database,
    clock: Clock | None = None,
    policy: SharingPolicy | None = None,
    directory: FixedDirectory | Directory | None = None,
    meeting_policy: MeetingPolicy | None = None,
) -> Services:
    """Return all services that the face calls."""
    directory = directory or FixedDirectory()
    clock = clock or SystemClock()
    limits, zones = CalendarLimits(resource_size=200_000), CalendarZones(UTC)
    policies = one_policy(meeting_policy or MeetingPolicy())
    meetings = Meetings(database, MeetingRules(directory, clock, zones, policies, changes_all_day=True))
    contents: list[Content] = [
        CalendarContent(limits, zones, meetings),
        INBOX_CONTENT,
        NOTIFICATIONS_CONTENT,
        AddressBookContent(),
        FilesContent(FILE_SIZE_MAX),
    ]
    access = Access(database, contents, policy or SharingPolicy(), clock)
    grants = Grants(access, directory)
    return Services(
        collections=Collections(access),
        objects=Objects(access),
        transfers=Transfers(access),
        locks=Locks(database, clock),
        calendars=Calendars(access, zones, limits),
        free_busy=FreeBusy(access, zones, directory),
        addressbooks=AddressBooks(access),
        directory_books=DirectoryBooks(directory),
        people=People(directory, database, clock),
        grants=grants,
        subscriptions=Subscriptions(access),
        links=Links(access),
        share_invitations=ShareInvitations(access, grants),
        meetings=meetings,
        clock=clock,
    )


@dataclass
class Dav:
    """A client of the face without sockets."""

    face: DavFace
    headers: dict[str, str] = field(default_factory=dict)

    async def request(
        self, method: str, path: str, body: bytes | str = b"", as_: str = "anna", query: str = "", **headers: str
    ) -> Response:
        """Send one request; header names are written with underscores."""
        named = {name.replace("_", "-").lower(): value for name, value in {**self.headers, **headers}.items()}
        raw = body.encode() if isinstance(body, str) else body
        return await self.face(
            Request(method, path, query, {"host": "dav.test", **named}, raw, caller_of(as_), PREFIX, "http://dav.test")
        )

    async def propfind(self, path: str, *names: str, depth: str = "0", as_: str = "anna") -> "Answers":
        """Ask for properties by Clark name; none for allprop."""
        props = "".join(f'<x:{n.partition("}")[2]} xmlns:x="{n[1:].partition("}")[0]}"/>' for n in names)
        body = f'<D:propfind xmlns:D="DAV:"><D:prop>{props}</D:prop></D:propfind>' if names else ""
        response = await self.request("PROPFIND", path, body, as_, depth=depth)
        assert response.status == 207, response
        return Answers(response.body)


class Answers:
    """A multistatus, read as XML."""

    def __init__(self, body: bytes) -> None:
        self.root = ET.fromstring(body)  # noqa: S314  # our own answer
        assert self.root.tag == "{DAV:}multistatus"
        self.by_href = {_text(one, "{DAV:}href"): one for one in self.root.findall("{DAV:}response")}

    @property
    def hrefs(self) -> list[str]:
        return list(self.by_href)

    def found(self, href: str | None = None, status: int = 200) -> dict[str, ET.Element]:
        """Return the properties with a status by Clark name."""
        response = self.by_href[href] if href else next(iter(self.by_href.values()))
        return {
            prop.tag: prop
            for propstat in response.findall("{DAV:}propstat")
            if f" {status} " in _text(propstat, "{DAV:}status") + " "
            for prop in propstat.find("{DAV:}prop") or []
        }

    def text(self, name: str, href: str | None = None) -> str:
        """Return all text of a found property."""
        return "".join(self.found(href)[name].itertext())

    def status(self, name: str, href: str | None = None) -> int:
        """Return the status of a property."""
        response = self.by_href[href] if href else next(iter(self.by_href.values()))
        for propstat in response.findall("{DAV:}propstat"):
            if propstat.find(f"{{DAV:}}prop/{name}") is not None:
                return int(_text(propstat, "{DAV:}status").split()[1])
        return 0


def _text(element: ET.Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def header(response: Response, name: str) -> str | None:
    """Return a response header."""
    return next((value for key, value in response.headers if key.lower() == name.lower()), None)


def condition(response: Response) -> str:
    """Return the Clark name of the precondition that an error body names."""
    root = ET.fromstring(response.body)  # noqa: S314  # our own answer
    assert root.tag == "{DAV:}error"
    return root[0].tag


def event(uid: str, summary: str = "Stand-up", start: str = "20260302T090000Z", extra: str = "") -> bytes:
    """Return a calendar object with one VEVENT of an hour."""
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{start}\r\nDURATION:PT1H\r\nSUMMARY:{summary}\r\n{extra}"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


def card(uid: str, name: str = "Jan Novák", extra: str = "") -> bytes:
    """Return a vCard 3.0."""
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\n{extra}END:VCARD\r\n".encode()
