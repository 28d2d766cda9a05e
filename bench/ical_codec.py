"""How long the calendar codec takes: python bench/ical_codec.py prints milliseconds, the best of several runs."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from folkmoot.ical import check_calendar_object, format, occurrences, parse, summarize  # noqa: A004

ZONE = ZoneInfo("Europe/Berlin")
EVENT = (
    "BEGIN:VEVENT\r\nUID:5f0e3a1c-3c33-4f0e-9e53-0e6d3d6a77a1\r\nDTSTAMP:20260101T000000Z\r\n"
    "CREATED:20260101T000000Z\r\nLAST-MODIFIED:20260101T000000Z\r\n"
    "DTSTART;TZID=Europe/Berlin:20260601T100000\r\nDTEND;TZID=Europe/Berlin:20260601T110000\r\n"
    "SUMMARY:Weekly planning with the team\r\nLOCATION:Room 4\\, second floor\r\n"
    f"DESCRIPTION:{'word ' * 12}\r\n{' word' * 12}\r\n {'word ' * 12}\r\n"
    "ORGANIZER;CN=Anna:mailto:anna@example.org\r\nATTENDEE;CN=Ben;PARTSTAT=ACCEPTED:mailto:ben@example.org\r\n"
    "ATTENDEE;CN=Cleo;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:cleo@example.org\r\nSEQUENCE:2\r\n"
    "STATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\nCLASS:PUBLIC\r\n"
    "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:r\r\nEND:VALARM\r\nEND:VEVENT\r\n"
)


def calendar(body: str) -> bytes:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{body}END:VCALENDAR\r\n".encode()


def best(work: Callable[[], object], *, repeat: int = 1, rounds: int = 15) -> float:
    """Return the milliseconds of the fastest round."""
    fastest = float("inf")
    for _ in range(rounds):
        begun = time.perf_counter()
        for _ in range(repeat):
            work()
        fastest = min(fastest, (time.perf_counter() - begun) / repeat)
    return fastest * 1000


def main() -> None:
    small, large = calendar(EVENT), calendar(EVENT * 1000)
    daily = calendar(EVENT.replace("SEQUENCE:2", "RRULE:FREQ=DAILY").replace("20260601", "20100601"))
    tree, old = parse(small), parse(daily)
    window = (datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
    rows = (
        (f"parse {len(small)} octets", best(lambda: parse(small), repeat=300)),
        (f"parse {len(large)} octets", best(lambda: parse(large), rounds=7)),
        ("format one event", best(lambda: format(tree), repeat=300)),
        ("parse and summarise one event", best(lambda: summarize(parse(small), default_zone=ZONE), repeat=300)),
        ("parse and check one event", best(lambda: check_calendar_object(parse(small)), repeat=300)),
        (
            "a month of a daily rule of 16 years",
            best(lambda: occurrences(old, *window, default_zone=ZONE), repeat=30),
        ),
    )
    for name, milliseconds in rows:
        print(f"{milliseconds:9.3f} ms  {name}")


if __name__ == "__main__":
    main()
