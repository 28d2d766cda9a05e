"""Mail beyond the standards, and reading that stands apart: blobs, parsing, snippets, quotas; on the run's Dovecot."""

from collections.abc import AsyncIterator, Iterator

import pytest

from folkmoot.database import Database
from tests.jmap.mail.reading import message, put
from tests.jmap.mail.writing import mailboxes, post_world, special, writer
from tests.support.jmap import Client, Refused, World
from tests.support.smtp import MailServer, mail_server_beside

pytestmark = [pytest.mark.anyio, pytest.mark.live]


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    with mail_server_beside() as server:
        yield server


@pytest.fixture
async def post(embedded: Database, smtp: MailServer) -> AsyncIterator[World]:
    async with post_world(embedded, smtp.url) as made:
        yield made


async def emails(of: Client) -> list[str]:
    found = await of.call("Email/query", sort=[{"property": "receivedAt"}])
    return list(found["ids"])


async def test_a_message_and_its_parts_are_blobs(post: World) -> None:
    anna = await writer(post)
    await put(post, anna, message(1, body="Round and round"))
    (id_,) = await emails(anna)
    (told,) = (await anna.call("Email/get", ids=[id_], properties=["blobId", "textBody", "size"]))["list"]
    context, account = anna.context(), anna.context().accounts.own
    whole = await context.read_blob(account, told["blobId"], limit=10_000)
    assert (len(whole), b"Subject: Message 1" in whole) == (told["size"], True)
    part = await context.read_blob(account, told["textBody"][0]["blobId"], limit=10_000)
    assert part.strip() == b"Round and round"
    bert = await writer(post)
    with pytest.raises(Exception, match="no such"):
        await bert.context().read_blob(bert.context().accounts.own, told["blobId"], limit=10_000)


async def test_a_message_in_a_blob_is_parsed_and_words_are_shown(post: World) -> None:
    anna = await writer(post)
    await put(post, anna, message(1, "Apples & pears", body="A basket of <apples> for you"))
    (id_,) = await emails(anna)
    (told,) = (await anna.call("Email/get", ids=[id_], properties=["blobId"]))["list"]
    answer = await anna.call("Email/parse", blobIds=[told["blobId"], "M0"], properties=["subject", "preview"])
    assert answer["parsed"][told["blobId"]] == {"subject": "Apples & pears", "preview": "A basket of <apples> for you"}
    assert answer["notFound"] == ["M0"]
    snippets = await anna.call("SearchSnippet/get", emailIds=[id_, "E0"], filter={"text": "apples"})
    (shown,) = snippets["list"]
    assert shown["subject"] == "<mark>Apples</mark> &amp; pears"
    assert "&lt;<mark>apples</mark>&gt;" in shown["preview"]
    assert snippets["notFound"] == ["E0"]


async def test_the_quota_is_told(post: World) -> None:
    anna = await writer(post)
    answer = await anna.call("Quota/get", ids=None)
    assert all(one["used"] <= one["hardLimit"] for one in answer["list"])
    found = await anna.call("Quota/query", filter={"type": "Mail"})
    assert sorted(found["ids"]) == sorted(one["id"] for one in answer["list"])
    assert (await anna.call("Quota/changes", sinceState=answer["state"]))["updated"] == []


async def test_emails_go_to_the_trash_and_back(post: World) -> None:
    anna = await writer(post)
    places = await special(anna)
    await put(post, anna, message(1))
    (id_,) = await emails(anna)
    gone = await anna.call("Email/deleteToTrash", emailIds=[id_, "E0"])
    assert list(gone["notDeleted"]) == ["E0"]
    there = gone["moved"][id_]
    (told,) = (await anna.call("Email/get", ids=[there], properties=["mailboxIds"]))["list"]
    assert told["mailboxIds"] == {places["trash"]: True}
    await anna.call("Email/set", update=gone["undo"])
    assert (await anna.call("Email/query", filter={"inMailbox": places["inbox"]}))["ids"]
    await anna.call("Email/deleteToTrash", emailIds=await emails(anna))
    assert (await anna.call("Mailbox/empty", mailboxId=places["trash"]))["count"] == 1
    assert await emails(anna) == []


async def test_junk_is_judged_and_judged_again(post: World) -> None:
    anna = await writer(post)
    places = await special(anna)
    await put(post, anna, message(1))
    judged = await anna.call("Email/junk", emailIds=await emails(anna))
    (new,) = judged["moved"].values()
    (told,) = (await anna.call("Email/get", ids=[new], properties=["mailboxIds"]))["list"]
    junk = (await mailboxes(anna))["junk"]
    assert told["mailboxIds"] == {junk: True}
    back = await anna.call("Email/junk", emailIds=[new], isJunk=False)
    (inbox,) = back["moved"].values()
    (told,) = (await anna.call("Email/get", ids=[inbox], properties=["mailboxIds"]))["list"]
    assert told["mailboxIds"] == {places["inbox"]: True}


async def test_a_whole_mailbox_is_marked_as_read(post: World) -> None:
    anna = await writer(post)
    inbox = (await mailboxes(anna))["inbox"]
    await put(post, anna, message(1))
    await put(post, anna, message(2))
    assert (await anna.call("Mailbox/markRead", mailboxId=inbox))["count"] == 2
    (told,) = (await anna.call("Mailbox/get", ids=[inbox], properties=["unreadEmails"]))["list"]
    assert told["unreadEmails"] == 0


async def test_labels_are_kept(post: World) -> None:
    anna = await writer(post)
    made = await anna.call("Label/set", create={"l": {"name": "Travel", "color": "#00ff00"}})
    id_ = made["created"]["l"]["id"]
    (told,) = (await anna.call("Label/get", ids=[id_]))["list"]
    assert (told["name"], told["color"]) == ("Travel", "#00ff00")
    changes = await anna.call("Label/changes", sinceState=made["oldState"])
    assert changes["created"] == [id_]
    assert (await anna.call("Label/set", destroy=[id_, "nothing"]))["destroyed"] == [id_]


async def test_filters_are_kept_once_their_script_is_taken(post: World) -> None:
    anna = await writer(post)
    rule = {"field": "subject", "operator": "contains", "value": "bill"}
    wanted = {"name": "Bills", "rules": [rule], "actions": [{"method": "stop"}], "match": "any", "active": True}
    assert (await anna.call("MailFilter/set", update={"singleton": {"filters": [wanted]}}))["updated"]
    (told,) = (await anna.call("MailFilter/get", ids=None))["list"]
    assert told["filters"][0]["rules"][0]["value"] == "bill"
    refused = await anna.call(
        "MailFilter/set", update={"singleton": {"filters": [{**wanted, "actions": [{"method": "explode"}]}]}}
    )
    assert refused["notUpdated"]["singleton"]["type"] == "invalidProperties"
    assert (await anna.call("MailFilter/get", ids=None))["list"] == [told]


async def test_an_email_waits_until_it_is_wanted(post: World) -> None:
    anna = await writer(post)
    await put(post, anna, message(1))
    (id_,) = await emails(anna)
    made = await anna.call("Snooze/set", create={"s": {"emailId": id_, "until": "2030-01-01T08:00:00Z"}})
    assert made["created"], made["notCreated"]
    snooze = made["created"]["s"]["id"]
    assert (await anna.call("Snooze/get", ids=None))["list"][0]["id"] == snooze
    assert (await anna.call("Snooze/set", destroy=[snooze]))["destroyed"] == [snooze]
    assert (await anna.call("Snooze/get", ids=None))["list"] == []


async def test_an_account_elsewhere_that_nobody_lets_in_is_not_kept(post: World) -> None:
    anna = await writer(post)
    wanted = {"userName": "x", "imap": {"host": "127.0.0.1", "port": 1}, "password": "p"}
    answer = await anna.call("MailAccount/set", create={"a": wanted})
    assert answer["notCreated"]["a"]["type"] in {"serverNotReached", "invalidProperties"}
    assert (await anna.call("MailAccount/get", ids=None))["list"] == []


async def test_the_mail_of_others_is_not_there(post: World) -> None:
    anna, bert = await writer(post), await writer(post)
    for method, arguments in (
        ("Label/get", {"ids": None}),
        ("Email/deleteToTrash", {"emailIds": []}),
        ("Quota/get", {"ids": None}),
        ("Email/parse", {"blobIds": []}),
    ):
        with pytest.raises(Refused, match="accountNotFound"):
            await bert.call(method, accountId=anna.account, **arguments)
