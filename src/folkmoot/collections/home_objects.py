"""The objects of all collections of one kind in a home: by number, by time, and what changed since a state."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.collections.access import Access, Seen
from folkmoot.collections.collections import Collections
from folkmoot.collections.content import SyncTokenInvalid
from folkmoot.collections.home_state import HomeState, Mark, parse_state, state_of
from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound
from folkmoot.core.ids import CollectionId, ObjectId, PrincipalId, Revision
from folkmoot.database.statement import Transaction
from folkmoot.store import collections as stored_collections
from folkmoot.store import home
from folkmoot.store.records import Change, Kind, ObjectMeta, StoredObject

COMPONENTS: Final = {
    Kind.CALENDAR: ("VEVENT", "VTODO", "VJOURNAL"),
    Kind.ADDRESSBOOK: ("VCARD", "VLIST"),
}
_NEVER: Final = Revision(0)


@dataclass(frozen=True, slots=True)
class Found:
    """An object as the caller is shown it, and the collection that it is in."""

    seen: Seen
    stored: StoredObject


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list tells of an object, and the collection that it is in."""

    seen: Seen
    meta: ObjectMeta


@dataclass(frozen=True, slots=True)
class HomeChanges:
    """What happened to objects since a state, each told once."""

    created: Sequence[ObjectId]
    updated: Sequence[ObjectId]
    destroyed: Sequence[ObjectId]
    state: str
    more: bool  # happened, and is told from ``state`` on


class HomeObjects:
    """Objects of homes, seen through the caller's rights."""

    def __init__(self, access: Access, collections: Collections) -> None:
        self._access = access
        self._collections = collections

    async def state(self, caller: Caller, owner: PrincipalId, kind: Kind) -> str:
        """Return the state of all that the caller is shown of a home."""
        return str(state_of(await self._collections.home(caller, owner, kind)))

    async def by_oid(
        self, caller: Caller, owner: PrincipalId, kind: Kind, oids: Iterable[ObjectId]
    ) -> dict[ObjectId, Found]:
        """Return those of the objects with these numbers that the caller is shown, in one statement."""
        access = self._access
        viewer = await access.viewer(caller, owner)
        wanted = list(oids)

        async def work(tx: Transaction) -> tuple[dict[CollectionId, Seen], list[tuple[CollectionId, StoredObject]]]:
            rows = await home.numbered(tx, owner, kind, wanted)
            unique = {collection.id: collection for collection, _ in rows}
            seen = await access.all_with_rights(tx, caller, list(unique.values()))
            return {one.collection.id: one for one in seen}, [(collection.id, stored) for collection, stored in rows]

        seen, rows = await access.look(work)
        found: dict[ObjectId, Found] = {}
        for one in seen.values():
            own = [stored for collection, stored in rows if collection == one.collection.id]
            for stored in await access.restriction.all_stored(one.rights, one.collection, own, viewer):
                found[stored.meta.oid] = Found(one, stored)
        return found

    async def listed(
        self,
        caller: Caller,
        owner: PrincipalId,
        kind: Kind,
        components: Sequence[str],
        *,
        start: int | None = None,
        end: int | None = None,
        only: frozenset[CollectionId] | None = None,
    ) -> tuple[str, list[Listed]]:
        """Return the home's state and what lists tell of its objects that may be in ``[start, end)``.

        Seconds since 1970 UTC, ``None`` is unbounded; ``only`` names the collections that are asked about.
        """
        access = self._access
        viewer = await access.viewer(caller, owner)
        visible = await self._collections.home(caller, owner, kind)
        asked = {one.collection.id: one for one in visible if only is None or one.collection.id in only}
        rows = await access.look(lambda tx: home.listed(tx, list(asked), components, start=start, end=end))
        shown = (
            Listed(asked[one], meta)
            for one, row in rows
            if (meta := access.restriction.meta(asked[one].rights, kind, row, viewer)) is not None
        )
        return str(state_of(visible)), list(shown)

    async def whole(
        self,
        caller: Caller,
        owner: PrincipalId,
        kind: Kind,
        components: Sequence[str],
        *,
        start: int | None = None,
        end: int | None = None,
        only: frozenset[CollectionId] | None = None,
    ) -> tuple[str, list[Found]]:
        """Return the same as ``listed`` with bodies, restricted where the caller is shown a restricted copy."""
        access = self._access
        viewer = await access.viewer(caller, owner)
        visible = await self._collections.home(caller, owner, kind)
        asked = {one.collection.id: one for one in visible if only is None or one.collection.id in only}
        rows = await access.look(lambda tx: home.whole(tx, list(asked), components, start=start, end=end))
        grouped: dict[CollectionId, list[StoredObject]] = {}
        for one, stored in rows:
            grouped.setdefault(one, []).append(stored)
        found: list[Found] = []
        for one, own in grouped.items():
            seen = asked[one]
            shown = await access.restriction.all_stored(seen.rights, seen.collection, own, viewer)
            found += [Found(seen, stored) for stored in shown]
        return str(state_of(visible)), found

    async def collection(self, caller: Caller, owner: PrincipalId, kind: Kind, number: CollectionId) -> Seen:
        """Return a collection of this home by its id.

        Raises:
            NotFound: none of this kind in this home, or the caller may not know of it.
        """
        access = self._access

        async def work(tx: Transaction) -> Seen:
            found = await stored_collections.get(tx, number)
            seen = await access.with_rights(tx, caller, found) if (found.owner, found.kind) == (owner, kind) else None
            if seen is None:
                raise NotFound("no such collection")
            return seen

        return await access.look(work)

    async def changes(
        self,
        caller: Caller,
        owner: PrincipalId,
        kind: Kind,
        since: str,
        limit: int,
        components: Sequence[str] | None = None,
    ) -> HomeChanges:
        """Return what changed since a state, at most ``limit`` objects, in at most three statements.

        ``components`` are those that are told of; all of the kind if none are named.

        Raises:
            SyncTokenInvalid: the client must start again: an unknown or too old state, other rights since, or a
                collection that is gone with all that was in it.
        """
        access = self._access
        viewer = await access.viewer(caller, owner)
        visible = {one.collection.id: one for one in await self._collections.home(caller, owner, kind)}
        known = _known(parse_state(since), visible)
        marks = [
            (one, known.get(one, _NEVER), seen.collection.revision)
            for one, seen in visible.items()
            if known.get(one, _NEVER) < seen.collection.revision
        ]
        told = COMPONENTS[kind] if components is None else components

        async def work(tx: Transaction) -> tuple[list[tuple[CollectionId, Change]], list[tuple[CollectionId, Change]]]:
            rows = await home.changes(tx, marks, told, limit + 1) if marks else []
            # Only what came or went may have come from, or gone to, another collection.
            oids = {row.oid for one, row in rows if row.meta is None or row.created_revision > known.get(one, _NEVER)}
            return rows, await home.lives(tx, list(visible), oids) if oids and len(visible) > 1 else rows

        rows, lives = await access.look(work)
        page = rows[:limit]
        before = {row.oid for one, row in [*page, *lives] if one in known and _lived(row, known[one])}
        # What an earlier page told of as moved from there, to where this state has not reached yet.
        left = {row.oid for one, row in lives if row.meta is None and row.revision <= known.get(one, _NEVER)}
        before |= {
            row.oid for one, row in page if row.oid in left and row.created_revision > known.get(one, row.revision)
        }
        now = {
            row.oid
            for one, row in [*page, *lives]
            if row.meta is not None and access.restriction.meta(visible[one].rights, kind, row.meta, viewer) is not None
        }
        touched = dict.fromkeys(row.oid for _, row in page)
        return HomeChanges(
            created=[oid for oid in touched if oid in now and oid not in before],
            updated=[oid for oid in touched if oid in now and oid in before],
            destroyed=[oid for oid in touched if oid not in now and oid in before],
            state=str(_reached(visible, known, page if len(rows) > limit else None)),
            more=len(rows) > limit,
        )


def _known(state: HomeState | None, visible: dict[CollectionId, Seen]) -> dict[CollectionId, Revision]:
    """Return how much of each collection the client knows that gives this state."""
    if state is None:
        raise SyncTokenInvalid("this is no state of this kind")
    for one, mark in state.marks.items():
        seen = visible.get(one)
        if seen is None:
            raise SyncTokenInvalid("a collection is gone, or no longer shown")
        start = seen.collection.history_start if mark.revision else _NEVER  # of nothing known, no history is needed
        if not start <= mark.revision <= seen.collection.revision:
            raise SyncTokenInvalid("the state is too old")
        if mark.shown != seen.rights.shown:
            raise SyncTokenInvalid("the rights have changed since the state was given")
    return {one: mark.revision for one, mark in state.marks.items()}


def _lived(row: Change, since: Revision) -> bool:
    """Whether this life of an object was going on at that revision of its collection."""
    return row.created_revision <= since and (row.meta is not None or row.revision > since)


def _reached(
    visible: dict[CollectionId, Seen],
    known: dict[CollectionId, Revision],
    page: Sequence[tuple[CollectionId, Change]] | None,
) -> HomeState:
    """Return the state after a page; None is one that nothing is left after."""
    if not page:
        return state_of(visible.values())
    last, row = page[-1]
    marks: dict[CollectionId, Mark] = {}
    for one, seen in visible.items():
        shown = seen.rights.shown
        if one < last:
            marks[one] = Mark(seen.collection.revision, shown)
        elif one == last:
            marks[one] = Mark(row.revision, shown)
        else:
            marks[one] = Mark(known.get(one, _NEVER), shown)
    return HomeState(marks)
