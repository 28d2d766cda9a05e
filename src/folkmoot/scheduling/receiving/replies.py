"""REPLY, as the organizer's calendar takes it (RFC 5546 sections 2.1.5 and 3.2.3)."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.ical import Component, Line, Parameter, escape_text, format_utc, unescape_text
from folkmoot.ical.series import Key
from folkmoot.scheduling.changes import terms
from folkmoot.scheduling.meeting import NEEDS_ACTION, address_of, answer, components, mailto, organizer, own_line
from folkmoot.scheduling.messages import delegates_of, delegators_of
from folkmoot.scheduling.own_parts import REPLIED, with_answer
from folkmoot.scheduling.receiving.draft import COMMENT, Draft
from folkmoot.scheduling.receiving.incoming import (
    NO_AUTHORITY,
    UNKNOWN_INSTANCE,
    UNKNOWN_PERSON,
    UNKNOWN_UID,
    Incoming,
    combined,
    unknown,
)
from folkmoot.scheduling.receiving.versions import Version, stamp_of, version_of
from folkmoot.scheduling.sending.answering import drop_delegates
from folkmoot.scheduling.values import Address, Effect, Receipt

COMMENT_MAX: Final = 2_000  # characters kept of what somebody adds to an answer
DELEGATES_MAX: Final = 20  # named in one answer; a delegation is to one, rarely two
_CODE: Final = re.compile(r"[1-5](?:\.\d{1,3}){1,2}")  # RFC 5545 section 3.8.8.3
_TASK_DONE: Final = ("PERCENT-COMPLETE", "COMPLETED", "STATUS")


def receive_reply(copy: Component | None, incoming: Incoming) -> Receipt:
    """Return the organizer's calendar object with an answer in it.

    Answers about the series reach instances that nobody answered about; an answer about one
    instance makes an override of it.  Only the attendee, or who may act for it, is believed, and a
    delegate once the delegator has named it.

    Raises:
        MalformedInput: a date, time, duration or rule of the copy cannot be read.
    """
    if copy is None:
        return unknown(UNKNOWN_UID)
    if organizer(copy) not in incoming.recipient.addresses:
        return unknown(NO_AUTHORITY)
    draft = Draft(copy, incoming.default_zone)
    replies = _Replies(draft, incoming)
    status = ""
    effects = []
    for component in sorted(components(incoming.calendar), key=lambda one: one.get("RECURRENCE-ID") is not None):
        effect, problem = replies.take(component)
        effects.append(effect)
        status = status or problem
    effect = combined(effects)
    if effect is Effect.UNKNOWN:
        return unknown(status)
    if effect is not Effect.APPLIED:
        return Receipt(effect)
    if draft.calendar == copy:
        return Receipt(Effect.UNCHANGED)
    return Receipt(effect, draft.calendar, replied=tuple(replies.changed))


@dataclass(frozen=True, slots=True)
class _Reply:
    """One component of a REPLY: who says what about which version."""

    component: Component
    line: Line  # of the one who answers
    version: Version
    stamp: datetime

    @property
    def who(self) -> Address:
        return address_of(self.line)


@dataclass(slots=True)
class _Replies:
    """An organizer's object that takes answers, one component of a message after the other."""

    draft: Draft
    incoming: Incoming
    changed: list[Address] = field(default_factory=list)

    def take(self, component: Component) -> tuple[Effect, str]:
        """Take one component; returns what it did and, if it is unknown, why."""
        line = self._who_answers(component)
        if line is None:
            return Effect.UNKNOWN, NO_AUTHORITY
        version = version_of(component)
        reply = _Reply(component, line, version, version.stamp or self.incoming.now)
        key = self.draft.key_of(component, self.incoming.parts)
        if key is None or (key not in self.draft.overrides and self.draft.is_only(key)):
            return self._take_series(reply)
        target = self.draft.overrides.get(key)
        if target is not None:
            return self._answer(target, reply)
        if key in self.draft.excluded:
            return Effect.STALE, ""
        target = self.draft.instance(key)
        if target is None:
            return Effect.UNKNOWN, UNKNOWN_INSTANCE
        reach = (component.get("RECURRENCE-ID") or line).param("RANGE")
        if reach is not None and reach.upper() == "THISANDFUTURE":
            target.set(self.draft.parts.recurrence_id(key).with_param("RANGE", "THISANDFUTURE"))
        had = own_line(target, {reply.who})
        if had is not None and (reply.line.param("PARTSTAT") is None or _says(had) == _says(reply.line)):
            return Effect.UNCHANGED, ""  # the series says it for this instance
        effect, problem = self._answer(target, reply)
        if effect is Effect.APPLIED:
            self.draft.put(key, target)
        return effect, problem

    def _take_series(self, reply: _Reply) -> tuple[Effect, str]:
        master = self.draft.master
        if master is None:
            return Effect.UNKNOWN, UNKNOWN_INSTANCE
        series = own_line(master, {reply.who})
        before = None if series is None else (answer(series), series.param(REPLIED))
        effect, problem = self._answer(master, reply)
        if effect is Effect.APPLIED:
            for key, override in self.draft.overrides.items():
                had = own_line(override, {reply.who})
                if had is None:
                    continue
                silent = answer(had) == NEEDS_ACTION and had.param(REPLIED) is None
                current = reply.version.sequence >= version_of(override).sequence
                followed = (answer(had), had.param(REPLIED)) == before  # was answered with the series, not by itself
                if (silent and current) or (followed and self._is_as_the_series(key, override)):
                    self._answer(override, reply, current=True)
        return effect, problem

    def _answer(self, target: Component, reply: _Reply, *, current: bool = False) -> tuple[Effect, str]:
        """Put one answer into one component; ``current``: it is not about an older version."""
        had = own_line(target, {reply.who})
        if had is None:
            had = self._as_delegate(target, reply)
            if had is None:
                return Effect.UNKNOWN, UNKNOWN_PERSON
            target.add(had)
        replied = _replied(had)
        if replied is not None and reply.stamp < replied:
            return Effect.STALE, ""
        current = current or reply.version.sequence >= version_of(target).sequence
        if not current and not self._is_of_same_time(target, reply):
            return Effect.STALE, ""
        line = _answered(had, reply)
        if line == had:
            return Effect.UNCHANGED, ""
        _put(target, had, line)
        if _says(line) != _says(had) and reply.who not in self.changed:
            self.changed.append(reply.who)
        drop_delegates(target, delegates_of(had) - delegates_of(line), reply.who)
        self._take_delegates(target, line, reply)
        _take_comment(target, reply)
        _take_progress(target, reply)
        return Effect.APPLIED, ""

    def _is_as_the_series(self, key: Key, override: Component) -> bool:
        """Whether an instance stands by itself only for what nobody else sees, so that who answers need not know it."""
        instance = self.draft.instance(key)
        return instance is not None and terms(instance, self.draft.parts) == terms(override, self.draft.parts)

    def _who_answers(self, component: Component) -> Line | None:
        """Return the line of the attendee that a component speaks for, if the sender may."""
        lines = component.all("ATTENDEE")
        if self.incoming.sender is None:
            told = [line for line in lines if answer(line) not in (NEEDS_ACTION, "DELEGATED")]
            delegating = [line for line in lines if answer(line) == "DELEGATED"]
            return next(iter([*told, *delegating, *lines]), None)
        exact = [line for line in lines if address_of(line) == self.incoming.sender]
        for line in [*exact, *lines]:
            if self.incoming.is_from(line, self._stored(address_of(line))):
                return line
        return None

    def _stored(self, who: Address) -> Line | None:
        return next((line for one in self.draft.components if (line := own_line(one, {who})) is not None), None)

    def _as_delegate(self, target: Component, reply: _Reply) -> Line | None:
        """Return a line for somebody to whom an attendee has said to delegate."""
        for line in target.all("ATTENDEE"):
            if reply.who in delegates_of(line):
                return _invited(reply.who, line, self._named(reply, reply.who))
        return None

    def _take_delegates(self, target: Component, line: Line, reply: _Reply) -> None:
        for who in sorted(delegates_of(line))[:DELEGATES_MAX]:
            had = own_line(target, {who})
            if had is None:
                target.add(_invited(who, line, self._named(reply, who)))
            elif delegators_of(had) and reply.who not in delegators_of(had):  # else the organizer's own guest
                froms = (*had.param_values("DELEGATED-FROM"), mailto(reply.who))
                _put(target, had, had.with_param("DELEGATED-FROM", *froms))

    def _named(self, reply: _Reply, who: Address) -> Line | None:
        return own_line(reply.component, {who})

    def _is_of_same_time(self, target: Component, reply: _Reply) -> bool:
        """Whether an answer to an older version is about the same time, and so still an answer.

        Organizers' programs count SEQUENCE up for changes that nobody is told of.
        """
        sent = reply.component
        if sent.get("DTSTART") is None or target.get("DTSTART") is None:
            return False
        start = terms(target, self.draft.parts)[0], terms(sent, self.incoming.parts)[0]
        return _moment(start[0]) == _moment(start[1])


def _answered(had: Line, reply: _Reply) -> Line:
    """Return the organizer's line of an attendee with its answer, and when it came (RFC 6638 section 7.3).

    A REPLY without an answer tells how delivery went.
    """
    if reply.line.param("PARTSTAT") is None:
        return had.with_param("SCHEDULE-STATUS", _status(reply.component))
    line = with_answer(had, reply.line)
    kept = [one for one in line.params if one.name not in ("RSVP", "PARTSTAT", "SCHEDULE-STATUS", REPLIED)]
    if not reply.line.param_values("DELEGATED-FROM"):
        kept += [one for one in had.params if one.name == "DELEGATED-FROM"]
    return line.replace(
        params=[
            *kept,
            Parameter("PARTSTAT", (answer(reply.line),)),
            Parameter("SCHEDULE-STATUS", (_status(reply.component),)),
            Parameter(REPLIED, (format_utc(reply.stamp),)),
        ]
    )


def _invited(who: Address, delegator: Line, named: Line | None) -> Line:
    """Return the line of a new delegate, in the role of who delegated."""
    parameters = [one for one in (named.params if named is not None else ()) if one.name in ("CN", "CUTYPE", "EMAIL")]
    parameters += [one for one in delegator.params if one.name == "ROLE"]
    parameters.append(Parameter("PARTSTAT", (NEEDS_ACTION,)))
    parameters.append(Parameter("RSVP", ("TRUE",)))
    parameters.append(Parameter("DELEGATED-FROM", (mailto(address_of(delegator)),)))
    return Line("ATTENDEE", mailto(who), parameters)


def _says(line: Line) -> tuple[object, ...]:
    return answer(line), delegates_of(line), delegators_of(line)


def _replied(line: Line) -> datetime | None:
    noted = line.param(REPLIED)
    try:
        return None if noted is None else stamp_of(Line("DTSTAMP", noted))
    except MalformedInput:  # a client has spoiled it
        return None


def _status(component: Component) -> str:
    """Return the code of REQUEST-STATUS, that of success where there is none that could stand in a parameter."""
    line = component.get("REQUEST-STATUS")
    code = "" if line is None else line.value.partition(";")[0].strip()
    return code if _CODE.fullmatch(code) else "2.0"


def _moment(when: object) -> object:
    """Return a time as ``terms`` gives it, without the zone's name: it matters only to who may move."""
    return when[:3] if isinstance(when, tuple) else when


def _take_comment(target: Component, reply: _Reply) -> None:
    """Keep what the attendee says to the answer; an answer without words takes the earlier ones back."""
    target.properties[:] = [
        line
        for line in target.properties
        if line.name != COMMENT
        or address_of(line.replace(value=line.param("X-CALENDARSERVER-ATTENDEE-REF") or "")) != reply.who
    ]
    line = reply.component.get("COMMENT")
    words = unescape_text(line.value) if line is not None else reply.line.param("X-RESPONSE-COMMENT") or ""
    if words.strip():  # Exchange sends an empty line, Google a parameter
        about = Parameter("X-CALENDARSERVER-ATTENDEE-REF", (mailto(reply.who),))
        stamp = Parameter("X-CALENDARSERVER-DTSTAMP", (format_utc(reply.stamp),))
        target.add(Line(COMMENT, escape_text(words.strip()[:COMMENT_MAX]), (about, stamp)))


def _take_progress(target: Component, reply: _Reply) -> None:
    """Let the only one who works on a task say how far it is (RFC 5546 section 3.4.3)."""
    if target.name != "VTODO" or len(target.all("ATTENDEE")) != 1:
        return
    for name in _TASK_DONE:
        line = reply.component.get(name)
        if line is not None and (name != "STATUS" or line.value.strip().upper() in ("IN-PROCESS", "COMPLETED")):
            target.set(line)


def _put(component: Component, line: Line, by: Line) -> None:
    component.properties[:] = [by if one is line else one for one in component.properties]
