"""Odd meetings from all sides, to calendars and outboxes: refused or taken, and never our failure."""

import random

import pytest

from folkmoot.database import Database
from folkmoot.store.check import check_store
from tests.support.fuzz import fuzz_inputs
from tests.support.meetings import desk_on, meeting

pytestmark = pytest.mark.anyio

VALUES = [
    "",
    "mailto:",
    "mailto:anna@example.org",
    "MAILTO:Ben@Example.ORG",
    "mailto:%22Ben%22%20%3Cben@example.org%3E",
    "mailto:ben@example.org,mailto:dora@example.org",
    "/SOGo/dav/ben/",
    "urn:uuid:1",
    "20260309T090000Z",
    "20260309",
    "99991231T235959Z",
    "FREQ=SECONDLY",
    "FREQ=WEEKLY;COUNT=3",
    "-1",
    "99999999999999",
    "CANCELLED",
    "\u2028",
    "a" * 300,
]
NAMES = [
    "ORGANIZER",
    "ATTENDEE",
    'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:dora@example.org"',
    "ATTENDEE;PARTSTAT=ACCEPTED;SCHEDULE-FORCE-SEND=REPLY",
    "ATTENDEE;SCHEDULE-AGENT=CLIENT",
    'ATTENDEE;SENT-BY="mailto:dora@example.org";ROLE=CHAIR',
    "RECURRENCE-ID",
    "RECURRENCE-ID;RANGE=THISANDFUTURE",
    "RRULE",
    "EXDATE",
    "RDATE;VALUE=PERIOD",
    "DTSTART",
    "DTSTART;TZID=Nowhere/City",
    "DTEND",
    "SEQUENCE",
    "STATUS",
    "UID",
    "DTSTAMP",
    "CLASS",
]
PEOPLE = ["anna", "ben", "dora"]
METHODS = ["REQUEST", "REPLY", "CANCEL", "COUNTER", "DECLINECOUNTER", "ADD", "REFRESH", "PUBLISH"]


def body(uid: str, lines: list[tuple[str, str]], method: str, *, second: bool) -> str:
    extra = "".join(f"{name}:{value}\r\n" for name, value in lines)
    whole = meeting(uid, "ben@example.org", "dora@example.org", extra=extra)
    if second:
        event = whole[whole.index("BEGIN:VEVENT") : whole.index("END:VCALENDAR")]
        whole = whole.replace(
            "END:VCALENDAR",
            event.replace(f"UID:{uid}", f"UID:{uid}\r\nRECURRENCE-ID:20260309T090000Z") + "END:VCALENDAR",
        )
    return whole.replace("VERSION:2.0", f"VERSION:2.0\r\nMETHOD:{method}") if method else whole


async def test_no_odd_meeting_is_our_failure(dav_database: Database) -> None:
    chance = random.Random(6638)  # the same odd meetings every time
    desk = desk_on(dav_database)
    for number in range(fuzz_inputs(120)):
        who, how = chance.choice(PEOPLE), chance.choice(["PUT", "PUT", "PUT", "POST", "DELETE"])
        lines = [(chance.choice(NAMES), chance.choice(VALUES)) for _ in range(chance.randrange(6))]
        method = chance.choice(METHODS) if how == "POST" else ""
        text = "" if how == "DELETE" else body(f"m{number % 7}", lines, method, second=chance.random() < 0.5)
        path = f"/{who}/Calendar/personal/" + ("" if how == "POST" else f"m{number % 7}.ics")
        response = await desk.dav.request(how, path, text, who, content_type="text/calendar")
        assert response.status < 500, (response.status, response.body, text)
    assert not await check_store(dav_database)
