"""Imports that run while their owner looks at the progress, in the worker that was asked.

A row says how far one is and is written about once a second.  If the worker dies, whoever reads the row sees that
nobody has written to it for a while: the import was interrupted, what it says was done is done, and doing it once
more changes nothing of that.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from time import monotonic
from typing import Any, Final

import msgspec
import structlog

from folkmoot.collections.content import Place
from folkmoot.collections.importing import Effect, Imports, Item, Outcome
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import FolkmootError, Forbidden, MalformedInput, NotFound, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.moving.files import CALENDAR_FORMATS, CONTACT_FORMATS, MAIL_FORMATS, items
from folkmoot.moving.mail import MailImports
from folkmoot.store import imports as stored
from folkmoot.store.imports import StoredImport
from folkmoot.store.records import Kind

AT_ONCE: Final = 2  # of one worker; each holds a file in memory
OF_ONE_AT_ONCE: Final = 3  # of one person, running or waiting
WRITE_SECONDS: Final = 1.0  # between two notes of the progress
LOST_MILLISECONDS: Final = 5 * 60_000  # without a note, whoever ran it is gone; large files take a while to read
KEPT_MILLISECONDS: Final = 24 * 3_600_000
REPORT_MAX: Final = 500  # lines; the rest is counted
LINE_MAX: Final = 300  # characters
_log: Final = structlog.get_logger("folkmoot.moving")


class Stage(StrEnum):
    """How far an import is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


UNDER_WAY: Final = frozenset({Stage.WAITING, Stage.RUNNING})


class Line(msgspec.Struct, frozen=True):
    """What was wrong with one item."""

    where: str
    fault: str


class Progress(msgspec.Struct, frozen=True):
    """What is kept of an import."""

    target: str  # as whoever asked names it
    form: str
    name: str  # of the file
    dry_run: bool = False
    stage: Stage = Stage.WAITING
    total: int = 0
    created: int = 0
    replaced: int = 0
    unchanged: int = 0
    rejected: int = 0
    fault: str = ""  # why it failed
    report: tuple[Line, ...] = ()  # the first ``REPORT_MAX`` that were rejected


@dataclass(frozen=True, slots=True)
class DataImport:
    """One of somebody's; times in milliseconds since 1970 UTC."""

    id: int
    progress: Progress
    created_at: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class Target:
    """Where it goes: a calendar or book, or a mailbox of an account."""

    name: str
    place: Place | None = None
    account_id: str = ""
    mailbox: str = ""

    def takes(self) -> tuple[str, ...]:
        """Return the formats that go there."""
        if self.place is None:
            return MAIL_FORMATS
        return CALENDAR_FORMATS if self.place.kind is Kind.CALENDAR else CONTACT_FORMATS


@dataclass(slots=True)
class _Run:
    caller: Caller
    number: int
    target: Target
    octets: bytes = field(repr=False)
    progress: Progress


class DataImports:
    """Begins imports, tells of them, ends them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        imports: Imports,
        mail: MailImports,
        time: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._imports = imports
        self._mail = mail
        self._time = time
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()

    async def list_(self, caller: Caller) -> list[DataImport]:
        """Return the caller's of the last day, the oldest first.

        Raises:
            Forbidden: nobody is signed in.
        """
        principal = _who(caller)
        now = self._clock.milliseconds()
        return [_shown(one, now) for one in await self._database.read(lambda tx: stored.list_of(tx, principal))]

    async def begin(
        self, caller: Caller, target: Target, octets: bytes, *, form: str, name: str, dry_run: bool = False
    ) -> DataImport:
        """Begin to import a file, which goes on after this returns; ``dry_run`` checks and stores nothing.

        Raises:
            MalformedInput: a file of this format does not go there.
            TooLarge: the caller has too many imports under way.
            Forbidden: nobody is signed in.
        """
        principal = _who(caller)
        if form not in target.takes():
            raise MalformedInput(f"a file of {form} does not go there, but one of {', '.join(target.takes())}")
        if sum(one.progress.stage in UNDER_WAY for one in await self.list_(caller)) >= OF_ONE_AT_ONCE:
            raise TooLarge(f"{OF_ONE_AT_ONCE} imports are under way: wait for one of them")
        progress = Progress(target.name, form, name[:LINE_MAX], dry_run)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> int:
            await stored.trim(tx, now - KEPT_MILLISECONDS)
            return await stored.add(tx, principal, msgspec.to_builtins(progress), now)

        number = await self._database.write(work)
        run = _Run(caller, number, target, octets, progress)
        task = asyncio.create_task(self._follow(run), name="import")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return DataImport(number, progress, now, now)

    async def cancel(self, caller: Caller, number: int) -> DataImport:
        """End an import; what is in stays.

        Raises:
            NotFound: the caller has none of this number.
            Forbidden: nobody is signed in.
        """
        principal = _who(caller)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> DataImport:
            found = await stored.get(tx, principal, number)
            if found is None:
                raise NotFound("no such import")
            shown = _shown(found, now)
            if shown.progress.stage not in UNDER_WAY:
                return shown
            ended = msgspec.structs.replace(shown.progress, stage=Stage.CANCELLED)
            await stored.set_(tx, principal, number, msgspec.to_builtins(ended), now)
            return replace(shown, progress=ended)

        return await self._database.write(work)

    async def remove(self, caller: Caller, number: int) -> None:
        """Forget an import; one that runs ends.

        Raises:
            NotFound: the caller has none of this number.
            Forbidden: nobody is signed in.
        """
        principal = _who(caller)
        now = self._clock.milliseconds()
        if not await self._database.write(lambda tx: stored.remove(tx, principal, number, now)):
            raise NotFound("no such import")

    async def settled(self) -> None:
        """Wait until nothing runs here, for tests and for the end of a worker."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def close(self) -> None:
        """End what runs here; its owner sees that it was interrupted."""
        for task in self._running:
            task.cancel()
        await self.settled()

    async def _follow(self, run: _Run) -> None:
        while True:
            try:
                async with asyncio.timeout(LOST_MILLISECONDS / 4000):
                    await self._turns.acquire()
                break
            except TimeoutError:
                if not await self._note(run, run.progress):  # it waits, and is not lost
                    return
        try:
            await self._finish(run)
        finally:
            self._turns.release()

    async def _finish(self, run: _Run) -> None:
        try:
            ended = await self._run(run)
        except FolkmootError as error:
            ended = msgspec.structs.replace(run.progress, stage=Stage.FAILED, fault=str(error)[:LINE_MAX])
        except asyncio.CancelledError:
            await self._note(run, msgspec.structs.replace(run.progress, stage=Stage.INTERRUPTED))
            raise
        except Exception as error:  # noqa: BLE001 - a bug must not leave its owner waiting
            _log.error("bug", where="import", exc_info=error)
            ended = msgspec.structs.replace(run.progress, stage=Stage.FAILED, fault="something went wrong here")
        await self._note(run, ended)
        _log.info("imported", principal=run.caller.principal, stage=ended.stage.value, created=ended.created)

    async def _run(self, run: _Run) -> Progress:
        found = await asyncio.to_thread(items, run.octets, run.progress.form)
        run.octets = b""
        run.progress = msgspec.structs.replace(run.progress, stage=Stage.RUNNING, total=len(found))
        if not await self._note(run, run.progress):
            return msgspec.structs.replace(run.progress, stage=Stage.CANCELLED)
        counts: Counter[Effect] = Counter()
        report: list[Line] = []
        noted = self._time()
        async with aclosing(self._outcomes(run, found)) as outcomes:
            async for one in outcomes:
                counts[one.effect] += 1
                if one.effect is Effect.REJECTED and len(report) < REPORT_MAX:
                    report.append(Line(one.where[:LINE_MAX], one.text[:LINE_MAX]))
                if self._time() - noted >= WRITE_SECONDS:
                    noted = self._time()
                    run.progress = _counted(run.progress, counts, report)
                    if not await self._note(run, run.progress):
                        return msgspec.structs.replace(run.progress, stage=Stage.CANCELLED)
        run.progress = _counted(run.progress, counts, report)
        return msgspec.structs.replace(run.progress, stage=Stage.DONE)

    async def _outcomes(self, run: _Run, found: Sequence[Item]) -> AsyncGenerator[Outcome, None]:
        target, dry_run = run.target, run.progress.dry_run
        if target.place is not None:
            source = self._imports.run(run.caller, target.place, found, dry_run=dry_run)
        else:
            source = self._mail.run(run.caller, target.account_id, target.mailbox, found, dry_run=dry_run)
        async for one in source:
            yield one

    async def _note(self, run: _Run, progress: Progress) -> bool:
        """Write how far it is, unless its owner has ended it; return whether it goes on."""
        principal, now = run.caller.principal, self._clock.milliseconds()

        async def work(tx: Transaction) -> bool:
            found = await stored.get(tx, principal, run.number)
            if found is None or _kept(found).stage is Stage.CANCELLED:
                return False
            await stored.set_(tx, principal, run.number, msgspec.to_builtins(progress), now)
            return True

        return await self._database.write(work)


def _who(caller: Caller) -> PrincipalId:
    if caller.anonymous:
        raise Forbidden("sign in first")
    return caller.principal


def _counted(progress: Progress, counts: Counter[Effect], report: Sequence[Line]) -> Progress:
    told: dict[str, Any] = {effect.value: counts[effect] for effect in Effect}
    return msgspec.structs.replace(progress, **told, report=tuple(report))


def _kept(one: StoredImport) -> Progress:
    return msgspec.convert(one.properties, Progress)


def _shown(one: StoredImport, now: int) -> DataImport:
    progress = _kept(one)
    if progress.stage in UNDER_WAY and now - one.changed_at > LOST_MILLISECONDS:
        progress = msgspec.structs.replace(progress, stage=Stage.INTERRUPTED)
    return DataImport(one.id, progress, one.created_at, one.changed_at)
