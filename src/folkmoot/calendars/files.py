"""Calendars in files of other programs: one iCalendar text of many objects, to the items of an import."""

from collections.abc import Iterator
from hashlib import sha256
from itertools import count
from uuid import NAMESPACE_OID, uuid5

from folkmoot.collections.importing import Item
from folkmoot.ical import format, parse_stream, split_objects  # noqa: A004  # the house's verb


def items(octets: bytes) -> Iterator[Item]:
    """Yield the calendar objects of a file, one for each UID, each with the time zones that it needs.

    Raises:
        TooLarge: more than such a file may hold.
        MalformedInput: nothing of the file can be read.
    """
    turns = count(1)

    def make_uid() -> str:
        # The UID follows from the file, so that importing it twice makes nothing double.
        return str(uuid5(NAMESPACE_OID, f"{sha256(octets).hexdigest()}/{next(turns)}"))

    for number, found in enumerate(split_objects(parse_stream(octets), make_uid), 1):
        title = next((c.text("SUMMARY") for c in found.components if c.text("SUMMARY")), None)
        yield Item(f"object {number}" + (f" ({title})" if title else ""), format(found).encode())
