"""Which messages of a meeting go by mail as well, or only by mail (SOGo's parameters, RFC 6047)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from folkmoot.calendars.meetings.invitees import Person
from folkmoot.ical import Component, calendar_address, summarize
from folkmoot.ical import format as format_calendar
from folkmoot.scheduling.meeting import attendees, components, organizer_line
from folkmoot.scheduling.values import Actor, Address, Message, Method, Reason
from folkmoot.store.outbox import NewMail, key_of

PREVIOUS_MAX: Final = 100_000  # characters; kept with each mail, and nobody reads so long a comparison
SILENCING: Final = "X-SOGO-SEND-APPOINTMENT-NOTIFICATIONS"  # a property: its presence is enough


@dataclass(frozen=True, slots=True)
class Postage:
    """What is the same for all mails of one write."""

    owner: Person  # of the calendar that was written to
    actor: Actor
    notify: bool  # SOGoAppointmentSendEMailNotifications
    replies: bool  # the person who acts has answers mailed
    invitations: bool  # False: the client mails them itself
    now: datetime
    zone: tzinfo  # of floating times
    collection: str  # that was written to; with its revision it tells this write from every other
    before: Component | None = None  # what was stored, so that a mail can tell what has changed

    def goes(self, message: Message, recipient: Person | None) -> bool:
        """Whether a message is mailed to its recipient, who is known here or not."""
        if not self.notify or not (message.significant or message.force) or "@" not in message.recipient:
            return False
        if recipient is not None and (recipient.books_itself or recipient.id == self.owner.id):
            return False
        if not (self.replies if message.method is Method.REPLY else self.invitations):
            return False
        silenced = any(one.get(SILENCING) is not None for one in components(message.calendar))
        return not silenced and not self._is_over(message.calendar)

    def _is_over(self, calendar: Component) -> bool:
        summary = summarize(calendar, default_zone=self.zone)
        return summary.component == "VEVENT" and summary.end is not None and summary.end <= self.now.timestamp()

    def mails(self, message: Message, recipient: Person | None, revision: str) -> Sequence[NewMail]:
        """Return the mails of a message: to its recipient, and an answer also to the organizer's assistant.

        ``revision`` is that of the collection after the write: a write that is repeated mails nothing twice.
        """
        line = attendees(message.calendar).get(message.recipient)
        role = "" if line is None else (line.param("ROLE") or "").upper()
        name = recipient.principal.display_name if recipient else (line.param("CN") or "") if line else ""
        found = [self._mail(message, message.recipient, name, revision, text_only=role == "NON-PARTICIPANT")]
        if message.method is Method.REPLY:
            organizer = organizer_line(message.calendar)
            assistant = Address(calendar_address((organizer.param("SENT-BY") if organizer else None) or ""))
            if "@" in assistant and assistant != message.recipient and assistant not in self.actor.addresses:
                found.append(self._mail(message, assistant, "", revision, text_only=True))
        return found

    def _mail(self, message: Message, recipient: Address, name: str, revision: str, *, text_only: bool) -> NewMail:
        actor = self.actor
        instances = [str(one) for one in message.recurrence_ids]
        key = key_of(
            message.uid,
            ",".join(instances),
            str(message.sequence),
            message.method,
            recipient,
            self.collection,
            revision,
        )
        return NewMail(
            key=key,
            kind="itip",
            sender=self.owner.id,
            recipient=recipient,
            payload={
                "method": message.method.value,
                "reason": message.reason.value,
                "itip": format_calendar(message.calendar),
                "uid": message.uid,
                "recurrence_ids": instances,
                "sequence": message.sequence,
                "sender_address": message.sender,
                "sender_name": actor.name,
                "acting_address": actor.acting or "",
                "acting_name": actor.acting_name,
                "recipient_name": name,
                "text_only": text_only,
                "previous": self._previous(message),
            },
        )

    def _previous(self, message: Message) -> str:
        if self.before is None or message.reason is not Reason.UPDATE:
            return ""
        text = format_calendar(self.before)
        return text if len(text) <= PREVIOUS_MAX else ""
