"""Messages put off until some time: where they wait, and where they go back to.

A row is made before its message is moved, and moved on once that is done, so that a message whose mover died is found.
There is one job for each account in which messages wait; it is due when the first of them is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.dialect import within
from folkmoot.database.schema import snoozed
from folkmoot.store import jobs
from folkmoot.store.columns import NAME_MAX, length_of, plain, require_text
from folkmoot.store.outbox import key_of

JOB: Final = "snooze"  # kind of the job that brings messages back
SNOOZED_MAX: Final = 1_000  # messages of one person at the same time
DUE_MAX: Final = 200  # brought back by one run of the job
ID_CHARACTERS_MAX: Final = 1_000  # of a message id that is kept; longer ones find nothing again
_ACCOUNT_MAX: Final = length_of(snoozed.c.account)

_COLUMNS: Final = (
    snoozed.c.id,
    snoozed.c.owner,
    snoozed.c.account,
    snoozed.c.origin,
    snoozed.c.mailbox,
    snoozed.c.uid_validity,
    snoozed.c.uid,
    snoozed.c.message_id,
    snoozed.c.until_at,
    snoozed.c.created_at,
)
_OWNER: Final = snoozed.c.owner == bindparam("owner_")
_ACCOUNT: Final = (_OWNER, snoozed.c.account == bindparam("account_"))
_INSERT: Final = Statement(
    sa.insert(snoozed).values({column.name: bindparam(column.name) for column in snoozed.c if column.name != "id"})
)
_COUNT: Final = Statement(sa.select(sa.func.count()).where(_OWNER))
_LIST: Final = Statement(
    sa.select(*_COLUMNS).where(_OWNER).order_by(snoozed.c.until_at, snoozed.c.id).limit(bindparam("most"))
)
_DUE: Final = Statement(
    sa.select(*_COLUMNS)
    .where(*_ACCOUNT, snoozed.c.until_at <= bindparam("now"))
    .order_by(snoozed.c.until_at, snoozed.c.id)
    .limit(bindparam("most"))
)
_NEXT: Final = Statement(sa.select(sa.func.min(snoozed.c.until_at)).where(*_ACCOUNT))
_PLACE: Final = Statement(
    sa.update(snoozed)
    .where(snoozed.c.id == bindparam("id_"), _OWNER)
    .values(mailbox=bindparam("new_mailbox"), uid_validity=bindparam("new_validity"), uid=bindparam("new_uid"))
)
_REMOVE: Final = Statement(sa.delete(snoozed).where(_OWNER, within(snoozed.c.id, "ids")))


@dataclass(frozen=True, slots=True)
class NewSnoozed:
    """A message that is to be put off; it still lies in its mailbox."""

    uid_validity: int
    uid: int
    message_id: str


@dataclass(frozen=True, slots=True)
class Snoozed:
    """A message that was put off.  While ``mailbox`` is ``origin`` it may not have been moved yet."""

    id: int
    owner: PrincipalId
    account: str
    origin: str  # mailbox it goes back to
    mailbox: str  # mailbox it waits in
    uid_validity: int
    uid: int
    message_id: str  # finds it again when its number does not; may be empty
    until_at: int  # milliseconds since 1970 UTC
    created_at: int


async def add(
    tx: Transaction,
    owner: PrincipalId,
    account: str,
    origin: str,
    messages: Sequence[NewSnoozed],
    *,
    until_at: int,
    now: int,
) -> list[Snoozed]:
    """Keep messages of one mailbox, and ask for the job that brings them back.

    Raises:
        TooLarge: too many messages wait already.
    """
    require_text("the owner", owner, NAME_MAX)
    require_text("the account", account, _ACCOUNT_MAX)
    count = await tx.fetch_one(_COUNT, owner_=owner)
    if (count[0] if count else 0) + len(messages) > SNOOZED_MAX:
        raise TooLarge(f"at most {SNOOZED_MAX} messages can wait at the same time")
    rows = [
        {
            "owner": owner,
            "account": account,
            "origin": plain(origin),
            "mailbox": plain(origin),
            "uid_validity": one.uid_validity,
            "uid": one.uid,
            "message_id": plain(one.message_id) if len(one.message_id) <= ID_CHARACTERS_MAX else "",
            "until_at": until_at,
            "created_at": now,
        }
        for one in messages
    ]
    await tx.execute_many(_INSERT, rows)
    await ask(tx, owner, account, due_at=until_at, now=now)
    wanted = {(one.uid_validity, one.uid) for one in messages}
    newest = {
        row.uid: row
        for row in await list_(tx, owner)
        if row.account == account and row.mailbox == origin and (row.uid_validity, row.uid) in wanted
    }
    return [newest[one.uid] for one in messages]


async def ask(tx: Transaction, owner: PrincipalId, account: str, *, due_at: int, now: int) -> None:
    """Ask for the job of an account."""
    await jobs.add(tx, JOB, key_of(owner, account), {"owner": owner, "account": account}, due_at, now)


async def list_(tx: Transaction, owner: PrincipalId) -> list[Snoozed]:
    """Return what somebody has put off, what comes back first at the top."""
    return [_snoozed(row) for row in await tx.fetch_all(_LIST, owner_=owner, most=SNOOZED_MAX)]


async def due(tx: Transaction, owner: PrincipalId, account: str, now: int) -> list[Snoozed]:
    """Return what should be back by now, up to ``DUE_MAX``."""
    rows = await tx.fetch_all(_DUE, owner_=owner, account_=account, now=now, most=DUE_MAX)
    return [_snoozed(row) for row in rows]


async def next_at(tx: Transaction, owner: PrincipalId, account: str) -> int | None:
    """Return when the next message of an account comes back; None if none waits."""
    row = await tx.fetch_one(_NEXT, owner_=owner, account_=account)
    return None if row is None else row[0]


async def place(tx: Transaction, owner: PrincipalId, mailbox: str, uid_validity: int, uids: Mapping[int, int]) -> None:
    """Say where messages wait: UIDs by the ids of their rows."""
    await tx.execute_many(
        _PLACE,
        [
            {
                "id_": identifier,
                "owner_": owner,
                "new_mailbox": plain(mailbox),
                "new_validity": uid_validity,
                "new_uid": uid,
            }
            for identifier, uid in uids.items()
        ],
    )


async def remove(tx: Transaction, owner: PrincipalId, ids: Sequence[int]) -> None:
    """Forget messages."""
    if ids:
        await tx.execute(_REMOVE, owner_=owner, ids=list(ids))


def _snoozed(row: Row) -> Snoozed:
    identifier, owner, *rest = row
    return Snoozed(identifier, PrincipalId(owner), *rest)
