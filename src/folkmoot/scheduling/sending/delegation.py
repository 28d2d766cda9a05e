"""Messages from somebody who has delegated to those it did or no longer does delegate to (RFC 5546 section 3.2.2.3)."""

from collections.abc import Iterator
from datetime import datetime

from folkmoot.ical import Component
from folkmoot.ical.series import Key
from folkmoot.scheduling.instances import Parts, written
from folkmoot.scheduling.meeting import address_of, own_line, sequence
from folkmoot.scheduling.messages import cancel, delegates_of, request, uid_of
from folkmoot.scheduling.sending.answers import reference
from folkmoot.scheduling.values import Actor, Address, Message, Method, Reason


def tell_delegates(parts: Parts, old: Parts, actor: Actor, *, now: datetime) -> Iterator[Message]:
    """Yield a REQUEST to each new delegate, and a CANCEL to each who no longer is one, and to theirs."""
    invited: dict[Address, dict[Key | None, Component]] = {}
    dropped: dict[Address, dict[Key | None, Component]] = {}
    sender = actor.main
    for key, component in parts.all:
        own = own_line(component, actor.addresses)
        if own is None:
            continue
        sender = address_of(own)
        known = reference(old, key)
        was = own_line(known, actor.addresses) if known is not None else None
        before = delegates_of(was) if was is not None else frozenset()
        for delegate in sorted(delegates_of(own) - before - actor.addresses):
            if known is None or own_line(known, {delegate}) is None:  # else there is an invitation already
                invited.setdefault(delegate, {})[key] = component
        if known is not None:
            for delegate in _gone(known, component):
                dropped.setdefault(delegate, {})[key] = known
    for delegate, gone in dropped.items():
        chosen = [(component, sequence(component)) for component in gone.values()]
        calendar = cancel(old, chosen, delegate, now=now)
        yield _message(Method.CANCEL, Reason.CANCELLATION, sender, delegate, calendar, gone)
    for delegate, given in invited.items():
        calendar = request(parts, given.values(), now=now)
        yield _message(Method.REQUEST, Reason.INVITATION, sender, delegate, calendar, given)


def _gone(known: Component, component: Component) -> list[Address]:
    """Return who is in a component no longer: delegates, and those to whom they had delegated in turn."""
    present = {address_of(line) for line in component.all("ATTENDEE")}
    return sorted({address_of(line) for line in known.all("ATTENDEE")} - present)


def _message(
    method: Method,
    reason: Reason,
    sender: Address,
    recipient: Address,
    calendar: Component,
    about: dict[Key | None, Component],
) -> Message:
    keys = () if None in about else [written(key) for key in about if key is not None]
    number = max(sequence(component) for component in about.values())
    return Message(method, sender, recipient, calendar, reason, uid_of(calendar), keys, number)
