"""Messages of people on their way out: which, since when, and how far they have come.

A row is made before anything is sent, one for each message of an owner, so that a message is sent once however often
it is asked for.  Every step names the row as it was seen; who comes second changes nothing.

``waiting`` until its time, then ``sending``; ``handing`` from the moment from which the server may have the message;
``delivered`` when it has said so, and ``sent`` when the copy is filed and all is tidied up.  ``failed``: nobody has got
it.  ``uncertain``: whoever was handing it over died, so nobody knows.  ``cancelled``: its sender took it back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.errors import TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Row, Statement, Transaction, insert_if_absent
from folkmoot.database.dialect import absent_only, within
from folkmoot.database.schema import submission
from folkmoot.store import jobs
from folkmoot.store.columns import NAME_MAX, json_of, length_of, plain, properties_of, require_text

JOB: Final = "submission"  # kind of the job that sends a row; its key is the row's number
LIST_MAX: Final = 500  # rows of one list
COUNTED_MAX: Final = 10_000  # of late, when looking whether somebody sends too much
TRIM_MAX: Final = 500  # rows forgotten by one statement: locks stay short
FAULT_MAX: Final = 4_000  # characters: a refusal may name many recipients
PAYLOAD_MAX: Final = 1_000_000  # characters of JSON: two thousand recipients are 700,000
ID_MAX: Final = length_of(submission.c.message_id)
_DIGEST_OCTETS: Final = 24


class State(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    SENDING = "sending"
    HANDING = "handing"
    DELIVERED = "delivered"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"


FINAL: Final = frozenset({State.SENT, State.FAILED, State.UNCERTAIN, State.CANCELLED})
AGAIN: Final = frozenset({State.FAILED, State.UNCERTAIN, State.CANCELLED})  # may be sent after all


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """A message to send."""

    owner: PrincipalId  # who sends it
    account: str
    message_id: str
    mailbox: str  # where its draft is
    uid_validity: int
    uid: int
    payload: Mapping[str, object] = field(repr=False)  # JSON values
    recipients: int
    send_at: int


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """A row; times in milliseconds since 1970 UTC."""

    id: int
    owner: PrincipalId
    account: str
    message_id: str  # or its digest where it is too long for the column
    mailbox: str
    uid_validity: int
    uid: int
    payload: dict[str, object] = field(repr=False)
    recipients: int
    state: State
    fault: str
    send_at: int
    created_at: int
    modified_at: int  # rises with every step


_COLUMNS: Final[tuple[sa.ColumnElement[Any], ...]] = tuple(submission.c[name] for name in StoredSubmission.__slots__)
_ID: Final = submission.c.id == bindparam("id_")
_OWNER: Final = submission.c.owner == bindparam("owner_")
_SEEN: Final = sa.and_(
    _ID, submission.c.state == bindparam("seen_state"), submission.c.modified_at == bindparam("seen_at")
)

_ADD: Final = Statement(lambda dialect: absent_only(dialect, submission))
_BY_MESSAGE: Final = Statement(sa.select(*_COLUMNS).where(_OWNER, submission.c.message_id == bindparam("message_id_")))
_BY_ID: Final = Statement(sa.select(*_COLUMNS).where(_ID))
_STEP: Final = Statement(
    sa.update(submission)
    .where(_SEEN)
    .values(
        state=bindparam("new_state"),
        fault=bindparam("new_fault"),
        payload=bindparam("new_payload"),
        modified_at=bindparam("now"),
    )
)
_REVIVE: Final = Statement(
    sa.update(submission)
    .where(_SEEN)
    .values(
        account=bindparam("account_"),
        mailbox=bindparam("mailbox_"),
        uid_validity=bindparam("uid_validity_"),
        uid=bindparam("uid_"),
        payload=bindparam("new_payload"),
        recipients=bindparam("recipients_"),
        state=bindparam("new_state"),
        fault=bindparam("new_fault"),
        send_at=bindparam("send_at_"),
        created_at=bindparam("now"),
        modified_at=bindparam("changed"),
    )
)
_LIST: Final = Statement(
    sa.select(*_COLUMNS)
    .where(_OWNER, within(submission.c.state, "states"))
    .order_by(submission.c.created_at.desc(), submission.c.id.desc())
    .limit(bindparam("most"))
)
_COUNTED: Final = Statement(
    sa.select(submission.c.created_at, submission.c.recipients)
    .where(_OWNER, submission.c.created_at > bindparam("since"), submission.c.state != bindparam("cancelled"))
    .order_by(submission.c.created_at.desc())
    .limit(bindparam("most"))
)
_OLD: Final = Statement(
    sa.select(submission.c.id)
    .where(within(submission.c.state, "states"), submission.c.modified_at < bindparam("before"))
    .order_by(submission.c.id)
    .limit(bindparam("most"))
)
_MOVE: Final = Statement(
    sa.update(submission)
    .where(
        _OWNER,
        submission.c.account == bindparam("account_"),
        submission.c.mailbox == bindparam("old_mailbox"),
        submission.c.uid_validity == bindparam("old_uid_validity"),
        submission.c.uid == bindparam("old_uid"),
        within(submission.c.state, "states"),
    )
    .values(mailbox=bindparam("new_mailbox"), uid_validity=bindparam("new_uid_validity"), uid=bindparam("new_uid"))
)
_FORGET: Final = Statement(sa.delete(submission).where(within(submission.c.id, "ids")))


def key_of(message_id: str) -> str:
    """Return a message id as the column holds it: one that is too long, or cannot be stored, by its digest."""
    if len(message_id) <= ID_MAX and message_id.isascii() and message_id.isprintable():
        return message_id
    digest = blake2b(message_id.encode(errors="surrogatepass"), digest_size=_DIGEST_OCTETS).hexdigest()
    return f"digest:{digest}"


async def add(tx: Transaction, new: NewSubmission, *, state: State, due_at: int, now: int) -> StoredSubmission | None:
    """Keep a message to be sent, and ask for a job at ``due_at``; None if it is on its way or sent already.

    One that failed, or was taken back, begins anew.

    Raises:
        TooLarge: a value is longer than its column.
    """
    require_text("the owner", new.owner, NAME_MAX)
    payload = _payload(new.payload)
    key = key_of(new.message_id)
    values = {
        "owner": new.owner,
        "account": new.account,
        "message_id": key,
        "mailbox": new.mailbox,
        "uid_validity": new.uid_validity,
        "uid": new.uid,
        "payload": payload,
        "recipients": new.recipients,
        "state": state.value,
        "fault": "",
        "send_at": new.send_at,
        "created_at": now,
        "modified_at": now,
    }
    added = await insert_if_absent(tx, _ADD, **values)
    row = await tx.fetch_one(_BY_MESSAGE, owner_=new.owner, message_id_=key)
    if row is None:
        return None
    present = _of(row)
    if not added:
        if present.state not in AGAIN:
            return None
        revived = await tx.execute(
            _REVIVE,
            id_=present.id,
            seen_state=present.state.value,
            seen_at=present.modified_at,
            account_=new.account,
            mailbox_=new.mailbox,
            uid_validity_=new.uid_validity,
            uid_=new.uid,
            new_payload=payload,
            recipients_=new.recipients,
            new_state=state.value,
            new_fault="",
            send_at_=new.send_at,
            now=now,
            changed=max(now, present.modified_at + 1),
        )
        if not revived:
            return None
        present = await get(tx, present.id) or present
    await jobs.add(tx, JOB, str(present.id), {}, due_at, now, replace=True)
    return present


async def find(tx: Transaction, owner: PrincipalId, message_id: str) -> StoredSubmission | None:
    """Return the submission of a message of this owner."""
    row = await tx.fetch_one(_BY_MESSAGE, owner_=owner, message_id_=key_of(message_id))
    return None if row is None else _of(row)


async def get(tx: Transaction, id_: int) -> StoredSubmission | None:
    """Return a submission by its number."""
    row = await tx.fetch_one(_BY_ID, id_=id_)
    return None if row is None else _of(row)


async def step(
    tx: Transaction,
    seen: StoredSubmission,
    state: State,
    *,
    now: int,
    fault: str = "",
    payload: Mapping[str, object] | None = None,
) -> StoredSubmission | None:
    """Take a submission on from how it was seen; None if somebody else has been there since."""
    done = await tx.execute(
        _STEP,
        id_=seen.id,
        seen_state=seen.state.value,
        seen_at=seen.modified_at,
        new_state=state.value,
        new_fault=plain(fault)[:FAULT_MAX],
        new_payload=_payload(seen.payload if payload is None else payload),
        now=max(now, seen.modified_at + 1),
    )
    return await get(tx, seen.id) if done else None


async def move(
    tx: Transaction,
    owner: PrincipalId,
    account: str,
    old: tuple[str, int, int],
    new: tuple[str, int, int],
) -> int:
    """Note that a message of this owner that has not gone is elsewhere: mailbox, UIDVALIDITY, UID; return how many."""
    return await tx.execute(
        _MOVE,
        owner_=owner,
        account_=account,
        old_mailbox=old[0],
        old_uid_validity=old[1],
        old_uid=old[2],
        new_mailbox=new[0],
        new_uid_validity=new[1],
        new_uid=new[2],
        states=[state.value for state in State if state not in {State.SENT, State.FAILED, State.UNCERTAIN}],
    )


async def forget(tx: Transaction, owner: PrincipalId, id_: int) -> bool:
    """Forget a submission that came to its end; False if there is none, or it has not."""
    present = await get(tx, id_)
    if present is None or present.owner != owner or present.state not in FINAL:
        return False
    return await tx.execute(_FORGET, ids=[id_]) > 0


async def list_of(tx: Transaction, owner: PrincipalId, states: Sequence[State]) -> list[StoredSubmission]:
    """Return somebody's submissions in these states, the newest first, at most ``LIST_MAX``."""
    rows = await tx.fetch_all(_LIST, owner_=owner, states=[state.value for state in states], most=LIST_MAX)
    return [_of(row) for row in rows]


async def counted(tx: Transaction, owner: PrincipalId, since: int) -> list[tuple[int, int]]:
    """Return when somebody has sent since then, and to how many each time; the newest first."""
    rows = await tx.fetch_all(_COUNTED, owner_=owner, since=since, cancelled=State.CANCELLED.value, most=COUNTED_MAX)
    return [(int(row[0]), int(row[1])) for row in rows]


async def trim(tx: Transaction, *, before: int) -> int:
    """Forget up to ``TRIM_MAX`` submissions that came to their end before then; return how many."""
    rows = await tx.fetch_all(_OLD, states=[state.value for state in FINAL], before=before, most=TRIM_MAX)
    return await tx.execute(_FORGET, ids=[row[0] for row in rows]) if rows else 0


def _payload(payload: Mapping[str, object]) -> str:
    text = json_of(payload)
    if len(text) > PAYLOAD_MAX:
        raise TooLarge("the message has too many recipients")
    return text


def _of(row: Row) -> StoredSubmission:
    return StoredSubmission(
        id=row[0],
        owner=PrincipalId(row[1]),
        account=row[2],
        message_id=row[3],
        mailbox=row[4],
        uid_validity=row[5],
        uid=row[6],
        payload=properties_of(row[7]),
        recipients=row[8],
        state=State(row[9]),
        fault=row[10],
        send_at=row[11],
        created_at=row[12],
        modified_at=row[13],
    )
