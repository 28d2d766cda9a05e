"""What an attendee may change of a meeting that somebody else organizes (RFC 6638 section 3.2.2.1)."""

from typing import Final

from folkmoot.ical import Component, Line, calendar_address
from folkmoot.scheduling.changes import PERSONAL
from folkmoot.scheduling.meeting import NEEDS_ACTION, address_of, answer, mailto, own_line
from folkmoot.scheduling.messages import delegates_of, delegators_of
from folkmoot.scheduling.values import Actor, Address

PROGRESS: Final = ("COMPLETED", "PERCENT-COMPLETE", "STATUS")  # of a task, told by whoever works on it
_PASSING: Final = "X-MOZ-"  # Thunderbird's notes on alarms; what it takes away is gone
_WORKING: Final = frozenset({"NEEDS-ACTION", "IN-PROCESS", "COMPLETED"})  # STATUS that is not the organizer's


def take_over(target: Component, sent: Component, actor: Actor, *, personal: bool) -> None:
    """Take from what was sent the owner's answer and delegation, and with ``personal`` what only the owner sees.

    Changes ``target``; everything else of ``sent`` is passed over.
    """
    own, said = own_line(target, actor.addresses), own_line(sent, actor.addresses)
    if own is not None and said is not None:
        _take_answer(target, sent, own, said)
        if sent.get("COMMENT") is not None:
            _take(target, sent, "COMMENT")
        if target.name == "VTODO":
            _take_progress(target, sent)
    if personal:
        _take_personal(target, sent)


def task_progress(component: Component) -> tuple[str, ...]:
    """Return what a task's REPLY tells beside the answer (RFC 5546 section 3.4.3)."""
    if component.name != "VTODO":
        return ()
    return tuple(line.value.strip().upper() if (line := component.get(name)) is not None else "" for name in PROGRESS)


def drop_delegates(target: Component, gone: frozenset[Address], delegator: Address) -> None:
    """Drop those who are there by this delegation alone; who was invited by others stays."""
    alone = set()
    for place, line in enumerate(target.properties):
        if line.name == "ATTENDEE" and address_of(line) in gone and delegator in delegators_of(line):
            others = [one for one in line.param_values("DELEGATED-FROM") if calendar_address(one) != delegator]
            if others:
                target.properties[place] = line.with_param("DELEGATED-FROM", *others)
            else:
                alone.add(address_of(line))
    if alone:
        _remove(target, frozenset(alone))


def _remove(component: Component, gone: frozenset[Address]) -> None:
    """Drop delegates, and those to whom they have delegated in turn, unless somebody else delegates to them too."""
    dropped = set(gone)
    waiting = sorted(gone)
    for address in waiting:  # grows along the chain; no address comes twice
        for line in component.all("ATTENDEE"):
            delegate = address_of(line)
            if delegate not in dropped and delegators_of(line) == {address}:
                dropped.add(delegate)
                waiting.append(delegate)
    component.properties[:] = [
        line for line in component.properties if line.name != "ATTENDEE" or address_of(line) not in dropped
    ]


def _take_answer(target: Component, sent: Component, own: Line, said: Line) -> None:
    merged = own.with_param("PARTSTAT", answer(said))
    delegated = answer(said) == "DELEGATED"
    for name in ("DELEGATED-TO", "RSVP", *(one.name for one in said.params if one.name.startswith("X-"))):
        values = said.param_values(name) if delegated or name != "DELEGATED-TO" else ()
        merged = merged.with_param(name, *values)
    if _same(merged, own):
        return
    present = [line.name == "ATTENDEE" and address_of(line) == address_of(own) for line in target.properties]
    target.properties[present.index(True)] = merged
    before, after = delegates_of(own), delegates_of(merged)
    drop_delegates(target, before - after, address_of(own))
    for delegate in sorted(after):
        _invite_delegate(target, sent, delegate, merged)


def _invite_delegate(target: Component, sent: Component, delegate: Address, own: Line) -> None:
    sender = mailto(address_of(own))
    present = own_line(target, {delegate})
    if present is not None:
        others = delegators_of(present)
        if others and address_of(own) not in others:  # who is nobody's delegate is the organizer's own guest
            names = (*present.param_values("DELEGATED-FROM"), sender)
            target.properties[target.properties.index(present)] = present.with_param("DELEGATED-FROM", *names)
        return
    line = own_line(sent, {delegate}) or Line("ATTENDEE", mailto(delegate))
    line = line.with_param("PARTSTAT", NEEDS_ACTION).with_param("RSVP", "TRUE").with_param("DELEGATED-FROM", sender)
    if line.param("ROLE") is None and own.param("ROLE") is not None:
        line = line.with_param("ROLE", own.param("ROLE") or "")
    target.add(line)


def _take_progress(target: Component, sent: Component) -> None:
    for name in PROGRESS:
        line = sent.get(name)
        if name != "STATUS" or (line is not None and line.value.strip().upper() in _WORKING):
            _take(target, sent, name)


def _take_personal(target: Component, sent: Component) -> None:
    for name in sorted(PERSONAL | {"LAST-MODIFIED"}):
        _take(target, sent, name)
    for name in dict.fromkeys(line.name for line in sent.properties if line.name.startswith("X-")):
        _take(target, sent, name)
    gone = {line.name for line in target.properties if line.name.startswith(_PASSING) and sent.get(line.name) is None}
    target.properties[:] = [line for line in target.properties if line.name not in gone]
    others = [inner for inner in target.components if inner.name != "VALARM"]
    target.components[:] = others + [inner.copy() for inner in sent.children("VALARM")]


def _take(target: Component, sent: Component, name: str) -> None:
    lines = sent.all(name)
    if lines != target.all(name):
        target.remove(name)
        target.properties.extend(lines)


def _same(line: Line, other: Line) -> bool:
    return {one.name: one.values for one in line.params} == {one.name: one.values for one in other.params}
