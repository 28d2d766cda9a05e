"""Sessions of the python-caldav library, for the peers' environment: ``caldav_session.py NAME URL LOGIN PASSWORD``."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import caldav
from caldav.lib import error

ZONE = "Europe/Prague"


def ics(uid: str, start: str, *extra: str, summary: str = "Meeting") -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Session//EN", "BEGIN:VEVENT", f"UID:{uid}"]
    lines += ["DTSTAMP:20260101T000000Z", f"DTSTART:{start}", "DURATION:PT1H", f"SUMMARY:{summary}", *extra]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])


def todo(uid: str, due: str, *extra: str) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Session//EN", "BEGIN:VTODO", f"UID:{uid}"]
    lines += ["DTSTAMP:20260101T000000Z", f"DUE:{due}", f"SUMMARY:Task {uid}", *extra, "END:VTODO", "END:VCALENDAR", ""]
    return "\r\n".join(lines)


def summaries(found: list[caldav.CalendarObjectResource]) -> list[str]:
    return sorted(str(one.icalendar_component["SUMMARY"]) for one in found)


def discovery(client: caldav.DAVClient, bare: str) -> None:
    """From the bare host name to the calendars."""
    principal = client.principal()
    assert principal.get_vcal_address() or principal.calendar_user_address_set()
    names = {calendar.get_display_name() for calendar in principal.calendars()}
    assert "Personal Calendar" in names, names
    rooted = caldav.DAVClient(url=f"{bare}/", username=client.username, password=client.password)
    assert str(rooted.principal().url).rstrip("/") == str(principal.url).rstrip("/")


def make_and_remove_a_calendar(client: caldav.DAVClient, _bare: str) -> None:
    """MKCALENDAR with a name and a component set, then properties, then DELETE."""
    principal = client.principal()
    calendar = principal.make_calendar(
        name="Söme name & more", cal_id="made", supported_calendar_component_set=["VTODO"]
    )
    assert calendar.get_display_name() == "Söme name & more"
    assert list(calendar.get_supported_components()) == ["VTODO"]
    try:
        calendar.save_event(ics("wrong", "20260302T090000Z"))
    except error.DAVError:
        pass
    else:
        raise AssertionError("an event in a list of tasks")
    calendar.set_properties([caldav.elements.dav.DisplayName("Renamed")])
    assert "Renamed" in {one.get_display_name() for one in principal.calendars()}
    calendar.delete()
    assert "made" not in " ".join(str(one.url) for one in principal.calendars())


def create_edit_and_delete(client: caldav.DAVClient, _bare: str) -> None:
    """An event through its whole life."""
    calendar = client.principal().calendars()[0]
    event = calendar.save_event(
        dtstart=datetime(2026, 3, 2, 9, tzinfo=UTC), dtend=datetime(2026, 3, 2, 10, tzinfo=UTC), summary="Stand-up"
    )
    again = calendar.event_by_url(event.url)
    assert str(again.icalendar_component["SUMMARY"]) == "Stand-up"
    with again.edit_icalendar_instance() as content:
        content.subcomponents[0]["SUMMARY"] = "Sit-down"
    again.save()
    uid = str(again.icalendar_component["UID"])
    assert str(calendar.event_by_uid(uid).icalendar_component["SUMMARY"]) == "Sit-down"
    again.delete()
    try:
        calendar.event_by_uid(uid)
    except error.NotFoundError:
        return
    raise AssertionError("still there")


def search(client: caldav.DAVClient, _bare: str) -> None:
    """By time, by text, by category, by absence; tasks that are due, done and undone."""
    calendar = client.principal().calendars()[0]
    calendar.save_event(ics("a", "20260302T090000Z", "CATEGORIES:WORK", summary="Alpha meeting"))
    calendar.save_event(ics("b", "20260303T090000Z", "CLASS:PRIVATE", summary="Beta meeting"))
    calendar.save_event(ics("c", "20260402T090000Z", summary="Gamma"))
    calendar.save_todo(todo("due", "20260302T120000Z"))
    calendar.save_todo(todo("done", "20260302T130000Z", "STATUS:COMPLETED", "COMPLETED:20260302T100000Z"))
    march = {"start": datetime(2026, 3, 1, tzinfo=UTC), "end": datetime(2026, 4, 1, tzinfo=UTC)}
    assert summaries(calendar.search(event=True, **march)) == ["Alpha meeting", "Beta meeting"]
    assert summaries(calendar.search(event=True, summary="meeting")) == ["Alpha meeting", "Beta meeting"]
    assert summaries(calendar.search(event=True, category="WORK")) == ["Alpha meeting"]
    assert summaries(calendar.search(event=True, no_class=True)) == ["Alpha meeting", "Gamma"]
    assert summaries(calendar.search(event=True, summary="meeting", no_category=True)) == ["Beta meeting"]
    assert summaries(calendar.search(todo=True)) == ["Task due"]
    assert summaries(calendar.search(todo=True, include_completed=True)) == ["Task done", "Task due"]
    undone = calendar.todos()[0]
    undone.complete()
    assert calendar.todos() == []


def expand(client: caldav.DAVClient, _bare: str) -> None:
    """Recurrence, over the change of summer time, an override and an exclusion, expanded by the server."""
    calendar = client.principal().calendars()[0]
    master = ics("weekly", "X", "RRULE:FREQ=WEEKLY;COUNT=5", f"EXDATE;TZID={ZONE}:20260330T090000", summary="Weekly")
    master = master.replace("DTSTART:X", f"DTSTART;TZID={ZONE}:20260316T090000")
    override = "\r\n".join(
        [
            "BEGIN:VEVENT",
            "UID:weekly",
            "DTSTAMP:20260101T000000Z",
            f"RECURRENCE-ID;TZID={ZONE}:20260406T090000",
            f"DTSTART;TZID={ZONE}:20260407T110000",
            "DURATION:PT1H",
            "SUMMARY:Moved",
            "END:VEVENT",
            "END:VCALENDAR",
        ]
    )
    calendar.save_event(master.replace("END:VCALENDAR", override))
    found = calendar.search(
        event=True,
        expand=True,
        server_expand=True,
        start=datetime(2026, 3, 1, tzinfo=UTC),
        end=datetime(2026, 5, 1, tzinfo=UTC),
    )
    starts = sorted(component["DTSTART"].dt for one in found for component in one.icalendar_instance.walk("VEVENT"))
    assert starts == [
        datetime(2026, 3, 16, 8, tzinfo=UTC),
        datetime(2026, 3, 23, 8, tzinfo=UTC),
        datetime(2026, 4, 7, 9, tzinfo=UTC),
        datetime(2026, 4, 13, 7, tzinfo=UTC),
    ], starts


def free_busy(client: caldav.DAVClient, _bare: str) -> None:
    """The report of RFC 4791 section 7.10."""
    calendar = client.principal().calendars()[0]
    calendar.save_event(ics("busy", "20260302T090000Z"))
    calendar.save_event(ics("free", "20260302T120000Z", "TRANSP:TRANSPARENT"))
    answer = calendar.freebusy_request(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC))
    text = answer.data if isinstance(answer.data, str) else answer.data.decode()
    assert text.count("\nFREEBUSY") == 1, text
    assert "20260302T090000Z/" in text


def sync_tokens(client: caldav.DAVClient, _bare: str) -> None:
    """Changes and deletions since a token (RFC 6578)."""
    calendar = client.principal().calendars()[0]
    for uid in ("a", "b", "c"):
        calendar.save_event(ics(uid, "20260302T090000Z"))
    known = calendar.objects_by_sync_token(load_objects=True, disable_fallback=True)
    assert len(list(known)) == 3
    calendar.save_event(ics("d", "20260303T090000Z"))
    calendar.event_by_uid("a").delete()
    changed = calendar.event_by_uid("b")
    changed.data = changed.data.replace("Meeting", "Changed")
    changed.save()
    updated, deleted = known.sync()
    assert len(list(updated)) == 2, list(updated)
    assert len(list(deleted)) == 1, list(deleted)
    assert len(list(known)) == 3
    nothing = calendar.objects_by_sync_token(known.sync_token, disable_fallback=True)
    assert list(nothing) == []


def tasks_and_journals(client: caldav.DAVClient, _bare: str) -> None:
    """A recurring task is done once and comes again; a journal entry keeps its date."""
    principal = client.principal()
    calendar = principal.make_calendar(name="Everything", cal_id="everything")
    task = calendar.save_todo(todo("water", "20260302T120000Z", "DTSTART:20260302T110000Z", "RRULE:FREQ=DAILY;COUNT=9"))
    task.complete(handle_rrule=True, rrule_mode="safe")
    assert len(calendar.todos()) == 1
    journal = calendar.save_journal(dtstart=date(2026, 3, 2), summary="Diary", description="A quiet day — ☕")
    assert "A quiet day" in calendar.journal_by_uid(str(journal.icalendar_component["UID"])).data
    assert len(calendar.journals()) == 1


def many_at_once(client: caldav.DAVClient, _bare: str) -> None:
    """A calendar of some hundreds is read by multiget and by search alike."""
    calendar = client.principal().make_calendar(name="Many", cal_id="many")
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(200):
        moment = begin + timedelta(hours=number)
        calendar.save_event(ics(f"m{number}", f"{moment:%Y%m%dT%H%M%SZ}"))
    listed = calendar.events()
    assert len(listed) == 200
    fetched = calendar.multiget([one.url for one in listed[:50]])
    assert len(list(fetched)) == 50
    day = calendar.search(event=True, start=begin, end=begin + timedelta(hours=24))
    assert len(day) == 24


SESSIONS: dict[str, Callable[[caldav.DAVClient, str], None]] = {
    session.__name__: session
    for session in (
        discovery,
        make_and_remove_a_calendar,
        create_edit_and_delete,
        search,
        expand,
        free_busy,
        sync_tokens,
        tasks_and_journals,
        many_at_once,
    )
}

if __name__ == "__main__":
    name, url, login, password = sys.argv[1:]
    with caldav.DAVClient(url=f"{url}/SOGo/dav/", username=login, password=password) as opened:
        SESSIONS[name](opened, url)
