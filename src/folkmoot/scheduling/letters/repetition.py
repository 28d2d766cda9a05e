"""A recurrence rule in words: how often, on which weekdays, until when."""

from datetime import date, datetime, tzinfo
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.ical import Floating, Frequency, parse_recur
from folkmoot.mail import moments
from folkmoot.mail.words import Reader

_NAMES: Final = {
    Frequency.DAILY: "daily",
    Frequency.WEEKLY: "weekly",
    Frequency.MONTHLY: "monthly",
    Frequency.YEARLY: "yearly",
}


def repetition(value: str, reader: Reader, default_zone: tzinfo) -> str:
    """Return a rule in words, empty if it cannot be read; finer points of rare rules are left out."""
    try:
        rule = parse_recur(value)
    except MalformedInput:
        return ""
    words = reader.words
    name = _NAMES.get(rule.frequency)
    if name is None:
        parts = [words.text("repeat.often")]
    elif rule.interval > 1:
        parts = [words.text(f"repeat.{name}_n", n=rule.interval)]
    else:
        parts = [words.text(f"repeat.{name}")]
    if rule.frequency is Frequency.WEEKLY and rule.by_day:
        days = sorted({day for _, day in rule.by_day})
        parts.append(words.text("repeat.on", days=moments.weekdays(words, days)))
    if rule.count is not None:
        parts.append(words.text("repeat.count", n=rule.count))
    if rule.until is not None:
        parts.append(words.text("repeat.until", day=moments.day(words, _day(rule.until, reader.zone or default_zone))))
    return ", ".join(parts)


def _day(when: date | datetime | Floating, zone: tzinfo) -> date:
    if isinstance(when, Floating):
        return when.wall.date()
    return when.astimezone(zone).date() if isinstance(when, datetime) else when
