"""What follows from a write: what is stored, and who is told (RFC 6638 section 3.2; SOGo's behaviour)."""

from folkmoot.ical import Component
from folkmoot.scheduling.meeting import SCHEDULED, attendees, components, organizer, own_line
from folkmoot.scheduling.sending import attendee
from folkmoot.scheduling.sending import organizer as organizing
from folkmoot.scheduling.values import Actor, Address, Decision, Wishes
from folkmoot.scheduling.writing import as_sent


def decide(before: Component | None, after: Component | None, actor: Actor, wishes: Wishes) -> Decision:
    """Decide on a write to one calendar object; ``before`` is what is stored, ``after`` is ``None`` for a deletion.

    Pure: the components given stay as they are.  If what is stored says the same as what was sent,
    ``Decision.calendar`` is ``after`` itself, so that the client's own text can be kept.

    Raises:
        OldSequence: an attendee's write is older than what is stored.
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    known = before if before is not None and organizer(before) is not None else None
    present = known if known is not None else after
    if present is None or not _is_scheduled(present):
        return _plain(before, after, wishes)
    who = organizer(present)
    if who in actor.addresses:
        decision = _of_organizer(before, known, after, actor, wishes)
    elif _takes_part(known, actor) or _takes_part(after, actor):
        decision = _of_attendee(known, after, actor, wishes)
    else:
        return _plain(before, after, wishes)
    if after is None or decision.calendar is None or not as_sent(decision.calendar, after):
        return decision
    return Decision(after, decision.messages, scheduling=decision.scheduling, keeps_tag=decision.keeps_tag)


def _of_organizer(
    before: Component | None, known: Component | None, after: Component | None, actor: Actor, wishes: Wishes
) -> Decision:
    if after is not None and before is not None and not wishes.may_organize:
        return Decision(before, scheduling=bool(_others(before, actor)), keeps_tag=True)
    if after is None:
        return Decision(None) if known is None else organizing.delete(known, actor, wishes)
    alone = not _others(after, actor) and (known is None or not _others(known, actor))
    if alone and (known is not None or wishes.client != "apple"):
        return Decision(after)
    return organizing.change(known, after, actor, wishes)


def _of_attendee(known: Component | None, after: Component | None, actor: Actor, wishes: Wishes) -> Decision:
    if known is None or not _takes_part(known, actor):
        return Decision(None) if after is None else attendee.create(after, actor, wishes)
    if after is None:
        return attendee.delete(known, actor, wishes)
    return attendee.change(known, after, actor, wishes)


def _plain(before: Component | None, after: Component | None, wishes: Wishes) -> Decision:
    """Decide on what is nobody's meeting, or only others': whoever may merely answer has nothing to answer."""
    if after is not None and before is not None and not wishes.may_organize:
        return Decision(before, keeps_tag=True)
    return Decision(after)


def _is_scheduled(calendar: Component) -> bool:
    return organizer(calendar) is not None and any(one.name in SCHEDULED for one in components(calendar))


def _takes_part(calendar: Component | None, actor: Actor) -> bool:
    return calendar is not None and any(own_line(one, actor.addresses) is not None for one in components(calendar))


def _others(calendar: Component, actor: Actor) -> set[Address]:
    return set(attendees(calendar)) - actor.addresses
