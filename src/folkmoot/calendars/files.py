"""Calendars in files of other programs: one iCalendar text of many objects, to the items of an import."""

from collections.abc import Iterator

from folkmoot.collections.importing import Item
from folkmoot.core.errors import FolkmootError
from folkmoot.ical import format, parse_stream, split_objects  # noqa: A004  # the house's verb


def items(octets: bytes) -> Iterator[Item]:
    """Yield the calendar objects of a file, one for each UID, each with the time zones that it needs.

    Raises:
        TooLarge: more than such a file may hold.
        MalformedInput: nothing of the file can be read.
    """
    number = 0
    for calendar in parse_stream(octets):
        for found in split_objects(calendar):
            number += 1
            try:
                yield Item(f"object {number}", format(found).encode())
            except FolkmootError as fault:
                yield Item(f"object {number}", fault=str(fault))
