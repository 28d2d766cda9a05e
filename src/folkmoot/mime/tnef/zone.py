"""The time zone of a meeting that repeats ([MS-OXOCAL] sections 2.2.1.39 and 2.2.1.41) as a VTIMEZONE."""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from folkmoot.core.errors import MalformedInput
from folkmoot.mime.tnef.cursor import Cursor

NAME_MAX: Final = 128  # characters of a zone's name
OFFSET_MAX: Final = 24 * 60  # minutes, exclusive
_LAST: Final = 5
_DAYS: Final = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")


class _Turn(Struct, frozen=True):
    month: int
    weekday: int
    week: int
    hour: int
    minute: int

    def in_year(self, year: int) -> datetime:
        """Return when the clocks change in a year."""
        first = datetime(year, self.month, 1, self.hour, self.minute)  # noqa: DTZ001 - local by nature
        weeks = self.week - 1
        moment = first + timedelta(days=(self.weekday - first.isoweekday()) % 7 + 7 * weeks)
        while moment.month != self.month:  # there is no fifth: the last one is meant
            moment -= timedelta(days=7)
        return moment


class Zone(Struct, frozen=True):
    """A zone: minutes west of UTC in winter and in summer, and when they change; ``summer`` None if never."""

    name: str
    winter_west: int
    summer_west: int
    winter: _Turn | None = None
    summer: _Turn | None = None

    def is_summer(self, local: datetime) -> bool:
        """Return whether summer time holds at a local time; in the hour that is there twice, as in winter."""
        if self.winter is None or self.summer is None:
            return False
        begins, ends = self.summer.in_year(local.year), self.winter.in_year(local.year)
        if begins < ends:
            return begins <= local < ends
        return local >= begins or local < ends  # south of the equator

    def lines(self) -> list[str]:
        """Return the VTIMEZONE, unfolded."""
        winter, summer = _offset(self.winter_west), _offset(self.summer_west)
        lines = ["BEGIN:VTIMEZONE", f"TZID:{self.name}"]
        if self.winter is None or self.summer is None:
            lines += ["BEGIN:STANDARD", "DTSTART:16010101T000000", f"TZOFFSETFROM:{winter}", f"TZOFFSETTO:{winter}"]
            return [*lines, "END:STANDARD", "END:VTIMEZONE"]
        for kind, turn, before, after in (
            ("STANDARD", self.winter, summer, winter),
            ("DAYLIGHT", self.summer, winter, summer),
        ):
            position = -1 if turn.week >= _LAST else turn.week
            lines += [
                f"BEGIN:{kind}",
                f"DTSTART:16010101T{turn.hour:02}{turn.minute:02}00",
                f"TZOFFSETFROM:{before}",
                f"TZOFFSETTO:{after}",
                f"RRULE:FREQ=YEARLY;BYDAY={position}{_DAYS[turn.weekday]};BYMONTH={turn.month}",
                f"END:{kind}",
            ]
        return [*lines, "END:VTIMEZONE"]


def read_zone(rules: bytes, named: bytes) -> Zone | None:
    """Return the zone that the rules tell, by the name that the named definition has; None without usable rules."""
    if not rules:
        return None
    try:
        cursor = Cursor(rules)
        bias, winter_bias, summer_bias = cursor.signed(4), cursor.signed(4), cursor.signed(4)
        cursor.take(2)
        winter = _turn(cursor.take(16))
        cursor.take(2)
        summer = _turn(cursor.take(16))
    except MalformedInput:
        return None
    west, summer_west = bias + winter_bias, bias + summer_bias
    if abs(west) >= OFFSET_MAX or abs(summer_west) >= OFFSET_MAX:
        return None
    return Zone(_name(named) or "Customized Time Zone", west, summer_west, winter, summer)


def _turn(octets: bytes) -> _Turn | None:
    _, month, weekday, week, hour, minute, *_ = (
        int.from_bytes(octets[place : place + 2], "little") for place in range(0, 16, 2)
    )
    good = 1 <= month <= 12 and weekday < len(_DAYS) and 1 <= week <= _LAST and hour < 24 and minute < 60  # noqa: PLR2004
    return _Turn(month, weekday, week, hour, minute) if good else None


def _name(definition: bytes) -> str:
    try:
        cursor = Cursor(definition)
        cursor.take(6)
        name = cursor.take(2 * min(cursor.number(2), NAME_MAX)).decode("utf-16-le", "replace")
    except MalformedInput:
        return ""
    return "".join(sign for sign in name if sign.isprintable() and sign not in '";:,')


def _offset(west: int) -> str:
    minutes = abs(west)
    return f"{'-' if west > 0 else '+'}{minutes // 60:02}{minutes % 60:02}"
