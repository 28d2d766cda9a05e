"""A year of events and tasks around the present date, as people really have them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from folkmoot.tool.demo.calendar_text import At, alarm, component, document, moment, text
from folkmoot.tool.demo.people import COMPANY, OFFICE_ZONE, PEOPLE, Bookable, Person

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
        yield from self._company()
        yield from self._own()
        for number in range(SINGLE_MEETINGS):
            yield self._meeting(number)
        yield from self._tasks()

    def _company(self) -> Iterator[str]:
        """What everybody in the company has: each their copy of the same meeting."""
        everybody = _attendance(self._person, PEOPLE[0])
        stand_up = At(self._day(self._first, MONDAY), 9, 15, OFFICE_ZONE)
        moved = stand_up.on(self._day(self._monday + timedelta(days=7), WEDNESDAY))
        yield self._write(
            "company-stand-up",
            [
                *self._timed(stand_up, 15, "Stand-up", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR"),
                *(moment("EXDATE", stand_up.on(self._monday - timedelta(days=7 * weeks))) for weeks in (3, 9)),
                *everybody,
                *alarm("PT5M", "Stand-up"),
            ],
            [
                moment("RECURRENCE-ID", moved),
                *self._timed(At(moved.day, 11, 0, OFFICE_ZONE), 30, "Stand-up, with the people from Kraków"),
                *everybody,
            ],
            zones=[OFFICE_ZONE],
        )
        all_hands = At(_nth(self._first, THURSDAY, -1), 16, 0, OFFICE_ZONE)
        yield self._write(
            "company-all-hands",
            [
                *self._timed(all_hands, 60, "All hands", "RRULE:FREQ=MONTHLY;BYDAY=-1TH"),
                text("LOCATION", "Observatory (12 seats)"),
                *everybody,
            ],
            zones=[OFFICE_ZONE],
        )
        pay_day = _last_working_day(self._first)
        yield self._write(
            "company-pay-day",
            self._all_day(pay_day, 1, "Pay day", "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", busy=False),
        )
        fair = self._day(self._monday + timedelta(days=56), WEDNESDAY)
        yield self._write("company-fair", self._all_day(fair, 3, "Astronomy fair in Essen", busy=True))
        for name, month, day in (
            ("New Year", 1, 1),
            ("Labour Day", 5, 1),
            ("German Unity", 10, 3),
            ("Christmas", 12, 25),
        ):
            first = date(self._first.year, month, day)
            slug = f"company-holiday-{month}-{day}"
            yield self._write(slug, self._all_day(first, 1, name, "RRULE:FREQ=YEARLY", busy=False))

    def _own(self) -> Iterator[str]:
        """What only this person has: calls across zones, a trip, a holiday, training, private things."""
        own = self._person.zone
        new_york = At(self._day(self._first, TUESDAY), 10, 0, "America/New_York")
        yield self._write(
            "call-new-york",
            [
                *self._timed(new_york, 45, "Numbers with Emma", "RRULE:FREQ=WEEKLY;INTERVAL=2"),
                text("CONFERENCE;VALUE=URI;FEATURE=VIDEO", "https://meet.example.com/lindenhof-sales"),
            ],
            zones=["America/New_York"],
        )
        tokyo = At(_nth(self._first, THURSDAY, 2), 17, 0, "Asia/Tokyo")
        yield self._write(
            "call-tokyo",
            self._timed(tokyo, 30, "Hiro: orders from Japan", "RRULE:FREQ=MONTHLY;BYDAY=2TH"),
            zones=["Asia/Tokyo"],
        )
        trip = self._day(self._monday + timedelta(days=21), TUESDAY)
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
        holiday = self._day(self._monday + timedelta(days=7 * self._random.randrange(8, 20)), MONDAY)
        yield self._write("holiday", self._all_day(holiday, 12, "Holiday", busy=True))
        training = At(self._day(self._first, THURSDAY), 18, 30)
        yield self._write(
            "training",
            self._timed(training, 90, "Running club", "RRULE:FREQ=WEEKLY;BYDAY=TH", f"RDATE:{_extra(training)}"),
        )
        doctor = At(self._day(self._monday, FRIDAY), 8, 0, own)
        yield self._write(
            "doctor",
            [*self._timed(doctor, 40, "Doctor"), "CLASS:PRIVATE", *alarm("PT1H", "Doctor")],
            zones=[own],
        )
        talk = At(self._day(self._monday, WEDNESDAY), 15, 0, own)
        yield self._write("confidential", [*self._timed(talk, 45, "Salary talk"), "CLASS:CONFIDENTIAL"], zones=[own])
        maybe = At(self._day(self._monday + timedelta(days=7), FRIDAY), 17, 0, own)
        yield self._write(
            "maybe",
            [*self._timed(maybe, 120, "Drinks at Zoë's?"), "STATUS:TENTATIVE", "TRANSP:TRANSPARENT"],
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
        lines = self._timed(at, random.choice((30, 60, 60, 90)), words)
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

    def _timed(self, at: At, minutes: int, words: str, *more: str) -> list[str]:
        return [moment("DTSTART", at), moment("DTEND", at.plus(minutes)), text("SUMMARY", words), *more]

    def _all_day(self, day: date, days: int, words: str, *more: str, busy: bool) -> list[str]:
        return [
            moment("DTSTART", day),
            moment("DTEND", day + timedelta(days=days)),
            text("SUMMARY", words),
            f"TRANSP:{'OPAQUE' if busy else 'TRANSPARENT'}",
            *more,
        ]

    def _write(self, slug: str, *components: list[str], zones: list[str] | None = None, kind: str = "VEVENT") -> str:
        shared = slug.startswith("company-")
        uid = f"demo-{slug}" if shared else f"demo-{self._person.login}-{slug}"
        parts = [component(kind, uid, self._stamp, lines) for lines in components]
        return document(parts, zones or [], self._first.year)

    @staticmethod
    def _day(monday: date, weekday: int) -> date:
        return monday + timedelta(days=weekday)


def bookings(resource: Bookable, today: date) -> Iterator[str]:
    """Yield what a room or thing is booked for."""
    monday = today - timedelta(days=today.weekday())
    stamp = datetime.combine(monday, time(7), UTC)
    for number in range(12):
        at = At(monday + timedelta(days=7 * number + number % 5), 13, 0, OFFICE_ZONE)
        booker = PEOPLE[number % len(PEOPLE)]
        lines = [
            moment("DTSTART", at),
            moment("DTEND", at.plus(120)),
            text("SUMMARY", f"{booker.given}: demonstration"),
            f"ORGANIZER;CN={booker.name}:mailto:{booker.mail}",
            f"ATTENDEE;CN={resource.name.partition(' (')[0]};PARTSTAT=ACCEPTED:mailto:{resource.mail}",
        ]
        yield document(
            [component("VEVENT", f"demo-{resource.login}-{number}", stamp, lines)], [OFFICE_ZONE], monday.year
        )


def _attendance(person: Person, organizer: Person) -> list[str]:
    lines = [f"ORGANIZER;CN={organizer.name}:mailto:{organizer.mail}", text("CATEGORIES", COMPANY)]
    for other in PEOPLE:
        status = "ACCEPTED" if other in (person, organizer) else "NEEDS-ACTION"
        lines.append(f'ATTENDEE;CN="{other.name}";ROLE=REQ-PARTICIPANT;PARTSTAT={status}:mailto:{other.mail}')
    return lines


def _days(month: date) -> list[date]:
    first = month.replace(day=1)
    days = (first + timedelta(days=number) for number in range(31))
    return [day for day in days if day.month == first.month]


def _nth(month: date, weekday: int, n: int) -> date:
    """Return the ``n``-th such weekday of a month, the last one for -1."""
    matching = [day for day in _days(month) if day.weekday() == weekday]
    return matching[n - 1 if n > 0 else n]


def _last_working_day(month: date) -> date:
    return [day for day in _days(month) if day.weekday() <= FRIDAY][-1]


def _extra(at: At) -> str:
    saturday = at.local + timedelta(days=7 * 27 + 2)
    return f"{saturday:%Y%m%dT%H%M%S}"
