"""Time zones as the iCalendar documents that CALDAV:calendar-timezone holds (RFC 4791 section 5.2.2)."""

from functools import lru_cache
from typing import Final

from folkmoot.ical import Component, Line, vtimezone
from folkmoot.ical import format as format_calendar

_FIRST_YEAR: Final = 1970  # clients ask about times after this


@lru_cache(maxsize=512)
def zone_document(tzid: str) -> str:
    """Return a VCALENDAR with the one VTIMEZONE of an IANA zone.

    Raises:
        NotFound: there is no such zone.
    """
    lines = [Line("VERSION", "2.0"), Line("PRODID", "-//Folkmoot//EN")]
    calendar = Component("VCALENDAR", lines)
    calendar.components.append(vtimezone(tzid, _FIRST_YEAR))
    return format_calendar(calendar)
