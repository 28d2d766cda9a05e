"""Delivering the messages of one write: into calendars and inboxes here, or as mails that are to be sent.

Everything happens in the transaction of the write.  Rooms and things answer at once (see ``booking``); what an
attendee answered is carried from the organizer's copy into those of the others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Final

from folkmoot.calendars.meetings.booking import Booker
from folkmoot.calendars.meetings.copies import Copies
from folkmoot.calendars.meetings.invitees import Invitees, Person
from folkmoot.calendars.meetings.mail import Postage
from folkmoot.core.errors import TooLarge
from folkmoot.ical import Component, Line
from folkmoot.scheduling.meeting import address_of, attendees, components, organizer
from folkmoot.scheduling.receive import receive
from folkmoot.scheduling.receiving.cancellations import is_delegated
from folkmoot.scheduling.receiving.incoming import NO_AUTHORITY, unknown
from folkmoot.scheduling.receiving.last_word import as_last_word
from folkmoot.scheduling.receiving.merge_answers import merge_answers
from folkmoot.scheduling.values import Address, Effect, Message, Method, Receipt
from folkmoot.store.outbox import NewMail

DELIVERED: Final = "1.2"  # RFC 6638 section 3.2.9
QUEUED: Final = "1.1"
PROCESSED: Final = "2.0"
NO_SUCH_USER: Final = "3.7"
NO_WAY: Final = "5.2"  # nothing carries messages to that address
_SAID_NOTHING_NEW: Final = frozenset([Effect.UNCHANGED, Effect.STALE, Effect.UNKNOWN])
# Attendees in all copies of one write, as each names all of them: a thousand people who meet once, which calendars
# announce, or fifty in two hundred instances that differ.  Ten microseconds each.
LINES_MAX: Final = 1_000_000
_FAILED: Final = ("3", "5")
_BY_ORGANIZER: Final = frozenset([Method.REQUEST, Method.CANCEL])  # what a delegator sends, too


@dataclass(slots=True)
class Delivery:
    """One write's messages on their way."""

    copies: Copies
    invitees: Invitees
    postage: Postage
    booker: Booker
    now: datetime
    zone: tzinfo  # of floating times
    trusted: bool = True  # False: somebody wrote the messages, and can speak for oneself only
    statuses: dict[Address, str] = field(default_factory=dict)  # SCHEDULE-STATUS by recipient
    answers: dict[Address, str] = field(default_factory=dict)  # PARTSTAT of those who answered at once
    receipts: list[tuple[Message, Receipt]] = field(default_factory=list)
    _to_mail: list[tuple[Message, Person | None]] = field(default_factory=list)

    async def deliver(self, messages: Sequence[Message], to: Mapping[Address, Person] | None = None) -> None:
        """Deliver, without writing yet; ``to`` says who the recipients are where that is known already.

        Raises:
            Unresolved: people must be looked up first.
            Prevented: somebody cannot be invited, or a room is taken.
            TooLarge: too many people here would be told of too many others, in too many instances.
        """
        known = to or {}
        self.invitees.require(message.recipient for message in messages if message.recipient not in known)
        addressed = [
            (message, known.get(message.recipient) or self.invitees.at(message.recipient)) for message in messages
        ]
        here = {person.id: person for _, person in addressed if person is not None and person.keeps_calendars}
        _check_work([message for message, person in addressed if person is not None and person.keeps_calendars])
        await self.copies.load(here.values())
        self.answers |= await self.booker.book(addressed)
        answered = [(_with_answers(message, self.answers), person) for message, person in addressed]
        for message, person in answered:
            if person is not None and person.keeps_calendars:
                if self.copies.own is None or person.id != self.postage.owner.id:
                    await self._receive(message, person)
            else:
                status = self._status_of_mail(message)
                if status is not None:
                    self.statuses[message.recipient] = status
            if self.postage.goes(message, person):
                self._to_mail.append((message, person))

    def mails(self, revision: str) -> Sequence[NewMail]:
        """Return what is to be mailed; ``revision`` is that of the collection after the write."""
        return [mail for message, person in self._to_mail for mail in self.postage.mails(message, person, revision)]

    def _status_of_mail(self, message: Message) -> str | None:
        """Return what becomes of a message to somebody who is not here; None: nothing that anybody waits for."""
        if "@" not in message.recipient:
            return NO_SUCH_USER
        if self.postage.goes(message, None):
            return QUEUED
        return None if self.postage.notify else NO_WAY

    async def _receive(self, message: Message, person: Person) -> None:
        effects: set[Effect] = set()
        status = PROCESSED if message.method is Method.REPLY else DELIVERED
        for copy in self.copies.of(person):
            receipt = self._received(copy.calendar, message, person)
            self.receipts.append((message, receipt))
            effects.add(receipt.effect)
            if receipt.effect is Effect.REMOVED:
                self.copies.put(copy, None, significant=True)
            elif receipt.effect is Effect.APPLIED and receipt.calendar is not None:
                calendar = receipt.calendar
                if person.books_itself and message.recipient in self.answers:
                    calendar = with_answers(calendar, {message.recipient: self.answers[message.recipient]})
                self.copies.put(copy, calendar, significant=receipt.significant)
                if message.method is Method.REPLY:
                    await self._carry(calendar, person, message)
            elif receipt.effect is Effect.UNKNOWN and receipt.request_status.startswith(_FAILED):
                status = receipt.request_status.partition(";")[0]
        self.statuses[message.recipient] = status if message.recipient not in self.answers else PROCESSED
        if message.significant and not person.books_itself and not effects <= _SAID_NOTHING_NEW:
            self.copies.notify(person, message.calendar)

    def _received(self, copy: Component | None, message: Message, person: Person) -> Receipt:
        # Anybody can file a copy that names somebody else as organizer, and delegate from it.
        if (
            copy is not None
            and self._is_delegated(message)
            and not is_delegated(copy, person.addresses, message.sender)
        ):
            return unknown(NO_AUTHORITY)
        word = message.calendar
        if self.trusted and copy is not None:
            word = as_last_word(word, message.method, copy)
        return receive(
            copy,
            word,
            message.method,
            person.actor(),
            now=self.now,
            default_zone=self.zone,
            sender=None if self.trusted else message.sender,
        )

    def _is_delegated(self, message: Message) -> bool:
        """Whether a message of this server speaks of a meeting that somebody other than its sender organizes."""
        return (
            self.trusted
            and message.method in _BY_ORGANIZER
            and organizer(message.calendar) not in self.postage.actor.addresses
        )

    async def _carry(self, organized: Component, organizer: Person, message: Message) -> None:
        """Carry what the organizer knows about everybody's answers into the other attendees' copies."""
        others = attendees(organized)
        self.invitees.require(others)
        people: dict[str, Person] = {}
        for address in others:
            person = self.invitees.at(address)
            if person is not None and person.keeps_calendars and address != message.sender:
                people.setdefault(person.id, person)
        for principal in (organizer.id, self.postage.owner.id):
            people.pop(principal, None)
        await self.copies.load(people.values())
        for person in people.values():
            if not self.copies.stored(person):
                continue
            for copy in self.copies.of(person):
                if copy.calendar is not None:
                    merged = merge_answers(copy.calendar, organized, person.actor())
                    if merged.effect is Effect.APPLIED and merged.calendar is not None:
                        self.copies.put(copy, merged.calendar, significant=False)


def _check_work(messages: Sequence[Message]) -> None:
    lines = {id(one.calendar): sum(len(c.all("ATTENDEE")) for c in components(one.calendar)) for one in messages}
    if sum(lines[id(one.calendar)] for one in messages) > LINES_MAX:
        raise TooLarge("too many people would be told of too many others, in too many instances")


def _with_answers(message: Message, answers: dict[Address, str]) -> Message:
    if not answers or message.method is not Method.REQUEST:
        return message
    return replace(message, calendar=with_answers(message.calendar, answers))


def with_answers(calendar: Component, answers: dict[Address, str]) -> Component:
    """Return a calendar object in which these attendees have answered."""

    def answered(line: Line) -> Line:
        partstat = answers.get(address_of(line))
        return line if partstat is None else line.with_param("PARTSTAT", partstat).with_param("RSVP")

    return _changed(calendar, "ATTENDEE", answered) if answers else calendar


def with_statuses(calendar: Component, statuses: dict[Address, str]) -> Component:
    """Return a calendar object that tells what became of the messages to its organizer and attendees."""

    def told(line: Line) -> Line:
        status = statuses.get(address_of(line))
        return line if status is None else line.with_param("SCHEDULE-STATUS", status)

    if not statuses:
        return calendar
    return _changed(_changed(calendar, "ATTENDEE", told), "ORGANIZER", told)


def _changed(calendar: Component, name: str, change: Callable[[Line], Line]) -> Component:
    changed = calendar.copy()
    for component in components(changed):
        component.properties[:] = [change(line) if line.name == name else line for line in component.properties]
    return changed
