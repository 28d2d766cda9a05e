"""JMAP on mail servers that can little: without CONDSTORE, QRESYNC, LIST-STATUS, OBJECTID, MOVE, UIDPLUS or SORT."""

from collections.abc import AsyncIterator

import pytest

from folkmoot.database import Database
from tests.jmap.mail.reading import ids, imap, mail_world, mailboxes, message, put, reader, subjects
from tests.support.dovecot import start_dovecot
from tests.support.jmap import Client, World
from tests.support.servers import shared

pytestmark = [pytest.mark.anyio, pytest.mark.live]

BARE = "IMAP4rev1 LITERAL+ SASL-IR"
SERVERS = {
    "bare": BARE,
    "counts changes": f"{BARE} ENABLE CONDSTORE UIDPLUS MOVE NAMESPACE SPECIAL-USE",
    "lists with status": f"{BARE} UIDPLUS MOVE NAMESPACE LIST-EXTENDED LIST-STATUS SORT",
}


@pytest.fixture(params=SERVERS)
async def server(request: pytest.FixtureRequest, embedded: Database) -> AsyncIterator[tuple[str, World]]:
    name = str(request.param)
    started = shared(f"dovecot {name}", lambda: start_dovecot(f"imap_capability = {SERVERS[name]}\n"))
    async with mail_world(embedded, int(started.url.split(",")[0])) as opened:
        yield name, opened


async def the_changes(client: Client, since: str) -> tuple[list[str], list[str], list[str]] | None:
    """Return what changed, None where the server cannot tell."""
    asked = {"accountId": client.account, "sinceState": since}
    (answer,) = await client.request(("Email/changes", asked))
    told = answer.arguments
    if answer.name == "error":
        assert told["type"] == "cannotCalculateChanges"
        return None
    return told["created"], told["updated"], told["destroyed"]


async def test_mail_is_listed_threaded_changed_moved_and_destroyed(server: tuple[str, World]) -> None:
    _, opened = server
    anna = await reader(opened)
    await put(opened, anna, message(1), message(2, references=[1]), message(3, body="Something else"))
    first, second, third = await ids(anna, sort=[{"property": "receivedAt"}])
    assert await subjects(anna, sort=[{"property": "subject", "isAscending": False}]) == [
        "Message 3",
        "Message 2",
        "Message 1",
    ]
    assert await ids(anna, filter_={"text": "else"}) == [third]
    assert len(await ids(anna, collapseThreads=True)) == 2
    (one,) = (await anna.call("Email/get", ids=[first], properties=["threadId", "preview"]))["list"]
    (thread,) = (await anna.call("Thread/get", ids=[one["threadId"]]))["list"]
    assert (thread["emailIds"], one["preview"]) == ([first, second], "Hello")
    places = await mailboxes(anna)
    made = (await anna.call("Mailbox/set", create={"k": {"name": "Kept"}}))["created"]["k"]["id"]
    answer = await anna.call(
        "Email/set", update={first: {"keywords/$seen": True}, second: {"mailboxIds": {made: True}}}, destroy=[third]
    )
    assert answer["destroyed"] == [third]
    assert set(answer["updated"]) == {first, second}
    (box,) = (await anna.call("Mailbox/get", ids=[places["inbox"]]))["list"]
    assert (box["totalEmails"], box["unreadEmails"]) == (1, 0)
    assert await ids(anna, filter_={"inMailbox": places["inbox"]}) == [first]
    assert await subjects(anna, filter_={"inMailbox": made}) == ["Message 2"]
    assert (await anna.call("Email/get", ids=[first], properties=["keywords"]))["list"][0]["keywords"] == {
        "$seen": True
    }


async def test_changes_are_true_or_not_told(server: tuple[str, World]) -> None:
    name, opened = server
    anna = await reader(opened)
    await put(opened, anna, message(1), message(2))
    first, second = await ids(anna, sort=[{"property": "receivedAt"}])
    began = (await anna.call("Email/get", ids=[]))["state"]
    follows = name == "counts changes"
    assert await the_changes(anna, began) == (([], [], []) if follows else None)
    await put(opened, anna, message(3), first=3)
    await anna.call("Email/set", update={first: {"keywords/$flagged": True}})
    third = (await ids(anna))[0]
    assert await the_changes(anna, began) == (([third], [first], []) if follows else None)
    await anna.call("Email/set", destroy=[second])
    assert await the_changes(anna, began) is None  # nobody tells which one vanished
    now = (await anna.call("Email/get", ids=[]))["state"]
    assert now != began


async def test_lists_are_true_whatever_other_programs_do(server: tuple[str, World]) -> None:
    name, opened = server
    anna = await reader(opened)
    await put(opened, anna, message(1), message(2), message(3))
    flagged = {"hasKeyword": "$flagged"}
    first, second, third = await ids(anna, sort=[{"property": "receivedAt"}])
    before = await anna.call("Email/query", filter=flagged)
    assert before["ids"] == []
    assert before["canCalculateChanges"] is (name == "counts changes")
    async with imap(opened, anna) as connection:
        await connection.select("INBOX", write=True)
        await connection.store([2], add=["\\Flagged"])
        await connection.store([3], add=["\\Deleted"])
    assert await ids(anna, filter_=flagged) == [second]
    assert set(await ids(anna)) == {first, second}
    told = await anna.call("Email/get", ids=[second, third], properties=["keywords"])
    assert ([one["keywords"] for one in told["list"]], told["notFound"]) == ([{"$flagged": True}], [third])
    async with imap(opened, anna) as connection:
        await connection.select("INBOX", write=True)
        await connection.store([1], add=["\\Deleted"])
        await connection.expunge([1])
    assert await ids(anna) == [second]
    assert (await anna.call("Email/get", ids=[first]))["notFound"] == [first]


async def test_what_is_marked_as_deleted_is_told_as_gone(server: tuple[str, World]) -> None:
    name, opened = server
    anna = await reader(opened)
    await put(opened, anna, message(1), message(2))
    first, second = await ids(anna, sort=[{"property": "receivedAt"}])
    began = (await anna.call("Email/get", ids=[]))["state"]
    async with imap(opened, anna) as connection:
        await connection.select("INBOX", write=True)
        await connection.store([1], add=["\\Deleted"])
    await put(opened, anna, message(3), flags=["\\Deleted"])
    assert await the_changes(anna, began) == (([], [], [first]) if name == "counts changes" else None)
    assert await ids(anna) == [second]


async def test_a_message_is_shown(server: tuple[str, World]) -> None:
    _, opened = server
    anna = await reader(opened)
    await put(opened, anna, message(1, body="Round and round"))
    (shown,) = (await anna.call("EmailView/get", ids=await ids(anna)))["list"]
    assert shown["text"].strip() == "Round and round"
