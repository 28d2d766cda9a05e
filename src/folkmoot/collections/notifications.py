"""Notifications to a person's clients: small documents that wait until a client takes them away.

CalendarServer's clients learn from them that somebody shares a calendar, and how somebody answered.
"""

from typing import Final

from folkmoot.collections import boxes
from folkmoot.collections.boxes import NAME
from folkmoot.collections.server_made import ServerMadeContent
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database.statement import Transaction
from folkmoot.store import collections, objects
from folkmoot.store.records import IndexRow, Kind

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
    row = IndexRow(uid=uid, component=kind)
    await boxes.put(tx, owner, Kind.NOTIFICATIONS, _name(uid), row, CONTENT_TYPE, body, now)


async def withdraw(tx: Transaction, owner: PrincipalId, uid: str, now: int) -> None:
    """Take a notification back, if it still waits."""
    collection = await collections.find(tx, owner, Kind.NOTIFICATIONS, NAME)
    if collection is not None and await objects.get_many(tx, collection.id, [_name(uid)], bodies=False):
        await objects.delete(tx, collection.id, _name(uid), if_match=None, now=now)


def _name(uid: str) -> ResourceName:
    return ResourceName(f"{uid}.xml")
