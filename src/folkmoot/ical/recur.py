"""The RECUR value: a recurrence rule as a value (RFC 5545 section 3.3.10)."""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.ical.values import When, format_when, parse_when

INTERVAL_MAX: Final = 1_000_000_000  # seconds; longer than any calendar that is kept
COUNT_MAX: Final = 1_000_000_000
TEXT_MAX: Final = 8_000  # every part with every value it can have
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY: Final = re.compile(r"([+-]?\d{1,3})?(MO|TU|WE|TH|FR|SA|SU)")
_NUMBER: Final = re.compile(r"[+-]?\d{1,4}")


class Frequency(IntEnum):
    """How long one period of a rule is."""

    YEARLY = 0
    MONTHLY = 1
    WEEKLY = 2
    DAILY = 3
    HOURLY = 4
    MINUTELY = 5
    SECONDLY = 6


@dataclass(frozen=True, slots=True)
class Recur:
    """One rule.  Lists are sorted and free of doubles; ``by_day`` has (ordinal or 0, weekday from Monday 0)."""

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: When | None = None
    by_month: tuple[int, ...] = ()
    by_week_no: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[tuple[int, int], ...] = ()
    by_hour: tuple[int, ...] = ()
    by_minute: tuple[int, ...] = ()
    by_second: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: int = 0
    scale: str = "GREGORIAN"

    @property
    def endless(self) -> bool:
        return self.count is None and self.until is None


def parse_recur(value: str) -> Recur:
    """Return the rule that a RECUR value describes.

    Lower case, blanks, empty and unknown parts are taken; an INTERVAL or COUNT of nothing counts as 1.
    UNTIL without ``Z`` stays floating, and is meant in the zone of DTSTART.

    Raises:
        MalformedInput: no frequency, or a part that cannot be understood.
    """
    if len(value) > TEXT_MAX:
        raise MalformedInput(f"iCalendar: recurrence rule of {len(value)} characters")
    parts: dict[str, str] = {}
    for part in value.upper().split(";"):
        name, _, text = part.strip().partition("=")
        if text.strip():
            parts.setdefault(name.strip(), text.strip())
    frequency = parts.get("FREQ", "")
    if frequency not in Frequency.__members__:
        raise MalformedInput(f"iCalendar: recurrence rule without a frequency: {value[:60]!r}")
    scale = parts.get("RSCALE", "GREGORIAN")
    if scale != "GREGORIAN":  # iOS has lunar birthdays; their parts count in other months (RFC 7529)
        return Recur(frequency=Frequency[frequency], scale=scale)
    return Recur(
        frequency=Frequency[frequency],
        interval=min(max(_number(parts, "INTERVAL") or 1, 1), INTERVAL_MAX),
        count=min(max(_number(parts, "COUNT") or 1, 1), COUNT_MAX) if "COUNT" in parts else None,
        until=parse_when(parts["UNTIL"]) if "UNTIL" in parts else None,
        by_month=_numbers(parts, "BYMONTH", 1, 12),
        by_week_no=_numbers(parts, "BYWEEKNO", -53, 53),
        by_year_day=_numbers(parts, "BYYEARDAY", -366, 366),
        by_month_day=_numbers(parts, "BYMONTHDAY", -31, 31),
        by_day=_days(parts),
        by_hour=_numbers(parts, "BYHOUR", 0, 23),
        by_minute=_numbers(parts, "BYMINUTE", 0, 59),
        by_second=_numbers(parts, "BYSECOND", 0, 60),
        by_set_pos=_numbers(parts, "BYSETPOS", -366, 366),
        week_start=_week_start(parts.get("WKST", "MO")),
    )


def format_recur(rule: Recur) -> str:
    """Return the text of a rule."""
    parts = [f"FREQ={rule.frequency.name}"]
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    if rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    if rule.until is not None:
        parts.append(f"UNTIL={format_when(rule.until)}")
    for name, numbers in (
        ("BYMONTH", rule.by_month),
        ("BYWEEKNO", rule.by_week_no),
        ("BYYEARDAY", rule.by_year_day),
        ("BYMONTHDAY", rule.by_month_day),
        ("BYHOUR", rule.by_hour),
        ("BYMINUTE", rule.by_minute),
        ("BYSECOND", rule.by_second),
        ("BYSETPOS", rule.by_set_pos),
    ):
        if numbers:
            parts.append(f"{name}={','.join(map(str, numbers))}")
    if rule.by_day:
        days = ",".join(f"{ordinal or ''}{WEEKDAYS[weekday]}" for ordinal, weekday in rule.by_day)
        parts.append(f"BYDAY={days}")
    if rule.week_start:
        parts.append(f"WKST={WEEKDAYS[rule.week_start]}")
    if rule.scale != "GREGORIAN":
        parts.insert(0, f"RSCALE={rule.scale}")
    return ";".join(parts)


def _number(parts: dict[str, str], name: str) -> int | None:
    text = parts.get(name)
    if text is None:
        return None
    if not text.lstrip("+-").isdecimal() or len(text) > len(str(INTERVAL_MAX)) * 2:
        raise MalformedInput(f"iCalendar: {name}={text[:20]!r} in a recurrence rule")
    return int(text)


def _numbers(parts: dict[str, str], name: str, lowest: int, highest: int) -> tuple[int, ...]:
    text = parts.get(name)
    if text is None:
        return ()
    numbers = set()
    for piece in text.split(","):
        piece = piece.strip()
        if not _NUMBER.fullmatch(piece) or not piece.isascii():
            raise MalformedInput(f"iCalendar: {name}={text[:20]!r} in a recurrence rule")
        number = int(piece)
        if not lowest <= number <= highest or (number == 0 and lowest != 0):
            raise MalformedInput(f"iCalendar: {name}={text[:20]!r} in a recurrence rule")
        numbers.add(number)
    return tuple(sorted(numbers))


def _days(parts: dict[str, str]) -> tuple[tuple[int, int], ...]:
    text = parts.get("BYDAY")
    if text is None:
        return ()
    days = set()
    for piece in text.split(","):
        match = _DAY.fullmatch(piece.replace(" ", ""))
        if not match:
            raise MalformedInput(f"iCalendar: BYDAY={text[:20]!r} in a recurrence rule")
        days.add((int(match[1] or 0), WEEKDAYS.index(match[2])))
    return tuple(sorted(days))


def _week_start(text: str) -> int:
    if text not in WEEKDAYS:
        raise MalformedInput(f"iCalendar: WKST={text[:20]!r} in a recurrence rule")
    return WEEKDAYS.index(text)
