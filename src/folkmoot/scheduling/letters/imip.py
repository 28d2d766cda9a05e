"""iTIP messages as mails (RFC 6047): the words for people, the calendar part for their programs."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from email.message import EmailMessage
from hashlib import blake2b
from typing import Final

import msgspec

from folkmoot import ical
from folkmoot.contentline import Line
from folkmoot.core.errors import MalformedInput
from folkmoot.mail import mailbox, message_id
from folkmoot.mail.envelope import CalendarPart, Person, message_of
from folkmoot.mail.layout import Layout
from folkmoot.mail.letter import Letter
from folkmoot.mail.words import Reader
from folkmoot.scheduling.letters.occasion import Occasion, instance_of, name_of, occasion_of, rows, when_text
from folkmoot.scheduling.meeting import ORGANIZED, address_of
from folkmoot.scheduling.values import Address, Method, Reason

# X-SOGo-Message-Type; SOGo has none for the last two.
_KINDS: Final[Mapping[Reason, str]] = {
    Reason.INVITATION: "calendar:invitation",
    Reason.UPDATE: "calendar:invitation-update",
    Reason.CANCELLATION: "calendar:cancellation",
    Reason.REPLY: "calendar:invitation-reply",
    Reason.COUNTER: "calendar:invitation-counter",
    Reason.DECLINE_COUNTER: "calendar:invitation-declinecounter",
}
_ANSWERS: Final = {
    "ACCEPTED": ("accepted", "good"),
    "COMPLETED": ("accepted", "good"),
    "IN-PROCESS": ("accepted", "good"),
    "TENTATIVE": ("tentative", "quiet"),
    "DECLINED": ("declined", "bad"),
    "DELEGATED": ("delegated", "quiet"),
}
_THREAD_OCTETS: Final = 16


class ItipMail(msgspec.Struct, frozen=True):
    """The payload of an outbox mail of kind ``itip``."""

    method: str
    reason: str
    itip: str  # text of the VCALENDAR
    sender_address: str
    uid: str = ""
    recurrence_ids: list[str] = msgspec.field(default_factory=list)
    sequence: int = 0
    sender_name: str = ""
    acting_address: str = ""
    acting_name: str = ""
    recipient_name: str = ""
    text_only: bool = False  # nobody is asked: no calendar part (NON-PARTICIPANT, assistants)
    previous: str = ""  # text of the calendar object as it was, for telling what has changed


def itip_mail_of(payload: Mapping[str, object]) -> ItipMail:
    """Return a payload as a value.

    Raises:
        MalformedInput: something is missing or of another type.
    """
    try:
        return msgspec.convert(payload, ItipMail)
    except msgspec.ValidationError as error:
        raise MalformedInput(f"outbox: {error}") from error


def compose(
    mail: ItipMail,
    recipient: str,
    *,
    reader: Reader,
    layout: Layout,
    default_zone: tzinfo,
    key: str,
    now: datetime,
) -> EmailMessage:
    """Return the message that carries an iTIP message.

    Args:
        mail: what is sent.
        recipient: mail address.
        reader: whom it is written for.
        layout: templates.
        default_zone: of floating times, and of a reader whose zone is not known.
        key: makes the Message-ID, which is the same at every attempt.
        now: the present, an aware time.

    Raises:
        MalformedInput: an address or the calendar cannot be used.
    """
    calendar = ical.parse(mail.itip)
    sender = Person(mailbox(mail.sender_address), mail.sender_name)
    occasion = occasion_of(calendar, default_zone, mail.recurrence_ids[0] if mail.recurrence_ids else None)
    letter = itip_letter(mail, occasion, recipient, reader)
    return message_of(
        layout.lay_out(letter),
        sender=sender,
        recipient=Person(mailbox(recipient), mail.recipient_name),
        acting=Person(mailbox(mail.acting_address), mail.acting_name) if mail.acting_address else None,
        identifier=message_id(key, sender.address),
        thread=_thread(mail, occasion),
        now=now,
        kind=_KINDS[Reason(mail.reason)],
        calendar=None if mail.text_only else _part(mail, calendar, occasion),
    )


def itip_letter(mail: ItipMail, occasion: Occasion, recipient: str, reader: Reader) -> Letter:
    """Return the words for one recipient.

    Raises:
        MalformedInput: no such reason or method.
    """
    try:
        reason = Reason(mail.reason)
        Method(mail.method)
    except ValueError as error:
        raise MalformedInput(f"outbox: {error}") from error
    words = reader.words
    who = mail.sender_name.strip() or mail.sender_address
    title = occasion.title(reader)
    name, tone, values = _event(reason, mail, occasion)
    return Letter(
        kind=name.replace("_", "-"),
        language=words.language,
        subject=words.text(f"subject.{name}", title=title),
        heading=words.text(f"heading.{name}", sender=who, **values),
        title=title,
        rows=rows(occasion, reader, _previous(mail, occasion) if reason is Reason.UPDATE else None),
        comment=occasion.text("COMMENT"),
        description="" if reason is Reason.REPLY else occasion.text("DESCRIPTION"),
        remark=_remark(reason, mail, occasion, recipient, reader),
        footer=_footer(mail, who, reader),
        tone=tone,
        values={
            "organizer": name_of(line) if (line := occasion.component.get("ORGANIZER")) is not None else "",
            "sender": who,
            "acting": mail.acting_name or mail.acting_address,
            "summary": title,
            "when": when_text(occasion, reader),
            "location": occasion.text("LOCATION"),
            "description": occasion.text("DESCRIPTION"),
        },
    )


def _event(reason: Reason, mail: ItipMail, occasion: Occasion) -> tuple[str, str, dict[str, str]]:
    """Return the name of the words, the tone, and what else the heading names."""
    match reason:
        case Reason.INVITATION:
            return ("invitation_task" if occasion.task else "invitation"), "news", {}
        case Reason.UPDATE:
            return "update", "news", {}
        case Reason.CANCELLATION:
            part = bool(mail.recurrence_ids) or occasion.component.get("RECURRENCE-ID") is not None
            return ("cancellation_date" if part else "cancellation"), "gone", {}
        case Reason.COUNTER:
            return "counter", "news", {}
        case Reason.DECLINE_COUNTER:
            return "decline_counter", "bad", {}
        case Reason.REPLY:
            line = _line_of(occasion, mail.sender_address)
            status = "" if line is None else (line.param("PARTSTAT") or "").upper()
            name, tone = _ANSWERS.get(status, ("answered", "quiet"))
            delegates = () if line is None else line.param_values("DELEGATED-TO")
            return name, tone, {"delegate": ", ".join(map(ical.calendar_address, delegates[:3]))}


def _remark(reason: Reason, mail: ItipMail, occasion: Occasion, recipient: str, reader: Reader) -> str:
    words = reader.words
    if reason is Reason.CANCELLATION:
        return words.text("text.cancelled")
    if reason not in (Reason.INVITATION, Reason.UPDATE):
        return ""
    line = _line_of(occasion, recipient)
    asked = line is not None and (line.param("RSVP") or "").upper() == "TRUE"
    return words.text("text.answer" if asked and not mail.text_only else "text.information")


def _footer(mail: ItipMail, who: str, reader: Reader) -> str:
    words = reader.words
    acting = mail.acting_name.strip() or mail.acting_address
    if not acting:
        return words.text("text.automatic")
    return f"{words.text('text.acting', acting=acting, sender=who)}. {words.text('text.automatic')}"


def _previous(mail: ItipMail, occasion: Occasion) -> Occasion | None:
    if not mail.previous:
        return None
    zones = occasion.zones
    try:
        before = occasion_of(ical.parse(mail.previous), zones.default, instance_of(occasion.component, zones))
        return before.at(occasion.component.get("RECURRENCE-ID"))
    except MalformedInput:
        return None  # the mail goes without saying what has changed


def _line_of(occasion: Occasion, address: str) -> Line | None:
    wanted = Address(ical.calendar_address(address))
    for line in occasion.component.all("ATTENDEE"):
        if address_of(line) == wanted:
            return line
    return None


def _part(mail: ItipMail, calendar: ical.Component, occasion: Occasion) -> CalendarPart:
    """Return the calendar as it goes out: with its method, without alarms (those are the reader's own)."""
    sent = calendar.copy()
    sent.set(Line("METHOD", mail.method))
    for component in sent.components:
        if component.name in ORGANIZED:
            component.components[:] = [inner for inner in component.components if inner.name != "VALARM"]
    return CalendarPart(ical.format(sent), mail.method, occasion.component.name)


def _thread(mail: ItipMail, occasion: Occasion) -> str:
    """Return an identifier that all mails about a meeting refer to, so that programs show them together."""
    uid = mail.uid or occasion.text("UID")
    organizer = occasion.component.get("ORGANIZER")
    digest = blake2b(uid.encode(errors="replace"), digest_size=_THREAD_OCTETS).hexdigest()
    return message_id(digest, mail.sender_address if organizer is None else address_of(organizer))
