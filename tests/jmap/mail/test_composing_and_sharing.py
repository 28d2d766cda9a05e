"""Answers begun and sent, messages sent on, accounts elsewhere and of others, mailboxes shared, cleaned and packed."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest

from folkmoot.database import Database
from folkmoot.jmap.accounts import account_id
from tests.jmap.mail.writing import mailboxes, post_world, special, text, writer
from tests.support.dovecot import PASSWORD, dovecot
from tests.support.jmap import Client, Refused, World
from tests.support.smime_people import somebody as key_of
from tests.support.smtp import MailServer, mail_server_beside

pytestmark = pytest.mark.live
MASTER = {"credentials": "master", "master_user_name": "master", "master_user_password": "mastersecret"}


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    with mail_server_beside() as server:
        yield server


@pytest.fixture
async def post(embedded: Database, smtp: MailServer) -> AsyncIterator[World]:
    async with post_world(embedded, smtp.url, imap=MASTER) as opened:
        yield opened


async def identity_of(client: Client) -> Mapping[str, Any]:
    (first, *_) = (await client.call("Identity/get", ids=None))["list"]
    assert isinstance(first, dict)
    return first


async def received(client: Client, mailbox: str, **more: Any) -> str:
    value = text(mailboxIds={mailbox: True}, subject="Question", messageId=["q@example.net"]) | {
        "from": [{"name": "Ida", "email": "ida@example.net"}],
        "to": [{"email": (await identity_of(client))["email"]}],
        **more,
    }
    told = await client.call("Email/set", create={"k": value})
    assert told["created"], told["notCreated"]
    return str(told["created"]["k"]["id"])


async def test_an_answer_is_begun_and_sent_and_the_question_marked(post: World, smtp: MailServer) -> None:
    anna = await writer(post)
    places = await special(anna)
    question = await received(anna, places["inbox"])
    begun = await anna.call("Email/compose", kind="reply", emailIds=[question])
    email = begun["email"]
    assert email["to"] == [{"name": "Ida", "email": "ida@example.net"}]
    assert email["inReplyTo"] == ["q@example.net"]
    assert email["mailboxIds"] == {places["drafts"]: True}
    answers = await anna.request(
        ("Email/set", {"accountId": anna.account, "create": {"d": email}}),
        (
            "EmailSubmission/set",
            {
                "accountId": anna.account,
                "create": {"s": {"emailId": "#d", "identityId": begun["identityId"]}},
                "onSuccessUpdateEmail": {"#s": {"mailboxIds": {places["sent"]: True}, "keywords/$draft": None}},
            },
        ),
    )
    assert answers[0].arguments["created"], answers[0].arguments
    assert answers[1].arguments["created"], answers[1].arguments
    (message,) = smtp.received
    assert b"X-Folkmoot" not in message.octets
    assert b"In-Reply-To: <q@example.net>" in message.octets
    (asked,) = (await anna.call("Email/get", ids=[question], properties=["keywords"]))["list"]
    assert asked["keywords"].get("$answered") is True


async def test_messages_are_forwarded_with_their_files_and_sent_on(post: World, smtp: MailServer) -> None:
    anna = await writer(post)
    places = await special(anna)
    kept = await anna.services.uploads.put(anna.caller.principal, "a.bin", "application/x-thing", b"\0\1\2")
    question = await received(
        anna, places["inbox"], attachments=[{"blobId": f"U{kept.id}", "type": "application/x-thing", "name": "a.bin"}]
    )
    for kind, name in (("forward", "a.bin"), ("forwardAttached", "Question.eml"), ("editAsNew", "a.bin")):
        begun = await anna.call("Email/compose", kind=kind, emailIds=[question])
        assert [one["name"] for one in begun["email"]["attachments"]] == [name]
        made = await anna.call("Email/set", create={"k": begun["email"]})
        assert made["created"], made["notCreated"]
    for arguments in ({"kind": "reply"}, {"kind": "new", "emailIds": [question]}, {"kind": "forward", "emailIds": []}):
        with pytest.raises(Refused, match="invalidArguments"):
            await anna.call("Email/compose", **arguments)
    identity = await identity_of(anna)
    told = await anna.call(
        "Email/redirect", emailId=question, identityId=identity["id"], to=[{"email": "bo@example.net"}]
    )
    assert told["refused"] == {}
    (message,) = smtp.received
    assert message.recipients == ["bo@example.net"]
    assert b"Resent-To: bo@example.net" in message.octets
    with pytest.raises(Refused, match="notFound"):
        await anna.call("Email/redirect", emailId="eNo", identityId=identity["id"], to=[{"email": "b@example.net"}])


async def test_an_account_elsewhere_is_an_account_of_its_own(post: World) -> None:
    anna, other = await writer(post), await writer(post)
    imap = {"host": "127.0.0.1", "port": dovecot().imap, "encryption": "none"}
    login = str(other.caller.principal)
    made = await anna.call(
        "MailAccount/set",
        create={
            "a": {"name": "Elsewhere", "userName": login, "imap": imap, "password": PASSWORD},
            "b": {"name": "Wrong", "userName": login, "imap": imap, "password": "wrong"},
            "c": {"name": "Evil", "userName": "a\r\nb", "imap": imap, "password": "x"},
        },
    )
    assert {key: one["type"] for key, one in made["notCreated"].items()} == {
        "b": "signInRefused",
        "c": "invalidProperties",
    }
    id_ = made["created"]["a"]["id"]
    (shown,) = (await anna.call("MailAccount/get", ids=[id_]))["list"]
    assert (shown["password"], shown["imap"]) == (None, imap)
    changed = await anna.call("MailAccount/set", update={id_: {"name": "There"}})
    assert id_ in changed["updated"]
    moved = await anna.call("MailAccount/set", update={id_: {"imap/host": "127.0.0.2"}})
    assert moved["notUpdated"][id_]["type"] == "invalidProperties"
    listed = await anna.call("Mailbox/get", accountId=id_, ids=None)
    inbox = next(one["id"] for one in listed["list"] if one["role"] == "inbox")
    source = await received(anna, (await mailboxes(anna))["inbox"], keywords={"$flagged": True})
    copied = await anna.call(
        "Email/copy",
        accountId=id_,
        fromAccountId=anna.account,
        create={"k": {"id": source, "mailboxIds": {inbox: True}}},
        onSuccessDestroyOriginal=True,
    )
    there = copied["created"]["k"]["id"]
    (got,) = (await anna.call("Email/get", accountId=id_, ids=[there], properties=["keywords"]))["list"]
    assert got["keywords"] == {"$flagged": True}
    assert (await anna.call("Email/get", ids=[source]))["notFound"] == [source]
    with pytest.raises(Refused, match="accountNotSupportedByMethod"):
        await anna.call("MailFilter/get", accountId=id_, ids=None)
    added = await anna.call(
        "Identity/set", accountId=id_, create={"i": {"email": "me@elsewhere.example", "name": "Me"}}
    )
    assert added["created"]["i"]["id"], added
    assert (await anna.call("MailAccount/set", destroy=[id_]))["destroyed"] == [id_]


async def test_delegates_write_in_the_owners_account_and_nobody_else_does(post: World, smtp: MailServer) -> None:
    anna, bert, carl = await writer(post), await writer(post), await writer(post)
    await special(anna)
    made = await anna.call("MailDelegate/set", create={"d": {"principalId": str(bert.caller.principal)}})
    assert made["created"]["d"]["id"]
    wrong = await anna.call("MailDelegate/set", create={"d": {"principalId": "nobody-at-all"}})
    assert wrong["notCreated"]["d"]["type"] == "invalidProperties"
    owner = account_id(anna.caller.principal)
    inbox = (await mailboxes(anna))["inbox"]
    told = await bert.call("Email/set", accountId=owner, create={"k": text(mailboxIds={inbox: True})})
    assert told["created"], told["notCreated"]
    (identity, *_) = (await bert.call("Identity/get", accountId=owner, ids=None))["list"]
    assert identity["mayDelete"] is False
    refused = await bert.call("Identity/set", accountId=owner, update={identity["id"]: {"name": "Bert"}})
    assert refused["notUpdated"][identity["id"]]["type"] == "forbidden"
    for name in ("Email/set", "Mailbox/set", "EmailSubmission/set"):
        with pytest.raises(Refused, match="accountNotFound"):
            await carl.call(name, accountId=owner)
    gone = await anna.call("MailDelegate/set", destroy=[made["created"]["d"]["id"]])
    assert gone["destroyed"]
    with pytest.raises(Refused, match="accountNotFound"):
        await bert.call("Email/set", accountId=owner)


async def test_rights_in_a_mailbox_are_given_and_taken(post: World) -> None:
    anna, bert = await writer(post), await writer(post)
    made = await anna.call("Mailbox/set", create={"m": {"name": "Together"}})
    mailbox = made["created"]["m"]["id"]
    subject = str(bert.caller.principal)
    told = await anna.call(
        "MailboxGrant/set", mailboxId=mailbox, create={"g": {"principalId": subject, "rights": ["l", "r"]}}
    )
    assert told["created"], told["notCreated"]
    id_ = told["created"]["g"]["id"]
    (shown,) = (await anna.call("MailboxGrant/get", mailboxId=mailbox, ids=None))["list"]
    assert (shown["principalId"], shown["rights"], shown["kind"]) == (subject, ["l", "r"], "user")
    changed = await anna.call("MailboxGrant/set", mailboxId=mailbox, update={id_: {"rights": ["l", "r", "s"]}})
    assert id_ in changed["updated"]
    assert (await anna.call("MailboxGrant/set", mailboxId=mailbox, destroy=[id_]))["destroyed"] == [id_]
    assert (await anna.call("MailboxGrant/get", mailboxId=mailbox, ids=None))["list"] == []


async def test_old_mail_is_cleaned_and_a_mailbox_packed(post: World) -> None:
    anna = await writer(post)
    places = await special(anna)
    await received(anna, places["inbox"], receivedAt="2010-01-02T03:04:05Z")
    await received(anna, places["inbox"])
    own = anna.context()
    packed = await own.read_blob(own.accounts.own, f"Z{places['inbox']}", limit=100_000)
    assert len(zipfile.ZipFile(io.BytesIO(packed)).namelist()) == 2
    told = await anna.call("Mailbox/clean", before="2015-01-01", mailboxId=places["inbox"])
    assert (told["isDone"], told["count"]) == (True, 1)
    with pytest.raises(Refused, match="invalidArguments"):
        await anna.call("Mailbox/clean", before="2015-13-41")
    told = await anna.call("Mailbox/empty", mailboxId=places["trash"])
    assert told["count"] == 1
    with pytest.raises(Refused, match="invalidArguments"):
        await anna.call("Mailbox/empty", mailboxId=places["inbox"])
    assert (await anna.call("Mailbox/expunge", mailboxId=places["inbox"]))["count"] == 0


async def test_a_key_is_imported_and_forgotten(post: World) -> None:
    anna = await writer(post)
    address = (await identity_of(anna))["email"]
    file = await asyncio.to_thread(lambda: key_of(address).pkcs12("geheim"))
    kept = await anna.services.uploads.put(anna.caller.principal, "key.p12", "application/x-pkcs12", file)
    with pytest.raises(Refused, match="forbidden"):
        await anna.call("SmimeKey/import", blobId=f"U{kept.id}", password="wrong")
    state = (await anna.call("SmimeKey/get", ids=None))["state"]
    told = await anna.call("SmimeKey/import", blobId=f"U{kept.id}", password="geheim")
    assert told["certificate"]["addresses"] == [address]
    assert told["oldState"] == state
    assert (await anna.call("SmimeKey/changes", sinceState=state))["created"] == ["singleton"]
    (shown,) = (await anna.call("SmimeKey/get", ids=["singleton"]))["list"]
    assert shown["certificate"] == told["certificate"]
    assert set(shown) == {"id", "certificate"}
    known = await anna.call("SmimeKey/lookup", addresses=[address, "nobody@example.net"])
    assert set(known["certificates"]) <= {address}
    assert (await anna.call("SmimeKey/set", destroy=["singleton"]))["destroyed"] == ["singleton"]
    assert (await anna.call("SmimeKey/get", ids=None))["list"] == []
