"""Everything below the faces, opened from the settings: for the server's workers and for the command line."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from folkmoot.addressbooks.content import AddressBookContent
from folkmoot.addressbooks.correspondents import Correspondents
from folkmoot.addressbooks.directory_books import DirectoryBooks
from folkmoot.addressbooks.service import AddressBooks
from folkmoot.calendars.birthdays import Birthdays
from folkmoot.calendars.busy.free_busy import FreeBusy
from folkmoot.calendars.content import CalendarContent
from folkmoot.calendars.event_notices import NOTICES_CONTENT, EventNotices
from folkmoot.calendars.limits import CalendarLimits
from folkmoot.calendars.meetings.inbox import INBOX_CONTENT
from folkmoot.calendars.meetings.policy import MeetingPolicy
from folkmoot.calendars.meetings.receipts import Receipts, receipt_policy
from folkmoot.calendars.meetings.rules import MeetingRules
from folkmoot.calendars.meetings.service import Meetings
from folkmoot.calendars.meetings.standing import Standing
from folkmoot.calendars.reminders.alarms import AlarmPlan
from folkmoot.calendars.service import Calendars
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.access import Access
from folkmoot.collections.collections import Collections
from folkmoot.collections.grants import Grants
from folkmoot.collections.importing import Imports
from folkmoot.collections.links import Links
from folkmoot.collections.locks import Locks
from folkmoot.collections.notifications import NOTIFICATIONS_CONTENT
from folkmoot.collections.objects import Objects
from folkmoot.collections.share_invitations import ShareInvitations
from folkmoot.collections.share_notices import SHARES_CONTENT
from folkmoot.collections.subscriptions import Subscriptions
from folkmoot.collections.transfer import Transfers
from folkmoot.config.settings import Settings
from folkmoot.core.clock import Clock, SystemClock
from folkmoot.database import Database
from folkmoot.dav.services import Services
from folkmoot.directory.directory import Directory
from folkmoot.directory.opening import OpenDirectory, open_directory
from folkmoot.files.content import FilesContent
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.images import Pictures, picture_fetcher
from folkmoot.server.database_place import open_own_database
from folkmoot.server.mail_rooms import open_mail
from folkmoot.server.message_rooms import Messages, messages_of
from folkmoot.server.outgoing_mail import OutgoingMail, outgoing_mail
from folkmoot.server.signed_mail import SignedMail, signed_mail
from folkmoot.sharing.notices import notice_policy
from folkmoot.sharing.people import People
from folkmoot.sharing.policy import SharingPolicy, policies_of
from folkmoot.sharing.preferences import defaults_of

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rooms:
    """Everything below the faces, opened."""

    database: Database
    people_directory: OpenDirectory
    access: Access
    zones: CalendarZones
    clock: Clock
    services: Services
    imports: Imports
    mail: MailAccess
    outgoing: OutgoingMail
    signed: SignedMail
    pictures: Pictures
    messages: Messages


@asynccontextmanager
async def open_rooms(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Rooms]:
    """Open the database and the directory and put the services on top.

    Raises:
        ConfigurationError: the settings do not fit together.
        Unavailable: the database does not answer.
    """
    async with await open_own_database(settings) as database, rooms_on(database, settings, clock) as rooms:
        yield rooms


@asynccontextmanager
async def rooms_on(database: Database, settings: Settings, clock: Clock | None = None) -> AsyncIterator[Rooms]:
    """Put directory and services on an open database.

    Raises:
        ConfigurationError: the settings do not fit together.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        people_directory = open_directory(settings, database, clock)
        stack.push_async_callback(people_directory.close)
        zone = _zone(settings.general.time_zone)
        zones = CalendarZones(zone)
        limits = CalendarLimits(
            resource_size=settings.calendar.resource_size_max_bytes, instances=settings.calendar.instances_max
        )
        alarms = AlarmPlan(clock, zones) if settings.calendar.email_alarms else None
        meetings = Meetings(database, _meeting_rules(settings, people_directory.directory, clock, zones, alarms))
        contents = (
            CalendarContent(
                limits,
                zones,
                meetings,
                alarms=alarms,
                receipts=Receipts(receipt_policy(settings), clock),
                notices=EventNotices(clock),
            ),
            NOTICES_CONTENT,
            INBOX_CONTENT,
            NOTIFICATIONS_CONTENT,
            SHARES_CONTENT,
            AddressBookContent(Birthdays(clock, zone), settings.calendar.resource_size_max_bytes),
            FilesContent(settings.files.size_max_bytes),
        )
        domains = {name: _sharing_policy(of_domain) for name, of_domain in settings.domains.items()}
        policies = policies_of(_sharing_policy(settings), domains, people_directory.directory.find)
        access = Access(database, contents, policies, clock)
        notices = notice_policy(settings)
        grants = Grants(access, people_directory.directory, notices)
        services = Services(
            collections=Collections(access, notices),
            objects=Objects(access),
            transfers=Transfers(access),
            locks=Locks(database, clock),
            calendars=Calendars(access, zones, limits),
            free_busy=FreeBusy(
                access,
                zones,
                people_directory.directory,
                lambda domain: defaults_of(settings.for_domain(domain or "")),
                public=settings.security.public_access,
            ),
            addressbooks=AddressBooks(access),
            directory_books=DirectoryBooks(people_directory.directory),
            people=People(people_directory.directory, database, clock),
            grants=grants,
            subscriptions=Subscriptions(access),
            links=Links(access),
            share_invitations=ShareInvitations(access, grants),
            meetings=meetings,
            clock=clock,
        )
        mail = await stack.enter_async_context(open_mail(settings, people_directory.directory, database, clock))
        known = Correspondents(
            services.collections, services.objects, services.addressbooks, people_directory.directory
        )
        signed = signed_mail(settings, mail, people_directory.directory, database, clock, [known])
        outgoing = outgoing_mail(
            settings, mail, people_directory.directory, database, clock, protection=signed.certificates, books=known
        )
        pictures = Pictures(database, picture_fetcher(), clock)
        standing = Standing(database, people_directory.directory)
        yield Rooms(
            database,
            people_directory,
            access,
            zones,
            clock,
            services,
            Imports(access),
            mail,
            outgoing,
            signed,
            pictures,
            messages_of(mail, database, clock, outgoing.direct, signed.opening, standing.of),
        )


def _sharing_policy(settings: Settings) -> SharingPolicy:
    return SharingPolicy(settings.calendar.default_roles, settings.contacts.default_roles)


def _meeting_rules(
    settings: Settings, directory: Directory, clock: Clock, zones: CalendarZones, alarms: AlarmPlan | None
) -> MeetingRules:
    everywhere = [settings, *settings.domains.values()]
    return MeetingRules(
        directory,
        clock,
        zones,
        lambda domain: _meeting_policy(settings.for_domain(domain or "")),
        alarms=alarms,
        changes_all_day=any(one.calendar.all_day_transparent_on_iphone for one in everywhere),
    )


def _meeting_policy(settings: Settings) -> MeetingPolicy:
    return MeetingPolicy(
        notify=settings.calendar.notify_invitations,
        check_organizer=not settings.calendar.organizer_check_disabled,
        all_day_transparent=settings.calendar.all_day_transparent_on_iphone,
        preferences=defaults_of(settings),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        log.warning("no such time zone, using UTC", key="SOGoTimeZone", zone=name)
        return ZoneInfo("UTC")
