"""The rule by which a meeting of Outlook's repeats ([MS-OXOCAL] section 2.2.1.44)."""

from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from folkmoot.core.errors import MalformedInput, Unsupported
from folkmoot.mime.tnef.cursor import Cursor

EXCEPTIONS_MAX: Final = 1_000  # instances that were deleted or moved
_DAYS: Final = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_EPOCH: Final = datetime(1601, 1, 1)  # noqa: DTZ001 - the format counts local minutes
_NEVER: Final = 0x5AE980DF  # an end date that is none
_MINUTES_OF_DAY: Final = 1440
_DAILY, _WEEKLY, _MONTHLY, _MONTHLY_BY_DAY, _MONTH_END = 0, 1, 2, 3, 4
_YEARLY: Final = 0x200D
_AFTER_COUNT: Final = 0x2022
_BY_DATE: Final = 0x2021
_LAST: Final = 5


class Moved(Struct, frozen=True):
    """An instance at another time; local times."""

    original: datetime
    start: datetime
    end: datetime


class Recurrence(Struct, frozen=True):
    """A rule and what is excepted from it; times are local."""

    rule: str  # RRULE's value without UNTIL
    until: datetime | None  # the last instance's start
    deleted: tuple[datetime, ...] = ()
    moved: tuple[Moved, ...] = ()


def read_recurrence(octets: bytes) -> Recurrence:
    """Read the pattern of an appointment.

    Raises:
        MalformedInput: the octets are damaged.
        Unsupported: a calendar other than the Gregorian one, or a pattern nobody has described.
    """
    cursor = Cursor(octets)
    cursor.take(4)
    frequency, pattern, calendar = cursor.number(2), cursor.number(2), cursor.number(2)
    cursor.take(4)
    period = cursor.number(4)
    cursor.take(4)
    if calendar > 1:
        raise Unsupported("tnef: a meeting that repeats by another calendar")
    rule = _rule(cursor, frequency, pattern, period)
    ends, count = cursor.number(4), cursor.number(4)
    cursor.take(4)  # the first day of the week
    deleted, modified = _days(cursor), _days(cursor)
    cursor.take(4)
    last = cursor.number(4)
    cursor.take(8)
    start_offset = timedelta(minutes=cursor.number(4) % _MINUTES_OF_DAY)
    cursor.take(4)
    moved = _moved(cursor, min(cursor.number(2), len(modified)))
    if ends == _AFTER_COUNT and count:
        rule += f";COUNT={count}"
    until = _local(last) + start_offset if ends == _BY_DATE and last < _NEVER else None
    gone = sorted(set(deleted) - {_midnight(one.original) for one in moved})
    return Recurrence(rule, until, tuple(one + start_offset for one in gone), tuple(moved))


def _rule(cursor: Cursor, frequency: int, pattern: int, period: int) -> str:
    months = f"FREQ=MONTHLY;INTERVAL={max(period, 1)}"
    if frequency == _YEARLY:  # counted in months
        months = f"FREQ=MONTHLY;INTERVAL={max(period, 12)}"
    match pattern:
        case 0:
            return f"FREQ=DAILY;INTERVAL={max(period // _MINUTES_OF_DAY, 1)}"
        case 1:
            return f"FREQ=WEEKLY;INTERVAL={max(period, 1)};BYDAY={_weekdays(cursor.number(4))}"
        case 2 | 4:
            day = cursor.number(4)
            return f"{months};BYMONTHDAY={-1 if day >= 31 or pattern == _MONTH_END else max(day, 1)}"  # noqa: PLR2004
        case 3:
            days, which = _weekdays(cursor.number(4)), cursor.number(4)
            return f"{months};BYDAY={days};BYSETPOS={-1 if which >= _LAST else max(which, 1)}"
        case _:
            raise Unsupported(f"tnef: a meeting that repeats by the pattern {pattern}")


def _weekdays(mask: int) -> str:
    days = [name for number, name in enumerate(_DAYS) if mask >> number & 1]
    if not days:
        raise MalformedInput("tnef: a meeting that repeats on no day")
    return ",".join(days)


def _days(cursor: Cursor) -> list[datetime]:
    count = cursor.number(4)
    if count > EXCEPTIONS_MAX:
        raise MalformedInput(f"tnef: {count} exceptions of a meeting")
    return [_midnight(_local(cursor.number(4))) for _ in range(count)]


def _moved(cursor: Cursor, count: int) -> list[Moved]:
    found = []
    for _ in range(count):
        start, end, original = (_local(cursor.number(4)) for _ in range(3))
        flags = cursor.number(2)
        found.append(Moved(original, start, end))
        if flags & 0x0001:  # a subject: two lengths, then the octets
            cursor.take(2)
            cursor.take(cursor.number(2))
        for flag in (0x0002, 0x0004, 0x0008):
            cursor.take(4 if flags & flag else 0)
        if flags & 0x0010:
            cursor.take(2)
            cursor.take(cursor.number(2))
        for flag in (0x0020, 0x0040, 0x0080, 0x0100):
            cursor.take(4 if flags & flag else 0)
    return found


def _local(minutes: int) -> datetime:
    return _EPOCH + timedelta(minutes=minutes)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0)
