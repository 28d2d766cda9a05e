"""Every JSON action on somebody's preferences and calendars, by everybody."""

import base64
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import pytest

from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.store import collections, grants
from folkmoot.store.records import Kind
from folkmoot.web.face import ACTIONS
from tests.authorisation.oracle import EVERY_ROLE
from tests.authorisation.test_matrix import database
from tests.authorisation.world import STATE
from tests.support.clock import SetClock
from tests.support.memory_source import Memory
from tests.support.web import Browser, Town

__all__ = ["database"]
pytestmark = pytest.mark.anyio

ANNA: Final = Caller(PrincipalId("anna"))
PASSWORDS: Final = {"anna": "secret", "bert": "hunter2", "carl": "c", "root": "r"}
DAY: Final = "sday=20260301&eday=20260302"


@dataclass(frozen=True, slots=True)
class Row:
    """A request on what is anna's, and its status for whom; bert has every role on the calendar, carl has none."""

    path: str
    anna: int
    bert: int
    carl: int
    root: int  # a superuser
    json: object = None
    query: str = ""


ROWS: Final = {
    # What somebody has chosen is nobody else's, not a superuser's either.
    ("jsonDefaults",): Row("jsonDefaults", 200, 403, 403, 403),
    ("jsonSettings",): Row("jsonSettings", 200, 403, 403, 403),
    ("Preferences", "save"): Row("Preferences/save", 200, 403, 403, 403, {"defaults": {"SOGoLanguage": "French"}}),
    ("activeExternalSieveScripts",): Row("activeExternalSieveScripts", 404, 403, 403, 403),  # mail is not set up
    # Whoever signs in may look people up, and ask when they are busy.
    ("usersSearch",): Row("usersSearch", 200, 200, 200, 200, query="search=zoe"),
    ("freebusy.ifb", "ajaxRead"): Row("freebusy.ifb/ajaxRead", 200, 200, 200, 200, query=DAY),
    ("freebusy.ifb", "slots"): Row("freebusy.ifb/slots", 200, 200, 200, 200, query=f"{DAY}&duration=60"),
    ("Calendar", "addWebCalendar"): Row(
        "Calendar/addWebCalendar", 200, 403, 403, 403, {"url": "http://127.0.0.1:8000/x.ics"}
    ),
    ("Calendar", "*", "reload"): Row("Calendar/work/reload", 404, 404, 404, 404),  # no web calendar
    ("Calendar", "*", "delete"): Row("Calendar/work/delete", 204, 403, 404, 204),
}


def test_every_action_has_its_row() -> None:
    """A new action is open to nobody by accident: it fails here until somebody has said who may."""
    assert ROWS.keys() == ACTIONS.keys()


@pytest.fixture
async def town(database: Database) -> Town:
    """A town in which bert may do everything with a calendar of anna, and carl nothing."""
    settings = replace(Settings(), security=SecuritySettings(superusers=("root",)))
    found = Town(database, Memory(PASSWORDS), SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC)), settings)
    for login in PASSWORDS:
        caller = Caller(PrincipalId(login))
        await found.collections.home(caller, caller.principal, Kind.CALENDAR)

    async def work(tx: Transaction) -> None:
        made = await collections.create(tx, ANNA.principal, Kind.CALENDAR, "work", {}, dead_properties={}, now=1)
        await grants.set_many(tx, made.id, {"bert": EVERY_ROLE})

    await database.write(work)
    return found


@pytest.mark.parametrize("login", [*PASSWORDS, "nobody"])
async def test_actions_are_done_for_whom_they_are(town: Town, database: Database, login: str) -> None:
    credentials = base64.b64encode(f"{login}:{PASSWORDS.get(login, '')}".encode()).decode()
    wrong = []
    for pattern, row in ROWS.items():
        before = await database.read(lambda tx: tx.fetch_one(STATE))
        headers = {} if login == "nobody" else {"authorization": f"Basic {credentials}"}
        method = ACTIONS[pattern][0]
        reply = await town.browser.request(method, f"so/anna/{row.path}", row.json, query=row.query, headers=headers)
        expected = 401 if login == "nobody" else getattr(row, login)
        changed = before != await database.read(lambda tx: tx.fetch_one(STATE))
        if reply.status != expected or (changed and expected >= 400):
            wrong.append(f"{row.path}: {reply.status} where {expected} is expected, {reply.body[:200]!r}")
    assert not wrong, "\n".join(wrong)


async def test_sessions_begin_with_the_own_password_and_end_for_their_owner_alone(town: Town) -> None:
    browsers = {login: Browser(town.face) for login in PASSWORDS}
    for login, browser in browsers.items():
        for other in PASSWORDS.keys() - {login}:
            assert (await browser.sign_in(login, PASSWORDS[other])).status == 403
        asked = {"userName": login, "password": PASSWORDS[login]}
        assert (await browser.request("GET", "connect", asked)).status == 405
        assert (await browser.post("connect", asked, sec_fetch_site="cross-site")).status == 403
        assert not browser.cookies
        assert (await browser.sign_in(login, PASSWORDS[login])).status == 200
    for browser in (town.browser, browsers["root"], browsers["bert"]):
        assert (await browser.get("so/anna/logoff")).status == 302
    anna, bert = browsers["anna"], browsers["bert"]
    assert (await anna.get("so/anna/jsonDefaults")).status == 200
    assert (await bert.get("so/bert/jsonDefaults")).status == 401
    assert (await browsers["carl"].get("so/anna/jsonDefaults")).status == 403
