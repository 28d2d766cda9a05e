"""Sends devices what they are told while they are away (RFC 8030): first a code that proves them, then states."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec
import structlog

from folkmoot.core.clock import Clock
from folkmoot.core.errors import FolkmootError, MalformedInput, NotFound, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.fetch.poster import Posted, Poster
from folkmoot.push.encryption import ENCODING, PLAIN_MAX, encrypt
from folkmoot.push.subscriptions import PushSubscriptions, recipient_of, types_of
from folkmoot.store.jobs import Job
from folkmoot.store.push_subscriptions import PushSubscription

LATE_SECONDS: Final = 24 * 3600  # that a push service keeps what a device has not fetched
RETRY_SECONDS: Final = 60  # where it does not say when to come again
RETRY_SECONDS_MAX: Final = 6 * 3600
AGAIN_MS: Final = 60_000  # until states are asked for that could not be told
ATTEMPTS_MAX: Final = 12  # about half a day; the next change tries again
_GONE: Final = frozenset({404, 410})
_WAIT: Final = frozenset({429, 503})
_TOO_LARGE: Final = 413
_BAD: Final = 400

log: Final = structlog.get_logger()


class Telling(Protocol):
    """What to tell a device now."""

    @property
    def positions(self) -> dict[str, object]:
        """How far that brings it."""

    @property
    def complete(self) -> bool:
        """Whether that is all."""


Since = Callable[[PrincipalId, frozenset[str] | None, Mapping[str, object]], Awaitable[tuple[Telling, Sequence[bytes]]]]
"""Returns what has changed for somebody since some positions, and the messages that say so; NotFound: nobody."""


@dataclass(frozen=True, slots=True)
class WebPushes:
    """The handler of web push jobs, whose key is the subscription's number."""

    subscriptions: PushSubscriptions
    poster: Poster
    since: Since
    contact: str  # where operators of push services reach us: an https: or mailto: URL
    clock: Clock

    async def run(self, job: Job) -> int | None:
        """Send what is new; where nothing can be sent, the next change tries again."""
        kept = await self.subscriptions.live(int(job.key)) if job.key.isdecimal() else None
        if kept is None:
            return None
        try:
            return await (self._tell(kept) if kept.verified else self._verify(kept))
        except FolkmootError as error:
            if job.attempts < ATTEMPTS_MAX:
                raise
            log.warning("device not told", user=kept.principal, subscription=kept.id, reason=str(error))
            return None

    async def _verify(self, kept: PushSubscription) -> int | None:
        told = {"@type": "PushVerification", "pushSubscriptionId": f"P{kept.id}", "verificationCode": kept.code}
        return await self._send(kept, msgspec.json.encode(told), urgency="high")

    async def _tell(self, kept: PushSubscription) -> int | None:
        try:
            telling, messages = await self.since(kept.principal, types_of(kept), kept.positions)
        except NotFound:
            await self.subscriptions.drop(kept.id)
            return None
        for message in messages:
            again = await self._send(kept, message, urgency="normal")
            if again is not None:
                return again
        await self.subscriptions.told(kept.id, telling.positions)
        return None if telling.complete else self.clock.milliseconds() + AGAIN_MS

    async def _send(self, kept: PushSubscription, plain: bytes, *, urgency: str) -> int | None:
        """Send one message; return when to try again, None if it is sent, or never will be.

        Raises:
            Unavailable: the push service failed.
        """
        now = self.clock.milliseconds()
        key = await self.subscriptions.open()
        headers = {
            "TTL": str(LATE_SECONDS),
            "Urgency": urgency,
            "Authorization": key.authorization(kept.url, self.contact, now),
        }
        try:
            recipient = recipient_of(kept)
        except MalformedInput:
            await self.subscriptions.drop(kept.id)
            return None
        if recipient is None:
            headers["Content-Type"] = "application/json"
            body = plain
        else:
            headers |= {"Content-Type": "application/octet-stream", "Content-Encoding": ENCODING}
            body = encrypt(plain[:PLAIN_MAX], recipient)
        return await self._judge(kept, await self.poster.post(kept.url, body, headers), now)

    async def _judge(self, kept: PushSubscription, posted: Posted, now: int) -> int | None:
        status = posted.status
        if status in _GONE:
            log.info("device gone", user=kept.principal, subscription=kept.id, status=status)
            await self.subscriptions.drop(kept.id)
        elif status in _WAIT:
            return now + 1000 * min(posted.retry_after or RETRY_SECONDS, RETRY_SECONDS_MAX)
        elif status == _TOO_LARGE:
            log.warning("push service takes no more", user=kept.principal, subscription=kept.id)
        elif status >= _BAD or status < 200:  # noqa: PLR2004
            raise Unavailable(f"the push service answers with status {status}")
        return None
