"""The browsers that somebody is signed in with: listed, and ended one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from folkmoot.auth.agents import browser_of
from folkmoot.auth.attempts import PASSWORDS, Attempts
from folkmoot.auth.errors import NotAuthenticated, WrongCode
from folkmoot.auth.failure_log import log_failure
from folkmoot.auth.freshness import require_person
from folkmoot.auth.passkeys import Passkeys
from folkmoot.auth.protocols import Protocol
from folkmoot.auth.second_factor import SecondFactor
from folkmoot.auth.sessions import AGENT, CLIENT, PROVEN_AT, Authenticator, basic
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.store import sessions
from folkmoot.store.sessions import Session

PASSWORD_MAX: Final = 1024  # characters

_log: Final = structlog.get_logger("folkmoot.auth")


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session; the id tells it from others and opens nothing.  Times in milliseconds since 1970 UTC."""

    id: str
    browser: str  # such as "Firefox on Linux"
    agent: str
    client: str  # the address it began from
    created_at: int
    used_at: int
    expires_at: int
    present: bool  # the one that asks


class SessionList:
    """Somebody's own sessions."""

    def __init__(
        self,
        database: Database,
        authenticator: Authenticator,
        second_factor: SecondFactor,
        attempts: Attempts,
        clock: Clock,
    ) -> None:
        self._database = database
        self._authenticator = authenticator
        self._second_factor = second_factor
        self._attempts = attempts
        self._clock = clock

    async def list(self, caller: Caller) -> Sequence[OpenSession]:
        """Return the caller's, the last used first.

        Raises:
            Forbidden: nobody is signed in.
        """
        principal = require_person(caller)
        now = self._clock.milliseconds()
        found = await self._database.read(lambda tx: sessions.list_of(tx, principal, now))
        return [_shown(one, caller) for one in found]

    async def end(self, caller: Caller, identity: str) -> None:
        """End one.

        Raises:
            NotFound: the caller has none of this id.
            Forbidden: nobody is signed in.
        """
        principal = require_person(caller)
        now = self._clock.milliseconds()
        if not await self._database.write(lambda tx: sessions.remove_one(tx, principal, identity, now=now)):
            raise NotFound("there is no such session")
        _log.info("session ended", principal=principal)

    async def end_others(self, caller: Caller) -> int:
        """End all but the one that asks, and return how many.

        Raises:
            Forbidden: nobody is signed in.
        """
        principal = require_person(caller)
        now = self._clock.milliseconds()
        ended = await self._database.write(lambda tx: sessions.remove_of(tx, principal, but=caller.session, now=now))
        _log.info("other sessions ended", principal=principal, count=ended)
        return ended

    async def end_all_of(self, principal: PrincipalId) -> int:
        """End all of somebody's sessions, for administrators and after a recovery."""
        now = self._clock.milliseconds()
        return await self._database.write(lambda tx: sessions.remove_of(tx, principal, now=now))

    async def prove(self, caller: Caller, client: str, *, password: str = "", code: str = "", login: str = "") -> None:
        """Make the caller's session fresh again by the password, or by a code of the second factor.

        Raises:
            MalformedInput: neither or both.
            WrongCode: it is wrong.
            TooManyFailures: too many were.
            Forbidden: there is no session to make fresh.
        """
        principal = require_person(caller)
        if not caller.session:
            raise Forbidden("there is no session")
        if bool(password) == bool(code) or len(password) > PASSWORD_MAX:
            raise MalformedInput("a password or a code")
        if code:
            await self._second_factor.check(principal, code, client)
        else:
            await self._check_password(principal, login or principal, password, client)
        await self.freshen(caller)

    async def prove_by_passkey(self, caller: Caller, passkeys: Passkeys, credential: object, client: str) -> None:
        """Make the caller's session fresh again by one of the caller's passkeys.

        Raises:
            MalformedInput: no credential.
            WrongCode: it is not right.
            TooManyFailures: too many were.
            Forbidden: there is no session to make fresh.
        """
        principal = require_person(caller)
        if not caller.session:
            raise Forbidden("there is no session")
        await passkeys.check(credential, client, principal)
        await self.freshen(caller)

    async def freshen(self, caller: Caller) -> None:
        """Note that the caller has just shown a second factor in this session."""
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            found = await sessions.find(tx, caller.session, now)
            if found is not None and found.principal == caller.principal:
                await sessions.set_properties(tx, found.digest, {**found.properties, PROVEN_AT: now})

        await self._database.write(work)

    async def _check_password(self, principal: PrincipalId, login: str, password: str, client: str) -> None:
        await self._attempts.spend(PASSWORDS, principal)
        try:
            proven = await self._authenticator.authenticate(basic(login, password), client, protocol=Protocol.WEB)
        except NotAuthenticated as error:
            raise WrongCode("the password is not right") from error
        if proven.principal != principal:
            log_failure(client, login)
            raise WrongCode("the password is not right")
        await self._attempts.forget(PASSWORDS, principal)


def _shown(one: Session, caller: Caller) -> OpenSession:
    agent = str(one.properties.get(AGENT, ""))
    return OpenSession(
        id=one.digest,
        browser=browser_of(agent),
        agent=agent,
        client=str(one.properties.get(CLIENT, "")),
        created_at=one.created_at,
        used_at=one.seen_at,
        expires_at=one.expires_at,
        present=bool(caller.session) and one.digest == caller.session,
    )
