"""The requests of each row of the table, for one person on one server (design: budgets)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bench import corpus
from bench.client import Account

UNIQUE: Final = "@@UNIQUE@@"  # the load generator puts a new text here for every request
_XML: Final = '<?xml version="1.0" encoding="utf-8"?>'
_DAV: Final = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="urn:ietf:params:xml:ns:carddav"'
_START, _END = (f"{moment:%Y%m%dT%H%M%SZ}" for moment in corpus.MONTH)


class Row(StrEnum):
    """Which bar a row is held to."""

    OBJECT = "object"  # at least three times SOGo
    COLLECTION = "collection"  # at least five times SOGo


@dataclass(frozen=True, slots=True)
class Call:
    """One request to repeat."""

    method: str
    path: str
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Workload:
    """A row: its calls for one account, made when the account has been filled."""

    name: str
    row: Row
    calls: Callable[[Account], Sequence[Call]]
    answer: int  # the only status that counts


def _xml(method: str, path: str, body: str, depth: str = "1") -> Call:
    headers = (("Content-Type", "application/xml; charset=utf-8"), ("Depth", depth))
    return Call(method, path, _XML + body, headers)


def _put_event(account: Account) -> Sequence[Call]:
    text = corpus.event(UNIQUE, corpus.MONTH[0])
    return [Call("PUT", f"{account.calendar}{UNIQUE}.ics", text, (("Content-Type", "text/calendar; charset=utf-8"),))]


def _replace_event(account: Account) -> Sequence[Call]:
    calls = []
    for uid, text in corpus.events()[1:20]:
        changed = text.replace("CLASS:PUBLIC", f"CLASS:PUBLIC\r\nX-BENCH:{UNIQUE}")
        calls.append(Call("PUT", f"{account.calendar}{uid}.ics", changed, (("Content-Type", "text/calendar"),)))
    return calls


def _put_card(account: Account) -> Sequence[Call]:
    return [
        Call(
            "PUT",
            f"{account.addressbook}{UNIQUE}.vcf",
            corpus.card(UNIQUE, 7),
            (("Content-Type", "text/vcard; charset=utf-8"),),
        )
    ]


def _get_event(account: Account) -> Sequence[Call]:
    return [Call("GET", f"{account.calendar}{uid}.ics") for uid, _ in corpus.events()[::10]]


def _propfind(account: Account) -> Sequence[Call]:
    return [
        _xml(
            "PROPFIND",
            account.calendar,
            f"<D:propfind {_DAV}><D:prop><D:getetag/><D:resourcetype/><D:getcontenttype/></D:prop></D:propfind>",
        )
    ]


def _month_from(account: Account, start: datetime) -> Call:
    end = start + timedelta(days=30)
    return _xml(
        "REPORT",
        account.calendar,
        f"<C:calendar-query {_DAV}><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter>"
        '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
        f'<C:time-range start="{start:%Y%m%dT%H%M%SZ}" end="{end:%Y%m%dT%H%M%SZ}"/>'
        "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>",
    )


def _month(account: Account) -> Sequence[Call]:
    return [_month_from(account, corpus.MONTH[0])]


def _any_month(account: Account) -> Sequence[Call]:
    return [_month_from(account, corpus.MONTH[0] + timedelta(days=days)) for days in range(-150, 150, 5)]


def _sync(account: Account, token: str) -> Call:
    return _xml(
        "REPORT",
        account.calendar,
        f"<D:sync-collection {_DAV}><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
        "<D:prop><D:getetag/></D:prop></D:sync-collection>",
    )


def _sync_initial(account: Account) -> Sequence[Call]:
    return [_sync(account, "")]


def _sync_one(account: Account) -> Sequence[Call]:
    return [_sync(account, account.token)]


def _multiget_from(account: Account, first: int) -> Call:
    hrefs = "".join(f"<D:href>{account.calendar}{uid}.ics</D:href>" for uid, _ in corpus.events()[first : first + 50])
    return _xml(
        "REPORT",
        account.calendar,
        f"<C:calendar-multiget {_DAV}><D:prop><D:getetag/><C:calendar-data/></D:prop>{hrefs}</C:calendar-multiget>",
    )


def _multiget(account: Account) -> Sequence[Call]:
    return [_multiget_from(account, 100)]


def _any_multiget(account: Account) -> Sequence[Call]:
    return [_multiget_from(account, first) for first in range(0, 900, 15)]


def _free_busy(account: Account) -> Sequence[Call]:
    if account.free_busy:
        return [Call("GET", account.free_busy)]
    return [
        _xml(
            "REPORT",
            account.calendar,
            f'<C:free-busy-query {_DAV}><C:time-range start="{_START}" end="{_END}"/></C:free-busy-query>',
        )
    ]


def _search_for(account: Account, word: str) -> Call:
    filters = "".join(
        f'<A:prop-filter name="{name}"><A:text-match collation="i;unicode-casemap" match-type="contains">{word}'
        "</A:text-match></A:prop-filter>"
        for name in ("FN", "EMAIL", "TEL")
    )
    return _xml(
        "REPORT",
        account.addressbook,
        f"<A:addressbook-query {_DAV}><D:prop><D:getetag/><A:address-data/></D:prop>"
        f'<A:filter test="anyof">{filters}</A:filter><A:limit><A:nresults>50</A:nresults></A:limit>'
        "</A:addressbook-query>",
    )


def _search(account: Account) -> Sequence[Call]:
    return [_search_for(account, word) for word in ("novák", "dmitri.3", "5550042", "grace")]


def _any_search(account: Account) -> Sequence[Call]:
    return [_search_for(account, f"{name.lower()}.{number}") for number in range(6) for name in corpus.NAMES]


# The rows named "any" ask something else each time, so that no server answers them from what it has just said.
# Reading comes first, so that every server is read with the same thousand objects and one change.
WORKLOADS: Final = (
    Workload("GET event", Row.OBJECT, _get_event, 200),
    Workload("PROPFIND of 1,000", Row.COLLECTION, _propfind, 207),
    Workload("month of 1,000", Row.COLLECTION, _month, 207),
    Workload("any month of 1,000", Row.COLLECTION, _any_month, 207),
    Workload("first sync of 1,000", Row.COLLECTION, _sync_initial, 207),
    Workload("sync with one change", Row.COLLECTION, _sync_one, 207),
    Workload("multiget of 50", Row.COLLECTION, _multiget, 207),
    Workload("any multiget of 50", Row.COLLECTION, _any_multiget, 207),
    Workload("free-busy of a month", Row.COLLECTION, _free_busy, 200),
    Workload("search in 1,000 cards", Row.COLLECTION, _search, 207),
    Workload("any search in 1,000", Row.COLLECTION, _any_search, 207),
    Workload("PUT changed event", Row.OBJECT, _replace_event, 204),
    Workload("PUT new event", Row.OBJECT, _put_event, 201),
    Workload("PUT new card", Row.OBJECT, _put_card, 201),
)
