"""What services of mail speak of: accounts, identities, messages by name."""

from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from folkmoot.core.ids import PrincipalId
from folkmoot.mail.credentials import Credentials
from folkmoot.mail.server import MailServer

MAIN: Final = "0"  # id of everybody's own account, as in SOGo's URLs


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom a person writes."""

    name: str
    address: str
    reply_to: str = ""
    signature: str = ""  # HTML
    default: bool = False
    bcc: tuple[str, ...] = ()  # who gets a copy of what is written as this one
    text_signature: str = ""  # "": made of the other
    # Stays while the name changes; "" before ``with_default`` has numbered them.
    id: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Account:
    """A mail account that somebody may use: the own one, an external one, or another person's by delegation."""

    id: str  # MAIN, the number of an external account, or who delegated (``access.account_id_of``)
    owner: PrincipalId  # whose mailboxes these are; of an external account whoever added it
    name: str
    user_name: str
    imap: MailServer
    smtp: MailServer | None  # None: the domain's
    sieve: MailServer | None  # None: no filters
    identities: tuple[Identity, ...] = ()
    external: bool = False
    delegated: bool = False
    encryption: str = ""  # of an external account, as SOGo names it: none, ssl, tls


@dataclass(frozen=True, slots=True)
class Login:
    """A mail server and how to get in; logins that are equal share connections."""

    server: MailServer
    credentials: Credentials = field(repr=False)
    external: bool = False  # chosen by a user: addresses inside the private network are refused


@dataclass(frozen=True, slots=True)
class Special:
    """The names of an account's mailboxes that have a use, as the server writes them."""

    drafts: str
    sent: str
    trash: str
    junk: str
    templates: str
    separator: str = "/"  # "" where the server has no levels
    inbox: str = "INBOX"  # of a delegated account it may lie among other users' mailboxes


class MessageRef(Struct, frozen=True, order=True, gc=False):
    """A message by name; it stays the same message for as long as the mailbox keeps its UIDVALIDITY."""

    mailbox: str
    uid_validity: int
    uid: int
