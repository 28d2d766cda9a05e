"""The one table from failures to HTTP: status, and the DAV:error element that says which precondition failed."""

import json
from typing import Final

from folkmoot.collections.content import (
    LimitExceeded,
    ReadOnly,
    SyncTokenInvalid,
    UnsupportedComponent,
    UnsupportedMediaType,
)
from folkmoot.core.errors import (
    Conflict,
    FolkmootError,
    Forbidden,
    Locked,
    MalformedInput,
    NotFound,
    PreconditionFailed,
    TooLarge,
    Unavailable,
    Unsupported,
)
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.hrefs import HOME_NAMES, href_of
from folkmoot.dav.http import Request, Response
from folkmoot.dav.wire.multistatus import XML_TYPE, document, error_body
from folkmoot.dav.wire.names import CALDAV, CARDDAV, clark, empty_element
from folkmoot.dav.wire.xml import escape
from folkmoot.scheduling.values import AttendeeChangeRefused, OrganizerChanged, Prevented
from folkmoot.store.records import Kind, LockedPath

RETRY_AFTER: Final = "5"  # seconds; a database that failed over is back by then


class ConditionFailed(FolkmootError):
    """A named precondition does not hold (RFC 4918 section 16); ``inner`` is ready XML inside its element."""

    def __init__(self, condition: str, *, status: int = 403, inner: str = "", message: str = "") -> None:
        super().__init__(message or condition)
        self.condition = condition
        self.status = status
        self.inner = inner


class MethodNotAllowed(FolkmootError):
    """The resource exists, and this method is not for it."""


class OtherHost(FolkmootError):
    """The destination is on another server (RFC 4918 section 9.8.5)."""


_STATUS: Final[tuple[tuple[type[FolkmootError], int], ...]] = (
    (MethodNotAllowed, 405),
    (OtherHost, 502),
    (MalformedInput, 400),
    (NotFound, 404),
    (Forbidden, 403),
    (ReadOnly, 403),
    (SyncTokenInvalid, 403),
    (PreconditionFailed, 412),
    (Locked, 423),
    (LimitExceeded, 403),
    (TooLarge, 413),
    (UnsupportedComponent, 403),
    (UnsupportedMediaType, 415),
    (Unsupported, 415),
    (Unavailable, 503),
    (Conflict, 409),
)


def status_of(error: FolkmootError) -> int:
    """Return the HTTP status of an expected failure."""
    if isinstance(error, ConditionFailed):
        return error.status
    if isinstance(error, LimitExceeded) and error.limit == "max-resource-size":
        return 413
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 403)


def condition_of(error: FolkmootError, kind: Kind | None = None) -> str | None:
    """Return the Clark name of the precondition that an error stands for, where it stands for one."""
    namespace = CARDDAV if kind is Kind.ADDRESSBOOK else CALDAV
    match error:
        case ConditionFailed():
            return error.condition
        case SyncTokenInvalid():
            return "{DAV:}valid-sync-token"
        case LimitExceeded():
            return clark(namespace, error.limit)
        case UnsupportedComponent():
            return clark(CALDAV, "supported-calendar-component")
        case UnsupportedMediaType():
            return clark(namespace, "supported-address-data" if kind is Kind.ADDRESSBOOK else "supported-calendar-data")
        case OrganizerChanged():
            return clark(CALDAV, "allowed-organizer-scheduling-object-change")
        case AttendeeChangeRefused():
            return clark(CALDAV, "allowed-attendee-scheduling-object-change")
        case LockedPath():
            return "{DAV:}lock-token-submitted"
        case _:
            return None


def error_element(error: FolkmootError, kind: Kind | None = None) -> str:
    """Return the XML inside DAV:error for one resource of a multistatus; empty where there is no precondition."""
    condition = condition_of(error, kind)
    return "" if condition is None else empty_element(condition)


def error_response(
    request: Request, error: FolkmootError, *, owner: PrincipalId | None = None, kind: Kind | None = None
) -> Response:
    """Return the answer for an expected failure; ``owner`` is whose home the request was about."""
    status = status_of(error)
    headers = [("Retry-After", RETRY_AFTER)] if isinstance(error, Unavailable) else []
    condition = condition_of(error, kind)
    if isinstance(error, Prevented):
        return Response(status, [("Content-Type", XML_TYPE)], document("D:error", escape(_refusal(error))))
    if condition is None:
        text = f"{error}\n".encode("utf-8", "replace")
        return Response(status, [*headers, ("Content-Type", "text/plain; charset=utf-8")], text)
    inner = error.inner if isinstance(error, ConditionFailed) else ""
    if isinstance(error, LockedPath) and owner is not None:
        inner = f"<D:href>{escape(locked_href(request, owner, error.path))}</D:href>"
    return Response(status, [*headers, ("Content-Type", XML_TYPE)], error_body(condition, inner))


def _refusal(error: Prevented) -> str:
    """Return why nobody was invited, in SOGo's form: JSON, but plain words where nobody else was to be invited."""
    if error.without:
        return json.dumps({"reject": str(error), "unavailableAttendees": list(error.without)}, ensure_ascii=False)
    return json.dumps({"reject": str(error)}, ensure_ascii=False) if error.conflict else str(error)


def locked_href(request: Request, owner: PrincipalId, path: str) -> str:
    """Return the href of a lock's path, "calendar/personal/a.ics"."""
    kind, _, names = path.partition("/")
    return href_of(request, [owner, HOME_NAMES[Kind(kind)], *filter(None, names.split("/"))])
