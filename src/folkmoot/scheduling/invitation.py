"""What an organizer's object invites one attendee to, as the attendee's copy has it."""

from datetime import datetime, tzinfo

from folkmoot.ical import Component
from folkmoot.scheduling.instances import Parts
from folkmoot.scheduling.messages import request
from folkmoot.scheduling.own_parts import filed
from folkmoot.scheduling.sending.views import Roster, seen_by
from folkmoot.scheduling.values import Actor


def invitation(organized: Component, attendee: Actor, *, now: datetime, default_zone: tzinfo) -> Component | None:
    """Return the attendee's copy of a meeting, with the answer that the organizer knows; ``None`` if not invited.

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    parts = Parts(organized, default_zone)
    roster = Roster(parts, frozenset())
    views = (roster.view(address) for address in sorted(attendee.addresses))
    view = next((one for one in views if not one.empty), None)
    if view is None:
        return None
    copy = request(parts, seen_by(parts, view), now=now)
    copy.remove("METHOD")
    copy.components[:] = [one if one.name == "VTIMEZONE" else filed(one) for one in copy.components]
    return copy
