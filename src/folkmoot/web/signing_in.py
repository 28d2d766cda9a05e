"""Signing in and out (SOGo's ``connect`` and ``logoff``)."""

from typing import Final
from urllib.parse import quote

from folkmoot.auth.errors import NotAuthenticated, TooManyFailures
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, MalformedInput
from folkmoot.web.cookies import LOGIN, LOGIN_SECONDS, SESSION, TOKEN, find_cookie, set_cookie
from folkmoot.web.http import Request, Response, answer
from folkmoot.web.services import WebServices

NO_POLICY: Final = 65535  # SOGo's number for a plain wrong password
LOCKED: Final = 1  # its number for an account that is locked
TEXT_MAX: Final = 1024  # characters of a name or password; more fits no header
HOME: Final = "/SOGo/"
_NEVER: Final = -1  # expire and grace: the password has no date


async def connect(services: WebServices, request: Request) -> tuple[Caller | None, Response]:
    """Begin a session for ``{userName, password, domain?, rememberLogin?}``; a wrong password is 403.

    Raises:
        MalformedInput: no JSON object, or a field that is no text.
        Forbidden: another site made the browser ask.
        Unavailable: whoever knows the answer cannot be asked now.
    """
    if request.method != "POST":
        return None, answer(405, {"message": "not by this method"}, ("Allow", "POST"))
    if request.header("sec-fetch-site") == "cross-site":
        raise Forbidden("another site may not sign anybody in")
    fields = request.json()
    login, password, domain = (_text(fields, name) for name in ("userName", "password", "domain"))
    if domain and "@" not in login:
        login = f"{login}@{domain}"
    try:
        signed_in = await services.sessions.check(login, password, request.client)
    except NotAuthenticated:
        return None, answer(403, {"LDAPPasswordPolicyError": NO_POLICY})
    except TooManyFailures:
        return None, answer(403, {"LDAPPasswordPolicyError": LOCKED})
    begun = await services.sessions.begin(signed_in, request.client, request.header("user-agent"))
    await services.web_calendars.reload_on_login(begun.caller)
    person = await services.people.find(begun.caller, begun.caller.principal)
    cookies = [
        set_cookie(SESSION, begun.cookie, secure=request.secure),
        set_cookie(TOKEN, begun.token, secure=request.secure, script=True),
    ]
    if fields.get("rememberLogin") == 1:
        cookies.append(set_cookie(LOGIN, quote(login), secure=request.secure, seconds=LOGIN_SECONDS))
    name = person.display_name if person is not None else begun.caller.principal
    value = {"cn": name, "expire": _NEVER, "grace": _NEVER, "username": begun.caller.principal}
    return begun.caller, answer(200, value, *(("Set-Cookie", cookie) for cookie in cookies))


async def logoff(services: WebServices, request: Request) -> Response:
    """End the session and go to the start; without one, too."""
    await services.sessions.end(find_cookie(request.header("cookie"), SESSION))
    cookies = [
        ("Set-Cookie", set_cookie(name, "discard", secure=request.secure, script=name == TOKEN, seconds=0))
        for name in (SESSION, TOKEN)
    ]
    return Response(302, [("Location", HOME), ("Cache-Control", "no-store"), *cookies])


def _text(fields: dict[str, object], name: str) -> str:
    value = fields.get(name, "")
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise MalformedInput(f"{name} is a text of at most {TEXT_MAX} characters")
    return value
