"""One look at the document behind a web calendar, and what of it has to be written.

Fetching and reading happen outside of transactions; two looks at once do no harm.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from folkmoot.calendars.web.credentials import CredentialKey, unseal
from folkmoot.calendars.web.feeds import Feed, read_feed
from folkmoot.collections.access import Access
from folkmoot.collections.content import Checked
from folkmoot.core.errors import Conflict, FolkmootError, MalformedInput, NotFound, TooLarge, Unsupported
from folkmoot.core.ids import CollectionId, ResourceName
from folkmoot.database.statement import Transaction
from folkmoot.fetch.errors import FetchFailed
from folkmoot.fetch.fetcher import Fetched, Fetcher
from folkmoot.store import collections as stored_collections
from folkmoot.store import objects
from folkmoot.store import web_calendars as stored
from folkmoot.store.records import Collection, Kind, NewObject, ObjectMeta, etag_of, uid_key
from folkmoot.store.web_calendars import WebCalendar

T = TypeVar("T")

INVALID_CONTENT: Final = "invalid-calendar-content"
BATCH: Final = 200  # objects of one transaction, so that other writers get their turn
RACES_MAX: Final = 3  # looks at one calendar that may come in each other's way
DAY_MS: Final = 24 * 3_600_000
STALE_MS: Final = 7 * DAY_MS  # of failures only, after which one look a day is enough


@dataclass(frozen=True, slots=True)
class Report:
    """How a look went: SOGo's ``status`` and ``imported``; ``error`` is its word for what failed, or empty."""

    imported: int = 0  # objects that the calendar has now; 0 if the look failed
    status: int = 200  # of HTTP; 0: nobody answered
    error: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class _Difference:
    """What has to be written, to make the copy say what the document says."""

    put: Sequence[tuple[NewObject, Checked, bool]]
    gone: Sequence[ResourceName]


class WebRefresh:
    """Looks at the documents; ``interval_minutes`` lie between two looks at one."""

    def __init__(self, access: Access, fetcher: Fetcher, *, interval_minutes: int = 60) -> None:
        self._access = access
        self._fetcher = fetcher
        self._interval_ms = interval_minutes * 60_000
        self._random = random.Random()  # noqa: S311  # jitter only
        self._key = CredentialKey(access.database)
        self._reading = asyncio.Semaphore(1)  # a large document takes ten times its size while it is read

    async def refresh(self, collection_id: CollectionId) -> Report | None:
        """Make the copy say what the document says; None if there is no such calendar any more.

        Raises:
            Unavailable: the database does not answer.
            Conflict: others keep writing the same; trying again later helps.
        """
        found = await self._access.database.read(lambda tx: stored.find(tx, collection_id))
        if found is None:
            return None
        collection, kept = found
        try:
            fetched = await self._fetch(kept)
            async with self._reading:
                count = await self._take(collection, fetched)
        except NotFound:  # removed meanwhile
            return None
        except FetchFailed as failed:
            report = Report(0, failed.status, failed.reason, str(failed))
        except (MalformedInput, TooLarge, Unsupported) as refusal:
            report = Report(0, 200, INVALID_CONTENT, str(refusal))
        else:
            return Report(count)
        now = self._access.clock.milliseconds()
        fault = f"{report.error}: {report.message}"
        await self._access.database.write(lambda tx: stored.note_failed(tx, collection_id, fault=fault, now=now))
        return report

    async def next_look(self, collection_id: CollectionId) -> int | None:
        """Return when to look again, in milliseconds; None if there is no such calendar any more."""
        found = await self._access.database.read(lambda tx: stored.find(tx, collection_id))
        if found is None:
            return None
        collection, kept = found
        now = self._access.clock.milliseconds()
        stale = bool(kept.fault) and now - (kept.fetched_at or collection.created_at) > STALE_MS
        pause = max(self._interval_ms, DAY_MS) if stale else self._interval_ms
        return now + int(pause * self._random.uniform(0.9, 1.1))

    async def _fetch(self, kept: WebCalendar) -> Fetched:
        credentials = None
        if kept.sealed_credentials is not None:
            credentials = unseal(await self._key.known(), kept.sealed_credentials, kept.collection_id)
        return await self._fetcher.get(kept.url, etag=kept.etag, last_modified=kept.last_modified, auth=credentials)

    async def _take(self, collection: Collection, fetched: Fetched) -> int:
        """Write what changed; return how many objects there are now."""
        if fetched.body is None:
            present = await self._access.database.read(lambda tx: objects.count(tx, collection.id))
            await self._note(collection, fetched)
            return present
        feed = await asyncio.to_thread(read_feed, fetched.body)
        checked = await asyncio.to_thread(self._checked, feed, collection)
        for attempt in range(1, RACES_MAX + 1):
            try:
                await self._write(collection, checked)
                break
            except Conflict:  # another refresh wrote the same
                if attempt == RACES_MAX:
                    raise
        await self._note(collection, fetched, feed.name)
        return len(checked)

    def _checked(self, feed: Feed, collection: Collection) -> dict[str, Checked]:
        """Return what the calendar takes of a document, by UID; what it does not take is left out."""
        content = self._access.contents[Kind.CALENDAR]
        found: dict[str, Checked] = {}
        for body in feed.bodies:
            try:
                checked = content.check(body, "text/calendar", collection)
            except FolkmootError:
                continue
            if checked.index.uid:
                found.setdefault(uid_key(checked.index.uid), checked)
        return found

    async def _write(self, collection: Collection, wanted: dict[str, Checked]) -> None:
        present = await self._access.database.read(lambda tx: objects.list_(tx, collection.id))
        difference = _difference(present, wanted)
        content = self._access.contents[Kind.CALENDAR]
        now = self._access.clock.milliseconds()
        for gone in _batches(difference.gone):

            async def bury(tx: Transaction, names: Sequence[ResourceName] = gone) -> None:
                for name in names:
                    await objects.delete(tx, collection.id, name, if_match=None, now=now)
                    await content.written(tx, collection, name, None, existed=True)

            await self._access.database.write(bury)
        for part in _batches(difference.put):

            async def put(tx: Transaction, rows: Sequence[tuple[NewObject, Checked, bool]] = part) -> None:
                await objects.put_many(tx, collection.id, [row for row, _, _ in rows], now)
                for row, checked, existed in rows:
                    await content.written(tx, collection, row.name, checked, existed=existed)

            await self._access.database.write(put)

    async def _note(self, collection: Collection, fetched: Fetched, name: str = "") -> None:
        now = self._access.clock.milliseconds()

        async def work(tx: Transaction) -> None:
            await stored.note_fetched(
                tx, collection.id, etag=fetched.etag, last_modified=fetched.last_modified, now=now
            )
            if not name or not collection.properties.get("named_by_document"):
                return
            await stored_collections.raise_revision(tx, collection.id, now=now)
            present = await stored_collections.get(tx, collection.id)
            properties = {k: v for k, v in present.properties.items() if k != "named_by_document"}
            if present.properties.get("displayname") == collection.properties.get("displayname"):
                properties["displayname"] = name
            await stored_collections.set_properties(
                tx, present.id, properties=properties, dead_properties=present.dead_properties, now=now
            )

        await self._access.database.write(work)


def _difference(present: Sequence[ObjectMeta], wanted: dict[str, Checked]) -> _Difference:
    put: list[tuple[NewObject, Checked, bool]] = []
    known = {meta.uid: meta for meta in present if meta.uid is not None}
    for uid, checked in wanted.items():
        old = known.get(uid)
        etag = etag_of(checked.body)
        if old is not None and old.etag == etag:
            continue
        # The name follows from the UID, so that refreshes at the same time write the same.
        name = old.name if old is not None else ResourceName(f"{etag_of(uid.encode(errors='replace'))}.ics")
        put.append((NewObject(name, checked.body, etag, checked.content_type, checked.index), checked, old is not None))
    return _Difference(put, [meta.name for meta in present if meta.uid not in wanted])


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
