"""Embedded mail as part of the server: the sockets that workers answer Dovecot on, the settings, and Dovecot itself."""

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import structlog

from folkmoot.auth.authenticator import Authenticator
from folkmoot.auth.mail_tokens import open_mail_tokens
from folkmoot.config.kinds import ListenAddress
from folkmoot.config.servers_section import SmtpSettings
from folkmoot.config.settings import Settings
from folkmoot.core.errors import ConfigurationError
from folkmoot.core.ids import PrincipalId
from folkmoot.mailboxes.arrivals import Arrival, Arrivals
from folkmoot.server import listeners
from folkmoot.server.rooms import Rooms
from folkmoot.stack import calls, dovecot
from folkmoot.stack.applying import SUBMISSION, with_embedded_mail
from folkmoot.stack.calls import MailCalls
from folkmoot.stack.child import DovecotChild
from folkmoot.stack.delivered import Delivered
from folkmoot.stack.dovecot import DovecotValues, Folders, Ports
from folkmoot.stack.mail_events import SECRET_MIN, MailEvents
from folkmoot.stack.place import LOOPBACK, make_place, with_free_ports
from folkmoot.stack.relay import Relay, serve_relay
from folkmoot.stack.relay_auth import RelayAuth
from folkmoot.stack.relay_delivery import RelayDelivery
from folkmoot.stack.running import Runnable, runnable

SHARED: Final = "shared/"  # before the names of others' mailboxes, as Dovecot is configured

log = structlog.get_logger()


class EmbeddedMail:
    """What the supervisor holds for embedded mail; ``child`` is absent where Dovecot cannot run."""

    def __init__(self, settings: Settings) -> None:
        """Find or make its place, and bind what workers answer on.

        Raises:
            ConfigurationError: there is no room for it, or no free port.
        """
        self.missing = ""  # why there is no mail
        self._settings = settings
        self.place = make_place(settings.server.state_directory)
        self.child: DovecotChild | None = None
        self.owner: int | None = None  # the user id of Dovecot's processes, where that is not ours
        found: Runnable | None = None
        try:
            found = runnable(settings.server.state_directory)
        except ConfigurationError as error:
            self.missing = str(error)
            log.warning("running without mail", reason=self.missing)
        if found is not None:
            self.owner = found.owner
            runs_as = found.runs_as
            self.child = DovecotChild(
                found.program, self.place.directory, self.place.base, found.owner, lambda: self._files(runs_as)
            )
            self.child.end_former()
        self.place = with_free_ports(self.place)
        backlog = settings.server.listen_queue_size
        self.calls = listeners.bind(ListenAddress(LOOPBACK, self.place.ports.calls), backlog=backlog)
        self.relay = listeners.bind(ListenAddress(LOOPBACK, self.place.ports.relay), backlog=backlog)

    @property
    def http(self) -> tuple[socket.socket, ...]:
        """Listeners for HTTP beside the server's own."""
        return (self.calls,)

    @property
    def outer(self) -> SmtpSettings | None:
        """Where mail goes that leaves this machine; None: nowhere."""
        smtp = self._settings.smtp
        return smtp if smtp.server and smtp.server != SmtpSettings().server else None

    def applied(self, settings: Settings) -> Settings:
        """Return the settings with our servers in the place of configured ones."""
        return with_embedded_mail(settings, self.place)

    def renew(self, settings: Settings) -> None:
        """Take over new settings."""
        self._settings = settings
        if self.child is not None:
            self.child.renew()

    def _files(self, runs_as: dovecot.RunsAs) -> Mapping[str, str]:
        place, settings = self.place, self._settings
        ports = place.ports
        imap = settings.imap
        return dovecot.files(
            DovecotValues(
                directory=place.directory,
                homes=place.homes,
                base=place.base,
                ports=Ports(ports.imap, ports.sieve, ports.submission),
                runs_as=runs_as,
                calls_url=f"http://{LOOPBACK}:{ports.calls}{calls.PATH.rstrip('/')}",
                secret=place.secret,
                relay_port=ports.relay,
                relay_name=SUBMISSION,
                folders=Folders(imap.drafts, imap.sent, imap.trash, imap.junk, imap.templates),
                quota_megabytes=settings.server.embedded_mail_quota_megabytes,
                message_kilobytes=settings.smtp.message_max_kilobytes,
            )
        )


@asynccontextmanager
async def answer_dovecot(
    settings: Settings, rooms: Rooms, authenticator: Authenticator, mail: EmbeddedMail, arrivals: Arrivals
) -> AsyncIterator[MailCalls]:
    """Answer what Dovecot asks of this worker, and relay mail beside it.

    Raises:
        Unavailable: the database does not answer.
    """
    directory = rooms.people_directory.directory
    tokens = await open_mail_tokens(rooms.database)
    secret = mail.place.secret
    relay = Relay(
        RelayAuth(secret, authenticator, directory, tokens, rooms.clock),
        RelayDelivery(directory, mail.place.lmtp, mail.outer),
        octets_max=settings.smtp.message_max_kilobytes * 1024,
        owner=mail.owner,
    )
    async with serve_relay(mail.relay, relay):
        yield MailCalls(
            secret, authenticator, directory, tokens, rooms.clock, lambda told: arrivals.delivered(_arrival_of(told))
        )


def answer_own_server(settings: Settings, rooms: Rooms, arrivals: Arrivals) -> MailEvents | None:
    """Return what takes in the events of a mail server of the administrator's own; None: nobody may tell any."""
    secret = settings.server.mail_events_secret
    if not secret:
        return None
    if len(secret) < SECRET_MIN:
        log.warning("too short, not used", key="FolkmootMailEventsSecret", characters_min=SECRET_MIN)
        return None
    directory = rooms.people_directory.directory
    return MailEvents(secret, directory, lambda told: arrivals.delivered(_arrival_of(told)))


def _arrival_of(told: Delivered) -> Arrival:
    """Return what happened to whose mailbox: a delegate's session tells of it by the name that the delegate sees."""
    owner, mailbox = told.user, told.mailbox
    if mailbox.startswith(SHARED):
        name, _, below = mailbox.removeprefix(SHARED).partition("/")
        owner, mailbox = PrincipalId(name), below or "INBOX"
    new = told.event == "MessageNew"  # not MessageAppend, which is what people put there themselves
    return Arrival(owner, mailbox, told.uid_validity, told.uid if new else 0, pushed=True)


def open_embedded_mail(settings: Settings) -> EmbeddedMail | None:
    """Return embedded mail where the settings want it and there is room for it."""
    if not settings.server.embedded_mail:
        return None
    try:
        return EmbeddedMail(settings)
    except ConfigurationError as error:
        log.warning("running without mail", reason=str(error))
        return None
