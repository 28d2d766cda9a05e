"""What follows when somebody who is invited creates, changes or deletes the own copy (RFC 6638 section 3.2.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from folkmoot.ical import Component, Line, summarize
from folkmoot.ical.recurrence import expand_series
from folkmoot.ical.series import Key
from folkmoot.ical.values import FIRST, LAST
from folkmoot.scheduling.changes import is_cancelled, only_shortened
from folkmoot.scheduling.instances import Parts, end_of, ordered, written
from folkmoot.scheduling.meeting import NEEDS_ACTION, address_of, answer, components, organizer_line, own_line, sequence
from folkmoot.scheduling.messages import delegates_of, reply, sent_by, uid_of
from folkmoot.scheduling.receiving.draft import LEFT_OUT
from folkmoot.scheduling.sending.answering import take_over, task_progress
from folkmoot.scheduling.sending.answers import reference
from folkmoot.scheduling.sending.delegation import tell_delegates
from folkmoot.scheduling.sending.tidying import FORCE, force_of
from folkmoot.scheduling.values import (
    Actor,
    AttendeeChangeRefused,
    Decision,
    Message,
    Method,
    OldSequence,
    Reason,
    Wishes,
)

INSTANCES_MAX: Final = 500  # answered one by one in one write; each is looked up in the series
LOOKED_THROUGH_MAX: Final = 5_000  # instances of a series that is cut short: a daily one for thirteen years


@dataclass(slots=True)
class _Answers:
    """The components to be told of in a REPLY, each under its instance and with its new comments."""

    told: dict[Key | None, tuple[Component, Sequence[Line]]] = field(default_factory=dict)

    def message(self, parts: Parts, actor: Actor, wishes: Wishes, *, force: bool) -> Message | None:
        line = organizer_line(parts.calendar)
        if not self.told or line is None:
            return None
        keys = [None] if None in self.told else []
        chosen = [self.told[key] for key in (*keys, *ordered(key for key in self.told if key is not None))]
        own = own_line(chosen[0][0], actor.addresses)
        return Message(
            Method.REPLY,
            actor.main if own is None else address_of(own),
            address_of(line),
            reply(parts, chosen, actor.addresses, now=wishes.now),
            Reason.REPLY,
            uid_of(parts.calendar),
            () if keys else [written(key) for key in ordered(key for key in self.told if key is not None)],
            max(sequence(one) for one, _ in chosen),
            force=force,
        )


def create(after: Component, actor: Actor, wishes: Wishes) -> Decision:
    """Decide on a copy of an invitation that a client files by itself; an answer in it is sent.

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    calendar = after.copy()
    parts = Parts(calendar, wishes.default_zone)
    force, silent = _read_organizer(calendar, calendar, wishes)
    answers = _Answers()
    of_series = own_line(parts.master, actor.addresses) if parts.master is not None else None
    for key, component in parts.all:
        own = own_line(component, actor.addresses)
        if own is None:
            continue
        inherited = key is not None and of_series is not None and answer(of_series) == answer(own)
        if force or (answer(own) != NEEDS_ACTION and not inherited):
            _sign(component, actor)
            answers.told[key] = component, component.all("COMMENT")
    return _decision(
        calendar, Parts(Component("VCALENDAR"), wishes.default_zone), answers, actor, wishes, force, silent
    )


def change(before: Component, after: Component, actor: Actor, wishes: Wishes) -> Decision:
    """Decide on a new version of a copy: the owner's answer, delegation and own matters are taken over, no more.

    Raises:
        OldSequence: a component is older than what is stored.
        AttendeeChangeRefused: more than ``INSTANCES_MAX`` instances are answered by themselves at once.
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    old, new = Parts(before, wishes.default_zone), Parts(after, wishes.default_zone)
    _check_sequence(old, new)
    calendar = before.copy()
    parts = Parts(calendar, wishes.default_zone)
    gone = ordered(_left_out(old, new))
    fresh = [key for key in new.overrides if key not in old.overrides]
    if len(gone) + len(fresh) > INSTANCES_MAX:
        raise AttendeeChangeRefused(f"more than {INSTANCES_MAX} instances of a meeting are answered at once")
    for key, sent in new.all:
        target = parts.get(key)
        if target is None and key is not None and key not in old.excluded:
            target = old.instance(key)
            if target is not None:
                calendar.components.append(target)
        if target is not None:
            take_over(target, sent, actor, personal=wishes.may_organize)
    _answer_with_the_series(Parts(calendar, wishes.default_zone), old, actor)
    answers = _Answers()
    force, silent = _read_organizer(calendar, after, wishes)
    left = _leave_out(parts, old, gone, answers, actor, wishes)
    parts = Parts(calendar, wishes.default_zone)
    _decline_left_out(parts, answers, actor)
    for key, component in parts.all:
        known = reference(old, key)
        own = own_line(component, actor.addresses)
        if own is None:
            continue
        comments = component.all("COMMENT")
        fresh_comments = comments if known is None or comments != known.all("COMMENT") else []
        beside = None in answers.told and _differs_from_series(parts, key, own, actor)
        changed = known is None or fresh_comments or _answered(component, actor) != _answered(known, actor)
        if force or beside or changed:
            _sign(component, actor)
            answers.told[key] = component, fresh_comments
    return _decision(calendar, old, answers, actor, wishes, force, silent, keeps_tag=not answers.told and not left)


def delete(before: Component, actor: Actor, wishes: Wishes) -> Decision:
    """Decide on the deletion of a copy: it declines what is not declined, delegated, called off or over.

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    calendar = before.copy()
    parts = Parts(calendar, wishes.default_zone)
    _, silent = _read_organizer(calendar, calendar, wishes)
    end = summarize(calendar, default_zone=wishes.default_zone).end
    over = end is not None and end <= wishes.now.timestamp()
    called_off = parts.master is not None and is_cancelled(parts.master)
    if silent or over or called_off or not wishes.schedule_reply:
        return Decision(None)
    answers = _Answers()
    for key, component in parts.all:
        if _decline(component, actor):
            answers.told[key] = component, ()
    message = answers.message(parts, actor, wishes, force=False)
    return Decision(None, [] if message is None else [message])


def _decision(
    calendar: Component,
    old: Parts,
    answers: _Answers,
    actor: Actor,
    wishes: Wishes,
    force: bool,
    silent: bool,
    *,
    keeps_tag: bool = False,
) -> Decision:
    messages: list[Message] = []
    if not silent:
        parts = Parts(calendar, wishes.default_zone)
        message = answers.message(parts, actor, wishes, force=force)
        messages = [] if message is None else [message]
        messages += tell_delegates(parts, old, actor, now=wishes.now)
    return Decision(calendar, messages, scheduling=True, keeps_tag=keeps_tag)


def _left_out(old: Parts, new: Parts) -> frozenset[Key]:
    """Return the instances that a new version leaves out, by EXDATE or by a rule that ends earlier.

    The latter is how clients of Apple and Google delete "all future events".  Of a series without end, and of more
    than ``INSTANCES_MAX`` at once, nothing is left out so: there is no answer to that many.
    """
    if new.master is None:
        return frozenset()
    cut: frozenset[Key] = frozenset()
    if old.master is not None and _rules(old.master) != _rules(new.master):
        endless = any(rule.endless for rule in old.series.rules)
        if not endless and only_shortened(old.master, new.master, old, new):
            cut = _instances(old) - _instances(new)
    return ((new.excluded | (cut if len(cut) <= INSTANCES_MAX else frozenset())) - old.excluded) - set(new.overrides)


def _rules(master: Component) -> list[str]:
    return [line.value for line in master.all("RRULE")]


def _instances(parts: Parts) -> frozenset[Key]:
    found = expand_series(parts.series, FIRST, LAST, limit=LOOKED_THROUGH_MAX)
    return frozenset(parts.key(one.recurrence_id) for one in found if one.recurrence_id is not None)


def _leave_out(parts: Parts, old: Parts, gone: Sequence[Key], answers: _Answers, actor: Actor, wishes: Wishes) -> bool:
    """Take over EXDATEs of instances, each a decline unless there is nothing left to decline."""
    left = False
    for key in gone:
        known = reference(old, key)
        if known is None or parts.master is None:
            continue
        left = True
        parts.master.add(parts.exdate(key))
        override = parts.overrides.get(key)
        if override is not None:
            parts.calendar.components.remove(override)
        declined = known.copy()
        end = end_of(declined, parts.zones)
        over = end is not None and end <= wishes.now
        if over or not wishes.schedule_reply:
            continue
        if _decline(declined, actor):
            answers.told[key] = declined, ()
        elif _declines(declined, actor) and len(parts.master.all(LEFT_OUT)) < INSTANCES_MAX:
            parts.master.add(Line(LEFT_OUT, written(key)))
    return left


def _decline_left_out(parts: Parts, answers: _Answers, actor: Actor) -> None:
    """Decline by themselves the instances left out of a series that was declined, and no longer is."""
    if parts.master is None or _declines(parts.master, actor):
        return
    noted = {line.value for line in parts.master.all(LEFT_OUT)[:INSTANCES_MAX]}
    parts.master.remove(LEFT_OUT)
    for key in [key for key in parts.excluded if written(key) in noted] if noted else ():
        declined = parts.instance(key)
        if declined is not None and _decline(declined, actor):
            answers.told.setdefault(key, (declined, ()))


def _answer_with_the_series(parts: Parts, old: Parts, actor: Actor) -> None:
    """Let a new answer to the series count for the instances that were not answered by themselves."""
    if parts.master is None or old.master is None:
        return
    said, had = own_line(parts.master, actor.addresses), own_line(old.master, actor.addresses)
    if said is None or had is None or answer(said) in (answer(had), "DELEGATED"):
        return
    for override in parts.overrides.values():
        own = own_line(override, actor.addresses)
        if own is not None and answer(own) == NEEDS_ACTION:
            override.properties[override.properties.index(own)] = own.with_param("PARTSTAT", answer(said))


def _differs_from_series(parts: Parts, key: Key | None, own: Line, actor: Actor) -> bool:
    """Whether an instance was answered otherwise than the series, and is to be told beside it."""
    line = own_line(parts.master, actor.addresses) if key is not None and parts.master is not None else None
    return line is not None and answer(own) not in (answer(line), NEEDS_ACTION)


def _declines(component: Component, actor: Actor) -> bool:
    own = own_line(component, actor.addresses)
    return own is not None and answer(own) == "DECLINED"


def _decline(component: Component, actor: Actor) -> bool:
    """Make the owner's answer a no; ``False`` if there is nothing to decline."""
    own = own_line(component, actor.addresses)
    if own is None or is_cancelled(component) or answer(own) in ("DECLINED", "DELEGATED"):
        return False
    component.properties[component.properties.index(own)] = sent_by(own.with_param("PARTSTAT", "DECLINED"), actor)
    return True


def _read_organizer(calendar: Component, sent: Component, wishes: Wishes) -> tuple[bool, bool]:
    """Return whether a REPLY is forced and whether the client sends it itself; takes the force out of ``calendar``.

    Thunderbird says SCHEDULE-AGENT=CLIENT for organizers elsewhere and then sends nothing: it is not believed, and
    other clients shall not believe it.
    """
    force = silent = False
    for component in components(sent):
        line = component.get("ORGANIZER")
        if line is not None:
            force = force or force_of(line) == "REPLY"
    for component in components(calendar):
        line = component.get("ORGANIZER")
        if line is None:
            continue
        if line.param(FORCE) is not None:
            line = line.with_param(FORCE)
            component.set(line)
        if wishes.client == "thunderbird" and line.param("SCHEDULE-AGENT") is not None:
            line = line.with_param("SCHEDULE-AGENT")
            component.set(line)
        silent = silent or (line.param("SCHEDULE-AGENT") or "SERVER").strip().upper() in ("CLIENT", "NONE")
    return force, silent


def _check_sequence(old: Parts, new: Parts) -> None:
    for key, component in new.all:
        known = old.get(key)
        if known is not None and sequence(component) < sequence(known):
            raise OldSequence(
                f"SEQUENCE {sequence(component)} is older than {sequence(known)}, which the organizer sent meanwhile"
            )


def _answered(component: Component, actor: Actor) -> tuple[object, ...]:
    own = own_line(component, actor.addresses)
    if own is None:
        return ()
    return answer(own), delegates_of(own), task_progress(component)


def _sign(component: Component, actor: Actor) -> None:
    own = own_line(component, actor.addresses)
    if own is not None:
        component.properties[component.properties.index(own)] = sent_by(own, actor)
