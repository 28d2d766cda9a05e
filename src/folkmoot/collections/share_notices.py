"""What others have done to one's rights, told to one's clients (RFC 9670 section 3)."""

from collections.abc import Mapping
from typing import Final

import msgspec

from folkmoot.collections import boxes
from folkmoot.collections.server_made import ServerMadeContent
from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database.statement import Transaction
from folkmoot.sharing.rights import ANONYMOUS, EVERYBODY
from folkmoot.store.records import Collection, IndexRow, Kind

COMPONENT: Final = "SHARE"
TOLD_MAX: Final = 200  # people by one change; whoever names more gives rights to a whole company
CONTENT_TYPE: Final = "application/json"
SHARES_CONTENT: Final = ServerMadeContent(Kind.SHARES, boxes.NAME, ".json", "these are made by the server")


class ShareNotice(msgspec.Struct, frozen=True):
    """One change of somebody's own roles on a collection; no roles before or after: no rights then."""

    at: int  # milliseconds since 1970
    actor: str  # who changed them
    owner: str
    collection: int
    kind: str  # of the collection
    name: str  # as shown at that moment
    before: list[str]
    after: list[str]


async def tell(
    tx: Transaction,
    caller: Caller,
    collection: Collection,
    before: Mapping[str, frozenset[str]],
    after: Mapping[str, frozenset[str]],
    now: int,
) -> None:
    """Tell each person whose own roles changed, except who changed them; groups and everybody are told nothing.

    Raises:
        Raced: a box is being made at this moment; the unit of work is to run again.
    """
    told = [
        subject
        for subject in sorted(after)  # in an order, so that two at once do not wait for each other
        if subject not in {EVERYBODY, ANONYMOUS, caller.principal}
        and not subject.startswith("@")
        and before.get(subject, frozenset()) != after[subject]
    ]
    for subject in told[:TOLD_MAX]:
        old, new = before.get(subject, frozenset()), after[subject]
        shown = str(collection.properties.get("displayname") or collection.name)
        notice = ShareNotice(
            now, caller.principal, collection.owner, collection.id, collection.kind, shown, sorted(old), sorted(new)
        )
        # The revision makes the name unique: it rises with each change of rights, in this unit of work.
        name = ResourceName(f"{collection.id}-{collection.revision}-{now}.json")
        row = IndexRow(uid=name, component=COMPONENT)
        body = msgspec.json.encode(notice)
        await boxes.put(tx, PrincipalId(subject), Kind.SHARES, name, row, CONTENT_TYPE, body, now)


def read_notice(body: bytes) -> ShareNotice:
    """Read what ``tell`` wrote."""
    return msgspec.json.decode(body, type=ShareNotice)
