"""Calendars that others publish, over JMAP."""

from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.settings import Settings
from folkmoot.database import Database
from tests.support.jmap import Refused, World, world
from tests.support.web_server import Web, web_server

pytestmark = pytest.mark.anyio
DOCUMENT = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Club//EN\r
X-WR-CALNAME:The club\r
BEGIN:VEVENT\r
UID:1@club.example\r
DTSTAMP:20260101T000000Z\r
DTSTART:20260601T100000Z\r
SUMMARY:Regatta\r
END:VEVENT\r
END:VCALENDAR\r
"""
LOOPBACK = SecuritySettings(allowed_private_networks=(ip_network("127.0.0.0/8"),))


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Web]:
    async with web_server(tmp_path) as web:
        web.on("/club.ics", DOCUMENT, content_type="text/calendar")
        yield web


@pytest.fixture
async def house(database: Database) -> AsyncIterator[World]:
    async with world(database, replace(Settings(), security=LOOPBACK)) as opened:
        yield opened


async def test_one_is_added_fetched_changed_and_removed(house: World, club: Web) -> None:
    anna = await house.person("anna")
    url = club.url("/club.ics", "127.0.0.1")
    wanted = {"url": url, "userName": "anna", "password": "of the club"}
    answer = await anna.call("WebCalendar/set", create={"w": wanted})
    made = answer["created"]["w"]
    assert (made["url"], made["hasCredentials"], made["userName"], made["password"]) == (url, True, None, None)
    report = await anna.call("WebCalendar/reload", id=made["id"])
    assert (report["imported"], report["status"], report["error"]) == (1, 200, None)
    assert "Basic" in club.asked[-1].headers.get("authorization", "")
    (shown,) = (await anna.call("WebCalendar/get", ids=None))["list"]
    assert (shown["name"], shown["error"], shown["fetched"] is not None) == ("The club", "", True)
    calendars = (await anna.call("Calendar/get", ids=[made["id"]]))["list"]
    assert (calendars[0]["name"], calendars[0]["source"]) == ("The club", "web")

    patch = {"userName": None, "password": None, "reloadOnLogin": True}
    changed = await anna.call("WebCalendar/set", update={made["id"]: patch})
    assert changed["updated"][made["id"]] == {"hasCredentials": False}
    assert (await anna.call("WebCalendar/get", ids=None))["list"][0]["reloadOnLogin"] is True
    assert (await anna.call("WebCalendar/set", destroy=[made["id"]]))["destroyed"] == [made["id"]]
    assert (await anna.call("Calendar/get", ids=[made["id"]]))["notFound"] == [made["id"]]


async def test_what_cannot_be_fetched_is_told(house: World, club: Web) -> None:
    anna = await house.person("anna")
    for url in ("", "ftp://club.example/x.ics", "javascript:alert(1)", "http://[::"):
        error = (await anna.call("WebCalendar/set", create={"w": {"url": url}}))["notCreated"]["w"]
        assert (error["type"], error["properties"]) == ("invalidProperties", ["url"]), url
    made = (await anna.call("WebCalendar/set", create={"w": {"url": club.url("/gone.ics", "127.0.0.1")}}))["created"]
    report = await anna.call("WebCalendar/reload", id=made["w"]["id"])
    assert (report["imported"], report["status"], report["error"]) == (0, 404, "http-error")
    assert (await anna.call("WebCalendar/get", ids=None))["list"][0]["error"] != ""


async def test_nobody_reaches_anothers(house: World, club: Web) -> None:
    anna, bert = await house.person("anna"), await house.person("bert")
    made = (await anna.call("WebCalendar/set", create={"w": {"url": club.url("/club.ics", "127.0.0.1")}}))["created"]
    number = made["w"]["id"]
    assert (await bert.call("WebCalendar/get", ids=[number]))["notFound"] == [number]
    refused = await bert.call("WebCalendar/set", update={number: {"reloadOnLogin": True}}, destroy=["c7"])
    assert refused["notUpdated"][number]["type"] == refused["notDestroyed"]["c7"]["type"] == "notFound"
    with pytest.raises(Refused) as unknown:
        await bert.call("WebCalendar/reload", id=number)
    assert unknown.value.type == "notFound"
