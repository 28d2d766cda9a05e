"""Verified credentials, remembered for a short while: DAV clients send them with every request.

What is kept is a keyed digest of the whole header, so that memory holds no password.  An entry is believed for
``BELIEVED_SECONDS``; then the stored password is read again, without hashing, and the entry goes on if it has not
changed.  So another password works at once, since it makes another header, and the old one stops within seconds.
"""

import asyncio
import hashlib
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final, TypeVar
from weakref import WeakValueDictionary

import structlog

from folkmoot.auth.basic import Credentials, parse_basic
from folkmoot.auth.errors import NotAuthenticated
from folkmoot.auth.failure_counts import FailureCounts
from folkmoot.auth.failure_log import log_failure
from folkmoot.config.settings import Settings
from folkmoot.core.caller import ANONYMOUS, Caller
from folkmoot.core.errors import Unavailable
from folkmoot.directory.directory import Directory
from folkmoot.directory.principal import Principal
from folkmoot.directory.source import Authenticated

K = TypeVar("K")
V = TypeVar("V")

BELIEVED_SECONDS: Final = 5.0  # before the stored password is looked at again
VERIFIED_SECONDS: Final = 3600.0  # before the password itself is verified again
GRACE_SECONDS: Final = 60.0  # that a user source may be down before those signed in must wait for it
REFUSED_SECONDS: Final = 1.0  # that wrong credentials are refused again without being verified and counted
ENTRIES_MAX: Final = 50_000  # headers remembered, about half a kilobyte each
REFUSED_MAX: Final = 10_000  # wrong headers remembered

_log: Final = structlog.get_logger("folkmoot.auth")


@dataclass(slots=True)
class _Entry:
    caller: Caller
    authenticated: Authenticated
    believed_until: float
    looked_at: float
    verified_at: float


class Authenticator:
    """Decides who is calling."""

    def __init__(
        self,
        directory: Directory,
        settings: Settings,
        failures: FailureCounts,
        *,
        time: Callable[[], float] = monotonic,
    ) -> None:
        self._directory = directory
        self._settings = settings
        self._failures = failures
        self._time = time
        self._key = os.urandom(32)
        self._entries: dict[bytes, _Entry] = {}
        self._refused: dict[bytes, float] = {}
        self._vouched: dict[str, tuple[float, Caller]] = {}
        self._under_way: dict[bytes, asyncio.Task[Caller]] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def cached(self, authorization: str) -> Caller | None:
        """Return the caller of a header that was verified a moment ago, without waiting for anything."""
        entry = self._entries.get(self._digest(authorization))
        if entry is None or entry.believed_until <= self._time():
            return None
        return _with_password(entry.caller, parse_basic(authorization))

    async def authenticate(self, authorization: str, client: str) -> Caller:
        """Return who sent an ``Authorization`` header; ``client`` is the address for the log.

        The caller carries the password, for servers behind us.

        Raises:
            NotAuthenticated: no credentials that we understand, or wrong ones.
            TooManyFailures: the account is blocked.
            Unavailable: whoever knows the answer cannot be asked now.
        """
        credentials = parse_basic(authorization)
        if credentials is None:
            raise NotAuthenticated("Sign in.")
        caller = await self._authenticated(self._digest(authorization), credentials, client)
        return _with_password(caller, credentials)

    async def _authenticated(self, digest: bytes, credentials: Credentials, client: str) -> Caller:
        entry = self._entries.get(digest)
        if entry is not None:
            caller = await self._once(digest, lambda: self._look_again(digest, entry))
            if not caller.anonymous:
                return caller
        if self._refused.get(digest, 0.0) > self._time():
            raise NotAuthenticated("Wrong user name or password.")
        return await self._once(digest, lambda: self._verify(digest, credentials, client))

    async def vouched(self, login: str) -> Caller:
        """Return the caller whom a trusted proxy signed in (``SOGoTrustProxyAuthentication``).

        The name must come from a trusted address; that is decided where addresses are known.

        Raises:
            NotAuthenticated: no such principal, or the setting is off.
            Unavailable: whoever knows the answer cannot be asked now.
        """
        if not self._settings.security.trust_proxy_authentication or not login:
            raise NotAuthenticated("Sign in.")
        until, caller = self._vouched.get(login, (0.0, ANONYMOUS))
        if until > self._time():
            return caller
        self._vouched.pop(login, None)
        principal = await self._directory.find_login(login)
        if principal is None or principal.bookable:
            raise NotAuthenticated("Sign in.")
        caller = await self._caller(principal)
        _make_room(self._vouched, ENTRIES_MAX)
        self._vouched[login] = (self._time() + BELIEVED_SECONDS, caller)
        return caller

    async def _once(self, digest: bytes, work: Callable[[], Coroutine[None, None, Caller]]) -> Caller:
        """Let requests with the same header, of which clients send many at once, wait for one answer."""
        task = self._under_way.get(digest)
        if task is None:
            task = asyncio.create_task(work())
            self._under_way[digest] = task
            task.add_done_callback(lambda done: self._finished(digest, done))
        return await asyncio.shield(task)

    def _finished(self, digest: bytes, task: asyncio.Task[Caller]) -> None:
        if self._under_way.get(digest) is task:
            del self._under_way[digest]
        if not task.cancelled():
            task.exception()  # seen, though everybody who waited may have gone

    async def _look_again(self, digest: bytes, entry: _Entry) -> Caller:
        """Return the caller if the stored password is still the one that was verified, else nobody."""
        now = self._time()
        if entry.believed_until > now:
            return entry.caller
        if now - entry.verified_at >= VERIFIED_SECONDS:
            self._entries.pop(digest, None)
            return ANONYMOUS
        try:
            again = await self._directory.recheck(entry.authenticated)
            caller = ANONYMOUS if again is None else await self._caller(again.principal)
        except Unavailable:
            if now - entry.looked_at >= GRACE_SECONDS:
                raise
            entry.believed_until = now + BELIEVED_SECONDS
            return entry.caller
        if again is None:
            self._entries.pop(digest, None)
            return ANONYMOUS
        entry.authenticated = again
        entry.caller = caller
        entry.looked_at = now
        entry.believed_until = now + BELIEVED_SECONDS
        return entry.caller

    async def _verify(self, digest: bytes, credentials: Credentials, client: str) -> Caller:
        # One at a time for each login: guesses sent at once would all pass before the first is counted.
        turn = self._turns.setdefault(credentials.login.casefold(), asyncio.Lock())
        async with turn:
            return await self._verify_now(digest, credentials, client)

    async def _verify_now(self, digest: bytes, credentials: Credentials, client: str) -> Caller:
        has_failures = await self._failures.refuse_blocked(credentials.login)
        started = self._time()
        authenticated = await self._directory.authenticate(credentials.login, credentials.password)
        if authenticated is None:
            log_failure(client, credentials.login)
            _make_room(self._refused, REFUSED_MAX)
            self._refused[digest] = self._time() + REFUSED_SECONDS
            await self._failures.note(credentials.login)
            raise NotAuthenticated("Wrong user name or password.")
        if has_failures:
            await self._forget_failures(credentials.login)
        caller = await self._caller(authenticated.principal)
        _make_room(self._entries, ENTRIES_MAX)
        self._entries[digest] = _Entry(caller, authenticated, started + BELIEVED_SECONDS, started, started)
        return caller

    async def _forget_failures(self, login: str) -> None:
        try:
            await self._failures.forget(login)
        except Unavailable as error:  # the password was right all the same
            _log.warning("failed log-ins could not be forgotten", fault=str(error))

    async def _caller(self, principal: Principal) -> Caller:
        names = self._settings.for_domain(principal.domain or "").security.superusers
        groups = tuple(await self._directory.groups_of(principal))
        return Caller(principal.id, groups, superuser=principal.id in names, denied=principal.modules_denied)

    def _digest(self, authorization: str) -> bytes:
        return hashlib.blake2b(authorization.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()


def _with_password(caller: Caller, credentials: Credentials | None) -> Caller:
    """Return the caller of this one request; what is remembered between requests has no password."""
    return caller if credentials is None else replace(caller, password=credentials.password)


def _make_room(entries: dict[K, V], size_max: int) -> None:
    """Let the oldest go."""
    while len(entries) >= size_max:
        del entries[next(iter(entries))]
