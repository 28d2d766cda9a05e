"""Web calendars against a real web server: what is copied, what stays, what is refused."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from folkmoot.calendars.content import CalendarContent
from folkmoot.calendars.limits import CalendarLimits
from folkmoot.calendars.web.calendars import JOB, LOOKS_MAX, WebCalendars
from folkmoot.calendars.web.refresh import Report, WebRefresh
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.access import Access
from folkmoot.collections.collections import Collections
from folkmoot.collections.content import Place, ReadOnly
from folkmoot.collections.objects import Objects
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database import Database
from folkmoot.fetch.errors import FetchFailed
from folkmoot.fetch.fetcher import Credentials, Fetcher, FetchLimits
from folkmoot.jobs.runner import Runner
from folkmoot.jobs.web_calendars import WebCalendarLooks
from folkmoot.sharing.policy import SharingPolicy
from folkmoot.store import grants, jobs
from folkmoot.store.records import Collection, Kind
from tests.support.clock import SetClock
from tests.support.web_server import Web, web_server

pytestmark = pytest.mark.anyio
ANNA = Caller(PrincipalId("anna"))
BERT = Caller(PrincipalId("bert"))


def event(uid: str, *lines: str, summary: str = "Match") -> str:
    head = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTART:20260610T100000Z", f"SUMMARY:{summary}"]
    return "\n".join([*head, *lines, "END:VEVENT"])


def document(*components: str, name: str = "", stamp: str = "20260101T000000Z") -> bytes:
    stamped = [one.replace("DTSTART", f"DTSTAMP:{stamp}\nDTSTART", 1) for one in components]
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "METHOD:PUBLISH", *([f"X-WR-CALNAME:{name}"] if name else [])]
    return "\r\n".join([*head, *stamped, "END:VCALENDAR", ""]).replace("\r\n", "\n").replace("\n", "\r\n").encode()


async def resolve(_host: str, _port: int) -> list[str]:
    return ["127.0.0.1"]


@dataclass
class House:
    """The service, a web server, and what clients see."""

    database: Database
    web: Web
    clock: SetClock = field(default_factory=lambda: SetClock(datetime(2026, 6, 1, tzinfo=UTC)))

    def __post_init__(self) -> None:
        zones = CalendarZones(ZoneInfo("Europe/Berlin"))
        content = CalendarContent(CalendarLimits(resource_size=5000), zones)
        self.access = Access(self.database, [content], SharingPolicy(), self.clock)
        fetcher = Fetcher([ip_network("127.0.0.0/8")], FetchLimits(seconds=5), resolve=resolve)
        self.refresh = WebRefresh(self.access, fetcher)
        self.web_calendars = WebCalendars(self.access, self.refresh)
        self.objects = Objects(self.access)
        self.runner = Runner(self.database, self.clock, {JOB: WebCalendarLooks(self.refresh)})

    async def add(self, path: str = "/a.ics", name: str | None = "Football", host: str = "calendar.example") -> Place:
        made = await self.web_calendars.add(ANNA, self.web.url(path, host), name)
        return Place(ANNA.principal, Kind.CALENDAR, made.name)

    async def reload(self, place: Place) -> Report:
        return await self.web_calendars.reload(ANNA, place)

    async def collection(self, place: Place) -> Collection:
        return (await Collections(self.access).seen(ANNA, place)).collection

    async def etags(self, place: Place) -> dict[str, str]:
        return {str(meta.uid): meta.etag for meta in (await self.objects.list_(ANNA, place))[1]}


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    async with web_server(tmp_path) as web:
        yield House(database, web)


async def test_a_document_becomes_a_read_only_calendar(house: House) -> None:
    house.web.on("/a.ics", document(event("a"), event("b")))
    place = await house.add()
    assert await house.reload(place) == Report(2, 200)
    collection = await house.collection(place)
    assert collection.properties["displayname"] == "Football"
    assert collection.properties["web_calendar"] is True
    assert (await house.etags(place)).keys() == {"a", "b"}
    with pytest.raises(ReadOnly):
        await house.objects.put(ANNA, place, ResourceName("x.ics"), document(event("x")), "")
    name = (await house.objects.list_(ANNA, place))[1][0].name
    with pytest.raises(ReadOnly):
        await house.objects.delete(ANNA, place, name)


async def test_objects_carry_no_method_and_their_own_zone(house: House) -> None:
    zone = "BEGIN:VTIMEZONE\nTZID:Odd\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0100\n"
    zoned = "BEGIN:VEVENT\nUID:z\nDTSTART;TZID=Odd:20260610T100000\nEND:VEVENT"
    house.web.on("/a.ics", document(zone + "END:STANDARD\nEND:VTIMEZONE", zoned))
    place = await house.add()
    assert (await house.reload(place)).imported == 1
    name = (await house.objects.list_(ANNA, place))[1][0].name
    _, stored = await house.objects.read(ANNA, place, name)
    assert b"METHOD" not in stored.body
    assert b"BEGIN:VTIMEZONE" in stored.body


async def test_what_says_the_same_is_not_touched(house: House) -> None:
    house.web.on("/a.ics", document(event("a"), event("b"), event("c")))
    place = await house.add()
    await house.reload(place)
    before, revision = await house.etags(place), (await house.collection(place)).revision
    # A new stamp on everything, another order; one changed, one gone, one new.
    house.web.on("/a.ics", document(event("b"), event("a"), event("c"), stamp="20260601T120000Z"))
    assert (await house.reload(place)).imported == 3
    assert (await house.collection(place)).revision == revision
    house.web.on("/a.ics", document(event("b", summary="Final"), event("a"), event("d"), stamp="20260602T120000Z"))
    assert (await house.reload(place)).imported == 3
    after = await house.etags(place)
    assert after.keys() == {"a", "b", "d"}
    assert after["a"] == before["a"]
    assert after["b"] != before["b"]
    _, changes = await house.objects.changes(ANNA, place, None, None)
    assert len(changes.rows) == 3


async def test_a_changed_event_keeps_its_name(house: House) -> None:
    house.web.on("/a.ics", document(event("a")))
    place = await house.add()
    await house.reload(place)
    first = [meta.name for meta in (await house.objects.list_(ANNA, place))[1]]
    house.web.on("/a.ics", document(event("a", summary="Other")))
    await house.reload(place)
    assert [meta.name for meta in (await house.objects.list_(ANNA, place))[1]] == first


async def test_events_without_uid_keep_the_one_they_are_given(house: House) -> None:
    nameless = event("x").replace("UID:x\n", "")
    house.web.on("/a.ics", document(nameless, nameless, event("a")))
    place = await house.add()
    assert (await house.reload(place)).imported == 3
    before = await house.etags(place)
    house.web.on("/a.ics", document(event("b"), nameless, nameless, stamp="20260601T120000Z"))
    await house.reload(place)
    assert len((await house.etags(place)).items() & before.items()) == 2


async def test_the_server_is_asked_whether_anything_changed(house: House) -> None:
    house.web.on("/a.ics", document(event("a")), ETag='"one"', Last_Modified="Mon, 01 Jun 2026 00:00:00 GMT")
    place = await house.add()
    await house.reload(place)
    house.web.on("/a.ics", status="304 Not Modified")
    assert await house.reload(place) == Report(1, 200)
    asked = house.web.asked[-1].headers
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"one"', "Mon, 01 Jun 2026 00:00:00 GMT")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        ("500 Oops", b"", "http-error"),
        ("404 Not Found", b"", "http-error"),
        ("200 OK", b"<html>Sign in</html>", "invalid-calendar-content"),
        ("200 OK", b"", "invalid-calendar-content"),
        ("200 OK", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "invalid-calendar-content"),
    ],
)
async def test_the_last_good_copy_stays_when_a_look_fails(house: House, status: str, body: bytes, error: str) -> None:
    house.web.on("/a.ics", document(event("a")))
    place = await house.add()
    await house.reload(place)
    fetched_at = house.clock.milliseconds()
    house.clock.pass_(hours=3)
    house.web.on("/a.ics", body, status=status)
    report = await house.reload(place)
    assert (report.imported, report.status, report.error) == (0, int(status[:3]), error)
    assert (await house.etags(place)).keys() == {"a"}
    kept = (await house.web_calendars.state(ANNA, place)).kept
    assert (kept.fetched_at, kept.checked_at) == (fetched_at, house.clock.milliseconds())
    assert kept.fault.startswith(error)
    house.web.on("/a.ics", document(event("a")))
    await house.reload(place)
    assert (await house.web_calendars.state(ANNA, place)).kept.fault == ""


async def test_an_empty_calendar_empties_the_copy(house: House) -> None:
    house.web.on("/a.ics", document(event("a")))
    place = await house.add()
    await house.reload(place)
    house.web.on("/a.ics", document())
    assert await house.reload(place) == Report(0, 200)
    assert await house.etags(place) == {}


async def test_what_a_calendar_does_not_take_is_left_out(house: House) -> None:
    large = event("large", "DESCRIPTION:" + "x" * 6000)
    broken = event("broken").replace("20260610T100000Z", "whenever")
    journal = event("journal").replace("VEVENT", "VJOURNAL")
    house.web.on("/a.ics", document(event("a"), large, broken, journal, event("a", summary="Twice")))
    place = await house.add()
    await house.reload(place)
    assert (await house.etags(place)).keys() == {"a"}


async def test_the_document_gives_its_name_to_a_calendar_that_has_none(house: House) -> None:
    house.web.on("/a.ics", document(event("a"), name="Premier League"))
    place = await house.add(name=None)
    assert (await house.collection(place)).properties["displayname"] == "calendar.example"
    await house.reload(place)
    assert (await house.collection(place)).properties["displayname"] == "Premier League"
    await Collections(house.access).change_properties(ANNA, place, {"displayname": "Mine"}, {})
    house.web.on("/a.ics", document(event("a"), name="Other"))
    await house.reload(place)
    assert (await house.collection(place)).properties["displayname"] == "Mine"


async def test_credentials_are_sent_and_stand_nowhere_in_the_clear(house: House) -> None:
    house.web.on("/a.ics", document(event("a")))
    place = await house.add(host="anna:s3cret@calendar.example")
    await house.reload(place)
    assert house.web.asked[-1].headers["authorization"] == "Basic YW5uYTpzM2NyZXQ="
    state = await house.web_calendars.state(ANNA, place)
    assert state.has_credentials
    assert "s3cret" not in state.kept.url + str(state.kept.sealed_credentials)
    await house.web_calendars.set_credentials(ANNA, place, Credentials("anna", "new"))
    await house.reload(place)
    assert house.web.asked[-1].headers["authorization"] == "Basic YW5uYTpuZXc="
    await house.web_calendars.set_credentials(ANNA, place, None)
    await house.reload(place)
    assert "authorization" not in house.web.asked[-1].headers
    with pytest.raises(MalformedInput):
        await house.web_calendars.set_credentials(ANNA, place, Credentials("an:na", "x"))


async def test_other_credentials_fetch_everything_anew(house: House) -> None:
    house.web.on("/a.ics", document(event("a")), ETag='"one"')
    place = await house.add()
    await house.reload(place)
    await house.web_calendars.set_credentials(ANNA, place, Credentials("anna", "x"))
    await house.reload(place)
    assert "if-none-match" not in house.web.asked[-1].headers


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "calendar.example", "http://x:25/"])
async def test_other_urls_are_refused_at_once(house: House, url: str) -> None:
    with pytest.raises(FetchFailed) as caught:
        await house.web_calendars.add(ANNA, url)
    assert caught.value.reason == "invalid-url"
    assert await house.web_calendars.list_(ANNA) == []


async def test_others_may_at_most_read(house: House) -> None:
    house.web.on("/a.ics", document(event("a")))
    place = await house.add()
    await house.reload(place)
    with pytest.raises(NotFound):
        await house.web_calendars.reload(BERT, place)
    number = (await house.collection(place)).id
    roles = frozenset(["PublicModifier", "ObjectCreator", "ObjectEraser"])
    await house.database.write(lambda tx: grants.set_(tx, number, "bert", roles))
    name = (await house.objects.list_(BERT, place))[1][0].name
    for refused in (house.web_calendars.reload, house.web_calendars.remove, house.web_calendars.state):
        with pytest.raises(Forbidden):
            await refused(BERT, place)
    with pytest.raises((ReadOnly, Forbidden)):
        await house.objects.delete(BERT, place, name)


async def test_removing_takes_everything_along(house: House) -> None:
    house.web.on("/a.ics", document(event("a")))
    place = await house.add()
    await house.reload(place)
    await house.web_calendars.remove(ANNA, place)
    assert await house.web_calendars.list_(ANNA) == []
    assert await house.database.read(jobs.list_) == []
    with pytest.raises(NotFound):
        await house.collection(place)


async def test_a_plain_calendar_is_no_web_calendar(house: House) -> None:
    await house.objects.put(
        ANNA,
        Place(ANNA.principal, Kind.CALENDAR, "personal"),
        ResourceName("x.ics"),
        document(event("x")).replace(b"METHOD:PUBLISH\r\n", b""),
        "",
    )
    with pytest.raises(NotFound):
        await house.web_calendars.remove(ANNA, Place(ANNA.principal, Kind.CALENDAR, "personal"))


async def test_it_is_looked_at_every_hour_also_when_that_fails(house: House) -> None:
    house.web.on("/a.ics", document(event("a")))
    place = await house.add()
    house.clock.pass_(minutes=2)
    await house.runner.run_due()
    assert (await house.etags(place)).keys() == {"a"}
    house.web.on("/a.ics", status="500 Oops")
    for looks in (2, 3):
        house.clock.pass_(minutes=67)
        await house.runner.run_due()
        assert len(house.web.asked) == looks
    (job,) = await house.database.read(jobs.list_)
    assert job.fault == ""


async def test_what_fails_for_a_week_is_looked_at_once_a_day(house: House) -> None:
    place = await house.add()
    house.clock.pass_(days=8)
    await house.runner.run_due()
    (job,) = await house.database.read(jobs.list_)
    assert job.due_at > house.clock.milliseconds() + 20 * 3_600_000
    assert (await house.web_calendars.state(ANNA, place)).kept.fault.startswith("http-error")


async def test_the_job_of_a_deleted_calendar_ends(house: House) -> None:
    place = await house.add()
    await Collections(house.access).delete(ANNA, place)
    house.clock.pass_(minutes=2)
    await house.runner.run_due()
    assert await house.database.read(jobs.list_) == []
    assert house.web.asked == []


async def test_signing_in_refreshes_what_wants_it(house: House) -> None:
    house.web.on("/a.ics", document(event("a")))
    house.web.on("/b.ics", document(event("b")))
    first, second = await house.add("/a.ics"), await house.add("/b.ics")
    await house.web_calendars.set_reload_on_login(ANNA, first, wanted=True)
    assert await house.web_calendars.reload_on_login(ANNA) == 1
    await house.runner.run_due()
    assert (await house.etags(first)).keys() == {"a"}
    assert await house.etags(second) == {}
    assert await house.web_calendars.reload_on_login(ANNA) == 0  # it is fresh
    assert await house.web_calendars.reload_on_login(BERT) == 0


async def test_looks_of_one_person_wait_for_each_other_beyond_some(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await house.add("/a.ics")
    under_way = most = 0

    async def refresh(_: object) -> Report:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return Report()

    monkeypatch.setattr(house.web_calendars, "_refresh", SimpleNamespace(refresh=refresh))
    await asyncio.gather(*(house.reload(place) for _ in range(3 * LOOKS_MAX)))
    assert most == LOOKS_MAX
