"""What Dovecot asks us over HTTP: who signs in, who exists; and what it tells us: that something happened to mailboxes.

    POST login      grant_type=password (RFC 6749 section 4.3), or token=… for introspection (RFC 7662)
    POST person     name=… of a recipient or of a shared folder's owner; answers the name of the mailboxes, or 404
    POST delivered  events, one a line

A secret that only Dovecot's configuration holds opens these calls, and nothing else.
"""

import base64
import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import parse_qsl

import msgspec
import structlog

from folkmoot.auth.errors import NotAuthenticated, TooManyFailures
from folkmoot.auth.mail_tokens import MailTokens
from folkmoot.auth.protocols import Protocol as Door
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import MalformedInput, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.directory import Directory
from folkmoot.directory.principal import Principal
from folkmoot.stack.delivered import Delivered, parse_delivered

PATH: Final = "/.folkmoot/mail/"
BODY_MAX: Final = 1024 * 1024  # octets; 500 events with long subjects
FORM_MAX: Final = 16 * 1024  # octets of a sign-in; a password has a thousand
FIELDS_MAX: Final = 16
_NO_DIRECTORY: Final = re.compile(r"[/%\s\x00-\x1f\x7f]")  # nor what Dovecot would expand or part
MAIL: Final = "Mail"  # the part that ModulesConstraints may close

_log: Final = structlog.get_logger("folkmoot.mail")


class Authenticator(Protocol):
    """Who is this."""

    async def authenticate(self, authorization: str, client: str, *, protocol: Door = Door.DAV) -> Caller:
        """Verify a header, shown at a door."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    method: str
    path: str  # below PATH
    authorization: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer; ``body`` is JSON for ``login`` and text otherwise."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


async def _nobody_listens(_: Delivered) -> None:
    return


class MailCalls:
    """Answers Dovecot."""

    def __init__(
        self,
        secret: str,
        authenticator: Authenticator,
        directory: Directory,
        tokens: MailTokens,
        clock: Clock,
        on_delivered: Callable[[Delivered], Awaitable[None]] = _nobody_listens,
    ) -> None:
        self._secret = secret.encode()
        self._authenticator = authenticator
        self._directory = directory
        self._tokens = tokens
        self._clock = clock
        self._on_delivered = on_delivered

    async def __call__(self, call: Call) -> Reply:
        """Answer a call.

        Raises:
            NotFound: without the secret these calls do not exist.
            MalformedInput: not what Dovecot sends.
            Unavailable: a user source or the database does not answer; Dovecot then says so to its client.
        """
        scheme, _, shown = call.authorization.partition(" ")
        known = scheme.lower() == "bearer" and self._right(shown)
        form: dict[str, str] = {}
        if call.path != "delivered":
            form = _form(call.body)
            known = known or self._right(form.get("client_secret", ""))  # Dovecot's oauth2 has no other place for it
        if not known or call.method != "POST":
            raise NotFound("There is nothing here.")
        match call.path:
            case "login":
                return await self._login(form)
            case "person":
                return await self._person(form.get("name", ""))
            case "delivered":
                for event in parse_delivered(call.body):
                    _log.debug("mailbox", user=event.user, did=event.event, mailbox=event.mailbox, uid=event.uid)
                    await self._on_delivered(event)
                return Reply(204)
            case _:
                raise NotFound("There is nothing here.")

    def _right(self, shown: str) -> bool:
        return hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), self._secret)

    async def _login(self, form: dict[str, str]) -> Reply:
        if "token" in form:
            return await self._introspect(form["token"])
        if form.get("grant_type") != "password":
            return _json(400, {"error": "unsupported_grant_type"})
        login = form.get("username", "")
        basic = base64.b64encode(f"{login}:{form.get('password', '')}".encode()).decode()
        try:
            if ":" in login:
                raise NotAuthenticated("no login has a colon")
            # Dovecot does not say from where; its own log does.
            caller = await self._authenticator.authenticate(f"Basic {basic}", "mail", protocol=Door.MAIL)
        except (NotAuthenticated, TooManyFailures) as error:
            return _json(400, {"error": "invalid_grant", "error_description": str(error)})
        principal = await self._directory.find(caller.principal)
        if principal is None or not has_mail(principal):
            return _json(400, {"error": "invalid_grant", "error_description": "no mailboxes"})
        token = self._tokens.mint(principal.id, "sign-in", self._clock.milliseconds())
        return _json(
            200,
            {
                "access_token": token,
                "token_type": "bearer",
                "username": login,  # must be what was asked for
                "principal": principal.id,
                "active": "true",
            },
        )

    async def _introspect(self, token: str) -> Reply:
        try:
            told = self._tokens.verify(token, self._clock.milliseconds())
        except NotAuthenticated:
            return _json(200, {"active": "false"})
        principal = await self._directory.find(told.principal)
        if principal is None or not has_mail(principal):
            return _json(200, {"active": "false"})
        return _json(200, {"active": "true", "username": principal.id, "principal": principal.id})

    async def _person(self, name: str) -> Reply:
        principal = await self._directory.find(PrincipalId(name)) if name else None
        if principal is None and "@" in name:
            principal = await self._directory.find_by_mail(name)
        if principal is None or not has_mail(principal):
            raise NotFound("nobody of this name has mailboxes")
        return Reply(200, principal.id.encode())


def has_mail(principal: Principal) -> bool:
    """Return whether somebody has mailboxes; their directory is named by the id."""
    safe = not principal.id.startswith(".") and not _NO_DIRECTORY.search(principal.id)
    return safe and not principal.bookable and MAIL not in principal.modules_denied


def _form(body: bytes) -> dict[str, str]:
    if len(body) > FORM_MAX:
        raise MalformedInput("a form that is too long")
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"))
    except ValueError as error:
        raise MalformedInput("not a form") from error


def _json(status: int, fields: dict[str, str]) -> Reply:
    return Reply(status, msgspec.json.encode(fields), "application/json")
