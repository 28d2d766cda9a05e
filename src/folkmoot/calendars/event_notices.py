"""What others have done in one's calendars, told to one's clients: a small document for each change.

It is written in the transaction of the change, and waits until a client takes it away, or a month is over.
"""

from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from folkmoot.collections import boxes
from folkmoot.collections.content import Checked, Settling, Write
from folkmoot.collections.server_made import ServerMadeContent
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.ids import ObjectId, ResourceName
from folkmoot.database.statement import Transaction
from folkmoot.sharing.rights import Rights
from folkmoot.store import objects
from folkmoot.store.records import Collection, IndexRow, Kind, new_oid

COMPONENT: Final = "NOTICE"
CONTENT_TYPE: Final = "application/json"
TEXT_MAX: Final = 64 * 1024  # octets of one version of an event that are kept; what is longer is told without its text
COPIES_TOLD_MAX: Final = 20  # people of one meeting; whoever invites more has many wait for one another's boxes
NOTICES_CONTENT: Final = ServerMadeContent(Kind.EVENT_NOTICES, boxes.NAME, ".json", "these are made by the server")

Effect = Literal["created", "updated", "destroyed"]


class EventNotice(msgspec.Struct, frozen=True):
    """One change of an event or task; texts are empty where there was, or is, none, or too long a one."""

    at: int  # milliseconds since 1970
    actor: str  # the principal, or the calendar address, of who changed it
    effect: Effect
    oid: int
    collection: int
    component: str
    title: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class EventNotices:
    """Has what others write to somebody's calendars told."""

    clock: Clock

    def around(self, settling: Settling, caller: Caller) -> Settling:
        """Return a settling that does the same and tells the calendar's owner in its transaction."""
        return _Told(settling, self.clock, caller)


@dataclass(frozen=True, slots=True)
class _Told:
    """Another settling, and notices of what it has stored."""

    inner: Settling
    clock: Clock
    caller: Caller

    async def look_up(self, addresses: frozenset[str]) -> None:
        await self.inner.look_up(addresses)

    async def settle_removal(self, tx: Transaction, collection: Collection, rights: Rights) -> None:
        await self.inner.settle_removal(tx, collection, rights)

    async def settle(self, tx: Transaction, write: Write) -> Checked | None:
        if write.collection.owner == self.caller.principal or not write.oid:
            return await self.inner.settle(tx, write)
        before = None
        if write.present is not None:
            before = await objects.get(tx, write.collection.id, write.present.name)
        checked = await self.inner.settle(tx, write)
        old = b"" if before is None else before.body
        new = b"" if checked is None else checked.body
        if old != new:
            present = write.present
            component = checked.index.component if checked else present.component if present else ""
            title = checked.index.title if checked else present.title if present else ""
            now = self.clock.milliseconds()
            await tell(tx, write.collection, self.caller.principal, write.oid, component, title, old, new, now)
        return checked


async def tell(
    tx: Transaction,
    collection: Collection,
    actor: str,
    oid: ObjectId,
    component: str,
    title: str,
    before: bytes,
    after: bytes,
    now: int,
) -> None:
    """Tell a calendar's owner of one change; ``before`` and ``after`` are texts, empty for none.

    Raises:
        Raced: the box is being made at this moment; the unit of work is to run again.
    """
    effect: Effect = "created" if not before else "destroyed" if not after else "updated"
    notice = EventNotice(now, actor, effect, oid, collection.id, component, title, _text(before), _text(after))
    name = ResourceName(f"{new_oid()}.json")
    row = IndexRow(uid=name, component=COMPONENT)
    body = msgspec.json.encode(notice)
    await boxes.put(tx, collection.owner, Kind.EVENT_NOTICES, name, row, CONTENT_TYPE, body, now)


def read_notice(body: bytes) -> EventNotice:
    """Read what ``tell`` wrote."""
    return msgspec.json.decode(body, type=EventNotice)


def _text(body: bytes) -> str:
    return "" if len(body) > TEXT_MAX else body.decode("utf-8", "replace")
