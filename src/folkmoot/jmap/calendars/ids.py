"""Ids: of calendars, of stored objects, and of single occurrences, which no object is stored for.

``c`` and the number of a collection; ``o`` and the number of an object; the same with ``_`` and the recurrence id in
basic format (``o7_20260131T090000``) for one occurrence.
"""

import re
from dataclasses import dataclass
from typing import Final

from folkmoot.core.ids import CollectionId, ObjectId

_CALENDAR: Final = re.compile(r"c([0-9]{1,18})\Z", re.ASCII)
_OBJECT: Final = re.compile(r"o([0-9]{1,16})(?:_([0-9]{8})T([0-9]{6}))?\Z", re.ASCII)
_LOCAL: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """What an id names: an object, or one of its occurrences."""

    oid: ObjectId
    recurrence_id: str | None = None  # a LocalDateTime (RFC 8984 section 1.4.4)

    def __str__(self) -> str:
        return object_id(self.oid, self.recurrence_id)


def calendar_id(number: CollectionId) -> str:
    """Return the id of a calendar or task list."""
    return f"c{number}"


def collection_of_id(text: str) -> CollectionId | None:
    """Return which collection an id names, None if it is no such id."""
    found = _CALENDAR.match(text)
    return CollectionId(int(found[1])) if found else None


def object_id(oid: ObjectId, recurrence_id: str | None = None) -> str:
    """Return the id of an object, or of the occurrence at a LocalDateTime."""
    return f"o{oid}" if recurrence_id is None else f"o{oid}_{re.sub('[-:]', '', recurrence_id)}"


def parse_object_id(text: str) -> ObjectRef | None:
    """Return what an id names, None if it is no such id."""
    found = _OBJECT.match(text)
    if found is None:
        return None
    oid, day, time = ObjectId(int(found[1])), found[2], found[3]
    if day is None:
        return ObjectRef(oid)
    return ObjectRef(oid, f"{day[:4]}-{day[4:6]}-{day[6:]}T{time[:2]}:{time[2:4]}:{time[4:]}")


def is_local(text: str) -> bool:
    """Whether a text has the shape of a LocalDateTime in whole seconds."""
    return _LOCAL.match(text) is not None
