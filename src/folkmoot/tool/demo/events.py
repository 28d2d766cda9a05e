"""A year of events and tasks around the present date that people have for themselves."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from folkmoot.tool.demo.calendar_text import At, alarm, all_day, component, document, moment, text, timed
from folkmoot.tool.demo.people import OFFICE_ZONE, Person

PAST: Final = timedelta(days=182)
FUTURE: Final = timedelta(days=183)
SINGLE_MEETINGS: Final = 110
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)

_SUBJECTS: Final = (
    ("Mirror polishing, batch {n}", "Workshop"),
    ("Offer for {firm}", "Meeting room"),
    ("Call with {firm}", ""),
    ("Visit of {firm}", "Observatory (12 seats)"),
    ("Mount firmware review", "Meeting room"),
    ("Delivery planning week {n}", ""),
    ("Interview: optics technician", "Meeting room"),
    ("Dentist", "Kaiserstraße 4"),
    ("Customs papers for order {n}", ""),
    ("Night test of the 400 mm", "Roof"),
)
_FIRMS: Final = ("Nordlicht Optik", "Observatorio del Teide", "Kraków Glassworks", "Blue Ridge Star Parties")
_TASKS: Final = (
    ("Send the offer to La Laguna", 1),
    ("Order glass blanks", 5),
    ("Read the new customs rules", 9),
    ("Renew the liability insurance", 1),
    ("Write the summer newsletter", 5),
    ("Repair the dome's motor", 1),
    ("Book the stand at the fair", 5),
    ("Photograph the new eyepieces", 9),
)


class Year:
    """One person's calendar; ``today`` decides what is past."""

    def __init__(self, person: Person, today: date) -> None:
        self._person = person
        self._today = today
        self._monday = today - timedelta(days=today.weekday())
        self._first = self._monday - PAST
        self._stamp = datetime.combine(self._monday, time(7), UTC)
        self._random = Random(f"year of {person.login}")  # noqa: S311 - the same at each run

    def objects(self) -> Iterator[str]:
        """Yield the calendar objects, one at a time."""
        yield from self._own()
        for number in range(SINGLE_MEETINGS):
            yield self._meeting(number)
        yield from self._tasks()

    def _own(self) -> Iterator[str]:
        """What only this person has: calls across zones, a trip, a holiday, training, private things."""
        own = self._person.zone
        new_york = At(day_of(self._first, TUESDAY), 10, 0, "America/New_York")
        yield self._write(
            "call-new-york",
            [
                *timed(new_york, 45, "Numbers with Emma", "RRULE:FREQ=WEEKLY;INTERVAL=2"),
                text("CONFERENCE;VALUE=URI;FEATURE=VIDEO", "https://meet.example.com/lindenhof-sales"),
            ],
            zones=["America/New_York"],
        )
        tokyo = At(nth_of(self._first, THURSDAY, 2), 17, 0, "Asia/Tokyo")
        yield self._write(
            "call-tokyo",
            timed(tokyo, 30, "Hiro: orders from Japan", "RRULE:FREQ=MONTHLY;BYDAY=2TH"),
            zones=["Asia/Tokyo"],
        )
        trip = day_of(self._monday + timedelta(days=21), TUESDAY)
        yield self._write(
            "flight",
            [
                moment("DTSTART", At(trip, 10, 5, OFFICE_ZONE)),
                moment("DTEND", At(trip, 13, 20, "America/New_York")),
                text("SUMMARY", "Flight FRA – JFK"),  # noqa: RUF001 - as airlines write it
                text("LOCATION", "Frankfurt Airport, Terminal 1"),
                *alarm("PT3H", "Leave for the airport"),
            ],
            zones=[OFFICE_ZONE, "America/New_York"],
        )
        holiday = day_of(self._monday + timedelta(days=7 * self._random.randrange(8, 20)), MONDAY)
        yield self._write("holiday", all_day(holiday, 12, "Holiday", busy=True))
        training = At(day_of(self._first, THURSDAY), 18, 30)
        yield self._write(
            "training",
            timed(training, 90, "Running club", "RRULE:FREQ=WEEKLY;BYDAY=TH", f"RDATE:{_extra(training)}"),
        )
        doctor = At(day_of(self._monday, FRIDAY), 8, 0, own)
        yield self._write(
            "doctor",
            [*timed(doctor, 40, "Doctor"), "CLASS:PRIVATE", *alarm("PT1H", "Doctor")],
            zones=[own],
        )
        talk = At(day_of(self._monday, WEDNESDAY), 15, 0, own)
        yield self._write("confidential", [*timed(talk, 45, "Salary talk"), "CLASS:CONFIDENTIAL"], zones=[own])
        maybe = At(day_of(self._monday + timedelta(days=7), FRIDAY), 17, 0, own)
        yield self._write(
            "maybe",
            [*timed(maybe, 120, "Drinks at Zoë's?"), "STATUS:TENTATIVE", "TRANSP:TRANSPARENT"],
            zones=[own],
        )

    def _meeting(self, number: int) -> str:
        """Return one meeting, somewhere in the year; the past is fuller than the future."""
        random = self._random
        reach = random.triangular(-PAST.days, FUTURE.days, 0)
        day = self._today + timedelta(days=int(reach))
        day -= timedelta(days=max(0, day.weekday() - FRIDAY))
        subject, place = random.choice(_SUBJECTS)
        words = subject.format(n=random.randrange(10, 60), firm=random.choice(_FIRMS))
        at = At(day, random.randrange(8, 17), random.choice((0, 0, 30)), self._person.zone)
        lines = timed(at, random.choice((30, 60, 60, 90)), words)
        if place:
            lines.append(text("LOCATION", place))
        if random.random() < 0.3:  # noqa: PLR2004 - a third
            lines += alarm("PT15M", words)
        return self._write(f"meeting-{number}", lines, zones=[self._person.zone])

    def _tasks(self) -> Iterator[str]:
        for number, (words, priority) in enumerate(_TASKS):
            due = self._today + timedelta(days=9 * number - 27)
            lines = [text("SUMMARY", words), moment("DUE", due), f"PRIORITY:{priority}"]
            if due < self._today:
                done = datetime.combine(due, time(15), UTC)
                lines += ["STATUS:COMPLETED", "PERCENT-COMPLETE:100", f"COMPLETED:{done:%Y%m%dT%H%M%SZ}"]
            elif number % 2:
                lines += ["STATUS:IN-PROCESS", "PERCENT-COMPLETE:40"]
            yield self._write(f"task-{number}", lines, kind="VTODO")
        monthly = self._monday.replace(day=1)
        yield self._write(
            "task-accounts",
            [
                text("SUMMARY", "Hand in receipts"),
                moment("DTSTART", monthly),
                moment("DUE", monthly + timedelta(days=4)),
                "RRULE:FREQ=MONTHLY;COUNT=12",
            ],
            kind="VTODO",
        )

    def _write(self, slug: str, *components: list[str], zones: list[str] | None = None, kind: str = "VEVENT") -> str:
        parts = [component(kind, f"demo-{self._person.login}-{slug}", self._stamp, lines) for lines in components]
        return document(parts, zones or [], self._first.year)


def day_of(monday: date, weekday: int) -> date:
    """Return a day of the week that begins on that Monday."""
    return monday + timedelta(days=weekday)


def nth_of(month: date, weekday: int, n: int) -> date:
    """Return the ``n``-th such weekday of a month, the last one for -1."""
    matching = [day for day in days_of(month) if day.weekday() == weekday]
    return matching[n - 1 if n > 0 else n]


def days_of(month: date) -> list[date]:
    """Return the days of the month in which this one is."""
    first = month.replace(day=1)
    days = (first + timedelta(days=number) for number in range(31))
    return [day for day in days if day.month == first.month]


def _extra(at: At) -> str:
    saturday = at.local + timedelta(days=7 * 27 + 2)
    return f"{saturday:%Y%m%dT%H%M%S}"
