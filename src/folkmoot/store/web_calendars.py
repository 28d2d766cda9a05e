"""Calendars that are copies of a document on the web: where it is, and how the last look at it went."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy import bindparam

from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.schema import collection, web_calendar
from folkmoot.store.columns import COLLECTION, collection_of, length_of, plain, require_text
from folkmoot.store.records import Collection, Kind

URL_MAX: Final = 2048  # characters; the column holds more
FAULT_MAX: Final = length_of(web_calendar.c.fault)
ETAG_MAX: Final = length_of(web_calendar.c.etag)
LAST_MODIFIED_MAX: Final = length_of(web_calendar.c.last_modified)


@dataclass(frozen=True, slots=True)
class WebCalendar:
    """One such calendar; times in milliseconds since 1970 UTC."""

    collection_id: CollectionId
    url: str
    sealed_credentials: str | None
    reload_on_login: bool
    etag: str  # validators of the last good answer; "" none
    last_modified: str
    fetched_at: int  # the last good copy; 0: none yet
    checked_at: int  # the last attempt; 0: none yet
    fault: str  # of the last attempt; "": none


_COLUMNS: Final = tuple(web_calendar.c[name] for name in WebCalendar.__slots__)
_COUNT: Final = len(COLLECTION)
_THIS: Final = web_calendar.c.collection_id == bindparam("id_")
_BOTH: Final = web_calendar.join(collection, collection.c.id == web_calendar.c.collection_id)

_FIND: Final = Statement(sa.select(*COLLECTION, *_COLUMNS).select_from(_BOTH).where(_THIS))
_LIST: Final = Statement(
    sa.select(*COLLECTION, *_COLUMNS)
    .select_from(_BOTH)
    .where(collection.c.owner == bindparam("owner"), collection.c.kind == bindparam("kind"))
    .order_by(collection.c.name)
)
_ADD: Final = Statement(sa.insert(web_calendar))
_SET_CREDENTIALS: Final = Statement(
    # Other credentials may show another calendar: the old validators say nothing about it.
    sa.update(web_calendar)
    .where(_THIS)
    .values(sealed_credentials=bindparam("sealed"), etag=sa.literal_column("''"), last_modified=sa.literal_column("''"))
)
_SET_RELOAD: Final = Statement(sa.update(web_calendar).where(_THIS).values(reload_on_login=bindparam("wanted")))
_FETCHED: Final = Statement(
    sa.update(web_calendar)
    .where(_THIS)
    .values(
        etag=bindparam("new_etag"),
        last_modified=bindparam("new_last_modified"),
        fetched_at=bindparam("now"),
        checked_at=bindparam("now"),
        fault=sa.literal_column("''"),
    )
)
_FAILED: Final = Statement(
    sa.update(web_calendar).where(_THIS).values(checked_at=bindparam("now"), fault=bindparam("new_fault"))
)


async def add(
    tx: Transaction, collection_id: CollectionId, *, url: str, sealed_credentials: str | None, reload_on_login: bool
) -> None:
    """Say of a new collection that it is the copy of a document.

    Raises:
        TooLarge: the URL is too long.
        MalformedInput: a URL that no column can hold.
    """
    require_text("the URL", url, URL_MAX)
    await tx.execute(
        _ADD,
        collection_id=collection_id,
        url=url,
        sealed_credentials=sealed_credentials,
        reload_on_login=int(reload_on_login),
        etag="",
        last_modified="",
        fetched_at=0,
        checked_at=0,
        fault="",
    )


async def find(tx: Transaction, collection_id: CollectionId) -> tuple[Collection, WebCalendar] | None:
    """Return a web calendar with its collection."""
    row = await tx.fetch_one(_FIND, id_=collection_id)
    return None if row is None else _both_of(row)


async def list_home(tx: Transaction, owner: PrincipalId) -> list[tuple[Collection, WebCalendar]]:
    """Return the web calendars of a home, by name."""
    return [_both_of(row) for row in await tx.fetch_all(_LIST, owner=owner, kind=Kind.CALENDAR.value)]


async def set_credentials(tx: Transaction, collection_id: CollectionId, sealed: str | None) -> None:
    """Replace the credentials; the next look fetches the whole document."""
    await tx.execute(_SET_CREDENTIALS, id_=collection_id, sealed=sealed)


async def set_reload_on_login(tx: Transaction, collection_id: CollectionId, *, wanted: bool) -> None:
    """Say whether the document is looked at when its owner signs in."""
    await tx.execute(_SET_RELOAD, id_=collection_id, wanted=int(wanted))


async def note_fetched(
    tx: Transaction, collection_id: CollectionId, *, etag: str, last_modified: str, now: int
) -> None:
    """Note that the copy is that of now; validators that are too long are not kept."""
    await tx.execute(
        _FETCHED,
        id_=collection_id,
        new_etag=etag if len(etag) <= ETAG_MAX else "",
        new_last_modified=last_modified if len(last_modified) <= LAST_MODIFIED_MAX else "",
        now=now,
    )


async def note_failed(tx: Transaction, collection_id: CollectionId, *, fault: str, now: int) -> None:
    """Note an attempt that failed; the last good copy stays with its age."""
    await tx.execute(_FAILED, id_=collection_id, new_fault=plain(fault)[:FAULT_MAX], now=now)


def _both_of(row: Row) -> tuple[Collection, WebCalendar]:
    number, url, sealed, reload_on_login, etag, last_modified, fetched_at, checked_at, fault = row[_COUNT:]
    kept = WebCalendar(
        CollectionId(number),
        url,
        sealed,
        reload_on_login != 0,
        etag,
        last_modified,
        fetched_at,
        checked_at,
        fault,
    )
    return collection_of(row[:_COUNT]), kept
