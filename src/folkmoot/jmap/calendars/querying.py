"""``CalendarEvent/query`` and ``Task/query``, with the occurrences of what recurs where the client asks for them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final

from folkmoot.calendars.spans import SPANS_MAX
from folkmoot.collections.home_objects import Found
from folkmoot.collections.home_objects import Listed as ListedObject
from folkmoot.collections.turns import Turns
from folkmoot.core.ids import CollectionId
from folkmoot.jmap.calendars.conditions import (
    EventCondition,
    Filter,
    Subject,
    Window,
    check,
    holds,
    occurrences_of,
    reads_texts,
    window_of,
)
from folkmoot.jmap.calendars.events import addresses_of, zone_argument
from folkmoot.jmap.calendars.ids import collection_of_id, object_id
from folkmoot.jmap.calendars.occurring import recurrence_id_of, series_zone
from folkmoot.jmap.calendars.sorts import Sort
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.filtering import Comparator, Joined, Operator, parse_filter
from folkmoot.jmap.protocol.standard import ListDelta, Listed, QueryArguments, QueryChangesArguments
from folkmoot.store.records import Kind, ObjectMeta

EXPANDED_DAYS_MAX: Final = 366  # of a window whose occurrences are told one by one
EXPANDED_MAX: Final = 20_000  # occurrences of one answer, and of all that are looked at for it
ANSWER_MAX: Final = 10_000  # ids of one answer


class EventQueryArguments(QueryArguments):
    """Of ``CalendarEvent/query`` and ``Task/query``."""

    expand_recurrences: bool = False
    time_zone: str | None = None


class EventQueryChangesArguments(QueryChangesArguments):
    """Of ``CalendarEvent/queryChanges`` and ``Task/queryChanges``."""

    expand_recurrences: bool = False
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of an answer."""

    meta: ObjectMeta
    recurrence_id: str | None
    start: int  # seconds since 1970; what has no dates comes last

    @property
    def id(self) -> str:
        return object_id(self.meta.oid, self.recurrence_id)


async def search(of: Sort, call: Call[EventQueryArguments]) -> Listed:
    """Return the ids of a query's window.

    Raises:
        MethodFailed: a filter or order that is not known; ``expandDurationTooLarge``; ``cannotCalculateOccurrences``.
    """
    asked = call.arguments
    zone = zone_argument(asked.time_zone or "Etc/UTC")
    condition: Filter = parse_filter(asked.filter, EventCondition)
    check(condition, zone)
    order = [_comparing(one) for one in asked.sort or [Comparator(property="start")]]
    window = window_of(condition, zone)
    if asked.expand_recurrences:
        _check_expandable(window)
    state, hits = await _hits(of, call, condition, window, zone)
    hits.sort(key=lambda hit: hit.id)
    for key, ascending in reversed(order):
        hits.sort(key=key, reverse=not ascending)
    start, ids, limit = windowed([hit.id for hit in hits], asked)
    return Listed(state, ids, start, len(hits), limit=limit)


async def follow_search(of: Sort, _call: Call[EventQueryChangesArguments]) -> ListDelta:
    """Return nothing: which objects a filter held for before is not kept.

    Raises:
        MethodFailed: ``cannotCalculateChanges``, always.
    """
    raise MethodFailed("cannotCalculateChanges", f"{of.kind.name}/query is asked again")


async def _hits(
    of: Sort, call: Call[EventQueryArguments], condition: Filter, window: Window, zone: tzinfo
) -> tuple[str, list[Hit]]:
    services, caller, owner = call.services, call.caller, call.account.owner
    homes, expand = services.home_objects, call.arguments.expand_recurrences
    own = await addresses_of(call.context)
    start = None if window.start == Window().start else window.start
    end = None if window.end == Window().end else window.end
    only = _calendars(condition)
    found: Iterable[Found | ListedObject]
    if reads_texts(condition):
        state, found = await homes.whole(caller, owner, Kind.CALENDAR, (of.component,), start=start, end=end, only=only)
    else:
        state, found = await homes.listed(
            caller, owner, Kind.CALENDAR, (of.component,), start=start, end=end, only=only
        )
        found = list(found)
        # The index decides about what happens once; only of the others the text is read.
        if expand or _reads_dates(condition):
            vague = [one.meta.oid for one in found if isinstance(one, ListedObject) and not one.meta.exact]
            bodies = await homes.by_oid(caller, owner, Kind.CALENDAR, vague) if vague else {}
            found = [bodies.get(one.meta.oid, one) for one in found if isinstance(one, ListedObject)]
    hits: list[Hit] = []
    turns = Turns()
    for one in found:
        subject = _subject(one, services.zones.of(one.seen.collection), own)
        if expand and not subject.meta.exact and subject.body:
            hits += _expanded(subject, condition, window, zone)
        elif holds(condition, subject, zone):
            hits.append(Hit(subject.meta, None, _begins(subject.meta)))
        if expand and len(hits) > EXPANDED_MAX:
            raise MethodFailed("cannotCalculateOccurrences", f"there are more than {EXPANDED_MAX} occurrences")
        await turns.pass_on()
    return state, hits


def _subject(one: Found | ListedObject, zone: tzinfo, own: frozenset[str]) -> Subject:
    meta, body = (one.stored.meta, one.stored.body) if isinstance(one, Found) else (one.meta, b"")
    return Subject(one.seen.collection.id, meta, body, zone, own)


def _expanded(subject: Subject, condition: Filter, window: Window, zone: tzinfo) -> list[Hit]:
    found = occurrences_of(subject.calendar, window, subject.zone)
    if len(found) > SPANS_MAX:
        raise MethodFailed("cannotCalculateOccurrences", "an event recurs too often in this time")
    clock = series_zone(subject.calendar, subject.meta.component, subject.zone)
    hits = []
    for one in found:
        subject.occurrence = one
        if holds(condition, subject, zone):
            hits.append(Hit(subject.meta, recurrence_id_of(one, clock), int(one.start.timestamp())))
    return hits


def _check_expandable(window: Window) -> None:
    if not window.bounded:
        raise MethodFailed("invalidArguments", "expandRecurrences needs after and before")
    if window.end - window.start > EXPANDED_DAYS_MAX * 86_400:
        raise MethodFailed("expandDurationTooLarge", f"recurrences are expanded over {EXPANDED_DAYS_MAX} days at most")


def _reads_dates(condition: Filter) -> bool:
    if isinstance(condition, Joined):
        return any(map(_reads_dates, condition.conditions))
    return condition is not None and condition.after is not None and condition.before is not None


def _calendars(condition: Filter) -> frozenset[CollectionId] | None:
    """Return the only calendars for whose objects a filter may hold; None: all."""
    if isinstance(condition, EventCondition):
        holders = condition.holders
        return None if holders is None else frozenset(n for id_ in holders if (n := collection_of_id(id_)) is not None)
    if isinstance(condition, Joined) and condition.operator is Operator.AND:
        named = [found for one in condition.conditions if (found := _calendars(one)) is not None]
        return frozenset.intersection(*named) if named else None
    return None


def _begins(meta: ObjectMeta) -> int:
    return Window().end if meta.starts_at is None else meta.starts_at


Key = Callable[[Hit], Any]
_ORDERS: Final[dict[str, Key]] = {
    "start": lambda hit: hit.start,
    "due": lambda hit: Window().end if hit.meta.ends_at is None else hit.meta.ends_at,
    "uid": lambda hit: hit.meta.uid or "",
    "recurrenceId": lambda hit: hit.recurrence_id or "",
    "created": lambda hit: hit.meta.created_at,
    "updated": lambda hit: hit.meta.modified_at,
    "title": lambda hit: hit.meta.title.casefold(),
}


def _comparing(one: Comparator) -> tuple[Key, bool]:
    key = _ORDERS.get(one.property)
    if key is None:
        raise MethodFailed("unsupportedSort", f"there is no order by {one.property[:60]}")
    return key, one.is_ascending


def windowed(ids: Sequence[str], asked: QueryArguments) -> tuple[int, Sequence[str], int | None]:
    """Return position, ids and, where it is smaller than what was asked, limit of a window (RFC 8620 section 5.5).

    Raises:
        MethodFailed: ``anchorNotFound``.
    """
    if asked.anchor is not None:
        try:
            start = max(0, list(ids).index(asked.anchor) + asked.anchor_offset)
        except ValueError:
            raise MethodFailed("anchorNotFound", "the anchor is not in the answer") from None
    else:
        start = asked.position if asked.position >= 0 else max(0, len(ids) + asked.position)
    most = ANSWER_MAX if asked.limit is None else min(asked.limit, ANSWER_MAX)
    told = ANSWER_MAX if (asked.limit is None or asked.limit > ANSWER_MAX) and len(ids) - start > ANSWER_MAX else None
    return start, ids[start : start + most], told
