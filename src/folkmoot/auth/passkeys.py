"""Passkeys: a way in by themselves, or asked for after the password.

A challenge serves once and for minutes.  A passkey alone signs somebody in only where the authenticator has verified
the person, so that it is two factors in one.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from folkmoot.auth.attempts import CODES, Attempts
from folkmoot.auth.ceremonies import (
    TIMEOUT_MILLISECONDS,
    Answer,
    Json,
    RelyingParty,
    check_registration,
    check_sign_in,
    digest_of,
    octets,
    read_answer,
    registration_options,
    sign_in_options,
    text_of,
)
from folkmoot.auth.errors import WrongCode
from folkmoot.auth.events import Event, Events
from folkmoot.auth.failure_log import log_failure
from folkmoot.auth.freshness import require_fresh, require_person
from folkmoot.auth.one_time_codes import new_recovery_code
from folkmoot.auth.sealing import Keys
from folkmoot.auth.second_factor import RECOVERY_CODES, SecondFactor
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict, Forbidden, MalformedInput, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.directory.directory import Directory
from folkmoot.store import challenges, passkeys, person, second_factors, sessions
from folkmoot.store.challenges import StoredChallenge
from folkmoot.store.passkeys import StoredPasskey

CHALLENGE_OCTETS: Final = 32
USERS_KEY: Final = "passkey users"
_REGISTER: Final = "passkey: register"
_SIGN_IN: Final = "passkey: sign in"

_log: Final = structlog.get_logger("folkmoot.auth")


@dataclass(frozen=True, slots=True)
class Passkey:
    """One of somebody's passkeys; times in milliseconds since 1970 UTC."""

    id: int
    name: str
    required: bool  # asked for after the password
    created_at: int
    used_at: int | None


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that was added; recovery codes come with the first thing that is asked for after the password."""

    made: Passkey
    recovery_codes: Sequence[str] = field(default=(), repr=False)


class Passkeys:
    """Adds, lists and removes passkeys, and signs people in by them."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        keys: Keys,
        second_factor: SecondFactor,
        attempts: Attempts,
        events: Events,
        clock: Clock,
        party: RelyingParty | None,
    ) -> None:
        """Take what is needed; without ``party`` no passkeys are offered."""
        self._database = database
        self._directory = directory
        self._keys = keys
        self._second_factor = second_factor
        self._attempts = attempts
        self._events = events
        self._clock = clock
        self._relying_party = party

    @property
    def offered(self) -> bool:
        """Whether there is a public address that browsers make passkeys for."""
        return self._relying_party is not None

    async def list(self, caller: Caller) -> Sequence[Passkey]:
        """Return the caller's, the oldest first.

        Raises:
            Forbidden: nobody is signed in.
        """
        principal = require_person(caller)
        return [_shown(one) for one in await self._database.read(lambda tx: passkeys.list_of(tx, principal))]

    async def begin_adding(self, caller: Caller) -> Json:
        """Return what the browser's ``navigator.credentials.create`` takes, in JSON.

        Raises:
            ProofNeeded: the caller must give the password or second factor anew.
            Forbidden: passkeys are not offered.
        """
        party, principal = self._party(), require_fresh(caller)
        known = await self._database.read(lambda tx: passkeys.list_of(tx, principal))
        person = await self._directory.find(principal)
        return registration_options(
            party,
            challenge=await self._challenge(_REGISTER, principal),
            user=await self._user_handle(principal),
            login=principal,
            name=person.display_name if person is not None else principal,
            known=[octets(one.properties.get("credential")) for one in known],
        )

    async def add(self, caller: Caller, name: str, credential: object, *, required: bool = False) -> NewPasskey:
        """Keep what the browser made; ``required``: it is asked for after the password from now on.

        Raises:
            ProofNeeded: the caller must give the password or second factor anew.
            MalformedInput: no name on one line, or no credential.
            WrongCode: what was made is not for this challenge, this server or this person.
            Conflict: the passkey is known already.
            TooLarge: the caller has too many.
        """
        party, principal = self._party(), require_fresh(caller)
        name = _name(name)
        answer = read_answer(credential)
        await self._take(answer, _REGISTER, principal)
        made = check_registration(party, answer)
        now = self._clock.milliseconds()
        properties = {"credential": text_of(made.id), "key": text_of(made.public_key), "verified": made.verified}
        new = StoredPasskey(0, principal, properties, name, required, made.sign_count, now, 0)
        codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
        digests = await self._second_factor.digests(principal, codes)

        async def work(tx: Transaction) -> tuple[int, bool]:
            if await passkeys.find(tx, digest_of(made.id)) is not None:
                raise Conflict("this passkey is known already")
            identity = await passkeys.add(tx, digest_of(made.id), new)
            first = required and not await second_factors.count_codes(tx, principal)
            if first:
                await second_factors.renew_codes(tx, principal, digests, now)
            if required:
                await sessions.remove_of(tx, principal, but=caller.session, now=now)
            await self._events.tell(tx, Event.PASSKEY_ADDED, principal, name)
            return identity, first

        identity, first = await self._database.write(work)
        return NewPasskey(Passkey(identity, name, required, now, None), tuple(codes) if first else ())

    async def require(self, caller: Caller, identity: int, *, wanted: bool) -> Sequence[str]:
        """Ask for one after the password, or no more; return recovery codes if these are the first.

        Raises:
            ProofNeeded: the caller must give the password or second factor anew.
            NotFound: the caller has none of this id.
        """
        principal = require_fresh(caller)
        now = self._clock.milliseconds()
        codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
        digests = await self._second_factor.digests(principal, codes)

        async def work(tx: Transaction) -> bool:
            if all(one.id != identity for one in await passkeys.list_of(tx, principal)):
                raise NotFound("there is no such passkey")
            await passkeys.require(tx, principal, identity, wanted=wanted)
            first = wanted and not await second_factors.count_codes(tx, principal)
            if first:
                await second_factors.renew_codes(tx, principal, digests, now)
            if wanted:
                await sessions.remove_of(tx, principal, but=caller.session, now=now)
            await self._forget_codes(tx, principal)
            await self._events.tell(tx, Event.PASSKEY_REQUIRED if wanted else Event.PASSKEY_OPTIONAL, principal)
            return first

        return tuple(codes) if await self._database.write(work) else ()

    async def rename(self, caller: Caller, identity: int, name: str) -> None:
        """Give one another name.

        Raises:
            ProofNeeded: the caller must give the password or second factor anew.
            MalformedInput: no name on one line.
            NotFound: the caller has none of this id.
        """
        principal, name = require_fresh(caller), _name(name)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            if not await passkeys.rename(tx, principal, identity, name):
                raise NotFound("there is no such passkey")
            await person.raise_(tx, principal, now)

        await self._database.write(work)

    async def remove(self, caller: Caller, identity: int) -> None:
        """Forget one: it opens nothing any more.

        Raises:
            ProofNeeded: the caller must give the password or second factor anew.
            NotFound: the caller has none of this id.
        """
        principal = require_fresh(caller)

        async def work(tx: Transaction) -> None:
            name = next((one.name for one in await passkeys.list_of(tx, principal) if one.id == identity), None)
            if name is None:
                raise NotFound("there is no such passkey")
            await passkeys.remove(tx, principal, identity)
            await self._forget_codes(tx, principal)
            await self._events.tell(tx, Event.PASSKEY_REMOVED, principal, name)

        await self._database.write(work)

    async def has_any(self, principal: PrincipalId) -> bool:
        """Return whether somebody has a passkey; for those whose password was right."""
        return bool(await self._database.read(lambda tx: passkeys.list_of(tx, principal)))

    async def begin_sign_in(self, principal: PrincipalId | None = None) -> Json:
        """Return what the browser's ``navigator.credentials.get`` takes, in JSON.

        With ``principal``, whose password was right already, for one of that person's passkeys; else for any.

        Raises:
            Forbidden: passkeys are not offered.
        """
        party = self._party()
        known = [] if principal is None else await self._database.read(lambda tx: passkeys.list_of(tx, principal))
        return sign_in_options(
            party,
            challenge=await self._challenge(_SIGN_IN, principal or PrincipalId("")),
            known=[octets(one.properties.get("credential")) for one in known],
            alone=principal is None,
        )

    async def check(self, credential: object, client: str, principal: PrincipalId | None = None) -> PrincipalId:
        """Return whose passkey has signed; with ``principal`` it must be that person's.

        Raises:
            MalformedInput: no credential.
            WrongCode: it is not right, or the challenge has ended or was used.
            TooManyFailures: too many were wrong.
            Forbidden: passkeys are not offered.
        """
        party = self._party()
        if principal is not None:
            await self._attempts.spend(CODES, principal)
        try:
            found = await self._checked(party, read_answer(credential), principal)
        except WrongCode:
            log_failure(client, principal or "passkey")
            raise
        if principal is not None:
            await self._attempts.forget(CODES, principal)
        return found

    async def _checked(self, party: RelyingParty, answer: Answer, principal: PrincipalId | None) -> PrincipalId:
        await self._take(answer, _SIGN_IN, principal or PrincipalId(""))
        stored = await self._database.read(lambda tx: passkeys.find(tx, digest_of(answer.id)))
        if stored is None or (principal is not None and stored.principal != principal):
            raise WrongCode("the passkey could not be checked")
        if answer.user_handle and not hmac.compare_digest(
            answer.user_handle, await self._user_handle(stored.principal)
        ):
            raise WrongCode("the passkey could not be checked")
        count = check_sign_in(
            party,
            answer,
            public_key=octets(stored.properties.get("key")),
            sign_count=stored.sign_count,
            alone=principal is None,
        )
        now = self._clock.milliseconds()
        if not await self._database.write(lambda tx: passkeys.note_use(tx, stored, count=count, at=now)):
            raise WrongCode("the passkey was used elsewhere at this moment")
        return stored.principal

    async def _challenge(self, purpose: str, principal: PrincipalId) -> bytes:
        challenge = secrets.token_bytes(CHALLENGE_OCTETS)
        now = self._clock.milliseconds()
        new = StoredChallenge(purpose, principal, {}, now + TIMEOUT_MILLISECONDS)
        await self._database.write(lambda tx: challenges.add(tx, digest_of(challenge), new, now))
        return challenge

    async def _take(self, answer: Answer, purpose: str, principal: PrincipalId) -> None:
        now = self._clock.milliseconds()
        digest = digest_of(answer.challenge)
        found = await self._database.write(lambda tx: challenges.take(tx, digest, purpose, now))
        if found is None or found.principal != principal:
            raise WrongCode("begin anew: the challenge has ended or was used")

    async def _user_handle(self, principal: PrincipalId) -> bytes:
        """Return by what an authenticator knows somebody; it tells others nothing."""
        return hmac.digest(await self._keys.of(USERS_KEY), principal.encode(), "sha256")

    async def _forget_codes(self, tx: Transaction, principal: PrincipalId) -> None:
        if not any(await second_factors.kinds(tx, principal)):
            await second_factors.remove_codes(tx, principal)

    def _party(self) -> RelyingParty:
        if self._relying_party is None:
            raise Forbidden("passkeys need FolkmootPublicURL to be an https address")
        return self._relying_party


def _name(text: str) -> str:
    name = text.strip()
    if not name or not name.isprintable():
        raise MalformedInput("a passkey has a name on one line, such as that of its device")
    return name


def _shown(stored: StoredPasskey) -> Passkey:
    return Passkey(stored.id, stored.name, stored.required, stored.created_at, stored.used_at or None)
