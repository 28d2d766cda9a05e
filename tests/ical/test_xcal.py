"""xCal (RFC 6321)."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from folkmoot.ical import format_xcal, parse

CLIENTS = sorted((Path(__file__).parents[1] / "fixtures/ical/clients").glob("*.ics"))


def event(*lines: str) -> str:
    body = "\n".join(lines)
    text = format_xcal(parse(f"BEGIN:VCALENDAR\nBEGIN:VEVENT\n{body}\nEND:VEVENT\nEND:VCALENDAR\n"))
    ET.fromstring(text)  # noqa: S314  # our own text
    return (
        text.partition("<vevent>")[2]
        .partition("</vevent>")[0]
        .removeprefix("<properties>")
        .removesuffix("</properties>")
    )


@pytest.mark.parametrize("path", CLIENTS, ids=lambda path: path.stem)
def test_what_clients_send_becomes_well_formed_xml(path: Path) -> None:
    tree = ET.fromstring(format_xcal(parse(path.read_bytes())))  # noqa: S314
    assert tree.tag == "{urn:ietf:params:xml:ns:icalendar-2.0}icalendar"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("DTSTART:20260601T100000Z", "<dtstart><date-time>2026-06-01T10:00:00Z</date-time></dtstart>"),
        ("DTSTART;VALUE=DATE:20260601", "<dtstart><date>2026-06-01</date></dtstart>"),
        (
            "DTSTART;TZID=Europe/Berlin:20260601T100000",
            (
                "<dtstart><parameters><tzid><text>Europe/Berlin</text></tzid></parameters>"
                "<date-time>2026-06-01T10:00:00</date-time></dtstart>"
            ),
        ),
        ("DTSTART:never", "<dtstart><date-time>never</date-time></dtstart>"),
        (
            "RRULE:FREQ=WEEKLY;UNTIL=20260601T100000Z;BYDAY=MO,TU",
            (
                "<rrule><recur><freq>WEEKLY</freq><until>2026-06-01T10:00:00Z</until>"
                "<byday>MO</byday><byday>TU</byday></recur></rrule>"
            ),
        ),
        ("SUMMARY:a\\, <b>\\n&", "<summary><text>a, &lt;b&gt;\n&amp;</text></summary>"),
        ("SUMMARY:bell\x07", "<summary><text>bell</text></summary>"),
        ("CATEGORIES:a,b\\,c", "<categories><text>a</text><text>b,c</text></categories>"),
        ("GEO:1.5;2", "<geo><latitude>1.5</latitude><longitude>2</longitude></geo>"),
        (
            "REQUEST-STATUS:2.0;Success;x",
            "<request-status><code>2.0</code><description>Success</description><data>x</data></request-status>",
        ),
        ("X-FOO:1", "<x-foo><unknown>1</unknown></x-foo>"),
        ("SEQUENCE:2", "<sequence><integer>2</integer></sequence>"),
        (
            'ATTENDEE;RSVP=TRUE;SENT-BY="mailto:a@example.org":mailto:b@example.org',
            (
                "<attendee><parameters><rsvp><boolean>TRUE</boolean></rsvp><sent-by>"
                "<cal-address>mailto:a@example.org</cal-address></sent-by></parameters>"
                "<cal-address>mailto:b@example.org</cal-address></attendee>"
            ),
        ),
        (
            "FREEBUSY:20260601T100000Z/PT1H,20260601T100000Z/20260601T110000Z",
            (
                "<freebusy><period><start>2026-06-01T10:00:00Z</start><duration>PT1H</duration></period>"
                "<period><start>2026-06-01T10:00:00Z</start><end>2026-06-01T11:00:00Z</end></period></freebusy>"
            ),
        ),
        ("TZOFFSETTO:-0330", "<tzoffsetto><utc-offset>-03:30</utc-offset></tzoffsetto>"),
        ("TZOFFSETTO:+005328", "<tzoffsetto><utc-offset>+00:53:28</utc-offset></tzoffsetto>"),
        ("1X;VALUE=<:1", "<x-1x><x-->1</x--></x-1x>"),
    ],
)
def test_a_property_becomes_an_element(line: str, expected: str) -> None:
    assert event(line) == expected
