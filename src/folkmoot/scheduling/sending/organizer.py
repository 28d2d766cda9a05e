"""What follows when the organizer creates, changes or deletes a meeting (RFC 6638 section 3.2.1)."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from folkmoot.ical import Component
from folkmoot.ical.series import Key
from folkmoot.scheduling.instances import Parts, ordered, written
from folkmoot.scheduling.meeting import address_of, components, organizer, sequence
from folkmoot.scheduling.messages import cancel, raised, request, sent_by, uid_of
from folkmoot.scheduling.sending.answers import Change, keep_answered_instances, keep_delegates, settle
from folkmoot.scheduling.sending.tidying import tidied
from folkmoot.scheduling.sending.views import NOTHING, Roster, View, seen_by
from folkmoot.scheduling.values import Actor, Address, Decision, Message, Method, Reason, Wishes

CANCELLED_SINGLY_MAX: Final = 50  # more instances at once are told by sending the series with its EXDATEs
_EMPTY: Final = Component("VCALENDAR")


def change(before: Component | None, after: Component, actor: Actor, wishes: Wishes) -> Decision:
    """Decide on an object of which the owner is the organizer.

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    calendar, forced = tidied(after, before, actor, wishes)
    old = Parts(_without_owner(before, actor) if before is not None else _EMPTY, wishes.default_zone)
    new = Parts(calendar, wishes.default_zone)
    keep_delegates(new, old)
    kept = keep_answered_instances(new, old)
    if kept:
        calendar.components.extend(kept)
        new = Parts(calendar, wishes.default_zone)
    changes = settle(new, old, client=wishes.client)
    was, is_ = Roster(old, actor.addresses), Roster(new, actor.addresses)
    plans = _plans(was, is_, changes, forced)
    touched = _touched(old, new, changes)
    if plans or touched:
        for component in components(calendar):
            line = component.get("ORGANIZER")
            if line is not None:
                component.set(sent_by(line, actor))
    return Decision(
        calendar,
        list(_messages(plans, was, is_, wishes.now)),
        scheduling=bool(is_.addresses) or any(one.get("ATTENDEE") is not None for _, one in new.all),
        keeps_tag=before is not None and not touched and not plans,
    )


def delete(before: Component, actor: Actor, wishes: Wishes) -> Decision:
    """Decide on the deletion of an object of which the owner is the organizer: whoever is still invited hears of it.

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    known = _without_owner(before, actor)
    for component in components(known):
        line = component.get("ORGANIZER")
        if line is not None:
            component.set(sent_by(line, actor))
    was = Roster(Parts(known, wishes.default_zone), actor.addresses)
    is_ = Roster(Parts(_EMPTY, wishes.default_zone), actor.addresses)
    return Decision(None, list(_messages(_plans(was, is_, {}, frozenset()), was, is_, wishes.now)))


def _without_owner(calendar: Component, actor: Actor) -> Component:
    """Return a copy without the owner among the attendees, where an imported object may have it."""
    guests = calendar.copy()
    for component in components(guests):
        component.properties[:] = [
            line for line in component.properties if line.name != "ATTENDEE" or address_of(line) not in actor.addresses
        ]
    return guests


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one attendee is told."""

    asked: View = field(default_factory=View)  # by REQUEST
    cancelled: View = field(default_factory=View)  # by CANCEL
    significant: bool = False
    invitation: bool = False
    force: bool = False


def _plans(
    was: Roster, is_: Roster, changes: Mapping[Key | None, Change], forced: Container[Address]
) -> dict[Address, _Plan]:
    plans = {}
    for address in dict.fromkeys(is_.addresses + was.addresses):
        before, after = was.view(address), is_.view(address)
        plan = _plan(before, after, changes)
        if plan is not None and after.whole and len(plan.cancelled.singles) > CANCELLED_SINGLY_MAX:
            plan = _Plan(after, significant=True)
        if address in forced and not after.empty:
            asked = plan.asked if plan is not None and not plan.asked.empty else after
            cancelled = plan.cancelled if plan is not None else View()
            invitation = plan.invitation if plan is not None else False
            plan = _Plan(asked, cancelled, significant=True, invitation=invitation, force=True)
        if plan is not None:
            plans[address] = plan
    return plans


def _plan(before: View, after: View, changes: Mapping[Key | None, Change]) -> _Plan | None:
    """Compare what somebody saw with what it is to see."""
    if after.whole and not before.whole:
        return _Plan(after, significant=True, invitation=before.empty)
    if before.whole and not after.whole:
        return _Plan(View(singles=after.singles), View(whole=True), significant=True)
    series = changes.get(None) if after.whole else None
    back = (before.singles | before.gaps) - after.singles - after.gaps if after.whole else NOTHING
    if back or (series is not None and series.seen):
        return _Plan(after, significant=True)
    gone = after.gaps - before.gaps if after.whole else before.singles - after.singles
    new = after.singles - before.singles if not after.whole else after.singles & before.gaps
    seen = new | {key for key in after.singles if changes[key].seen}
    peopled = {key for key in after.singles if changes[key].peopled}
    cancelled = View(singles=gone)
    if series is not None and series.peopled:
        return _Plan(after, cancelled, significant=bool(seen))
    if seen or peopled or gone:
        asked = View(singles=frozenset(seen | peopled))
        return _Plan(asked, cancelled, significant=bool(seen), invitation=before.empty)
    return None


def _messages(plans: Mapping[Address, _Plan], was: Roster, is_: Roster, now: datetime) -> Iterator[Message]:
    written_once: dict[View, tuple[Component, int]] = {}
    for address, plan in plans.items():
        yield from _cancellation(address, plan.cancelled, was, is_, now)
        if plan.asked.empty:
            continue
        if plan.asked not in written_once:
            chosen = seen_by(is_.parts, plan.asked)
            number = max((sequence(one) for one in chosen), default=0)
            written_once[plan.asked] = request(is_.parts, chosen, now=now), number
        calendar, number = written_once[plan.asked]
        yield Message(
            Method.REQUEST,
            organizer(is_.parts.calendar) or Address(""),
            address,
            calendar,
            Reason.INVITATION if plan.invitation else Reason.UPDATE,
            uid_of(is_.parts.calendar),
            () if plan.asked.whole else [written(key) for key in ordered(plan.asked.singles)],
            number,
            plan.significant,
            plan.force,
        )


def _cancellation(address: Address, gone: View, was: Roster, is_: Roster, now: datetime) -> Iterator[Message]:
    keys: list[Key | None] = [None] if gone.whole else list(ordered(gone.singles))
    chosen: list[tuple[Component, int]] = []
    told: list[Key | None] = []
    for key in keys:
        known = was.parts.get(key) or (was.parts.instance(key) if key is not None else None)
        if known is None:  # EXDATE of what never was an instance
            continue
        present = is_.parts.get(key) or is_.parts.master
        chosen.append((known, max(raised(sequence(known)), sequence(present) if present is not None else 0)))
        told.append(key)
    if not chosen:
        return
    yield Message(
        Method.CANCEL,
        organizer(was.parts.calendar) or Address(""),
        address,
        cancel(was.parts, chosen, address, now=now),
        Reason.CANCELLATION,
        uid_of(was.parts.calendar),
        [written(key) for key in told if key is not None],
        max(number for _, number in chosen),
        significant=not all(was.has_declined(address, key) for key in told),
    )


def _touched(old: Parts, new: Parts, changes: Mapping[Key | None, Change]) -> bool:
    if any(one.seen or one.peopled for one in changes.values()) or old.excluded != new.excluded:
        return True
    return any(new.get(key) is None for key, _ in old.all)
