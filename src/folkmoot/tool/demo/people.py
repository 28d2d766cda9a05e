"""Who works at Lindenhof Instruments, makers of telescopes in Freiburg."""

from dataclasses import dataclass
from datetime import date
from typing import Final

COMPANY: Final = "Lindenhof Instruments"
DOMAIN: Final = "lindenhof.example"
OFFICE_ZONE: Final = "Europe/Berlin"


@dataclass(frozen=True, slots=True)
class Person:
    """One of the company."""

    login: str
    given: str
    family: str
    job: str
    zone: str  # where they live
    birthday: date

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def mail(self) -> str:
        return f"{self.login}@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Bookable:
    """A room or a thing that can be booked."""

    login: str
    name: str
    location: bool  # a room; otherwise a thing
    bookings: int  # at the same time

    @property
    def mail(self) -> str:
        return f"{self.login}@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Group:
    """People who are given rights and invited together."""

    login: str
    name: str
    members: tuple[str, ...]

    @property
    def mail(self) -> str:
        return f"{self.login}@{DOMAIN}"


PEOPLE: Final = (
    Person("anna", "Anna", "Lindgren", "Managing director", OFFICE_ZONE, date(1974, 3, 8)),
    Person("ben", "Ben", "Okafor", "Optics", OFFICE_ZONE, date(1988, 11, 30)),
    Person("chiara", "Chiara", "Moretti", "Sales, southern Europe", "Europe/Rome", date(1991, 6, 17)),
    Person("david", "David", "Schäfer", "Workshop", OFFICE_ZONE, date(1966, 1, 25)),
    Person("emma", "Emma", "O'Neill", "Sales, North America", "America/New_York", date(1985, 9, 2)),
    Person("fatima", "Fatima", "Haddad", "Software", OFFICE_ZONE, date(1993, 2, 28)),
    Person("hiro", "Hiro", "Tanaka", "Sales, Japan", "Asia/Tokyo", date(1979, 12, 14)),
    Person("zoe", "Zoë", "Blanchard", "Office and accounts", OFFICE_ZONE, date(1997, 7, 4)),
)
OBSERVATORY: Final = Bookable("observatory", "Observatory (12 seats)", location=True, bookings=1)
BEAMER: Final = Bookable("beamer", "Beamer", location=False, bookings=1)
BOOKABLE: Final = (OBSERVATORY, BEAMER)
GROUPS: Final = (
    Group("staff", "Everybody at Lindenhof", tuple(person.login for person in PEOPLE)),
    Group("sales", "Sales", ("chiara", "emma", "hiro")),
)


def person(login: str) -> Person:
    """Return the person who signs in as that."""
    return next(one for one in PEOPLE if one.login == login)
