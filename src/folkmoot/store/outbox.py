"""Mails that are still to be sent, or were: written with the change they tell of, sent by a job afterwards.

A key says what makes two mails the same; the second of them is not kept, so that a unit of work or a request that is
repeated sends nothing twice.  A row is ``waiting``, then ``sending`` (claimed by a worker, for a time), then ``sent``
or ``waiting`` again, and ``dead`` when nobody will take it.  Dead rows stay until a human decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.dialect import insert_absent, within
from folkmoot.database.schema import outbox
from folkmoot.store import jobs
from folkmoot.store.columns import json_of, length_of, plain, properties_of, require_text

JOB: Final = "mail"  # kind of the job that sends a row
LIST_MAX: Final = 1000  # rows of one list
TRIM_MAX: Final = 500  # rows forgotten by one statement: locks stay short
FAULT_MAX: Final = 2000  # characters kept of a refusal
_ADDRESS_MAX: Final = length_of(outbox.c.recipient)
_KEY_OCTETS: Final = 32


class State(StrEnum):
    """How far a mail has come."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail to send: what it is made from when it goes."""

    key: str  # see key_of
    kind: str  # itip, notice, receipt, alarm
    sender: PrincipalId  # for whom it is sent
    recipient: str  # mail address
    payload: Mapping[str, object]  # JSON values


@dataclass(frozen=True, slots=True)
class Mail:
    """A row of the outbox."""

    id: int
    key: str
    kind: str
    sender: PrincipalId
    recipient: str
    payload: dict[str, object]
    state: State
    attempts: int  # also counts the one under way
    fault: str  # the last refusal
    created_at: int
    modified_at: int


_COLUMNS: Final[tuple[sa.ColumnElement[Any], ...]] = (
    outbox.c.id,
    outbox.c.key,
    outbox.c.kind,
    outbox.c.sender,
    outbox.c.recipient,
    outbox.c.payload,
    outbox.c.state,
    outbox.c.attempts,
    outbox.c.fault,
    outbox.c.created_at,
    outbox.c.modified_at,
)
_KEY: Final = outbox.c.key == bindparam("key_")
_ID: Final = outbox.c.id == bindparam("id_")
# Who was taken for dead and still writes must not undo what another worker did since.
_CLAIMED: Final = sa.and_(_ID, outbox.c.state == bindparam("sending"), outbox.c.attempts == bindparam("attempt"))

_PRESENT: Final = Statement(sa.select(outbox.c.key).where(within(outbox.c.key, "keys")))
_INSERT: Final = Statement(lambda dialect: insert_absent(dialect, outbox))
_BY_KEY: Final = Statement(sa.select(*_COLUMNS).where(_KEY))
_BY_ID: Final = Statement(sa.select(*_COLUMNS).where(_ID))
_CLAIM: Final = Statement(
    sa.update(outbox)
    .where(
        _KEY,
        sa.or_(
            outbox.c.state == bindparam("waiting"),
            sa.and_(outbox.c.state == bindparam("sending"), outbox.c.modified_at <= bindparam("expired")),
        ),
    )
    .values(state=bindparam("sending"), attempts=outbox.c.attempts + 1, modified_at=bindparam("now"))
)
_SETTLE: Final = Statement(
    sa.update(outbox)
    .where(_CLAIMED)
    .values(state=bindparam("new_state"), fault=bindparam("new_fault"), modified_at=bindparam("now"))
)
_LIST: Final = Statement(
    sa.select(*_COLUMNS).where(within(outbox.c.state, "states")).order_by(outbox.c.id.desc()).limit(bindparam("most"))
)
_COUNT: Final = Statement(sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state))
_RETRY: Final = Statement(
    sa.update(outbox)
    .where(_ID, within(outbox.c.state, "states"))
    .values(state=bindparam("new_state"), attempts=bindparam("zero"), modified_at=bindparam("now"))
)
_DISCARD: Final = Statement(sa.delete(outbox).where(_ID, within(outbox.c.state, "states")))
_OLD: Final = Statement(
    sa.select(outbox.c.id)
    .where(outbox.c.state == bindparam("sent"), outbox.c.modified_at < bindparam("before"))
    .order_by(outbox.c.modified_at)
    .limit(bindparam("most"))
)
_FORGET: Final = Statement(sa.delete(outbox).where(within(outbox.c.id, "ids")))


def key_of(*parts: str) -> str:
    """Return the key of what these parts together make unique: 64 hexadecimal digits."""
    return blake2b(msgspec.json.encode([plain(part) for part in parts]), digest_size=_KEY_OCTETS).hexdigest()


async def add(tx: Transaction, mails: Sequence[NewMail], now: int) -> None:
    """Keep mails to be sent once this transaction is committed; those whose key is known already are left out.

    Raises:
        TooLarge: an address longer than the column.
    """
    fresh = {mail.key: mail for mail in mails}
    if not fresh:
        return
    for (key,) in await tx.fetch_all(_PRESENT, keys=list(fresh)):
        del fresh[key]
    if not fresh:
        return
    for mail in fresh.values():
        require_text("the recipient", mail.recipient, _ADDRESS_MAX)
    await tx.execute_many(
        _INSERT,
        [
            {
                "key": mail.key,
                "kind": mail.kind,
                "sender": mail.sender,
                "recipient": mail.recipient,
                "payload": json_of(mail.payload),
                "state": State.WAITING.value,
                "attempts": 0,
                "fault": "",
                "created_at": now,
                "modified_at": now,
            }
            for mail in fresh.values()
        ],
    )
    await jobs.add_many(tx, [jobs.NewJob(JOB, key, {}, now) for key in fresh], now)


async def claim(tx: Transaction, key: str, *, now: int, lease_ms: int) -> Mail | None:
    """Take a mail for sending; ``None`` if it is gone, done, or another worker has it since less than the lease."""
    taken = await tx.execute(
        _CLAIM,
        key_=key,
        waiting=State.WAITING.value,
        sending=State.SENDING.value,
        expired=now - lease_ms,
        now=now,
    )
    return await find(tx, key) if taken else None


async def settle(tx: Transaction, mail: Mail, state: State, *, fault: str = "", now: int) -> bool:
    """Say how a claimed mail went; return False where another worker has taken it since."""
    return bool(
        await tx.execute(
            _SETTLE,
            id_=mail.id,
            sending=State.SENDING.value,
            attempt=mail.attempts,
            new_state=state.value,
            new_fault=plain(fault)[:FAULT_MAX],
            now=now,
        )
    )


async def find(tx: Transaction, key: str) -> Mail | None:
    """Return a mail by its key."""
    row = await tx.fetch_one(_BY_KEY, key_=key)
    return None if row is None else _mail_of(row)


async def get(tx: Transaction, mail_id: int) -> Mail:
    """Return a mail by its number.

    Raises:
        NotFound: no such mail.
    """
    row = await tx.fetch_one(_BY_ID, id_=mail_id)
    if row is None:
        raise NotFound(f"no mail has the number {mail_id}")
    return _mail_of(row)


async def list_(tx: Transaction, states: Sequence[State], limit: int = LIST_MAX) -> list[Mail]:
    """Return mails in these states, the newest first."""
    rows = await tx.fetch_all(_LIST, states=[state.value for state in states], most=min(limit, LIST_MAX))
    return [_mail_of(row) for row in rows]


async def counts(tx: Transaction) -> dict[State, int]:
    """Return how many mails are in each state."""
    found = {State(state): int(count) for state, count in await tx.fetch_all(_COUNT)}
    return {state: found.get(state, 0) for state in State}


async def retry(tx: Transaction, mail: Mail, now: int) -> bool:
    """Send a dead or waiting mail as soon as possible, as if for the first time; False if it is neither."""
    states = [State.DEAD.value, State.WAITING.value]
    if not await tx.execute(_RETRY, id_=mail.id, states=states, new_state=State.WAITING.value, zero=0, now=now):
        return False
    await jobs.add(tx, JOB, mail.key, {}, now, now, replace=True)
    return True


async def discard(tx: Transaction, mail: Mail) -> bool:
    """Forget a mail that is not being sent; False if it is."""
    states = [state.value for state in State if state is not State.SENDING]
    if not await tx.execute(_DISCARD, id_=mail.id, states=states):
        return False
    await jobs.remove(tx, JOB, mail.key)
    return True


async def trim(tx: Transaction, *, before: int) -> int:
    """Forget up to ``TRIM_MAX`` mails that were sent before then; return how many."""
    rows = await tx.fetch_all(_OLD, sent=State.SENT.value, before=before, most=TRIM_MAX)
    return await tx.execute(_FORGET, ids=[row[0] for row in rows]) if rows else 0


def _mail_of(row: Row) -> Mail:
    return Mail(
        id=row[0],
        key=row[1],
        kind=row[2],
        sender=PrincipalId(row[3]),
        recipient=row[4],
        payload=properties_of(row[5]),
        state=State(row[6]),
        attempts=row[7],
        fault=row[8],
        created_at=row[9],
        modified_at=row[10],
    )
