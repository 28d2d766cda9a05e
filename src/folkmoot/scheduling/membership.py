"""Whether a series has an instance at a time, asked of one time after the other without laying the series out.

Messages and objects name instances by the hundred, of rules that may give one a second.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from folkmoot.ical import Line, Recur
from folkmoot.ical.rule import expand
from folkmoot.ical.series import Key, Series, wall_of
from folkmoot.ical.values import in_zone, shift

_SECOND: Final = timedelta(seconds=1)
_BEFORE: Final = timedelta(hours=3)  # no change of the clocks is longer than that, none follows another so soon


class Membership:
    """The start, rules and listed dates of one series; what EXDATE leaves out counts too."""

    def __init__(self, series: Series) -> None:
        self._series = series
        self._listed: dict[Key, Line] | None = None
        self._counted: dict[int, frozenset[datetime]] = {}

    def listed(self, key: Key) -> Line | None:
        """Return the RDATE that names an instance, alone on its line."""
        if self._listed is None:
            self._listed = self._read_listed()
        return self._listed.get(key)

    def by_rule(self, key: Key) -> bool:
        """Whether the start or a rule gives an instance, and no excluding rule takes it."""
        series = self._series
        for wall in self._walls(key):
            if series.key(series.at(wall)) != key:
                continue
            given = wall == series.wall or any(self._gives(rule, wall) for rule in series.rules)
            if given and not any(self._gives(rule, wall) for rule in series.excluding):
                return True
        return False

    def _gives(self, rule: Recur, wall: datetime) -> bool:
        series = self._series
        until = series.until(rule)
        if wall < series.wall or (until is not None and wall >= until):
            return False
        if rule.count is not None:
            known = self._counted.get(id(rule))
            if known is None:
                known = self._counted[id(rule)] = frozenset(expand(rule, series.wall))
            return wall in known
        return any(time == wall for time in expand(rule, series.wall, after=wall, before=shift(wall, _SECOND)))

    def _walls(self, key: Key) -> list[datetime]:
        """Return the times on the clock of the series that may be meant; where hours are skipped there are two."""
        if not isinstance(key, datetime):
            return [wall_of(key)]
        here = in_zone(key, self._series.zone)
        before = in_zone(shift(key.astimezone(UTC), -_BEFORE), self._series.zone)
        skipped = (here.utcoffset() or timedelta()) - (before.utcoffset() or timedelta())
        wall = here.replace(tzinfo=None, fold=0)
        return [wall, shift(wall, -skipped)] if skipped > timedelta() else [wall]

    def _read_listed(self) -> dict[Key, Line]:
        found: dict[Key, Line] = {}
        master = self._series.master
        starts = [start for start, _ in self._series.added()]
        values = [
            line.replace(value=value.strip())
            for line in (master.all("RDATE") if master is not None else ())
            for value in line.value.split(",")
            if value.strip()
        ]
        for start, line in zip(starts, values, strict=False):
            found.setdefault(self._series.key(start), line)
        return found
