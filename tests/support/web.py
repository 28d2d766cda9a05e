"""SOGo's JSON actions without sockets, and a browser that keeps their cookies."""

import json as json_text
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from ipaddress import ip_network

from folkmoot.addressbooks.content import AddressBookContent
from folkmoot.calendars.busy.free_busy import FreeBusy
from folkmoot.calendars.content import CalendarContent
from folkmoot.calendars.limits import CalendarLimits
from folkmoot.calendars.web.calendars import WebCalendars
from folkmoot.calendars.web.refresh import WebRefresh
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.access import Access
from folkmoot.collections.collections import Collections
from folkmoot.collections.content import Content
from folkmoot.collections.objects import Objects
from folkmoot.config.settings import Settings
from folkmoot.database import Database
from folkmoot.directory.directory import Directory
from folkmoot.directory.verifier import Verifier
from folkmoot.fetch.fetcher import Fetcher
from folkmoot.mail.imap.pool import Pool
from folkmoot.mail.smime import Openssl, Smime
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.accounts import Accounts
from folkmoot.mailboxes.certificates import Certificates
from folkmoot.mailboxes.delegation import Delegation
from folkmoot.mailboxes.filters import Filters
from folkmoot.mailboxes.guard import HostGuard
from folkmoot.mailboxes.identities import Identities
from folkmoot.server.sign_in import sign_in_of
from folkmoot.sharing.choices import Choices
from folkmoot.sharing.people import People
from folkmoot.sharing.policy import SharingPolicy
from folkmoot.sharing.preferences import defaults_of
from folkmoot.web.face import WebFace
from folkmoot.web.http import Request, Response
from folkmoot.web.services import WebServices
from tests.support.clock import SetClock
from tests.support.memory_source import Memory


@dataclass
class Reply:
    """An answer, read."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        """Return the JSON object of the body."""
        assert dict(self.headers)["Content-Type"] == "application/json"
        found = json_text.loads(self.body)
        assert isinstance(found, dict)
        return found


@dataclass
class Browser:
    """Keeps cookies, and sends the token back as scripts do."""

    face: WebFace
    cookies: dict[str, str] = field(default_factory=dict)
    set_: list[str] = field(default_factory=list)
    send_token: bool = True

    async def request(
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        body: bytes | None = None,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request; header names are written with underscores."""
        fields = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        if self.cookies and "authorization" not in fields:
            fields["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            if self.send_token and "XSRF-TOKEN" in self.cookies:
                fields.setdefault("x-xsrf-token", self.cookies["XSRF-TOKEN"])
        raw = body if body is not None else b"" if json is None else json_text.dumps(json).encode()
        _, response = await self.face(Request(method, path, query, fields, raw, "192.0.2.1", secure=True))
        self._keep(response)
        return Reply(response.status, list(response.headers), response.body)

    async def get(self, path: str, query: str = "", **headers: str) -> Reply:
        """Ask."""
        return await self.request("GET", path, query=query, headers=headers)

    async def post(self, path: str, json: object = None, **headers: str) -> Reply:
        """Send JSON."""
        return await self.request("POST", path, json, headers=headers)

    async def sign_in(self, login: str = "anna", password: str = "secret", **further: object) -> Reply:  # noqa: S107  # of nobody
        """Call ``connect``."""
        return await self.post("connect", {"userName": login, "password": password, **further})

    def _keep(self, response: Response) -> None:
        for name, value in response.headers:
            if name == "Set-Cookie":
                self.set_.append(value)
                pair = value.partition(";")[0].partition("=")
                self.cookies[pair[0]] = pair[2]


@dataclass
class Town:
    """The face with everything below it, over one database and a directory in memory."""

    database: Database
    memory: Memory
    clock: SetClock
    settings: Settings = field(default_factory=Settings)

    def __post_init__(self) -> None:
        directory = Directory([self.memory])
        self.sign_in = sign_in_of(self.settings, self.database, directory, Verifier(1), self.clock)
        self.authenticator = self.sign_in.authenticator
        zones = CalendarZones(UTC)
        contents: list[Content] = [CalendarContent(CalendarLimits(resource_size=100_000), zones), AddressBookContent()]
        access = Access(self.database, contents, SharingPolicy(), self.clock)
        self.objects = Objects(access)
        self.collections = Collections(access)
        choices = Choices(self.database, self.clock)
        self.pool = Pool(allow=HostGuard([ip_network("127.0.0.0/8")]))
        mail = MailAccess(lambda _: self.settings, directory, self.database, self.pool, self.clock)
        self.services = WebServices(
            authenticator=self.authenticator,
            sessions=self.sign_in.sessions,
            session_list=self.sign_in.session_list,
            second_factor=self.sign_in.second_factor,
            lost_factors=self.sign_in.lost_factors,
            passkeys=self.sign_in.passkeys,
            app_passwords=self.sign_in.app_passwords,
            password_change=self.sign_in.password_change,
            recovery=self.sign_in.recovery,
            people=People(directory, self.database, self.clock),
            choices=choices,
            filters=Filters(mail, choices, self.database, self.clock),
            accounts=Accounts(mail, self.database, self.clock),
            identities=Identities(mail, directory),
            delegation=Delegation(mail, self.database, self.clock),
            certificates=Certificates(mail, self.database, directory, Smime(Openssl()), self.clock),
            free_busy=FreeBusy(access, zones, directory, lambda _: defaults_of(self.settings)),
            collections=self.collections,
            web_calendars=WebCalendars(access, WebRefresh(access, Fetcher([ip_network("127.0.0.0/8")]))),
            settings=lambda _: self.settings,
            clock=self.clock,
        )
        self.face = WebFace(self.services)
        self.first = getattr(self, "first", self.face)  # the one that browsers hold

    def restart(self) -> None:
        """Begin anew over the same database: nothing is remembered of credentials."""
        self.__post_init__()
        self.first.__dict__.update(self.face.__dict__)

    @property
    def browser(self) -> Browser:
        """A browser without cookies."""
        return Browser(self.face)
