"""When e-mail alarms go off."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from folkmoot.calendars.reminders.rings import next_ring, rings
from folkmoot.ical import parse

BERLIN = ZoneInfo("Europe/Berlin")
EVE = datetime(2026, 6, 1, tzinfo=UTC)


def alarm(*lines: str, trigger: str = "TRIGGER:-PT15M", action: str = "EMAIL") -> str:
    return "\n".join(["BEGIN:VALARM", f"ACTION:{action}", trigger, *lines, "END:VALARM"])


def event(*lines: str, starts: str = "DTSTART:20260610T100000Z", kind: str = "VEVENT") -> str:
    return "\n".join([f"BEGIN:{kind}", "UID:u", "DTSTAMP:20260101T000000Z", starts, *lines, f"END:{kind}"])


def times(*components: str, after: datetime = EVE, days: float = 400) -> list[str]:
    text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *components, "END:VCALENDAR"])
    calendar = parse(text.replace("\r\n", "\n").replace("\n", "\r\n"))
    found = rings(calendar, after, after + timedelta(days=days), default_zone=BERLIN)
    upcoming = next_ring(calendar, after, default_zone=BERLIN)
    assert upcoming is None or not found or upcoming == found[0].at
    return [f"{ring.at:%m-%d %H:%M}" for ring in found]


def test_an_alarm_goes_off_its_distance_before_the_start() -> None:
    assert times(event(alarm())) == ["06-10 09:45"]
    assert times(event(alarm(trigger="TRIGGER:-P1D"))) == ["06-09 10:00"]
    assert times(event(alarm(trigger="TRIGGER:PT0S"))) == ["06-10 10:00"]


def test_or_after_the_end() -> None:
    end = "DTEND:20260610T113000Z"
    assert times(event(end, alarm(trigger="TRIGGER;RELATED=END:PT5M"))) == ["06-10 11:35"]


def test_or_at_a_time_of_its_own_once_whatever_recurs() -> None:
    absolute = alarm(trigger="TRIGGER;VALUE=DATE-TIME:20260605T080000Z")
    assert times(event("RRULE:FREQ=DAILY;COUNT=3", absolute)) == ["06-05 08:00"]


def test_other_actions_send_no_mail() -> None:
    assert times(event(alarm(action="DISPLAY"), alarm(action="AUDIO"))) == []
    assert times(event(alarm(action="email"))) == ["06-10 09:45"]


def test_what_is_past_does_not_come_back() -> None:
    at = datetime(2026, 6, 10, 9, 45, tzinfo=UTC)
    assert times(event(alarm()), after=at) == []
    assert times(event(alarm()), after=at - timedelta(seconds=1)) == ["06-10 09:45"]


def test_every_occurrence_rings_and_overrides_ring_as_they_say() -> None:
    master = event("RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20260612T100000Z", alarm())
    moved = event("RECURRENCE-ID:20260611T100000Z", alarm(trigger="TRIGGER:-PT1H"), starts="DTSTART:20260611T150000Z")
    assert times(master, moved) == ["06-10 09:45", "06-11 14:00", "06-13 09:45"]
    silent = event("RECURRENCE-ID:20260611T100000Z", starts="DTSTART:20260611T150000Z")
    assert times(master, silent) == ["06-10 09:45", "06-13 09:45"]


def test_a_series_keeps_its_clock_when_daylight_saving_ends() -> None:
    weekly = event("RRULE:FREQ=WEEKLY;COUNT=2", alarm(), starts="DTSTART;TZID=Europe/Berlin:20261022T100000")
    assert times(weekly) == ["10-22 07:45", "10-29 08:45"]


def test_whole_days_begin_at_midnight_of_the_calendar() -> None:
    assert times(event(alarm(trigger="TRIGGER:-PT15M"), starts="DTSTART;VALUE=DATE:20260610")) == ["06-09 21:45"]
    assert times(event(alarm(trigger="TRIGGER:PT9H"), starts="DTSTART;VALUE=DATE:20260610")) == ["06-10 07:00"]


def test_repetitions_ring_too_up_to_ten() -> None:
    assert times(event(alarm("REPEAT:2", "DURATION:PT5M"))) == ["06-10 09:45", "06-10 09:50", "06-10 09:55"]
    assert len(times(event(alarm("REPEAT:5000", "DURATION:PT5M")))) == 11
    assert times(event(alarm("REPEAT:5000", "DURATION:PT1S"))) == ["06-10 09:45"]


def test_tasks_ring_by_start_or_due_date() -> None:
    due = "DUE:20260611T120000Z"
    assert times(event(due, alarm(trigger="TRIGGER;RELATED=END:-PT1H"), kind="VTODO")) == ["06-11 11:00"]
    only_due = "\n".join(["BEGIN:VTODO", "UID:t", due, alarm(trigger="TRIGGER:-PT1H"), "END:VTODO"])
    assert times(only_due) == ["06-11 11:00"]
    undated = "\n".join(["BEGIN:VTODO", "UID:t", alarm(trigger="TRIGGER:20260605T080000Z"), "END:VTODO"])
    assert times(undated) == ["06-05 08:00"]


def test_what_is_cancelled_or_done_is_silent() -> None:
    assert times(event("STATUS:CANCELLED", alarm())) == []
    assert times(event("STATUS:COMPLETED", alarm(), kind="VTODO")) == []
    assert times(event("COMPLETED:20260601T000000Z", alarm(), kind="VTODO")) == []


def test_what_was_acknowledged_is_silent() -> None:
    assert times(event(alarm("ACKNOWLEDGED:20260610T094500Z"))) == []
    assert times(event(alarm("ACKNOWLEDGED:20260610T094400Z"))) == ["06-10 09:45"]
    assert times(event("X-MOZ-LASTACK:20260610T094501Z", alarm(), "RRULE:FREQ=DAILY;COUNT=2")) == ["06-11 09:45"]
    assert times(event("X-MOZ-LASTACK:nonsense", alarm())) == ["06-10 09:45"]


def test_thunderbirds_mark_on_the_master_counts_for_overrides() -> None:
    master = event("RRULE:FREQ=DAILY;COUNT=2", "X-MOZ-LASTACK:20260611T120000Z", alarm())
    moved = event("RECURRENCE-ID:20260611T100000Z", alarm(), starts="DTSTART:20260611T110000Z")
    assert times(master, moved) == []


def test_an_alarm_that_cannot_be_read_is_silent() -> None:
    assert times(event(alarm(trigger="TRIGGER:soon"), alarm(trigger="X-TRIGGER:-PT5M"))) == []


def test_the_next_one_is_found_years_ahead() -> None:
    leap = event("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", alarm(), starts="DTSTART:20240229T100000Z")
    assert times(leap, days=1) == []
    text = f"BEGIN:VCALENDAR\n{leap}\nEND:VCALENDAR"
    calendar = parse(text.replace("\r\n", "\n").replace("\n", "\r\n"))
    assert next_ring(calendar, EVE, default_zone=BERLIN) == datetime(2028, 2, 29, 9, 45, tzinfo=UTC)


def test_a_rule_by_the_second_costs_no_more_than_its_limit() -> None:
    dense = event("RRULE:FREQ=SECONDLY", alarm())
    assert len(times(dense)) == 1000
