"""Every JMAP method in somebody else's account: who is let in, and that nobody is told what he may not see.

anna owns the account.  bert may see one calendar and one address book in it, carl nothing; root is a superuser.
"""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest

from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.jmap.capabilities import REGISTRY
from folkmoot.store import collections, grants
from folkmoot.store.records import Kind
from tests.authorisation.jmap_rows import ALIKE, ROWS
from tests.authorisation.test_matrix import database
from tests.authorisation.world import STATE
from tests.support.jmap import Client, World, world

__all__ = ["database"]
pytestmark = pytest.mark.anyio

SECRET: Final = "SECRET"  # stands in everything that neither bert nor carl may see
SHOWN: Final = "SHOWN"
ROLES: Final = {
    Kind.CALENDAR: ("PublicViewer", "PrivateDAndTViewer"),
    Kind.ADDRESSBOOK: ("ObjectViewer",),
}


@dataclass
class People:
    """Who asks, and the ids of anna's things."""

    world: World
    anna: Client
    bert: Client
    carl: Client
    root: Client
    ids: dict[str, list[str]] = field(default_factory=dict)  # by type

    @property
    def others(self) -> Mapping[str, Client]:
        return {"bert": self.bert, "carl": self.carl}


def test_every_method_has_its_row() -> None:
    """A new method is open to nobody by accident: it fails here until somebody has said who may."""
    assert sorted(ROWS) == sorted(REGISTRY.methods)


@pytest.fixture
async def people(database: Database) -> AsyncIterator[People]:
    settings = replace(Settings(), security=SecuritySettings(superusers=("root",)))
    async with world(database, settings) as made:
        anna, bert, carl = [await made.person(login) for login in ("anna", "bert", "carl")]
        root = await made.person("root", superuser=True)
        await _furnish(made, anna, database)
        found = People(made, anna, bert, carl, root)
        for method, answer in (await _all_of(anna)).items():
            ids = [one["id"] for one in answer.get("list", ())]
            found.ids.setdefault(method.partition("/")[0], []).extend(ids or answer.get("ids", ()))
        yield found


async def _all_of(who: Client) -> dict[str, dict[str, Any]]:
    """Return what somebody has, by method."""
    found: dict[str, dict[str, Any]] = {}
    for method in REGISTRY.methods:
        if method.partition("/")[2] in {"get", "query"} and ROWS[method].listed:
            answer = (await who.request((method, _arguments(method, who.account))))[0].arguments
            found[method] = {name: one for name, one in answer.items() if name not in {"state", "queryState"}}
    return found


async def _furnish(made: World, anna: Client, database: Database) -> None:
    homes = made.services.collections
    for kind, name in ((Kind.CALENDAR, "Calendar"), (Kind.ADDRESSBOOK, "AddressBook")):
        await homes.home(anna.caller, anna.caller.principal, kind)
        ids = {}
        for title in (SHOWN, SECRET):
            answer = await anna.call(f"{name}/set", create={"a": {"name": title}})
            ids[title] = answer["created"]["a"]["id"]
        await _share(database, int(ids[SHOWN][1:]), kind)
        for title, where in ids.items():
            await _fill(anna, kind, title, where)
    await _fill(anna, Kind.CALENDAR, SECRET, await _shown(anna), privacy="private")


async def _shown(anna: Client) -> str:
    found = (await anna.call("Calendar/get", ids=None))["list"]
    return next(str(one["id"]) for one in found if one["name"] == SHOWN)


async def _share(database: Database, collection: int, kind: Kind) -> None:
    async def work(tx: Transaction) -> None:
        owned = await collections.list_home(tx, PrincipalId("anna"), kind)
        (found,) = [one for one in owned if one.id == collection]
        await grants.set_many(tx, found.id, {"bert": ROLES[kind]})

    await database.write(work)


async def _fill(anna: Client, kind: Kind, title: str, where: str, **more: str) -> None:
    if kind is Kind.CALENDAR:
        event = {"@type": "Event", "calendarIds": {where: True}, "start": "2026-03-01T10:00:00", "duration": "PT1H"}
        answer = await anna.call("CalendarEvent/set", create={"a": {**event, "title": title, **more}})
    else:
        card = {"@type": "Card", "version": "1.0", "addressBookIds": {where: True}, "name": {"full": title}}
        answer = await anna.call("ContactCard/set", create={"a": card})
    assert answer["created"], answer


def _arguments(method: str, account: str, **more: Any) -> dict[str, Any]:
    """Return the least that a method takes, in an account."""
    verb = method.partition("/")[2]
    row = ROWS[method]
    least = {} if row.plain else ALIKE.get(verb, {})
    told = {"accountId": account, **least, **row.more, **more}
    return told if row.in_account else {name: value for name, value in told.items() if name != "accountId"}


async def _outcome(who: Client, method: str, arguments: Mapping[str, Any]) -> tuple[str, str]:
    answer = (await who.request((method, dict(arguments))))[0]
    text = json.dumps([answer.name, answer.arguments])
    return (str(answer.arguments["type"]) if answer.name == "error" else "ok"), text


@pytest.mark.parametrize("login", ["anna", "bert", "carl"])
async def test_accounts_are_open_to_whom_they_are(people: People, database: Database, login: str) -> None:
    who: Client = getattr(people, login)
    wrong = []
    for method, row in ROWS.items():
        before = await database.read(lambda tx: tx.fetch_one(STATE))
        arguments = _arguments(method, people.anna.account)
        outcome, text = await _outcome(who, method, arguments)
        expected = getattr(row, login)
        if expected is not None and outcome != expected:
            wrong.append(f"{method}: {outcome} where {expected} is expected, {text[:200]}")
        if login != "anna" and (SECRET in text or before != await database.read(lambda tx: tx.fetch_one(STATE))):
            wrong.append(f"{method}: tells or changes what is not {login}'s, {text[:300]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("login", ["bert", "carl"])
async def test_knowing_an_id_opens_nothing(people: People, login: str) -> None:
    """Ids of everything that anna has, asked for in her account and in the own one."""
    who = people.others[login]
    wrong = []
    before = await _all_of(people.anna)
    for method in REGISTRY.methods:
        kind, _, verb = method.partition("/")
        ids = people.ids.get(kind, [])
        if verb not in {"get", "set"} or not ids or not ROWS[method].in_account:
            continue
        for account in (people.anna.account, who.account):
            more: dict[str, Any] = {"ids": ids} if verb == "get" else {"destroy": ids}
            _, text = await _outcome(who, method, _arguments(method, account, **more))
            if SECRET in text:
                wrong.append(f"{method}: {text[:300]}")
    assert before == await _all_of(people.anna)
    assert not wrong, "\n".join(wrong)


async def test_the_ids_of_what_is_hidden_were_asked_for(people: People) -> None:
    """Without this the tests above could pass for lack of anything to see."""
    for kind, least in (("Calendar", 2), ("CalendarEvent", 3), ("AddressBook", 2), ("ContactCard", 2)):
        assert len(people.ids[kind]) >= least
    answer = await people.bert.call("CalendarEvent/get", accountId=people.anna.account, ids=people.ids["CalendarEvent"])
    assert SHOWN in json.dumps(answer["list"])


async def test_whom_a_module_is_closed_to_has_no_account_for_it(people: People) -> None:
    for module, method in (("Calendar", "CalendarEvent/get"), ("Contacts", "ContactCard/get"), ("Mail", "Email/get")):
        denied = people.world.client("anna", denied=frozenset([module]))
        outcome, _ = await _outcome(denied, method, _arguments(method, denied.account))
        assert outcome == "accountNotSupportedByMethod"


async def test_nobody_asks_without_a_name(people: People) -> None:
    nobody = Client(people.world.services, Caller(PrincipalId("")))
    for method, row in ROWS.items():
        if not row.in_account:
            continue
        outcome, text = await _outcome(nobody, method, _arguments(method, people.anna.account))
        assert outcome == "accountNotFound", text


async def test_a_method_needs_its_capability(people: People) -> None:
    anna = Client(people.anna.services, people.anna.caller, using=frozenset(["urn:ietf:params:jmap:core"]))
    of_core = [one for one in REGISTRY.capabilities if one.urn == "urn:ietf:params:jmap:core"]
    always = {method.name for one in of_core for method in one.methods}
    for method in REGISTRY.methods.keys() - always:
        outcome, _ = await _outcome(anna, method, _arguments(method, anna.account))
        assert outcome == "unknownMethod"
