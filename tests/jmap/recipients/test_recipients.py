"""Suggestions of recipients: from where, in which order, and what nobody is told."""

from collections.abc import AsyncIterator, Sequence

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.ids import ResourceName
from folkmoot.database import Database
from folkmoot.directory.principal import PrincipalKind
from folkmoot.store.records import Kind
from tests.support.jmap import Client, Refused, World, world

pytestmark = pytest.mark.anyio


@pytest.fixture
async def town(database: Database) -> AsyncIterator[World]:
    async with world(database) as made:
        await made.person("anna")
        await made.person("bert")
        await made.person("board", kind=PrincipalKind.GROUP)
        yield made


async def keep(of: Client, uid: str, name: str, *mails: str, book: str = "personal", more: str = "") -> None:
    """Put a card into one of somebody's books."""
    place = Place(of.caller.principal, Kind.ADDRESSBOOK, book)
    await of.services.collections.ensure_defaults(of.caller.principal, Kind.ADDRESSBOOK)
    lines = "".join(f"EMAIL:{mail}\r\n" for mail in mails)
    body = f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:;{name};;;\r\n{lines}{more}END:VCARD\r\n"
    await of.services.objects.put(of.caller, place, ResourceName(f"{uid}.vcf"), body.encode(), "text/vcard")


async def suggested(of: Client, text: str, **arguments: int) -> Sequence[str]:
    answer = await of.call("Recipient/query", text=text, **arguments)
    return [f"{one['name']} <{one['email']}>" for one in answer["list"]]


async def test_names_and_addresses_are_found_the_beginning_first(town: World) -> None:
    anna = town.client("anna")
    await keep(anna, "1", "Zoe Hartmann", "zoe@example.net")
    await keep(anna, "2", "Hartmut Zander", "hz@example.net", "private@example.org")
    await keep(anna, "3", "Reinhart Moser", "moser@example.net")
    assert await suggested(anna, "hart") == [
        "Hartmut Zander <hz@example.net>",
        "Hartmut Zander <private@example.org>",
        "Zoe Hartmann <zoe@example.net>",
        "Reinhart Moser <moser@example.net>",
    ]
    assert await suggested(anna, "zan HARTMUT") == [
        "Hartmut Zander <hz@example.net>",
        "Hartmut Zander <private@example.org>",
    ]
    assert await suggested(anna, "private@") == ["Hartmut Zander <private@example.org>"]
    assert await suggested(anna, "hart", limit=1) == ["Hartmut Zander <hz@example.net>"]


async def test_an_address_comes_once_from_the_nearest_place(town: World) -> None:
    anna = town.client("anna")
    await keep(anna, "1", "Bert at home", "bert@example.com")
    await keep(anna, "2", "bert@example.com", "bert@example.com", book="collected")
    assert await suggested(anna, "bert") == ["Bert at home <bert@example.com>"]


async def test_the_directory_is_asked_too(town: World) -> None:
    answer = await town.client("anna").call("Recipient/query", text="bo")
    assert [(one["name"], one["kind"], one["cardId"]) for one in answer["list"]] == [("Board", "group", None)]
    assert answer["list"][0]["principalId"]


async def test_lists_are_suggested_without_an_address(town: World) -> None:
    anna = town.client("anna")
    await keep(anna, "9", "Choir", more="KIND:group\r\n")
    (told,) = (await anna.call("Recipient/query", text="choi"))["list"]
    assert (told["kind"], told["email"], told["accountId"]) == ("list", None, anna.account)
    assert told["cardId"][0] + told["addressBookId"][0] == "oc"


async def test_the_books_of_others_are_looked_into_when_subscribed(town: World) -> None:
    anna, bert = town.client("anna"), town.client("bert")
    await keep(bert, "1", "Secret Sara", "sara@example.net")
    place = Place(bert.caller.principal, Kind.ADDRESSBOOK, "personal")
    assert await suggested(anna, "sara") == []
    await bert.services.grants.set_(bert.caller, place, "anna", frozenset(["ObjectViewer"]))
    assert await suggested(anna, "sara") == []
    await anna.services.subscriptions.subscribe(anna.caller, place, [anna.caller.principal])
    assert await suggested(anna, "sara") == ["Secret Sara <sara@example.net>"]
    await bert.services.grants.set_(bert.caller, place, "anna", frozenset())
    assert await suggested(anna, "sara") == []


@pytest.mark.parametrize("text", ["", " ", "a", "\u0000\u0000", "*", "%", "\\", "("])
async def test_texts_that_mean_nothing_find_nobody(town: World, text: str) -> None:
    assert await suggested(town.client("anna"), text) == []


async def test_too_long_a_text_is_refused(town: World) -> None:
    with pytest.raises(Refused, match="invalidArguments"):
        await town.client("anna").call("Recipient/query", text="x" * 201)
