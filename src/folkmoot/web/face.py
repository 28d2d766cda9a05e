"""Which action answers a request, who asks, and what a failure becomes."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from folkmoot.auth.errors import NotAuthenticated
from folkmoot.auth.protocols import Protocol
from folkmoot.auth.sessions import is_token
from folkmoot.core.caller import Caller
from folkmoot.core.errors import (
    Conflict,
    FolkmootError,
    Forbidden,
    Locked,
    MalformedInput,
    NotFound,
    PreconditionFailed,
    TooLarge,
    Unsupported,
)
from folkmoot.core.ids import PrincipalId
from folkmoot.fetch.errors import FetchFailed
from folkmoot.web import busy, calendars, passwords, people, preferences, signing_in, site
from folkmoot.web.cookies import SESSION, TOKEN, find_cookie
from folkmoot.web.http import Asked, Request, Response, answer, from_elsewhere
from folkmoot.web.services import WebServices

SEGMENTS_MAX: Final = 8  # of a path; the actions have three to five
_STATUS: Final[tuple[tuple[type[FolkmootError], int], ...]] = (
    (MalformedInput, 400),
    (Forbidden, 403),
    (NotFound, 404),
    (PreconditionFailed, 412),
    (Conflict, 409),
    (TooLarge, 413),
    (Unsupported, 415),
    (Locked, 423),
)


Action = Callable[[WebServices, Asked], Awaitable[Response]]

_STRANGERS: Final = frozenset(["cross-site"])
_NEIGHBOURS: Final = _STRANGERS | {"same-site"}  # another host of the same domain; a session's token keeps it out
_READ: Final = "GET"
_WRITE: Final = "POST"

# Below /SOGo/so/{user}/; "*" is any one segment.  What only reads takes no token: no other site can read the answer.
ACTIONS: Final[Mapping[tuple[str, ...], tuple[str, bool, Action]]] = {
    ("jsonDefaults",): (_READ, False, preferences.json_defaults),
    ("jsonSettings",): (_READ, False, preferences.json_settings),
    ("Preferences", "save"): (_WRITE, True, preferences.save),
    ("activeExternalSieveScripts",): (_READ, False, preferences.active_external_sieve_scripts),
    ("usersSearch",): (_READ, False, people.users_search),
    ("freebusy.ifb", "ajaxRead"): (_READ, False, busy.ajax_read),
    ("freebusy.ifb", "slots"): (_READ, False, busy.slots),
    ("Calendar", "addWebCalendar"): (_WRITE, True, calendars.add_web_calendar),
    ("Calendar", "*", "reload"): (_READ, True, calendars.reload),
    ("Calendar", "*", "delete"): (_WRITE, True, calendars.delete),
}


# Where nobody is signed in yet.
DOORS: Final[Mapping[tuple[str, ...], Callable[[WebServices, Request], Awaitable[signing_in.Outcome]]]] = {
    ("connect",): signing_in.connect,
    ("connectName",): signing_in.connect_name,
    ("passkeyChallenge",): signing_in.passkey_challenge,
    ("changePassword",): passwords.change_password,
    ("passwordRecoveryEnabled",): passwords.recovery_enabled,
    ("passwordRecovery",): passwords.recovery,
    ("passwordRecoveryCheck",): passwords.recovery_check,
    ("passwordRecoveryEmail",): passwords.recovery_email,
    ("loading",): signing_in.loading,
    ("site.json",): site.site,
}


class WebFace:
    """SOGo's JSON actions."""

    def __init__(self, services: WebServices, admit: Callable[[Caller], int] = lambda _caller: 0) -> None:
        self._services = services
        self._admit = admit

    async def __call__(self, request: Request) -> tuple[Caller | None, Response]:
        """Answer a request; with the answer, say who asked.

        Raises:
            TooManyFailures: the account is blocked.
            Unavailable: a peer does not answer.
        """
        caller: Caller | None = None
        try:
            if not self._services.settings(None).web.enabled:
                raise Forbidden("the web application is closed")
            segments = tuple(request.path.split("/", SEGMENTS_MAX))
            door = DOORS.get(segments)
            if door is not None:
                return await door(self._services, request)
            if len(segments) == 3 and segments[0] == "so" and segments[2] == "logoff":  # noqa: PLR2004 - so, user, action
                return None, await signing_in.logoff(self._services, request)
            method, guarded, action, rest = _action(segments)
            if request.method != method and not (method == _READ and request.method == "HEAD"):
                return None, answer(405, {"message": "not by this method"}, ("Allow", method))
            caller = await self._caller(request, guarded=guarded)
            if segments[2] in caller.denied:
                raise Forbidden(f"{segments[2]} is closed to this user")
            wait = self._admit(caller)
            if wait:
                return caller, answer(429, {"message": "too many requests"}, ("Retry-After", str(wait)))
            return caller, await action(self._services, Asked(request, caller, _user(segments[1]), rest))
        except NotAuthenticated as error:
            return caller, _sign_in(request, str(error))
        except FolkmootError as error:
            if isinstance(error, FetchFailed):
                return caller, answer(400, {"message": str(error), "error": error.reason})
            status = next((status for kind, status in _STATUS if isinstance(error, kind)), None)
            if status is None:
                raise
            return caller, answer(status, {"message": str(error)})

    async def _caller(self, request: Request, *, guarded: bool) -> Caller:
        """Return who asks.

        Raises:
            NotAuthenticated: nobody, or nobody any more.
            Forbidden: another site made the browser ask.
        """
        services = self._services
        cookie = find_cookie(request.header("cookie"), SESSION)
        by_itself = bool(request.remote_user or request.header("authorization"))  # browsers send these unasked
        public_url = services.settings(None).server.public_url
        strange = request.header("sec-fetch-site") in (_NEIGHBOURS if by_itself else _STRANGERS)
        if guarded and (strange or from_elsewhere(request, public_url)):
            raise Forbidden("another site may not ask for this")
        if request.remote_user:
            return await services.authenticator.vouched(request.remote_user)
        authorization = request.header("authorization")
        if authorization:
            door = Protocol.JMAP
            cached = services.authenticator.cached(authorization, door)
            return cached or await services.authenticator.authenticate(
                authorization, request.client, protocol=door, agent=request.header("user-agent")
            )
        caller = await services.sessions.caller(cookie, request.client)
        if guarded and services.settings(None).security.validate_request_origin:
            token = request.header("x-xsrf-token") or next(iter(request.fields().get("X-XSRF-TOKEN", ())), "")
            if not is_token(cookie, token):
                raise Forbidden(f"the request does not carry the session's {TOKEN}")
        return caller


def _action(segments: tuple[str, ...]) -> tuple[str, bool, Action, tuple[str, ...]]:
    if segments[0] == "so" and len(segments) > 2:  # noqa: PLR2004 - so, user, action
        below = segments[2:]
        for pattern, (method, guarded, action) in ACTIONS.items():
            if len(pattern) == len(below) and all(a in {"*", b} for a, b in zip(pattern, below, strict=True)):
                rest = tuple(b for a, b in zip(pattern, below, strict=True) if a == "*")
                return method, guarded, action, rest
    raise NotFound("no such action")


def _user(segment: str) -> PrincipalId:
    # iOS 18.4 writes "%40" twice encoded, in web addresses as in those of calendars.
    return PrincipalId(segment.replace("%40", "@"))


def _sign_in(request: Request, message: str) -> Response:
    """Return 401; a browser that had a session is not made to ask for a password by itself."""
    challenge = () if request.header("cookie") else (("WWW-Authenticate", 'Basic realm="SOGo", charset="UTF-8"'),)
    return answer(401, {"message": message or "Sign in."}, *challenge)
