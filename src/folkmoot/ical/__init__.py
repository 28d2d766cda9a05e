"""iCalendar: text to components and back, recurrence, time zones, filters, free-busy (RFC 5545).

Pure: text and values in, text and values out.  The tree is lossless, so an edit changes what it
touches and nothing else.  Times leave this room as aware ``datetime``; whole days are ``date`` and
times without a zone are ``Floating``, and whoever wants an instant of those names a zone.

Entry points: ``parse`` and ``format``; ``summarize`` for an index; ``check_calendar_object`` before
storing; ``occurrences`` for what happens when; ``match`` and ``shape`` for CalDAV's queries;
``busy_periods``; ``split_objects`` and ``join_objects`` for files.  This room knows nothing of
users, rights, requests or stores.
"""

from folkmoot.contentline import Line, Parameter, escape_text, unescape_text
from folkmoot.ical.collation import COLLATIONS, TextMatch
from folkmoot.ical.component import Component, format, parse, parse_stream  # noqa: A004
from folkmoot.ical.edit import join_objects, split_objects, split_series, with_uid
from folkmoot.ical.errors import InvalidCalendarObject, OutsideDateRange, TooManyInstances
from folkmoot.ical.filter import CompFilter, ParamFilter, PropFilter, TimeRange, match
from folkmoot.ical.freebusy import BusyPeriod, busy_periods, format_freebusy, freebusy_component, merge
from folkmoot.ical.recur import Frequency, Recur, format_recur, parse_recur
from folkmoot.ical.recurrence import Occurrence, occurrences
from folkmoot.ical.restrict import CalendarDataRequest, CompRequest, PropRequest, shape
from folkmoot.ical.summary import Summary, calendar_address, summarize
from folkmoot.ical.validate import check_calendar_object
from folkmoot.ical.values import (
    Duration,
    Floating,
    Period,
    When,
    add,
    format_duration,
    format_utc,
    format_when,
    instant,
    parse_duration,
    parse_offset,
    parse_period,
    parse_when,
)
from folkmoot.ical.vtimezone import vtimezone
from folkmoot.ical.xcal import format_xcal
from folkmoot.ical.zones import Zones, find_zone, iana_name

__all__ = [
    "COLLATIONS",
    "BusyPeriod",
    "CalendarDataRequest",
    "CompFilter",
    "CompRequest",
    "Component",
    "Duration",
    "Floating",
    "Frequency",
    "InvalidCalendarObject",
    "Line",
    "Occurrence",
    "OutsideDateRange",
    "ParamFilter",
    "Parameter",
    "Period",
    "PropFilter",
    "PropRequest",
    "Recur",
    "Summary",
    "TextMatch",
    "TimeRange",
    "TooManyInstances",
    "When",
    "Zones",
    "add",
    "busy_periods",
    "calendar_address",
    "check_calendar_object",
    "escape_text",
    "find_zone",
    "format",
    "format_duration",
    "format_freebusy",
    "format_recur",
    "format_utc",
    "format_when",
    "format_xcal",
    "freebusy_component",
    "iana_name",
    "instant",
    "join_objects",
    "match",
    "merge",
    "occurrences",
    "parse",
    "parse_duration",
    "parse_offset",
    "parse_period",
    "parse_recur",
    "parse_stream",
    "parse_when",
    "shape",
    "split_objects",
    "split_series",
    "summarize",
    "unescape_text",
    "vtimezone",
    "with_uid",
]
