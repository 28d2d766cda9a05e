"""Passwords that are changed or were lost (SOGo's ``changePassword`` and ``passwordRecovery…``)."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from folkmoot.auth.errors import NotAuthenticated, TooManyFailures
from folkmoot.auth.recovery import RecoveryMode
from folkmoot.auth.sessions import SignedIn, is_token
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden
from folkmoot.directory.password_change import PasswordFault, PasswordRefused
from folkmoot.web.cookies import SESSION, TOKEN, find_cookie
from folkmoot.web.http import Request, Response, answer
from folkmoot.web.services import WebServices
from folkmoot.web.signing_in import Outcome, asked_at_the_door, begin, login_of, refused, second_factor, text_field

_NOT_BY_THIS: Final = (None, answer(405, {"message": "not by this method"}, ("Allow", "POST")))


async def change_password(services: WebServices, request: Request) -> Outcome:
    """Change a password: ``{newPassword, oldPassword | token, userName?, domain?, verificationCode?}``.

    Without ``userName`` it is that of the session.  Who has a second factor shows it, unless the session has.

    Raises:
        MalformedInput: no JSON object, or a field that is no text.
        Forbidden: another site made the browser ask, or the session's token is missing.
        NotAuthenticated: neither name nor session.
        Unavailable: the user source does not answer.
    """
    fields = asked_at_the_door(services, request)
    if fields is None:
        return _NOT_BY_THIS
    try:
        if fields.get("token"):
            return await _by_token(services, request, fields)
        return await _by_old(services, request, fields)
    except PasswordRefused as error:
        return None, refused(error.fault, error)
    except TooManyFailures:
        return None, refused(PasswordFault.LOCKED)


async def recovery_enabled(services: WebServices, request: Request) -> Outcome:
    """Answer whether people of a domain may recover passwords; nothing is told about the person."""
    fields = asked_at_the_door(services, request)
    if fields is None:
        return _NOT_BY_THIS
    login = login_of(fields)
    if not services.recovery.offered(login):
        return None, answer(403, None)
    return None, answer(200, {"domain": login.rpartition("@")[2]} if "@" in login else None)


async def recovery(services: WebServices, request: Request) -> Outcome:
    """Answer how somebody recovers a password; for nobody, something that could be true."""

    async def ask(login: str, _: dict[str, object]) -> Response:
        choice = await services.recovery.ask(login, request.client)
        told: dict[str, object] = {"username": login, "mode": choice.mode.value}
        if choice.mode is RecoveryMode.QUESTION:
            told["secretQuestion"] = choice.question
        return answer(200, told)

    return await _recovering(services, request, ask)


async def recovery_check(services: WebServices, request: Request) -> Outcome:
    """Answer with a token for who knows the answer to the secret question."""

    async def check(login: str, fields: dict[str, object]) -> Response:
        if text_field(fields, "mode") != RecoveryMode.QUESTION.value:
            return refused(PasswordFault.RECOVERY_FAILED)
        token = await services.recovery.answer(login, text_field(fields, "answer"), request.client)
        return answer(200, {"token": token, "jwt": token})

    return await _recovering(services, request, check)


async def recovery_email(services: WebServices, request: Request) -> Outcome:
    """Send a letter with a link, or not, and answer the same; where the request came from is not looked at."""

    async def send(login: str, fields: dict[str, object]) -> Response:
        if text_field(fields, "mode") != RecoveryMode.ADDRESS.value:
            return refused(PasswordFault.RECOVERY_FAILED)
        await services.recovery.send(login, request.client)
        return answer(200, None)

    return await _recovering(services, request, send)


async def _recovering(
    services: WebServices, request: Request, work: Callable[[str, dict[str, object]], Awaitable[Response]]
) -> Outcome:
    fields = asked_at_the_door(services, request)
    if fields is None:
        return _NOT_BY_THIS
    try:
        return None, await work(login_of(fields), fields)
    except PasswordRefused as error:
        return None, refused(error.fault, error)
    except TooManyFailures:
        return None, answer(429, {"message": "too many attempts; try again later"}, ("Retry-After", "600"))
    except Forbidden:
        return None, refused(PasswordFault.RECOVERY_FAILED)


async def _by_old(services: WebServices, request: Request, fields: dict[str, object]) -> Outcome:
    login, old, new = login_of(fields), text_field(fields, "oldPassword"), text_field(fields, "newPassword")
    if not old:
        raise PasswordRefused(PasswordFault.OLD_NEEDED, "the old password is needed, too")
    if login:
        try:
            signed_in = await services.sessions.check(login, old, request.client)
        except NotAuthenticated as error:
            raise PasswordRefused(PasswordFault.NONE, str(error)) from error
        caller = signed_in.caller
        lacking = await second_factor(services, request, caller, fields)
        if lacking is not None:
            return None, lacking
    else:
        caller = await _of_session(services, request)
        login = caller.principal
    await services.password_change.change(caller, old, new, request.client)
    return await _go_on(services, request, caller, login, new, fields)


async def _by_token(services: WebServices, request: Request, fields: dict[str, object]) -> Outcome:
    token, new = text_field(fields, "token"), text_field(fields, "newPassword")
    principal = await services.recovery.find(token)
    await services.password_change.check(principal, new)
    caller = Caller(principal)
    lacking = await second_factor(services, request, caller, fields)
    if lacking is not None:
        return None, lacking
    taken = await services.recovery.take(token)
    await services.password_change.choose_new(taken, new)
    return await _go_on(services, request, await services.authenticator.known(taken), taken, new, fields)


async def _of_session(services: WebServices, request: Request) -> Caller:
    cookie = find_cookie(request.header("cookie"), SESSION)
    caller = await services.sessions.caller(cookie, request.client)
    if services.settings(None).security.validate_request_origin and not is_token(
        cookie, request.header("x-xsrf-token")
    ):
        raise Forbidden(f"the request does not carry the session's {TOKEN}")
    return caller


async def _go_on(
    services: WebServices, request: Request, caller: Caller, login: str, new: str, fields: Mapping[str, object]
) -> Outcome:
    """Begin a session with the new password: those with the old one have ended."""
    told = {name: value for name, value in fields.items() if name == "rememberLogin"}
    _, begun = await begin(services, request, SignedIn(caller, login, new), told, {})
    cookies = [(name, value) for name, value in begun.headers if name == "Set-Cookie"]
    return caller, answer(200, {"username": caller.principal}, *cookies)
