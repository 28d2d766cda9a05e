"""One occurrence of a series: shown, changed, left out; and a series cut in two."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from folkmoot.core.errors import NotFound, Unsupported
from folkmoot.ical import Component, check_calendar_object, occurrences, parse
from folkmoot.ical import format as format_component
from folkmoot.jmap.jscalendar import (
    JsError,
    excluded,
    new_calendar,
    occurrence,
    patched,
    patched_occurrence,
    split_following,
    to_jscalendar,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def series(*lines: str, after: str = "") -> Component:
    text = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:u1\nDTSTAMP:20260101T000000Z\nSUMMARY:Talk\n"
        "DTSTART;TZID=Europe/Berlin:20260302T090000\nDTEND;TZID=Europe/Berlin:20260302T100000\n"
        + "".join(line + "\n" for line in lines)
        + f"END:VEVENT\n{after}END:VCALENDAR\n"
    )
    return parse(text.replace("\n", "\r\n"))


def starts(calendar: Component) -> list[str]:
    found = occurrences(calendar, default_zone=BERLIN, limit=100)
    return [one.start.astimezone(BERLIN).strftime("%m-%d %H:%M") for one in found]


def test_an_occurrence_is_an_event_of_its_own() -> None:
    calendar = series("RRULE:FREQ=WEEKLY;COUNT=6")
    told = occurrence(calendar, "2026-03-30T09:00:00", default_zone=BERLIN)
    assert told == {
        "@type": "Event",
        "uid": "u1",
        "updated": "2026-01-01T00:00:00Z",
        "title": "Talk",
        "start": "2026-03-30T09:00:00",
        "duration": "PT1H",
        "timeZone": "Europe/Berlin",
        "recurrenceId": "2026-03-30T09:00:00",
        "recurrenceIdTimeZone": "Europe/Berlin",
    }


@pytest.mark.parametrize(
    "at", ["2026-03-03T09:00:00", "2026-03-02T10:00:00", "2026-03-09T09:00:00", "2027-03-02T09:00:00"]
)
def test_what_is_no_occurrence_or_left_out_is_not_found(at: str) -> None:
    calendar = series("RRULE:FREQ=WEEKLY;COUNT=6", "EXDATE;VALUE=DATE:20260309")
    with pytest.raises(NotFound):
        occurrence(calendar, at, default_zone=BERLIN)
    with pytest.raises(NotFound):
        patched_occurrence(calendar, at, {"title": "x"}, now=NOW, default_zone=BERLIN)
    with pytest.raises(NotFound):
        excluded(calendar, at, now=NOW, default_zone=BERLIN)


def test_an_occurrence_can_be_moved_and_moved_back() -> None:
    calendar = series("RRULE:FREQ=WEEKLY;COUNT=3", "X-KEEP:1", "CATEGORIES:A")
    at = "2026-03-09T09:00:00"
    moved = patched_occurrence(calendar, at, {"start": "2026-03-10T15:00:00"}, now=NOW, default_zone=BERLIN)
    check_calendar_object(moved)
    assert starts(moved) == ["03-02 09:00", "03-10 15:00", "03-16 09:00"]
    assert format_component(moved).count("X-KEEP:1") == 2
    told = to_jscalendar(moved, default_zone=BERLIN)["recurrenceOverrides"]
    assert told == {at: {"start": "2026-03-10T15:00:00"}}
    back = patched_occurrence(moved, at, {"start": at}, now=NOW, default_zone=BERLIN)
    assert starts(back) == ["03-02 09:00", "03-09 09:00", "03-16 09:00"]


def test_an_occurrence_that_was_moved_can_be_left_out() -> None:
    calendar = series("RRULE:FREQ=WEEKLY;COUNT=3")
    at = "2026-03-09T09:00:00"
    moved = patched_occurrence(calendar, at, {"start": "2026-03-10T15:00:00"}, now=NOW, default_zone=BERLIN)
    gone = excluded(moved, at, now=NOW, default_zone=BERLIN)
    assert starts(gone) == ["03-02 09:00", "03-16 09:00"]
    assert "EXDATE;TZID=Europe/Berlin:20260309T090000" in format_component(gone)


def test_what_all_occurrences_have_in_common_cannot_be_changed_for_one() -> None:
    calendar = series("RRULE:FREQ=WEEKLY;COUNT=3")
    with pytest.raises(JsError) as refusal:
        patched_occurrence(
            calendar, "2026-03-09T09:00:00", {"privacy": "secret", "recurrenceRules": []}, now=NOW, default_zone=BERLIN
        )
    assert refusal.value.properties == ("privacy", "recurrenceRules")


def test_a_series_is_cut_with_its_overrides_and_its_count() -> None:
    override = (
        "BEGIN:VEVENT\nUID:u1\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID;TZID=Europe/Berlin:{}T090000\n"
        "DTSTART;TZID=Europe/Berlin:{}T110000\nDTEND;TZID=Europe/Berlin:{}T120000\nSUMMARY:Talk\nEND:VEVENT\n"
    )
    calendar = series(
        "RRULE:FREQ=WEEKLY;COUNT=6",
        "EXDATE;TZID=Europe/Berlin:20260309T090000,20260330T090000",
        "X-KEEP:1",
        after=override.format(*["20260316"] * 3) + override.format(*["20260406"] * 3),
    )
    old, new = split_following(
        calendar, "2026-03-23T09:00:00", {"start": "2026-03-23T14:00:00"}, new_uid="u2", now=NOW, default_zone=BERLIN
    )
    for one in (old, new):
        check_calendar_object(one)
        assert "X-KEEP:1" in format_component(one)
    assert starts(old) == ["03-02 09:00", "03-16 11:00"]
    assert "RRULE:FREQ=WEEKLY;COUNT=3" in format_component(old)
    assert to_jscalendar(old, default_zone=BERLIN)["relatedTo"] == {
        "u2": {"@type": "Relation", "relation": {"next": True}}
    }
    told = to_jscalendar(new, default_zone=BERLIN)
    assert told["uid"] == "u2"
    assert told["start"] == "2026-03-23T14:00:00"
    assert told["relatedTo"] == {"u1": {"@type": "Relation", "relation": {"first": True}}}
    assert told["recurrenceRules"][0]["count"] == 3
    assert starts(new) == ["03-23 14:00", "04-06 11:00"]


OVERRIDE = (
    "BEGIN:VEVENT\nUID:u1\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID;TZID=Europe/Berlin:20260316T090000\n"
    "DTSTART;TZID=Europe/Berlin:20260316T090000\nDTEND;TZID=Europe/Berlin:20260316T100000\nSUMMARY:Own\nX-KEEP:2\n"
    "END:VEVENT\n"
)


def test_a_series_that_moves_takes_its_overrides_along() -> None:
    calendar = series(
        "RRULE:FREQ=WEEKLY;COUNT=4",
        "EXDATE;TZID=Europe/Berlin:20260309T090000",
        "RDATE;TZID=Europe/Berlin:20260304T120000",
        after=OVERRIDE,
    )
    later = patched(calendar, {"start": "2026-03-03T14:00:00"}, now=NOW, default_zone=BERLIN)
    check_calendar_object(later)
    assert starts(later) == ["03-03 14:00", "03-05 17:00", "03-17 14:00", "03-24 14:00"]
    assert to_jscalendar(later, default_zone=BERLIN)["recurrenceOverrides"] == {
        "2026-03-10T14:00:00": {"excluded": True},
        "2026-03-05T17:00:00": {},
        "2026-03-17T14:00:00": {"title": "Own"},
    }
    assert format_component(later).count("X-KEEP:2") == 1
    day = {"start": "2026-03-02T00:00:00", "showWithoutTime": True, "timeZone": None, "duration": "P1D"}
    whole = patched(calendar, day, now=NOW, default_zone=BERLIN)
    check_calendar_object(whole)
    assert starts(whole) == ["03-02 00:00", "03-04 00:00", "03-16 00:00", "03-23 00:00"]
    back = patched(
        whole,
        {"start": "2026-03-02T09:00:00", "showWithoutTime": None, "timeZone": "Europe/Berlin", "duration": "PT1H"},
        now=NOW,
        default_zone=BERLIN,
    )
    assert starts(back)[2:] == ["03-16 09:00", "03-23 09:00"]


def test_who_sets_the_overrides_has_what_they_say() -> None:
    calendar = series("RRULE:FREQ=WEEKLY;COUNT=4", after=OVERRIDE)
    patch = {"start": "2026-03-02T14:00:00", "recurrenceOverrides": {"2026-03-09T14:00:00": {"excluded": True}}}
    after = patched(calendar, patch, now=NOW, default_zone=BERLIN)
    assert starts(after) == ["03-02 14:00", "03-16 14:00", "03-23 14:00"]


def test_a_series_cut_again_stays_related_to_the_first() -> None:
    calendar = series("RRULE:FREQ=WEEKLY")
    first, second = split_following(calendar, "2026-03-16T09:00:00", {}, new_uid="u2", now=NOW, default_zone=BERLIN)
    second, third = split_following(second, "2026-03-30T09:00:00", {}, new_uid="u3", now=NOW, default_zone=BERLIN)
    assert to_jscalendar(third, default_zone=BERLIN)["relatedTo"].keys() == {"u1"}
    assert to_jscalendar(second, default_zone=BERLIN)["relatedTo"] == {
        "u1": {"@type": "Relation", "relation": {"first": True}},
        "u3": {"@type": "Relation", "relation": {"next": True}},
    }
    assert starts(first) == ["03-02 09:00", "03-09 09:00"]


def test_a_series_cannot_be_cut_where_it_begins() -> None:
    with pytest.raises(NotFound):
        split_following(
            series("RRULE:FREQ=WEEKLY"), "2026-03-02T09:00:00", {}, new_uid="u2", now=NOW, default_zone=BERLIN
        )


INVITED_TO_TWO = (
    "BEGIN:VCALENDAR\nVERSION:2.0\n"
    "BEGIN:VEVENT\nUID:u1\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID;TZID=Europe/Berlin:20260309T090000\n"
    "DTSTART;TZID=Europe/Berlin:20260309T090000\nDTEND;TZID=Europe/Berlin:20260309T100000\nSUMMARY:One\nEND:VEVENT\n"
    "BEGIN:VEVENT\nUID:u1\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID:20260316T080000Z\n"
    "DTSTART;TZID=Europe/Berlin:20260316T103000\nDTEND;TZID=Europe/Berlin:20260316T113000\nSUMMARY:Two\nEND:VEVENT\n"
    "END:VCALENDAR\n"
).replace("\n", "\r\n")


def test_who_is_invited_to_single_occurrences_has_these() -> None:
    calendar = parse(INVITED_TO_TWO)
    told = to_jscalendar(calendar, default_zone=BERLIN)
    assert (told["title"], told["recurrenceId"], told["recurrenceIdTimeZone"]) == (
        "One",
        "2026-03-09T09:00:00",
        "Europe/Berlin",
    )
    assert told["recurrenceOverrides"] == {"2026-03-16T09:00:00": {"title": "Two", "start": "2026-03-16T10:30:00"}}
    assert occurrence(calendar, "2026-03-16T09:00:00", default_zone=BERLIN)["title"] == "Two"
    first = patched(calendar, {"title": "First"}, now=NOW, default_zone=BERLIN)
    assert [part.text("SUMMARY") for part in first.components] == ["First", "Two"]
    second = patched_occurrence(calendar, "2026-03-16T09:00:00", {"title": "B"}, now=NOW, default_zone=BERLIN)
    assert [part.text("SUMMARY") for part in second.components] == ["One", "B"]
    one = patched_occurrence(calendar, "2026-03-09T09:00:00", {"title": "A"}, now=NOW, default_zone=BERLIN)
    assert [part.text("SUMMARY") for part in one.components] == ["A", "Two"]
    left = excluded(calendar, "2026-03-09T09:00:00", now=NOW, default_zone=BERLIN)
    assert [part.text("SUMMARY") for part in left.components] == ["Two"]
    with pytest.raises(NotFound):
        excluded(left, "2026-03-16T09:00:00", now=NOW, default_zone=BERLIN)


def test_a_single_occurrence_can_be_made_anew() -> None:
    value = {
        "@type": "Event", "uid": "u", "title": "Only this", "start": "2026-03-09T11:00:00", "timeZone": "Europe/Berlin",
        "recurrenceId": "2026-03-09T09:00:00", "recurrenceIdTimeZone": "Europe/Berlin",
    }  # fmt: skip
    made = new_calendar(value, prodid="-//Folkmoot//EN", now=NOW)
    assert "RECURRENCE-ID;TZID=Europe/Berlin:20260309T090000" in format_component(made)
    told = to_jscalendar(made, default_zone=BERLIN)
    assert {name: told[name] for name in value} == value


def test_a_recurring_task_shifts_when_it_is_due() -> None:
    text = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTODO\nUID:t\nDTSTAMP:20260101T000000Z\n"
        "DTSTART;TZID=Europe/Berlin:20260302T090000\nDUE;TZID=Europe/Berlin:20260303T170000\nRRULE:FREQ=WEEKLY\n"
        "END:VTODO\nEND:VCALENDAR\n"
    )
    calendar = parse(text.replace("\n", "\r\n"))
    at = "2026-03-09T09:00:00"
    assert occurrence(calendar, at, default_zone=BERLIN)["due"] == "2026-03-10T17:00:00"
    done = patched_occurrence(calendar, at, {"progress": "completed"}, now=NOW, default_zone=BERLIN)
    assert to_jscalendar(done, default_zone=BERLIN)["recurrenceOverrides"] == {at: {"progress": "completed"}}


def test_a_journal_is_no_jscalendar() -> None:
    text = "BEGIN:VCALENDAR\r\nBEGIN:VJOURNAL\r\nUID:j\r\nEND:VJOURNAL\r\nEND:VCALENDAR\r\n"
    with pytest.raises(Unsupported):
        to_jscalendar(parse(text), default_zone=BERLIN)
