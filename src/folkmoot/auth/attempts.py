"""Limits on what can be guessed: so many attempts in a while, for all workers together, whatever is configured."""

from dataclasses import dataclass
from typing import Final

from folkmoot.auth.errors import TooManyFailures
from folkmoot.core.clock import Clock
from folkmoot.database import Database, Transaction
from folkmoot.store import attempts

MINUTE_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in so long."""

    name: str
    count: int
    milliseconds: int


CODES: Final = Limit("code", 10, 15 * MINUTE_MS)  # a guess in 15 minutes has a chance of 1 in 33,000
PASSWORDS: Final = Limit("password", 10, 15 * MINUTE_MS)  # an old password, given to change it or to prove oneself
ANSWERS: Final = Limit("answer", 5, 60 * MINUTE_MS)  # secret questions have few answers
LETTERS: Final = Limit("letter", 3, 60 * MINUTE_MS)  # recovery letters to one person
QUESTIONS: Final = Limit("question", 60, 60 * MINUTE_MS)  # from one address: how somebody recovers a password


class Attempts:
    """Counts attempts before they are looked at, so that many at once gain nothing."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def spend(self, limit: Limit, subject: str) -> None:
        """Count one.

        Raises:
            TooManyFailures: it is one too many.
            Unavailable: the database does not answer.
        """
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> int:
            await attempts.delete_expired(tx, now)
            return await attempts.spend(tx, _name(limit, subject), now=now, until=now + limit.milliseconds)

        if await self._database.write(work) > limit.count:
            raise TooManyFailures("too many attempts; try again later")

    async def forget(self, limit: Limit, subject: str) -> None:
        """Begin anew, after one that succeeded."""
        await self._database.write(lambda tx: attempts.forget(tx, _name(limit, subject)))


def _name(limit: Limit, subject: str) -> str:
    return f"{limit.name} {subject.casefold()}"
