"""A calendar as it stands on the web, cut into calendar objects that stay the same as long as they say the same.

Many servers stamp each download anew (DTSTAMP).  Without METHOD the stamp means the last modification (RFC 5545
section 3.8.7.2), so it is made to follow from the object: else every look would change every object, and every
client would fetch them all again.
"""

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import uuid4

from folkmoot.contentline import Line
from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.ical import format, parse_stream, split_objects  # noqa: A004  # the house's verb
from folkmoot.ical.component import Component

OBJECTS_MAX: Final = 20_000  # of one document; a year of a university's timetable has fewer
NAME_MAX: Final = 255  # characters of a calendar's name
_EPOCH: Final = "19700101T000000Z"
_STAMPED: Final = frozenset({"VEVENT", "VTODO", "VJOURNAL"})


@dataclass(frozen=True, slots=True)
class Feed:
    """What a document holds: its name for itself, and its objects."""

    name: str
    bodies: tuple[bytes, ...]


def read_feed(octets: bytes) -> Feed:
    """Cut a document into objects, one for each UID, in its order.

    Raises:
        MalformedInput: it is no iCalendar text.
        TooLarge: more than one calendar may hold.
    """
    calendars = parse_stream(octets)
    if not calendars:
        raise MalformedInput("there is no calendar in the document")
    nameless: Counter[str] = Counter()
    seen: set[tuple[str, ...]] = set()
    for calendar in calendars:
        calendar.components[:] = [one for one in calendar.components if _take(one, nameless, seen)]
    found = split_objects(calendars, lambda: str(uuid4()))
    if len(found) > OBJECTS_MAX:
        raise TooLarge(f"a web calendar holds at most {OBJECTS_MAX} objects")
    names = (calendar.text("X-WR-CALNAME") or calendar.text("NAME") or "" for calendar in calendars)
    name = " ".join(next((name for name in names if name.strip()), "").split())[:NAME_MAX]
    return Feed(name, tuple(format(one).encode() for one in found))


def _take(component: Component, nameless: Counter[str], seen: set[tuple[str, ...]]) -> bool:
    """Make a component's stamp and UID follow from its text; say whether it is to be taken: the first of its kind."""
    if component.name not in _STAMPED:
        return component.name == "VTIMEZONE"
    _settle_stamp(component)
    _settle_uid(component, nameless)
    named = component.get("RECURRENCE-ID")
    key = (component.name, (component.text("UID") or "").strip(), named.value if named is not None else "")
    if key in seen:
        return False
    seen.add(key)
    return True


def _settle_stamp(component: Component) -> None:
    modified = component.get("LAST-MODIFIED")
    component.set(Line("DTSTAMP", modified.value if modified is not None else _EPOCH))


def _settle_uid(component: Component, nameless: Counter[str]) -> None:
    """Give what has no UID one that follows from its text."""
    if (component.text("UID") or "").strip():
        return
    component.remove("UID")
    digest = sha256(format(component).encode()).hexdigest()[:32]
    nameless[digest] += 1
    component.properties.insert(0, Line("UID", f"{digest}-{nameless[digest]}"))
