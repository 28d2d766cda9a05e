"""Whether rooms, things and people are free for a meeting, and who may book a room or a thing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.ids import CollectionId, PrincipalId, ResourceName
from folkmoot.database.statement import Transaction
from folkmoot.directory.principal import Principal
from folkmoot.ical import Component, occurrences, parse
from folkmoot.scheduling.meeting import answer, own_line
from folkmoot.scheduling.values import Address
from folkmoot.sharing.rights import rights_of
from folkmoot.store import grants, meetings
from folkmoot.store.records import Collection, ObjectMeta, uid_key

AHEAD: Final = timedelta(days=366)  # how far a recurring booking is compared with others, as with SOGo
OCCURRENCES_MAX: Final = 1_000  # of one booking that are compared: three a day for a year
_NOT_TAKEN: Final = frozenset(["DECLINED", "DELEGATED"])  # answers that leave the time free


@dataclass(frozen=True, slots=True)
class Booking:
    """A time that is taken, in UTC; ``end`` is not included."""

    start: datetime
    end: datetime
    title: str  # empty: not for everybody's eyes


def wanted_times(calendar: Component, now: datetime, zone: tzinfo) -> list[Booking]:
    """Return when a meeting takes place: what is still to come, a year ahead at most if it recurs.

    Raises:
        MalformedInput: a date, time, duration or rule cannot be read.
    """
    found: list[Booking] = []
    end: datetime | None = None
    for one in occurrences(calendar, now, default_zone=zone):
        end = end or max(now, one.start) + AHEAD
        if one.start >= end or len(found) >= OCCURRENCES_MAX:
            break
        if one.component.name == "VEVENT" and not _is_free(one.component):
            found.append(Booking(one.start, one.end, one.component.text("SUMMARY") or ""))
    return found


def _is_free(component: Component) -> bool:
    status = (component.text("STATUS") or "").upper()
    return status == "CANCELLED" or (component.text("TRANSP") or "").upper() == "TRANSPARENT"


async def bookings(
    tx: Transaction,
    calendars: Mapping[PrincipalId, Sequence[Collection]],
    addresses: Mapping[PrincipalId, frozenset[Address]],
    times: Sequence[Booking],
    *,
    uid: str,
    zone: tzinfo,
) -> dict[PrincipalId, list[Booking]]:
    """Return what takes the time of each of these principals while ``times`` last, the meeting ``uid`` itself aside."""
    found: dict[PrincipalId, list[Booking]] = {principal: [] for principal in calendars}
    if not times:
        return found
    start, end = min(one.start for one in times), max(one.end for one in times)
    owners = {one.id: principal for principal, ones in calendars.items() for one in ones if _counts(one)}
    rows = await meetings.in_range(
        tx, list(owners), component="VEVENT", start=int(start.timestamp()), end=int(end.timestamp())
    )
    vague: dict[tuple[CollectionId, ResourceName], ObjectMeta] = {}
    for collection_id, meta in rows:
        if meta.uid == uid_key(uid) or meta.participation in _NOT_TAKEN:
            continue
        if meta.exact:
            found[owners[collection_id]] += _exact(meta)
        else:
            vague[collection_id, meta.name] = meta
    for place, body in (await meetings.bodies_of(tx, list(vague))).items():
        owner = owners[place[0]]
        times_taken = _expanded(parse(body), start, end, addresses[owner], zone)
        found[owner] += (
            times_taken if not vague[place].classification else [replace(one, title="") for one in times_taken]
        )
    return found


def _counts(calendar: Collection) -> bool:
    return not (calendar.properties.get("transparent") or calendar.properties.get("read_only"))


def _exact(meta: ObjectMeta) -> list[Booking]:
    if meta.transparent or meta.status == "CANCELLED" or meta.starts_at is None or meta.ends_at is None:
        return []
    title = "" if meta.classification else meta.title
    return [Booking(datetime.fromtimestamp(meta.starts_at, UTC), datetime.fromtimestamp(meta.ends_at, UTC), title)]


def _expanded(
    calendar: Component, start: datetime, end: datetime, owner: frozenset[Address], zone: tzinfo
) -> list[Booking]:
    found = []
    for one in occurrences(calendar, start, end, default_zone=zone):
        line = own_line(one.component, owner)
        if not _is_free(one.component) and (line is None or answer(line) not in _NOT_TAKEN):
            found.append(Booking(one.start, one.end, one.component.text("SUMMARY") or ""))
    return found


def conflict(times: Sequence[Booking], taken: Sequence[Booking], room_for: int) -> Booking | None:
    """Return a booking in the way of ``times`` where ``room_for`` are taken at once already."""
    by_end = sorted(taken, key=lambda one: one.start)
    for wanted in times:
        overlapping = []
        for one in by_end:
            if one.start >= wanted.end:
                break
            if one.end > wanted.start:
                overlapping.append(one)
        if len(overlapping) >= room_for:
            return overlapping[0]
    return None


async def may_book(tx: Transaction, caller: Caller, resource: Principal, calendar: Collection | None) -> bool:
    """Whether the caller may put bookings into a resource's calendar; rights are enforced where any are given."""
    if calendar is None or caller.superuser:
        return True
    given = (await grants.of(tx, [calendar.id])).get(calendar.id, {})
    return not given or rights_of(caller, resource.id, given).create
