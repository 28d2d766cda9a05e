from folkmoot.ical import calendar_address, parse
from folkmoot.scheduling.meeting import (
    addresses_in,
    attendees,
    is_meeting,
    mailto,
    organizer,
    participation,
    sequence,
)
from folkmoot.scheduling.values import Address

ANNA, BEN, CLEO = (Address(f"{name}@example.org") for name in ("anna", "ben", "cleo"))
MEETING = parse(
    "BEGIN:VCALENDAR\r\n"
    "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260601T100000Z\r\nRRULE:FREQ=DAILY\r\nSEQUENCE:3\r\n"
    'ORGANIZER;SENT-BY="mailto:dora@example.org":MAILTO:Anna%20Meier%20%3CAnna@Example.org%3E\r\n'
    "ATTENDEE;PARTSTAT=accepted:mailto:ben%40example.org\r\n"
    "END:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260602T100000Z\r\nRECURRENCE-ID:20260602T100000Z\r\n"
    "ORGANIZER:mailto:anna@example.org\r\n"
    "ATTENDEE;PARTSTAT=DECLINED:mailto:ben@example.org\r\n"
    'ATTENDEE;DELEGATED-TO="mailto:emil@example.org":mailto:cleo@example.org\r\n'
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_addresses_are_found_behind_every_way_to_write_them() -> None:
    assert organizer(MEETING) == ANNA
    assert set(attendees(MEETING)) == {BEN, CLEO}
    assert addresses_in(MEETING) == {ANNA, BEN, CLEO, "dora@example.org", "emil@example.org"}
    assert calendar_address("mailto:anna@example.org?subject=Lunch") == "anna@example.org"


def test_the_answer_is_that_to_the_series_if_there_is_one() -> None:
    assert participation(MEETING, {BEN}) == "ACCEPTED"
    assert participation(MEETING, {CLEO}) == "NEEDS-ACTION"
    assert participation(MEETING, {ANNA}) == ""


def test_an_event_of_one_person_is_no_meeting() -> None:
    alone = MEETING.copy()
    for event in alone.components:
        event.remove("ATTENDEE")
    assert is_meeting(MEETING)
    assert not is_meeting(alone)


def test_a_sequence_that_is_no_number_is_none() -> None:
    event = MEETING.components[0].copy()
    assert sequence(event) == 3
    event.set(event.properties[0].replace(name="SEQUENCE", value="-1"))
    assert sequence(event) == 0
    event.remove("SEQUENCE")
    assert sequence(event) == 0


def test_only_mail_addresses_become_mailto() -> None:
    assert mailto(BEN) == "mailto:ben@example.org"
    assert mailto(Address("/dav/ben/")) == "/dav/ben/"
    assert mailto(Address("urn:uuid:1@2")) == "urn:uuid:1@2"
