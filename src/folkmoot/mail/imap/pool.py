"""Connections kept for those who sign in the same way, a few for each and not too many in all.

A connection is lent to one task at a time.  One that has the wanted mailbox selected is preferred; it is asked first
what has happened (which shows, too, whether it still lives) and selects anew if something has.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog

from folkmoot.config.servers_section import ImapSettings
from folkmoot.core.errors import Unavailable
from folkmoot.mail.channel import Allow
from folkmoot.mail.credentials import Credentials
from folkmoot.mail.errors import SignInRefused
from folkmoot.mail.imap.connection import Connection, Manners
from folkmoot.mail.server import MailServer

FRESH_SECONDS: Final = 5.0  # a connection used so lately is not asked whether it lives
LIVES_SECONDS: Final = 5.0  # for the answer of one that was idle
REFUSED_SECONDS: Final = 10.0  # a refused login is not tried again so soon: servers lock out whoever guesses
REFUSED_KEPT: Final = 2_000  # refused logins that are remembered
SWEEP_SECONDS: Final = 10.0  # between two looks for idle connections
WAITING_MAX: Final = 1_000  # tasks that wait for a connection; more are refused at once
EXTERNAL_PART: Final = (
    4  # one in so many connections may lead to servers that users chose, which may be slow on purpose
)
SPELLINGS_KEPT: Final = 500  # accounts whose odd names of mailboxes are remembered

_log: Final = structlog.get_logger("folkmoot.mail")


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How many connections there may be."""

    per_user: int = 4  # Dovecot's default is 10 of one user and address, which other workers want, too
    total: int = 400  # of this worker
    idle_seconds: float = 60.0  # then a connection is closed; 0: after each use
    wait_seconds: float = 20.0  # for a connection


@dataclass(frozen=True, slots=True)
class _Key:
    server: MailServer
    credentials: Credentials = field(repr=False)
    external: bool = False


class _Held:
    """A connection and when it was last used, on the loop's clock."""

    __slots__ = ("connection", "key", "used")

    def __init__(self, key: _Key, connection: Connection, used: float) -> None:
        self.key = key
        self.connection = connection
        self.used = used


class Pool:
    """The IMAP connections of one worker."""

    def __init__(
        self,
        *,
        transcript: bool = False,
        limits: PoolLimits | None = None,
        manners: Manners | None = None,
        allow: Allow | None = None,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            transcript: log the dialogue, without passwords and message texts.
            limits: how many connections there may be.
            manners: how to speak to servers.
            allow: gives the addresses that a server which a user has chosen may be reached at; without it none may.
        """
        self._limits = limits or PoolLimits()
        self._manners = manners or Manners(transcript=transcript)
        self._allow = allow
        self._idle: dict[_Key, list[_Held]] = {}
        self._counts: dict[_Key, int] = {}  # open or opening
        self._total = 0
        self._waiting: list[asyncio.Future[None]] = []  # to be told that something was given back
        self._spellings: dict[_Key, dict[str, bytes]] = {}
        self._refused: dict[_Key, tuple[float, str]] = {}  # until when, and in which words
        self._sweeper: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    def of_settings(cls, settings: ImapSettings, *, transcript: bool = False, allow: Allow | None = None) -> "Pool":
        """Return the pool that the settings describe."""
        usual = PoolLimits()
        limits = PoolLimits(
            total=settings.connections_max or usual.total,
            per_user=min(usual.per_user, settings.connections_max or usual.per_user),
            idle_seconds=0.0 if settings.pooling_disabled else float(settings.pooling_cleanup_seconds or 60),
        )
        manners = Manners(
            mechanism=settings.mechanism,
            acl_style=settings.acl_style,
            sort_charset=settings.sort_encoding,
            transcript=transcript,
        )
        return cls(limits=limits, manners=manners, allow=allow)

    @asynccontextmanager
    async def connection(
        self, login_server: MailServer, credentials: Credentials, *, external: bool = False
    ) -> AsyncIterator[Connection]:
        """Lend an authenticated connection; whatever mailbox is selected may stay so.

        Raises:
            SignInRefused: the server does not take the credentials.
            Unavailable: it cannot be reached, or all connections are in use for too long.
        """
        held = await self._take(_Key(login_server, credentials, external), "", write=False)
        try:
            yield held.connection
        finally:
            self._give_back(held)

    @asynccontextmanager
    async def selected(
        self,
        server: MailServer,
        credentials: Credentials,
        mailbox: str,
        *,
        write: bool = False,
        external: bool = False,
    ) -> AsyncIterator[Connection]:
        """Lend a connection with a mailbox selected, as it is now; read-only unless ``write``.

        Raises:
            NotFound: no such mailbox.
            SignInRefused: the server does not take the credentials.
            Unavailable: it cannot be reached, or all connections are in use for too long.
        """
        held = await self._take(_Key(server, credentials, external), mailbox, write=write)
        try:
            yield held.connection
        finally:
            self._give_back(held)

    async def close(self) -> None:
        """Close what is idle now and the rest when it is given back; nothing more is lent."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        idle = [held for kept in self._idle.values() for held in kept]
        self._idle.clear()
        for held in idle:
            self._drop(held)

    def forget(self, server: MailServer, credentials: Credentials) -> None:
        """Close what is idle of one login: signed out, or its account removed."""
        for external in (False, True):
            key = _Key(server, credentials, external)
            for held in self._idle.pop(key, []):
                self._drop(held)
            self._spellings.pop(key, None)

    @property
    def open_count(self) -> int:
        """How many connections there are, in use or idle."""
        return self._total

    async def _take(self, key: _Key, mailbox: str, *, write: bool) -> _Held:
        if self._closed:
            raise Unavailable("the server is stopping")
        self._sweep()
        while True:
            held = await self._reserve(key, mailbox, write=write)
            reused = held is not None
            held = held or await self._open(key)
            try:
                await self._prepare(held.connection, held.used if reused else None, mailbox, write=write)
            except BaseException as error:
                self._give_back(held)
                if reused and isinstance(error, Unavailable) and not held.connection.usable:
                    continue  # it had died while nobody used it
                raise
            return held

    async def _prepare(self, connection: Connection, used: float | None, mailbox: str, *, write: bool) -> None:
        if not connection.usable:
            raise Unavailable("the mail server has hung up")
        has = _has(connection, mailbox, write=write)
        if used is not None and (has or asyncio.get_running_loop().time() - used > FRESH_SECONDS):
            try:
                async with asyncio.timeout(LIVES_SECONDS):
                    await connection.noop()
            except TimeoutError as error:
                raise Unavailable("the mail server does not answer in time") from error
        if mailbox and (not has or connection.stale):
            await connection.select(mailbox, write=write or (has and connection.writable))

    async def _reserve(self, key: _Key, mailbox: str, *, write: bool) -> _Held | None:
        """Return an idle connection, or None with the right to open one."""
        try:
            async with asyncio.timeout(self._limits.wait_seconds):
                while True:
                    held = self._pick(key, mailbox, write=write)
                    if held is not None:
                        return held
                    if self._counts.get(key, 0) < self._limits.per_user and self._make_room(key):
                        self._counts[key] = self._counts.get(key, 0) + 1
                        self._total += 1
                        return None
                    await self._wait()
        except TimeoutError as error:
            raise Unavailable("all connections to the mail server are in use") from error

    async def _wait(self) -> None:
        if len(self._waiting) >= WAITING_MAX:
            raise Unavailable("too many people wait for the mail server")
        told = asyncio.get_running_loop().create_future()
        self._waiting.append(told)
        try:
            await told
        finally:
            self._waiting.remove(told)

    def _wake(self) -> None:
        for told in self._waiting:
            if not told.done():
                told.set_result(None)

    def _pick(self, key: _Key, mailbox: str, *, write: bool) -> _Held | None:
        kept = self._idle.get(key)
        if not kept:
            return None
        best = kept[0]
        if mailbox:  # one that has it, else the one not used for longest
            best = next((held for held in kept if _has(held.connection, mailbox, write=write)), best)
        kept.remove(best)
        if not kept:
            del self._idle[key]
        return best

    def _make_room(self, key: _Key) -> bool:
        outside = sum(count for one, count in self._counts.items() if one.external) if key.external else 0
        crowded = outside >= max(1, self._limits.total // EXTERNAL_PART)
        if self._total < self._limits.total and not crowded:
            return True
        able = [held for kept in self._idle.values() for held in kept if held.key.external or not crowded]
        idle = min(able, key=lambda held: held.used, default=None)
        if idle is None:
            return False
        self._unlist(idle)
        idle.connection.close()
        self._uncount(idle.key)
        return True

    async def _open(self, key: _Key) -> _Held:
        try:
            self._check_refused(key)
            allow = None
            if key.external:
                allow = self._allow or _nowhere
            spellings = self._spellings.setdefault(key, {})
            if len(self._spellings) > SPELLINGS_KEPT:
                del self._spellings[next(iter(self._spellings))]
            manners = Manners(
                mechanism="" if key.external else self._manners.mechanism,
                acl_style=self._manners.acl_style,
                sort_charset=self._manners.sort_charset,
                transcript=self._manners.transcript,
                literal_max=self._manners.literal_max,
                spellings=spellings,
            )
            connection = await Connection.open(key.server, key.credentials, manners, allow=allow)
        except BaseException as error:
            self._uncount(key)
            if isinstance(error, SignInRefused) and key not in self._refused and len(self._refused) < REFUSED_KEPT:
                self._refused[key] = (asyncio.get_running_loop().time() + REFUSED_SECONDS, str(error))
            raise
        return _Held(key, connection, asyncio.get_running_loop().time())

    def _check_refused(self, key: _Key) -> None:
        now = asyncio.get_running_loop().time()
        for old in [one for one, (until, _) in self._refused.items() if until <= now]:
            del self._refused[old]
        if key in self._refused:
            raise SignInRefused(self._refused[key][1])

    def _give_back(self, held: _Held) -> None:
        if self._closed or not held.connection.usable or self._limits.idle_seconds <= 0:
            self._drop(held)
            return
        held.used = asyncio.get_running_loop().time()
        self._idle.setdefault(held.key, []).append(held)
        self._wake()

    def _drop(self, held: _Held) -> None:
        held.connection.close()
        self._uncount(held.key)

    def _uncount(self, key: _Key) -> None:
        self._total -= 1
        left = self._counts.get(key, 1) - 1
        if left > 0:
            self._counts[key] = left
        else:
            self._counts.pop(key, None)
        self._wake()

    def _unlist(self, held: _Held) -> None:
        kept = self._idle[held.key]
        kept.remove(held)
        if not kept:
            del self._idle[held.key]

    def _sweep(self) -> None:
        """See to it that somebody looks for idle connections."""
        if self._sweeper is None or self._sweeper.done():
            self._sweeper = asyncio.get_running_loop().create_task(self._sweeping())

    async def _sweeping(self) -> None:
        while self._total:
            await asyncio.sleep(min(SWEEP_SECONDS, max(0.05, self._limits.idle_seconds / 2)))
            now = asyncio.get_running_loop().time()
            for held in [one for kept in self._idle.values() for one in kept]:
                if now - held.used >= self._limits.idle_seconds or not held.connection.usable:
                    self._unlist(held)
                    await held.connection.logout()
                    self._uncount(held.key)


def _has(connection: Connection, mailbox: str, *, write: bool) -> bool:
    chosen = connection.mailbox
    return chosen is not None and chosen.name == mailbox and (connection.writable or not write)


async def _nowhere(host: str, port: int) -> list[str]:
    _log.warning("no guard is set for mail servers that users choose, so none is reached", host=host, port=port)
    return []
