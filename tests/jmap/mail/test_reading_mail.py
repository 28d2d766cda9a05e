"""Mailboxes, threads and emails on a real mail server (RFC 8621)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from folkmoot.database import Database
from tests.jmap.mail.reading import ids, imap, mail_world, mailboxes, message, put, reader, subjects
from tests.support.jmap import Refused, World

pytestmark = [pytest.mark.anyio, pytest.mark.live]

INBOX_ONLY = {"inMailbox": "-"}


@pytest.fixture
async def mail(embedded: Database) -> AsyncIterator[World]:
    async with mail_world(embedded) as opened:
        yield opened


async def test_mailboxes_have_roles_counts_rights_and_threads(mail: World) -> None:
    anna = await reader(mail)
    await put(mail, anna, message(1), message(2, references=[1]), message(3))
    await put(mail, anna, message(4), flags=["\\Seen"])
    told = await anna.call("Mailbox/get", ids=None)
    by_role = {one["role"]: one for one in told["list"]}
    assert {"inbox", "drafts", "sent", "trash", "junk"} <= by_role.keys()
    inbox = by_role["inbox"]
    assert (inbox["totalEmails"], inbox["unreadEmails"]) == (4, 3)
    assert (inbox["totalThreads"], inbox["unreadThreads"]) == (3, 2)
    assert inbox["myRights"]["mayAddItems"]
    assert not inbox["myRights"]["mayDelete"]
    assert told["state"] == (await anna.call("Mailbox/get", ids=[]))["state"]


async def test_a_renamed_mailbox_keeps_its_id(mail: World) -> None:
    anna = await reader(mail)
    async with imap(mail, anna) as connection:
        await connection.create("Old")
    await put(mail, anna, message(1), mailbox="Old")
    before = (await mailboxes(anna))["Old"]
    state = (await anna.call("Mailbox/get", ids=[]))["state"]
    emails = (await anna.call("Email/get", ids=[]))["state"]
    async with imap(mail, anna) as connection:
        await connection.rename("Old", "New")
    told = await anna.call("Mailbox/changes", sinceState=state)
    assert (told["created"], told["updated"], told["destroyed"]) == ([], [before], [])
    assert told["updatedProperties"] is None
    assert (await mailboxes(anna))["New"] == before
    changes = await anna.call("Email/changes", sinceState=emails)
    assert (changes["created"], changes["updated"], changes["destroyed"]) == ([], [], [])


async def test_mailbox_changes_are_told_in_pieces(mail: World) -> None:
    anna = await reader(mail)
    await mailboxes(anna)
    state = (await anna.call("Mailbox/get", ids=[]))["state"]
    async with imap(mail, anna) as connection:
        await connection.create("One")
        await connection.create("Two")
    await put(mail, anna, message(1))
    seen: list[str] = []
    told: dict[str, Any] = {}
    for _ in range(3):
        told = await anna.call("Mailbox/changes", sinceState=state, maxChanges=1)
        seen += told["created"] + told["updated"]
        state = told["newState"]
    assert not told["hasMoreChanges"]
    assert len(set(seen)) == 3
    assert told["updatedProperties"] == ["totalEmails", "unreadEmails", "totalThreads", "unreadThreads"]


async def test_mailboxes_are_queried_as_a_tree(mail: World) -> None:
    anna = await reader(mail)
    async with imap(mail, anna) as connection:
        for name in ("Work", "Work/Zeta", "Work/Alpha"):
            await connection.create(name)
    places = await mailboxes(anna)
    told = await anna.call(
        "Mailbox/query",
        filter_={"hasAnyRole": False},
        sort=[{"property": "name"}],
        sortAsTree=True,
        calculateTotal=True,
    )
    assert told["ids"] == [places["Work"], places["Alpha"], places["Zeta"]]
    assert told["total"] == 3
    inbox = await anna.call("Mailbox/query", filter_={"role": "inbox"})
    assert inbox["ids"] == [places["inbox"]]
    top = await anna.call("Mailbox/query", filter_={"parentId": places["Work"]}, sort=[{"property": "name"}])
    assert top["ids"] == [places["Alpha"], places["Zeta"]]
    with pytest.raises(Refused, match="unsupportedFilter"):
        await anna.call("Mailbox/query", filter_={"color": "red"})


async def test_threads_join_what_lies_in_several_mailboxes(mail: World) -> None:
    anna = await reader(mail)
    places = await mailboxes(anna)
    await put(mail, anna, message(1), message(9))
    await put(mail, anna, message(2, references=[1]), mailbox="Sent", first=5)
    await put(mail, anna, message(3, references=[1, 2]), mailbox="Trash", first=8)
    first, *_ = await ids(anna, filter_={"inMailbox": places["inbox"]}, sort=[{"property": "receivedAt"}])
    email = (await anna.call("Email/get", ids=[first], properties=["threadId"]))["list"][0]
    thread = (await anna.call("Thread/get", ids=[email["threadId"]]))["list"][0]
    told = await anna.call("Email/get", ids=thread["emailIds"], properties=["subject", "mailboxIds", "threadId"])
    assert [one["subject"] for one in told["list"]] == ["Message 1", "Message 2", "Message 3"]
    assert {one["threadId"] for one in told["list"]} == {email["threadId"]}
    assert [next(iter(one["mailboxIds"])) for one in told["list"]] == [places["inbox"], places["sent"], places["trash"]]
    assert (await anna.call("Thread/get", ids=["t0000000000000000", "x"]))["notFound"] == ["t0000000000000000", "x"]


async def test_collapsed_lists_show_each_thread_once_with_the_ids_that_thread_get_tells(mail: World) -> None:
    anna = await reader(mail)
    inbox = (await mailboxes(anna))["inbox"]
    await put(mail, anna, message(1), message(2, references=[1]), message(3), message(4, references=[3]), message(5))
    # One from elsewhere in the conversation: its own subject, no common parent but the root.
    await put(mail, anna, message(6, "other", references=[1, 77]), first=6)
    told = await anna.call("Email/query", filter_={"inMailbox": inbox}, collapseThreads=True, calculateTotal=True)
    got = await anna.call("Email/get", ids=told["ids"], properties=["subject", "threadId"])
    assert [one["subject"] for one in got["list"]] == ["other", "Message 5", "Message 4"]
    assert told["total"] == 3
    threads = await anna.call("Thread/get", ids=[one["threadId"] for one in got["list"]])
    assert [len(one["emailIds"]) for one in threads["list"]] == [3, 1, 2]


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ({"text": "budget"}, [2]),
        ({"subject": "Message"}, [3, 1]),
        ({"from": "carla"}, [3]),
        ({"to": "eva"}, [3, 2, 1]),
        ({"body": '"secret word"'}, [1]),
        ({"header": ["X-Colour", "red"]}, [3]),
        ({"header": ["X-Colour"]}, [3]),
        ({"hasKeyword": "$flagged"}, [2]),
        ({"notKeyword": "$flagged"}, [3, 1]),
        ({"operator": "NOT", "conditions": [{"subject": "budget"}, {"from": "carla"}]}, [1]),
        ({"operator": "OR", "conditions": [{"subject": "budget"}, {"from": "carla"}]}, [3, 2]),
        ({"after": "2026-03-02T09:01:00Z"}, [3, 2]),
        ({"before": "2026-03-02T09:01:00Z"}, [1]),
        ({"after": "2026-03-02T09:00:30Z", "before": "2026-03-02T09:01:30Z"}, [2]),
        ({"someInThreadHaveKeyword": "$flagged"}, [2, 1]),
        ({"allInThreadHaveKeyword": "$flagged"}, []),
        ({"noneInThreadHaveKeyword": "$flagged"}, [3]),
        ({"hasAttachment": False}, [3, 2, 1]),
        ({"minSize": 10_000}, []),
        ({"maxSize": 10_000}, [3, 2, 1]),
        ({"query": "from:carla"}, [3]),
        ({"query": "in:inbox budget"}, [2]),
        ({"query": "in:sent budget"}, []),
        ({"inMailbox": "fAAAAAAAAAAAA"}, []),
        ({"inMailboxOtherThan": ["fAAAAAAAAAAAA"]}, [3, 2, 1]),
        ({"operator": "OR", "conditions": [{"before": "2026-03-02T09:01:00Z"}, {"from": "carla"}]}, [3, 1]),
        ({}, [3, 2, 1]),
        (None, [3, 2, 1]),
    ],
)
@pytest.mark.parametrize("within", [True, False])
async def test_filters_find_what_they_say(
    mail: World, filter_: dict[str, object] | None, found: list[int], within: bool
) -> None:
    anna = await reader(mail)
    inbox = (await mailboxes(anna))["inbox"]
    await put(mail, anna, message(1, body="a secret word here"))
    await put(mail, anna, message(2, "Budget", references=[1]), flags=["\\Flagged"], first=1)
    await put(mail, anna, message(3, sender="Carla <carla@example.net>", extra="X-Colour: dark red\r\n"), first=2)
    names = {1: "Message 1", 2: "Budget", 3: "Message 3"}
    whole: dict[str, object] | None = filter_
    if within:
        whole = {"operator": "AND", "conditions": [{"inMailbox": inbox}, *([filter_] if filter_ else [])]}
    assert await subjects(anna, filter_=whole) == [names[one] for one in found]


@pytest.mark.parametrize(
    "filter_", [{"nonsense": 1}, {"before": "yesterday"}, {"hasKeyword": "a b"}, {"text": "\0"}, {"header": []}]
)
async def test_a_filter_that_cannot_be_is_told(mail: World, filter_: dict[str, object]) -> None:
    anna = await reader(mail)
    with pytest.raises(Refused, match="unsupportedFilter"):
        await anna.call("Email/query", filter_=filter_)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ([{"property": "receivedAt"}], [1, 2, 3]),
        ([{"property": "receivedAt", "isAscending": False}], [3, 2, 1]),
        ([{"property": "subject"}], [2, 1, 3]),
        ([{"property": "from", "isAscending": False}, {"property": "receivedAt"}], [3, 1, 2]),
        ([{"property": "size", "isAscending": False}], [1, 3, 2]),
        (
            [{"property": "hasKeyword", "keyword": "$flagged", "isAscending": False}, {"property": "receivedAt"}],
            [2, 1, 3],
        ),
        ([{"property": "sentAt", "isAscending": False}], [3, 2, 1]),
    ],
)
@pytest.mark.parametrize("within", [True, False])
async def test_orders_are_those_asked_for(
    mail: World, sort: list[dict[str, object]], order: list[int], within: bool
) -> None:
    anna = await reader(mail)
    places = await mailboxes(anna)
    await put(mail, anna, message(1, body="long " * 400))
    await put(mail, anna, message(2, "Budget"), flags=["\\Flagged"], first=1, mailbox="INBOX" if within else "Sent")
    await put(mail, anna, message(3, sender="Carla <carla@example.net>", body="x" * 300), first=2)
    names = {1: "Message 1", 2: "Budget", 3: "Message 3"}
    filter_ = {"inMailbox": places["inbox"]} if within else {"header": ["Message-ID"]}
    assert await subjects(anna, filter_=filter_, sort=sort) == [names[one] for one in order]


async def test_windows_begin_at_positions_and_anchors(mail: World) -> None:
    anna = await reader(mail)
    await put(mail, anna, *(message(number) for number in range(10)))
    everything = await ids(anna)
    assert len(everything) == 10
    told = await anna.call("Email/query", position=-3, limit=2, calculateTotal=True)
    assert (told["ids"], told["position"], told["total"]) == (everything[7:9], 7, 10)
    told = await anna.call("Email/query", anchor=everything[5], anchorOffset=-2, limit=3)
    assert (told["ids"], told["position"]) == (everything[3:6], 3)
    with pytest.raises(Refused, match="anchorNotFound"):
        await anna.call("Email/query", anchor="e" + "A" * 23)
    with pytest.raises(Refused, match="unsupportedSort"):
        await anna.call("Email/query", sort=[{"property": "colour"}])


async def test_query_changes_are_told_while_the_list_is_remembered(mail: World) -> None:
    anna = await reader(mail)
    inbox = (await mailboxes(anna))["inbox"]
    await put(mail, anna, *(message(number) for number in range(4)))
    asked = {"filter": {"inMailbox": inbox}, "collapseThreads": True}
    before = await anna.call("Email/query", **asked)
    assert before["canCalculateChanges"]
    await put(mail, anna, message(9), message(10, references=[1]), first=8)
    async with imap(mail, anna) as connection:
        await connection.select("INBOX", write=True)
        await connection.store([1], add=["\\Deleted"])
        await connection.expunge([1])
    told = await anna.call("Email/queryChanges", sinceQueryState=before["queryState"], calculateTotal=True, **asked)
    after = await anna.call("Email/query", **asked)
    left = [id_ for id_ in before["ids"] if id_ not in told["removed"]]
    for one in told["added"]:
        left.insert(one["index"], one["id"])
    assert left == after["ids"]
    assert told["newQueryState"] == after["queryState"]
    assert told["total"] == 4
    with pytest.raises(Refused, match="cannotCalculateChanges"):
        await anna.call("Email/queryChanges", sinceQueryState="mAAAA", **asked)


async def test_email_changes_are_true_in_pieces_too(mail: World) -> None:
    anna = await reader(mail)
    await put(mail, anna, message(1), message(2), message(3))
    known = set(await ids(anna))
    state = (await anna.call("Email/get", ids=[]))["state"]
    flagged, gone, _ = await ids(anna, sort=[{"property": "receivedAt"}])
    async with imap(mail, anna) as connection:
        await connection.select("INBOX", write=True)
        await connection.store([1], add=["\\Flagged"])
        await connection.store([2], add=["\\Deleted"])
        await connection.expunge([2])
    await put(mail, anna, *(message(number) for number in range(10, 15)))
    await put(mail, anna, message(20), mailbox="Sent")
    created, updated, destroyed = list[str](), list[str](), list[str]()
    for _ in range(10):
        told = await anna.call("Email/changes", sinceState=state, maxChanges=4)
        assert len(told["created"] + told["updated"] + told["destroyed"]) <= 4
        created += told["created"]
        updated += told["updated"]
        destroyed += told["destroyed"]
        state = told["newState"]
        if not told["hasMoreChanges"]:
            break
    assert state == (await anna.call("Email/get", ids=[]))["state"]
    assert (updated, destroyed) == ([flagged], [gone])
    assert (known - {gone}) | set(created) == set(await ids(anna))
    with pytest.raises(Refused, match="cannotCalculateChanges"):
        await anna.call("Email/changes", sinceState="nonsense")


async def test_thread_changes_follow_their_emails(mail: World) -> None:
    anna = await reader(mail)
    await put(mail, anna, message(1), message(2), message(3, references=[2]))
    found = await ids(anna, sort=[{"property": "receivedAt"}], collapseThreads=True)
    got = (await anna.call("Email/get", ids=found, properties=["threadId"]))["list"]
    alone, pair = (one["threadId"] for one in got)
    state = (await anna.call("Thread/get", ids=[]))["state"]
    async with imap(mail, anna) as connection:
        await connection.select("INBOX", write=True)
        await connection.store([1, 2], add=["\\Deleted"])
        await connection.expunge([1, 2])
    await put(mail, anna, message(9), first=9)
    told = await anna.call("Thread/changes", sinceState=state)
    assert (told["destroyed"], told["updated"], len(told["created"])) == ([alone], [pair], 1)
