"""Durable jobs: rows that say what is to be done and when, leased by whoever does it.

A lease is an UPDATE that matches only rows nobody holds, so one runner gets each job.  Whoever dies leaves a lease
that runs out, and another runner takes over: a job may run again, never two times at once.  Times come from the
nodes' own clocks, which may differ by less than a lease lasts without renewal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.dialect import Changes, Inserted, upsert, within
from folkmoot.database.schema import job
from folkmoot.store.columns import json_of, length_of, properties_of, require_text

KIND_MAX: Final = length_of(job.c.kind)
KEY_MAX: Final = length_of(job.c.key)
FAULT_MAX: Final = 2000  # characters that are kept of a failure's message
LIST_MAX: Final = 1000  # rows of one list for the administrator

_COLUMNS: Final = (
    job.c.id,
    job.c.kind,
    job.c.key,
    job.c.payload,
    job.c.due_at,
    job.c.version,
    job.c.lease,
    job.c.leased_until,
    job.c.attempts,
    job.c.fault,
    job.c.created_at,
)
_UNIQUE: Final = ("kind", "key")


def _asked_again(due_at: sa.ColumnElement[int], payload: sa.ColumnElement[str]) -> Changes:
    return {
        "due_at": due_at,
        "payload": payload,
        "version": job.c.version + sa.literal_column("1"),  # no parameter: MariaDB's driver takes none after VALUES
        "attempts": sa.literal_column("0"),
        "fault": sa.literal_column("''"),
    }


def _earliest(new: Inserted) -> sa.ColumnElement[int]:
    # While it runs, what it was leased for is being done: the new time counts.
    running = job.c.leased_until > new["created_at"]
    return sa.case((sa.or_(running, job.c.due_at > new["due_at"]), new["due_at"]), else_=job.c.due_at)


_ASK: Final = Statement(
    lambda dialect: upsert(dialect, job, lambda new: _asked_again(_earliest(new), new["payload"]), _UNIQUE)
)
_REPLACE: Final = Statement(
    lambda dialect: upsert(dialect, job, lambda new: _asked_again(new["due_at"], new["payload"]), _UNIQUE)
)
_REMOVE: Final = Statement(sa.delete(job).where(job.c.kind == bindparam("kind"), job.c.key == bindparam("key")))
_FIND: Final = Statement(sa.select(*_COLUMNS).where(job.c.kind == bindparam("kind"), job.c.key == bindparam("key")))
_FREE: Final = (job.c.due_at <= bindparam("now"), job.c.leased_until <= bindparam("now"))
# Not as the column itself: the index by kind would be read for it, with all jobs that are not due.
_KIND_READ: Final = sa.func.coalesce(job.c.kind, sa.literal_column("''"), type_=sa.String())
_DUE: Final = Statement(
    sa.select(job.c.id, job.c.kind)
    .where(*_FREE, within(_KIND_READ, "kinds"))
    .order_by(job.c.due_at, job.c.id)
    .limit(bindparam("limit"))
)
_LEASE: Final = Statement(
    sa.update(job)
    .where(within(job.c.id, "ids"), *_FREE)
    .values(lease=bindparam("lease"), leased_until=bindparam("until"), attempts=job.c.attempts + 1)
)
_LEASED: Final = Statement(
    sa.select(*_COLUMNS).where(within(job.c.id, "ids"), job.c.lease == bindparam("lease")).order_by(job.c.due_at)
)
_HELD: Final = (job.c.id == bindparam("id"), job.c.lease == bindparam("lease"))
_SAME: Final = (*_HELD, job.c.version == bindparam("version"))
_RENEW: Final = Statement(sa.update(job).where(*_HELD).values(leased_until=bindparam("until")))
_FREED: Final = {"lease": sa.null(), "leased_until": sa.literal_column("0")}
_DONE: Final = Statement(sa.delete(job).where(*_SAME))
_AGAIN: Final = Statement(
    sa.update(job)
    .where(*_SAME)
    .values(due_at=bindparam("due_at"), attempts=sa.literal_column("0"), fault=sa.literal_column("''"), **_FREED)
)
_FAILED: Final = Statement(
    sa.update(job).where(*_SAME).values(due_at=bindparam("due_at"), fault=bindparam("fault"), **_FREED)
)
_RELEASE: Final = Statement(sa.update(job).where(*_HELD).values(**_FREED))
_UNDO: Final = Statement(sa.update(job).where(*_HELD).values(attempts=job.c.attempts - 1, **_FREED))
_ALL: Final = sa.select(*_COLUMNS).order_by(job.c.due_at, job.c.id).limit(bindparam("limit"))
_OF_KIND: Final = job.c.kind == bindparam("kind")
_FAILING: Final = job.c.fault != sa.literal_column("''")
_LIST: Final = {
    (False, False): Statement(_ALL),
    (True, False): Statement(_ALL.where(_OF_KIND)),
    (False, True): Statement(_ALL.where(_FAILING)),
    (True, True): Statement(_ALL.where(_OF_KIND, _FAILING)),
}
_COUNT: Final = Statement(
    sa.select(
        job.c.kind,
        sa.func.count(),
        sa.func.sum(sa.case((job.c.due_at <= bindparam("now"), 1), else_=0)),
        sa.func.sum(sa.case((_FAILING, 1), else_=0)),
    )
    .group_by(job.c.kind)
    .order_by(job.c.kind)
)


@dataclass(frozen=True, slots=True)
class NewJob:
    """One job that is asked for."""

    kind: str
    key: str
    payload: Mapping[str, object]
    due_at: int


@dataclass(frozen=True, slots=True)
class Job:
    """One job; ``version`` tells whether it was asked for again since it was read."""

    id: int
    kind: str
    key: str
    payload: dict[str, object]
    due_at: int
    version: int
    lease: str | None  # who runs it
    leased_until: int
    attempts: int  # since it last succeeded, with the one under way
    fault: str  # of the last attempt; "": none
    created_at: int


@dataclass(frozen=True, slots=True)
class DueJob:
    """One job that waits for a runner."""

    id: int
    kind: str


@dataclass(frozen=True, slots=True)
class JobCount:
    """How many jobs of a kind there are."""

    kind: str
    all: int
    due: int
    failing: int


async def add(
    tx: Transaction,
    kind: str,
    key: str,
    payload: Mapping[str, object],
    due_at: int,
    now: int,
    *,
    replace: bool = False,
) -> None:
    """Ask for a job; of the same kind and key there is one, with the newest payload and the earliest time.

    ``replace`` takes the new time even where it is later.  What is asked for while it runs is done again after that.

    Raises:
        TooLarge: kind or key is too long.
    """
    await add_many(tx, [NewJob(kind, key, payload, due_at)], now, replace=replace)


async def add_many(tx: Transaction, jobs: Sequence[NewJob], now: int, *, replace: bool = False) -> None:
    """Ask for several jobs in few round trips; as ``add``."""
    for new in jobs:
        require_text("the kind of a job", new.kind, KIND_MAX)
        require_text("the key of a job", new.key, KEY_MAX)
    rows = [
        {
            "kind": new.kind,
            "key": new.key,
            "payload": json_of(new.payload),
            "due_at": new.due_at,
            "version": 1,
            "lease": None,
            "leased_until": 0,
            "attempts": 0,
            "fault": "",
            "created_at": now,
        }
        for new in jobs
    ]
    await tx.execute_many(_REPLACE if replace else _ASK, rows)


async def remove(tx: Transaction, kind: str, key: str) -> None:
    """Ask no longer for a job; one that runs at the moment is not stopped."""
    await tx.execute(_REMOVE, kind=kind, key=key)


async def find(tx: Transaction, kind: str, key: str) -> Job | None:
    """Return a job, if it is asked for."""
    row = await tx.fetch_one(_FIND, kind=kind, key=key)
    return None if row is None else _job_of(row)


async def due(tx: Transaction, kinds: Sequence[str], *, now: int, limit: int) -> list[DueJob]:
    """Return jobs that ``lease`` would give, longest due first."""
    return [DueJob(row[0], row[1]) for row in await tx.fetch_all(_DUE, kinds=kinds, now=now, limit=limit)]


async def lease(tx: Transaction, ids: Sequence[int], lease_: str, *, now: int, until: int) -> list[Job]:
    """Take those of the jobs that nobody holds; ``lease_`` must be new with each call."""
    if not await tx.execute(_LEASE, ids=sorted(ids), lease=lease_, now=now, until=until):
        return []
    return [_job_of(row) for row in await tx.fetch_all(_LEASED, ids=ids, lease=lease_)]


async def renew(tx: Transaction, held: Job, *, until: int) -> bool:
    """Prolong a lease; False: somebody else has the job by now, or nobody wants it any more."""
    return await tx.execute(_RENEW, id=held.id, lease=held.lease, until=until) == 1


async def finish(tx: Transaction, held: Job, *, next_due_at: int | None) -> None:
    """Give a job back as done: it goes, or comes again at ``next_due_at``.

    Where it was asked for again meanwhile, it stays as it was asked for.
    """
    same = {"id": held.id, "lease": held.lease, "version": held.version}
    if next_due_at is None:
        matched = await tx.execute(_DONE, **same)
    else:
        matched = await tx.execute(_AGAIN, **same, due_at=next_due_at)
    if not matched:
        await tx.execute(_RELEASE, id=held.id, lease=held.lease)


async def fail(tx: Transaction, held: Job, *, fault: str, retry_at: int) -> None:
    """Give a job back as not done, for another attempt; as ``finish`` where it was asked for again."""
    text = fault.encode(errors="replace").decode().replace("\0", "")[:FAULT_MAX]
    if not await tx.execute(_FAILED, id=held.id, lease=held.lease, version=held.version, due_at=retry_at, fault=text):
        await tx.execute(_RELEASE, id=held.id, lease=held.lease)


async def give_back(tx: Transaction, held: Job) -> None:
    """Give a job back as if it had not been taken."""
    await tx.execute(_UNDO, id=held.id, lease=held.lease)


async def list_(tx: Transaction, *, kind: str | None = None, failing: bool = False, limit: int = LIST_MAX) -> list[Job]:
    """Return jobs in the order in which they are due; ``failing``: those whose last attempt failed."""
    given = {} if kind is None else {"kind": kind}
    return [_job_of(row) for row in await tx.fetch_all(_LIST[kind is not None, failing], limit=limit, **given)]


async def counts(tx: Transaction, now: int) -> list[JobCount]:
    """Return the numbers of jobs, by kind."""
    return [JobCount(row[0], int(row[1]), int(row[2]), int(row[3])) for row in await tx.fetch_all(_COUNT, now=now)]


def _job_of(row: Row) -> Job:
    return Job(
        id=row[0],
        kind=row[1],
        key=row[2],
        payload=properties_of(row[3]),
        due_at=row[4],
        version=row[5],
        lease=row[6],
        leased_until=row[7],
        attempts=row[8],
        fault=row[9],
        created_at=row[10],
    )
