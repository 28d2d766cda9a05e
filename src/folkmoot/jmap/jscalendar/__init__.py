"""iCalendar as JSCalendar and back: Event and Task, and the JMAP Calendars draft's additions (RFC 8984).

iCalendar stays the truth.  ``to_jscalendar`` shows an object, ``new_calendar`` makes one, and ``patched`` changes the
lines that a patch touches and no others: it reads the object, applies the patch to what it read, and hands
what differs to the mapping of each property (``Mapped``), which edits its own lines.  What iCalendar has no place
for is kept beside as JSON (``extras.py``).  ``occurrence``, ``patched_occurrence``, ``excluded`` and
``split_following`` do the same for single occurrences.

Names are RFC 8984's on the way out; on the way in ``recurrenceRule``, ``organizerCalendarAddress``,
``endTimeZone`` and a participant's ``calendarAddress`` of JSCalendar 2 are taken as well.  Pure: no I/O, no rights.
"""

from folkmoot.jmap.jscalendar.errors import JsError
from folkmoot.jmap.jscalendar.instances import excluded, occurrence, patched_occurrence, split_following
from folkmoot.jmap.jscalendar.objects import new_calendar, patched, to_jscalendar
from folkmoot.jmap.jscalendar.people import participant_id

__all__ = [
    "JsError",
    "excluded",
    "new_calendar",
    "occurrence",
    "participant_id",
    "patched",
    "patched_occurrence",
    "split_following",
    "to_jscalendar",
]
