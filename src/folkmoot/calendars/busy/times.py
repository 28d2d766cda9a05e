"""From the rows of a calendar to the times that they take."""

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from folkmoot.core.errors import FolkmootError, MalformedInput, TooLarge
from folkmoot.ical import BusyPeriod, busy_periods, parse
from folkmoot.ical.density import is_dense
from folkmoot.ical.freebusy import busy_type
from folkmoot.sharing.rights import Level, Rights
from folkmoot.store.busy import BusyRow
from folkmoot.store.records import Collection

FREE_BUSY_MAX: Final = timedelta(days=1100)  # three years: more is no plan but a probe
FORTNIGHT: Final = timedelta(days=14)  # recurring events are expanded for whole ones: windows move from day to day
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is asked for, in UTC, and the UID of a meeting that does not count.

    Raises:
        MalformedInput: it ends before it starts.
        TooLarge: it is longer than ``FREE_BUSY_MAX``.
    """

    start: datetime
    end: datetime
    without: str | None = None

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise MalformedInput("the window ends before it starts")
        if self.end - self.start > FREE_BUSY_MAX:
            raise TooLarge(f"free-busy is given for at most {FREE_BUSY_MAX.days} days")

    @property
    def seconds(self) -> tuple[int, int]:
        """Both ends in seconds since 1970."""
        return int(self.start.timestamp()), int(self.end.timestamp())


@dataclass(slots=True)
class Look:
    """One calendar that counts: the answer kept for its state, or the rows that it needs."""

    calendar: Collection
    window: Window
    rights: Rights
    key: Hashable
    answer: Sequence[BusyPeriod] | None
    rows: Sequence[BusyRow]

    def take(self, rows: Sequence[BusyRow]) -> None:
        """Keep those rows of which the dates may be seen."""
        self.rows = [
            row
            for row in rows
            if self.rights.level(row.classification) >= Level.DATES and row.uid != self.window.without
        ]


@dataclass(frozen=True, slots=True)
class Expanded:
    """The busy times of one object between two times, by start; clients page by weeks and months."""

    start: datetime
    end: datetime
    periods: Sequence[BusyPeriod]

    def covers(self, window: Window) -> bool:
        """Whether nothing in a window is missing here."""
        return self.start <= window.start and window.end <= self.end

    def within(self, window: Window) -> list[BusyPeriod]:
        """Return what meets a window, cut to it."""
        before = bisect_left(self.periods, window.end, key=lambda period: period.start)
        return [
            BusyPeriod(max(period.start, window.start), min(period.end, window.end), period.type)
            for period in self.periods[:before]
            if period.end > window.start
        ]


def expand(row: BusyRow, window: Window, zone: tzinfo, attendee: frozenset[str]) -> Expanded:
    """Return when the object of a row takes time, around a window; ``attendee`` as for ``busy_periods``."""
    body = row.body or b""
    # Months of a rule by hours or minutes are more candidates than an expansion may look at.
    first, final = (window.start, window.end) if is_dense(body) else _fortnights(window)
    try:
        periods = busy_periods(parse(body), first, final, default_zone=zone, attendee=attendee)
    except FolkmootError:
        periods = []  # taken over from elsewhere, and unreadable: it makes nobody busy
    return Expanded(first, final, periods)


def stated(row: BusyRow, window: Window) -> list[BusyPeriod]:
    """Return when an event takes time that happens once, as its columns say."""
    kind = busy_type(row.status, row.participation)
    if kind is None or row.starts_at is None or row.ends_at is None:
        return []
    begins = max(datetime.fromtimestamp(row.starts_at, UTC), window.start)
    ends = min(datetime.fromtimestamp(row.ends_at, UTC), window.end)
    return [BusyPeriod(begins, ends, kind)] if begins < ends else []


def _fortnights(window: Window) -> tuple[datetime, datetime]:
    """Return the whole fortnights, counted from 1970, that hold a window."""
    before = (window.start - _EPOCH) % FORTNIGHT
    after = -(window.end - _EPOCH) % FORTNIGHT
    try:
        return window.start - before, window.end + after
    except OverflowError:
        return window.start, window.end
