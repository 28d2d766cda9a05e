r"""Messages that another program marked as ``\Deleted`` and has not expunged: nobody is shown them."""

from collections.abc import AsyncIterator

import pytest

from folkmoot.database import Database
from tests.jmap.mail.reading import ids, imap, mail_world, mailboxes, message, put, reader, subjects
from tests.support.jmap import Client, World

pytestmark = [pytest.mark.anyio, pytest.mark.live]


@pytest.fixture
async def opened(embedded: Database) -> AsyncIterator[World]:
    async with mail_world(embedded) as made:
        yield made


async def mark(opened: World, client: Client, *uids: int, gone: bool = True, mailbox: str = "INBOX") -> None:
    async with imap(opened, client) as connection:
        await connection.select(mailbox, write=True)
        flags = ["\\Deleted"]
        await (connection.store(uids, add=flags) if gone else connection.store(uids, remove=flags))


async def inbox_counts(client: Client) -> tuple[int, int, int, int]:
    places = await mailboxes(client)
    (one,) = (await client.call("Mailbox/get", ids=[places["inbox"]]))["list"]
    return one["totalEmails"], one["unreadEmails"], one["totalThreads"], one["unreadThreads"]


async def test_they_are_in_no_list_no_thread_no_count_and_cannot_be_had(opened: World) -> None:
    anna = await reader(opened)
    await put(opened, anna, message(1), message(2, references=[1]), message(3))
    first, second, third = await ids(anna, sort=[{"property": "receivedAt"}])
    assert await inbox_counts(anna) == (3, 3, 2, 2)
    await mark(opened, anna, 2, 3)
    assert await ids(anna) == [first]
    assert await ids(anna, filter_={"text": "Hello"}) == [first]
    assert await ids(anna, filter_={"inMailbox": (await mailboxes(anna))["inbox"]}, collapseThreads=True) == [first]
    assert await ids(anna, sort=[{"property": "subject"}]) == [first]
    assert await ids(anna, filter_={"operator": "NOT", "conditions": [{"subject": "Message 1"}]}) == []
    for properties in (["id"], ["subject"], ["threadId"], ["keywords"]):
        told = await anna.call("Email/get", ids=[first, second, third], properties=properties)
        assert ([one["id"] for one in told["list"]], told["notFound"]) == ([first], [second, third])
    (thread,) = (await anna.call("Email/get", ids=[first], properties=["threadId"]))["list"]
    (members,) = (await anna.call("Thread/get", ids=[thread["threadId"]]))["list"]
    assert members["emailIds"] == [first]
    assert await inbox_counts(anna) == (1, 1, 1, 1)
    assert (await anna.call("EmailView/get", ids=[third]))["notFound"] == [third]
    answer = await anna.call("Email/set", update={third: {"keywords/$seen": True}}, destroy=[second])
    assert answer["notUpdated"][third]["type"] == "notFound"
    assert answer["notDestroyed"][second]["type"] == "notFound"


async def test_over_several_mailboxes_they_are_left_out_too(opened: World) -> None:
    anna = await reader(opened)
    await put(opened, anna, message(1), message(2))
    async with imap(opened, anna) as connection:
        await connection.create("Kept")
    await put(opened, anna, message(3), message(4, references=[1]), mailbox="Kept", first=3)
    await mark(opened, anna, 2)
    await mark(opened, anna, 1, mailbox="Kept")
    assert await subjects(anna, sort=[{"property": "receivedAt"}]) == ["Message 1", "Message 4"]
    assert await subjects(anna, filter_={"noneInThreadHaveKeyword": "$flagged"}) == ["Message 4", "Message 1"]
    assert len(await ids(anna, collapseThreads=True)) == 1


async def test_changes_tell_them_as_gone_and_as_back(opened: World) -> None:
    anna = await reader(opened)
    await put(opened, anna, message(1), message(2))
    first, second = await ids(anna, sort=[{"property": "receivedAt"}])
    began = (await anna.call("Email/get", ids=[]))["state"]
    counted = (await anna.call("Mailbox/get", ids=None))["state"]
    await mark(opened, anna, 2)
    await put(opened, anna, message(3), flags=["\\Deleted"])
    told = await anna.call("Email/changes", sinceState=began)
    assert (told["created"], told["updated"], told["destroyed"]) == ([], [], [second])
    assert await inbox_counts(anna) == (1, 1, 1, 1)
    assert (await mailboxes(anna))["inbox"] in (await anna.call("Mailbox/changes", sinceState=counted))["updated"]
    await mark(opened, anna, 2, gone=False)
    again = await anna.call("Email/changes", sinceState=told["newState"])
    assert (again["created"], again["updated"], again["destroyed"]) == ([], [second], [])
    assert set(await ids(anna)) == {first, second}


async def test_a_list_that_is_followed_loses_them(opened: World) -> None:
    anna = await reader(opened)
    await put(opened, anna, message(1), message(2))
    sort = [{"property": "receivedAt"}]
    before = await anna.call("Email/query", sort=sort)
    await mark(opened, anna, 1)
    delta = await anna.call("Email/queryChanges", sort=sort, sinceQueryState=before["queryState"])
    assert (delta["removed"], delta["added"]) == ([before["ids"][0]], [])
    await mark(opened, anna, 1, gone=False)
    back = await anna.call("Email/queryChanges", sort=sort, sinceQueryState=delta["newQueryState"])
    assert back["added"] == [{"id": before["ids"][0], "index": 0}]
