"""Whatever a client sends, each method answers by an error of its own or does what is asked; nothing breaks."""

import random
from collections.abc import Mapping
from typing import Any, Final

import msgspec.structs
import pytest

from folkmoot.database import Database
from folkmoot.jmap.capabilities import REGISTRY
from folkmoot.jmap.protocol.calling import Method
from tests.jmap.mail.reading import mail_world, message, put, reader
from tests.support.jmap import Client, world

ROUNDS: Final = 6  # of all methods, in the fast selection
NIGHTLY_ROUNDS: Final = 400
EVENT: Final[Mapping[str, Any]] = {
    "@type": "Event",
    "title": "Stand-up",
    "start": "2026-11-23T09:00:00",
    "duration": "PT30M",
    "timeZone": "Europe/Berlin",
    "recurrenceRule": {"@type": "RecurrenceRule", "frequency": "weekly", "count": 5},
    "recurrenceOverrides": {"2026-11-30T09:00:00": {"title": "Retrospective"}},
    "participants": {
        "a": {"@type": "Participant", "calendarAddress": "mailto:b@example.com", "roles": {"attendee": True}}
    },
    "alerts": {"1": {"@type": "Alert", "trigger": {"@type": "OffsetTrigger", "offset": "-PT5M"}}},
    "locations": {"l": {"@type": "Location", "name": "Hall"}},
    "links": {"k": {"@type": "Link", "href": "https://example.com/"}},
    "keywords": {"team": True},
}
TASK: Final[Mapping[str, Any]] = {
    "@type": "Task",
    "title": "Paint the hall",
    "due": "2026-11-23T09:00:00",
    "timeZone": "Europe/Berlin",
    "progress": "needs-action",
    "percentComplete": 10,
}
CARD: Final[Mapping[str, Any]] = {
    "@type": "Card",
    "version": "1.0",
    "name": {
        "components": [{"kind": "given", "value": "Ada"}, {"kind": "surname", "value": "King"}],
        "full": "Ada King",
    },
    "emails": {"e": {"address": "ada@example.com", "contexts": {"work": True}}},
    "phones": {"p": {"number": "+44 20", "features": {"voice": True}}},
    "addresses": {"a": {"components": [{"kind": "locality", "value": "London"}], "countryCode": "GB"}},
    "anniversaries": {"b": {"kind": "birth", "date": {"@type": "PartialDate", "year": 1815, "month": 12, "day": 10}}},
    "notes": {"n": {"note": "x"}},
}
EMAIL: Final[dict[str, Any]] = {
    "from": [{"name": "Anna", "email": "anna@example.com"}],
    "to": [{"name": None, "email": "bert@example.com"}],
    "subject": "Paint",
    "keywords": {"$draft": True},
    "header:X-Colour:asText": "green",
    "textBody": [{"partId": "t", "type": "text/plain"}],
    "bodyValues": {"t": {"value": "Which colour?"}},
}
VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    -1,
    2**53 + 1,
    -(2**70),
    1.5,
    "",
    "x",
    "\x00",
    "\r\nSubject: x",
    "\u202e\ufeff\U0010ffff",
    "a/b~0~1",
    "#new",
    "singleton",
    "2026-02-30T25:61:61Z",
    "9999-12-31T23:59:59",
    "0000-00-00",
    "PT99999999999999999999S",
    "P1Y",
    "-P1D",
    "Mars/Olympus",
    "mailto:",
    "javascript:alert(1)",
    "http://[::",
    "x" * 70_000,
    [],
    [None],
    [[[[[]]]]],
    ["x", 1, {}],
    {},
    {"": None},
    {"x": None},
    {"@type": "Nothing"},
    {"x": {"x": {"x": {"x": [{}]}}}},
    {"resultOf": "c0", "name": "Core/echo", "path": "/*/*/*"},
    {"operator": "NOT", "conditions": []},
    {"operator": "OR", "conditions": [{"operator": "x"}]},
)


class Fuzz:
    """Makes arguments, most of them wrong."""

    def __init__(self, seed: int, account: str, known: Mapping[str, list[str]]) -> None:
        self.random = random.Random(seed)
        self.account = account
        self.known = known
        self.examples: dict[str, dict[str, Any]] = {
            "CalendarEvent": {**EVENT, "calendarIds": {known["Calendar"][0]: True}},
            "Task": {**TASK, "taskListId": known["TaskList"][0]},
            "ContactCard": {**CARD, "addressBookIds": {known["AddressBook"][0]: True}},
            "Calendar": {"name": "Club"},
            "AddressBook": {"name": "Club"},
            "TaskList": {"name": "Club"},
            "Mailbox": {"name": "Club"},
            "Email": {**EMAIL, "mailboxIds": {known["Mailbox"][0]: True}} if "Mailbox" in known else EMAIL,
        }

    def value(self) -> Any:
        if self.random.random() < 0.3:
            return self.id(self.random.choice([*self.known]))
        return self.random.choice(VALUES)

    def id(self, kind: str) -> Any:
        if self.known.get(kind) and self.random.random() < 0.7:
            return self.random.choice(self.known[kind])
        return self.random.choice(["o1", "o1_20261123T090000", "c999999999999999999999", "x", "U", "e", ""])

    def arguments(self, method: Method) -> dict[str, Any]:
        made: dict[str, Any] = {}
        if not hasattr(method.arguments, "__struct_fields__"):  # takes anything
            return {str(self.value())[:20]: self.value()}
        for one in msgspec.structs.fields(method.arguments):
            if one.name == "account_id":
                made[one.encode_name] = self.account if self.random.random() < 0.97 else self.value()
            elif one.required or self.random.random() < 0.4:
                made[one.encode_name] = self.of(one.encode_name, method.name.partition("/")[0])
        return made

    def of(self, name: str, kind: str) -> Any:
        roll = self.random.random()
        if roll < 0.15:
            return self.value()
        match name:
            case "ids" | "destroy" | "blobIds" | "emailIds" | "onSuccessDestroyEmail":
                return [self.id(kind) for _ in range(self.random.randrange(3))]
            case "create" | "emails":
                return {"new": self.object(kind)}
            case "update":
                return {str(self.id(kind)): self.patch(kind)}
            case "filter":
                return {self.property(kind): self.value(), "text": self.value()}
            case "sort":
                return [{"property": self.property(kind), "isAscending": self.value()}]
            case "properties":
                return [self.property(kind), "id"]
            case "sinceState" | "sinceQueryState" | "ifInState":
                return self.random.choice(["0", "1", "x", "0,0", ""])
            case "limit" | "maxChanges" | "position" | "anchorOffset":
                return self.random.choice([0, 1, -1, 3, 2**53 - 1])
        return self.value()

    def properties(self, kind: str) -> list[str]:
        found = [one for capability in REGISTRY.capabilities for one in capability.types if one.name == kind]
        named = [*found[0].properties] if found else []
        return [*named, *self.examples.get(kind, {})] or ["name"]

    def property(self, kind: str) -> str:
        return self.random.choice([*self.properties(kind), "nothing", ""])

    def object(self, kind: str) -> Any:
        made: dict[str, Any] = dict(self.examples.get(kind, {}))
        for _ in range(self.random.randrange(3)):
            name = self.property(kind)
            known = made.get(name)
            if isinstance(known, dict) and known and self.random.random() < 0.7:
                made[name] = self.within(known)
            else:
                made[name] = self.value()
        return made

    def within(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return an object with something else deep within."""
        made = dict(value)
        name = self.random.choice([*made])
        deeper = made[name]
        made[name] = self.within(deeper) if isinstance(deeper, dict) and deeper else self.value()
        return made

    def patch(self, kind: str) -> Any:
        made: dict[str, Any] = {}
        for _ in range(self.random.randrange(1, 3)):
            path = self.property(kind)
            example: Any = self.examples.get(kind, {}).get(path)
            while isinstance(example, dict) and example and self.random.random() < 0.7:
                step = self.random.choice([*example, "new", "a~1b"])
                path, example = f"{path}/{step}", example.get(step)
            made[path] = self.value()
        return made


async def filled(client: Client) -> dict[str, list[str]]:
    """Make something of each kind, and return the ids by their types."""
    known: dict[str, list[str]] = {}
    for kind in ("Calendar", "TaskList", "AddressBook"):
        known[kind] = [one["id"] for one in (await client.call(f"{kind}/get", ids=None))["list"]]
    for kind, home, homes, example in (
        ("CalendarEvent", "calendarIds", "Calendar", EVENT),
        ("Task", "taskListId", "TaskList", TASK),
        ("ContactCard", "addressBookIds", "AddressBook", CARD),
    ):
        first = known[homes][0]
        place = first if home == "taskListId" else {first: True}
        answer = await client.call(f"{kind}/set", create={"new": {**example, home: place}})
        assert answer["notCreated"] is None, answer
        known[kind] = [answer["created"]["new"]["id"]]
    return known


def made_by(answer: Mapping[str, Any]) -> list[str]:
    """Return the ids that a call made."""
    created = answer.get("created")
    return [one["id"] for one in created.values() if one.get("id")] if isinstance(created, dict) else []


async def torment(client: Client, seed: int, rounds: int, more: Mapping[str, list[str]] | None = None) -> None:
    known = {**await filled(client), **(more or {})}
    fuzz = Fuzz(seed, client.account, known)
    for _ in range(rounds):
        for name, method in REGISTRY.methods.items():
            arguments = fuzz.arguments(method)
            for one in await client.request((name, arguments)):
                assert one.arguments.get("type") != "serverFail", (name, arguments, one.arguments)
                for error in refusals_of(one.arguments):
                    assert error["type"] != "serverFail", (name, arguments, error)
                known.setdefault(name.partition("/")[0], []).extend(made_by(one.arguments))


def refusals_of(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what a call says about the objects that it refused."""
    found: list[Mapping[str, Any]] = []
    for name in ("notCreated", "notUpdated", "notDestroyed"):
        refused = answer.get(name)
        found += refused.values() if isinstance(refused, dict) else ()
    return found


@pytest.mark.parametrize("seed", range(3))
async def test_no_call_breaks(embedded: Database, seed: int) -> None:
    async with world(embedded) as house:
        await torment(await house.person("anna"), seed, ROUNDS)


@pytest.mark.live
@pytest.mark.parametrize("seed", range(20, 22))
async def test_no_call_breaks_with_mail(embedded: Database, seed: int) -> None:
    await torment_with_mail(embedded, seed, ROUNDS)


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(100, 104))
async def test_no_call_breaks_for_long(embedded: Database, seed: int) -> None:
    await torment_with_mail(embedded, seed, NIGHTLY_ROUNDS)


async def torment_with_mail(database: Database, seed: int, rounds: int) -> None:
    async with mail_world(database) as house:
        client = await reader(house)
        await put(house, client, *(message(number, references=range(1, number)) for number in range(1, 6)))
        mailboxes = [one["id"] for one in (await client.call("Mailbox/get", ids=None))["list"]]
        emails = (await client.call("Email/query"))["ids"]
        threads = [one["threadId"] for one in (await client.call("Email/get", ids=emails))["list"]]
        identities = [one["id"] for one in (await client.call("Identity/get", ids=None))["list"]]
        known = {"Mailbox": mailboxes, "Email": emails, "Thread": threads, "Identity": identities}
        await torment(client, seed, rounds, known)
