"""People's push subscriptions: made, verified, renewed and ended by the programs that were signed in with the same.

Each belongs to the credentials that made it: programs with others neither see nor change it, and it ends with them
(RFC 8620 section 7.2).
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound, TooLarge
from folkmoot.database import Database, Transaction
from folkmoot.fetch.errors import FetchFailed
from folkmoot.fetch.target import parse_target
from folkmoot.push.encryption import Recipient, parse_recipient
from folkmoot.push.vapid import VapidKey, vapid_key
from folkmoot.store import jobs, push_subscriptions, sessions
from folkmoot.store.jobs import NewJob
from folkmoot.store.push_subscriptions import JOB, PushSubscription

__all__ = ["NewSubscription", "PushSubscription", "PushSubscriptions", "recipient_of", "types_of"]

LIFE_MS: Final = 30 * 24 * 3600 * 1000  # whatever a client asks for; it renews it meanwhile
UNVERIFIED_MS: Final = 24 * 3600 * 1000  # for the code to come back
TYPES_MAX: Final = 200
TYPE_CHARACTERS_MAX: Final = 100
CODE_OCTETS: Final = 24


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """What a client asks for; times in milliseconds since 1970 UTC."""

    device: str
    url: str = field(repr=False)
    p256dh: str = ""
    auth: str = field(default="", repr=False)
    types: Sequence[str] | None = None  # None: all
    expires_at: int | None = None


def types_of(kept: PushSubscription) -> frozenset[str] | None:
    """Return the types that a subscription wants, None for all."""
    types = kept.properties.get("types")
    return frozenset(map(str, types)) if isinstance(types, list) else None


def recipient_of(kept: PushSubscription) -> Recipient | None:
    """Return the keys that pushes are encrypted with; None: the client gave none."""
    p256dh, auth = kept.properties.get("p256dh"), kept.properties.get("auth")
    if not isinstance(p256dh, str) or not isinstance(auth, str) or not p256dh:
        return None
    return parse_recipient(p256dh, auth)


class PushSubscriptions:
    """Everybody's."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._key: VapidKey | None = None

    @property
    def application_key(self) -> str:
        """The public key that browsers subscribe with; empty until ``open``."""
        return "" if self._key is None else self._key.public

    async def open(self) -> VapidKey:
        """Read the installation's key.

        Raises:
            Unavailable: the database does not answer.
        """
        self._key = self._key or await vapid_key(self._database)
        return self._key

    async def list_(self, caller: Caller) -> list[PushSubscription]:
        """Return the subscriptions that were made with the caller's credentials and have not expired.

        Raises:
            Forbidden: the caller is nobody.
        """
        _require_somebody(caller)
        found = await self._database.read(lambda tx: push_subscriptions.list_of(tx, caller.principal))
        now = self._clock.milliseconds()
        return [one for one in found if one.credential == credential_of(caller) and one.expires_at > now]

    async def create(self, caller: Caller, new: NewSubscription) -> PushSubscription:
        """Begin a subscription, and have the code sent that proves that the client gets what is sent.

        Raises:
            Forbidden: the caller is nobody.
            MalformedInput: the address may not be posted to, the keys are none, a type is none.
            TooLarge: there are too many subscriptions.
        """
        _require_somebody(caller)
        _check_url(new.url)
        if new.p256dh or new.auth:
            parse_recipient(new.p256dh, new.auth)
        _check_types(new.types)
        if not new.device:
            raise MalformedInput("the device has a name")
        now = self._clock.milliseconds()
        expires_at = _until(new.expires_at, now)
        code = secrets.token_urlsafe(CODE_OCTETS)
        properties = {
            "p256dh": new.p256dh,
            "auth": new.auth,
            "types": None if new.types is None else list(new.types),
        }

        async def work(tx: Transaction) -> PushSubscription:
            await push_subscriptions.trim(tx, now)
            number = await push_subscriptions.add(
                tx,
                caller.principal,
                credential=credential_of(caller),
                device=new.device,
                url=new.url,
                properties=properties,
                code=code,
                expires_at=expires_at,
                now=now,
            )
            await jobs.add_many(tx, [NewJob(JOB, str(number), {}, now)], now)
            made = await push_subscriptions.get(tx, number)
            if made is None:
                raise NotFound("no such subscription")
            return made

        return await self._database.write(work)

    async def change(
        self,
        caller: Caller,
        number: int,
        *,
        code: str | None = None,
        types: Sequence[str] | None = None,
        all_types: bool = False,
        expires_at: int | None = None,
        renew: bool = False,
    ) -> PushSubscription:
        """Verify a subscription by its code, set its types or all of them, or move its end.

        ``renew`` moves the end as far as it may go; ``expires_at`` no further.

        Raises:
            NotFound: no such subscription with these credentials.
            Forbidden: the code is another one.
            MalformedInput: a type is none.
        """
        _check_types(types)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> PushSubscription:
            kept = await push_subscriptions.get(tx, number)
            if kept is None or not _belongs(kept, caller, now):
                raise NotFound("no such subscription")
            if code is not None and not hmac.compare_digest(code.encode("utf-8", "replace"), kept.code.encode()):
                raise Forbidden("this is not the code that was sent")
            properties = dict(kept.properties)
            if types is not None or all_types:
                properties["types"] = None if types is None else list(types)
            moved = expires_at is not None or renew
            await push_subscriptions.change(
                tx,
                caller.principal,
                number,
                properties=properties,
                verified=kept.verified or code is not None,
                expires_at=_until(expires_at, now) if moved else kept.expires_at,
            )
            if code is not None:  # what it knows from now on
                await jobs.add_many(tx, [NewJob(JOB, str(number), {}, now)], now)
            return await push_subscriptions.get(tx, number) or kept

        return await self._database.write(work)

    async def remove(self, caller: Caller, number: int) -> None:
        """End a subscription.

        Raises:
            NotFound: no such subscription with these credentials.
        """
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            kept = await push_subscriptions.get(tx, number)
            if kept is None or not _belongs(kept, caller, now):
                raise NotFound("no such subscription")
            await push_subscriptions.remove(tx, number)

        await self._database.write(work)

    # What is sent to devices, whoever is signed in.

    async def live(self, number: int) -> PushSubscription | None:
        """Return a subscription that may be sent something; one whose time or credentials are over is ended."""
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> PushSubscription | None:
            kept = await push_subscriptions.get(tx, number)
            if kept is None:
                return None
            over = kept.expires_at <= now or (not kept.verified and kept.created_at + UNVERIFIED_MS <= now)
            if over or (kept.credential and await sessions.find(tx, kept.credential, now) is None):
                await push_subscriptions.remove(tx, number)
                return None
            return kept

        return await self._database.write(work)

    async def told(self, number: int, positions: dict[str, object]) -> None:
        """Note what a subscription was told of."""
        await self._database.write(lambda tx: push_subscriptions.told(tx, number, positions))

    async def drop(self, number: int) -> None:
        """End a subscription that the push service knows no more."""
        await self._database.write(lambda tx: push_subscriptions.remove(tx, number))


def credential_of(caller: Caller) -> str:
    """Return what a caller's subscriptions belong to: the browser's session, or the person."""
    return caller.session


def _belongs(kept: PushSubscription, caller: Caller, now: int) -> bool:
    same = (kept.principal, kept.credential) == (caller.principal, credential_of(caller))
    return same and kept.expires_at > now


def _require_somebody(caller: Caller) -> None:
    if caller.anonymous:
        raise Forbidden("only who signs in is told of changes")


def _check_url(url: str) -> None:
    try:
        target = parse_target(url)
    except FetchFailed as error:
        raise MalformedInput(str(error)) from error
    if target.scheme != "https" or not url.lower().startswith("https:") or target.user or target.password:
        raise MalformedInput("a push service is reached by https, without a password")
    if len(url) > push_subscriptions.URL_MAX:
        raise TooLarge(f"an address has at most {push_subscriptions.URL_MAX} characters")


def _check_types(types: Sequence[str] | None) -> None:
    if types is None:
        return
    if len(types) > TYPES_MAX or any(not one or len(one) > TYPE_CHARACTERS_MAX for one in types):
        raise MalformedInput(f"at most {TYPES_MAX} types of at most {TYPE_CHARACTERS_MAX} characters")


def _until(wanted: int | None, now: int) -> int:
    most = now + LIFE_MS
    return most if wanted is None else min(wanted, most)
