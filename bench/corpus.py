"""The calendars and address books that workloads run on: the same for every server, from a fixed seed."""

import random
from datetime import UTC, datetime, timedelta
from typing import Final

EVENTS: Final = 1000
CARDS: Final = 1000
MONTH: Final = (datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
_TITLES: Final = ("Stand-up", "Review", "Lunch with Åsa", "Dentist", "Planning", "Call with the München office")
NAMES: Final = ("Anna", "Björn", "Chloé", "Dmitri", "Eva", "Farid", "Grace", "Hiroshi", "Inés", "Jan")
_FAMILY: Final = ("Müller", "Smith", "Nguyễn", "Rossi", "Kowalski", "Sato", "Andersen", "Silva", "Dubois", "Novák")
_BERLIN: Final = """BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""


def event(uid: str, start: datetime, *, rule: str = "", number: int = 0) -> str:
    """Return one event of about a kilobyte, with a time zone, as a phone would send it."""
    title = _TITLES[number % len(_TITLES)]
    end = start + timedelta(minutes=45)
    lines = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Folkmoot//Benchmark//EN
{_BERLIN}BEGIN:VEVENT
UID:{uid}
DTSTAMP:20260101T080000Z
CREATED:20260101T080000Z
LAST-MODIFIED:20260101T080000Z
DTSTART;TZID=Europe/Berlin:{start:%Y%m%dT%H%M%S}
DTEND;TZID=Europe/Berlin:{end:%Y%m%dT%H%M%S}
{f"RRULE:{rule}" + chr(10) if rule else ""}SUMMARY:{title} {number}
LOCATION:Room {number % 12}
DESCRIPTION:Agenda: numbers of last week\\, open questions\\, who does what.
CLASS:PUBLIC
TRANSP:OPAQUE
SEQUENCE:0
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:{title}
TRIGGER:-PT15M
END:VALARM
END:VEVENT
END:VCALENDAR
"""
    return lines.replace("\n", "\r\n")


def events() -> list[tuple[str, str]]:
    """Return a thousand events over a year around ``MONTH``, every tenth one a series, as (uid, text)."""
    chosen = random.Random(4791)
    rules = (
        "FREQ=WEEKLY;COUNT=20",
        "FREQ=DAILY;COUNT=10",
        "FREQ=MONTHLY;BYDAY=1MO;COUNT=6",
        "FREQ=WEEKLY;BYDAY=MO,WE",
    )
    found = []
    for number in range(EVENTS):
        day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=chosen.randrange(365))
        start = day.replace(hour=chosen.randrange(7, 18), minute=chosen.choice((0, 15, 30, 45)))
        uid = f"bench-{number:04}"
        found.append((uid, event(uid, start, rule=rules[number // 10 % 4] if number % 10 == 0 else "", number=number)))
    return found


def card(uid: str, number: int) -> str:
    """Return one card of half a kilobyte."""
    given, family = NAMES[number % 10], _FAMILY[number // 10 % 10]
    return f"""BEGIN:VCARD
VERSION:3.0
PRODID:-//Folkmoot//Benchmark//EN
UID:{uid}
FN:{given} {family} {number}
N:{family};{given};;;
ORG:Example {number % 40} GmbH;Sales
TITLE:Buyer
EMAIL;TYPE=INTERNET,WORK:{given.lower()}.{number}@example.com
EMAIL;TYPE=INTERNET,HOME:home{number}@example.net
TEL;TYPE=WORK,VOICE:+49 30 5550{number:04}
TEL;TYPE=CELL:+49 170 555{number:05}
ADR;TYPE=WORK:;;Hauptstraße {number % 200};Berlin;;10115;Germany
NOTE:Met at the fair\\, wants the new catalogue.
CATEGORIES:Customers
END:VCARD
""".replace("\n", "\r\n")


def cards() -> list[tuple[str, str]]:
    """Return a thousand cards as (uid, text)."""
    return [(f"card-{number:04}", card(f"card-{number:04}", number)) for number in range(CARDS)]
