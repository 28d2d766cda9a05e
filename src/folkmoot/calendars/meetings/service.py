"""Meetings: what other people are told when a calendar object is written, and what comes of messages from outside."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from folkmoot.calendars.meetings.booking import Booker
from folkmoot.calendars.meetings.copies import Copies
from folkmoot.calendars.meetings.delivery import Delivery
from folkmoot.calendars.meetings.invitees import Invitees, Person
from folkmoot.calendars.meetings.mail import Postage
from folkmoot.calendars.meetings.rewriting import PrincipalOf, addressed, principals_in
from folkmoot.calendars.meetings.rules import MeetingRules
from folkmoot.calendars.meetings.settling import MeetingSettling
from folkmoot.collections.access import LOOK_UPS_MAX, RACE_RETRIES, Raced, Seen
from folkmoot.collections.content import Place, Settling, Unresolved, WriteOptions
from folkmoot.core.caller import ANONYMOUS, Caller
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound, PreconditionFailed, TooLarge
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database import Database
from folkmoot.database.statement import Transaction
from folkmoot.ical import Component, calendar_address, summarize
from folkmoot.scheduling.itip import parse_message
from folkmoot.scheduling.meeting import (
    address_of,
    addresses_in,
    attendees,
    components,
    organizer,
    own_line,
    sequence,
)
from folkmoot.scheduling.messages import sent_by
from folkmoot.scheduling.values import Actor, Address, Effect, Message, Method, Reason, Receipt
from folkmoot.sharing.rights import Level
from folkmoot.store import meetings, outbox

T = TypeVar("T")
RECIPIENTS_MAX: Final = 1_000  # of one message that is sent by name; as many as one instance may have
NAMED_MAX: Final = 200  # characters of a UID that can be a resource name; it needs room for its suffix
_BY_ORGANIZER: Final = frozenset([Method.PUBLISH, Method.REQUEST, Method.ADD, Method.CANCEL, Method.DECLINECOUNTER])
_REASONS: Final[Mapping[Method, Reason]] = {
    Method.REQUEST: Reason.INVITATION,
    Method.ADD: Reason.UPDATE,
    Method.CANCEL: Reason.CANCELLATION,
    Method.REPLY: Reason.REPLY,
    Method.COUNTER: Reason.COUNTER,
    Method.DECLINECOUNTER: Reason.DECLINE_COUNTER,
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that somebody has written."""

    body: bytes
    recipients: Sequence[str] = ()  # none: an organizer's message goes to all attendees, an attendee's to the organizer
    principal_of: PrincipalOf | None = None  # as in ``WriteOptions``


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message for one recipient: a SCHEDULE-STATUS (RFC 6638 section 3.2.9)."""

    recipient: Address
    status: str


class Meetings:
    """Scheduling for the people of one database."""

    def __init__(self, database: Database, rules: MeetingRules) -> None:
        self._database = database
        self._rules = rules

    def settling(self, caller: Caller, place: Place, options: WriteOptions) -> Settling:
        """Return what settles the writes of one request on calendar objects."""
        return MeetingSettling(self._rules, caller, place, options)

    async def receive(self, owner: PrincipalId, body: bytes, sender: Address) -> Receipt:
        """Take in an iTIP message for somebody here that came from outside; ``sender`` is who is known to have sent it.

        Raises:
            MalformedInput: no iTIP message.
            NotFound: no such principal.
            Unavailable: the directory does not answer.
        """
        method, calendar = parse_message(body)
        invitees = Invitees(self._rules.directory, expand_groups=False)

        async def work(tx: Transaction) -> Receipt:
            invitees.require(principals=(owner,))
            person = invitees.principal(owner)
            if person is None:
                raise NotFound("no such principal")
            message = _message(method, calendar, sender, person.main)
            # The sender stands for a calendar that is not here: nothing of this message is mailed again.
            delivery = self._delivery(tx, message, invitees, person, ANONYMOUS, Actor(frozenset([sender]), sender))
            await delivery.deliver([message], to={message.recipient: person})
            await delivery.copies.write()
            return _best([receipt for _, receipt in delivery.receipts])

        return await self._run(work, invitees)

    async def send(self, caller: Caller, outbox_: Seen, outgoing: Outgoing) -> Sequence[Sent]:
        """Send a message that the caller wrote for the owner of an outbox (RFC 6638 draft, as older clients do).

        Raises:
            MalformedInput: no iTIP message, or nobody to send it to.
            Forbidden: it is not the owner's to send, or the caller may not send it in the owner's name.
            TooLarge: too many recipients.
            Prevented: somebody cannot be invited.
        """
        method, written = parse_message(outgoing.body)
        named = [_bare(one) for one in outgoing.recipients]
        invitees = Invitees(self._rules.directory)
        owner = outbox_.collection.owner
        principals = principals_in(written, outgoing.principal_of)

        async def work(tx: Transaction) -> Sequence[Sent]:
            invitees.require(principals=(owner, caller.principal, *principals.values()))
            calendar = addressed(written, principals, invitees)
            invitees.require(addresses_in(calendar) | frozenset(named))
            person = invitees.principal(owner)
            if person is None:
                raise NotFound("no such principal")
            actor = person.actor(invitees.principal(caller.principal))
            _check_sender(method, calendar, actor)
            if not outbox_.rights.admin:
                await self._check_delegate(tx, outbox_, method, calendar)
            calendar = _signed(method, calendar, actor)
            chosen = named or _everybody(method, calendar, actor)
            if not chosen:
                raise MalformedInput("the message names nobody to send it to")
            if len(chosen) > RECIPIENTS_MAX:
                raise TooLarge(f"at most {RECIPIENTS_MAX} recipients of one message")
            messages = [
                _message(method, calendar, _spoken_for(method, calendar, actor), one) for one in dict.fromkeys(chosen)
            ]
            delivery = self._delivery(tx, messages[0], invitees, person, caller, actor)
            await delivery.deliver(messages)
            await delivery.copies.write()
            now = self._rules.clock.milliseconds()
            await outbox.add(tx, delivery.mails(str(now)), now)
            return [Sent(message.recipient, delivery.statuses.get(message.recipient, "1.2")) for message in messages]

        return await self._run(work, invitees)

    async def _check_delegate(self, tx: Transaction, outbox_: Seen, method: Method, calendar: Component) -> None:
        """Let a delegate send what a write to the same meeting in this calendar would send.

        Raises:
            Forbidden: of meetings elsewhere, or of this class, the delegate may send nothing; or may not invite anew.
        """
        rights = outbox_.rights
        organizes = method in _BY_ORGANIZER
        needed = Level.MODIFY if organizes else Level.RESPOND
        uid = next((one.text("UID") or "" for one in components(calendar)), "")
        copies = await meetings.copies(tx, [outbox_.collection.owner], uid)
        if any(one.collection.id != outbox_.collection.id for one in copies):
            raise Forbidden("this meeting is not in the calendar that the rights are given on")
        classes = [one.stored.meta.classification for one in copies] or [
            summarize(calendar, default_zone=self._rules.zones.default).classification
        ]
        if any(rights.level(one) < needed for one in classes) or (organizes and not copies and not rights.create):
            raise Forbidden("this needs the right to modify, or to respond, in the owner's calendar")

    def _delivery(
        self, tx: Transaction, message: Message, invitees: Invitees, owner: Person, caller: Caller, actor: Actor
    ) -> Delivery:
        rules = self._rules
        policy = rules.policies(owner.principal.domain)
        copies = Copies(
            tx=tx,
            uid=message.uid,
            name=ResourceName(_name_of(message.uid)),
            own=None,
            now=rules.clock.milliseconds(),
            default=rules.default_calendar,
            zone_of=rules.zones.of,
            alarms=rules.alarms,
            actor=caller.principal or owner.id,
        )
        now, zone = rules.clock.now(), rules.zones.default
        here = owner.addresses & actor.addresses
        postage = Postage(owner, actor, policy.notify and bool(here), True, True, now, zone, "message")
        booker = Booker(copies, rules.policies, caller, owner, now, zone, True)
        return Delivery(copies, invitees, postage, booker, now, zone, trusted=False)

    async def _run(self, work: Callable[[Transaction], Awaitable[T]], invitees: Invitees) -> T:
        for _ in range(RACE_RETRIES + LOOK_UPS_MAX):
            try:
                return await self._database.write(work)
            except Raced:
                continue
            except Unresolved as unresolved:
                await invitees.look_up(unresolved.addresses)
        raise PreconditionFailed("too many writers at once; try again")


def _message(method: Method, calendar: Component, sender: Address, recipient: Address) -> Message:
    found = list(components(calendar))
    return Message(
        method=method,
        sender=sender,
        recipient=recipient,
        calendar=calendar,
        reason=_REASONS.get(method, Reason.UPDATE),
        uid=next((one.text("UID") or "" for one in found), ""),
        sequence=max(map(sequence, found), default=0),
    )


def _check_sender(method: Method, calendar: Component, actor: Actor) -> None:
    if method in _BY_ORGANIZER:
        named = [line for one in components(calendar) for line in one.all("ORGANIZER")]
        if not named or any(address_of(line) not in actor.addresses for line in named):
            raise Forbidden("this message is the organizer's to send")
        return
    for one in components(calendar):
        lines = one.all("ATTENDEE")
        others = [line for line in lines if address_of(line) not in actor.addresses]
        # Who signs in is known: SENT-BY lets nobody answer for others here, as it does in a mail.
        if len(others) == len(lines) or any(line.param("SENT-BY") is not None for line in others):
            raise Forbidden("this message is an attendee's to send")


def _signed(method: Method, calendar: Component, actor: Actor) -> Component:
    """Return a message that says who has sent it for the organizer, or for the attendee."""
    if actor.acting is None:
        return calendar
    signed = calendar.copy()
    for component in components(signed):
        line = component.get("ORGANIZER") if method in _BY_ORGANIZER else own_line(component, actor.addresses)
        if line is not None:
            component.properties[component.properties.index(line)] = sent_by(line, actor)
    return signed


def _spoken_for(method: Method, calendar: Component, actor: Actor) -> Address:
    """Return the address by which the message names the actor."""
    if method in _BY_ORGANIZER:
        return organizer(calendar) or actor.main
    named = [address for address in attendees(calendar) if address in actor.addresses]
    return named[0] if named else actor.main


def _everybody(method: Method, calendar: Component, actor: Actor) -> list[Address]:
    who = organizer(calendar)
    if method in _BY_ORGANIZER:
        return [one for one in attendees(calendar) if one not in actor.addresses]
    return [] if who is None else [who]


def _bare(address: str) -> Address:
    return Address(calendar_address(address))


def _name_of(uid: str) -> str:
    """Return the name for a copy that no organizer here has named: the UID, where it can stand in a path."""
    plain = all(character.isalnum() or character in "-_.@" for character in uid) and uid.isascii()
    return f"{uid}.ics" if plain and 0 < len(uid) <= NAMED_MAX and uid.strip(".") else f"{uuid.uuid4()}.ics"


def _best(receipts: Sequence[Receipt]) -> Receipt:
    """Return the receipt of the copy that a message did something to."""
    for effect in (Effect.APPLIED, Effect.REMOVED, Effect.NOTED, Effect.UNCHANGED, Effect.STALE):
        for receipt in receipts:
            if receipt.effect is effect:
                return receipt
    return receipts[0] if receipts else Receipt(Effect.UNKNOWN)
