"""What writes and sends the mail of people, composed from the settings."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from folkmoot.config.mail_section import MailSettings
from folkmoot.config.settings import Settings
from folkmoot.core.clock import Clock
from folkmoot.database import Database
from folkmoot.directory.directory import Directory
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.answers import Answers
from folkmoot.mailboxes.collecting import Collecting, RecipientBooks
from folkmoot.mailboxes.direct import DirectSending
from folkmoot.mailboxes.drafts import Drafts
from folkmoot.mailboxes.filing import Filing
from folkmoot.mailboxes.guard import HostGuard
from folkmoot.mailboxes.identities import Identities
from folkmoot.mailboxes.receipts import Receipts
from folkmoot.mailboxes.redirecting import Redirecting
from folkmoot.mailboxes.sending import Sending
from folkmoot.mailboxes.transmission import Protection, Transmission
from folkmoot.mailboxes.uploads import Uploads


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """The services that write and send."""

    identities: Identities
    uploads: Uploads
    drafts: Drafts
    answers: Answers
    transmission: Transmission
    sending: Sending
    direct: DirectSending
    receipts: Receipts
    redirecting: Redirecting


def outgoing_mail(
    settings: Settings,
    access: MailAccess,
    directory: Directory,
    database: Database,
    clock: Clock,
    protection: Protection | None = None,
    books: RecipientBooks | None = None,
) -> OutgoingMail:
    """Compose the services; nothing is opened yet."""
    identities = Identities(access, directory)
    uploads = Uploads(spool_of(settings))
    drafts = Drafts(access, identities, database, uploads, now=clock.now, random_key=_random_key)
    transmission = Transmission(
        access,
        identities,
        allow=HostGuard(settings.security.allowed_private_networks),
        protection=protection,
        transcript=settings.logging.smtp,
    )
    collecting = Collecting(access, books) if books is not None else None
    sending = Sending(access, directory, database, clock, transmission, Filing(access), collecting)
    direct = DirectSending(access, database, clock, transmission)
    return OutgoingMail(
        identities,
        uploads,
        drafts,
        Answers(access, identities),
        transmission,
        sending,
        direct,
        Receipts(access, identities, direct, clock),
        Redirecting(access, identities, direct, clock, random_key=_random_key),
    )


def spool_of(settings: Settings) -> Path:
    """Return where uploads are kept: SOGoMailSpoolPath where it was chosen or is there, else below the state."""
    spool = Path(settings.mail.spool_path)
    if settings.mail.spool_path != MailSettings().spool_path or os.access(spool, os.W_OK | os.X_OK):
        return spool / "uploads"
    return Path(settings.server.state_directory) / "uploads"


def _random_key() -> str:
    return secrets.token_hex(12)
