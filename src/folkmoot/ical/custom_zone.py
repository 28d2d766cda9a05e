"""A time zone built from a VTIMEZONE (RFC 5545 section 3.6.5), for names nobody knows.

Every change of offset from 1970 to 2100 is laid out once; before the first the zone stands at
that change's TZOFFSETFROM, after the last at its TZOFFSETTO.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from folkmoot.contentline import parse_lines
from folkmoot.core.errors import MalformedInput
from folkmoot.ical.recur import parse_recur
from folkmoot.ical.rule import expand
from folkmoot.ical.values import Floating, instant, parse_offset, parse_when, shift

OBSERVANCES_MAX: Final = 200  # Exchange writes two; exports of IANA history about a hundred
CHANGES_MAX: Final = 4_000  # two a year for as long as we look, many times over
_FIRST: Final = datetime(1970, 1, 1)  # noqa: DTZ001  # wall clock
_LAST: Final = datetime(2100, 1, 1)  # noqa: DTZ001
_ZERO: Final = timedelta()


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """At ``wall``, read on the clock before, the offset goes from ``before`` to ``after``."""

    wall: datetime
    before: timedelta
    after: timedelta
    daylight: bool
    name: str


class CustomZone(tzinfo):
    """The zone of a VTIMEZONE, complete with the folds and gaps of its changes."""

    def __init__(self, tzid: str, changes: list[Change]) -> None:
        self.tzid: Final = tzid
        self._changes = changes
        self._instants = [change.wall - change.before for change in changes]
        # A wall clock time in a gap or a fold is read on the clock before the change, unless its fold is 1.
        self._walls = (
            [change.wall + max(change.after - change.before, _ZERO) for change in changes],
            [change.wall + min(change.after - change.before, _ZERO) for change in changes],
        )

    def utcoffset(self, when: datetime | None) -> timedelta:
        return self._at(when)[0]

    def dst(self, when: datetime | None) -> timedelta:
        offset, daylight, _ = self._at(when)
        if not daylight:
            return _ZERO
        standard = [change.after for change in self._changes if not change.daylight]
        return offset - (standard[0] if standard else offset)

    def tzname(self, when: datetime | None) -> str:
        return self._at(when)[2]

    def fromutc(self, when: datetime) -> datetime:
        utc = when.replace(tzinfo=None)
        place = bisect_right(self._instants, utc) - 1
        if place < 0:
            return (utc + self._changes[0].before).replace(tzinfo=self)
        change = self._changes[place]
        folded = change.after < change.before and utc - self._instants[place] < change.before - change.after
        return (utc + change.after).replace(tzinfo=self, fold=int(folded))

    def __repr__(self) -> str:
        return f"CustomZone({self.tzid!r})"

    def __reduce__(self) -> tuple[type["CustomZone"], tuple[str, list[Change]]]:
        return CustomZone, (self.tzid, self._changes)

    def _at(self, when: datetime | None) -> tuple[timedelta, bool, str]:
        """Return offset, daylight and name for a wall clock time; its fold chooses on doubt (PEP 495)."""
        first = self._changes[0]
        if when is None:
            return first.after, first.daylight, first.name
        place = bisect_right(self._walls[when.fold], when.replace(tzinfo=None, fold=0)) - 1
        if place < 0:
            return first.before, False, first.name
        change = self._changes[place]
        return change.after, change.daylight, change.name


def custom_zone(text: str) -> CustomZone | None:
    """Return the zone of a VTIMEZONE's text, or ``None`` if it defines no usable observance.

    Observances without offsets or with an impossible start are passed over; a rule that recurs more
    often than monthly is none.
    """
    tzid = ""
    changes: set[Change] = set()
    properties: dict[str, list[str]] | None = None
    kind = ""
    observances = 0
    for line in parse_lines(text):
        value = line.value.strip()
        if line.name == "BEGIN" and value.upper() in ("STANDARD", "DAYLIGHT"):
            properties, kind = {}, value.upper()
        elif line.name == "END" and value.upper() == kind and properties is not None:
            observances += 1
            if observances <= OBSERVANCES_MAX and len(changes) <= CHANGES_MAX:
                changes.update(_changes(properties, daylight=kind == "DAYLIGHT"))
            properties = None
        elif properties is not None:
            properties.setdefault(line.name, []).append(value)
        elif line.name == "TZID":
            tzid = value
    return CustomZone(tzid, _in_order(changes)) if changes else None


def _changes(properties: dict[str, list[str]], *, daylight: bool) -> Iterator[Change]:
    try:
        after = parse_offset(properties["TZOFFSETTO"][0])
        before = parse_offset(properties["TZOFFSETFROM"][0]) if "TZOFFSETFROM" in properties else after
        start = _wall(properties.get("DTSTART", ["19700101T000000"])[0], before)
        walls = {start}
        for value in properties.get("RDATE", [])[:CHANGES_MAX]:
            walls.update(_wall(piece.partition("/")[0], before) for piece in value.split(",")[:CHANGES_MAX])
        for value in properties.get("RRULE", [])[:10]:
            walls.update(_recurring(value, start, before))
    except (MalformedInput, KeyError):
        return
    name = properties.get("TZNAME", [""])[0]
    for wall in walls:
        yield Change(wall, before, after, daylight, name)


def _recurring(value: str, start: datetime, before: timedelta) -> Iterator[datetime]:
    rule = parse_recur(value)
    if rule.frequency > rule.frequency.MONTHLY:
        return
    until = rule.until
    end = _LAST
    if isinstance(until, Floating):
        end = min(end, shift(until.wall, timedelta(seconds=1)))
    elif isinstance(until, datetime):
        end = min(end, shift(until.replace(tzinfo=None), before + timedelta(seconds=1)))
    elif isinstance(until, date):
        end = min(end, datetime.combine(until, time.max))
    yield from expand(rule, start, after=_FIRST, before=end, candidates_max=CHANGES_MAX)


def _wall(value: str, before: timedelta) -> datetime:
    when = parse_when(value)
    if isinstance(when, Floating):
        return when.wall
    return shift(instant(when, UTC).replace(tzinfo=None), before if isinstance(when, datetime) else _ZERO)


def _in_order(changes: set[Change]) -> list[Change]:
    """Return the changes by instant, kept from running off the calendar in arithmetic."""
    kept = [change for change in changes if 1 < change.wall.year < date.max.year]
    if not kept:
        kept = [next(iter(changes))]
        kept[0] = Change(_FIRST, kept[0].before, kept[0].after, kept[0].daylight, kept[0].name)
    return sorted(kept, key=lambda change: (change.wall - change.before, change))
