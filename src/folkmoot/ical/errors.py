"""Refusals of this room that a face tells apart from other malformed input."""

from folkmoot.core.errors import MalformedInput, TooLarge


class InvalidCalendarObject(MalformedInput):
    """iCalendar text, but no calendar object resource (RFC 4791 section 4.1)."""


class OutsideDateRange(InvalidCalendarObject):
    """Begins before or ends after what the collection takes (RFC 4791 sections 5.2.6 and 5.2.7)."""


class TooManyInstances(TooLarge):
    """Recurs more often than the collection takes (RFC 4791 section 5.2.8)."""
