"""What cannot be taken is refused, with the property at fault, and changes nothing."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from folkmoot.core.errors import FolkmootError
from folkmoot.ical import Component, parse, parse_stream
from folkmoot.ical import format as format_component
from folkmoot.jmap.jscalendar import JsError, new_calendar, patched, to_jscalendar
from tests.support.calendar_inputs import mutated, samples

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CLIENTS = samples(Path(__file__).parents[2] / "fixtures/ical/clients")
SECONDS_MAX = 3.0
EVENT: dict[str, Any] = {
    "@type": "Event", "uid": "u1", "start": "2026-01-05T09:00:00", "timeZone": "Europe/Berlin", "duration": "PT1H",
    "recurrenceRules": [{"frequency": "daily"}], "alerts": {"a": {"trigger": {"offset": "-PT5M"}}},
}  # fmt: skip

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"nonsense": 1}, "nonsense"),
    ({"title": 5}, "title"),
    ({"title": "x" * 20_000}, "title"),
    ({"title": "\ud800"}, "title"),
    ({"start": None}, "start"),
    ({"start": "2026-02-30T09:00:00"}, "start"),
    ({"start": "2026-01-05T09:00:00Z"}, "start"),
    ({"timeZone": "Mars/Olympus"}, "timeZone"),
    ({"timeZone": "/Nobody's"}, "timeZone"),
    ({"duration": "-PT1H"}, "duration"),
    ({"duration": "an hour"}, "duration"),
    ({"priority": 10}, "priority"),
    ({"priority": True}, "priority"),
    ({"sequence": -1}, "sequence"),
    ({"uid": "other"}, "uid"),
    ({"@type": "Task"}, "@type"),
    ({"method": "request"}, "method"),
    ({"recurrenceId": "2026-01-05T09:00:00"}, "recurrenceId"),
    ({"progress": "completed"}, "progress"),
    ({"keywords": {"a": False}}, "keywords/a"),
    ({"keywords": ["a"]}, "keywords"),
    ({"locations": {"a b": {"name": "x"}}}, "locations/a b"),
    ({"locations": {"a": {"nmae": "x"}}}, "locations/a/nmae"),
    ({"links": {"a": {"title": "x"}}}, "links/a/href"),
    ({"links": {"a": {"href": "no uri"}}}, "links/a/href"),
    ({"links": {"a": {"href": "https://x/\r\nATTENDEE:mailto:y"}}}, "links/a/href"),
    ({"participants": {"a": {"email": "nobody"}}}, "participants/a/email"),
    ({"participants": {"a": {"email": "a@b", "delegatedTo": {"b": True}}}}, "participants"),
    ({"alerts": {"b": {}}}, "alerts/b/trigger"),
    ({"alerts/a/trigger/offset": "soon"}, "alerts/a/trigger/offset"),
    ({"alerts/b/trigger": {"offset": "PT0S"}}, "alerts/b/trigger"),
    ({"alerts/a/trigger": {"offset": "PT0S"}, "alerts/a/trigger/offset": "PT1S"}, "alerts"),
    ({"recurrenceRules/0/count": 3}, "recurrenceRules/0/count"),
    ({"recurrenceRules": [{"frequency": "often"}]}, "recurrenceRules/0/frequency"),
    ({"recurrenceRules": [{"frequency": "daily", "count": 2, "until": "2026-02-01T00:00:00"}]},
     "recurrenceRules/0/until"),
    ({"recurrenceRules": [{"frequency": "daily", "byMonth": ["13"]}]}, "recurrenceRules/0/byMonth"),
    ({"recurrenceRules": [{"frequency": "daily"}] * 6}, "recurrenceRules"),
    ({"recurrenceOverrides": {"2026-01-06": {}}}, "recurrenceOverrides/2026-01-06"),
    ({"recurrenceOverrides": {"2026-01-06T09:00:00": {"title": 1}}}, "recurrenceOverrides/2026-01-06T09:00:00/title"),
    ({"recurrenceOverrides/2026-01-06T09:00:00/nonsense": 1}, "recurrenceOverrides/2026-01-06T09:00:00/nonsense"),
    ({"utcStart": "2026-01-05T09:00:00Z", "start": "2026-01-05T09:00:00"}, "utcStart"),
    ({"utcEnd": "2025-01-05T09:00:00Z"}, "utcEnd"),
    ({"a/" * 20: 1}, "a"),
    ({"example.org:deep": [[[[[[[[[[[[[[1]]]]]]]]]]]]]]}, "example.org:deep"),
    ({"localizations": {"de": [1]}}, "localizations/de"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("patch", "name"), REFUSED, ids=[f"{number} {name}" for number, (_, name) in enumerate(REFUSED)]
)
def test_a_patch_is_refused_by_name(patch: dict[str, Any], name: str) -> None:
    calendar = new_calendar(EVENT, prodid="-//Folkmoot//EN", now=NOW)
    text = format_component(calendar)
    with pytest.raises(JsError) as refusal:
        patched(calendar, patch, now=NOW, default_zone=BERLIN)
    assert name in refusal.value.properties
    assert format_component(calendar) == text


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({}, "uid"),
        ({"uid": "u"}, "start"),
        ({"uid": "u", "@type": "Group"}, "@type"),
        ({"uid": "u", "@type": "Task", "recurrenceRules": [{"frequency": "daily"}]}, "start"),
        ({"uid": "u", "@type": "Task", "start": "2026-01-05T09:00:00", "status": "confirmed"}, "status"),
        ({"uid": "u", "@type": "Task", "timeZone": "Europe/Berlin"}, "timeZone"),
        ({"uid": 5, "start": "2026-01-05T09:00:00"}, "uid"),
    ],
)
def test_a_new_object_is_refused_by_name(value: dict[str, Any], name: str) -> None:
    with pytest.raises(JsError) as refusal:
        new_calendar(value, prodid="-//Folkmoot//EN", now=NOW)
    assert name in refusal.value.properties


def test_all_unknown_properties_are_named() -> None:
    calendar = new_calendar(EVENT, prodid="-//Folkmoot//EN", now=NOW)
    with pytest.raises(JsError) as refusal:
        patched(calendar, {"b": 1, "title": "x", "a/c": 2}, now=NOW, default_zone=BERLIN)
    assert refusal.value.properties == ("a", "b")


def test_whatever_is_stored_is_shown_or_refused_within_bounds() -> None:
    for source in mutated(CLIENTS, 250, seed=8984):
        with suppress(FolkmootError):
            for calendar in parse_stream(source):
                begun = time.monotonic()
                with suppress(FolkmootError):
                    _use(calendar)
                assert time.monotonic() - begun < SECONDS_MAX


def _use(calendar: Component) -> None:
    to_jscalendar(calendar, default_zone=BERLIN)
    after = patched(calendar, {"title": "x", "start": "2026-06-01T09:00:00"}, now=NOW, default_zone=BERLIN)
    to_jscalendar(parse(format_component(after).encode()), default_zone=BERLIN)


def test_thousands_of_the_same_attendee_take_no_square_of_time() -> None:
    people = "ATTENDEE:mailto:a@example.org\r\n" * 5_000
    text = format_component(new_calendar(EVENT, prodid="-//Folkmoot//EN", now=NOW))
    calendar = parse(text.replace("DTSTART;", people + "DTSTART;", 1))
    begun = time.monotonic()
    told = to_jscalendar(calendar, default_zone=BERLIN)
    assert len(told["participants"]) == 5_000
    patched(calendar, {"title": "x"}, now=NOW, default_zone=BERLIN)
    assert time.monotonic() - begun < SECONDS_MAX


def test_thousands_of_overrides_take_no_square_of_time() -> None:
    calendar = new_calendar(EVENT, prodid="-//Folkmoot//EN", now=NOW)
    overrides = {
        f"20{year}-{month:02d}-{day:02d}T09:00:00": {"title": f"{day}"} if day % 2 else {"excluded": True}
        for year in range(27, 30) for month in range(1, 13) for day in range(1, 29)
    }  # fmt: skip
    begun = time.monotonic()
    after = patched(calendar, {"recurrenceOverrides": overrides}, now=NOW, default_zone=BERLIN)
    assert to_jscalendar(after, default_zone=BERLIN)["recurrenceOverrides"] == overrides
    assert time.monotonic() - begun < SECONDS_MAX
