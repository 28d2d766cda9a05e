"""Reading messages: what each method needs, what is put right, what is refused."""

from collections.abc import Iterable

import pytest

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.ical import Component, format  # noqa: A004
from folkmoot.scheduling.itip import ATTENDEES_MAX, COMPONENTS_MAX, NEEDED, parse_message
from folkmoot.scheduling.receiving.cleaning import clean_address
from folkmoot.scheduling.values import Method

WHOLE = {
    "UID": "UID:1",
    "DTSTAMP": "DTSTAMP:20260201T090000Z",
    "DTSTART": "DTSTART:20260310T090000Z",
    "DTEND": "DTEND:20260310T100000Z",
    "ORGANIZER": "ORGANIZER:mailto:anna@example.com",
    "ATTENDEE": "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ben@example.com",
    "SEQUENCE": "SEQUENCE:0",
    "SUMMARY": "SUMMARY:Planning",
}
METHODS = [(kind, method) for kind, needs in NEEDED.items() for method in needs]


def message(method: str | None, *components: str, more: Iterable[str] = ()) -> bytes:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//EN", *([f"METHOD:{method}"] if method else []), *more]
    return "\r\n".join([*head, *components, "END:VCALENDAR", ""]).encode()


def component(kind: str = "VEVENT", *more: str, without: Iterable[str] = ()) -> str:
    lines = [line for name, line in WHOLE.items() if name not in without]
    if kind == "VTODO":
        lines = [line.replace("DTEND", "DUE") for line in lines]
    return "\r\n".join([f"BEGIN:{kind}", *lines, *more, f"END:{kind}"])


def event(body: bytes) -> Component:
    return next(one for one in parse_message(body)[1].components if one.name != "VTIMEZONE")


@pytest.mark.parametrize(("kind", "method"), METHODS)
def test_a_method_is_read_with_all_that_it_needs_and_refused_without_any_of_it(kind: str, method: Method) -> None:
    assert parse_message(message(method, component(kind)))[0] is method
    assert parse_message(message(method.lower(), component(kind)))[0] is method
    for name in NEEDED[kind][method]:
        with pytest.raises(MalformedInput, match=name):
            parse_message(message(method, component(kind, without=[name])))
    tolerated = WHOLE.keys() - NEEDED[kind][method] - {"DTEND"}
    parse_message(message(method, component(kind, without=tolerated)))


@pytest.mark.parametrize(
    ("kind", "method"), [("VJOURNAL", "REQUEST"), ("VJOURNAL", "REPLY"), ("VFREEBUSY", "CANCEL"), ("VFREEBUSY", "ADD")]
)
def test_a_method_that_the_component_does_not_know_is_refused(kind: str, method: str) -> None:
    with pytest.raises(MalformedInput, match=f"{kind} knows no {method}"):
        parse_message(message(method, component(kind)))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (message(None, component()), "METHOD is missing"),
        (message("REQUEST", component(), more=["METHOD:CANCEL"]), "METHOD is there twice"),
        (message("INVITE", component()), "METHOD 'INVITE' is not known"),
        (message("REQUEST"), "nothing in the message"),
        (message("REQUEST", "BEGIN:VAVAILABILITY\r\nUID:1\r\nEND:VAVAILABILITY"), "nothing in the message"),
        (message("REQUEST", component(), component("VTODO")), "several kinds of component: VEVENT, VTODO"),
        (message("REQUEST", component(), component().replace("UID:1", "UID:2")), "2 different UIDs"),
        (message("REQUEST", component(), component()), "two components for the same instance"),
        (message("REQUEST", component("VEVENT", "UID:1")), "UID is there twice"),
        (message("REQUEST", component("VEVENT", "ORGANIZER:mailto:c@example.com")), "ORGANIZER is there twice"),
        (message("REQUEST", component().replace("SEQUENCE:0", "SEQUENCE:-1")), "SEQUENCE '-1'"),
        (message("REQUEST", component().replace("20260310T09", "20261310T09")), "date or time"),
        (message("REQUEST", component().replace("20260201T09", "yesterday")), "date or time"),
        (message("REQUEST", component("VEVENT", "RRULE:FREQ=NEVER")), "FREQ"),
        (message("REQUEST", component("VEVENT", "RRULE:FREQ=DAILY", "EXDATE:soon")), "date or time"),
        (message("REQUEST", component("VEVENT", "RDATE;VALUE=PERIOD:20260310T090000Z/never")), "never"),
        (message("ADD", component("VEVENT", "RECURRENCE-ID:20260310T090000Z")), "ADD has no RECURRENCE-ID"),
        (message("REQUEST", component("VEVENT", "ATTENDEE:mailto:a%0Ab@example.com")), "calendar address"),
        (message("REQUEST", component("VEVENT", "ATTENDEE:mailto:" + "a" * 2000)), "calendar address"),
        (b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n", "END:VCALENDAR"),
        (b"\xff\xfe", "UTF-8"),
        (b"", "0 VCALENDAR"),
    ],
)
def test_what_is_no_message_is_refused_with_the_reason(body: bytes, problem: str) -> None:
    with pytest.raises(MalformedInput, match=problem):
        parse_message(body)


def test_messages_are_bounded() -> None:
    instances = [
        component(
            "VEVENT", f"RECURRENCE-ID:2026{1 + number // 28 % 12:02d}{1 + number % 28:02d}T{number // 336:02d}0000Z"
        )
        for number in range(COMPONENTS_MAX + 1)
    ]
    with pytest.raises(TooLarge, match="components"):
        parse_message(message("REQUEST", *instances))
    crowd = [f"ATTENDEE:mailto:p{number}@example.com" for number in range(ATTENDEES_MAX + 1)]
    with pytest.raises(TooLarge, match="attendees"):
        parse_message(message("REQUEST", component("VEVENT", *crowd)))


def test_a_message_with_several_uids_is_refused_and_not_cut() -> None:
    with pytest.raises(MalformedInput, match="different UIDs in one message"):
        parse_message(message("PUBLISH", component(), component().replace("UID:1", "UID:2")))


@pytest.mark.parametrize(
    ("written", "address", "name"),
    [
        ("mailto:eva@example.com", "mailto:eva@example.com", ""),
        ("MAILTO:Eva@Example.com", "mailto:Eva@Example.com", ""),
        ("MailTo: eva@example.com ", "mailto:eva@example.com", ""),
        ("eva@example.com", "mailto:eva@example.com", ""),
        ("mailto:%22Eva%20M%C3%BCller%22%20%3Ceva@example.com%3E", "mailto:eva@example.com", "Eva Müller"),
        ("Eva <mailto:eva@example.com>", "mailto:eva@example.com", "Eva"),
        ("mailto:<eva@example.com>", "mailto:eva@example.com", ""),
        ("mailto:eva@example.com?cc=mallory@example.net", "mailto:eva@example.com", ""),
        ("mailto:", "", ""),
        ("MAILTO:invalid:nomail", "mailto:invalid:nomail", ""),
        ("urn:uuid:6a1f7c0e", "urn:uuid:6a1f7c0e", ""),
        ("/SOGo/dav/eva/", "/SOGo/dav/eva/", ""),
    ],
)
def test_calendar_addresses_are_put_right(written: str, address: str, name: str) -> None:
    assert clean_address(written) == (address, name)


def test_people_are_named_once_and_by_their_address() -> None:
    body = component(
        "VEVENT",
        'ATTENDEE;PARTSTAT=DECLINED;SENT-BY="MAILTO:Dora@Example.com":MAILTO:BEN@example.com',
        "ATTENDEE;CN=Cleo:mailto:%22Somebody%22%20%3Ccleo@example.com%3E",
        "ATTENDEE:mailto:%22Emil%22%20%3Cemil@example.com%3E",
        "ATTENDEE:mailto:",
    )
    lines = event(message("REQUEST", body)).all("ATTENDEE")
    assert [(line.value, line.param("CN")) for line in lines] == [
        ("mailto:ben@example.com", None),
        ("mailto:cleo@example.com", "Cleo"),
        ("mailto:emil@example.com", "Emil"),
    ]


def test_blanks_around_names_of_zones_go_and_what_steers_a_server_too() -> None:
    zone = "BEGIN:VTIMEZONE\r\nTZID:W. Europe Standard Time \r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n"
    zone += "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0100\r\nTZNAME: CET \r\nEND:STANDARD\r\nEND:VTIMEZONE"
    body = component(
        "VEVENT",
        "X-SOGO-SEND-APPOINTMENT-NOTIFICATIONS:NO",
        "X-FOLKMOOT-CANCELLED:x",
        "ATTENDEE;SCHEDULE-AGENT=NONE;SCHEDULE-STATUS=1.1;X-FOLKMOOT-REPLIED=x:mailto:cleo@example.com",
        without=["DTSTART"],
    ).replace("SEQUENCE:0", "DTSTART;TZID=W. Europe Standard Time :20260310T090000")
    _, calendar = parse_message(message("REQUEST", zone, body))
    text = format(calendar)
    assert "TZID:W. Europe Standard Time\r\n" in text
    assert "TZNAME:CET\r\n" in text
    assert "DTSTART;TZID=W. Europe Standard Time:20260310T090000\r\n" in text
    assert "ATTENDEE:mailto:cleo@example.com\r\n" in text
    assert "X-SOGO" not in text
    assert "X-FOLKMOOT" not in text
