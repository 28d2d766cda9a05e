"""What a patch does to iCalendar text, line by line."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from folkmoot.ical import Component, parse
from folkmoot.ical import format as format_component
from folkmoot.jmap.jscalendar import participant_id, patched, to_jscalendar

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ADA, BOB = participant_id("mailto:ada@example.org"), participant_id("mailto:bob@example.org")

HEAD = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Some//One\nBEGIN:VEVENT\nUID:u1\nDTSTAMP:20260101T000000Z\n"
TAIL = "END:VEVENT\nEND:VCALENDAR\n"
TIMED = "DTSTART;TZID=Europe/Berlin:20260105T090000\nDTEND;TZID=Europe/Berlin:20260105T100000\n"


def event(*lines: str, times: str = TIMED, after: str = "") -> Component:
    text = HEAD + times + "".join(line + "\n" for line in lines) + "END:VEVENT\n" + after + "END:VCALENDAR\n"
    return parse(text.replace("\n", "\r\n"))


def changed(calendar: Component, patch: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the lines that went and the lines that came, stamps left out."""
    after = patched(calendar, patch, now=NOW, default_zone=BERLIN)
    old, new = (format_component(one).replace("\r\n ", "").split("\r\n") for one in (calendar, after))
    gone = list(old)
    came = []
    for line in new:
        if line in gone:
            gone.remove(line)
        else:
            came.append(line)
    return (
        [line for line in gone if not line.startswith(("DTSTAMP", "LAST-MODIFIED"))],
        [line for line in came if not line.startswith(("DTSTAMP", "LAST-MODIFIED"))],
    )


def shown(calendar: Component, *names: str) -> Any:
    return to_jscalendar(calendar, default_zone=BERLIN, properties=names)


def test_an_answer_changes_one_parameter_of_one_attendee() -> None:
    calendar = event(
        "ORGANIZER:mailto:bob@example.org",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION;X-NUM-GUESTS=0;RSVP=TRUE:mailto:ada@example.org",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.org",
    )
    assert changed(calendar, {f"participants/{ADA}/participationStatus": "accepted"}) == (
        ["ATTENDEE;PARTSTAT=NEEDS-ACTION;X-NUM-GUESTS=0;RSVP=TRUE:mailto:ada@example.org"],
        ["ATTENDEE;PARTSTAT=ACCEPTED;X-NUM-GUESTS=0;RSVP=TRUE:mailto:ada@example.org"],
    )


def test_an_attendee_is_added_with_the_id_that_the_client_chose() -> None:
    calendar = event("ORGANIZER:mailto:bob@example.org", "ATTENDEE:mailto:bob@example.org")
    patch = {"participants/new": {"email": "eve@example.org", "name": "Eve", "roles": {"attendee": True}}}
    assert changed(calendar, patch) == ([], ["ATTENDEE;CN=Eve;JSID=new:mailto:eve@example.org"])


def test_jscalendar_2_names_an_address_and_an_organizer() -> None:
    calendar = event()
    patch = {
        "organizerCalendarAddress": "mailto:bob@example.org",
        "participants": {ADA: {"calendarAddress": "mailto:ada@example.org", "roles": {"attendee": True}}},
        "recurrenceRule": {"frequency": "daily"},
    }
    assert sorted(changed(calendar, patch)[1]) == [
        "ATTENDEE:mailto:ada@example.org",
        "ORGANIZER:mailto:bob@example.org",
        "RRULE:FREQ=DAILY",
    ]


def test_the_zone_of_the_end_is_said_by_a_location() -> None:
    calendar = event("LOCATION:Here")
    after = patched(calendar, {"endTimeZone": "Asia/Tokyo"}, now=NOW, default_zone=BERLIN)
    assert "DTEND;TZID=Asia/Tokyo:20260105T180000" in format_component(after)
    places = shown(after, "locations")["locations"]
    assert places["1"]["name"] == "Here"
    assert places["endTimeZone"] == {"@type": "Location", "relativeTo": "end", "timeZone": "Asia/Tokyo"}
    both = {"endTimeZone": "Asia/Tokyo", "locations": {"a": {"name": "There"}}}
    told = shown(patched(calendar, both, now=NOW, default_zone=BERLIN), "locations")["locations"]
    assert told.keys() == {"a", "endTimeZone"}
    back = patched(after, {"endTimeZone": None}, now=NOW, default_zone=BERLIN)
    assert "DTEND;TZID=Europe/Berlin:20260105T100000" in format_component(back)
    assert shown(back, "locations") == shown(calendar, "locations")


def test_a_part_of_the_one_rule_changes_by_its_jscalendar_2_name() -> None:
    calendar = event("RRULE:FREQ=DAILY;COUNT=4")
    assert changed(calendar, {"recurrenceRule/count": 9}) == (
        ["RRULE:FREQ=DAILY;COUNT=4"],
        ["RRULE:FREQ=DAILY;COUNT=9"],
    )


def test_a_participant_that_moves_to_another_address_keeps_the_id() -> None:
    calendar = event("ORGANIZER:mailto:bob@example.org", "ATTENDEE;CN=A:mailto:ada@example.org")
    patch = {f"participants/{ADA}/sendTo/imip": "mailto:ada@example.com"}
    assert changed(calendar, patch)[1] == [f"ATTENDEE;CN=A;JSID={ADA}:mailto:ada@example.com"]


def test_an_organizer_is_no_attendee_before_having_said_so() -> None:
    calendar = event("ORGANIZER;CN=Bob:mailto:bob@example.org", "ATTENDEE:mailto:ada@example.org")
    people = shown(calendar, "participants")["participants"]
    assert people[BOB]["roles"] == {"owner": True}
    assert people[ADA]["roles"] == {"attendee": True}
    assert changed(calendar, {f"participants/{BOB}/roles/attendee": True}) == (
        [],
        ["ATTENDEE;CN=Bob:mailto:bob@example.org"],
    )


def test_who_was_invited_without_a_mail_address_is_kept_beside() -> None:
    calendar = event()
    patch = {"participants": {"g": {"name": "Guest", "roles": {"contact": True}}}}
    gone, came = changed(calendar, patch)
    assert (gone, len(came)) == ([], 1)
    assert came[0].startswith("JSPROP;VALUE=TEXT;JSPTR=participants")


def test_a_later_start_moves_the_end_and_keeps_the_zones_that_were_named() -> None:
    times = "DTSTART;TZID=W. Europe Standard Time:20260105T090000\nDTEND;TZID=W. Europe Standard Time:20260105T100000\n"
    assert changed(event(times=times), {"start": "2026-01-05T11:30:00"})[1] == [
        "DTSTART;TZID=W. Europe Standard Time:20260105T113000",
        "DTEND;TZID=W. Europe Standard Time:20260105T123000",
    ]


def test_a_zone_that_comes_to_be_named_brings_its_definition() -> None:
    gone, came = changed(event(), {"timeZone": "Asia/Tokyo"})
    assert len(gone) == 2
    assert came[:2] == ["BEGIN:VTIMEZONE", "TZID:Asia/Tokyo"]
    assert came[-2:] == ["DTSTART;TZID=Asia/Tokyo:20260105T090000", "DTEND;TZID=Asia/Tokyo:20260105T100000"]


def test_a_rule_s_end_stays_where_it_is_on_the_clock_of_a_new_zone() -> None:
    calendar = event("RRULE:FREQ=DAILY;UNTIL=20260110T080000Z")
    after = patched(calendar, {"timeZone": "America/New_York"}, now=NOW, default_zone=BERLIN)
    assert shown(after, "recurrenceRules")["recurrenceRules"][0]["until"] == "2026-01-10T09:00:00"
    assert "UNTIL=20260110T140000Z" in format_component(after)


def test_overrides_move_along_to_another_zone() -> None:
    override = (
        "BEGIN:VEVENT\nUID:u1\nRECURRENCE-ID:20260107T080000Z\nDTSTART:20260107T100000Z\nSUMMARY:Late\nEND:VEVENT\n"
    )
    calendar = event("RRULE:FREQ=DAILY", "EXDATE;TZID=Europe/Berlin:20260106T090000", after=override)
    before = shown(calendar, "recurrenceOverrides")["recurrenceOverrides"]
    after = patched(calendar, {"timeZone": "America/New_York"}, now=NOW, default_zone=BERLIN)
    told = shown(after, "recurrenceOverrides")["recurrenceOverrides"]
    assert told.keys() == before.keys() == {"2026-01-06T09:00:00", "2026-01-07T09:00:00"}
    assert told["2026-01-06T09:00:00"] == {"excluded": True}
    assert "EXDATE;TZID=America/New_York:20260106T090000" in format_component(after)


def test_a_day_becomes_times_and_times_become_days() -> None:
    day = "DTSTART;VALUE=DATE:20260105\nDTEND;VALUE=DATE:20260106\n"
    patch = {"showWithoutTime": None, "timeZone": "Europe/Berlin", "start": "2026-01-05T09:00:00", "duration": "PT1H"}
    assert [line for line in changed(event(times=day), patch)[1] if line.endswith("0000")][-2:] == TIMED.split("\n")[:2]
    back = {"showWithoutTime": True, "timeZone": None, "start": "2026-01-05T00:00:00", "duration": "P1D"}
    assert changed(event(), back)[1] == day.split("\n")[:2]


def test_a_day_that_only_is_shown_without_time_stays_timed() -> None:
    calendar = event()
    assert changed(calendar, {"showWithoutTime": True}) == ([], ["JSPROP;VALUE=TEXT;JSPTR=showWithoutTime:true"])


def test_an_end_in_an_hour_that_comes_twice_is_written_as_a_duration() -> None:
    times = "DTSTART;TZID=Europe/Berlin:20261025T003000\nDTEND;TZID=Europe/Berlin:20261025T010000\n"
    calendar = event(times=times)
    after = patched(calendar, {"duration": "PT3H"}, now=NOW, default_zone=BERLIN)
    assert shown(after, "duration")["duration"] == "PT3H"
    assert "DURATION:PT3H" in format_component(after)


def test_a_calendar_day_s_length_is_no_24_hours() -> None:
    calendar = event(times="DTSTART;TZID=Europe/Berlin:20260328T090000\nDTEND;TZID=Europe/Berlin:20260329T090000\n")
    assert shown(calendar, "duration")["duration"] == "PT23H"
    after = patched(calendar, {"duration": "P1D"}, now=NOW, default_zone=BERLIN)
    assert shown(after, "duration", "utcEnd") == {"@type": "Event", "duration": "P1D", "utcEnd": "2026-03-29T07:00:00Z"}


def test_utc_times_set_start_and_duration_on_the_event_s_clock() -> None:
    after = patched(
        event(), {"utcStart": "2026-01-05T10:00:00Z", "utcEnd": "2026-01-05T12:30:00Z"}, now=NOW, default_zone=BERLIN
    )
    assert shown(after, "start", "duration") == {
        "@type": "Event",
        "start": "2026-01-05T11:00:00",
        "duration": "PT2H30M",
    }


def test_an_alarm_is_acknowledged_in_its_own_component_alone() -> None:
    calendar = event("BEGIN:VALARM", "TRIGGER:-PT15M", "ACTION:AUDIO", "X-SOUND:1", "END:VALARM")
    (key,) = shown(calendar, "alerts")["alerts"]
    assert changed(calendar, {f"alerts/{key}/acknowledged": "2026-01-05T08:00:00Z"}) == (
        [],
        ["ACKNOWLEDGED:20260105T080000Z"],
    )


def test_an_alarm_keeps_its_id_when_its_trigger_changes() -> None:
    calendar = event("BEGIN:VALARM", "TRIGGER:-PT15M", "ACTION:DISPLAY", "DESCRIPTION:x", "END:VALARM")
    (key,) = shown(calendar, "alerts")["alerts"]
    after = patched(calendar, {f"alerts/{key}/trigger/offset": "-PT5M"}, now=NOW, default_zone=BERLIN)
    assert shown(after, "alerts")["alerts"][key]["trigger"]["offset"] == "-PT5M"


def test_a_snoozed_alarm_points_at_the_one_it_snoozes() -> None:
    calendar = event()
    first = {"trigger": {"offset": "-PT15M"}}
    patched_once = patched(calendar, {"alerts": {"a": first}}, now=NOW, default_zone=BERLIN)
    snoozed = {"trigger": {"when": "2026-01-05T07:50:00Z"}, "relatedTo": {"a": {"relation": {"parent": True}}}}
    after = patched(patched_once, {"alerts/b": snoozed}, now=NOW, default_zone=BERLIN)
    assert "RELTYPE=SNOOZE" in format_component(after)
    assert list(shown(after, "alerts")["alerts"]["b"]["relatedTo"]) == ["a"]


def test_apple_s_alarm_that_is_none_is_not_shown_and_stays() -> None:
    calendar = event("BEGIN:VALARM", "TRIGGER;VALUE=DATE-TIME:19760401T005545Z", "ACTION:NONE", "END:VALARM")
    assert "alerts" not in shown(calendar, "alerts")
    assert changed(calendar, {"alerts": {"a": {"trigger": {"offset": "PT0S"}}}})[0] == []


def test_html_is_a_description_of_its_own_kind_with_its_plain_text_beside() -> None:
    calendar = event("DESCRIPTION:old", "X-ALT-DESC;FMTTYPE=text/html:<b>old</b>")
    assert shown(calendar, "description", "descriptionContentType") == {"@type": "Event", "description": "old"}
    html = "<p>Hello <b>you</b></p><script>x</script>"
    gone, came = changed(calendar, {"description": html, "descriptionContentType": "text/html"})
    assert gone == ["DESCRIPTION:old", "X-ALT-DESC;FMTTYPE=text/html:<b>old</b>"]
    assert came[0] == "DESCRIPTION;DERIVED=TRUE:Hello you"
    assert came[1].startswith("STYLED-DESCRIPTION;VALUE=TEXT;FMTTYPE=text/html:<p>Hello")


def test_a_keyword_goes_from_the_line_it_stands_on() -> None:
    calendar = event("CATEGORIES:Work,Home", "CATEGORIES;LANGUAGE=de:Privat")
    assert changed(calendar, {"keywords/Home": None, "keywords/New, one": True}) == (
        ["CATEGORIES:Work,Home", "CATEGORIES;LANGUAGE=de:Privat"],
        ["CATEGORIES:Work", "CATEGORIES;LANGUAGE=de:Privat,New\\, one"],
    )


def test_text_cannot_smuggle_in_a_line() -> None:
    after = patched(event(), {"title": "a\r\nATTENDEE:mailto:x\x00@y\nb"}, now=NOW, default_zone=BERLIN)
    assert "SUMMARY:a\\nATTENDEE:mailto:x@y\\nb\r\n" in format_component(after)
    name = {"participants": {"a": {"email": "a@example.org", "name": 'x"\r\nX-EVIL:1', "roles": {"attendee": True}}}}
    text = format_component(patched(event(), name, now=NOW, default_zone=BERLIN))
    assert not any(line.startswith("X-EVIL") for line in text.split("\r\n"))
    assert shown(parse(text), "participants")["participants"]["a"]["name"] == 'x"\nX-EVIL:1'


def test_a_vendor_s_property_is_kept_and_goes_again() -> None:
    calendar = event()
    after = patched(calendar, {"example.org:box": {"a": [1, None]}}, now=NOW, default_zone=BERLIN)
    assert shown(after, "example.org:box")["example.org:box"] == {"a": [1, None]}
    gone = patched(after, {"example.org:box": None}, now=NOW, default_zone=BERLIN)
    assert "JSPROP" not in format_component(gone)


def test_what_is_kept_beside_says_nothing_that_the_lines_say() -> None:
    calendar = event(
        "SUMMARY:Real", 'JSPROP;JSPTR=title:"False"', 'JSPROP;JSPTR=uid:"other"', "JSPROP;JSPTR=showWithoutTime:3",
        'JSPROP;JSPTR=participants/x/sendTo/imip:"mailto:boss@example.org"', "JSPROP;JSPTR=useDefaultAlerts:true",
        "JSPROP;JSPTR=example.org:a:[[[[", "JSPROP:1", "JSPROP;JSPTR=isDraft:NaN",
    )  # fmt: skip
    told = to_jscalendar(calendar, default_zone=BERLIN)
    assert told["title"] == "Real"
    assert told["uid"] == "u1"
    assert told["useDefaultAlerts"] is True
    assert not told.keys() & {"participants", "showWithoutTime", "isDraft", "example.org:a"}


def test_the_series_title_goes_to_overrides_that_do_not_have_their_own() -> None:
    override = (
        "BEGIN:VEVENT\nUID:u1\nRECURRENCE-ID;TZID=Europe/Berlin:20260106T090000\n"
        "DTSTART;TZID=Europe/Berlin:20260106T110000\nDTEND;TZID=Europe/Berlin:20260106T120000\nSUMMARY:{}\nEND:VEVENT\n"
    )
    same = event("SUMMARY:Old", "RRULE:FREQ=DAILY", after=override.format("Old"))
    assert changed(same, {"title": "New"})[1] == ["SUMMARY:New", "SUMMARY:New"]
    own = event("SUMMARY:Old", "RRULE:FREQ=DAILY", after=override.format("Own"))
    assert changed(own, {"title": "New"})[1] == ["SUMMARY:New"]
    assert shown(own, "recurrenceOverrides")["recurrenceOverrides"] == {
        "2026-01-06T09:00:00": {"title": "Own", "start": "2026-01-06T11:00:00"}
    }


def test_a_pointer_into_an_override_makes_it() -> None:
    calendar = event("SUMMARY:Old", "RRULE:FREQ=DAILY")
    after = patched(calendar, {"recurrenceOverrides/2026-01-07T09:00:00/title": "New"}, now=NOW, default_zone=BERLIN)
    assert shown(after, "recurrenceOverrides")["recurrenceOverrides"] == {"2026-01-07T09:00:00": {"title": "New"}}
    assert "RDATE" not in format_component(after)
    deeper = patched(
        after, {"recurrenceOverrides/2026-01-07T09:00:00/keywords": {"a": True}}, now=NOW, default_zone=BERLIN
    )
    more = patched(deeper, {"recurrenceOverrides/2026-01-07T09:00:00/keywords/b": True}, now=NOW, default_zone=BERLIN)
    assert shown(more, "recurrenceOverrides")["recurrenceOverrides"]["2026-01-07T09:00:00"] == {
        "title": "New", "keywords": {"a": True, "b": True}
    }  # fmt: skip


def test_an_override_beside_the_rule_is_another_date_and_goes_with_it() -> None:
    calendar = event("RRULE:FREQ=WEEKLY")
    after = patched(calendar, {"recurrenceOverrides": {"2026-01-07T15:00:00": {}}}, now=NOW, default_zone=BERLIN)
    assert "RDATE;TZID=Europe/Berlin:20260107T150000" in format_component(after)
    gone = patched(after, {"recurrenceOverrides/2026-01-07T15:00:00": None}, now=NOW, default_zone=BERLIN)
    assert "RDATE" not in format_component(gone)


def test_an_excluded_occurrence_comes_back_and_its_neighbours_on_the_line_stay() -> None:
    line = "EXDATE;TZID=Europe/Berlin:20260106T090000,20260107T090000"
    calendar = event("RRULE:FREQ=DAILY", line)
    assert changed(calendar, {"recurrenceOverrides/2026-01-06T09:00:00": None}) == (
        [line],
        ["EXDATE;TZID=Europe/Berlin:20260107T090000"],
    )


def test_a_task_is_done() -> None:
    text = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTODO\nUID:t\nDTSTAMP:20260101T000000Z\nDUE;VALUE=DATE:20260105\n"
    calendar = parse((text + "X-KEEP:1\nEND:VTODO\nEND:VCALENDAR\n").replace("\n", "\r\n"))
    assert to_jscalendar(calendar, default_zone=BERLIN)["due"] == "2026-01-05T00:00:00"
    patch = {"progress": "completed", "progressUpdated": "2026-01-04T10:00:00Z", "percentComplete": 100}
    assert sorted(changed(calendar, patch)[1]) == [
        "COMPLETED:20260104T100000Z",
        "PERCENT-COMPLETE:100",
        "STATUS:COMPLETED",
    ]


def test_an_inline_attachment_is_a_data_address() -> None:
    calendar = event("ATTACH;VALUE=BINARY;ENCODING=BASE64;FMTTYPE=text/plain:aGk=")
    (link,) = shown(calendar, "links")["links"].values()
    assert link == {
        "@type": "Link", "href": "data:text/plain;base64,aGk=", "rel": "enclosure", "contentType": "text/plain"
    }  # fmt: skip
    after = patched(event(), {"links": {"a": {"href": link["href"]}}}, now=NOW, default_zone=BERLIN)
    assert "ATTACH;VALUE=BINARY;ENCODING=BASE64;FMTTYPE=text/plain;JSID=a:aGk=" in format_component(after)


def test_lunar_birthdays_go_there_and_back() -> None:
    rule = "RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=2;SKIP=FORWARD"
    calendar = event(f"RRULE:{rule}")
    (told,) = shown(calendar, "recurrenceRules")["recurrenceRules"]
    assert told == {
        "@type": "RecurrenceRule", "frequency": "yearly", "rscale": "chinese", "skip": "forward",
        "byMonth": ["5L"], "byMonthDay": [2],
    }  # fmt: skip
    assert changed(event(), {"recurrenceRules": [told]})[1] == [f"RRULE:{rule}"]
