"""Whom people invite to what, and what the others answer; `living` makes it happen through the services."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from folkmoot.tool.demo.calendar_text import At, alarm, component, document, moment, text, timed
from folkmoot.tool.demo.events import MONDAY, PAST, THURSDAY, TUESDAY, WEDNESDAY, day_of, nth_of
from folkmoot.tool.demo.people import BEAMER, COMPANY, OBSERVATORY, OFFICE_ZONE, PEOPLE, Bookable, Person, person

ACCEPTED, DECLINED, TENTATIVE = "ACCEPTED", "DECLINED", "TENTATIVE"
BOOKINGS: Final = 12  # of the room and the thing, one a week
GUEST: Final = ("Gudrun Jensen", "gudrun.jensen@example.com")  # she is nobody's user here


@dataclass(frozen=True, slots=True)
class Meeting:
    """One invitation; who neither accepts nor declines has not answered yet."""

    slug: str
    organizer: Person
    body: str
    answers: tuple[tuple[str, str], ...] = ()  # login and PARTSTAT
    writer: Person | None = None  # who acts for the organizer
    called_off: bool = False

    @property
    def name(self) -> str:
        return f"demo-{self.slug}.ics"


class Arrangements:
    """The meetings of the company around ``today``."""

    def __init__(self, today: date) -> None:
        self._monday = today - timedelta(days=today.weekday())

    def all_(self) -> Iterator[Meeting]:
        """Yield the meetings, in the order in which they were arranged."""
        yield self._stand_up()
        yield self._all_hands()
        yield from self._demonstrations()
        yield from self._next_week(self._monday + timedelta(days=7))

    def _stand_up(self) -> Meeting:
        """A series with an exception, all over the world: each answers for the whole of it."""
        anna = person("anna")
        first = At(self._monday - PAST, 9, 15, OFFICE_ZONE)
        moved = first.on(day_of(self._monday + timedelta(days=7), WEDNESDAY))
        everybody = _invited(anna, *PEOPLE)
        return self._meeting(
            "stand-up",
            anna,
            [
                *timed(first, 15, "Stand-up", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR"),
                *(moment("EXDATE", first.on(self._monday - timedelta(days=7 * weeks))) for weeks in (3, 9)),
                *everybody,
                *alarm("PT5M", "Stand-up"),
            ],
            [
                moment("RECURRENCE-ID", moved),
                *timed(At(moved.day, 11, 0, OFFICE_ZONE), 30, "Stand-up, with the people from Kraków"),
                *everybody,
            ],
            answers={
                **dict.fromkeys(("ben", "chiara", "david", "fatima", "zoe"), ACCEPTED),
                "hiro": TENTATIVE,
                "emma": DECLINED,  # it is 3:15 in New York
            },
        )

    def _all_hands(self) -> Meeting:
        anna = person("anna")
        first = At(nth_of(self._monday - PAST, THURSDAY, -1), 16, 0, OFFICE_ZONE)
        return self._meeting(
            "all-hands",
            anna,
            [
                *timed(first, 60, "All hands", "RRULE:FREQ=MONTHLY;BYDAY=-1TH"),
                text("LOCATION", OBSERVATORY.name),
                *_invited(anna, *PEOPLE, OBSERVATORY),
            ],
            answers={**dict.fromkeys(("ben", "chiara", "david", "emma", "zoe"), ACCEPTED), "hiro": DECLINED},
        )

    def _demonstrations(self) -> Iterator[Meeting]:
        """What the room and the beamer are booked for; both answer by themselves."""
        for number in range(BOOKINGS):
            booker = PEOPLE[number % len(PEOPLE)]
            at = At(self._monday + timedelta(days=7 * number + number % 5), 13, 0, OFFICE_ZONE)
            yield self._meeting(
                f"demonstration-{number}",
                booker,
                [*timed(at, 120, f"{booker.given}: demonstration"), *_invited(booker, OBSERVATORY, BEAMER)],
            )

    def _next_week(self, monday: date) -> Iterator[Meeting]:
        """One of each state that an invitation can be in."""
        anna, ben, chiara, fatima = (person(login) for login in ("anna", "ben", "chiara", "fatima"))
        review = At(day_of(monday, TUESDAY), 10, 0, OFFICE_ZONE)
        yield self._meeting(
            "design-review",
            ben,
            [
                *timed(review, 90, "Design review: the 400 mm"),
                text("LOCATION", OBSERVATORY.name),
                *_invited(ben, anna, person("david"), fatima, OBSERVATORY),
                *_mail_alarm("PT1H", "Design review: print the drawings", ben),
            ],
            answers={"fatima": ACCEPTED, "anna": TENTATIVE},
        )
        offer = At(day_of(monday, THURSDAY), 11, 0, chiara.zone)
        yield self._meeting(
            "offer",
            chiara,
            [*timed(offer, 45, "Offer for La Laguna: last words"), *_invited(chiara, anna, person("emma"))],
            answers={"emma": DECLINED},
        )
        visit = At(day_of(monday + timedelta(days=7), TUESDAY), 14, 0, OFFICE_ZONE)
        yield self._meeting(
            "visit",
            anna,
            [
                *timed(visit, 120, "Visit of Nordlicht Optik"),
                *_invited(anna, ben, person("david")),
                _attendee(*GUEST),
            ],
            answers={"ben": ACCEPTED},
            writer=person("zoe"),
        )
        retrospective = At(day_of(monday, MONDAY), 15, 0, OFFICE_ZONE)
        yield self._meeting(
            "retrospective",
            fatima,
            [*timed(retrospective, 60, "Firmware: looking back"), *_invited(fatima, ben, person("hiro"))],
            answers={"ben": ACCEPTED},
            called_off=True,
        )

    def _meeting(
        self,
        slug: str,
        organizer: Person,
        *components: list[str],
        answers: dict[str, str] | None = None,
        writer: Person | None = None,
        called_off: bool = False,
    ) -> Meeting:
        stamp = datetime.combine(self._monday, time(7), UTC)
        head = [f'ORGANIZER;CN="{organizer.name}":mailto:{organizer.mail}', text("CATEGORIES", COMPANY)]
        parts = [component("VEVENT", f"demo-{slug}", stamp, [*head, *lines]) for lines in components]
        text_ = document(parts, {OFFICE_ZONE, organizer.zone}, (self._monday - PAST).year)
        return Meeting(slug, organizer, text_, tuple((answers or {}).items()), writer, called_off=called_off)


def _invited(organizer: Person, *others: Person | Bookable) -> list[str]:
    lines = [_attendee(organizer.name, organizer.mail, ACCEPTED)]
    for one in others:
        if isinstance(one, Bookable):
            kind = "ROOM" if one.location else "RESOURCE"
            lines.append(_attendee(one.name, one.mail, more=f";CUTYPE={kind}"))
        elif one != organizer:
            lines.append(_attendee(one.name, one.mail))
    return lines


def _attendee(name: str, mail: str, status: str = "NEEDS-ACTION", more: str = "") -> str:
    rsvp = ";RSVP=TRUE" if status == "NEEDS-ACTION" else ""
    return f'ATTENDEE;CN="{name}";ROLE=REQ-PARTICIPANT;PARTSTAT={status}{rsvp}{more}:mailto:{mail}'


def _mail_alarm(before: str, words: str, recipient: Person) -> list[str]:
    return [
        "BEGIN:VALARM",
        "ACTION:EMAIL",
        f"TRIGGER:-{before}",
        text("SUMMARY", words),
        text("DESCRIPTION", words),
        f"ATTENDEE:mailto:{recipient.mail}",
        "END:VALARM",
    ]
