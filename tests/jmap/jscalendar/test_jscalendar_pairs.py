"""One pair for each example of RFC 8984 section 6, in our words: what is written, and that it reads the same."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from folkmoot.ical import check_calendar_object, parse
from folkmoot.ical import format as format_component
from folkmoot.jmap.jscalendar import new_calendar, to_jscalendar

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LISBON = ZoneInfo("Europe/Lisbon")

SIMPLE_EVENT = (
    {"@type": "Event", "uid": "e1@example.org", "title": "Plain talk", "start": "2026-01-15T13:00:00",
     "timeZone": "America/New_York", "duration": "PT1H"},
    ("BEGIN:VEVENT\nUID:e1@example.org\nDTSTART;TZID=America/New_York:20260115T130000\n"
    "DTEND;TZID=America/New_York:20260115T140000\nSUMMARY:Plain talk\nCREATED:20261124T120000Z\nEND:VEVENT"),
)  # fmt: skip
SIMPLE_TASK = (
    {"@type": "Task", "uid": "t1@example.org", "title": "Water the plants"},
    "BEGIN:VTODO\nUID:t1@example.org\nSUMMARY:Water the plants\nCREATED:20261124T120000Z\nEND:VTODO",
)
ALL_DAY = (
    {"@type": "Event", "uid": "e2", "title": "Market day", "start": "2026-04-01T00:00:00", "showWithoutTime": True,
     "duration": "P1D",
     "recurrenceRules": [{"@type": "RecurrenceRule", "frequency": "yearly", "until": "2031-04-01T00:00:00"}]},
    ("BEGIN:VEVENT\nUID:e2\nDTSTART;VALUE=DATE:20260401\nDTEND;VALUE=DATE:20260402\n"
    "RRULE:FREQ=YEARLY;UNTIL=20310401\nSUMMARY:Market day\nCREATED:20261124T120000Z\nEND:VEVENT"),
)  # fmt: skip
DUE_TASK = (
    {"@type": "Task", "uid": "t2", "title": "File the report", "due": "2026-01-19T18:00:00",
     "timeZone": "Europe/Vienna", "estimatedDuration": "PT1H", "progress": "in-process", "percentComplete": 40},
    ("BEGIN:VTODO\nUID:t2\nDUE;TZID=Europe/Vienna:20260119T180000\nESTIMATED-DURATION:PT1H\nSTATUS:IN-PROCESS\n"
    "PERCENT-COMPLETE:40\nSUMMARY:File the report\nCREATED:20261124T120000Z\nEND:VTODO"),
)  # fmt: skip
FLIGHT = (
    {"@type": "Event", "uid": "e3", "title": "Flight to Tokyo", "start": "2026-04-01T09:00:00",
     "timeZone": "Europe/Berlin", "duration": "PT10H30M",
     "locations": {"here": {"@type": "Location", "name": "Airport BER", "relativeTo": "start"},
                   "there": {"@type": "Location", "name": "Airport HND", "relativeTo": "end",
                             "timeZone": "Asia/Tokyo"}}},
    ("BEGIN:VEVENT\nUID:e3\nDTSTART;TZID=Europe/Berlin:20260401T090000\nDTEND;TZID=Asia/Tokyo:20260402T023000\n"
    "SUMMARY:Flight to Tokyo\nLOCATION;JSID=here:Airport BER\nCREATED:20261124T120000Z\n"
    'JSPROP;VALUE=TEXT;JSPTR=locations/here/relativeTo:"start"\n'
    'JSPROP;VALUE=TEXT;JSPTR=locations/there/relativeTo:"end"\n'
    'JSPROP;VALUE=TEXT;JSPTR=locations/there/timeZone:"Asia/Tokyo"\n'
    "BEGIN:VLOCATION\nUID:there\nNAME:Airport HND\nEND:VLOCATION\nEND:VEVENT"),
)  # fmt: skip
FLOATING = (
    {"@type": "Event", "uid": "e4", "title": "Stretch", "start": "2026-01-01T07:00:00", "duration": "PT30M",
     "recurrenceRules": [{"@type": "RecurrenceRule", "frequency": "daily"}]},
    ("BEGIN:VEVENT\nUID:e4\nDTSTART:20260101T070000\nDTEND:20260101T073000\nRRULE:FREQ=DAILY\n"
    "SUMMARY:Stretch\nCREATED:20261124T120000Z\nEND:VEVENT"),
)  # fmt: skip
LOCALIZED = (
    {"@type": "Event", "uid": "e5", "title": "Concert in the park", "locale": "en", "start": "2026-07-04T17:00:00",
     "timeZone": "Europe/Lisbon", "duration": "PT3H",
     "locations": {"1": {"@type": "Location", "name": "Big meadow", "coordinates": "geo:38.72,-9.14",
                         "description": "Bring a blanket"}},
     "virtualLocations": {"live": {"@type": "VirtualLocation", "name": "Stream", "features": {"video": True},
                                   "uri": "https://stream.example.org/park"}},
     "localizations": {"pt": {"title": "Concerto no parque", "locations/1/name": "Grande prado"}}},
    ("BEGIN:VEVENT\nUID:e5\nDTSTART;TZID=Europe/Lisbon:20260704T170000\nDTEND;TZID=Europe/Lisbon:20260704T200000\n"
    "SUMMARY:Concert in the park\nLOCATION:Big meadow\nCREATED:20261124T120000Z\nGEO:38.72;-9.14\n"
    "CONFERENCE;VALUE=URI;LABEL=Stream;FEATURE=VIDEO;JSID=live:https://stream.example.org/park\n"
    'JSPROP;VALUE=TEXT;JSPTR=localizations:{"pt":{"title":"Concerto no parque"\\,"locations/1/name":"Grande prado"}}\n'
    'JSPROP;VALUE=TEXT;JSPTR=locations/1/description:"Bring a blanket"\nJSPROP;VALUE=TEXT;JSPTR=locale:"en"\n'
    "END:VEVENT"),
)  # fmt: skip
OVERRIDDEN = (
    {"@type": "Event", "uid": "e6", "title": "Algebra", "start": "2026-01-08T09:00:00", "timeZone": "Europe/London",
     "duration": "PT1H30M",
     "recurrenceRules": [{"@type": "RecurrenceRule", "frequency": "weekly", "until": "2026-06-25T09:00:00"}],
     "recurrenceOverrides": {"2026-01-07T14:00:00": {"title": "Before we begin"},
                             "2026-04-02T09:00:00": {"excluded": True},
                             "2026-06-25T09:00:00": {"title": "Exam", "start": "2026-06-25T10:00:00",
                                                     "duration": "PT2H"}}},
    ("BEGIN:VEVENT\nUID:e6\nDTSTART;TZID=Europe/London:20260108T090000\nDTEND;TZID=Europe/London:20260108T103000\n"
    "RRULE:FREQ=WEEKLY;UNTIL=20260625T080000Z\nRDATE;TZID=Europe/London:20260107T140000\n"
    "EXDATE;TZID=Europe/London:20260402T090000\nSUMMARY:Algebra\nCREATED:20261124T120000Z\nEND:VEVENT\n"
    "BEGIN:VEVENT\nUID:e6\nRECURRENCE-ID;TZID=Europe/London:20260107T140000\n"
    "DTSTART;TZID=Europe/London:20260107T140000\nDTEND;TZID=Europe/London:20260107T153000\nSUMMARY:Before we begin\n"
    "CREATED:20261124T120000Z\nEND:VEVENT\n"
    "BEGIN:VEVENT\nUID:e6\nRECURRENCE-ID;TZID=Europe/London:20260625T090000\n"
    "DTSTART;TZID=Europe/London:20260625T100000\nDTEND;TZID=Europe/London:20260625T120000\nSUMMARY:Exam\n"
    "CREATED:20261124T120000Z\nEND:VEVENT"),
)  # fmt: skip
WITH_PEOPLE = (
    {"@type": "Event", "uid": "e7", "title": "Stand-up", "start": "2026-01-08T09:00:00",
     "timeZone": "Africa/Johannesburg", "duration": "PT15M", "replyTo": {"imip": "mailto:zoe@example.org"},
     "recurrenceRules": [{"@type": "RecurrenceRule", "frequency": "weekly"}],
     "participants": {
         "zoe": {"@type": "Participant", "name": "Zoe", "email": "zoe@example.org",
                 "sendTo": {"imip": "mailto:zoe@example.org"}, "participationStatus": "accepted",
                 "roles": {"owner": True, "attendee": True, "chair": True}},
         "tom": {"@type": "Participant", "name": "Tom", "email": "tom@example.org",
                 "sendTo": {"imip": "mailto:tom@example.org"}, "kind": "individual", "expectReply": True,
                 "participationStatus": "needs-action", "roles": {"attendee": True}}},
     "recurrenceOverrides": {"2026-03-05T09:00:00": {"participants/tom/participationStatus": "declined"}}},
    ("BEGIN:VEVENT\nUID:e7\nDTSTART;TZID=Africa/Johannesburg:20260108T090000\n"
    "DTEND;TZID=Africa/Johannesburg:20260108T091500\nORGANIZER;CN=Zoe:mailto:zoe@example.org\n"
    "ATTENDEE;CN=Zoe;ROLE=CHAIR;PARTSTAT=ACCEPTED;JSID=zoe:mailto:zoe@example.org\n"
    "ATTENDEE;CN=Tom;CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;JSID=tom:mailto:tom@example.org\n"
    "RRULE:FREQ=WEEKLY\nSUMMARY:Stand-up\nCREATED:20261124T120000Z\nEND:VEVENT\n"
    "BEGIN:VEVENT\nUID:e7\nRECURRENCE-ID;TZID=Africa/Johannesburg:20260305T090000\n"
    "DTSTART;TZID=Africa/Johannesburg:20260305T090000\nDTEND;TZID=Africa/Johannesburg:20260305T091500\n"
    "ORGANIZER;CN=Zoe:mailto:zoe@example.org\n"
    "ATTENDEE;CN=Zoe;ROLE=CHAIR;PARTSTAT=ACCEPTED;JSID=zoe:mailto:zoe@example.org\n"
    "ATTENDEE;CN=Tom;CUTYPE=INDIVIDUAL;PARTSTAT=DECLINED;RSVP=TRUE;JSID=tom:mailto:tom@example.org\n"
    "SUMMARY:Stand-up\nCREATED:20261124T120000Z\nEND:VEVENT"),
)  # fmt: skip
PAIRS: dict[str, tuple[dict[str, Any], str]] = {
    "6.1 simple event": SIMPLE_EVENT,
    "6.2 simple task": SIMPLE_TASK,
    "6.4 all-day event": ALL_DAY,
    "6.5 task with a due date": DUE_TASK,
    "6.6 event with end time zone": FLIGHT,
    "6.7 floating-time event": FLOATING,
    "6.8 locations and localization": LOCALIZED,
    "6.9 recurring event with overrides": OVERRIDDEN,
    "6.10 recurring event with participants": WITH_PEOPLE,
}


def components_of(text: str) -> list[list[str]]:
    """Return the lines of each event or task, sorted, without folds and stamps."""
    found: list[list[str]] = []
    inside = False
    for line in text.replace("\r\n ", "").replace("\r\n", "\n").split("\n"):
        if line in {"BEGIN:VEVENT", "BEGIN:VTODO"}:
            found.append([])
            inside = True
        if inside and not line.startswith("DTSTAMP"):
            found[-1].append(line)
        if line in {"END:VEVENT", "END:VTODO"}:
            inside = False
    return [sorted(lines) for lines in found]


@pytest.mark.parametrize("name", PAIRS)
def test_an_example_is_written_and_reads_the_same(name: str) -> None:
    value, wanted = PAIRS[name]
    made = new_calendar(value, prodid="-//Folkmoot//EN", now=NOW)
    check_calendar_object(made)
    text = format_component(made)
    assert components_of(text) == components_of(wanted)
    shown = to_jscalendar(parse(text), default_zone=LISBON)
    assert shown.pop("prodId") == "-//Folkmoot//EN"
    assert shown.pop("created") == shown.pop("updated") == "2026-11-24T12:00:00Z"
    assert shown == value


@pytest.mark.parametrize("name", PAIRS)
def test_each_zone_that_is_named_is_defined(name: str) -> None:
    value, _ = PAIRS[name]
    made = new_calendar(value, prodid="-//Folkmoot//EN", now=NOW)
    zones = {value["timeZone"]} if "timeZone" in value else set()
    zones |= {place["timeZone"] for place in dict(value.get("locations", {})).values() if "timeZone" in place}
    assert {zone.text("TZID") for zone in made.children("VTIMEZONE")} == zones


def test_a_zone_of_ones_own_goes_there_and_back() -> None:
    summer: dict[str, Any] = {
        "@type": "TimeZoneRule", "start": "1970-03-29T02:00:00", "offsetFrom": "+0100", "offsetTo": "+0200",
        "recurrenceRules": [{"@type": "RecurrenceRule", "frequency": "yearly", "byMonth": ["3"],
                             "byDay": [{"@type": "NDay", "day": "su", "nthOfPeriod": -1}]}],
        "names": {"MEST": True},
    }  # fmt: skip
    winter = {
        **summer, "start": "1970-10-25T03:00:00", "offsetFrom": "+0200", "offsetTo": "+0100", "names": {"MEZ": True},
        "recurrenceRules": [{**summer["recurrenceRules"][0], "byMonth": ["10"]}],
    }  # fmt: skip
    value = {
        "@type": "Event", "uid": "z", "start": "2026-06-01T09:00:00", "timeZone": "/Mine",
        "timeZones": {"/Mine": {"@type": "TimeZone", "tzId": "/Mine", "standard": [winter], "daylight": [summer]}},
    }  # fmt: skip
    made = new_calendar(value, prodid="-//Folkmoot//EN", now=NOW)
    shown = to_jscalendar(made, default_zone=LISBON)
    assert {name: shown[name] for name in value} == value
    assert to_jscalendar(made, default_zone=LISBON, properties=["utcStart"])["utcStart"] == "2026-06-01T07:00:00Z"
