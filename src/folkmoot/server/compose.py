"""The composition root: settings become rooms, and rooms become what the server answers with."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from ipaddress import ip_network
from typing import Final

from folkmoot.auth.request_limits import RequestLimits
from folkmoot.auth.sign_in import SignIn
from folkmoot.calendars.web.calendars import WebCalendars
from folkmoot.calendars.web.refresh import WebRefresh
from folkmoot.config.settings import Settings
from folkmoot.core.errors import ConfigurationError, FolkmootError
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.dav.face import DavFace
from folkmoot.dav.links import follow
from folkmoot.dav.mail.services import MailServices
from folkmoot.dav.settings import DavSettings
from folkmoot.fetch.fetcher import Fetcher
from folkmoot.mailboxes.accounts import Accounts
from folkmoot.mailboxes.adding import Adding
from folkmoot.mailboxes.arrivals import Arrivals
from folkmoot.mailboxes.delegation import Delegation
from folkmoot.mailboxes.filters import Filters
from folkmoot.mailboxes.folders import Folders
from folkmoot.push.wakes import Wakes
from folkmoot.server.background import run_jobs
from folkmoot.server.embedded_mail import EmbeddedMail, answer_dovecot, answer_own_server
from folkmoot.server.jmap_face import jmap_face
from folkmoot.server.jmap_rooms import jmap_services
from folkmoot.server.origin import Network, Trust
from folkmoot.server.pushes import open_pushes
from folkmoot.server.rooms import Rooms, open_rooms
from folkmoot.server.routes import LINKS
from folkmoot.server.sign_in import sign_in_of
from folkmoot.server.site import Limits, MailCalls, Presentation, Site, no_mail
from folkmoot.server.web_application import WebApplication, built_application
from folkmoot.sharing.choices import Choices
from folkmoot.store import collections as stored_collections
from folkmoot.store.feed import ChangeFeed
from folkmoot.store.records import Kind
from folkmoot.web.face import WebFace
from folkmoot.web.services import WebServices

DOCUMENT_MAX: Final = 10 * 1024 * 1024  # octets of a request that is no upload; a multiget of 50,000 hrefs fits
REQUEST_SECONDS_MAX: Final = 600.0  # nothing that is answered at once takes longer
OBJECT_SLACK: Final = 2  # read up to twice what is stored, so that the face can name the size it takes
HEALTH_SECONDS: Final = 3.0


@asynccontextmanager
async def open_site(
    settings: Settings, stopping: asyncio.Event | None = None, mail: EmbeddedMail | None = None
) -> AsyncIterator[Site]:
    """Open everything that one worker answers with, and run jobs beside it until ``stopping`` is set."""
    async with (
        open_rooms(settings) as rooms,
        ChangeFeed(rooms.database, rooms.clock) as feed,
        run_jobs(settings, rooms, stopping or asyncio.Event()) as runner,
        AsyncExitStack() as stack,
    ):
        wakes = await stack.enter_async_context(Wakes(rooms.database, rooms.clock, runner.nudge))

        def follow_changes(raised: Mapping[int, int]) -> None:
            feed.announce_all(raised)
            wakes.note(raised)

        rooms.database.follow(follow_changes)
        sign_in = sign_in_of(
            settings,
            rooms.database,
            rooms.people_directory.directory,
            rooms.people_directory.verifier,
            rooms.clock,
        )
        authenticator = sign_in.authenticator
        admit = RequestLimits(settings.security).admit
        arrivals = await stack.enter_async_context(Arrivals(rooms.database, rooms.clock, runner.nudge))
        mail_calls: MailCalls | None = answer_own_server(settings, rooms, arrivals)
        if mail is not None:
            mail_calls = await stack.enter_async_context(answer_dovecot(settings, rooms, authenticator, mail, arrivals))
        limits = _limits(settings)
        services = jmap_services(settings, rooms, sign_in)
        stack.push_async_callback(services.data_imports.close)
        pushes = await stack.enter_async_context(
            open_pushes(rooms, services, feed, arrivals, stopping, own_mail=mail is not None)
        )
        jmap = jmap_face(
            settings,
            rooms,
            services,
            sign_in,
            admit,
            request_seconds=limits.request_seconds,
            stream=pushes.stream,
            talk=pushes.talk,
        )
        yield Site(
            dav=DavFace(rooms.services, _dav_settings(settings), _mail_services(rooms)),
            links=partial(follow, rooms.services),
            authenticator=authenticator,
            web=WebFace(_web_services(settings, rooms, sign_in), admit),
            healthy=lambda: _healthy(rooms.database),
            trust=_trust(settings),
            limits=limits,
            presentation=_presentation(settings),
            application=built_application() if settings.web.enabled else WebApplication({}),
            admit=admit,
            mail_calls=mail_calls or no_mail,
            jmap=jmap,
            jmap_content=jmap.content,
            jmap_socket=jmap.socket,
        )


def _web_services(settings: Settings, rooms: Rooms, sign_in: SignIn) -> WebServices:
    choices = Choices(rooms.database, rooms.clock)
    fetcher = Fetcher(settings.security.allowed_private_networks)
    refresh = WebRefresh(rooms.access, fetcher, interval_minutes=settings.calendar.web_calendar_minutes)
    return WebServices(
        authenticator=sign_in.authenticator,
        sessions=sign_in.sessions,
        session_list=sign_in.session_list,
        second_factor=sign_in.second_factor,
        lost_factors=sign_in.lost_factors,
        passkeys=sign_in.passkeys,
        app_passwords=sign_in.app_passwords,
        password_change=sign_in.password_change,
        recovery=sign_in.recovery,
        people=rooms.services.people,
        choices=choices,
        filters=Filters(rooms.mail, choices, rooms.database, rooms.clock),
        accounts=Accounts(rooms.mail, rooms.database, rooms.clock),
        identities=rooms.outgoing.identities,
        delegation=Delegation(rooms.mail, rooms.database, rooms.clock),
        certificates=rooms.signed.certificates,
        free_busy=rooms.services.free_busy,
        collections=rooms.services.collections,
        web_calendars=WebCalendars(rooms.access, refresh),
        settings=lambda domain: settings.for_domain(domain or ""),
        clock=rooms.clock,
    )


def _mail_services(rooms: Rooms) -> MailServices:
    accounts = Accounts(rooms.mail, rooms.database, rooms.clock)
    messages = rooms.messages
    return MailServices(
        accounts,
        Folders(rooms.mail, accounts, Choices(rooms.database, rooms.clock)),
        messages.listing,
        messages.reading,
        messages.downloading,
        Adding(rooms.mail),
        messages.moving,
        messages.deleting,
    )


def _dav_settings(settings: Settings) -> DavSettings:
    interval = settings.calendar.free_busy_days
    return DavSettings(
        relative_urls=settings.server.relative_urls,
        calendar_access=settings.calendar.dav_enabled,
        addressbook_access=settings.contacts.dav_enabled,
        past_days=settings.calendar.start_limit_days,
        free_busy_days=(interval.back, interval.ahead),
        calendar_export="calendar" not in (name.lower() for name in settings.security.export_disabled),
        public_access=settings.security.public_access,
        links=LINKS,
        shared_name=settings.general.subscription_name_format,
    )


def _limits(settings: Settings) -> Limits:
    upload = settings.server.upload_max_kilobytes * 1024
    most = upload or sys.maxsize
    return Limits(
        upload_octets=min(most, settings.files.size_max_bytes),
        object_octets=min(most, OBJECT_SLACK * settings.calendar.resource_size_max_bytes),
        document_octets=min(most, DOCUMENT_MAX),
        pause_seconds=settings.server.receive_timeout_seconds,
        request_seconds=min(REQUEST_SECONDS_MAX, settings.server.watchdog_request_timeout_minutes * 60.0 or 1e9),
    )


def _presentation(settings: Settings) -> Presentation:
    return Presentation(
        title=settings.web.page_title,
        compress=not settings.server.plain_answers,
        debug=settings.logging.requests,
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


async def _healthy(database: Database) -> bool:
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            await database.read(lambda tx: stored_collections.list_home(tx, PrincipalId(""), Kind.CALENDAR))
    except (FolkmootError, TimeoutError):
        return False
    return True
