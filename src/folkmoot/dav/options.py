"""What we announce: the methods and the DAV classes we really serve (RFC 4918 section 10.1)."""

from typing import Final

from folkmoot.store.records import Kind

ALLOW: Final = (
    "OPTIONS, GET, HEAD, POST, PUT, DELETE, PROPFIND, PROPPATCH, MKCOL, MKCALENDAR, COPY, MOVE, LOCK, UNLOCK, "
    "REPORT, ACL"
)

_EVERYWHERE: Final = "1, 2, 3, access-control, extended-mkcol"
_CALENDARS: Final = (
    "calendar-access, calendar-schedule, calendar-auto-schedule, calendar-availability, calendar-proxy, "
    "calendar-query-extended, calendarserver-principal-property-search, calendarserver-sharing"
)
_ADDRESSBOOKS: Final = "addressbook"


def dav_header(home: Kind | None) -> str:
    """Return the DAV header for a resource in this kind of home, None for the root and principals."""
    match home:
        case Kind.CALENDAR | Kind.INBOX:
            return f"{_EVERYWHERE}, {_CALENDARS}"
        case Kind.ADDRESSBOOK:
            return f"{_EVERYWHERE}, {_ADDRESSBOOKS}"
        case Kind.FILES | Kind.NOTIFICATIONS | Kind.MAIL | Kind.SHARES | Kind.EVENT_NOTICES | Kind.PERSON:
            return _EVERYWHERE
        case None:
            return f"{_EVERYWHERE}, {_CALENDARS}, {_ADDRESSBOOKS}"
