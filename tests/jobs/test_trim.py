"""What has had its time is forgotten, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database import Database, Row, Statement, Transaction
from folkmoot.database.schema import session
from folkmoot.jobs import trim as trim_module
from folkmoot.jobs.runner import Runner
from folkmoot.jobs.trim import KIND, Trim, TrimPolicy
from folkmoot.store import collections, failures, jobs, locks, objects, outbox
from folkmoot.store.outbox import Mail, NewMail, State
from folkmoot.store.records import Collection, IndexRow, Kind, Lock, etag_of
from tests.support.clock import SetClock

pytestmark = pytest.mark.anyio
ANNA = PrincipalId("anna")
_ADD_SESSION = Statement(sa.insert(session))
_SESSIONS = Statement(sa.select(session.c.digest).order_by(session.c.digest))


@dataclass
class House:
    """A database and the handler."""

    database: Database
    clock: SetClock = field(default_factory=lambda: SetClock(datetime(2026, 1, 1, tzinfo=UTC)))

    def __post_init__(self) -> None:
        self.trim = Trim(self.database, self.clock, TrimPolicy(history_days=90, inbox_days=30))
        self.runner = Runner(self.database, self.clock, {KIND: self.trim})

    @property
    def now(self) -> int:
        return self.clock.milliseconds()

    async def run(self) -> None:
        await self.trim.seed()
        self.clock.pass_(minutes=1)
        await self.runner.run_due()

    async def collection(self, kind: Kind = Kind.CALENDAR, name: str = "personal") -> Collection:
        return await self.database.write(lambda tx: collections.create(tx, ANNA, kind, name, {}, now=self.now))

    async def put(self, where: Collection, name: str) -> None:
        async def work(tx: Transaction) -> None:
            await objects.put(
                tx,
                where.id,
                ResourceName(name),
                body=b"x",
                etag=etag_of(b"x"),
                content_type="text/calendar",
                index=IndexRow(uid=name, component="VEVENT"),
                now=self.now,
                if_match=None,
                must_be_new=False,
            )

        await self.database.write(work)

    async def delete(self, where: Collection, name: str) -> None:
        await self.database.write(
            lambda tx: objects.delete(tx, where.id, ResourceName(name), if_match=None, now=self.now)
        )

    async def names(self, where: Collection) -> set[str]:
        return {meta.name for meta in await self.database.read(lambda tx: objects.list_(tx, where.id))}

    async def tombstones(self, where: Collection) -> int:
        found = await self.database.read(
            lambda tx: objects.changes(tx, where.id, since=where.revision, until=2**40, limit=None)  # type: ignore[arg-type]
        )
        return sum(1 for change in found if change.etag is None)


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def test_tombstones_go_in_two_steps_a_day_apart(house: House) -> None:
    calendar = await house.collection()
    for name in ("a.ics", "b.ics", "c.ics"):
        await house.put(calendar, name)
    await house.delete(calendar, "a.ics")
    house.clock.pass_(days=60)
    await house.delete(calendar, "b.ics")
    await house.run()
    assert await house.tombstones(calendar) == 2
    house.clock.pass_(days=40)
    await house.run()  # tokens from before a was deleted expire
    assert await house.tombstones(calendar) == 2
    house.clock.pass_(days=1)
    await house.run()
    assert await house.tombstones(calendar) == 1
    assert await house.names(calendar) == {"c.ics"}


async def test_old_messages_leave_the_inbox_and_its_owner_is_told(house: House) -> None:
    inbox, calendar = await house.collection(Kind.INBOX, "inbox"), await house.collection()
    await house.put(inbox, "old.ics")
    await house.put(calendar, "old.ics")
    house.clock.pass_(days=31)
    await house.put(inbox, "new.ics")
    await house.run()
    assert await house.names(inbox) == {"new.ics"}
    assert await house.names(calendar) == {"old.ics"}
    assert await house.tombstones(inbox) == 1


async def test_more_messages_than_one_portion(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("folkmoot.store.trimming.PORTION", 3)
    inbox = await house.collection(Kind.INBOX, "inbox")
    for number in range(8):
        await house.put(inbox, f"{number}.ics")
    house.clock.pass_(days=31)
    await house.run()
    assert await house.names(inbox) == set()


async def test_mails_are_forgotten_a_month_after_they_were_sent(house: House) -> None:
    new = [NewMail(key, "notice", ANNA, "bert@example.org", {}) for key in ("sent", "dead")]
    await house.database.write(lambda tx: outbox.add(tx, new, house.now))

    async def settle(tx: Transaction, key: str, state: State) -> None:
        mail = await outbox.claim(tx, key, now=house.now, lease_ms=1)
        assert mail is not None
        await outbox.settle(tx, mail, state, now=house.now)

    await house.database.write(lambda tx: settle(tx, "sent", State.SENT))
    await house.database.write(lambda tx: settle(tx, "dead", State.DEAD))
    house.clock.pass_(days=29)
    await house.run()
    assert {mail.key for mail in await kept(house)} == {"sent", "dead"}
    house.clock.pass_(days=2)
    await house.run()
    assert {mail.key for mail in await kept(house)} == {"dead"}


async def kept(house: House) -> Sequence[Mail]:
    return await house.database.read(lambda tx: outbox.list_(tx, list(State)))


async def test_sessions_locks_and_counts_go_when_they_have_expired(house: House) -> None:
    soon = house.now + 3_600_000
    later = house.now + 86_400_000

    async def work(tx: Transaction) -> None:
        for digest, expires_at in (("soon", soon), ("later", later)):
            await tx.execute(
                _ADD_SESSION,
                digest=digest,
                principal=ANNA,
                properties="{}",
                created_at=house.now,
                seen_at=house.now,
                expires_at=expires_at,
            )
            lock = Lock(digest, ANNA, digest, False, False, ANNA, "", expires_at)
            await locks.take(tx, lock, house.now)
        await failures.note(tx, "bert", now=house.now, window_ms=1000, limit=3, block_ms=1000)

    await house.database.write(work)
    house.clock.pass_(hours=2)
    await house.run()
    assert [row[0] for row in await house.database.read(sessions)] == ["later"]
    assert [one.token for one in await house.database.read(lambda tx: locks.list_(tx, ANNA, 0))] == ["later"]
    assert (await house.database.read(lambda tx: failures.get(tx, "bert"))).failures == 1
    house.clock.pass_(days=2)
    await house.run()
    assert (await house.database.read(lambda tx: failures.get(tx, "bert"))).failures == 0


async def sessions(tx: Transaction) -> Sequence[Row]:
    return await tx.fetch_all(_SESSIONS)


async def test_every_task_is_asked_for_once_and_comes_again(house: House) -> None:
    await house.run()
    first = await house.database.read(lambda tx: jobs.list_(tx, kind=KIND))
    await house.trim.seed()
    assert await house.database.read(lambda tx: jobs.list_(tx, kind=KIND)) == first
    assert len(first) == 7
    assert all(job.due_at >= house.now + timedelta(minutes=59).total_seconds() * 1000 for job in first)


async def test_a_run_that_lasts_goes_on_where_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("folkmoot.store.trimming.PORTION", 1)
    monkeypatch.setattr(trim_module, "RUN_SECONDS", -1.0)
    calendars = [await house.collection(name=f"c{number}") for number in range(3)]
    for one in calendars:
        await house.put(one, "a.ics")
        await house.delete(one, "a.ics")
    house.clock.pass_(days=100)
    await house.run()
    job = await house.database.read(lambda tx: jobs.find(tx, KIND, "history"))
    assert job is not None
    assert (job.payload, job.due_at) == ({"after": 0}, house.now + trim_module.PAUSE_MS)
    monkeypatch.setattr(trim_module, "RUN_SECONDS", 100.0)
    house.clock.pass_(minutes=1)
    await house.runner.run_due()
    job = await house.database.read(lambda tx: jobs.find(tx, KIND, "history"))
    assert job is not None
    assert (job.payload, job.due_at) == ({}, house.now + trim_module.DAY_MS)


async def test_a_task_of_another_version_ends(house: House) -> None:
    await house.database.write(lambda tx: jobs.add(tx, KIND, "unknown", {}, house.now, house.now))
    await house.runner.run_due()
    assert await house.database.read(jobs.list_) == []
