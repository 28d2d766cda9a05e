"""The second factor: codes of an authenticator app, and recovery codes for when it is lost.

A secret counts only once a code has confirmed it, and each enrolment has a new one.  No code is taken twice.  Passkeys
that are asked for after the password are a second factor, too; they are in ``passkeys``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from folkmoot.auth.attempts import CODES, Attempts
from folkmoot.auth.errors import WrongCode
from folkmoot.auth.events import Event, Events
from folkmoot.auth.failure_log import log_failure
from folkmoot.auth.freshness import require_fresh, require_person
from folkmoot.auth.one_time_codes import code_uri, new_recovery_code, new_secret, plain_recovery_code, step_of
from folkmoot.auth.sealing import Keys, keyed_digest, seal, unseal
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.store import second_factors, sessions
from folkmoot.store.second_factors import StoredFactor

SECRETS_KEY: Final = "one-time code secrets"
CODES_KEY: Final = "recovery codes"
PENDING_MILLISECONDS: Final = 15 * 60 * 1000  # to point an app at a picture and type a code
RECOVERY_CODES: Final = 10
CODE_MAX: Final = 64  # characters; ours have 19

_log: Final = structlog.get_logger("folkmoot.auth")


@dataclass(frozen=True, slots=True)
class FactorState:
    """What somebody is asked for after the password."""

    code: bool  # of an authenticator app
    passkey: bool
    recovery_codes: int  # that are left
    since: int | None  # milliseconds since 1970 UTC, of the app

    @property
    def asked(self) -> bool:
        return self.code or self.passkey


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret that waits for its first code; told once."""

    secret: str = field(repr=False)  # base32
    uri: str = field(repr=False)  # otpauth:


class SecondFactor:
    """Turns codes on and off, and checks them."""

    def __init__(
        self, database: Database, keys: Keys, attempts: Attempts, events: Events, clock: Clock, *, issuer: str
    ) -> None:
        """Take what is needed; ``issuer`` is the server's name in people's apps."""
        self._database = database
        self._keys = keys
        self._attempts = attempts
        self._events = events
        self._clock = clock
        self._issuer = issuer

    async def state(self, caller: Caller) -> FactorState:
        """Return what the caller is asked for.

        Raises:
            Forbidden: nobody is signed in.
        """
        return await self.state_of(require_person(caller))

    async def state_of(self, principal: PrincipalId) -> FactorState:
        """Return what somebody is asked for; for those who are just signing in."""

        async def work(tx: Transaction) -> FactorState:
            code, passkey = await second_factors.kinds(tx, principal)
            left = await second_factors.count_codes(tx, principal)
            stored = await second_factors.find(tx, principal, pending=False) if code else None
            return FactorState(code, passkey, left, stored.created_at if stored else None)

        return await self._database.read(work)

    async def asked(self, principal: PrincipalId) -> bool:
        """Return whether somebody is asked for a second factor at all."""
        return any(await self._database.read(lambda tx: second_factors.kinds(tx, principal)))

    async def begin(self, caller: Caller, account: str) -> Enrolment:
        """Make a secret for an app, which counts once ``confirm`` has a code of it; ``account`` is shown in the app.

        Raises:
            ProofNeeded: the caller must give the password or second factor anew.
        """
        principal = require_fresh(caller)
        secret = new_secret()
        sealed = seal(await self._keys.of(SECRETS_KEY), secret.encode(), principal)
        factor = StoredFactor(sealed, 0, self._clock.milliseconds())
        await self._database.write(lambda tx: second_factors.put(tx, principal, factor, pending=True))
        return Enrolment(secret, code_uri(secret, account=account, issuer=self._issuer))

    async def confirm(self, caller: Caller, code: str) -> Sequence[str]:
        """Ask for codes from now on, and return recovery codes, which are told once.  Other sessions end.

        Raises:
            ProofNeeded: the caller must give the password or second factor anew.
            NotFound: nothing was begun, or too long ago.
            WrongCode: the code is not right.
            TooManyFailures: too many were wrong.
        """
        principal = require_fresh(caller)
        await self._attempts.spend(CODES, principal)
        now = self._clock.milliseconds()
        pending = await self._database.read(lambda tx: second_factors.find(tx, principal, pending=True))
        if pending is None or now - pending.created_at > PENDING_MILLISECONDS:
            raise NotFound("begin anew: there is no secret that waits for a code")
        step = await self._step(principal, pending, code, now)
        if step is None:
            raise WrongCode("the code is not right")
        codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
        digests = await self.digests(principal, codes)

        async def work(tx: Transaction) -> None:
            if not await second_factors.remove(tx, principal, pending=True):
                raise Conflict("it was confirmed already")
            await second_factors.put(tx, principal, StoredFactor(pending.sealed, step, now), pending=False)
            await second_factors.renew_codes(tx, principal, digests, now)
            await sessions.remove_of(tx, principal, but=caller.session, now=now)
            await self._events.tell(tx, Event.TOTP_ON, principal)

        await self._database.write(work)
        await self._attempts.forget(CODES, principal)
        return codes

    async def remove(self, caller: Caller) -> None:
        """Ask for codes no more.

        Raises:
            ProofNeeded: the caller must give the password or second factor anew.
            NotFound: none are asked for.
        """
        principal = require_fresh(caller)

        async def work(tx: Transaction) -> bool:
            await second_factors.remove(tx, principal, pending=True)
            found = await second_factors.remove(tx, principal, pending=False)
            if found:
                if not any(await second_factors.kinds(tx, principal)):
                    await second_factors.remove_codes(tx, principal)
                await self._events.tell(tx, Event.TOTP_OFF, principal)
            return found

        if not await self._database.write(work):
            raise NotFound("no codes are asked for")

    async def renew_codes(self, caller: Caller) -> Sequence[str]:
        """Return new recovery codes instead of those that are left; they are told once.

        Raises:
            ProofNeeded: the caller must give the password or second factor anew.
            NotFound: the caller has no second factor.
        """
        principal = require_fresh(caller)
        codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
        digests = await self.digests(principal, codes)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            if not any(await second_factors.kinds(tx, principal)):
                raise NotFound("there is no second factor")
            await second_factors.renew_codes(tx, principal, digests, now)
            await self._events.tell(tx, Event.CODES_RENEWED, principal)

        await self._database.write(work)
        return codes

    async def check(self, principal: PrincipalId, code: str, client: str) -> None:
        """Take a code of the app, or a recovery code; ``client`` is the address for the log of failures.

        Raises:
            WrongCode: it is not right, or was taken already.
            TooManyFailures: too many were wrong.
        """
        await self._attempts.spend(CODES, principal)
        if not (await self._take(principal, code) or await self._take_recovery(principal, code)):
            log_failure(client, principal)
            raise WrongCode("the code is not right")
        await self._attempts.forget(CODES, principal)

    async def digests(self, principal: PrincipalId, codes: Sequence[str]) -> list[str]:
        """Return what is stored of recovery codes."""
        key = await self._keys.of(CODES_KEY)
        return [keyed_digest(key, principal, plain_recovery_code(code) or "") for code in codes]

    async def _take(self, principal: PrincipalId, code: str) -> bool:
        now = self._clock.milliseconds()
        stored = await self._database.read(lambda tx: second_factors.find(tx, principal, pending=False))
        step = None if stored is None else await self._step(principal, stored, code, now)
        if step is None:
            return False
        return await self._database.write(lambda tx: second_factors.take_step(tx, principal, step))

    async def _take_recovery(self, principal: PrincipalId, code: str) -> bool:
        form = plain_recovery_code(code) if len(code) <= CODE_MAX else None
        if form is None:
            return False
        digest = keyed_digest(await self._keys.of(CODES_KEY), principal, form)
        taken = await self._database.write(lambda tx: second_factors.take_code(tx, principal, digest))
        if taken:
            _log.info("recovery code used", principal=principal)
        return taken

    async def _step(self, principal: PrincipalId, stored: StoredFactor, code: str, now: int) -> int | None:
        if len(code) > CODE_MAX:
            return None
        secret = unseal(await self._keys.of(SECRETS_KEY), stored.sealed, principal)
        if secret is None:  # sealed with another key: SOGoSecretValue has changed
            _log.error("a second factor cannot be opened with the present SOGoSecretValue", principal=principal)
            return None
        return step_of(secret.decode(), code, now)
