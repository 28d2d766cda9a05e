"""People change their own passwords: because they want to, or because they must."""

from collections.abc import Sequence
from typing import Protocol

import structlog

from folkmoot.auth.attempts import PASSWORDS, Attempts
from folkmoot.auth.events import Event, Events
from folkmoot.auth.failure_log import log_failure
from folkmoot.auth.freshness import require_person
from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.sources import PasswordRule
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.directory.directory import Directory
from folkmoot.directory.password_change import GOOD, PasswordFault, PasswordRefused, Standing
from folkmoot.directory.principal import Principal
from folkmoot.store import sessions

_log = structlog.get_logger("folkmoot.auth")


class Forgetful(Protocol):
    """What is remembered of verified passwords."""

    def forget(self, principal: PrincipalId) -> None:
        """Believe nothing any more that was verified for somebody."""


class PasswordChange:
    """Changes passwords in the user sources, where ``SOGoPasswordChangeEnabled`` says so."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        security: SecuritySettings,
        remembered: Forgetful,
        attempts: Attempts,
        events: Events,
    ) -> None:
        self._database = database
        self._directory = directory
        self._security = security
        self._remembered = remembered
        self._attempts = attempts
        self._events = events

    @property
    def offered(self) -> bool:
        """Whether people may change their passwords here."""
        return self._security.password_change

    async def standing(self, principal: PrincipalId, password: str) -> Standing:
        """Return whether a right password must be changed before anything else, and when it expires.

        Where nobody can change one here, nothing is asked.

        Raises:
            Unavailable: the user source does not answer.
        """
        person = await self._directory.find(principal) if self.offered else None
        return GOOD if person is None else await self._directory.standing(person, password)

    async def rules(self, caller: Caller) -> Sequence[PasswordRule]:
        """Return what a new password of the caller must satisfy.

        Raises:
            Forbidden: nobody is signed in.
        """
        person = await self._directory.find(require_person(caller))
        return () if person is None else self._directory.password_rules(person)

    async def change(self, caller: Caller, old: str, new: str, client: str) -> None:
        """Give the caller another password.  All sessions end; app passwords stay.

        Raises:
            PasswordRefused: the old one is wrong or missing, the new one may not be chosen, or none can be changed.
            TooManyFailures: the old one was wrong too often.
            Forbidden: nobody is signed in.
            Unavailable: the user source does not answer.
        """
        principal = require_person(caller)
        if not self.offered:
            raise PasswordRefused(PasswordFault.NOT_ALLOWED, "passwords are not changed here")
        if not old:
            raise PasswordRefused(PasswordFault.OLD_NEEDED, "the old password is needed, too")
        await self._attempts.spend(PASSWORDS, principal)
        try:
            await self._replace(await self._person(principal), new, old=old)
        except PasswordRefused as error:
            if error.fault is PasswordFault.NONE:
                log_failure(client, principal)
            else:
                await self._attempts.forget(PASSWORDS, principal)
            raise
        await self._attempts.forget(PASSWORDS, principal)

    async def choose_new(self, principal: PrincipalId, new: str) -> None:
        """Give somebody another password who has proved otherwise who it is, as by a recovery token.

        Raises:
            PasswordRefused: the new one may not be chosen, or none can be changed.
            Unavailable: the user source does not answer.
        """
        if not self.offered:
            raise PasswordRefused(PasswordFault.NOT_ALLOWED, "passwords are not changed here")
        await self._replace(await self._person(principal), new, old=None)

    async def check(self, principal: PrincipalId, new: str) -> None:
        """Refuse a new password that may not be chosen, without changing anything.

        Raises:
            PasswordRefused: it may not.
        """
        self._directory.check_password(await self._person(principal), new)

    async def _person(self, principal: PrincipalId) -> Principal:
        person = await self._directory.find(principal)
        if person is None:
            raise PasswordRefused(PasswordFault.NOT_ALLOWED, "nobody of this name may log in")
        return person

    async def _replace(self, person: Principal, new: str, *, old: str | None) -> None:
        try:
            await self._directory.change_password(person, new, old=old)
        except Conflict as error:
            raise PasswordRefused(PasswordFault.NONE, str(error)) from error

        async def work(tx: Transaction) -> None:
            await sessions.remove_of(tx, person.id, now=self._events.clock.milliseconds())
            await self._events.tell(tx, Event.PASSWORD_CHANGED, person.id)

        await self._database.write(work)
        self._remembered.forget(person.id)
        _log.info("password changed", principal=person.id)
