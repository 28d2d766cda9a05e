"""CALDAV:calendar-query over real services."""

import pytest

from tests.support.dav import Dav, condition, event
from tests.support.reports import CALENDAR, CALENDAR_DATA, HOME, document, names, put, report, status_of

pytestmark = pytest.mark.anyio

PROP = "<D:prop><D:getetag/><C:calendar-data/></D:prop>"
MARCH = '<C:time-range start="20260301T000000Z" end="20260401T000000Z"/>'


def query(inner: str = "", prop: str = PROP) -> str:
    return f'{prop}<C:filter><C:comp-filter name="VCALENDAR">{inner}</C:comp-filter></C:filter>'


def events(inner: str = "") -> str:
    return f'<C:comp-filter name="VEVENT">{inner}</C:comp-filter>'


async def fill(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}march.ics", event("march", "March <&> fair"))
    await put(dav, f"{CALENDAR}april.ics", event("april", "April", "20260402T090000Z"))
    await put(dav, f"{CALENDAR}weekly.ics", event("weekly", "Weekly", "20260105T090000Z", "RRULE:FREQ=WEEKLY\r\n"))
    todo = event("todo").replace(b"VEVENT", b"VTODO").replace(b"DURATION:PT1H", b"STATUS:NEEDS-ACTION")
    await put(dav, f"{CALENDAR}todo.ics", todo)


async def test_a_time_range_finds_single_and_recurring_events(dav: Dav) -> None:
    await fill(dav)
    answers = await report(dav, CALENDAR, "C:calendar-query", query(events(MARCH)), depth="1")
    assert names(answers) == ["march.ics", "weekly.ics"]


async def test_calendar_data_is_the_stored_text_to_the_octet(dav: Dav) -> None:
    await fill(dav)
    answers = await report(dav, CALENDAR, "C:calendar-query", query(events(MARCH)), depth="1")
    assert answers.text(CALENDAR_DATA, f"{HOME}personal/march.ics").encode() == event("march", "March <&> fair")


async def test_a_filter_of_vcalendar_alone_finds_everything(dav: Dav) -> None:
    await fill(dav)
    answers = await report(dav, CALENDAR, "C:calendar-query", query(), depth="1")
    assert names(answers) == ["april.ics", "march.ics", "todo.ics", "weekly.ics"]


async def test_a_missing_component_and_text_in_properties_are_found(dav: Dav) -> None:
    await fill(dav)
    missing = '<C:comp-filter name="VTODO"><C:is-not-defined/></C:comp-filter>'
    assert len((await report(dav, CALENDAR, "C:calendar-query", query(missing), depth="1")).hrefs) == 3
    text = '<C:prop-filter name="summary"><C:text-match collation="i;ascii-casemap">FAIR</C:text-match></C:prop-filter>'
    answers = await report(dav, CALENDAR, "C:calendar-query", query(events(text)), depth="1")
    assert names(answers) == ["march.ics"]


async def test_expand_gives_single_occurrences_in_utc(dav: Dav) -> None:
    await fill(dav)
    window = 'start="20260301T000000Z" end="20260315T000000Z"'
    prop = f"<D:prop><C:calendar-data><C:expand {window}/></C:calendar-data></D:prop>"
    answers = await report(
        dav, CALENDAR, "C:calendar-query", query(events(f"<C:time-range {window}/>"), prop), depth="1"
    )
    text = answers.text(CALENDAR_DATA, f"{HOME}personal/weekly.ics")
    assert text.count("BEGIN:VEVENT") == 2
    assert "RRULE" not in text
    assert "RECURRENCE-ID:20260302T090000Z" in text


async def test_parts_of_components_can_be_asked_for(dav: Dav) -> None:
    await fill(dav)
    prop = (
        '<D:prop><C:calendar-data><C:comp name="VCALENDAR"><C:comp name="VEVENT"><C:prop name="UID"/>'
        '<C:prop name="SUMMARY" novalue="yes"/></C:comp></C:comp></C:calendar-data></D:prop>'
    )
    answers = await report(dav, CALENDAR, "C:calendar-query", query(events(MARCH), prop), depth="1")
    text = answers.text(CALENDAR_DATA, f"{HOME}personal/march.ics")
    assert "UID:march" in text
    assert "SUMMARY:\r\n" in text
    assert "DTSTART" not in text


async def test_depth_zero_finds_nothing_and_no_depth_counts_as_one(dav: Dav) -> None:
    await fill(dav)
    assert not (await report(dav, CALENDAR, "C:calendar-query", query(), depth="0")).hrefs
    assert len((await report(dav, CALENDAR, "C:calendar-query", query())).hrefs) == 4


async def test_one_object_can_be_queried(dav: Dav) -> None:
    await fill(dav)
    answers = await report(dav, f"{CALENDAR}march.ics", "C:calendar-query", query(events(MARCH)))
    assert answers.hrefs == [f"{HOME}personal/march.ics"]
    assert not (await report(dav, f"{CALENDAR}april.ics", "C:calendar-query", query(events(MARCH)))).hrefs


async def test_a_home_is_queried_with_infinite_depth(dav: Dav) -> None:
    await fill(dav)
    assert (await dav.request("MKCALENDAR", "/anna/Calendar/work/")).status == 201
    await put(dav, "/anna/Calendar/work/other.ics", event("other"))
    answers = await report(dav, "/anna/Calendar/", "C:calendar-query", query(events(MARCH)), depth="infinity")
    assert names(answers) == ["march.ics", "other.ics", "weekly.ics"]
    assert not (await report(dav, "/anna/Calendar/", "C:calendar-query", query(), depth="1")).hrefs


async def test_a_limit_ends_the_answer_with_507_for_the_target(dav: Dav) -> None:
    await fill(dav)
    limited = query() + "<C:limit><C:nresults>2</C:nresults></C:limit>"
    answers = await report(dav, CALENDAR, "C:calendar-query", limited, depth="1")
    assert len(answers.hrefs) == 3
    assert "507" in status_of(answers, f"{HOME}personal/")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PROP, "valid-filter"),
        (f'{PROP}<C:filter><C:comp-filter name="VEVENT"/></C:filter>', "valid-filter"),
        (query(events("<C:time-range/>")), "valid-filter"),
        (query(events('<C:time-range start="yesterday"/>')), "valid-filter"),
        (query(events('<C:time-range start="20260230T000000Z"/>')), "valid-filter"),
        (query(MARCH), "supported-filter"),
        (query(events('<C:time-range start="18000101T000000Z"/>')), "min-date-time"),
        (query(events('<C:time-range end="90000101T000000Z"/>')), "max-date-time"),
        (
            query(
                events('<C:prop-filter name="UID"><C:text-match collation="klingon">x</C:text-match></C:prop-filter>')
            ),
            "supported-collation",
        ),
        (query() + "<C:timezone>BEGIN:VCALENDAR\nEND:VCALENDAR</C:timezone>", "valid-calendar-data"),
        (query() + "<C:timezone-id>Mars/Olympus</C:timezone-id>", "valid-timezone"),
        (
            query(events(MARCH), '<D:prop><C:calendar-data content-type="text/html"/></D:prop>'),
            "supported-calendar-data",
        ),
    ],
)
async def test_what_cannot_be_asked_names_its_precondition(dav: Dav, content: str, name: str) -> None:
    await fill(dav)
    response = await dav.request("REPORT", CALENDAR, document("C:calendar-query", content), depth="1")
    assert response.status == 403
    assert condition(response) == f"{{urn:ietf:params:xml:ns:caldav}}{name}"


async def test_the_zone_of_a_query_moves_whole_days(dav: Dav) -> None:
    day = event("day").replace(b"DTSTART:20260302T090000Z", b"DTSTART;VALUE=DATE:20260302").replace(b"PT1H", b"P1D")
    await put(dav, f"{CALENDAR}day.ics", day)
    late = query(events('<C:time-range start="20260303T010000Z" end="20260303T020000Z"/>'))
    assert not (await report(dav, CALENDAR, "C:calendar-query", late)).hrefs
    there = late + "<C:timezone-id>America/New_York</C:timezone-id>"
    assert names(await report(dav, CALENDAR, "C:calendar-query", there)) == ["day.ics"]


async def test_private_objects_of_others_are_not_found(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}open.ics", event("open"))
    await put(dav, f"{CALENDAR}secret.ics", event("secret", extra="CLASS:PRIVATE\r\n"))
    body = (
        "<D:ace><D:principal><D:href>/SOGo/dav/ben/</D:href></D:principal><D:grant><D:privilege>"
        "<I:viewwhole-public-records/></D:privilege></D:grant></D:ace>"
    )
    assert (await dav.request("ACL", CALENDAR, document("D:acl", body))).status == 200
    assert names(await report(dav, CALENDAR, "C:calendar-query", query(), as_="ben", depth="1")) == ["open.ics"]


async def test_an_answer_larger_than_any_client_wants_is_refused(dav: Dav, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("folkmoot.dav.reports.wanted.ANSWER_MAX", 20_000)
    await fill(dav)
    window = '<C:expand start="20260101T000000Z" end="20360101T000000Z"/>'
    prop = f"<D:prop><C:calendar-data>{window}</C:calendar-data></D:prop>"
    response = await dav.request("REPORT", CALENDAR, document("C:calendar-query", query(prop=prop)), depth="1")
    assert response.status == 403
    assert condition(response) == "{DAV:}number-of-matches-within-limits"
