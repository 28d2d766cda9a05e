"""Querying address books: by filter, as one file (RFC 6352 section 8.6)."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from folkmoot.addressbooks.search_texts import SearchTexts
from folkmoot.collections.access import Access, Seen
from folkmoot.collections.content import Place
from folkmoot.collections.objects import may_view
from folkmoot.core.caller import Caller
from folkmoot.core.ids import CollectionId
from folkmoot.core.memo import Memo
from folkmoot.database.statement import Transaction
from folkmoot.store import objects
from folkmoot.store.records import Collection, StoredObject
from folkmoot.store.searching import searches
from folkmoot.vcard import AddressFilter, Prefilter, match, parse, prefilter

SEARCHES_MAX: Final = 64  # books whose search texts one worker keeps: some 20 MB of a thousand cards each
_PAUSE_EVERY: Final = 50  # cards matched before others get their turn on the event loop


class AddressBooks:
    """Address books as a whole, seen through the caller's rights."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._matches: Memo[bool] = Memo(100_000)
        self._searches: Memo[SearchTexts] = Memo(SEARCHES_MAX)
        # What faces found out by reading cards, under a key that names collection, revision, number and question.
        self.answers: Memo[bool] = Memo(100_000)

    async def query(
        self, caller: Caller, place: Place, wanted: AddressFilter, limit: int | None, *, seen: Seen | None = None
    ) -> tuple[Seen, list[StoredObject], bool]:
        """Return the cards that match, at most ``limit``, and whether there are more.

        ``seen`` as in ``Access.get``.

        Raises:
            NotFound: no such address book for this caller.
        """
        index = prefilter(wanted)

        async def work(tx: Transaction) -> tuple[Seen, list[StoredObject]]:
            book = await self._access.get(tx, caller, place, seen)
            if index is None:
                rows = await objects.list_(tx, book.collection.id, bodies=True)
            else:
                names = (await self._search_texts(tx, book)).names(index)
                if index.exact and limit is not None:
                    names = names[: limit + 1]
                rows = await objects.get_many(tx, book.collection.id, names, bodies=True)
            return book, [row for row in rows if may_view(book.rights, row.meta)]

        book, candidates = await self._access.read(caller, place, work)
        found: list[StoredObject] = []
        for count, row in enumerate(candidates, 1):
            if self._matches_body(book.collection, row, wanted):
                if limit is not None and len(found) == limit:
                    return book, found, True
                found.append(row)
            if count % _PAUSE_EVERY == 0:
                await asyncio.sleep(0)
        return book, found, False

    async def bodies(self, caller: Caller, place: Place) -> list[bytes]:
        """Return all cards of a book as their clients wrote them.

        Raises:
            NotFound: no such address book for this caller.
        """

        async def work(tx: Transaction) -> list[bytes]:
            seen = await self._access.get(tx, caller, place)
            rows = await objects.list_(tx, seen.collection.id, bodies=True)
            return [row.body for row in rows if may_view(seen.rights, row.meta)]

        return await self._access.read(caller, place, work)

    async def find(self, books: Sequence[Seen], wanted: Prefilter, most: int) -> list[tuple[Seen, StoredObject]]:
        """Return cards of books that the caller has just got whose search text meets ``wanted``, ``most`` of each."""

        async def work(tx: Transaction) -> list[tuple[Seen, StoredObject]]:
            found: list[tuple[Seen, StoredObject]] = []
            for book in books:
                names = (await self._search_texts(tx, book)).names(wanted)[:most]
                rows = await objects.get_many(tx, book.collection.id, names, bodies=True) if names else []
                found += [(book, row) for row in rows if may_view(book.rights, row.meta)]
            return found

        return await self._access.look(work)

    async def search_texts(self, books: Sequence[Seen]) -> Mapping[CollectionId, SearchTexts]:
        """Return the search texts of books that the caller has just got."""

        async def work(tx: Transaction) -> dict[CollectionId, SearchTexts]:
            return {book.collection.id: await self._search_texts(tx, book) for book in books}

        return await self._access.look(work)

    async def _search_texts(self, tx: Transaction, seen: Seen) -> SearchTexts:
        # A revision names a book's content for good, so that no entry ever goes stale.
        key = (seen.collection.id, seen.collection.revision)
        known = self._searches.get(key)
        return known or self._searches.put(key, SearchTexts(await searches(tx, seen.collection.id)))

    def _matches_body(self, book: Collection, row: StoredObject, wanted: AddressFilter) -> bool:
        # The answer depends on nothing but the body, and a body on nothing but its revision.
        key = (book.id, row.meta.revision, wanted)
        known = self._matches.get(key)
        if known is None:
            known = self._matches.put(key, match(parse(row.body), wanted))
        return known
