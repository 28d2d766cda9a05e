"""A write on a meeting: what is stored of it, and what becomes of it for everybody else (RFC 6638 section 3.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from folkmoot.calendars.index import ORGANIZER, index_row, meeting_row
from folkmoot.calendars.meetings.booking import Booker
from folkmoot.calendars.meetings.copies import Copies, fresh_tag, is_computed
from folkmoot.calendars.meetings.delivery import Delivery, with_answers, with_statuses
from folkmoot.calendars.meetings.invitees import Invitees, Person
from folkmoot.calendars.meetings.mail import Postage
from folkmoot.calendars.meetings.rewriting import addressed, expanded, hosted, principals_in, transparent_days
from folkmoot.calendars.meetings.rules import MeetingRules
from folkmoot.collections.access import Raced
from folkmoot.collections.content import Checked, Place, Write, WriteOptions
from folkmoot.collections.settling import PlainSettling, check_may_erase, check_may_put
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, Forbidden, PreconditionFailed, TooLarge
from folkmoot.database.statement import Transaction
from folkmoot.ical import Component, parse
from folkmoot.ical import format as format_calendar
from folkmoot.scheduling.decide import decide
from folkmoot.scheduling.invitation import invitation
from folkmoot.scheduling.meeting import addresses_in, components, organizer, own_line
from folkmoot.scheduling.values import Actor, Decision, Wishes
from folkmoot.sharing.preferences import preferences_of
from folkmoot.sharing.rights import Level, Rights, rights_of, subjects_of
from folkmoot.store import grants, meetings, objects, outbox, profiles
from folkmoot.store.records import Collection, ObjectMeta, uid_key

PLAIN: Final = PlainSettling()
CANCELLED_MAX: Final = 500  # meetings of one calendar that is removed: each reaches into many homes
UNANSWERED: Final = "NEEDS-ACTION"
_WORDS: Final = (b"ATTENDEE", b"ORGANIZER")


@dataclass(frozen=True, slots=True)
class _Own:
    """What the calendar's owner has of the meeting before the write."""

    calendar: Component | None
    filed: Sequence[meetings.Copy] = ()  # unanswered invitations that the written object takes the place of
    elsewhere: bool = False  # there is another copy in the owner's home
    closed: bool = False  # and it is in a calendar that is not the caller's to write to


class MeetingSettling:
    """One request's writes on calendar objects."""

    def __init__(self, rules: MeetingRules, caller: Caller, place: Place, options: WriteOptions) -> None:
        self._rules = rules
        self._caller = caller
        self._owner = place.owner
        self._options = options
        self._invitees = Invitees(rules.directory, expand_groups=options.expand_groups)

    async def look_up(self, addresses: frozenset[str]) -> None:
        """Look up people outside of the transaction.

        Raises:
            Unavailable: the directory does not answer.
        """
        await self._invitees.look_up(addresses)

    async def settle(self, tx: Transaction, write: Write) -> Checked | None:
        """Return what to store; messages are delivered, or put into the outbox, in the same transaction.

        Raises:
            Forbidden: a right is missing, or the meeting is not the writer's to change.
            PreconditionFailed: If-Schedule-Tag-Match does not hold.
            Conflict: somebody cannot be invited, or the write is older than what is stored.
            Unresolved: people must be looked up first.
        """
        self._check_versions(write)
        if self._is_plain(write) or _is_answer_to_nothing(write):
            return await self._settle_plain(tx, write)
        return await self._settle_meeting(tx, write)

    async def settle_removal(self, tx: Transaction, collection: Collection, rights: Rights) -> None:
        """Cancel what the owner of a calendar that goes has organized and is still to come.

        The copies of other people's meetings go without an answer, as with SOGo.

        Raises:
            Unresolved: people must be looked up first.
            TooLarge: more than ``CANCELLED_MAX`` meetings would have to be cancelled.
        """
        now = self._rules.clock.now().timestamp()
        names = [
            meta.name
            for meta in await objects.list_(tx, collection.id)
            if meta.participation == ORGANIZER and (meta.ends_at is None or meta.ends_at > now)
        ]
        if len(names) > CANCELLED_MAX:
            raise TooLarge(f"a calendar with more than {CANCELLED_MAX} meetings to cancel is emptied first")
        stored = await objects.get_many(tx, collection.id, sorted(names), bodies=True)
        named = frozenset(address for one in stored for address in addresses_in(parse(one.body)))
        self._invitees.require(named, (self._owner, self._caller.principal))
        for one in stored:
            await self._settle_meeting(tx, Write(self._caller, collection, rights, one.meta.name, one.meta, None))

    def _check_versions(self, write: Write) -> None:
        present, tag = write.present, self._options.if_schedule_tag
        if tag is not None and (present is None or present.schedule_tag != tag):
            raise PreconditionFailed("the object is not at the version named by If-Schedule-Tag-Match")
        if self._options.claims and present is not None and not _is_unanswered(present, write.wanted):
            raise PreconditionFailed("the object exists")

    def _is_plain(self, write: Write) -> bool:
        if write.present is not None and write.present.schedule_tag is not None:
            return False
        if write.wanted is None:
            return True
        body = write.wanted.body.upper()
        return not any(word in body for word in _WORDS)

    async def _settle_plain(self, tx: Transaction, write: Write) -> Checked | None:
        checked = await PLAIN.settle(tx, write)
        if checked is None or self._options.client != "apple" or not self._rules.changes_all_day:
            return checked
        self._invitees.require(principals=(self._owner,))
        owner = self._invitees.principal(self._owner)
        if owner is None or not self._rules.policies(owner.principal.domain).all_day_transparent:
            return checked
        calendar = parse(checked.body)
        changed = transparent_days(calendar)
        if changed is calendar:
            return checked
        body = format_calendar(changed).encode("utf-8", "replace")
        return replace(checked, body=body, index=index_row(changed, self._rules.zones.of(write.collection)))

    async def _settle_meeting(self, tx: Transaction, write: Write) -> Checked | None:
        asked = None if write.wanted is None else parse(write.wanted.body)
        own = await self._own(tx, write)
        after = None if asked is None else self._addressed(asked, own.calendar)
        self._invitees.require(
            (*(addresses_in(own.calendar) if own.calendar else ()), *(addresses_in(after) if after else ())),
            (self._owner, self._caller.principal),
        )
        owner = self._invitees.principal(self._owner)
        if owner is None or own.closed or (after is None and own.elsewhere):
            # Nobody schedules for principals that are gone; what a client has moved by a PUT is not taken away; and
            # who knows the UID of a meeting learns nothing of it, and answers it as little, by writing another copy.
            return await PLAIN.settle(tx, write)
        acting = self._invitees.principal(self._caller.principal)
        actor = owner.actor(acting)
        may_organize = self._check_rights(write, own.calendar, actor)
        wanted = None if after is None else self._prepared(after, own.calendar, owner, acting)
        now, zone = self._rules.clock.now(), self._rules.zones.of(write.collection)
        policy = self._rules.policies(owner.principal.domain)
        wishes = Wishes(
            now=now,
            default_zone=zone,
            schedule_reply=self._options.schedule_reply,
            client=self._options.client,
            may_organize=may_organize,
            keep_organizer_check=policy.check_organizer,
        )
        copies = self._copies(tx, write, own)
        before = own.calendar
        if before is None and wanted is not None and policy.check_organizer:
            before = await self._invitation(copies, wanted, actor, wishes)
        decision = decide(before, wanted, actor, wishes)
        if policy.check_organizer and wanted is not None:
            await self._check_organizer_has_it(copies, decision, actor)
        delivery = Delivery(
            copies,
            self._invitees,
            replace(await self._postage(tx, write, owner, actor, policy.notify), before=own.calendar),
            Booker(copies, self._rules.policies, self._caller, owner, now, zone, self._options.forced),
            now,
            zone,
        )
        await delivery.deliver(decision.messages)
        for filed in own.filed:
            copies.take_away(filed)
        held = await copies.write()
        await outbox.add(tx, delivery.mails(str(held[write.collection.id] + 1)), self._rules.clock.milliseconds())
        return self._checked(write, decision, actor, asked, delivery)

    def _addressed(self, asked: Component, before: Component | None) -> Component:
        named = principals_in(asked, self._options.principal_of)
        if not named:
            return asked
        self._invitees.require(principals=(*named.values(), self._owner, self._caller.principal))
        return addressed(asked, named, self._invitees, before)

    async def _own(self, tx: Transaction, write: Write) -> _Own:
        if write.present is not None and write.wanted is not None:
            stored = await objects.get(tx, write.collection.id, write.name)
            if stored is None or stored.meta.etag != write.present.etag:
                raise Raced("another writer came first")  # the conditions were checked against what was there before
            return _Own(parse(stored.body))
        uid = write.wanted.index.uid if write.wanted is not None else write.present.uid if write.present else None
        found = [one for one in await meetings.copies(tx, [self._owner], uid or "") if not is_computed(one.collection)]
        here = [one for one in found if self._is_this(one, write)]
        others = [one for one in found if not self._is_this(one, write)]
        if write.wanted is None:
            return _Own(parse(here[0].stored.body) if here else None, elsewhere=bool(others))
        if not await self._may_modify(tx, write, others):
            return _Own(None, elsewhere=True, closed=True)
        others.sort(key=lambda one: one.collection.id != write.collection.id)
        filed = [one for one in others if one.stored.meta.participation == UNANSWERED]
        return _Own(parse(others[0].stored.body) if others else None, filed, elsewhere=bool(others))

    async def _may_modify(self, tx: Transaction, write: Write, copies: Sequence[meetings.Copy]) -> bool:
        """Whether the caller may change all of these copies, by rights that are given; defaults give none here."""
        if write.rights.admin or not copies:
            return True
        subjects = subjects_of(self._caller)
        given = await grants.of(tx, list({one.collection.id for one in copies}), subjects=subjects)
        return all(
            rights_of(self._caller, self._owner, given[one.collection.id]).level(one.stored.meta.classification)
            >= Level.MODIFY
            for one in copies
        )

    def _is_this(self, one: meetings.Copy, write: Write) -> bool:
        return one.collection.id == write.collection.id and one.stored.meta.name == write.name

    def _check_rights(self, write: Write, before: Component | None, actor: Actor) -> bool:
        """Return whether the caller may change more than the owner's answer.

        Raises:
            Forbidden: the caller may not even answer.
            Conflict: who may only answer would act for the organizer (frozen: SOGo answers 409).
        """
        if write.wanted is None:
            check_may_erase(write.rights)
            return True
        present = write.present
        if (
            present is None
            or present.schedule_tag is None
            or write.rights.level(present.classification) != Level.RESPOND
        ):
            check_may_put(write.rights, present, write.wanted.index.classification)
            return True
        who = None if before is None else organizer(before)
        if who is not None and who in actor.addresses:
            raise Conflict("acting for the organizer needs the right to modify")
        return False

    def _prepared(self, after: Component, before: Component | None, owner: Person, acting: Person | None) -> Component:
        calendar = hosted(after, before, owner, acting)
        if organizer(calendar) in owner.addresses:
            calendar = expanded(calendar, self._invitees)
        if self._options.client == "apple" and self._rules.policies(owner.principal.domain).all_day_transparent:
            calendar = transparent_days(calendar)
        return calendar

    def _copies(self, tx: Transaction, write: Write, own: _Own) -> Copies:
        uid = (write.wanted.index.uid if write.wanted is not None else None) or ""
        if not uid and own.calendar is not None:
            uid = next((one.text("UID") or "" for one in components(own.calendar)), "")
        return Copies(
            tx=tx,
            uid=uid,
            name=write.name,
            own=write.collection.id,
            now=self._rules.clock.milliseconds(),
            default=self._rules.default_calendar,
            zone_of=self._rules.zones.of,
            alarms=self._rules.alarms,
            actor=self._caller.principal,
        )

    async def _invitation(self, copies: Copies, wanted: Component, actor: Actor, wishes: Wishes) -> Component | None:
        """Return to what a copy is an answer that a client files by itself: the meeting as it is by now.

        An attendee who has deleted the copy and takes that back may have an old one, and has declined.
        """
        who = organizer(wanted)
        person = None if who is None else self._invitees.at(who)
        if person is None or not person.keeps_calendars or who in actor.addresses:
            return None
        if not any(own_line(one, actor.addresses) for one in components(wanted)):
            return None
        await copies.load([person])
        for copy in copies.of(person):
            if copy.calendar is not None and organizer(copy.calendar) in person.addresses:
                return invitation(copy.calendar, actor, now=wishes.now, default_zone=wishes.default_zone)
        return None

    async def _check_organizer_has_it(self, copies: Copies, decision: Decision, actor: Actor) -> None:
        if decision.calendar is None or not decision.scheduling:
            return
        who = organizer(decision.calendar)
        if who is None or who in actor.addresses:
            return
        if not any(own_line(one, actor.addresses) for one in components(decision.calendar)):
            return  # somebody else's meeting, kept for information
        self._invitees.require([who])
        person = self._invitees.at(who)
        if person is None or not person.keeps_calendars:
            return
        await copies.load([person])
        if not copies.stored(person):
            raise Forbidden("the organizer no longer has this meeting")

    async def _postage(self, tx: Transaction, write: Write, owner: Person, actor: Actor, notify: bool) -> Postage:
        replies = True
        if notify:
            profile = await profiles.get(tx, self._caller.principal or self._owner)
            defaults = self._rules.policies(owner.principal.domain).preferences
            replies = not preferences_of(profile, defaults).no_mail_for_dav_replies
        return Postage(
            owner=owner,
            actor=actor,
            notify=notify,
            replies=replies,
            invitations=self._options.sends_mail,
            now=self._rules.clock.now(),
            zone=self._rules.zones.of(write.collection),
            collection=str(write.collection.id),
        )

    def _checked(
        self, write: Write, decision: Decision, actor: Actor, asked: Component | None, delivery: Delivery
    ) -> Checked | None:
        if write.wanted is None or decision.calendar is None:
            return None
        calendar = with_statuses(with_answers(decision.calendar, delivery.answers), delivery.statuses)
        zone = self._rules.zones.of(write.collection)
        if decision.scheduling:
            present = write.present
            kept = present.schedule_tag if present is not None and decision.keeps_tag else None
            index = meeting_row(calendar, zone, actor.addresses, kept or fresh_tag())
        else:
            index = index_row(calendar, zone)
        body = write.wanted.body if calendar == asked else format_calendar(calendar).encode("utf-8", "replace")
        return replace(write.wanted, body=body, index=index)


def _is_unanswered(present: ObjectMeta, wanted: Checked | None) -> bool:
    """Whether what is there is an invitation that nobody has answered, to the meeting that is written."""
    same = wanted is not None and wanted.index.uid is not None and uid_key(wanted.index.uid) == present.uid
    return same and present.participation == UNANSWERED


def _is_answer_to_nothing(write: Write) -> bool:
    """Whether somebody who may only answer writes to an event that nobody is invited to."""
    present = write.present
    return (
        write.wanted is not None
        and present is not None
        and present.schedule_tag is None
        and write.rights.level(present.classification) is Level.RESPOND
    )
