"""What SOGo makes of meetings when they are stored, as its clients are used to it (docs/conformance/sogo.md)."""

from dataclasses import replace

import pytest

from folkmoot.database import Database
from folkmoot.directory.principal import PrincipalKind
from folkmoot.scheduling.meeting import attendees, sequence
from tests.support.dav import event, person
from tests.support.meetings import PEOPLE, Desk, answers, desk_on, meeting

pytestmark = pytest.mark.anyio

MACOS = "macOS/15.3 (24D60) dataaccessd/1.0"
GUESTS = ("ben@example.org", "dora@example.org")


@pytest.fixture
def desk(dav_database: Database) -> Desk:
    return desk_on(dav_database)


async def test_what_is_stored_names_everybody_once_and_completely(desk: Desk) -> None:
    lines = (":mailto:ben@example.org", ":MAILTO:Ben@example.org", ":mailto:anna@example.org")
    await desk.put("anna", "m.ics", meeting("m", *lines))
    found = attendees(await desk.get("anna", "m.ics"))
    assert list(found) == ["ben@example.org"]
    line = found[next(iter(found))]
    assert (line.param("PARTSTAT"), line.param("RSVP")) == ("NEEDS-ACTION", "TRUE")


async def test_the_organizer_is_known_by_the_main_address(desk: Desk) -> None:
    body = meeting("m", "ben@example.org", organizer="mailto:anna.second@example.org")
    await desk.put("anna", "m.ics", body)
    for who in ("anna", "ben"):
        organizer = (await desk.get(who, "m.ics")).components[-1].get("ORGANIZER")
        assert organizer is not None
        assert organizer.value == "mailto:anna@example.org", who


@pytest.mark.parametrize(("agent", "kept"), [(MACOS, False), ("", True)])
async def test_an_organizer_of_nobody_is_kept_for_other_clients_than_apples(desk: Desk, agent: str, kept: bool) -> None:
    await desk.put("anna", "m.ics", meeting("m"), User_Agent=agent)
    assert ((await desk.get("anna", "m.ics")).components[-1].get("ORGANIZER") is not None) == kept


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("DTSTART:20260302T090000Z", "DTSTART:20260302T093000Z"),
        ("DTEND:20260302T100000Z", "DTEND:20260302T110000Z"),
        ("SUMMARY:Planning", "SUMMARY:Deciding"),
        ("LOCATION:Hall", "LOCATION:Cellar"),
        ("LOCATION:Hall", "LOCATION:Hall\r\nRRULE:FREQ=WEEKLY;COUNT=3"),
    ],
)
async def test_a_change_that_matters_asks_again_and_counts(desk: Desk, before: str, after: str) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org", extra="LOCATION:Hall\r\n"))
    await desk.answer("ben", "m.ics", "ACCEPTED")
    was = await desk.text("anna", "m.ics")
    await desk.put("anna", "m.ics", was.replace(before, after))
    for who in ("anna", "ben"):
        copy = await desk.get(who, "m.ics")
        assert answers(copy) == {"ben": "NEEDS-ACTION"}, who
        assert sequence(copy.components[-1]) == 1, who


async def test_a_change_that_matters_little_leaves_answers_alone(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    await desk.answer("ben", "m.ics", "ACCEPTED")
    was = await desk.text("anna", "m.ics")
    await desk.put("anna", "m.ics", was.replace("SUMMARY:", "DESCRIPTION:Bring cake\r\nSUMMARY:"))
    copy = await desk.get("ben", "m.ics")
    assert answers(copy) == {"ben": "ACCEPTED"}
    assert copy.components[-1].text("DESCRIPTION") == "Bring cake"
    assert sequence(copy.components[-1]) == 0


async def test_who_comes_is_invited_who_goes_is_told_and_who_stays_hears(dav_database: Database) -> None:
    desk = desk_on(dav_database, people=(*PEOPLE, person("eva", "Eva Lind")))
    await desk.put("anna", "m.ics", meeting("m", *GUESTS))
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org", "eva@example.org"))
    assert await desk.methods("eva") == ["REQUEST"]
    assert await desk.methods("dora") == ["CANCEL", "REQUEST"]
    assert await desk.names("dora") == []
    for who in ("ben", "eva"):
        assert set(answers(await desk.get(who, "m.ics"))) == {"ben", "eva"}


async def test_a_guest_keeps_alarms_and_changes_nothing_of_the_organizers(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:x\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n"
    mine = (await desk.text("ben", "m.ics")).replace("SUMMARY:Planning", "SUMMARY:Mine")
    await desk.put("ben", "m.ics", mine.replace("END:VEVENT", f"{alarm}END:VEVENT"), status=204)
    copy, organized = await desk.get("ben", "m.ics"), await desk.get("anna", "m.ics")
    assert copy.components[-1].text("SUMMARY") == "Planning"
    assert len(copy.components[-1].components) == 1
    assert organized.components[-1].components == []


async def test_busy_people_are_invited_over_dav_all_the_same(desk: Desk) -> None:
    await desk.put("ben", "own.ics", event("own", "Dentist", "20260302T093000Z").decode())
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"), status=201)
    assert "m.ics" in await desk.names("ben")


async def test_a_room_without_a_limit_can_be_overbooked(dav_database: Database) -> None:
    tent = replace(person("tent", "A tent", PrincipalKind.LOCATION), multiple_bookings=None)
    desk = desk_on(dav_database, people=(*PEOPLE, tent))
    for number in range(2):
        await desk.put("anna", f"m{number}.ics", meeting(f"m{number}", "tent@example.org"), status=201)


async def test_a_delegated_booking_leaves_the_room_free(desk: Desk) -> None:
    given = ';PARTSTAT=DELEGATED;DELEGATED-TO="mailto:hall@example.org":mailto:room@example.org'
    await desk.names("room")
    await desk.put("root", "m.ics", meeting("m", given, organizer="mailto:outside@example.net"), home="room")
    await desk.put("ben", "n.ics", meeting("n", "room@example.org", organizer="mailto:ben@example.org"), status=201)


@pytest.mark.parametrize(("agent", "counted"), [(MACOS, 1), ("", 0)])
async def test_apples_clients_see_every_change_counted(desk: Desk, agent: str, counted: int) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    was = await desk.text("anna", "m.ics")
    await desk.put("anna", "m.ics", was.replace("SUMMARY:", "DESCRIPTION:Bring cake\r\nSUMMARY:"), User_Agent=agent)
    assert sequence((await desk.get("ben", "m.ics")).components[-1]) == counted


async def test_thunderbird_leaves_the_answer_to_the_server_whatever_it_writes(desk: Desk) -> None:
    await desk.put("anna", "m.ics", meeting("m", "ben@example.org"))
    said = (await desk.text("ben", "m.ics")).replace("ORGANIZER:", "ORGANIZER;SCHEDULE-AGENT=CLIENT:")
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0"
    await desk.put("ben", "m.ics", said.replace("NEEDS-ACTION", "ACCEPTED"), User_Agent=agent)
    assert answers(await desk.get("anna", "m.ics")) == {"ben": "ACCEPTED"}
