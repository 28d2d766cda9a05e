"""Live properties that a client may set: from an element to the values that services keep."""

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from folkmoot.calendars.busy.availability import check_text
from folkmoot.calendars.content import COMPONENTS
from folkmoot.calendars.meetings.copies import DEFAULT_CALENDAR
from folkmoot.calendars.zone_documents import zone_document
from folkmoot.collections.content import JSON
from folkmoot.core.errors import FolkmootError, Forbidden, MalformedInput, TooLarge
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.hrefs import HOME_NAMES
from folkmoot.dav.properties.inverse import BOOLEANS, CATEGORIES_MAX, CLASSES, CLASSIFICATIONS, NOTIFIED_USER
from folkmoot.dav.resource import CollectionResource, HomeSet, InboxResource, PrincipalResource, ProxyGroup, Resource
from folkmoot.dav.wire.elements import hrefs
from folkmoot.dav.wire.names import APPLE, CALDAV, CALENDARSERVER, CARDDAV, INVERSE, clark
from folkmoot.dav.wire.xml import Element, children, inner_text, own_text
from folkmoot.ical import parse
from folkmoot.store.records import Kind

DEFAULT_CALENDAR_REFUSED: Final = clark(CALDAV, "valid-schedule-default-calendar-URL")
TEXT_MAX: Final = 64 * 1024  # characters of one property's text; a VTIMEZONE with its history has a few thousand
ORDER_DIGITS: Final = 9  # of calendar-order, so that it fits an integer anywhere
_COLOR: Final = re.compile(r"#([0-9A-Fa-f]{6})([0-9A-Fa-f]{2})?\Z")
_TRUE: Final = frozenset(["1", "true", "yes"])
_FALSE: Final = frozenset(["0", "false", "no"])

Values = Mapping[str, JSON]
Set = Callable[[Element | None], Values]
"""Return what to keep for an element; None, a removal, takes it away.

Raises: MalformedInput (the whole request is wrong), or another error (this property is refused).
"""


def _text(key: str) -> Set:
    def read(element: Element | None) -> Values:
        return {key: None if element is None else _bounded(inner_text(element))}

    return read


def _bounded(text: str) -> str:
    if len(text) > TEXT_MAX:
        raise TooLarge(f"a property holds at most {TEXT_MAX} characters")
    return text


def _color(element: Element | None) -> Values:
    if element is None:
        return {"color": None}
    found = _COLOR.match(own_text(element))
    if found is None:
        raise Forbidden("a colour is written #RRGGBB or #RRGGBBAA")
    return {"color": f"#{found[1]}{found[2] or 'FF'}".upper()}


def _order(element: Element | None) -> Values:
    if element is None:
        return {"order": None}
    text = own_text(element)
    if not (text.isascii() and text.isdigit() and len(text) <= ORDER_DIGITS):
        raise Forbidden("calendar-order is a number")
    return {"order": int(text)}


def _timezone(element: Element | None) -> Values:
    if element is None:
        return {"timezone": None}
    text = _bounded(inner_text(element)).strip()
    try:
        zones = [c for c in parse(text).components if c.name == "VTIMEZONE"]
    except FolkmootError as error:
        raise ConditionFailed(clark(CALDAV, "valid-calendar-data"), message=str(error)) from error
    if len(zones) != 1:
        raise ConditionFailed(clark(CALDAV, "valid-calendar-data"), message="calendar-timezone holds one VTIMEZONE")
    return {"timezone": text + "\r\n"}


def _timezone_id(element: Element | None) -> Values:
    if element is None:
        return {"timezone": None}
    name = own_text(element)
    try:
        document = zone_document(name)
    except FolkmootError as error:
        raise ConditionFailed(clark(CALDAV, "valid-timezone"), message="no such time zone") from error
    return {"timezone": document}


def _transparency(element: Element | None) -> Values:
    if element is None:
        return {"transparent": None}
    if children(element, clark(CALDAV, "transparent")):
        return {"transparent": True}
    if children(element, clark(CALDAV, "opaque")):
        return {"transparent": False}
    raise MalformedInput("schedule-calendar-transp is opaque or transparent")


def _components(element: Element | None) -> Values:
    if element is None:
        raise ConditionFailed("{DAV:}cannot-modify-protected-property")
    names = [comp.get("name", "").upper() for comp in children(element, clark(CALDAV, "comp"))]
    if not names or not set(COMPONENTS).issuperset(names):
        raise ConditionFailed(clark(CALDAV, "supported-calendar-component"), message="VEVENT, VTODO and VJOURNAL only")
    return {"components": list(dict.fromkeys(names))}


def _boolean(key: str) -> Set:
    def read(element: Element | None) -> Values:
        if element is None:
            return {key: None}
        text = own_text(element).lower()
        if text not in _TRUE | _FALSE:
            raise MalformedInput("a boolean is 0, 1, true or false")
        return {key: text in _TRUE}

    return read


def _classification(key: str) -> Set:
    def read(element: Element | None) -> Values:
        text = "" if element is None else own_text(element)
        if text not in CLASSIFICATIONS:
            raise ClassificationRefused("a classification is PUBLIC, CONFIDENTIAL or PRIVATE")
        return {key: text}

    return read


class ClassificationRefused(Forbidden):
    """Refused for the whole request, as SOGo does."""


def _categories(element: Element | None) -> Values:
    if element is None:
        return {"contacts_categories": None}
    names = [_bounded(own_text(child)) for child in children(element, clark(INVERSE, "category"))]
    if len(names) > CATEGORIES_MAX:
        raise TooLarge(f"at most {CATEGORIES_MAX} categories")
    return {"contacts_categories": [name for name in dict.fromkeys(names) if name]}


def _availability(element: Element | None) -> Values:
    if element is None:
        return {"availability": None}
    text = _bounded(inner_text(element)).strip()
    try:
        check_text(text)
    except FolkmootError as error:  # (RFC 7953 section 7.2.4)
        raise ConditionFailed(clark(CALDAV, "valid-calendar-data"), message=str(error)) from error
    return {"availability": text + "\r\n"}


def _members(element: Element | None) -> Values:
    """Return the hrefs of a proxy group's members (RFC 3744 section 4.3)."""
    return {"members": [] if element is None else list[JSON](hrefs(element))}


def _default_calendar(element: Element | None) -> Values:
    """Keep the name of the calendar that an href of the own home ends with (RFC 6638 section 9.2)."""
    if element is None:
        return {DEFAULT_CALENDAR: None}
    hrefs = children(element, "{DAV:}href")
    steps = [unquote(step) for step in urlsplit(own_text(hrefs[0])).path.split("/") if step] if hrefs else []
    if len(steps) < 2 or steps[-2] != HOME_NAMES[Kind.CALENDAR] or len(steps[-1]) > TEXT_MAX:  # noqa: PLR2004 - home, name
        raise ConditionFailed(DEFAULT_CALENDAR_REFUSED, message="the default calendar is one of one's own")
    return {DEFAULT_CALENDAR: steps[-1]}


def _accepted(_: Element | None) -> Values:
    """Accept and keep nothing: what follows from other properties (transparency says which calendars count)."""
    return {}


def _protected(_: Element | None) -> Values:
    raise ConditionFailed("{DAV:}cannot-modify-protected-property")


_NAMED_BY_US: Final[Mapping[str, Set]] = {"{DAV:}displayname": _protected}
_DISPLAYNAME: Final[Mapping[str, Set]] = {"{DAV:}displayname": _text("displayname")}

_CALENDAR: Final[Mapping[str, Set]] = {
    **_DISPLAYNAME,
    clark(CALDAV, "calendar-description"): _text("description"),
    clark(CALDAV, "calendar-timezone"): _timezone,
    clark(CALDAV, "calendar-timezone-id"): _timezone_id,
    clark(CALDAV, "schedule-calendar-transp"): _transparency,
    clark(APPLE, "calendar-color"): _color,
    clark(APPLE, "calendar-order"): _order,
    **{clark(INVERSE, local): _boolean(key) for local, key in BOOLEANS.items()},
    clark(INVERSE, NOTIFIED_USER[0]): _text(NOTIFIED_USER[1]),
}
_ADDRESSBOOK: Final[Mapping[str, Set]] = {
    **_DISPLAYNAME,
    clark(CARDDAV, "addressbook-description"): _text("description"),
    clark(APPLE, "calendar-color"): _color,
    clark(APPLE, "calendar-order"): _order,
}
_COLLECTIONS: Final[Mapping[Kind, Mapping[str, Set]]] = {
    Kind.CALENDAR: _CALENDAR,
    Kind.ADDRESSBOOK: _ADDRESSBOOK,
    Kind.FILES: _DISPLAYNAME,
}
_PRINCIPAL: Final[Mapping[str, Set]] = {
    **_NAMED_BY_US,
    clark(CALDAV, "calendar-free-busy-set"): _accepted,
    clark(CALDAV, "calendar-availability"): _availability,
    clark(CALENDARSERVER, "calendar-availability"): _availability,
}
_INBOX: Final[Mapping[str, Set]] = {
    **_PRINCIPAL,
    clark(CALDAV, "schedule-default-calendar-URL"): _default_calendar,
}
_CALENDAR_HOME: Final[Mapping[str, Set]] = {
    **_PRINCIPAL,
    **{clark(INVERSE, local): _classification(key) for local, key in CLASSES.items()},
}
_CONTACTS_HOME: Final[Mapping[str, Set]] = {**_NAMED_BY_US, clark(INVERSE, "contacts-categories"): _categories}
_PROXY_GROUP: Final[Mapping[str, Set]] = {**_NAMED_BY_US, "{DAV:}group-member-set": _members}
SOMEWHERE: Final = frozenset().union(_CALENDAR, _ADDRESSBOOK, _CALENDAR_HOME, _CONTACTS_HOME, _INBOX)


def settable(resource: Resource) -> Mapping[str, Set]:
    """Return the live properties that can be set on a resource, by Clark name."""
    match resource:
        case InboxResource():
            return _INBOX
        case CollectionResource(place=place):
            return _COLLECTIONS.get(place.kind, {})
        case HomeSet(kind=Kind.CALENDAR):
            return _CALENDAR_HOME
        case HomeSet(kind=Kind.ADDRESSBOOK):
            return _CONTACTS_HOME
        case PrincipalResource():
            return _PRINCIPAL
        case ProxyGroup():
            return _PROXY_GROUP
        case _:
            return {}


def settable_at_birth(kind: Kind) -> Mapping[str, Set]:
    """Return the live properties that can be set on a collection while it is made."""
    if kind is Kind.CALENDAR:
        return {**_CALENDAR, clark(CALDAV, "supported-calendar-component-set"): _components}
    return _COLLECTIONS[kind]
