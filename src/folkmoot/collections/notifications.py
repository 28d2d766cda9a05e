"""Notifications to a person's clients: small documents that wait until a client takes them away.

CalendarServer's clients learn from them that somebody shares a calendar, and how somebody answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.collections.access import Raced
from folkmoot.collections.content import Checked, DefaultCollection, Place, Settling, WriteOptions
from folkmoot.collections.settling import PlainSettling
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, Forbidden
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database.statement import Transaction
from folkmoot.store import collections, objects
from folkmoot.store.records import Collection, IndexRow, Kind, etag_of

NOTIFICATIONS_MAX: Final = 500  # waiting for one person; most clients never look
NAME: Final = ""  # of the one collection in each home
INVITE: Final = "SHARE"  # an invitation to share, or that it was taken back
REPLY: Final = "SHARE-REPLY"
CONTENT_TYPE: Final = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class NotificationsContent:
    """The rules of notifications: the server alone makes them."""

    kind: Kind = Kind.NOTIFICATIONS
    suffix: str = ".xml"
    defaults: Sequence[DefaultCollection] = (DefaultCollection(NAME, {}),)

    def check(self, body: bytes, content_type: str, collection: Collection) -> Checked:
        """Accept nothing.

        Raises:
            Forbidden: always.
        """
        raise Forbidden("notifications are made by the server")

    def settling(self, caller: Caller, place: Place, options: WriteOptions) -> Settling:
        """Return what lets the owner take notifications away."""
        return PlainSettling()

    async def written(
        self, tx: Transaction, collection: Collection, name: str, present: Checked | None, *, existed: bool
    ) -> None:
        """Nothing follows."""

    async def removed(self, tx: Transaction, collection: Collection) -> None:
        """Nothing follows."""


async def notify(tx: Transaction, owner: PrincipalId, uid: str, kind: str, body: bytes, now: int) -> None:
    """Put a notification where its owner's clients find it; where too many wait already, the oldest goes.

    Raises:
        Raced: the collection is being made at this moment; the unit of work is to run again.
    """
    collection = await collections.find(tx, owner, Kind.NOTIFICATIONS, NAME)
    if collection is None:
        try:
            collection = await collections.create(tx, owner, Kind.NOTIFICATIONS, NAME, {}, now=now)
        except Conflict as taken:
            raise Raced("the notifications are being made") from taken
    elif await objects.count(tx, collection.id) >= NOTIFICATIONS_MAX:
        # Neither may a full box stand in the way of taking rights back, nor can people fill it for each other.
        oldest = min(await objects.list_(tx, collection.id), key=lambda meta: meta.created_at)
        await objects.delete(tx, collection.id, oldest.name, if_match=None, now=now)
    await objects.put(
        tx,
        collection.id,
        _name(uid),
        body=body,
        etag=etag_of(body),
        content_type=CONTENT_TYPE,
        index=IndexRow(uid=uid, component=kind),
        now=now,
        if_match=None,
        must_be_new=True,
    )


async def withdraw(tx: Transaction, owner: PrincipalId, uid: str, now: int) -> None:
    """Take a notification back, if it still waits."""
    collection = await collections.find(tx, owner, Kind.NOTIFICATIONS, NAME)
    if collection is not None and await objects.get_many(tx, collection.id, [_name(uid)], bodies=False):
        await objects.delete(tx, collection.id, _name(uid), if_match=None, now=now)


def _name(uid: str) -> ResourceName:
    return ResourceName(f"{uid}.xml")
