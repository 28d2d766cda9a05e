"""Notifications to a person's clients: small documents that wait until a client takes them away.

CalendarServer's clients learn from them that somebody shares a calendar, and how somebody answered.
"""

from typing import Final

from folkmoot.collections.access import Raced
from folkmoot.collections.server_made import ServerMadeContent
from folkmoot.core.errors import Conflict
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database.statement import Transaction
from folkmoot.store import collections, objects
from folkmoot.store.records import IndexRow, Kind, etag_of

NOTIFICATIONS_MAX: Final = 500  # waiting for one person; most clients never look
NAME: Final = ""  # of the one collection in each home
INVITE: Final = "SHARE"  # an invitation to share, or that it was taken back
REPLY: Final = "SHARE-REPLY"
CONTENT_TYPE: Final = "application/xml; charset=utf-8"


NOTIFICATIONS_CONTENT: Final = ServerMadeContent(
    Kind.NOTIFICATIONS, NAME, ".xml", "notifications are made by the server"
)


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
