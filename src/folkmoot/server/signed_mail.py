"""What signs, encrypts and opens the mail of people, composed from the settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from folkmoot.config.settings import Settings
from folkmoot.core.clock import Clock
from folkmoot.database import Database
from folkmoot.directory.directory import Directory
from folkmoot.mail.smime import Openssl, Smime
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.certificates import CertificateBook, Certificates
from folkmoot.mailboxes.opening import Opening


@dataclass(frozen=True, slots=True)
class SignedMail:
    """The services of S/MIME; ``opening`` also takes winmail.dat apart."""

    certificates: Certificates
    opening: Opening


def signed_mail(
    settings: Settings,
    access: MailAccess,
    directory: Directory,
    database: Database,
    clock: Clock,
    books: Sequence[CertificateBook] = (),
) -> SignedMail:
    """Compose the services; nothing is opened yet."""
    file = settings.mail.certificate_authorities
    smime = Smime(Openssl(), Path(file) if file else None)
    certificates = Certificates(access, database, directory, smime, clock, books)
    return SignedMail(certificates, Opening(access, certificates, smime))
