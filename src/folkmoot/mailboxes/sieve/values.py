"""Filters, vacation answer, forwarding and notice, as far as they are switched on."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

NOTICE_TITLE: Final = "New message"


class Match(StrEnum):
    """When a filter acts."""

    ANY = "any"  # one of its rules holds
    ALL = "all"
    EVERYTHING = "allmessages"


class Field(StrEnum):
    """What a rule looks at."""

    SUBJECT = "subject"
    FROM = "from"
    TO = "to"
    CC = "cc"
    TO_OR_CC = "to_or_cc"
    SIZE = "size"
    HEADER = "header"
    BODY = "body"


class Method(StrEnum):
    """What a filter does."""

    DISCARD = "discard"
    KEEP = "keep"
    STOP = "stop"
    ADD_FLAG = "addflag"
    FILE_INTO = "fileinto"
    REDIRECT = "redirect"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Rule:
    """One test."""

    field: Field
    operator: str  # is, contains, matches, regex, each also with _not; of sizes over and under
    value: str  # of sizes kilobytes in digits
    header: str = ""  # name, if the field is HEADER


@dataclass(frozen=True, slots=True)
class Action:
    """One thing done to a message."""

    method: Method
    argument: str = ""  # flag, mailbox, address or text; a mailbox as the script names it, but / between levels


@dataclass(frozen=True, slots=True)
class Filter:
    """Rules, and what is done where they hold.  The name is for people; scripts do not hold it."""

    name: str
    match: Match
    rules: tuple[Rule, ...]
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """When vacation answers are sent; what is None does not limit them.  Dates and times are of the person's zone."""

    first: date | None = None
    last: date | None = None  # with this day
    start: str | None = None  # HH:MM
    end: str | None = None  # before this; before ``start`` it means over midnight
    weekdays: tuple[str, ...] | None = None  # "0" is Sunday

    @property
    def limited(self) -> bool:
        return self != Period()


@dataclass(frozen=True, slots=True)
class Vacation:
    """The answer that senders get."""

    text: str
    addresses: tuple[str, ...] = ()  # to whom mail is answered, beside what the server knows
    days: int | None = None  # before the same sender gets it again; None is the default
    subject: str | None = None
    ignore_lists: bool = False
    always: bool = False  # before the filters, which may stop
    discard: bool = False
    period: Period = Period()


@dataclass(frozen=True, slots=True)
class Forward:
    """Where mail is sent on to."""

    addresses: tuple[str, ...]
    keep: bool = False
    always: bool = False  # before the filters


@dataclass(frozen=True, slots=True)
class Notification:
    """Who gets a short mail for each mail."""

    addresses: tuple[str, ...]
    message: str = ""
    title: str = NOTICE_TITLE  # in the person's language


@dataclass(frozen=True, slots=True)
class Wishes:
    """All of it; None is switched off."""

    filters: tuple[Filter, ...] = ()
    vacation: Vacation | None = None
    forward: Forward | None = None
    notification: Notification | None = None
