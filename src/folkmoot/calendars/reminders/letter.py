"""The words of an e-mail alarm (RFC 5545 section 3.6.6)."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from folkmoot.core.errors import MalformedInput
from folkmoot.mail import moments
from folkmoot.mail.letter import Letter, Row, cut
from folkmoot.mail.words import Reader


class Alarm(msgspec.Struct, frozen=True):
    """The payload of an outbox mail of kind ``alarm``; times are ISO 8601 with offset, days without time."""

    summary: str = ""
    component: str = "VEVENT"
    location: str = ""
    description: str = ""
    note: str = ""  # the alarm's own text
    url: str = ""
    start: str = ""
    end: str = ""
    all_day: bool = False
    zone: str = "UTC"  # that the times were meant in
    calendar: str = ""  # its name


def alarm_of(payload: Mapping[str, object]) -> Alarm:
    """Return a payload as a value.

    Raises:
        MalformedInput: something is of another type.
    """
    try:
        return msgspec.convert(payload, Alarm)
    except msgspec.ValidationError as error:
        raise MalformedInput(f"outbox: {error}") from error


def alarm_letter(alarm: Alarm, reader: Reader) -> Letter:
    """Return the words of a reminder.

    Raises:
        MalformedInput: a time cannot be read.
    """
    words = reader.words
    title = cut(" ".join(alarm.summary.split())) or words.text("text.no_title")
    note = alarm.note.strip()
    if note in {title, alarm.summary.strip(), alarm.description.strip()} or note.lower() in _SAYS_NOTHING:
        note = ""
    when = _when(alarm, reader)
    return Letter(
        kind="reminder",
        language=words.language,
        subject=words.text("subject.reminder", title=title),
        heading=words.text("heading.reminder"),
        title=title,
        rows=tuple(_rows(alarm, when, reader)),
        comment=note,
        description=alarm.description,
        footer=words.text("text.automatic"),
        values={
            "summary": title,
            "when": when,
            "location": alarm.location,
            "description": alarm.description,
            "folder": alarm.calendar,
        },
    )


# What programs write into an alarm that must have a text (RFC 5545 section 3.6.6).
_SAYS_NOTHING = frozenset({"", "reminder", "event reminder", "alarm", "this is an event reminder", "default mozilla"})


def _rows(alarm: Alarm, when: str, reader: Reader) -> Iterator[Row]:
    words = reader.words
    if when:
        yield Row(words.text("label.due" if alarm.component == "VTODO" and not alarm.end else "label.when"), when)
    if alarm.location.strip():
        yield Row(words.text("label.where"), cut(" ".join(alarm.location.split())))
    if alarm.url.lower().startswith(("https://", "http://")):
        yield Row(words.text("label.link"), cut(alarm.url))
    if alarm.calendar:
        yield Row(words.text("label.calendar"), cut(alarm.calendar))


def _when(alarm: Alarm, reader: Reader) -> str:
    if not alarm.start:
        return ""
    words = reader.words
    try:
        if alarm.all_day:
            first = date.fromisoformat(alarm.start)
            last = date.fromisoformat(alarm.end) if alarm.end else first
            return moments.days(words, first, last) if last > first else moments.day(words, first)
        start = datetime.fromisoformat(alarm.start)
        end = datetime.fromisoformat(alarm.end) if alarm.end else start
        zone = reader.zone or ZoneInfo(alarm.zone)
        return moments.stretch(words, start, end, zone)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise MalformedInput(f"outbox: {error}") from error
