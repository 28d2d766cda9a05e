"""Mutated calendars: bytes as damaged or hostile peers may send them."""

import random
from collections.abc import Iterator
from pathlib import Path

_LINES = tuple(
    line.encode() + b"\r\n"
    for line in (
        "BEGIN:VEVENT",
        "END:VEVENT",
        "BEGIN:VALARM",
        "END:VALARM",
        "BEGIN:VTODO",
        "END:VTODO",
        "BEGIN:VTIMEZONE",
        "BEGIN:STANDARD",
        "END:STANDARD",
        "BEGIN:VEVENT\r\nUID:u\r\nRECURRENCE-ID:20260601T100000Z\r\nDTSTART:20260601T100000Z\r\nEND:VEVENT",
        "RRULE:FREQ=DAILY",
        "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:FREQ=YEARLY;BYDAY=-53SU,53MO,366TU;BYWEEKNO=53;BYSETPOS=-366",
        "RRULE:FREQ=MINUTELY;INTERVAL=999999999;COUNT=999999999",
        "RRULE:FREQ=MONTHLY;UNTIL=99991231T235959Z",
        "RRULE:FREQ=HOURLY;UNTIL=00010101",
        "EXRULE:FREQ=SECONDLY",
        "DTSTART:00010101T000000Z",
        "DTSTART:99991231T235959Z",
        "DTSTART;TZID=Pacific/Kiritimati:00010101T000000",
        "DTSTART;TZID=Etc/GMT+12:99991231T235959",
        "DTSTART;VALUE=DATE:99991231",
        "DTSTART;VALUE=DATE:00010101",
        "DTEND:99991231T235959Z",
        "DTEND;VALUE=DATE:00010101",
        "DUE:20260601",
        "DURATION:P999999999W",
        "DURATION:-P999999999D",
        "DURATION:PT999999999S",
        "RDATE;VALUE=PERIOD:99991231T235959Z/P999999999W",
        "RDATE:00010101T000000,99991231",
        "EXDATE:99991231,00010101T000000Z",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:00010101T000000Z",
        "RECURRENCE-ID;RANGE=THISANDFUTURE;VALUE=DATE:20260310",
        "TRIGGER:-P999999999W",
        "TRIGGER;RELATED=END:P999999999W",
        "TRIGGER;VALUE=DATE-TIME:00010101T000000Z",
        "REPEAT:999999999999",
        "FREEBUSY:00010101T000000Z/99991231T235959Z",
        "COMPLETED:00010101T000000Z",
        "CREATED:99991231T235959",
        "TZOFFSETFROM:+2359",
        "TZOFFSETTO:-2359",
        "TZID:Mine",
        'SUMMARY;X="a:b',
    )
)
_PIECES = (
    b"\r\n ",
    b"\r",
    b"\n",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3",
    b'"',
    b"^n",
    b",",
    b";",
    b":",
    b"=",
    b"/",
    b"-",
    b"\\",
    b"0",
    b"9" * 12,
    b"Z",
    b"T",
    b"P",
    b";TZID=Mine",
    b";TZID=\x7f",
    b";VALUE=DATE",
    b";VALUE=PERIOD",
    b";RANGE=THISANDFUTURE",
    "\u0661\u0662".encode(),
    b"\xf0\x9f\x98\x80",
)


def samples(folder: Path) -> list[bytes]:
    """Return the calendars of a folder, in a fixed order."""
    return [path.read_bytes() for path in sorted(folder.glob("*.ics"))]


def mutated(originals: list[bytes], count: int, *, seed: int) -> Iterator[bytes]:
    """Yield damaged copies: lines of the hostile kind put in, bytes changed, parts cut, doubled and swapped."""
    chance = random.Random(seed)
    for _ in range(count):
        body = bytearray(chance.choice(originals))
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(body) + 1)
            match chance.randrange(7):
                case 0 | 1 | 2:
                    line = body.find(b"\r\n", place) + 2
                    body[line:line] = chance.choice(_LINES)
                case 3:
                    body[place:place] = chance.choice(_PIECES)
                case 4:
                    body[place : place + 1] = bytes([chance.randrange(256)])
                case 5:
                    del body[place : place + chance.choice((1, 1, 4, 60))]
                case _:
                    start, length = chance.randrange(len(body) + 1), chance.choice((5, 40, 300))
                    body[place:place] = body[start : start + length]
        yield bytes(body)
