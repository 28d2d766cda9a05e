"""Whatever is patched: it reads as it was wanted, and every other line is what it was."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.core.errors import NotFound
from folkmoot.ical import Component, parse
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
STAMPED = {"DTSTAMP", "LAST-MODIFIED"}
KEPT = settings(max_examples=100, deadline=None)

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)
values = words.map(lambda text: text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,"))
odd_lines = st.sampled_from(
    [
        "X-MOZ-GENERATION:4",
        'x-Custom;X-Param="a;b":Some \\, value',
        "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC",
        "COMMENT:Somebody said\n  something",
        'CONTACT;ALTREP="http://example.org/c":Reception',
        "RESOURCES:Beamer,Chairs",
        "REQUEST-STATUS:2.0;Success",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
    ]
)
people = st.sampled_from(
    [
        "ATTENDEE;CN=Ada;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;X-NUM-GUESTS=0:mailto:ada@example.org",
        "ATTENDEE;CUTYPE=ROOM;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:room@example.org",
        'ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:ada@example.org":MAILTO:bob@example.org',
        "ATTENDEE;ROLE=OPT-PARTICIPANT:urn:uuid:7a8ef1c2-0000-4000-8000-000000000001",
        'ATTENDEE;ROLE=NON-PARTICIPANT;SENT-BY="mailto:c@example.org":mailto:d%2Be@example.org',
        'ATTENDEE;ROLE=CHAIR;CN="Boss, the";SCHEDULE-STATUS="1.2,2.0":mailto:boss@example.org',
    ]
)
alarms = st.sampled_from(
    [
        "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nDESCRIPTION:now\nX-MOZ-LASTACK:1\nEND:VALARM",
        "BEGIN:VALARM\nUID:0A1B-2C\nACTION:AUDIO\nTRIGGER;RELATED=END:PT5M\nATTACH;VALUE=URI:Basso\nEND:VALARM",
        "BEGIN:VALARM\nACTION:EMAIL\nTRIGGER;VALUE=DATE-TIME:20260101T080000Z\nSUMMARY:s\nDESCRIPTION:d\nEND:VALARM",
        "BEGIN:VALARM\nACTION:NONE\nTRIGGER;VALUE=DATE-TIME:19760401T005545Z\nEND:VALARM",
        "BEGIN:VALARM\nUID:snoozed@x\nTRIGGER:-P1D\nRELATED-TO;RELTYPE=SNOOZE:0A1B-2C\nACTION:DISPLAY\nEND:VALARM",
        "BEGIN:VALARM\nTRIGGER:-P2D\nACKNOWLEDGED:20260101T000000Z\nACTION:DISPLAY\nEND:VALARM",
    ]
)
details = st.fixed_dictionaries(
    {},
    optional={
        "SUMMARY": values.map(lambda text: f"SUMMARY;LANGUAGE=en:{text}"),
        "DESCRIPTION": values.map(lambda text: f"DESCRIPTION:{text}"),
        "LOCATION": values.map(lambda text: f'LOCATION;ALTREP="http://example.org":{text}'),
        "GEO": st.just("GEO:48.15;11.58"),
        "CATEGORIES": st.sampled_from(["CATEGORIES:Work,Home", "CATEGORIES:A\\,b\nCATEGORIES:Work"]),
        "STATUS": st.sampled_from(["STATUS:TENTATIVE", "status:confirmed"]),
        "CLASS": st.sampled_from(["CLASS:PRIVATE", "CLASS:X-ODD"]),
        "TRANSP": st.just("TRANSP:TRANSPARENT"),
        "PRIORITY": st.just("PRIORITY:5"),
        "SEQUENCE": st.just("SEQUENCE:3"),
        "ATTACH": st.just('ATTACH;FMTTYPE=text/plain;FILENAME="a b";MANAGED-ID=4:https://example.org/a.txt'),
        "URL": st.just("URL:https://example.org/"),
        "IMAGE": st.just("IMAGE;VALUE=URI;DISPLAY=BADGE;FMTTYPE=image/png:https://example.org/i.png"),
        "CONFERENCE": st.just("CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL=Call:https://example.org/call"),
        "RELATED-TO": st.just("RELATED-TO;RELTYPE=SIBLING:other"),
        "COLOR": st.just("COLOR:teal"),
        "X-ALT-DESC": st.just("X-ALT-DESC;FMTTYPE=text/html:<p>Hi</p>"),
    },
)
times = st.sampled_from(
    [
        ("DTSTART;TZID=Europe/Berlin:20260105T090000\nDTEND;TZID=Europe/Berlin:20260105T100000", "T"),
        ("DTSTART;TZID=W. Europe Standard Time:20260105T090000\nDURATION:PT45M", "T"),
        ("DTSTART:20260105T090000Z", "Z"),
        ("DTSTART:20260105T090000\nDTEND:20260105T093000", "T"),
        ("DTSTART;VALUE=DATE:20260105\nDTEND;VALUE=DATE:20260107", "D"),
        ("DTSTART;VALUE=DATE:20260105", "D"),
        ("DTSTART;TZID=Europe/Berlin:20260105T090000\nDTEND;TZID=America/New_York:20260105T150000", "T"),
    ]
)
rules = st.sampled_from(["", "RRULE:FREQ=WEEKLY;COUNT=10", "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;WKST=SU",
                         "RRULE:FREQ=WEEKLY;UNTIL=20260601T000000Z"])  # fmt: skip


@st.composite
def events(draw: st.DrawFn) -> str:
    """Return the text of an event, which may recur."""
    start, kind = draw(times)
    rule = draw(rules)
    if kind == "D":
        rule = rule.replace("T000000Z", "")
    lines = list(draw(details).values()) + draw(st.lists(odd_lines, max_size=3)) + [start]
    attending = draw(st.lists(people, max_size=4, unique=True))
    if attending:
        lines += ["ORGANIZER;CN=Boss;X-SOGO=1:mailto:boss@example.org", *attending]
    own = "\n".join(draw(st.permutations(lines)))
    inner = "\n".join(draw(st.lists(alarms, max_size=3, unique=True)))
    exdate = ""
    override = ""
    if rule and draw(st.booleans()):
        at = {"T": "20260112T090000", "Z": "20260112T090000Z", "D": "20260112"}[kind]
        params = {"T": "", "Z": "", "D": ";VALUE=DATE"}[kind]
        tzid = start.partition("\n")[0].partition(":")[0].partition(";")[2]
        params = f";{tzid}" if tzid.startswith("TZID") else params
        if draw(st.booleans()):
            exdate = f"EXDATE{params}:{at}"
        else:
            said = draw(values)
            override = (
                f"BEGIN:VEVENT\nUID:u1\nDTSTAMP:20260102T000000Z\nRECURRENCE-ID{params}:{at}\n"
                f"DTSTART{params}:{at}\nSUMMARY:{said}\nX-OWN:1\nEND:VEVENT"
            )
    pieces = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Some//One", "X-WR-CALNAME:c", "BEGIN:VEVENT", "UID:u1",
              "DTSTAMP:20260101T000000Z", own, rule, exdate, inner, "END:VEVENT", override,
              "END:VCALENDAR"]  # fmt: skip
    return "\r\n".join(line for piece in pieces for line in piece.split("\n") if line) + "\r\n"


flags = st.booleans()
ids = st.sampled_from(["1", "a", "Main-1", "x_y"])
sets_of_words = st.dictionaries(words.map(str.strip).filter(bool), st.just(True), min_size=1, max_size=3)
participants = st.fixed_dictionaries(
    {"sendTo": st.sampled_from(["mailto:eve@example.org", "mailto:zoe@example.org"]).map(lambda to: {"imip": to}),
     "roles": st.sampled_from([{"attendee": True}, {"attendee": True, "chair": True}, {"informational": True},
                               {"attendee": True, "example.org:cook": True}])},
    optional={
        "name": words,
        "kind": st.sampled_from(["individual", "group", "resource", "location"]),
        "participationStatus": st.sampled_from(["accepted", "declined", "needs-action"]),
        "expectReply": flags,
        "locationId": ids,
        "language": st.just("de"),
        "participationComment": words,
        "scheduleAgent": st.just("client"),
        "sentBy": st.just("some.body@example.org"),
    },
)  # fmt: skip
ALERTS = st.fixed_dictionaries(
    {"trigger": st.sampled_from([{"@type": "OffsetTrigger", "offset": "-PT10M"},
                                 {"@type": "OffsetTrigger", "offset": "P1D", "relativeTo": "end"},
                                 {"@type": "AbsoluteTrigger", "when": "2026-01-05T06:00:00Z"}]),
     "action": st.sampled_from(["display", "email"])},
    optional={"acknowledged": st.just("2026-01-05T06:00:00Z"), "example.org:sound": words},
)  # fmt: skip
LOCATIONS = st.fixed_dictionaries(
    {"name": words},
    optional={
        "coordinates": st.just("geo:47.1,8.5"),
        "description": words,
        "locationTypes": st.just({"office": True}),
        "relativeTo": st.just("start"),
    },
)
LINKS = st.fixed_dictionaries(
    {"href": st.sampled_from(["https://example.org/x", "data:text/plain;base64,aGk=", "mid:1@example.org"]),
     "rel": st.sampled_from(["enclosure", "icon", "describedby", "alternate"])},
    optional={"title": words, "size": st.integers(0, 1000), "cid": st.just("c1")},
)  # fmt: skip
new_values = {
    "title": words,
    "description": words,
    "color": st.just("red"),
    "priority": st.integers(0, 9),
    "privacy": st.sampled_from(["public", "private", "secret"]),
    "freeBusyStatus": st.sampled_from(["free", "busy"]),
    "status": st.sampled_from(["confirmed", "cancelled", "tentative"]),
    "keywords": sets_of_words,
    "categories": st.just({"https://example.org/kind": True}),
    "locale": st.just("fr-CH"),
    "locations": st.dictionaries(ids, LOCATIONS, min_size=1, max_size=3),
    "virtualLocations": st.dictionaries(
        ids, st.fixed_dictionaries({"uri": st.just("https://example.org/v")}, optional={"name": words}), min_size=1
    ),
    "links": st.dictionaries(ids, LINKS, min_size=1, max_size=3),
    "alerts": st.dictionaries(ids, ALERTS, min_size=1, max_size=3),
    "relatedTo": st.just({"other": {"relation": {"child": True}}, "third": {"relation": {"next": True}}}),
    "example.org:own": st.recursive(flags | words, lambda inner: st.lists(inner, min_size=1), max_leaves=3),
    "useDefaultAlerts": st.just(True),
    "isDraft": st.just(True),
    "hideAttendees": st.just(True),
    "localizations": st.just({"de": {"title": "Hallo"}}),
    "duration": st.sampled_from(["PT2H", "P1D", "P2D"]),
    "recurrenceRules": st.sampled_from(
        [
            [{"frequency": "monthly", "byDay": [{"day": "fr", "nthOfPeriod": -1}]}],
            [{"frequency": "daily", "count": 30}],
        ]
    ),
}
patches = st.sampled_from(sorted(new_values)).flatmap(
    lambda name: st.tuples(st.just(name), new_values[name] | st.none())
)


def typed(value: Any) -> Any:
    """Return a value without types, which may be left out on the way in."""
    if isinstance(value, dict):
        return {name: typed(inner) for name, inner in value.items() if name != "@type"}
    return [typed(inner) for inner in value] if isinstance(value, list) else value


def told(value: Any, name: str) -> Any:
    """Return overrides without what they say of a property: it may be what the series says itself by now.

    The time zone of an end stands among the locations, and goes with a duration.
    """
    if not isinstance(value, dict):
        return value
    gone = {name, "locations"} if name == "duration" else {name}
    return {
        key: {to: inner for to, inner in one.items() if to.partition("/")[0] not in gone}
        if isinstance(one, dict)
        else one
        for key, one in value.items()
    }


def lines_of(calendar: Component) -> list[str]:
    """Return the lines as they are written, folds included, without those that tell when."""
    text = format_component(calendar).replace("\r\n ", "\r\n\x01").split("\r\n")
    joined: list[str] = []
    for line in text:
        if line.startswith("\x01"):
            joined[-1] += "\r\n " + line[1:]
        else:
            joined.append(line)
    return [line for line in joined if line.partition(":")[0].upper() not in STAMPED]


CARRIERS = {
    "title": {"SUMMARY"}, "description": {"DESCRIPTION", "X-ALT-DESC", "STYLED-DESCRIPTION"}, "color": {"COLOR"},
    "priority": {"PRIORITY"}, "privacy": {"CLASS"}, "freeBusyStatus": {"TRANSP"}, "status": {"STATUS"},
    "keywords": {"CATEGORIES"}, "categories": {"CONCEPT"}, "locations": {"LOCATION", "GEO", "VLOCATION"},
    "virtualLocations": {"CONFERENCE"}, "links": {"ATTACH", "URL", "IMAGE", "LINK"}, "alerts": {"VALARM"},
    "relatedTo": {"RELATED-TO"}, "duration": {"DTEND", "DURATION"}, "recurrenceRules": {"RRULE"},
}  # fmt: skip


def without(calendar: Component, names: set[str]) -> list[str]:
    """Return the lines but those of these names, and of inner components of these names."""
    found = []
    inside = 0
    for line in lines_of(calendar):
        name = line.partition(":")[0].partition(";")[0].upper()
        value = line.partition(":")[2].upper()
        if name == "BEGIN" and value in names:
            inside += 1
        if not inside and name not in names:
            found.append(line)
        if name == "END" and value in names:
            inside -= 1
    return found


@given(events(), patches)
@KEPT
def test_a_patch_of_one_property_shows_as_wanted_and_leaves_all_other_lines(text: str, patch: tuple[str, Any]) -> None:
    name, value = patch
    calendar = parse(text)
    before = to_jscalendar(calendar, default_zone=BERLIN)
    if name == "duration" and (before.get("showWithoutTime") and value == "PT2H"):
        return
    after = patched(calendar, {name: value}, now=NOW, default_zone=BERLIN)
    assert format_component(calendar) == text
    shown = to_jscalendar(parse(format_component(after)), default_zone=BERLIN)
    if value is None and name not in {"duration", "locations"}:
        assert name not in shown
    elif value is not None and name == "locations":
        assert {key: typed(one) for key, one in shown[name].items() if key != "endTimeZone"} == typed(value)
    elif value is not None and name == "links":
        assert {key: {**typed(one), "contentType": ""} for key, one in shown[name].items()} == {
            key: {**typed(one), "contentType": ""} for key, one in value.items()
        }
    elif value is not None:
        assert typed(shown[name]) == typed(value)
    others = (before.keys() | shown.keys()) - {name, "updated", "descriptionContentType", "showWithoutTime"}
    if name == "recurrenceRules" and value is not None:  # what was an occurrence by the old rule
        others -= {"recurrenceOverrides"}
    if name in {"locations", "duration"}:
        others -= {"locations"}
    assert {other: told(shown.get(other), name) for other in others} == {
        other: told(before.get(other), name) for other in others
    }
    touched = CARRIERS.get(name, set()) | {"JSPROP"}
    if name == "locations":
        touched |= {"DTEND", "VTIMEZONE"}
    assert without(after, touched) == without(calendar, touched)


@given(events())
@KEPT
def test_an_object_made_from_what_one_shows_shows_the_same(text: str) -> None:
    shown = to_jscalendar(parse(text), default_zone=BERLIN)
    made = new_calendar(shown, prodid="-//Folkmoot//EN", now=NOW)
    again = to_jscalendar(parse(format_component(made)), default_zone=BERLIN)
    for name in ("created", "updated", "prodId"):
        shown.pop(name, None)
        again.pop(name, None)
    assert again == shown


@given(events())
@KEPT
def test_a_patch_that_says_what_is_there_already_changes_no_line(text: str) -> None:
    calendar = parse(text)
    shown = to_jscalendar(calendar, default_zone=BERLIN)
    after = patched(calendar, shown, now=NOW, default_zone=BERLIN)
    assert format_component(after) == text


@given(events(), st.integers(-40, 40))
@KEPT
def test_a_series_that_moves_is_the_same_series_at_another_time(text: str, hours: int) -> None:
    calendar = parse(text)
    before = to_jscalendar(calendar, default_zone=BERLIN)
    by = timedelta(days=hours) if before.get("showWithoutTime") else timedelta(hours=hours)
    start = (datetime.fromisoformat(before["start"]) + by).isoformat()
    after = patched(calendar, {"start": start}, now=NOW, default_zone=BERLIN)
    shown = to_jscalendar(parse(format_component(after)), default_zone=BERLIN)
    assert shown["start"] == start
    moved = {
        (datetime.fromisoformat(key) + by).isoformat(): one
        for key, one in before.get("recurrenceOverrides", {}).items()
    }
    assert shown.get("recurrenceOverrides", {}) == moved
    touched = {"DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"}  # RDATE where the rule has no such weekday
    assert without(after, touched) == without(calendar, touched)


@given(events(), st.dictionaries(ids, participants, min_size=1, max_size=2))
@KEPT
def test_participants_show_as_they_were_set(text: str, value: dict[str, Any]) -> None:
    calendar = parse(text)
    before = to_jscalendar(calendar, default_zone=BERLIN)
    after = patched(calendar, {"participants": value}, now=NOW, default_zone=BERLIN)
    shown = to_jscalendar(parse(format_component(after)), default_zone=BERLIN)
    for key, one in value.items():
        assert typed(shown["participants"][key]) == {**one, "email": one["sendTo"]["imip"].removeprefix("mailto:")}
    rest = [one for key, one in shown["participants"].items() if key not in value]
    assert all(one["roles"] == {"owner": True} for one in rest)
    assert len(rest) == ("replyTo" in before)
    assert without(after, {"ATTENDEE", "ORGANIZER", "JSPROP"}) == without(calendar, {"ATTENDEE", "ORGANIZER", "JSPROP"})


@given(events(), st.data())
@KEPT
def test_a_pointer_into_a_map_changes_that_entry_only(text: str, data: st.DataObject) -> None:
    calendar = parse(text)
    before = to_jscalendar(calendar, default_zone=BERLIN)
    choices = [
        (f"{name}/{key}/{field}", value)
        for name, field, value in (
            ("participants", "participationStatus", "tentative"),
            ("participants", "name", "Somebody, else"),
            ("alerts", "acknowledged", "2026-02-02T02:02:02Z"),
            ("locations", "name", "Elsewhere"),
            ("links", "title", "Page 1"),
            ("keywords", None, None),
        )
        for key in before.get(name, ())
        if field
    ] + [(f"keywords/{key}", None) for key in before.get("keywords", ()) if "/" not in key and "~" not in key]
    if not choices:
        return
    pointer, value = data.draw(st.sampled_from(choices))
    after = patched(calendar, {pointer: value}, now=NOW, default_zone=BERLIN)
    shown = to_jscalendar(parse(format_component(after)), default_zone=BERLIN)
    wanted = json.loads(json.dumps(before))
    holder = wanted
    *path, last = pointer.split("/")
    for step in path:
        holder = holder[step]
    if value is None:
        del holder[last]
        if not holder:
            del wanted[path[0]]
    else:
        holder[last] = value
    for name in ("updated",):
        shown.pop(name, None)
        wanted.pop(name, None)
    assert shown == wanted
    changed = set(lines_of(after)) - set(lines_of(calendar))
    assert len(changed) <= 4


@given(events(), st.integers(0, 5), words)
@KEPT
def test_one_occurrence_can_be_read_patched_and_left_out(text: str, number: int, title: str) -> None:
    calendar = parse(text)
    before = to_jscalendar(calendar, default_zone=BERLIN)
    start = datetime.fromisoformat(before["start"])
    at = start.replace(day=start.day + number).isoformat()
    try:
        one = occurrence(calendar, at, default_zone=BERLIN)
    except NotFound:
        return
    assert one["recurrenceId"] == at
    after = patched_occurrence(calendar, at, {"title": title}, now=NOW, default_zone=BERLIN)
    again = occurrence(parse(format_component(after)), at, default_zone=BERLIN)
    assert again["title"] == title
    assert {**again, "title": 0, "updated": 0, "created": 0} == {**one, "title": 0, "updated": 0, "created": 0}
    gone = excluded(parse(format_component(after)), at, now=NOW, default_zone=BERLIN)
    with suppress(NotFound):
        occurrence(parse(format_component(gone)), at, default_zone=BERLIN)
        raise AssertionError(at)
    with suppress(NotFound):
        old, new = split_following(calendar, at, {"title": title}, new_uid="u2", now=NOW, default_zone=BERLIN)
        shown = to_jscalendar(parse(format_component(new)), default_zone=BERLIN)
        assert (shown["start"], shown["title"], shown["uid"]) == (at, title, "u2")
        assert shown["relatedTo"]["u1"]["relation"]["first"] is True
        assert to_jscalendar(old, default_zone=BERLIN)["relatedTo"]["u2"]["relation"] == {"next": True}


names = st.sampled_from([*new_values, "start", "timeZone", "uid", "@type", "participants", "replyTo",
                         "recurrenceOverrides", "recurrenceOverrides/2026-01-12T09:00:00",
                         "recurrenceOverrides/2026-01-12T09:00:00/title",
                         "alerts/1", "alerts/1/trigger", "locations/1/name", "timeZones", "excludedRecurrenceRules",
                         "showWithoutTime", "utcStart", "utcEnd", "recurrenceRule", "recurrenceRule/until",
                         "endTimeZone", "organizerCalendarAddress",
                         "version", "method", "nonsense", "a/b/c", ""])  # fmt: skip
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
    | st.sampled_from(["2026-01-12T09:00:00", "2026-01-12T09:00:00Z", "Europe/Berlin", "/Own", "PT1H", "mailto:a@b.c",
                       "daily", "9999-12-31T23:59:59", "0001-01-01T00:00:00", "Etc/UTC", "\ud800", "P9999999D"])
)  # fmt: skip
keys = st.text(max_size=5) | st.sampled_from(
    ["@type", "trigger", "offset", "when", "name", "href", "uri", "sendTo", "imip", "roles", "owner", "attendee",
     "frequency", "until", "byDay", "day", "1", "2026-01-12T09:00:00", "excluded", "title", "start", "timeZone",
     "relation", "email"]
)  # fmt: skip
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


@given(events(), st.dictionaries(names, anything, max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_patch_is_taken_or_refused_by_an_error_that_names_properties(text: str, patch: dict[str, Any]) -> None:
    calendar = parse(text)
    try:
        after = patched(calendar, patch, now=NOW, default_zone=BERLIN)
    except JsError:
        pass
    else:
        to_jscalendar(parse(format_component(after).encode()), default_zone=BERLIN)
    assert format_component(calendar) == text


@given(st.dictionaries(names, anything, max_size=4))
@settings(max_examples=200, deadline=None)
def test_any_object_is_taken_or_refused(value: dict[str, Any]) -> None:
    with suppress(JsError):
        made = new_calendar({"uid": "u", "start": "2026-01-12T09:00:00", **value}, prodid="-//Folkmoot//EN", now=NOW)
        to_jscalendar(parse(format_component(made).encode()), default_zone=BERLIN)
