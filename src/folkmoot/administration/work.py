"""What the server does by itself: mails that wait, jobs; and what is told everybody."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from folkmoot.administration.acting import note, require_acting, require_administrator
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict, FolkmootError, MalformedInput, NotFound
from folkmoot.database import Database, Transaction
from folkmoot.store import audit, jobs, outbox, site
from folkmoot.store.audit import Entry
from folkmoot.store.jobs import Job
from folkmoot.store.outbox import Mail, State

UNSENT: Final = (State.WAITING, State.SENDING, State.DEAD)
MESSAGE: Final = "message of the day"
MESSAGE_MAX: Final = 4_000  # characters
CHECK_SECONDS: Final = 3.0  # for a peer to answer
Check = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class MessageOfTheDay:
    """A text for everybody, between two times in milliseconds since 1970 UTC; None: no bound."""

    text: str = ""
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """How a peer has answered: in so many milliseconds, or with a fault."""

    name: str
    milliseconds: int
    fault: str = ""


class Administration:
    """Mails, jobs, the message of the day, the health of peers, and what administrators have done."""

    def __init__(self, database: Database, clock: Clock, checks: Mapping[str, Check]) -> None:
        self._database = database
        self._clock = clock
        self._checks = checks

    async def letters(self, caller: Caller) -> list[Mail]:
        """Return mails of the server's own that were not sent, the newest first.

        Raises:
            Forbidden: the caller is no administrator.
        """
        require_administrator(caller)
        return await self._database.read(lambda tx: outbox.list_(tx, UNSENT))

    async def retry(self, caller: Caller, number: int) -> None:
        """Send a mail as soon as possible, as if for the first time.

        Raises:
            NotFound: there is none of this number.
            Conflict: it was sent, or is being sent.
            Forbidden: the caller may not.
        """
        require_acting(caller)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            mail = await outbox.get(tx, number)
            if not await outbox.retry(tx, mail, now):
                raise Conflict(f"the mail is {mail.state.value}")
            await note(tx, self._clock, caller, "mail retried", mail.recipient, {"mail": number})

        await self._database.write(work)

    async def discard(self, caller: Caller, number: int) -> None:
        """Forget a mail; one that was not sent never will be.

        Raises:
            NotFound: there is none of this number.
            Conflict: it is being sent.
            Forbidden: the caller may not.
        """
        require_acting(caller)

        async def work(tx: Transaction) -> None:
            mail = await outbox.get(tx, number)
            if not await outbox.discard(tx, mail):
                raise Conflict("the mail is being sent at this moment")
            await note(tx, self._clock, caller, "mail discarded", mail.recipient, {"mail": number})

        await self._database.write(work)

    async def jobs(self, caller: Caller) -> list[Job]:
        """Return jobs, the next due first.

        Raises:
            Forbidden: the caller is no administrator.
        """
        require_administrator(caller)
        return await self._database.read(jobs.list_)

    async def run_now(self, caller: Caller, number: int) -> None:
        """Let a job be done at once.

        Raises:
            NotFound: there is none of this number.
            Forbidden: the caller may not.
        """
        require_acting(caller)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            job = next((one for one in await jobs.list_(tx) if one.id == number), None)
            if job is None:
                raise NotFound("no such job")
            await jobs.add(tx, job.kind, job.key, job.payload, now, now, replace=True)
            await note(tx, self._clock, caller, "job run", details={"kind": job.kind, "key": job.key})

        await self._database.write(work)

    async def message(self) -> MessageOfTheDay:
        """Return what everybody is told, whether its time has come or not."""
        kept = await self._database.read(lambda tx: site.get(tx, MESSAGE))
        text, since, until = kept.get("text"), kept.get("since"), kept.get("until")
        return MessageOfTheDay(
            text if isinstance(text, str) else "",
            since if isinstance(since, int) else None,
            until if isinstance(until, int) else None,
        )

    async def present_message(self) -> str:
        """Return what everybody is told now; empty: nothing."""
        message, now = await self.message(), self._clock.milliseconds()
        begun = message.since is None or message.since <= now
        return message.text if begun and (message.until is None or now < message.until) else ""

    async def set_message(self, caller: Caller, message: MessageOfTheDay) -> None:
        """Tell everybody something else.

        Raises:
            MalformedInput: too long, control characters, or an end before the beginning.
            Forbidden: the caller may not.
        """
        require_acting(caller)
        if len(message.text) > MESSAGE_MAX or any(ord(one) < ord(" ") and one not in "\n\t" for one in message.text):
            raise MalformedInput(f"a message has at most {MESSAGE_MAX} characters, none of them for control")
        if message.since is not None and message.until is not None and message.until <= message.since:
            raise MalformedInput("a message ends after its beginning")
        kept = {"text": message.text, "since": message.since, "until": message.until}

        async def work(tx: Transaction) -> None:
            await site.set_(tx, MESSAGE, kept, self._clock.milliseconds())
            await note(tx, self._clock, caller, "message of the day set", details=kept)

        await self._database.write(work)

    async def entries(self, caller: Caller) -> list[Entry]:
        """Return what administrators have done in the last year, the last first, as far as lists go.

        Raises:
            Forbidden: the caller is no administrator.
        """
        require_administrator(caller)
        return await self._database.read(audit.list_)

    async def health(self, caller: Caller) -> list[Answered]:
        """Ask all peers at once, and return how they answer.

        Raises:
            Forbidden: the caller is no administrator.
        """
        require_administrator(caller)
        return list(await asyncio.gather(*(_ask(name, check) for name, check in self._checks.items())))


async def _ask(name: str, check: Check) -> Answered:
    began = time.perf_counter()
    fault = ""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except TimeoutError:
        fault = f"no answer within {CHECK_SECONDS:g} seconds"
    except (FolkmootError, OSError) as error:
        fault = str(error)[:200] or type(error).__name__
    return Answered(name, round((time.perf_counter() - began) * 1000), fault)
