from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import MalformedInput
from folkmoot.ical import Component, Line, parse
from folkmoot.scheduling.decide import decide
from folkmoot.scheduling.meeting import answer, attendees, own_line
from folkmoot.scheduling.messages import counter, decline_counter, refresh
from folkmoot.scheduling.receive import receive
from folkmoot.scheduling.values import (
    Actor,
    Address,
    AttendeeChangeRefused,
    Decision,
    Effect,
    Method,
    OldSequence,
    Reason,
    Wishes,
)

ANNA, BEN, CLEO, EMIL = (Address(f"{name}@example.org") for name in ("anna", "ben", "cleo", "emil"))
ACTORS = {who: Actor(frozenset({who}), who) for who in (ANNA, BEN, CLEO, EMIL)}
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
WISHES = Wishes(NOW, BERLIN)


def event(*lines: str, rule: str = "") -> Component:
    text = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        "UID:1",
        "DTSTART;TZID=Europe/Berlin:20260601T100000",
        "DURATION:PT1H",
        *([f"RRULE:{rule}"] if rule else []),
        "SUMMARY:Talk",
        "ORGANIZER:mailto:anna@example.org",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ben@example.org",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:cleo@example.org",
        *lines,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return parse("\r\n".join(text))


def changed(calendar: Component, *lines: Line) -> Component:
    after = calendar.copy()
    for line in lines:
        after.components[0].set(line)
    return after


def answered(calendar: Component, who: Address, said: str, **params: str) -> Component:
    after = calendar.copy()
    event_ = after.children("VEVENT")[0]
    line = own_line(event_, {who})
    assert line is not None
    new = line.with_param("PARTSTAT", said).with_param("RSVP")
    for name, value in params.items():
        new = new.with_param(name.replace("_", "-"), value)
    event_.properties[event_.properties.index(line)] = new
    return after


def test_an_attendees_older_version_is_refused() -> None:
    stored = event("SEQUENCE:2")
    with pytest.raises(OldSequence, match="SEQUENCE 1 is older than 2"):
        decide(stored, changed(stored, Line("SEQUENCE", "1")), ACTORS[BEN], WISHES)


def test_an_organizers_sequence_never_falls() -> None:
    stored = event("SEQUENCE:2")
    decision = decide(stored, changed(stored, Line("SEQUENCE", "0"), Line("COMMENT", "x")), ACTORS[ANNA], WISHES)
    assert decision.calendar is not None
    assert decision.calendar.components[0].text("SEQUENCE") == "2"


def test_an_attendee_cannot_leave_out_a_whole_calendar_of_instances_at_once() -> None:
    stored = event(rule="FREQ=DAILY")
    days = [format(NOW.date() + timedelta(days=day), "%Y%m%dT080000Z") for day in range(31, 31 + 501)]
    with pytest.raises(AttendeeChangeRefused):
        decide(stored, changed(stored, Line("EXDATE", ",".join(days))), ACTORS[BEN], WISHES)


def test_many_instances_left_out_by_the_organizer_are_told_with_the_series() -> None:
    stored = event(rule="FREQ=DAILY")
    days = [format(NOW.date() + timedelta(days=day), "%Y%m%dT080000Z") for day in range(31, 31 + 51)]
    decision = decide(stored, changed(stored, Line("EXDATE", ",".join(days))), ACTORS[ANNA], WISHES)
    assert [(one.method, one.recurrence_ids) for one in decision.messages] == [(Method.REQUEST, ())] * 2


def test_an_exdate_of_what_is_no_instance_cancels_nothing() -> None:
    stored = event(rule="FREQ=DAILY;COUNT=3")
    decision = decide(stored, changed(stored, Line("EXDATE", "20261224T080000Z")), ACTORS[ANNA], WISHES)
    assert decision.messages == []


def test_text_that_needs_nothing_put_right_is_kept_as_it_was_sent() -> None:
    sent = event().copy()
    organizer = sent.components[0].get("ORGANIZER")
    assert organizer is not None
    assert decide(None, sent, ACTORS[ANNA], WISHES).calendar is sent
    stored = event()
    reply = answered(stored, BEN, "ACCEPTED")
    reply.components[0].properties.reverse()  # clients write in an order of their own
    assert decide(stored, reply, ACTORS[BEN], WISHES).calendar is reply


def test_a_zone_that_the_client_did_not_define_is_defined_in_messages() -> None:
    message = decide(None, event(), ACTORS[ANNA], WISHES).messages[0]
    assert [zone.text("TZID") for zone in message.calendar.children("VTIMEZONE")] == ["Europe/Berlin"]


def test_what_we_note_for_ourselves_stays_at_home() -> None:
    stored = event("X-MOZ-GENERATION:3")
    noted = stored.components[0]
    noted.properties = [
        line.with_param("SCHEDULE-STATUS", "1.2").with_param("X-FOLKMOOT-REPLIED", "20260501T000000Z")
        if line.name == "ATTENDEE"
        else line
        for line in noted.properties
    ]
    decision = decide(stored, changed(stored, Line("SUMMARY", "Walk")), ACTORS[ANNA], WISHES)
    shown = decision.messages[0].calendar.components[-1]
    assert shown.get("X-MOZ-GENERATION") is None
    assert {one.name for line in shown.all("ATTENDEE") for one in line.params} == {"PARTSTAT", "RSVP"}
    assert decision.calendar is not None
    assert own_line(decision.calendar.components[0], {BEN}) is not None
    kept = attendees(decision.calendar)[BEN]
    assert kept.param("X-FOLKMOOT-REPLIED") == "20260501T000000Z"


def test_dates_that_cannot_be_read_are_the_clients_fault() -> None:
    stored = event()
    with pytest.raises(MalformedInput):
        decide(stored, changed(stored, Line("DTSTART", "tomorrow")), ACTORS[ANNA], WISHES)


NAMES = st.sampled_from(["X-OWN", "X-APPLE-TRAVEL", "CONFERENCE", "IMAGE", "RELATED-TO", "NEW-PROPERTY", "COLOR"])
VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=5), st.sampled_from([ANNA, BEN]))
def test_properties_that_nobody_knows_survive(extras: list[tuple[str, str]], who: Address) -> None:
    extra = [Line(name, value) for name, value in extras]
    stored = event()
    stored.components[0].properties += extra
    after = answered(stored, BEN, "ACCEPTED") if who == BEN else changed(stored, Line("LOCATION", "Room"))
    twins = stored.copy(), after.copy()
    decision = decide(stored, after, ACTORS[who], WISHES)
    assert (stored, after) == twins
    assert decision.calendar is not None
    assert [line for line in decision.calendar.components[0].properties if line in extra] == extra


def deliver(decision: Decision, copies: dict[Address, Component | None]) -> None:
    for message in decision.messages:
        receipt = receive(
            copies[message.recipient],
            message.calendar,
            message.method,
            ACTORS[message.recipient],
            now=NOW,
            default_zone=BERLIN,
            sender=message.sender,
        )
        assert receipt.effect in (Effect.APPLIED, Effect.REMOVED), message
        copies[message.recipient] = receipt.calendar


def test_a_delegation_taken_back_and_given_anew_leaves_nobody_behind() -> None:
    copies: dict[Address, Component | None] = dict.fromkeys(ACTORS)

    def write(who: Address, after: Component) -> None:
        decision = decide(copies[who], after, ACTORS[who], WISHES)
        copies[who] = decision.calendar
        deliver(decision, copies)

    def own(who: Address) -> Component:
        copy = copies[who]
        assert copy is not None
        return copy

    write(ANNA, event())
    write(CLEO, answered(own(CLEO), CLEO, "DELEGATED", DELEGATED_TO="mailto:emil@example.org"))
    assert answer(attendees(own(ANNA))[CLEO]) == "DELEGATED"
    assert EMIL in attendees(own(ANNA))
    assert EMIL in attendees(own(EMIL))
    write(EMIL, answered(own(EMIL), EMIL, "ACCEPTED"))
    assert answer(attendees(own(ANNA))[EMIL]) == "ACCEPTED"
    write(CLEO, answered(own(CLEO), CLEO, "ACCEPTED"))
    assert copies[EMIL] is None
    assert set(attendees(own(ANNA))) == {BEN, CLEO}
    assert answer(attendees(own(ANNA))[CLEO]) == "ACCEPTED"


def test_an_attendee_proposes_another_time() -> None:
    copy = event("SEQUENCE:1")
    proposed = changed(copy, Line("DTSTART", "20260601T120000Z"))
    message = counter(copy, proposed, ACTORS[BEN], now=NOW)
    assert message is not None
    assert (message.method, message.reason, message.sequence) == (Method.COUNTER, Reason.COUNTER, 1)
    assert (message.sender, message.recipient) == (BEN, ANNA)
    shown = message.calendar.components[-1]
    assert shown.text("DTSTART") == "20260601T120000Z"
    assert len(shown.all("ATTENDEE")) == 2
    assert counter(copy, proposed, ACTORS[EMIL], now=NOW) is None


def test_the_organizer_says_no_to_a_proposal() -> None:
    meeting = event("SEQUENCE:1")
    proposed = counter(meeting, changed(meeting, Line("DTSTART", "20260601T120000Z")), ACTORS[BEN], now=NOW)
    assert proposed is not None
    message = decline_counter(meeting, proposed.calendar, BEN, comment="Too late", now=NOW)
    assert message is not None
    assert (message.sender, message.recipient, message.method) == (ANNA, BEN, Method.DECLINECOUNTER)
    declined = message.calendar.components[-1]
    assert declined.text("COMMENT") == "Too late"
    assert [line.value for line in declined.all("ATTENDEE")] == ["mailto:ben@example.org"]
    assert decline_counter(meeting, Component("VCALENDAR"), BEN, now=NOW) is None


def test_an_attendee_asks_for_the_present_version() -> None:
    message = refresh(event(rule="FREQ=DAILY"), ACTORS[CLEO], now=NOW)
    assert message is not None
    assert [line.name for line in message.calendar.components[-1].properties] == [
        "UID",
        "ORGANIZER",
        "ATTENDEE",
        "DTSTAMP",
    ]
    assert refresh(event(), ACTORS[EMIL], now=NOW) is None


def test_who_declined_the_series_but_not_an_instance_is_told_when_all_is_called_off() -> None:
    stored = answered(event(rule="FREQ=DAILY;COUNT=3"), BEN, "DECLINED")
    single = stored.components[0].copy()
    single.remove("RRULE")
    start = Line("DTSTART", "20260602T150000").with_param("TZID", "Europe/Berlin")
    single.set(start)
    single.add(Line("RECURRENCE-ID", "20260602T100000").with_param("TZID", "Europe/Berlin"))
    stored.components.append(single)
    told = {one.recipient: one.significant for one in decide(stored, None, ACTORS[ANNA], WISHES).messages}
    assert told == {BEN: False, CLEO: True}
    line = own_line(single, {BEN})
    assert line is not None
    single.properties[single.properties.index(line)] = line.with_param("PARTSTAT", "ACCEPTED")
    told = {one.recipient: one.significant for one in decide(stored, None, ACTORS[ANNA], WISHES).messages}
    assert told == {BEN: True, CLEO: True}
