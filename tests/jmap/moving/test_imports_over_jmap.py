"""Files of other programs, in and out over JMAP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.settings import Settings
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.moving import importing
from folkmoot.moving.importing import KEPT_MILLISECONDS, LOST_MILLISECONDS, Progress, Stage
from folkmoot.store import imports
from tests.support.clock import SetClock
from tests.support.jmap import Client, Refused, World, world

pytestmark = pytest.mark.anyio
ICS = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Old//EN\r
{events}END:VCALENDAR\r
"""
EVENT = """BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20260101T000000Z\r
DTSTART:20260601T100000Z\r
SUMMARY:{title}\r
END:VEVENT\r
"""
CSV = b"First Name,Last Name,E-mail Address\nAda,King,ada@example.com\nAlan,Turing,alan@example.com\n"


def calendar(*titles: str) -> str:
    return ICS.format(events="".join(EVENT.format(uid=title, title=title) for title in titles))


@pytest.fixture
async def house(database: Database) -> AsyncIterator[World]:
    async with world(database) as opened:
        yield opened
        await opened.services.data_imports.settled()


@pytest.fixture
async def queue(embedded: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A server that is so busy that imports wait."""
    monkeypatch.setattr(importing, "AT_ONCE", 0)
    async with world(embedded) as opened:
        yield opened
        await opened.services.data_imports.close()


async def home(client: Client, kind: str) -> str:
    return str((await client.call(f"{kind}/get", ids=None))["list"][0]["id"])


async def upload(client: Client, octets: bytes | str, kind: str = "text/calendar") -> str:
    text = octets if isinstance(octets, str) else octets.decode()
    data = [{"data:asText": text}]
    return str((await client.call("Blob/upload", create={"b": {"data": data, "type": kind}}))["created"]["b"]["id"])


async def begun(house: World, client: Client, **wanted: Any) -> dict[str, Any]:
    """Import, and return what became of it."""
    answer = await client.call("DataImport/set", create={"i": wanted})
    assert answer["notCreated"] is None, answer
    number = answer["created"]["i"]["id"]
    await house.services.data_imports.settled()
    return dict((await client.call("DataImport/get", ids=[number]))["list"][0])


def counts(told: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(told[name] for name in ("stage", "total", "created", "replaced", "unchanged", "rejected"))


async def test_events_come_in_once_however_often(house: World) -> None:
    anna = await house.person("anna")
    place = await home(anna, "Calendar")
    blob = await upload(anna, calendar("Regatta", "Ball"))
    checked = await begun(house, anna, calendarId=place, blobId=blob, dryRun=True)
    assert counts(checked) == ("done", 2, 2, 0, 0, 0)
    assert (await anna.call("CalendarEvent/query"))["ids"] == []
    first = await begun(house, anna, calendarId=place, blobId=blob, name="club.ics")
    assert (counts(first), first["format"], first["name"]) == (("done", 2, 2, 0, 0, 0), "ics", "club.ics")
    again = await begun(house, anna, calendarId=place, blobId=await upload(anna, calendar("Regatta", "Ball", "Tea")))
    assert counts(again) == ("done", 3, 1, 0, 2, 0)
    assert len((await anna.call("CalendarEvent/query"))["ids"]) == 3
    assert first["calendarId"] == place
    assert first["blobId"] is None


async def test_contacts_of_a_table_and_what_is_wrong_with_others(house: World) -> None:
    anna = await house.person("anna")
    place = await home(anna, "AddressBook")
    told = await begun(house, anna, addressBookId=place, blobId=await upload(anna, CSV, "text/csv"))
    assert counts(told) == ("done", 2, 2, 0, 0, 0)
    cards = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Grace\r\nN:Hopper;Grace\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:x"
    told = await begun(house, anna, addressBookId=place, blobId=await upload(anna, cards, "text/vcard"))
    assert (told["created"], told["rejected"]) == (1, 1)
    assert told["report"][0]["where"].startswith("line ")
    assert told["report"][0]["reason"]


@pytest.mark.parametrize(
    ("wrong", "properties"),
    [
        ({"blobId": None}, ["blobId"]),
        ({"calendarId": None}, ["calendarId", "addressBookId", "mailboxId"]),
        ({"calendarId": "c999"}, ["calendarId"]),
        ({"addressBookId": "c1"}, ["calendarId", "addressBookId", "mailboxId"]),
        ({"targetAccountId": "unobody"}, ["targetAccountId"]),
        ({"format": "pdf"}, ["format"]),
        ({"stage": "done"}, ["stage"]),
    ],
)
async def test_what_makes_no_sense_is_refused(house: World, wrong: dict[str, Any], properties: list[str]) -> None:
    anna = await house.person("anna")
    wanted = {"calendarId": await home(anna, "Calendar"), "blobId": await upload(anna, calendar("x"))}
    error = (await anna.call("DataImport/set", create={"i": {**wanted, **wrong}}))["notCreated"]["i"]
    assert error["type"] == "invalidProperties"
    assert error["properties"] == properties
    assert (await anna.call("DataImport/get", ids=None))["list"] == []


async def test_a_file_of_another_kind_or_none_is_refused(house: World) -> None:
    anna = await house.person("anna")
    place = await home(anna, "Calendar")
    for octets, kind in ((CSV, "text/csv"), (b"%PDF-1.7", "application/pdf")):
        blob = await upload(anna, octets, kind)
        error = (await anna.call("DataImport/set", create={"i": {"calendarId": place, "blobId": blob}}))["notCreated"]
        assert error["i"]["type"] == "invalidProperties"
    gone = await anna.call("DataImport/set", create={"i": {"calendarId": place, "blobId": f"U{'0' * 32}"}})
    assert gone["notCreated"]["i"]["type"] == "blobNotFound"
    told = await begun(house, anna, calendarId=place, blobId=await upload(anna, "BEGIN:VCALENDAR"))
    assert told["stage"] in {"failed", "done"}
    assert told["created"] == 0


async def test_others_see_none_of_it_and_write_only_where_they_may(house: World) -> None:
    anna, bert = await house.person("anna"), await house.person("bert")
    place = await home(anna, "Calendar")
    told = await begun(house, anna, calendarId=place, blobId=await upload(anna, calendar("Regatta")))
    assert (await bert.call("DataImport/get", ids=[told["id"]]))["notFound"] == [told["id"]]
    refused = await bert.call("DataImport/set", update={told["id"]: {"isCancelled": True}}, destroy=["9", "x"])
    assert refused["notUpdated"][told["id"]]["type"] == "notFound"
    assert {one["type"] for one in refused["notDestroyed"].values()} == {"notFound"}

    principal = f"p{bert.account[1:]}"
    read = {"mayReadItems": True}
    shared = await anna.call("Calendar/set", update={place: {"shareWith": {principal: read}}})
    assert shared["notUpdated"] is None, shared
    mine = {"targetAccountId": anna.account, "calendarId": place, "blobId": await upload(bert, calendar("Intrusion"))}
    ended = await begun(house, bert, **mine)
    assert (ended["stage"], ended["created"]) == ("failed", 0)
    assert "right" in ended["fault"]
    exported = await bert.call("Data/export", accountId=anna.account, calendarId=place)
    assert exported["size"] > 0


async def test_one_that_waits_is_cancelled_and_forgotten(queue: World) -> None:
    anna = await queue.person("anna")
    place = await home(anna, "Calendar")
    blob = await upload(anna, calendar("Regatta"))
    answer = await anna.call("DataImport/set", create={"i": {"calendarId": place, "blobId": blob}})
    number = answer["created"]["i"]["id"]
    ended = await anna.call("DataImport/set", update={number: {"isCancelled": True}})
    assert ended["updated"][number]["stage"] == "cancelled"
    (told,) = (await anna.call("DataImport/get", ids=None))["list"]
    assert (told["stage"], told["isCancelled"]) == ("cancelled", True)
    back = await anna.call("DataImport/set", update={number: {"isCancelled": False}})
    assert back["notUpdated"][number]["type"] == "invalidProperties"
    assert (await anna.call("DataImport/set", destroy=[number]))["destroyed"] == [number]
    assert (await anna.call("DataImport/get", ids=None))["list"] == []


async def test_one_whose_worker_died_is_told_as_interrupted_and_goes_after_a_day(database: Database) -> None:
    clock = SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC))
    anna = PrincipalId("anna")
    progress = Progress("u calendarId c1", "ics", "x", stage=Stage.RUNNING, total=9, created=4)
    properties = {**{name: getattr(progress, name) for name in progress.__struct_fields__}, "stage": "running"}
    async with world(database, clock=clock) as house:
        client = await house.person("anna")
        await database.write(lambda tx: imports.add(tx, anna, properties, clock.milliseconds()))
        before = await client.call("DataImport/get", ids=None)
        clock.pass_(milliseconds=LOST_MILLISECONDS + 1)
        after = await client.call("DataImport/get", ids=None)
        assert [one["list"][0]["stage"] for one in (before, after)] == ["running", "interrupted"]
        assert after["list"][0]["created"] == 4
        assert await database.write(lambda tx: imports.trim(tx, clock.milliseconds() - KEPT_MILLISECONDS)) == 0
        clock.pass_(milliseconds=KEPT_MILLISECONDS)
        assert await database.write(lambda tx: imports.trim(tx, clock.milliseconds() - KEPT_MILLISECONDS)) == 1


async def test_the_end_of_a_worker_interrupts(house: World) -> None:
    anna = await house.person("anna")
    blob = await upload(anna, calendar(*(f"event {n}" for n in range(2000))))
    await anna.call("DataImport/set", create={"i": {"calendarId": await home(anna, "Calendar"), "blobId": blob}})
    await asyncio.sleep(0.05)
    await house.services.data_imports.close()
    (told,) = (await anna.call("DataImport/get", ids=None))["list"]
    assert told["stage"] in {"interrupted", "done"}


async def test_few_are_under_way_at_once(queue: World) -> None:
    anna = await queue.person("anna")
    place, blob = await home(anna, "Calendar"), await upload(anna, calendar("Regatta"))
    wanted = {f"i{n}": {"calendarId": place, "blobId": blob} for n in range(5)}
    answer = await anna.call("DataImport/set", create=wanted)
    assert len(answer["created"]) == 3
    assert {one["type"] for one in answer["notCreated"].values()} == {"tooLarge"}


@pytest.mark.parametrize(("form", "begins"), [("vcf", b"BEGIN:VCARD"), ("ldif", b"version: 1"), ("csv", b"")])
async def test_an_address_book_goes_out_and_comes_back(house: World, form: str, begins: bytes) -> None:
    anna = await house.person("anna")
    place = await home(anna, "AddressBook")
    await begun(house, anna, addressBookId=place, blobId=await upload(anna, CSV, "text/csv"))
    blob = await anna.call("Data/export", addressBookId=place, format=form)
    octets = await anna.context().read_blob(anna.context().accounts.own, blob["blobId"], limit=10**6)
    assert octets.startswith(begins)
    assert b"ada@example.com" in octets
    assert (blob["name"].endswith(f".{form}"), blob["size"]) == (True, len(octets))
    told = await begun(house, anna, addressBookId=place, blobId=blob["blobId"], name=blob["name"], dryRun=True)
    assert told["rejected"] == 0


async def test_what_the_administrator_closed_is_not_exported(embedded: Database) -> None:
    closed = Settings(security=SecuritySettings(export_disabled=("calendar", "Contacts")))
    async with world(embedded, closed) as house:
        anna = await house.person("anna")
        for wanted in (
            {"calendarId": await home(anna, "Calendar")},
            {"addressBookId": await home(anna, "AddressBook")},
        ):
            with pytest.raises(Refused) as refused:
                await anna.call("Data/export", **wanted)
            assert refused.value.type == "forbidden"


async def test_nobody_exports_what_is_not_shown(house: World) -> None:
    anna, bert = await house.person("anna"), await house.person("bert")
    place = await home(anna, "Calendar")
    with pytest.raises(Refused) as refused:
        await bert.call("Data/export", calendarId=place)
    assert refused.value.type == "notFound"
    with pytest.raises(Refused) as both:
        await anna.call("Data/export", calendarId=place, addressBookId=place)
    assert both.value.type == "invalidArguments"
