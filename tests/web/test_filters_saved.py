"""Preferences/save writes the Sieve script, and keeps the values only if that went well."""

from dataclasses import replace

import pytest

from folkmoot.config.servers_section import ImapSettings, SieveSettings
from tests.support.managesieve import SieveServer, sieve_server
from tests.support.web import Browser, Town

pytestmark = pytest.mark.anyio

SAVE = "so/anna/Preferences/save"
EXTERNAL = "so/anna/activeExternalSieveScripts"
FORWARD = {"enabled": 1, "forwardAddress": ["x@example.net"], "keepCopy": 1, "alwaysSend": 0}
SCRIPT = b'redirect "x@example.net";\r\nkeep;\r\n'


async def _signed_in(town: Town, server: SieveServer) -> Browser:
    sieve = SieveSettings(server=f"sieve://127.0.0.1:{server.port}", forward=True, vacation=True, scripts=True)
    town.settings = replace(town.settings, sieve=sieve, imap=ImapSettings(server="imap://127.0.0.1:1"))
    town.restart()
    browser = town.browser
    assert (await browser.sign_in()).status == 200
    return browser


async def _kept(browser: Browser) -> object:
    return (await browser.get("so/anna/jsonDefaults")).json["Forward"]


async def test_what_is_saved_is_done(town: Town) -> None:
    async with sieve_server() as server:
        browser = await _signed_in(town, server)
        assert (await browser.post(SAVE, {"defaults": {"Forward": FORWARD}})).status == 200
        assert (server.active, server.scripts) == ("sogo", {"sogo": SCRIPT})
        assert server.signed_in == [b"\0anna\0secret"]
        assert await _kept(browser) == FORWARD
        found = (await browser.get("so/anna/jsonDefaults")).json
        before = len(server.said)
        assert (await browser.post(SAVE, {"defaults": {**found, "SOGoLanguage": "French"}})).status == 200
        assert len(server.said) == before, "what stays the same is not written again"


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        ({"PUTSCRIPT": [b'NO "line 1: no"\r\n']}, 400),
        ({"PUTSCRIPT": [b'NO (QUOTA) "full"\r\n']}, 413),
        ({"AUTHENTICATE": [b'NO "no"\r\n']}, 403),
        ({"SETACTIVE": [b'NO "no"\r\n']}, 409),
    ],
)
async def test_what_is_not_done_is_not_kept(town: Town, answers: dict[str, list[bytes]], status: int) -> None:
    async with sieve_server(answers=answers) as server:
        browser = await _signed_in(town, server)
        reply = await browser.post(SAVE, {"defaults": {"Forward": FORWARD, "SOGoLanguage": "French"}})
        assert reply.status == status
        assert reply.json["message"]
        assert server.scripts == {}
        found = (await browser.get("so/anna/jsonDefaults")).json
        assert (found["Forward"], found["SOGoLanguage"]) == ({}, "English")


async def test_a_mistake_is_told_with_its_place(town: Town) -> None:
    async with sieve_server() as server:
        browser = await _signed_in(town, server)
        reply = await browser.post(SAVE, {"defaults": {"Forward": {**FORWARD, "forwardAddress": ["x"]}}})
        assert (reply.status, reply.json["message"]) == (400, "Forward.forwardAddress: not a mail address: 'x'")
        assert server.said == []


@pytest.mark.parametrize(("believed", "status", "active"), [(None, 409, "mine"), (1, 200, "mine"), (0, 200, "sogo")])
async def test_a_script_of_somebody_else_needs_a_word(
    town: Town, believed: int | None, status: int, active: str
) -> None:
    async with sieve_server(scripts={"mine": b"keep;"}, active="mine") as server:
        browser = await _signed_in(town, server)
        assert (await browser.get(EXTERNAL)).status == 204
        sent: dict[str, object] = {"Forward": FORWARD}
        if believed is not None:
            sent["hasActiveExternalSieveScripts"] = believed
        assert (await browser.post(SAVE, {"defaults": sent})).status == status
        assert server.active == active
        assert ("sogo" in server.scripts) == (status == 200)
        assert server.scripts["mine"] == b"keep;"
        assert (await browser.get(EXTERNAL)).status == (404 if active == "sogo" else 204)


async def test_what_is_not_offered_is_refused(town: Town) -> None:
    async with sieve_server() as server:
        browser = await _signed_in(town, server)
        notice = {"enabled": 1, "notificationAddress": ["x@example.net"]}
        assert (await browser.post(SAVE, {"defaults": {"Notification": notice}})).status == 403
        assert server.said == []
