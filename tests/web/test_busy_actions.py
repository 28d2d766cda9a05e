"""Free-busy by quarters of an hour, and common slots, over the JSON actions."""

from datetime import UTC, datetime

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.store.records import Kind
from tests.support.dav import event
from tests.support.web import Browser, Town

pytestmark = pytest.mark.anyio

READ = "so/bert/freebusy.ifb/ajaxRead"
SLOTS = "so/anna/freebusy.ifb/slots"
FULL = {"0": 1, "15": 1, "30": 1, "45": 1}


async def put(town: Town, who: str, start: str, extra: str = "") -> None:
    caller = Caller(PrincipalId(who))
    body = event(start, start=start, extra=extra)
    await town.objects.put(
        caller, Place(caller.principal, Kind.CALENDAR, "personal"), ResourceName(f"{start}.ics"), body, "text/calendar"
    )


async def test_the_quarters_that_are_not_free_are_told_by_day_and_hour(anna: Browser, town: Town) -> None:
    await put(town, "bert", "20260602T091000Z")
    await put(town, "bert", "20260603T233000Z")
    await put(town, "bert", "20260602T120000Z", "TRANSP:TRANSPARENT\r\n")
    reply = await anna.get(READ, "sday=20260602&eday=20260603")
    assert reply.status == 200
    assert reply.json == {
        "20260602": {"9": FULL, "10": {"0": 1, "15": 0, "30": 0, "45": 0}},
        "20260603": {"23": {"0": 0, "15": 0, "30": 1, "45": 1}},
    }


async def test_days_and_hours_are_those_of_who_asks(anna: Browser, town: Town) -> None:
    await anna.post("so/anna/Preferences/save", {"defaults": {"SOGoTimeZone": "Asia/Tokyo"}})
    await put(town, "bert", "20260602T190000Z")
    reply = await anna.get(READ, "sday=20260602&eday=20260603")
    assert reply.json == {"20260602": {}, "20260603": {"4": FULL}}


async def test_off_hours_are_on_the_clock_of_whom_is_asked_about(anna: Browser, town: Town) -> None:
    bert = town.browser
    await bert.sign_in("bert", "hunter2")
    hours = {"SOGoTimeZone": "Europe/Lisbon", "SOGoBusyOffHours": 1, "SOGoDayStartTime": "10:00"}
    assert (await bert.post("so/bert/Preferences/save", {"defaults": hours})).status == 200
    await anna.post("so/anna/Preferences/save", {"defaults": {"SOGoTimeZone": "Europe/Warsaw"}})
    day = (await anna.get(READ, "sday=20260602&eday=20260602")).json["20260602"]
    assert list(day) == [str(hour) for hour in (*range(11), *range(19, 24))]  # type: ignore[call-overload]  # an object


@pytest.mark.parametrize(
    "query",
    [
        "",
        "sday=20260601",
        "sday=20260602&eday=20260601",
        "sday=x&eday=20260601",
        "sday=20261301&eday=20261301",
        "sday=00010101&eday=00010102",
        "sday=20260101&eday=20261231",
        "sday=99991231&eday=99991231",
    ],
)
async def test_days_that_cannot_be_read_are_403(anna: Browser, query: str) -> None:
    assert (await anna.get(READ, query)).status == 403


async def test_strangers_are_404_and_nobody_asks_without_signing_in(anna: Browser, town: Town) -> None:
    query = "sday=20260601&eday=20260601"
    assert (await anna.get("so/nobody/freebusy.ifb/ajaxRead", query)).status == 404
    assert (await town.browser.get(READ, query)).status == 401


async def test_a_slot_suits_all_who_must_come(anna: Browser, town: Town) -> None:
    await put(town, "anna", "20260602T080000Z")
    await put(town, "bert", "20260602T090000Z")
    await put(town, "bert", "20260602T100000Z", "STATUS:TENTATIVE\r\n")
    reply = await anna.get(SLOTS, "sday=20260602&eday=20260602&uid=bert&duration=60&limit=2")
    eleven = int(datetime(2026, 6, 2, 11, tzinfo=UTC).timestamp())
    assert reply.json == {
        "slots": [
            {"start": eleven, "end": eleven + 3600, "busy": [], "tentative": []},
            {"start": eleven + 3600, "end": eleven + 7200, "busy": [], "tentative": []},
        ]
    }


async def test_an_optional_person_may_be_busy_and_the_night_may_count(anna: Browser, town: Town) -> None:
    for hour in range(24):
        await put(town, "bert", f"20260602T{hour:02d}0000Z")
    day = "sday=20260602&eday=20260602"
    assert (await anna.get(SLOTS, f"{day}&uid=bert")).json == {"slots": []}
    found = (await anna.get(SLOTS, f"{day}&optional=bert&anytime=1&limit=1")).json["slots"]
    midnight = int(datetime(2026, 6, 2, tzinfo=UTC).timestamp())
    assert found == [{"start": midnight, "end": midnight + 3600, "busy": ["bert"], "tentative": []}]


async def test_no_slot_lies_in_the_past(anna: Browser) -> None:
    found = (await anna.get(SLOTS, "sday=20260601&eday=20260601&anytime=1&limit=1")).json["slots"]
    assert isinstance(found, list)
    assert found[0]["start"] == int(datetime(2026, 6, 1, 6, tzinfo=UTC).timestamp())
    assert (await anna.get(SLOTS, "sday=20260501&eday=20260501")).json == {"slots": []}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("sday=20260602&eday=20260602&duration=0", 400),
        ("sday=20260602&eday=20260602&duration=9999", 400),
        ("sday=20260602&eday=20260602&limit=x", 400),
        ("sday=20260602&eday=20260602&uid=nobody", 404),
        ("sday=20260602&eday=20260602" + "&uid=bert" * 30, 400),
    ],
)
async def test_searches_that_make_no_sense_are_refused(anna: Browser, query: str, status: int) -> None:
    assert (await anna.get(SLOTS, query)).status == status
