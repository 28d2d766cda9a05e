"""User sources as address books of JMAP clients."""

from dataclasses import replace
from typing import Any

import pytest

from folkmoot.addressbooks.directory_books import DirectoryBooks
from folkmoot.database import Database
from folkmoot.directory.directory import Directory
from tests.dav.test_directory_books import FixedSource
from tests.support.jmap import Client, world

pytestmark = pytest.mark.anyio


def with_source(client: Client, **source: Any) -> Client:
    """Return the client with one user source as address book."""
    books = DirectoryBooks(Directory([FixedSource(**source)]))
    return replace(client, services=replace(client.services, directory_books=books))


async def staff(client: Client) -> dict[str, Any]:
    told = await client.call("AddressBook/get", ids=None)
    (one,) = (one for one in told["list"] if one["name"] == "All staff")
    return dict(one)


async def test_a_source_is_a_book_that_nobody_writes_to(embedded: Database) -> None:
    async with world(embedded) as w:
        anna = with_source(await w.person("anna"))
        book = await staff(anna)
        assert book["id"].startswith("d-")
        assert book["myRights"] == {"mayRead": True, "mayWrite": False, "mayShare": False, "mayDelete": False}
        assert (book["source"], book["mustSearch"]) == ("directory", False)
        told = await anna.call("AddressBook/set", update={book["id"]: {"name": "Mine"}}, destroy=[])
        assert told["notUpdated"][book["id"]]["type"] == "forbidden"
        told = await anna.call("AddressBook/set", destroy=[book["id"]])
        assert told["notDestroyed"][book["id"]]["type"] == "forbidden"
        into = {"addressBookIds": {book["id"]: True}, "name": {"full": "X"}}
        told = await anna.call("ContactCard/set", create={"c": into})
        assert told["notCreated"]["c"]["type"] == "forbidden"


async def test_its_cards_are_found_when_the_book_is_named(embedded: Database) -> None:
    async with world(embedded) as w:
        anna = with_source(await w.person("anna"))
        book = (await staff(anna))["id"]
        assert (await anna.call("ContactCard/query"))["ids"] == []
        listed = (await anna.call("ContactCard/query", filter_={"inAddressBook": book}))["ids"]
        assert len(listed) == 5
        both = {"operator": "AND", "conditions": [{"inAddressBook": book}, {"text": "berg"}]}
        (id_,) = (await anna.call("ContactCard/query", filter_=both))["ids"]
        (card,) = (await anna.call("ContactCard/get", ids=[id_]))["list"]
        assert card["addressBookIds"] == {book: True}
        assert card["name"]["full"] == "Anna Berg"
        assert [one["number"] for one in card["phones"].values()] == ["+47 1", "+47 2"]
        told = await anna.call("ContactCard/set", update={id_: {"kind": "org"}}, destroy=[listed[-1]])
        assert all(one["type"] == "forbidden" for one in (told["notUpdated"] | told["notDestroyed"]).values())
        # What is the source's is told to its reader in his own account only.
        ben = with_source(await w.person("ben"))
        assert (await ben.call("ContactCard/get", ids=[id_]))["notFound"] == []
        assert (await anna.call("ContactCard/get", ids=["e-", "e-xx", "d-", "e-c3RhZmYAbm9ib2R5"]))["list"] == []


async def test_who_must_search_is_listed_nothing(embedded: Database) -> None:
    async with world(embedded) as w:
        anna = with_source(await w.person("anna"), list_requires_dot=True)
        book = await staff(anna)
        assert book["mustSearch"]
        assert (await anna.call("ContactCard/query", filter_={"inAddressBook": book["id"]}))["ids"] == []
        found = await anna.call("ContactCard/query", filter_={"inAddressBook": book["id"], "email": "anna"})
        assert len(found["ids"]) == 1


async def test_sources_of_other_domains_are_not_there(embedded: Database) -> None:
    async with world(embedded) as w:
        anna = await w.person("anna")
        there = with_source(anna)
        id_ = (await staff(there))["id"]
        told = await anna.call("ContactCard/query", filter_={"inAddressBook": id_})
        assert told["ids"] == []
        assert (await anna.call("AddressBook/get", ids=[id_]))["notFound"] == [id_]
