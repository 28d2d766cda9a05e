"""The composition root: settings become rooms, and rooms become what the server answers with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from folkmoot.addressbooks.content import AddressBookContent
from folkmoot.addressbooks.service import AddressBooks
from folkmoot.auth.authenticator import Authenticator
from folkmoot.auth.failure_counts import FailureCounts
from folkmoot.auth.request_limits import RequestLimits
from folkmoot.calendars.birthdays import Birthdays
from folkmoot.calendars.content import CalendarContent
from folkmoot.calendars.limits import CalendarLimits
from folkmoot.calendars.service import Calendars
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.access import Access
from folkmoot.collections.collections import Collections
from folkmoot.collections.grants import Grants
from folkmoot.collections.importing import Imports
from folkmoot.collections.locks import Locks
from folkmoot.collections.objects import Objects
from folkmoot.collections.transfer import Transfers
from folkmoot.config.settings import Settings
from folkmoot.config.url import Dialect
from folkmoot.core.clock import Clock, SystemClock
from folkmoot.core.errors import ConfigurationError, FolkmootError
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.database.address import address
from folkmoot.dav.face import DavFace
from folkmoot.dav.services import Services
from folkmoot.dav.settings import DavSettings
from folkmoot.directory.opening import OpenDirectory, open_directory
from folkmoot.files.content import FilesContent
from folkmoot.server.origin import Network, Trust
from folkmoot.server.site import Limits, Presentation, Site
from folkmoot.sharing.people import People
from folkmoot.sharing.policy import SharingPolicy
from folkmoot.store import collections as stored_collections
from folkmoot.store.records import Kind

log = structlog.get_logger()

DATABASE_FILE: Final = "folkmoot.sqlite"
DOCUMENT_MAX: Final = 10 * 1024 * 1024  # octets of a request that is no upload; a multiget of 50,000 hrefs fits
REQUEST_SECONDS_MAX: Final = 600.0  # nothing that is answered at once takes longer
HEALTH_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Rooms:
    """Everything below the faces, opened."""

    database: Database
    people_directory: OpenDirectory
    access: Access
    clock: Clock
    services: Services
    imports: Imports


def database_address(settings: Settings) -> str:
    """Return the address of Folkmoot's own database.

    Raises:
        ConfigurationError: the state directory of the embedded database cannot be made.
    """
    url = settings.database.folkmoot_url or settings.database.folder_info_url
    if url is not None and not (url.dialect is Dialect.SQLITE and not url.database):
        return address(url.without_table())
    directory = Path(settings.server.state_directory)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"FolkmootStateDirectory {directory}: {error.strerror}") from error
    return f"sqlite:///{directory.resolve() / DATABASE_FILE}"


@asynccontextmanager
async def open_rooms(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Rooms]:
    """Open the database and the directory and put the services on top.

    Raises:
        ConfigurationError: the settings do not fit together.
        Unavailable: the database does not answer.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(await Database.open(database_address(settings)))
        people_directory = open_directory(settings, database, clock)
        stack.push_async_callback(people_directory.close)
        zone = _zone(settings.general.time_zone)
        zones = CalendarZones(zone)
        limits = CalendarLimits(resource_size=settings.calendar.resource_size_max_bytes)
        contents = (
            CalendarContent(limits, zones),
            AddressBookContent(Birthdays(clock, zone), settings.calendar.resource_size_max_bytes),
            FilesContent(settings.files.size_max_bytes),
        )
        policy = SharingPolicy(settings.calendar.default_roles, settings.contacts.default_roles)
        access = Access(database, contents, policy, clock)
        services = Services(
            collections=Collections(access),
            objects=Objects(access),
            transfers=Transfers(access),
            locks=Locks(database, clock),
            calendars=Calendars(access, zones, limits),
            addressbooks=AddressBooks(access),
            people=People(people_directory.directory, database, clock),
            grants=Grants(access),
            clock=clock,
        )
        yield Rooms(database, people_directory, access, clock, services, Imports(access))


@asynccontextmanager
async def open_site(settings: Settings) -> AsyncIterator[Site]:
    """Open everything that one worker answers with."""
    async with open_rooms(settings) as rooms:
        yield Site(
            dav=DavFace(rooms.services, _dav_settings(settings)),
            authenticator=Authenticator(
                rooms.people_directory.directory,
                settings,
                FailureCounts(settings.security, rooms.database, rooms.clock),
            ),
            healthy=lambda: _healthy(rooms.database),
            trust=_trust(settings),
            limits=_limits(settings),
            presentation=_presentation(settings),
            admit=RequestLimits(settings.security).admit,
        )


def _dav_settings(settings: Settings) -> DavSettings:
    interval = settings.calendar.free_busy_days
    return DavSettings(
        relative_urls=settings.server.relative_urls,
        calendar_access=settings.calendar.dav_enabled,
        addressbook_access=settings.contacts.dav_enabled,
        past_days=settings.calendar.start_limit_days,
        free_busy_days=(interval.back, interval.ahead),
    )


def _limits(settings: Settings) -> Limits:
    upload = settings.server.upload_max_kilobytes * 1024
    largest = max(settings.files.size_max_bytes, settings.calendar.resource_size_max_bytes)
    return Limits(
        upload_octets=min(upload, largest) if upload else largest,
        document_octets=min(upload, DOCUMENT_MAX) if upload else DOCUMENT_MAX,
        pause_seconds=settings.server.receive_timeout_seconds,
        request_seconds=min(REQUEST_SECONDS_MAX, settings.server.watchdog_request_timeout_minutes * 60.0 or 1e9),
    )


def _presentation(settings: Settings) -> Presentation:
    return Presentation(
        title=settings.web.page_title,
        compress=not settings.server.plain_answers,
        show_duration=settings.logging.requests,
        public_access=settings.security.public_access,
    )


def _trust(settings: Settings) -> Trust:
    return Trust(
        proxies=settings.server.trusted_proxies,
        allowed=_networks(settings.server.allowed_clients),
        public_origin=settings.server.public_url.rstrip("/"),
        remote_user=settings.security.trust_proxy_authentication,
    )


def _networks(names: tuple[str, ...]) -> tuple[Network, ...]:
    """Return the networks of WOHttpAllowHost.

    Raises:
        ConfigurationError: one of them is no address: leaving it out would close the server to whom it names.
    """
    try:
        return tuple(ip_network(name, strict=False) for name in names)
    except ValueError as error:
        raise ConfigurationError(f"WOHttpAllowHost: {error}") from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        log.warning("no such time zone, using UTC", key="SOGoTimeZone", zone=name)
        return ZoneInfo("UTC")


async def _healthy(database: Database) -> bool:
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            await database.read(lambda tx: stored_collections.list_home(tx, PrincipalId(""), Kind.CALENDAR))
    except (FolkmootError, TimeoutError):
        return False
    return True
