"""Bringing many objects into a collection: what is good goes in, what is not is named, nothing is lost halfway."""

import uuid
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final

from folkmoot.collections.access import Access, Seen, check_accepts_writes
from folkmoot.collections.content import Checked, Place
from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError, Forbidden
from folkmoot.core.ids import ResourceName
from folkmoot.database.statement import Transaction
from folkmoot.sharing.rights import Level
from folkmoot.store import objects
from folkmoot.store.records import Collection, NewObject, etag_of, uid_key
from folkmoot.store.searching import find_uids

BATCH: Final = 200  # objects of one transaction: progress is seen, and other writers get their turn


@dataclass(frozen=True, slots=True)
class Item:
    """One object of a file: where it stands there, its text, or why it is none."""

    where: str  # "line 120", for the reader of the report
    body: bytes = b""
    fault: str | None = None


class Effect(StrEnum):
    """What became of an item."""

    CREATED = "created"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The report on one item; ``title`` or the reason for which it was rejected."""

    where: str
    effect: Effect
    text: str


class Imports:
    """Imports into collections of any kind; an object with a known UID replaces the one that is there."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def run(
        self, caller: Caller, place: Place, items: Iterable[Item], *, dry_run: bool = False
    ) -> AsyncIterator[Outcome]:
        """Import items in batches, each a transaction, and report on each item in its order.

        ``dry_run`` checks and reports the same without storing anything.

        Raises:
            NotFound: no such collection for this caller.
            Forbidden: the caller may not create and modify everything in it.
            ReadOnly: a computed collection.
        """
        seen = await self._access.read(caller, place, lambda tx: self._access.get(tx, caller, place))
        if not seen.rights.create or seen.rights.lowest < Level.MODIFY:
            raise Forbidden("importing needs the right to create and to modify everything")
        check_accepts_writes(seen.collection)
        remaining = iter(items)
        seen_uids: set[str] = set()
        while batch := list(islice(remaining, BATCH)):
            outcomes, checked = self._check(batch, seen.collection, seen_uids)

            async def work(
                tx: Transaction, checked: dict[int, Checked] = checked, seen: Seen = seen
            ) -> dict[int, Effect]:
                return await self._store(tx, seen.collection, checked, dry_run=dry_run)

            effects = await (self._access.database.read if dry_run else self._access.database.write)(work)
            for number, item in enumerate(batch):
                if number in outcomes:
                    yield outcomes[number]
                else:
                    yield Outcome(item.where, effects[number], checked[number].index.title)

    def _check(
        self, batch: list[Item], collection: Collection, seen_uids: set[str]
    ) -> tuple[dict[int, Outcome], dict[int, Checked]]:
        content = self._access.contents[collection.kind]
        rejected: dict[int, Outcome] = {}
        accepted: dict[int, Checked] = {}
        for number, item in enumerate(batch):
            fault = item.fault
            if fault is None:
                try:
                    checked = content.check(item.body, "", collection)
                except FolkmootError as refusal:
                    fault = str(refusal)
                else:
                    uid = checked.index.uid
                    if uid is not None and uid in seen_uids:
                        fault = f"the file has this UID twice: {uid}"
                    else:
                        accepted[number] = checked
                        seen_uids |= {uid} if uid is not None else set()
            if fault is not None:
                rejected[number] = Outcome(item.where, Effect.REJECTED, fault)
        return rejected, accepted

    async def _store(
        self, tx: Transaction, collection: Collection, checked: dict[int, Checked], *, dry_run: bool
    ) -> dict[int, Effect]:
        content = self._access.contents[collection.kind]
        present = await find_uids(tx, collection.id, [c.index.uid for c in checked.values() if c.index.uid])
        effects: dict[int, Effect] = {}
        rows: list[tuple[NewObject, Checked, bool]] = []
        for number, item in checked.items():
            old = present.get(uid_key(item.index.uid)) if item.index.uid else None
            etag = etag_of(item.body)
            if old is not None and old.etag == etag:
                effects[number] = Effect.UNCHANGED
                continue
            effects[number] = Effect.REPLACED if old else Effect.CREATED
            name = old.name if old else _fresh_name(content.suffix)
            rows.append((NewObject(name, item.body, etag, item.content_type, item.index), item, old is not None))
        if rows and not dry_run:
            await objects.put_many(tx, collection.id, [row for row, _, _ in rows], self._access.clock.milliseconds())
            for row, item, existed in rows:
                await content.written(tx, collection, row.name, item, existed=existed)
        return effects


def _fresh_name(suffix: str) -> ResourceName:
    return ResourceName(f"{uuid.uuid4()}{suffix}")
