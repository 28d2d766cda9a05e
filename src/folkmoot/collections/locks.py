"""WebDAV write locks: which lock stands in the way of which write (RFC 4918 sections 6 and 7)."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import NotFound, PreconditionFailed, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database.database import Database
from folkmoot.database.statement import Transaction
from folkmoot.store import locks as stored_locks
from folkmoot.store.records import Lock, LockedPath

TIMEOUT_MAX_MS: Final = 24 * 3600 * 1000  # a forgotten lock frees its resource after a day
TIMEOUT_DEFAULT_MS: Final = 3600 * 1000
LOCKS_MAX: Final = 1000  # live locks in one home; clients hold a handful
OWNER_XML_MAX: Final = 8 * 1024  # characters of DAV:owner kept


def covers(lock: Lock, path: str) -> bool:
    """Whether a lock's scope holds the resource at ``path``."""
    return lock.path == path or (lock.infinite and path.startswith(lock.path + "/"))


def check_writable(
    held: Sequence[Lock],
    path: str,
    tokens: frozenset[str],
    principal: PrincipalId,
    *,
    membership: bool,
    deep: bool,
) -> None:
    """Compare a write with the locks of the home.

    ``membership`` says that ``path`` appears or disappears, which also changes its parent; ``deep`` that all
    below it changes too.  A token counts only in the hand of the principal that took the lock.

    Raises:
        LockedPath: naming the path that is locked.
    """
    parent = path.rpartition("/")[0]
    in_the_way: dict[str, list[Lock]] = {}
    for lock in held:
        if covers(lock, path) or (membership and lock.path == parent) or (deep and lock.path.startswith(path + "/")):
            in_the_way.setdefault(lock.path, []).append(lock)
    for locked_path, locks in in_the_way.items():
        if not any(lock.token in tokens and lock.principal == principal for lock in locks):
            raise LockedPath(locked_path)


class Locks:
    """Taking, refreshing and releasing locks; rights are those of writing, checked by the caller's service."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, owner: PrincipalId) -> Sequence[Lock]:
        """Return the live locks in a home."""
        return await self._database.read(lambda tx: stored_locks.list_(tx, owner, self._clock.milliseconds()))

    async def take(
        self,
        caller: Caller,
        owner: PrincipalId,
        path: str,
        *,
        infinite: bool,
        exclusive: bool,
        owner_xml: str,
        timeout_ms: int | None,
    ) -> Lock:
        """Lock a path.

        Raises:
            LockedPath: a lock that cannot stand beside this one.
            TooLarge: too many locks, or too long an owner text.
        """
        if len(owner_xml) > OWNER_XML_MAX:
            raise TooLarge(f"DAV:owner holds at most {OWNER_XML_MAX} characters")

        async def work(tx: Transaction) -> Lock:
            now = self._clock.milliseconds()
            if len(await stored_locks.list_(tx, owner, now)) >= LOCKS_MAX:
                raise TooLarge(f"at most {LOCKS_MAX} locks in one home")
            lock = Lock(
                token=str(uuid.uuid4()),
                owner=owner,
                path=path,
                infinite=infinite,
                exclusive=exclusive,
                principal=caller.principal,
                owner_xml=owner_xml,
                expires_at=now + _bounded(timeout_ms),
            )
            await stored_locks.take(tx, lock, now)
            return lock

        return await self._database.write(work)

    async def refresh(
        self, caller: Caller, owner: PrincipalId, path: str, tokens: frozenset[str], timeout_ms: int | None
    ) -> Lock:
        """Prolong the caller's lock that covers ``path``.

        Raises:
            PreconditionFailed: none of the tokens is such a lock.
        """

        async def work(tx: Transaction) -> Lock:
            now = self._clock.milliseconds()
            for lock in await stored_locks.list_(tx, owner, now):
                if lock.token in tokens and lock.principal == caller.principal and covers(lock, path):
                    until = now + _bounded(timeout_ms)
                    await stored_locks.refresh(tx, owner, lock.token, expires_at=until, now=now)
                    return replace(lock, expires_at=until)
            raise PreconditionFailed("no lock of yours with this token covers the resource")

        return await self._database.write(work)

    async def release(self, caller: Caller, owner: PrincipalId, path: str, token: str) -> None:
        """Give a lock back; the owner of the home may break anybody's (DAV:unlock, RFC 3744 section 3.5).

        Raises:
            NotFound: the token is no lock that covers ``path``.
            LockedPath: it is somebody else's.
        """

        async def work(tx: Transaction) -> None:
            for lock in await stored_locks.list_(tx, owner, self._clock.milliseconds()):
                if lock.token == token and covers(lock, path):
                    if caller.principal not in {lock.principal, owner} and not caller.superuser:
                        raise LockedPath(lock.path)
                    await stored_locks.release(tx, owner, token)
                    return
            raise NotFound("no such lock on this resource")

        await self._database.write(work)


def _bounded(timeout_ms: int | None) -> int:
    return min(timeout_ms or TIMEOUT_DEFAULT_MS, TIMEOUT_MAX_MS)
