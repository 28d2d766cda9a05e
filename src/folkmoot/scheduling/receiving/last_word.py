"""Messages between calendars of this server: the transaction tells their order, not the clocks of its nodes."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.ical import Component, Line, format_utc
from folkmoot.scheduling.meeting import address_of, attendees, components
from folkmoot.scheduling.own_parts import REPLIED
from folkmoot.scheduling.receiving.draft import CANCELLED
from folkmoot.scheduling.receiving.versions import stamp_of
from folkmoot.scheduling.values import Method

_LATER: Final = timedelta(seconds=1)  # what DTSTAMP can tell apart


def as_last_word(message: Component, method: Method, copy: Component) -> Component:
    """Return a message with a DTSTAMP that is not older than what a copy has from the same sender.

    Raises:
        MalformedInput: DTSTAMP of the message or the copy is no time.
    """
    known = list(_answers(message, copy) if method is Method.REPLY else _orders(copy))
    if not known:
        return message
    latest = max(known)
    sent = [(place, stamp_of(one.get("DTSTAMP"))) for place, one in enumerate(message.components)]
    early = [place for place, stamp in sent if stamp is not None and stamp < latest]
    if not early:
        return message
    raised = Component(message.name, message.properties, list(message.components))
    for place in early:
        raised.components[place] = message.components[place].copy()
        raised.components[place].set(Line("DTSTAMP", format_utc(latest)))
    return raised


def _answers(message: Component, copy: Component) -> Iterator[datetime]:
    """Yield when those who answer had answered before."""
    answering = attendees(message).keys()
    for component in components(copy):
        for line in component.all("ATTENDEE"):
            noted = line.param(REPLIED)
            if noted is not None and address_of(line) in answering:
                yield from _readable(noted)


def _orders(copy: Component) -> Iterator[datetime]:
    """Yield when the organizer had sent what the copy is made of."""
    for component in components(copy):
        for name in ("DTSTAMP", "X-MOZ-RECEIVED-DTSTAMP"):
            line = component.get(name)
            if line is not None:
                yield from _readable(line.value)
        for line in component.all(CANCELLED):
            for stamp in _readable(line.param("X-DTSTAMP") or ""):
                with suppress(OverflowError):  # a client has spoiled it
                    yield stamp + _LATER


def _readable(value: str) -> Iterator[datetime]:
    try:
        stamp = stamp_of(Line("DTSTAMP", value))
    except MalformedInput:  # a client has spoiled it
        return
    if stamp is not None:
        yield stamp
