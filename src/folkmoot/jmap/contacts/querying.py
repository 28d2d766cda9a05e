"""``ContactCard/query``: answered by the index where it tells, else by the cards (RFC 9610 section 3.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import msgspec

from folkmoot.addressbooks.search_texts import SearchTexts
from folkmoot.collections.access import Seen
from folkmoot.collections.home_objects import COMPONENTS
from folkmoot.collections.turns import Turns
from folkmoot.core.ids import CollectionId, ObjectId
from folkmoot.jmap.calendars.querying import windowed
from folkmoot.jmap.contacts.cards import Names, show, show_person
from folkmoot.jmap.contacts.conditions import (
    CardCondition,
    Filter,
    Subject,
    asks_texts,
    book_named,
    check,
    conditions_of,
    holds,
    properties_of,
    raw_text,
    slashed,
)
from folkmoot.jmap.contacts.ids import book_id, book_of_id, card_id, person_id, source_of_id
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.filtering import Comparator, parse_filter
from folkmoot.jmap.protocol.standard import Listed, QueryArguments
from folkmoot.store.records import Kind, StoredObject
from folkmoot.vcard import AddressFilter, MatchType, PropFilter, TextMatch
from folkmoot.vcard.summary import search_fold

READ_MAX: Final = 20_000  # cards that one query reads because the index does not tell
_SOURCE_TEXTS: Final = ("text", "name", "name_given", "name_surname", "email", "nickname", "organization", "phone")
_SOURCE_PROPERTIES: Final = ("FN", "N", "EMAIL", "NICKNAME", "ORG", "TEL")


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of an answer."""

    id: str
    subject: Subject


Key: TypeAlias = Callable[[Hit], Any]


async def search(call: Call[QueryArguments]) -> Listed:
    """Return the ids of a query's window.

    Raises:
        MethodFailed: a filter or order that is not known.
    """
    asked = call.arguments
    condition: Filter = parse_filter(slashed(asked.filter), CardCondition)
    check(condition)
    order = [_comparing(one) for one in asked.sort or [Comparator(property="name")]]
    book = book_named(condition)
    source = None if book is None else source_of_id(book)
    if source is None:
        state, hits = await _stored(call, condition, sorts_names=any(named for _, _, named in order))
    else:
        state = await call.services.home_objects.state(call.caller, call.account.owner, Kind.ADDRESSBOOK)
        hits = await _people(call, condition, source, book or "")
    hits.sort(key=lambda hit: hit.id)
    for key, ascending, _ in reversed(order):
        hits.sort(key=key, reverse=not ascending)
    start, ids, limit = windowed([hit.id for hit in hits], asked)
    return Listed(state, ids, start, len(hits), limit=limit)


async def _stored(call: Call[QueryArguments], condition: Filter, *, sorts_names: bool) -> tuple[str, list[Hit]]:
    services, caller, owner = call.services, call.caller, call.account.owner
    homes = services.home_objects
    named = book_named(condition)
    only = None
    if named is not None:
        number = book_of_id(named)
        only = frozenset() if number is None else frozenset([number])
    components = COMPONENTS[Kind.ADDRESSBOOK]
    state, listed = await homes.listed(caller, owner, Kind.ADDRESSBOOK, components, only=only)
    texts: dict[CollectionId, SearchTexts] = {}
    if listed and (sorts_names or asks_texts(condition)):
        books: dict[CollectionId, Seen] = {one.seen.collection.id: one.seen for one in listed}
        texts = dict(await services.addressbooks.search_texts(list(books.values())))
    hits: list[Hit] = []
    unknown: list[Hit] = []
    turns = Turns()
    for one in listed:
        known = texts.get(one.seen.collection.id)
        text = known.of(one.meta.name) if known is not None else None
        hit = Hit(card_id(one.meta.oid), Subject(book_id(one.seen.collection.id), one.meta, text))
        held = holds(condition, hit.subject)
        if held is None:
            unknown.append(hit)
        elif held:
            hits.append(hit)
        await turns.pass_on()
    return state, hits + await _read(call, condition, unknown)


async def _read(call: Call[QueryArguments], condition: Filter, unknown: list[Hit]) -> list[Hit]:
    """Return those of the cards for which a filter holds, by what is written in them."""
    if len(unknown) > READ_MAX:
        raise MethodFailed("unsupportedFilter", f"this needs a look at more than {READ_MAX} cards")
    answers = call.services.addressbooks.answers
    question = msgspec.json.encode(call.arguments.filter, order="deterministic")
    hits: list[Hit] = []
    asked: dict[ObjectId, Hit] = {}
    for hit in unknown:
        held = answers.get(_key(hit, question))
        if held is None:
            asked[hit.subject.meta.oid] = hit
        elif held:
            hits.append(hit)
    homes, caller, owner = call.services.home_objects, call.caller, call.account.owner
    found = await homes.by_oid(caller, owner, Kind.ADDRESSBOOK, asked) if asked else {}
    names, turns, properties = Names(call), Turns(), properties_of(condition)
    for oid, one in found.items():
        subject = asked[oid].subject
        subject.raw = raw_text(one.stored.body)
        held = holds(condition, subject)
        if held is None:
            subject.value = await show(one, names, properties)
            held = bool(holds(condition, subject))
        subject.raw = None
        if subject.meta.component != "VLIST":  # what a list says depends on other cards
            answers.put(_key(asked[oid], question), held)
        if held:
            hits.append(asked[oid])
        await turns.pass_on()
    return hits


def _key(hit: Hit, question: bytes) -> tuple[object, ...]:
    """Return what names an answer: a book's revision stands for what was written in it."""
    return hit.subject.book, hit.subject.meta.revision, hit.subject.meta.oid, question


async def _people(call: Call[QueryArguments], condition: Filter, source: str, book: str) -> list[Hit]:
    """Return the cards of a user source; where it wants a search, only those that one finds."""
    books, caller, owner = call.services.directory_books, call.caller, call.account.owner
    if owner != caller.principal or await books.find(caller, owner, source) is None:
        return []
    found: list[StoredObject] = []
    wanted = _source_filter(condition)
    if wanted is None:
        found = await books.list_(caller, source)
    else:
        found, _ = await books.query(caller, source, wanted, None)
    hits = []
    for stored in found:
        id_ = person_id(source, stored.meta.name)
        if id_ is not None:
            hit = Hit(id_, Subject(book, stored.meta, None, show_person(source, stored, id_)))
            if holds(condition, hit.subject):
                hits.append(hit)
    return hits


def _source_filter(condition: Filter) -> AddressFilter | None:
    """Return what a user source is asked for: cards that say one of the words somewhere; the filter itself follows."""
    words = [
        text.split()[0]
        for one in conditions_of(condition)
        for name in _SOURCE_TEXTS
        if (text := getattr(one, name)) is not None and text.strip()
    ]
    if not words:
        return None
    matches = tuple(TextMatch(word, match_type=MatchType.CONTAINS) for word in dict.fromkeys(words))
    return AddressFilter(tuple(PropFilter(name, text_matches=matches) for name in _SOURCE_PROPERTIES))


def _part(place: int) -> Key:
    """Return the order by a part of N; who has none is ordered by the name that is shown."""

    def key(hit: Hit) -> str:
        lines = hit.subject.lines(("N",))
        if lines is None and hit.subject.value is not None:
            kind = ("surname", "given")[place] if place < 2 else "surname2"  # noqa: PLR2004  # parts of N
            components = (hit.subject.value.get("name") or {}).get("components") or ()
            return next((search_fold(one["value"]) for one in components if one["kind"] == kind), _title(hit))
        parts = lines[0].split(";") if lines else []
        return (parts[place].strip() if place < len(parts) else "") or _title(hit)

    return key


def _title(hit: Hit) -> str:
    return search_fold(hit.subject.meta.title)


_ORDERS: Final[dict[str, tuple[Key, bool]]] = {
    "created": (lambda hit: hit.subject.meta.created_at, False),
    "updated": (lambda hit: hit.subject.meta.modified_at, False),
    "name": (_title, False),
    "name/given": (_part(1), True),
    "name/surname": (_part(0), True),
    "name/surname2": (_part(5), True),
}


def _comparing(one: Comparator) -> tuple[Key, bool, bool]:
    """Return the key, whether it ascends, and whether it needs the search texts."""
    known = _ORDERS.get(one.property)
    if known is None:
        raise MethodFailed("unsupportedSort", f"there is no order by {one.property[:60]}")
    return known[0], one.is_ascending, known[1]
