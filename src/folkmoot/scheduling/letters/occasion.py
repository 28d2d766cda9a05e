"""What a mail tells of an event or a task: title, when, where, who, in the reader's language and zone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from folkmoot.contentline import Line
from folkmoot.core.errors import MalformedInput
from folkmoot.ical import Component, Floating, When, Zones, format_duration, format_utc, instant
from folkmoot.ical.span import Span, span_of
from folkmoot.mail import moments
from folkmoot.mail.letter import Row, cut
from folkmoot.mail.words import Reader
from folkmoot.scheduling.letters.repetition import repetition
from folkmoot.scheduling.meeting import ORGANIZED, address_of

PEOPLE_MAX: Final = 20  # participants that a mail names; of the others it tells the number
TITLE_MAX: Final = 200
_LINKS: Final = ("CONFERENCE", "URL")
_SCHEMES: Final = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Occasion:
    """One component of a calendar object that a mail is about."""

    calendar: Component
    component: Component
    zones: Zones

    @property
    def task(self) -> bool:
        return self.component.name == "VTODO"

    def text(self, name: str) -> str:
        """Return a property as plain text, empty if it is missing."""
        return (self.component.text(name) or "").strip()

    def title(self, reader: Reader) -> str:
        """Return the title."""
        return cut(" ".join(self.text("SUMMARY").split()), TITLE_MAX) or reader.words.text("text.no_title")

    def at(self, recurrence_id: Line | None) -> "Occasion":
        """Return the occurrence of a series that an override of that RECURRENCE-ID is about."""
        span = self.span()
        if recurrence_id is None or span is None or self.component.get("RECURRENCE-ID") is not None:
            return self
        occurrence = self.component.copy()
        for name in ("RRULE", "RDATE", "EXDATE", "EXRULE", "DTEND", "DUE", "DURATION"):
            occurrence.remove(name)
        occurrence.add(recurrence_id)
        occurrence.set(recurrence_id.replace(name="DTSTART"))
        occurrence.set(Line("DURATION", format_duration(span.length)))
        return Occasion(self.calendar, occurrence, self.zones)

    def span(self) -> Span | None:
        """Return when it takes place; ``None`` if that cannot be read or is not said."""
        try:
            return span_of(self.component, self.zones)
        except MalformedInput:
            return None


def occasion_of(calendar: Component, default_zone: tzinfo, recurrence_id: str | None = None) -> Occasion:
    """Return what a mail about a calendar object tells of: an instance, else the series, else the first component.

    ``recurrence_id`` is in UTC.

    Raises:
        MalformedInput: there is no event, task or journal entry in it.
    """
    found = [component for component in calendar.components if component.name in ORGANIZED]
    if not found:
        raise MalformedInput("iCalendar: nothing that a mail could be about")
    zones = Zones(calendar, default_zone)
    chosen = next((one for one in found if recurrence_id and instance_of(one, zones) == recurrence_id), None)
    if chosen is None:
        chosen = next((one for one in found if one.get("RECURRENCE-ID") is None), found[0])
    return Occasion(calendar, chosen, zones)


def instance_of(component: Component, zones: Zones) -> str | None:
    """Return the RECURRENCE-ID in UTC, ``None`` if there is none or it cannot be read."""
    line = component.get("RECURRENCE-ID")
    if line is None:
        return None
    try:
        return format_utc(instant(zones.when(line), zones.default))
    except MalformedInput:
        return None


def rows(occasion: Occasion, reader: Reader, previous: Occasion | None = None) -> tuple[Row, ...]:
    """Return what there is to know; where it was otherwise in ``previous``, what it was."""
    now, before = dict(_facts(occasion, reader)), dict(_facts(previous, reader)) if previous is not None else {}
    words = reader.words
    which = words.text("label.date_of_series")  # says which occurrence this is: nothing that could change
    found = []
    for label, text in now.items():
        was = ""
        if previous is not None and label != which and before.get(label) != text:
            was = words.text("text.was", text=before.get(label) or words.text("text.nothing"))
        found.append(Row(label, text, was))
    for label, text in before.items():
        if label not in now and label != which:
            found.append(Row(label, words.text("text.nothing"), words.text("text.was", text=text)))
    return (*found, *_people(occasion, reader))


def when_text(occasion: Occasion, reader: Reader) -> str:
    """Return when it takes place, empty if it does not say."""
    span = occasion.span()
    if span is None:
        return ""
    return _stretch(occasion, reader, span.start, span.end_of(span.start))


def name_of(line: Line) -> str:
    """Return what to call an organizer or attendee."""
    name = " ".join((line.param("CN") or "").split())
    return cut(name, TITLE_MAX) or address_of(line)


def _facts(occasion: Occasion, reader: Reader) -> Iterator[tuple[str, str]]:
    words, component = reader.words, occasion.component
    span, due = occasion.span(), component.get("DUE")
    if span is not None and occasion.task:
        if component.get("DTSTART") is not None:
            yield words.text("label.start"), _stretch(occasion, reader, span.start, span.start)
    elif span is not None:
        yield words.text("label.when"), when_text(occasion, reader)
    if due is not None and (text := _one(occasion, reader, due)):
        yield words.text("label.due"), text
    recurrence_id = component.get("RECURRENCE-ID")
    if recurrence_id is not None and (span is None or not _same(occasion, recurrence_id, span.start)):
        text = _one(occasion, reader, recurrence_id)
        if text:
            yield words.text("label.date_of_series"), text
    rule = component.get("RRULE")
    if rule is not None:
        text = repetition(rule.value, reader, occasion.zones.default)
        if text:
            yield words.text("label.repeats"), text
    location = occasion.text("LOCATION")
    if location:
        yield words.text("label.where"), cut(" ".join(location.split()))
    link = _link(component)
    if link and link not in location:
        yield words.text("label.link"), link


def _people(occasion: Occasion, reader: Reader) -> Iterator[Row]:
    words, component = reader.words, occasion.component
    organizer = component.get("ORGANIZER")
    if organizer is not None and organizer.value.strip():
        yield Row(words.text("label.organizer"), name_of(organizer))
    names = list(_participants(component.all("ATTENDEE"), reader))
    if names:
        shown = names[:PEOPLE_MAX]
        if len(names) > PEOPLE_MAX:
            shown.append(words.text("text.and_more", count=len(names) - PEOPLE_MAX))
        yield Row(words.text("label.participants"), cut(", ".join(shown), 4 * TITLE_MAX))


def _participants(lines: Iterable[Line], reader: Reader) -> Iterator[str]:
    for line in lines:
        role = (line.param("ROLE") or "").upper()
        name = name_of(line)
        yield reader.words.text("text.optional", name=name) if role == "OPT-PARTICIPANT" else name


def _link(component: Component) -> str:
    for name in _LINKS:
        for line in component.all(name):
            if line.value.lower().startswith(_SCHEMES):
                return cut(line.value.strip())
    return ""


def _one(occasion: Occasion, reader: Reader, line: Line) -> str:
    try:
        when = occasion.zones.when(line)
    except MalformedInput:
        return ""
    return _stretch(occasion, reader, when, when)


def _same(occasion: Occasion, line: Line, when: When) -> bool:
    zones = occasion.zones
    try:
        return instant(zones.when(line), zones.default) == instant(when, zones.default)
    except MalformedInput:
        return False


def _stretch(occasion: Occasion, reader: Reader, start: When, end: When) -> str:
    words = reader.words
    if isinstance(start, Floating):
        finish = end.wall if isinstance(end, Floating) else start.wall
        return moments.stretch(words, start.wall.replace(tzinfo=UTC), finish.replace(tzinfo=UTC), UTC, named=False)
    if not isinstance(start, datetime):
        last = start if isinstance(end, Floating | datetime) else end
        return moments.days(words, start, last) if last > start else moments.day(words, start)
    finish = end if isinstance(end, datetime) else start
    return moments.stretch(words, start, finish, _zone(occasion, reader, start))


def _zone(occasion: Occasion, reader: Reader, start: datetime) -> tzinfo:
    if reader.zone is not None:
        return reader.zone
    return start.tzinfo if start.tzinfo is not None and start.tzinfo is not UTC else occasion.zones.default
