"""Verified credentials, remembered for a short while: DAV clients send them with every request.

What is kept is a keyed digest of the whole header, so that memory holds no password.  An entry is believed for
``BELIEVED_SECONDS``; then its way is asked again, without hashing, and the entry goes on if what was shown is still
right.  So another password works at once, since it makes another header, and the old one stops within seconds.
"""

import asyncio
import hashlib
import os
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final, TypeVar
from weakref import WeakValueDictionary

from folkmoot.auth.basic import Credentials
from folkmoot.auth.errors import NotAuthenticated
from folkmoot.auth.failure_counts import FailureCounts
from folkmoot.auth.password_way import Asked, PasswordWay, never_asked
from folkmoot.auth.proofs import Proven, Shown, Visitor, Way, parse_authorization
from folkmoot.auth.protocols import Protocol
from folkmoot.config.settings import Settings
from folkmoot.core.caller import ANONYMOUS, Caller
from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.directory import Directory
from folkmoot.directory.principal import Principal

K = TypeVar("K")
V = TypeVar("V")

BELIEVED_SECONDS: Final = 5.0  # before the stored password is looked at again
VERIFIED_SECONDS: Final = 3600.0  # before the password itself is verified again
GRACE_SECONDS: Final = 60.0  # that a user source may be down before those signed in must wait for it
REFUSED_SECONDS: Final = 1.0  # that wrong credentials are refused again without being verified and counted
ENTRIES_MAX: Final = 50_000  # headers remembered, about half a kilobyte each
REFUSED_MAX: Final = 10_000  # wrong headers remembered
_WRONG: Final = "Wrong user name or password."


@dataclass(slots=True)
class _Entry:
    caller: Caller
    proven: Proven
    believed_until: float
    looked_at: float
    verified_at: float


class Authenticator:
    """Decides who is calling; ``ways`` are asked before the password of the directory."""

    def __init__(
        self,
        directory: Directory,
        settings: Settings,
        failures: FailureCounts,
        *,
        ways: Sequence[Way] = (),
        asked: Asked = never_asked,
        time: Callable[[], float] = monotonic,
    ) -> None:
        self._directory = directory
        self._settings = settings
        self._ways = ways
        self._password = PasswordWay(directory, failures, asked)
        self._time = time
        self._key = os.urandom(32)
        self._entries: dict[bytes, _Entry] = {}
        self._refused: dict[bytes, float] = {}
        self._vouched: dict[str, tuple[float, Caller]] = {}
        self._under_way: dict[bytes, asyncio.Task[_Entry | None]] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def cached(self, authorization: str, protocol: Protocol = Protocol.DAV) -> Caller | None:
        """Return the caller of a header that was verified a moment ago, without waiting for anything."""
        entry = self._entries.get(self._digest(authorization))
        if entry is None or entry.believed_until <= self._time() or protocol not in entry.proven.opens:
            return None
        return _of_request(entry, parse_authorization(authorization))

    async def authenticate(
        self, authorization: str, client: str, *, protocol: Protocol = Protocol.DAV, agent: str = "", anew: bool = False
    ) -> Caller:
        """Return who sent an ``Authorization`` header, Basic (RFC 7617) or Bearer (RFC 6750).

        ``client`` is the address, for the log and, with ``agent``, for the list of devices.  The caller carries the
        password, for servers behind us, where it is the directory's own.  ``anew`` looks whether what was verified a
        moment ago still holds: whoever signs in asks for that, since another worker may have changed the password.

        Raises:
            NotAuthenticated: no credentials that we understand, wrong ones, or none for this door.
            TooManyFailures: the account is blocked.
            Unavailable: whoever knows the answer cannot be asked now.
        """
        shown = parse_authorization(authorization)
        if shown is None:
            raise NotAuthenticated("Sign in.")
        digest = self._digest(authorization)
        if anew and (known := self._entries.get(digest)) is not None:
            known.believed_until = self._time()
        entry = await self._entry(digest, shown, Visitor(client, agent))
        if protocol not in entry.proven.opens:
            raise NotAuthenticated(entry.proven.closed)
        return _of_request(entry, shown)

    async def _entry(self, digest: bytes, shown: Shown, visitor: Visitor) -> _Entry:
        known = self._entries.get(digest)
        if known is not None:
            again = await self._once(digest, lambda: self._look_again(digest, known, visitor))
            if again is not None:
                return again
        if self._refused.get(digest, 0.0) > self._time():
            raise NotAuthenticated(_WRONG)
        entry = await self._once(digest, lambda: self._verify(digest, shown, visitor))
        if entry is None:  # what was looked at again by another request has ended meanwhile
            raise NotAuthenticated(_WRONG)
        return entry

    async def vouched(self, login: str) -> Caller:
        """Return the caller whom a trusted proxy signed in (``SOGoTrustProxyAuthentication``).

        The name must come from a trusted address; that is decided where addresses are known.

        Raises:
            NotAuthenticated: no such principal, or the setting is off.
            Unavailable: whoever knows the answer cannot be asked now.
        """
        if not self._settings.security.trust_proxy_authentication or not login:
            raise NotAuthenticated("Sign in.")
        return await self._named(f"login {login}", lambda: self._directory.find_login(login))

    async def known(self, principal: PrincipalId) -> Caller:
        """Return the caller for somebody who has proved by other means who it is, as a session remembers.

        Raises:
            NotAuthenticated: no such principal, or it may not log in any more.
            Unavailable: whoever knows the answer cannot be asked now.
        """

        async def find() -> Principal | None:
            found = await self._directory.find(principal)
            current = None if found is None else await self._directory.current(found)
            return None if current is None else current.principal

        return await self._named(f"principal {principal}", find)

    def forget(self, principal: PrincipalId) -> None:
        """Believe nothing any more that was verified for somebody, in this worker; others follow within seconds."""
        for digest in [digest for digest, entry in self._entries.items() if entry.proven.id == principal]:
            del self._entries[digest]
        self._vouched.pop(f"principal {principal}", None)

    async def _named(self, name: str, find: Callable[[], Coroutine[None, None, Principal | None]]) -> Caller:
        until, caller = self._vouched.get(name, (0.0, ANONYMOUS))
        if until > self._time():
            return caller
        self._vouched.pop(name, None)
        principal = await find()
        if principal is None or principal.bookable:
            raise NotAuthenticated("Sign in.")
        caller = await self._caller(principal)
        _make_room(self._vouched, ENTRIES_MAX)
        self._vouched[name] = (self._time() + BELIEVED_SECONDS, caller)
        return caller

    async def _once(self, digest: bytes, work: Callable[[], Coroutine[None, None, _Entry | None]]) -> _Entry | None:
        """Let requests with the same header, of which clients send many at once, wait for one answer."""
        task = self._under_way.get(digest)
        if task is None:
            task = asyncio.create_task(work())
            self._under_way[digest] = task
            task.add_done_callback(lambda done: self._finished(digest, done))
        return await asyncio.shield(task)

    def _finished(self, digest: bytes, task: asyncio.Task[_Entry | None]) -> None:
        if self._under_way.get(digest) is task:
            del self._under_way[digest]
        if not task.cancelled():
            task.exception()  # seen, though everybody who waited may have gone

    async def _look_again(self, digest: bytes, entry: _Entry, visitor: Visitor) -> _Entry | None:
        """Return the entry if what was shown is still right, else nothing."""
        now = self._time()
        if entry.believed_until > now:
            return entry
        if now - entry.verified_at >= VERIFIED_SECONDS:
            self._entries.pop(digest, None)
            return None
        try:
            again = await entry.proven.way.again(entry.proven, visitor)
            caller = ANONYMOUS if again is None else await self._caller(again.principal)
        except Unavailable:
            if now - entry.looked_at >= GRACE_SECONDS:
                raise
            entry.believed_until = now + BELIEVED_SECONDS
            return entry
        if again is None:
            self._entries.pop(digest, None)
            return None
        entry.proven = again
        entry.caller = caller
        entry.looked_at = now
        entry.believed_until = now + BELIEVED_SECONDS
        return entry

    async def _verify(self, digest: bytes, shown: Shown, visitor: Visitor) -> _Entry:
        started = self._time()
        try:
            proven = await self._prove(shown, visitor)
        except NotAuthenticated:
            _make_room(self._refused, REFUSED_MAX)
            self._refused[digest] = self._time() + REFUSED_SECONDS
            raise
        entry = _Entry(await self._caller(proven.principal), proven, started + BELIEVED_SECONDS, started, started)
        _make_room(self._entries, ENTRIES_MAX)
        self._entries[digest] = entry
        return entry

    async def _prove(self, shown: Shown, visitor: Visitor) -> Proven:
        for way in self._ways:
            proven = await way.prove(shown, visitor)
            if proven is not None:
                return proven
        if isinstance(shown, Credentials):
            # One at a time for each login: guesses sent at once would all pass before the first is counted.
            turn = self._turns.setdefault(shown.login.casefold(), asyncio.Lock())
            async with turn:
                proven = await self._password.prove(shown, visitor)
                if proven is not None:
                    return proven
        raise NotAuthenticated("Wrong token.")

    async def _caller(self, principal: Principal) -> Caller:
        names = self._settings.for_domain(principal.domain or "").security.superusers
        groups = tuple(await self._directory.groups_of(principal))
        return Caller(principal.id, groups, superuser=principal.id in names, denied=principal.modules_denied)

    def _digest(self, authorization: str) -> bytes:
        return hashlib.blake2b(authorization.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()


def _of_request(entry: _Entry, shown: Shown | None) -> Caller:
    """Return the caller of this one request; what is remembered between requests has no password."""
    if not entry.proven.with_password or not isinstance(shown, Credentials):
        return entry.caller
    return replace(entry.caller, password=shown.password, fresh=True)


def _make_room(entries: dict[K, V], size_max: int) -> None:
    """Let the oldest go."""
    while len(entries) >= size_max:
        del entries[next(iter(entries))]
