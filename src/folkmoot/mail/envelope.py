"""Messages as they go: addresses, identification and parts (RFC 5322, RFC 2045, RFC 3834)."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from folkmoot import __version__
from folkmoot.mail.addresses import header_text
from folkmoot.mail.layout import Laid

USER_AGENT: Final = f"Folkmoot/{__version__}"
FILE_MAX: Final = 1_000_000  # characters: what holds pictures is not sent twice, as mail servers take some 10 MB


@dataclass(frozen=True, slots=True)
class Person:
    """An address, as ``mailbox`` gives it, and a name to show."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """A calendar that the reader's program acts on (RFC 6047 section 2.4)."""

    text: str
    method: str
    component: str  # VEVENT, VTODO


def message_of(
    laid: Laid,
    *,
    sender: Person,
    recipient: Person,
    acting: Person | None = None,
    identifier: str,
    thread: str = "",
    now: datetime,
    kind: str = "",
    calendar: CalendarPart | None = None,
    urgent: bool = False,
) -> EmailMessage:
    """Return a message.

    The calendar stands inside multipart/alternative, after the text and the HTML, for programs that act on it, and
    again as a file, for people whose programs do not.

    Args:
        laid: the words.
        sender: whose message it is.
        recipient: whom it is for.
        acting: who has sent it for the sender, if not the same.
        identifier: Message-ID.
        thread: identifier that the messages of one meeting share.
        now: the present, an aware time.
        kind: X-SOGo-Message-Type, by which filters of SOGo's users go.
        calendar: what is to be acted on.
        urgent: shown with an exclamation mark; SOGo's reminders are.
    """
    message = EmailMessage(policy=SMTP)
    message["Date"] = format_datetime(now)
    message["From"] = _address(sender)
    if acting is not None and acting.address != sender.address:
        message["Sender"] = _address(acting)
    message["To"] = _address(recipient)
    message["Subject"] = laid.subject
    message["Message-ID"] = identifier
    if thread:
        message["References"] = thread
    message["Auto-Submitted"] = "auto-generated"  # no vacation answers, please (RFC 3834 section 5)
    message["User-Agent"] = USER_AGENT
    if urgent:
        message["X-Priority"] = "1"
        message["Importance"] = "high"
    if kind:
        message["X-SOGo-Message-Type"] = kind
    message.set_content(laid.text, cte="quoted-printable")
    message.add_alternative(laid.html, subtype="html", cte="quoted-printable")
    if calendar is not None:
        _add_calendar(message, calendar)
    return message


def _add_calendar(message: EmailMessage, calendar: CalendarPart) -> None:
    # base64: lines of a calendar may neither be broken nor lose blanks on the way.
    message.add_alternative(
        calendar.text,
        subtype="calendar",
        cte="base64",
        params={"method": calendar.method, "component": calendar.component},
    )
    message.make_mixed()
    message["Content-Class"] = "urn:content-classes:calendarmessage"  # Outlook; set here, as parts take Content-*
    if len(calendar.text) > FILE_MAX:
        return
    message.add_attachment(
        _with_network_breaks(calendar.text).encode(), maintype="application", subtype="ics", filename="invite.ics"
    )


def _address(person: Person) -> Address:
    local, _, domain = person.address.rpartition("@")
    return Address(header_text(person.name), local, domain)


def _with_network_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")
