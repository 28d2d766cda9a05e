"""CALDAV:filter as a value (RFC 4791 section 9.7)."""

from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.wire.elements import one_of, only_child, required, yes_or_no
from folkmoot.dav.wire.names import CALDAV, clark, empty_element
from folkmoot.dav.wire.rfc4791 import DateLimits, parse_time_range
from folkmoot.dav.wire.xml import Element, children
from folkmoot.ical.collation import ASCII_CASEMAP, COLLATIONS, UNICODE_CASEMAP, TextMatch
from folkmoot.ical.filter import CompFilter, ParamFilter, PropFilter

CONDITIONS_MAX: Final = 500  # elements of one filter
_TIMED: Final = frozenset(["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VALARM"])
_MATCH_TYPES: Final = ("contains", "equals", "starts-with", "ends-with")
_VALID_FILTER: Final = clark(CALDAV, "valid-filter")
_SUPPORTED_FILTER: Final = clark(CALDAV, "supported-filter")


def parse_calendar_filter(query: Element, limits: DateLimits) -> CompFilter:
    """Return the filter child of a calendar-query.

    Raises:
        ConditionFailed: valid-filter, supported-filter, supported-collation, min-date-time, max-date-time.
    """
    try:
        found = only_child(query, clark(CALDAV, "filter"))
        if found is None or sum(1 for _ in found.iter()) > CONDITIONS_MAX:
            raise MalformedInput(f"calendar-query: it needs a filter, of at most {CONDITIONS_MAX} conditions")
        root = only_child(found, clark(CALDAV, "comp-filter"))
        if root is None or required(root, "name").upper() != "VCALENDAR":
            raise MalformedInput("calendar-query: a filter is one comp-filter of VCALENDAR")
        return _comp_filter(root, limits)
    except MalformedInput as malformed:
        raise ConditionFailed(_VALID_FILTER, message=str(malformed)) from malformed


def _comp_filter(element: Element, limits: DateLimits) -> CompFilter:
    name = required(element, "name").upper()
    window = only_child(element, clark(CALDAV, "time-range"))
    if window is not None and name not in _TIMED:
        inner = f'<C:comp-filter name="{name}">{empty_element(clark(CALDAV, "time-range"))}</C:comp-filter>'
        raise ConditionFailed(
            _SUPPORTED_FILTER, inner=inner if name.isalpha() else "", message="time-range on this component"
        )
    return CompFilter(
        name=name,
        is_not_defined=_is_not_defined(element),
        time_range=None if window is None else parse_time_range(window, limits),
        props=tuple(_prop_filter(child, limits) for child in children(element, clark(CALDAV, "prop-filter"))),
        comps=tuple(_comp_filter(child, limits) for child in children(element, clark(CALDAV, "comp-filter"))),
    )


def _prop_filter(element: Element, limits: DateLimits) -> PropFilter:
    window = only_child(element, clark(CALDAV, "time-range"))
    return PropFilter(
        name=required(element, "name").upper(),
        is_not_defined=_is_not_defined(element),
        time_range=None if window is None else parse_time_range(window, limits),
        text_match=_text_match(element),
        params=tuple(map(_param_filter, children(element, clark(CALDAV, "param-filter")))),
    )


def _param_filter(element: Element) -> ParamFilter:
    return ParamFilter(
        name=required(element, "name").upper(),
        is_not_defined=_is_not_defined(element),
        text_match=_text_match(element),
    )


def _is_not_defined(element: Element) -> bool:
    return only_child(element, clark(CALDAV, "is-not-defined")) is not None


def _text_match(element: Element) -> TextMatch | None:
    found = only_child(element, clark(CALDAV, "text-match"))
    if found is None:
        return None
    name = found.get("collation", "default")
    # "i;unicasemap" is the name in drafts of CardDAV; clients written for SOGo still use it.
    collation = {"default": ASCII_CASEMAP, "i;unicasemap": UNICODE_CASEMAP}.get(name, name)
    if collation not in COLLATIONS:
        raise ConditionFailed(clark(CALDAV, "supported-collation"), message="unknown collation")
    return TextMatch(
        text=found.text or "",
        collation=collation,
        negate=yes_or_no(found, "negate-condition"),
        match_type=one_of(found, "match-type", _MATCH_TYPES),
    )
