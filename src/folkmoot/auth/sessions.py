"""Sessions of browsers.

The cookie holds a random id and a random key.  Stored are the id's digest and, sealed with that key, the credentials:
whoever reads the database learns neither, and mail servers can be signed in to for as long as the browser is there.
Each use verifies the credentials as a request with HTTP Basic would, from what ``auth`` remembers; a session ends with
the password that began it.  One that began without a password, by a passkey, goes on while its owner may log in.
"""

import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from folkmoot.auth.errors import NotAuthenticated
from folkmoot.auth.freshness import FRESH_MILLISECONDS
from folkmoot.auth.protocols import Protocol as Door
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.store import sessions
from folkmoot.store.sessions import Session

ID_OCTETS: Final = 16
KEY_OCTETS: Final = 32
NONCE_OCTETS: Final = 12
TOKEN_DIGITS: Final = 40  # of XSRF-TOKEN, hexadecimal as SOGo's is
IDLE_MILLISECONDS: Final = 12 * 3600 * 1000  # a working day with its breaks
LIFE_MILLISECONDS: Final = 30 * 24 * 3600 * 1000  # however busy it is
TOUCH_MILLISECONDS: Final = 5 * 60 * 1000  # between two notes of the last use
SHOWN_MAX: Final = 300  # characters kept of an address or User-Agent
# Keys of what is kept with a session.
SEALED: Final = "sealed"
PROVEN_AT: Final = "proven_at"  # when the password or second factor was given last, milliseconds since 1970 UTC
CLIENT: Final = "client"
AGENT: Final = "agent"
_COOKIE_CHARACTERS: Final = 64  # 48 octets in base64


class Authenticator(Protocol):
    """Who is this."""

    def cached(self, authorization: str, protocol: Door = Door.DAV) -> Caller | None:
        """Return the caller of a header that was verified a moment ago."""

    async def authenticate(
        self, authorization: str, client: str, *, protocol: Door = Door.DAV, agent: str = "", anew: bool = False
    ) -> Caller:
        """Verify a header, shown at a door; ``anew`` believes nothing that is remembered."""

    async def vouched(self, login: str) -> Caller:
        """Return the caller that a trusted proxy signed in."""

    async def known(self, principal: PrincipalId) -> Caller:
        """Return the caller for somebody who has proved by other means who it is."""

    def forget(self, principal: PrincipalId) -> None:
        """Believe nothing any more that was verified for somebody."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A session for the browser to keep."""

    caller: Caller
    cookie: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who has signed in, and with what; without a password it was by other means, such as a passkey."""

    caller: Caller
    login: str = ""
    password: str = field(default="", repr=False)


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, database: Database, authenticator: Authenticator, clock: Clock) -> None:
        self._database = database
        self._authenticator = authenticator
        self._clock = clock

    async def check(self, login: str, password: str, client: str) -> SignedIn:
        """Verify a login and a password, without beginning anything yet.

        Raises:
            NotAuthenticated: wrong credentials.
            TooManyFailures: the account is blocked.
            Unavailable: whoever knows the answer cannot be asked now.
        """
        caller = await self._authenticator.authenticate(basic(login, password), client, protocol=Door.WEB, anew=True)
        return SignedIn(caller, login, password)

    async def begin(self, signed_in: SignedIn, client: str, agent: str = "") -> Begun:
        """Begin a session for somebody who has shown all that is asked for; ``agent`` names the browser.

        Raises:
            Unavailable: the database does not answer.
        """
        identity, key = secrets.token_bytes(ID_OCTETS), secrets.token_bytes(KEY_OCTETS)
        nonce = secrets.token_bytes(NONCE_OCTETS)
        plain = msgspec.json.encode((signed_in.login, signed_in.password))
        sealed = nonce + AESGCM(key).encrypt(nonce, plain, identity)
        now = self._clock.milliseconds()
        new = Session(
            _digest(identity),
            signed_in.caller.principal,
            {
                SEALED: b64encode(sealed).decode(),
                PROVEN_AT: now,
                CLIENT: client[:SHOWN_MAX],
                AGENT: agent[:SHOWN_MAX],
            },
            created_at=now,
            seen_at=now,
            expires_at=now + IDLE_MILLISECONDS,
        )
        await self._database.write(lambda tx: sessions.add(tx, new))
        caller = replace(signed_in.caller, session=new.digest, fresh=True, password=signed_in.password)
        return Begun(caller, urlsafe_b64encode(identity + key).decode(), _token(key))

    async def caller(self, cookie: str, client: str) -> Caller:
        """Return whose session a cookie is.

        Raises:
            NotAuthenticated: there is no such session any more, or its password has changed.
            TooManyFailures: the account is blocked.
            Unavailable: whoever knows the answer cannot be asked now.
        """
        identity, key = _parts(cookie)
        now = self._clock.milliseconds()
        found = await self._database.read(lambda tx: sessions.find(tx, _digest(identity), now))
        opened = None if found is None else _opened(found, identity, key)
        if found is None or opened is None:
            raise NotAuthenticated("Sign in.")
        try:
            caller = await self._verified(found, opened, client)
        except NotAuthenticated:
            await self._database.write(lambda tx: sessions.remove(tx, found.digest, now=now))
            raise
        if now - found.seen_at >= TOUCH_MILLISECONDS:
            until = min(now + IDLE_MILLISECONDS, found.created_at + LIFE_MILLISECONDS)
            await self._database.write(lambda tx: sessions.touch(tx, found.digest, seen_at=now, expires_at=until))
        proven_at = found.properties.get(PROVEN_AT, found.created_at)
        fresh = isinstance(proven_at, int) and now - proven_at < FRESH_MILLISECONDS
        return replace(caller, session=found.digest, fresh=fresh)

    async def end(self, cookie: str) -> None:
        """Forget a session; there need be none."""
        try:
            identity, _ = _parts(cookie)
        except NotAuthenticated:
            return
        now = self._clock.milliseconds()
        await self._database.write(lambda tx: sessions.remove(tx, _digest(identity), now=now))

    async def _verified(self, found: Session, opened: tuple[str, str], client: str) -> Caller:
        login, password = opened
        if not password:
            return await self._authenticator.known(found.principal)
        authorization = basic(login, password)
        cached = self._authenticator.cached(authorization, Door.WEB)
        return cached or await self._authenticator.authenticate(authorization, client, protocol=Door.WEB)


def is_token(cookie: str, token: str) -> bool:
    """Whether ``token`` is the one that came with a session's cookie."""
    try:
        _, key = _parts(cookie)
    except NotAuthenticated:
        return False
    return hmac.compare_digest(_token(key).encode(), token.strip().encode("utf-8", "surrogatepass"))


def basic(login: str, password: str) -> str:
    """Return an Authorization header (RFC 7617)."""
    return "Basic " + b64encode(f"{login}:{password}".encode("utf-8", "surrogatepass")).decode()


def _parts(cookie: str) -> tuple[bytes, bytes]:
    try:
        octets = urlsafe_b64decode(cookie.encode("ascii")) if len(cookie) == _COOKIE_CHARACTERS else b""
    except ValueError:
        octets = b""
    if len(octets) != ID_OCTETS + KEY_OCTETS:
        raise NotAuthenticated("Sign in.")
    return octets[:ID_OCTETS], octets[ID_OCTETS:]


def _digest(identity: bytes) -> str:
    return hashlib.sha256(identity).hexdigest()


def _token(key: bytes) -> str:
    return hmac.new(key, b"XSRF-TOKEN", hashlib.sha256).hexdigest()[:TOKEN_DIGITS]


def _opened(found: Session, identity: bytes, key: bytes) -> tuple[str, str] | None:
    """Return the sealed login and password, both empty without one; None if the cookie's key does not open them."""
    sealed = b64decode(str(found.properties.get(SEALED, "")))
    try:
        opened = AESGCM(key).decrypt(sealed[:NONCE_OCTETS], sealed[NONCE_OCTETS:], identity)
    except (InvalidTag, ValueError):
        return None
    return msgspec.json.decode(opened, type=tuple[str, str])
