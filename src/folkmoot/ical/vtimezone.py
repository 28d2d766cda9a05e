"""A complete VTIMEZONE for an IANA zone (RFC 5545 section 3.6.5).

Changes are found by looking at the zone itself.  A run of yearly changes on the same weekday of
the same month, at the same time, becomes one observance with a rule; single changes stand alone.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from folkmoot.contentline import Line
from folkmoot.core.errors import NotFound
from folkmoot.ical.component import Component
from folkmoot.ical.recur import WEEKDAYS
from folkmoot.ical.values import Floating, format_offset, format_utc, format_when
from folkmoot.ical.zones import find_zone

YEARS_MAX: Final = 300  # a change is looked for in every day of them
RUN_MIN: Final = 3  # shorter runs of yearly changes are clearer one by one
_ONE_SECOND: Final = timedelta(seconds=1)
_LOOK: Final = timedelta(days=7)  # no zone has changed twice within a week since 1970


@dataclass(frozen=True, slots=True)
class _Change:
    instant: datetime  # UTC
    before: timedelta
    after: timedelta
    daylight: bool
    name: str

    @property
    def wall(self) -> datetime:
        return (self.instant + self.before).replace(tzinfo=None)

    @property
    def from_end(self) -> bool:
        """Whether the day lies in the last week of its month."""
        return (self.wall + timedelta(days=7)).month != self.wall.month

    def pattern(self, *, last: bool) -> tuple[object, ...] | None:
        """What two changes of one rule have in common; ``None`` if counting from that side is impossible."""
        if last and not self.from_end:
            return None
        wall = self.wall
        week = -1 if last else (wall.day - 1) // 7 + 1
        return self.before, self.after, self.daylight, wall.month, wall.weekday(), week, wall.time()


def vtimezone(tzid: str, start_year: int, end_year: int | None = None) -> Component:
    """Return the VTIMEZONE of an IANA zone, good from one year to another, or for ever without the other.

    Raises:
        NotFound: there is no such zone.
    """
    zone = find_zone(tzid)
    if isinstance(zone, ZoneInfo):
        return _vtimezone(zone.key, start_year, end_year).copy()
    if zone is UTC:
        return _fixed(tzid, timedelta(), "UTC", start_year)
    raise NotFound(f"iCalendar: no time zone {tzid[:80]!r}")


@lru_cache(maxsize=64)
def _vtimezone(key: str, start_year: int, end_year: int | None) -> Component:
    zone = ZoneInfo(key)
    start = datetime(max(start_year, 1900), 1, 1, tzinfo=UTC)
    final_year = end_year if end_year is not None else start.year + 50
    end = datetime(min(max(final_year, start.year), start.year + YEARS_MAX, 9000) + 1, 1, 1, tzinfo=UTC)
    changes = _changes(zone, start, end)
    first = start.astimezone(zone)
    offset = first.utcoffset() or timedelta()
    if not changes:
        return _fixed(key, offset, first.tzname() or key, start.year)
    timezone = Component("VTIMEZONE", [Line("TZID", key), Line("X-LIC-LOCATION", key)])
    wall = datetime(start.year, 1, 1)  # noqa: DTZ001
    timezone.components.append(_observance(wall, offset, offset, bool(first.dst()), first.tzname() or key, rule=None))
    for run in _runs(changes):
        timezone.components.extend(_written(run, endless=end_year is None and run[-1].instant.year >= end.year - 1))
    return timezone


def _changes(zone: ZoneInfo, start: datetime, end: datetime) -> list[_Change]:
    changes = []
    time = start
    offset = start.astimezone(zone).utcoffset()
    name = start.astimezone(zone).tzname()
    while time < end:
        later = min(time + _LOOK, end)
        local = later.astimezone(zone)
        if local.utcoffset() != offset or local.tzname() != name:
            moment = _find(zone, time, later)
            before = (moment - _ONE_SECOND).astimezone(zone)
            after = moment.astimezone(zone)
            changes.append(
                _Change(
                    moment,
                    before.utcoffset() or timedelta(),
                    after.utcoffset() or timedelta(),
                    bool(after.dst()),
                    after.tzname() or zone.key,
                )
            )
            later, local = moment, after
        offset, name = local.utcoffset(), local.tzname()
        time = later
    return changes


def _find(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """Return the first second that reads differently from ``low``, by halving."""
    known = low.astimezone(zone)
    while high - low > _ONE_SECOND:
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        local = middle.astimezone(zone)
        if local.utcoffset() == known.utcoffset() and local.tzname() == known.tzname():
            low = middle
        else:
            high = middle
    return high


def _runs(changes: list[_Change]) -> list[list[_Change]]:
    """Return the changes in groups that one rule describes, in order of their first change."""
    runs: list[list[_Change]] = []
    latest: dict[tuple[bool, timedelta, timedelta, int], list[_Change]] = {}
    for change in changes:
        key = (change.daylight, change.before, change.after, change.wall.month)
        run = latest.get(key)
        if run and _continues(run, change):
            run.append(change)
        else:
            latest[key] = run = [change]
            runs.append(run)
    return runs


def _continues(run: list[_Change], change: _Change) -> bool:
    if change.wall.year != run[-1].wall.year + 1:
        return False
    return any(
        len({other.pattern(last=last) for other in (*run, change)}) == 1 and change.pattern(last=last) is not None
        for last in (True, False)
    )


def _written(run: list[_Change], *, endless: bool) -> list[Component]:
    if len(run) < RUN_MIN and not (endless and len(run) > 1):
        return [
            _observance(change.wall, change.before, change.after, change.daylight, change.name, rule=None)
            for change in run
        ]
    first = run[0]
    last = all(change.from_end for change in run)
    week = -1 if last else (first.wall.day - 1) // 7 + 1
    rule = f"FREQ=YEARLY;BYMONTH={first.wall.month};BYDAY={week}{WEEKDAYS[first.wall.weekday()]}"
    if not endless:
        rule += f";UNTIL={format_utc(run[-1].instant)}"
    return [_observance(first.wall, first.before, first.after, first.daylight, first.name, rule=rule)]


def _observance(
    wall: datetime, before: timedelta, after: timedelta, daylight: bool, name: str, *, rule: str | None
) -> Component:
    observance = Component(
        "DAYLIGHT" if daylight else "STANDARD",
        [
            Line("DTSTART", format_when(Floating(wall))),
            Line("TZOFFSETFROM", format_offset(before)),
            Line("TZOFFSETTO", format_offset(after)),
            Line("TZNAME", name),
        ],
    )
    if rule:
        observance.add(Line("RRULE", rule))
    return observance


def _fixed(tzid: str, offset: timedelta, name: str, year: int) -> Component:
    wall = datetime(max(year, 1900), 1, 1)  # noqa: DTZ001
    return Component(
        "VTIMEZONE", [Line("TZID", tzid)], [_observance(wall, offset, offset, daylight=False, name=name, rule=None)]
    )
