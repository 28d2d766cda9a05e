"""Signing in and out (SOGo's ``connect``, ``connectName`` and ``logoff``)."""

from dataclasses import replace
from typing import Final
from urllib.parse import quote

from folkmoot.auth.errors import NotAuthenticated, TooManyFailures, WrongCode
from folkmoot.auth.sessions import SignedIn
from folkmoot.config.general_section import LANGUAGES
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, MalformedInput
from folkmoot.directory.password_change import PasswordFault, PasswordRefused
from folkmoot.web.cookies import LOGIN, LOGIN_SECONDS, SESSION, TOKEN, find_cookie, set_cookie
from folkmoot.web.http import Request, Response, answer, from_elsewhere
from folkmoot.web.services import WebServices

TEXT_MAX: Final = 1024  # characters of a name or password; more fits no header
HOME: Final = "/SOGo/"
LANGUAGE: Final = "SOGoLanguage"
_NEVER: Final = -1  # expire and grace: the password has no date

_LOADING: Final = (
    b"<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Loading</title><p>Loading\xe2\x80\xa6</p></html>"
)

Outcome = tuple[Caller | None, Response]


async def connect(services: WebServices, request: Request) -> Outcome:
    """Begin a session for ``{userName, password, domain?, rememberLogin?, language?, verificationCode?}``.

    A wrong password is 403, one that must be changed first, too; where a second factor is missing the answer is 202.
    A passkey's answer, ``passkey``, stands for the code, and without a password for everything.

    Raises:
        MalformedInput: no JSON object, or a field that is no text.
        Forbidden: another site made the browser ask.
        Unavailable: whoever knows the answer cannot be asked now.
    """
    fields = asked_at_the_door(services, request)
    if fields is None:
        return None, answer(405, {"message": "not by this method"}, ("Allow", "POST"))
    login, password = login_of(fields), text_field(fields, "password")
    try:
        if fields.get("passkey") is not None and not password:
            signed_in = await _by_passkey(services, request, fields["passkey"])
            return await begin(services, request, signed_in, fields, {})
        signed_in = await services.sessions.check(login, password, request.client)
        lacking = await second_factor(services, request, signed_in.caller, fields)
        if lacking is not None:
            return None, lacking
    except NotAuthenticated:
        return None, refused(PasswordFault.NONE)
    except TooManyFailures:
        return None, refused(PasswordFault.LOCKED)
    principal = signed_in.caller.principal
    standing = await services.password_change.standing(principal, password)
    if standing.fault is not None:
        return None, refused(standing.fault, PasswordRefused(standing.fault, "", standing.rules))
    told = {"expire": standing.expires_seconds, "grace": standing.grace}
    if await services.lost_factors.give_up(principal):
        told["totpDisabled"] = 1
    return await begin(services, request, signed_in, fields, told)


async def connect_name(services: WebServices, request: Request) -> Outcome:
    """Answer the first step of a sign-in in two: nobody is sent elsewhere by this version, whatever the name."""
    fields = asked_at_the_door(services, request)
    if fields is None:
        return None, answer(405, {"message": "not by this method"}, ("Allow", "POST"))
    login_of(fields)
    return None, answer(200, {"redirect": ""})


async def passkey_challenge(services: WebServices, request: Request) -> Outcome:
    """Answer with what the browser asks an authenticator for, for a passkey alone; it names nobody.

    Raises:
        Forbidden: passkeys are not offered, or another site made the browser ask.
    """
    if asked_at_the_door(services, request) is None:
        return None, answer(405, {"message": "not by this method"}, ("Allow", "POST"))
    return None, answer(200, {"publicKey": await services.passkeys.begin_sign_in()})


async def loading(_: WebServices, request: Request) -> Outcome:
    """Show SOGo's page between two others; there is nothing to wait for here."""
    if request.method not in {"GET", "HEAD"}:
        return None, answer(405, {"message": "not by this method"}, ("Allow", "GET"))
    return None, Response(200, (("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")), _LOADING)


async def logoff(services: WebServices, request: Request) -> Response:
    """End the session and go to the start; without one, too."""
    await services.sessions.end(find_cookie(request.header("cookie"), SESSION))
    cookies = [
        ("Set-Cookie", set_cookie(name, "discard", secure=request.secure, script=name == TOKEN, seconds=0))
        for name in (SESSION, TOKEN)
    ]
    return Response(302, [("Location", HOME), ("Cache-Control", "no-store"), *cookies])


async def second_factor(
    services: WebServices, request: Request, caller: Caller, fields: dict[str, object]
) -> Response | None:
    """Return the answer for who still has to show a second factor, or has shown a wrong one; None: go on.

    Raises:
        TooManyFailures: too many codes were wrong.
        MalformedInput: a code that is no text, or no credential.
    """
    principal = caller.principal
    state = await services.second_factor.state_of(principal)
    if not state.asked:
        return None
    code = text_field(fields, "verificationCode").strip()
    try:
        if fields.get("passkey") is not None:
            await services.passkeys.check(fields["passkey"], request.client, principal)
            return None
        if code:
            await services.second_factor.check(principal, code, request.client)
            return None
    except WrongCode:
        return answer(403, {"totpInvalidKey": 1})
    told: dict[str, object] = {"totpMissingKey": 1}
    if services.passkeys.offered and await services.passkeys.has_any(principal):
        told["publicKey"] = await services.passkeys.begin_sign_in(principal)
    return answer(202, told)


async def begin(
    services: WebServices, request: Request, signed_in: SignedIn, fields: dict[str, object], told: dict[str, int]
) -> Outcome:
    """Begin the session of somebody who has shown all that is asked for."""
    begun = await services.sessions.begin(signed_in, request.client, request.header("user-agent"))
    await services.web_calendars.reload_on_login(begun.caller)
    await _keep_language(services, begun.caller, fields.get("language"))
    person = await services.people.find(begun.caller, begun.caller.principal)
    cookies = [
        set_cookie(SESSION, begun.cookie, secure=request.secure),
        set_cookie(TOKEN, begun.token, secure=request.secure, script=True),
    ]
    login = signed_in.login or begun.caller.principal
    if fields.get("rememberLogin") in (1, True):
        cookies.append(set_cookie(LOGIN, quote(login), secure=request.secure, seconds=LOGIN_SECONDS))
    name = person.display_name if person is not None else begun.caller.principal
    value = {"cn": name, "expire": _NEVER, "grace": _NEVER, "username": begun.caller.principal, **told}
    return begun.caller, answer(200, value, *(("Set-Cookie", cookie) for cookie in cookies))


def refused(fault: PasswordFault, error: PasswordRefused | None = None) -> Response:
    """Return SOGo's answer for a password that does not do; the rules for another are told with it."""
    value: dict[str, object] = {"LDAPPasswordPolicyError": int(fault)}
    if error is not None and error.rules:
        policies = [{"label": rule.label, "value": rule.value, "regex": rule.regex} for rule in error.rules]
        value["additionalInfos"] = {"userPolicies": policies}
    return answer(403, value)


def asked_at_the_door(services: WebServices, request: Request) -> dict[str, object] | None:
    """Return what somebody without a session asks with, whom no other site may have sent; None: not by POST.

    Raises:
        MalformedInput: no JSON object.
        Forbidden: another site made the browser ask.
    """
    if request.method != "POST":
        return None
    if request.header("sec-fetch-site") == "cross-site" or from_elsewhere(
        request, services.settings(None).server.public_url
    ):
        raise Forbidden("another site may not sign anybody in")
    return request.json()


def login_of(fields: dict[str, object]) -> str:
    """Return the login, with the domain that was chosen beside it.

    Raises:
        MalformedInput: a field that is no text.
    """
    login, domain = text_field(fields, "userName").strip(), text_field(fields, "domain")
    return f"{login}@{domain}" if domain and login and "@" not in login else login


def text_field(fields: dict[str, object], name: str) -> str:
    """Return a text, empty if it is missing.

    Raises:
        MalformedInput: it is none, or too long.
    """
    value = fields.get(name, "")
    if value is None:
        return ""
    if name == "verificationCode" and isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**6:
        return f"{value:06d}"  # SOGo's page sends a number
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise MalformedInput(f"{name} is a text of at most {TEXT_MAX} characters")
    return value


async def _by_passkey(services: WebServices, request: Request, credential: object) -> SignedIn:
    try:
        principal = await services.passkeys.check(credential, request.client)
    except WrongCode as error:
        raise NotAuthenticated(str(error)) from error
    return SignedIn(replace(await services.authenticator.known(principal), password=""))


async def _keep_language(services: WebServices, caller: Caller, language: object) -> None:
    if not isinstance(language, str) or language not in LANGUAGES:
        return
    defaults, _ = await services.choices.get(caller, caller.principal)
    if defaults.get(LANGUAGE) != language:
        await services.choices.save(caller, caller.principal, {LANGUAGE: language}, {})
