"""Components: what comes in goes out, and what is broken is named."""

from pathlib import Path

import pytest

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.ical import Component, Line, format, parse, parse_stream  # noqa: A004
from folkmoot.ical.component import DEPTH_MAX, PROPERTIES_MAX

CLIENTS = sorted((Path(__file__).parents[1] / "fixtures/ical/clients").glob("*.ics"))


@pytest.mark.parametrize("path", CLIENTS, ids=lambda path: path.stem)
def test_what_a_client_sends_comes_out_as_it_came_in(path: Path) -> None:
    body = path.read_bytes()
    assert format(parse(body)).encode() == body
    assert format(parse(body).copy()).encode() == body


def test_order_and_spelling_are_kept() -> None:
    text = (
        "begin:VCalendar\r\nBEGIN:VEVENT\r\nBEGIN:VALARM\r\nTRIGGER:PT0S\r\nEND:VALARM\r\n"
        "summary:after the alarm\r\nBEGIN:VALARM\r\nend:valarm\r\nEND:VEVENT\r\nVERSION:2.0\r\nEnd:VCALENDAR\r\n"
    )
    calendar = parse(text)
    assert format(calendar) == text
    calendar.components[0].add(Line("UID", "u"))
    changed = format(calendar)
    assert changed.startswith("begin:VCalendar\r\nBEGIN:VEVENT\r\nsummary:after the alarm\r\nUID:u\r\nBEGIN:VALARM")
    assert parse(changed) == calendar


def test_properties_are_found_set_and_removed() -> None:
    event = Component("vevent", [Line("SUMMARY", "a\\, b"), Line("ATTENDEE", "x"), Line("ATTENDEE", "y")])
    assert event.name == "VEVENT"
    assert event.text("SUMMARY") == "a, b"
    assert event.text("LOCATION") is None
    assert [line.value for line in event.all("ATTENDEE")] == ["x", "y"]
    event.set(Line("ATTENDEE", "z"))
    event.set(Line("LOCATION", "here"))
    assert [line.value for line in event.properties] == ["a\\, b", "z", "here"]
    event.remove("ATTENDEE")
    assert event.get("ATTENDEE") is None
    assert "SUMMARY" in repr(event)
    assert event != "VEVENT"


def test_walking_finds_components_at_any_depth() -> None:
    calendar = parse(CLIENTS[0].read_bytes())
    assert len(list(calendar.walk("VALARM"))) == 2
    assert [component.name for component in calendar.children("VEVENT")] == ["VEVENT", "VEVENT"]
    assert next(calendar.walk()) is calendar


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "0 VCALENDAR"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\nBEGIN:VCALENDAR\nEND:VCALENDAR\n", "2 VCALENDAR"),
        ("BEGIN:VEVENT\nEND:VEVENT\n", "outside VCALENDAR, line 1"),
        ("SUMMARY:x\n", "outside VCALENDAR, line 1"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:a\n b\nEND:VCALENDAR\n", "line 5"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR\n", "line 3"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\n", "missing"),
        ("BEGIN:VCALENDAR\nnonsense\nEND:VCALENDAR\n", "line 2"),
        ("BEGIN:VCARD\nEND:VCARD\n", "VCARD"),
    ],
)
def test_broken_text_is_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(MalformedInput, match=message):
        parse(text)


def test_a_stream_holds_any_number_of_calendars() -> None:
    one = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    assert len(parse_stream(one * 3)) == 3
    assert parse_stream(b"") == []
    assert len(parse_stream(b"BEGIN:VCALENDAR\r\nX-A:M\xfcller\r\nEND:VCALENDAR\r\n", fallback_charset="cp1252")) == 1


def test_blanks_after_begin_and_end_are_passed_over() -> None:
    assert parse("BEGIN:VCALENDAR \nBEGIN:vevent\t\nEND:VEVENT \nEND:VCALENDAR\n").components[0].name == "VEVENT"


def test_limits_are_kept() -> None:
    deep = "BEGIN:VCALENDAR\n" + "BEGIN:X\n" * DEPTH_MAX + "END:X\n" * DEPTH_MAX + "END:VCALENDAR\n"
    with pytest.raises(TooLarge, match="nested"):
        parse(deep)
    with pytest.raises(TooLarge, match="properties"):
        parse("BEGIN:VCALENDAR\n" + "A:\n" * (PROPERTIES_MAX + 1) + "END:VCALENDAR\n")
    with pytest.raises(TooLarge):
        parse("BEGIN:VCALENDAR\nEND:VCALENDAR\n", octets_max=10)
