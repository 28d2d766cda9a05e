"""What is sent later, taken back, refused; identities, receipts (RFC 8621 sections 6 and 7, RFC 9007)."""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from folkmoot.core.clock import SystemClock
from folkmoot.database import Database
from tests.jmap.mail.writing import post_world, special, text, writer
from tests.support.jmap import Client, Refused, World
from tests.support.smtp import MailServer, mail_server_beside

pytestmark = pytest.mark.live


@pytest.fixture
def smtp() -> Iterator[MailServer]:
    with mail_server_beside() as server:
        yield server


@pytest.fixture
async def post(embedded: Database, smtp: MailServer) -> AsyncIterator[World]:
    async with post_world(embedded, smtp.url) as opened:
        yield opened


async def identity_of(client: Client) -> Mapping[str, Any]:
    (first, *_) = (await client.call("Identity/get", ids=None))["list"]
    assert isinstance(first, dict)
    return first


async def draft_of(client: Client, mailbox: str, **more: Any) -> str:
    address = (await identity_of(client))["email"]
    value = text(mailboxIds={mailbox: True}, subject="Later") | {
        "from": [{"email": address}],
        "to": [{"email": "ida@example.net"}],
        **more,
    }
    told = await client.call("Email/set", create={"k": value})
    assert told["created"], told["notCreated"]
    return str(told["created"]["k"]["id"])


async def submit(client: Client, email: str, **value: Any) -> Mapping[str, Any]:
    identity = (await identity_of(client))["id"]
    told = await client.call("EmailSubmission/set", create={"s": {"emailId": email, "identityId": identity, **value}})
    if told["notCreated"]:
        raise Refused(told["notCreated"]["s"])
    created = told["created"]["s"]
    assert isinstance(created, dict)
    return created


def held(sender: str, seconds: int, *to: str) -> dict[str, Any]:
    return {
        "mailFrom": {"email": sender, "parameters": {"HOLDFOR": str(seconds)}},
        "rcptTo": [{"email": one} for one in to or ("ida@example.net",)],
    }


async def test_a_message_waits_is_moved_and_taken_back(post: World, smtp: MailServer) -> None:
    anna = await writer(post)
    places = await special(anna)
    sender = (await identity_of(anna))["email"]
    email = await draft_of(anna, places["drafts"])
    state = (await anna.call("EmailSubmission/get", ids=None))["state"]
    sent = await submit(anna, email, envelope=held(sender, 3600))
    assert sent["undoStatus"] == "pending"
    assert datetime.fromisoformat(sent["sendAt"]) > datetime.now(UTC) + timedelta(minutes=59)
    changes = await anna.call("EmailSubmission/changes", sinceState=state)
    assert changes["created"] == [sent["id"]]
    refused = await anna.call("Email/set", destroy=[email])
    assert refused["notDestroyed"][email]["type"] == "forbidden"
    moved = await anna.call("Email/set", update={email: {"mailboxIds": {places["sent"]: True}}})
    new = moved["updated"][email]["id"]
    (got,) = (await anna.call("EmailSubmission/get", ids=[sent["id"]]))["list"]
    assert got["emailId"] == new
    found = await anna.call("EmailSubmission/query", filter_={"emailIds": [new], "undoStatus": "pending"})
    assert found["ids"] == [sent["id"]]
    back = await anna.call("EmailSubmission/set", update={sent["id"]: {"undoStatus": "canceled"}})
    assert sent["id"] in back["updated"]
    again = await anna.call("EmailSubmission/set", update={sent["id"]: {"undoStatus": "pending"}})
    assert again["notUpdated"][sent["id"]]["type"] == "invalidProperties"
    gone = await anna.call("EmailSubmission/set", destroy=[sent["id"]])
    assert gone["destroyed"] == [sent["id"]]
    assert smtp.received == []


async def test_what_waits_goes_from_where_it_was_moved_to(post: World, smtp: MailServer) -> None:
    anna = await writer(post)
    places = await special(anna)
    sender = (await identity_of(anna))["email"]
    email = await draft_of(anna, places["drafts"])
    sent = await submit(anna, email, envelope=held(sender, 3600, "bo@example.net"))
    await anna.call("Email/set", update={email: {"mailboxIds": {places["sent"]: True}}})
    sending = post.services.mail.sending
    sending._clock = sending._rows._clock = _Later()
    number = int(sent["id"][1:])
    assert await sending.resume(number) is None
    (message,) = smtp.received
    assert (message.recipients, message.sender) == (["bo@example.net"], sender)
    (got,) = (await anna.call("EmailSubmission/get", ids=None))["list"]
    assert (got["undoStatus"], list(got["deliveryStatus"])) == ("final", ["bo@example.net"])
    found = await anna.call("Email/query", filter_={"inMailbox": places["sent"]})
    assert len(found["ids"]) == 1
    (kept,) = (await anna.call("Email/get", ids=found["ids"], properties=["keywords"]))["list"]
    assert "$submitpending" not in kept["keywords"]
    late = await anna.call("EmailSubmission/set", update={sent["id"]: {"undoStatus": "canceled"}})
    assert late["notUpdated"][sent["id"]]["type"] == "cannotUnsend"


class _Later(SystemClock):
    def milliseconds(self) -> int:
        return super().milliseconds() + 2 * 3_600_000


async def test_failures_have_the_names_of_the_standard(post: World, smtp: MailServer) -> None:
    anna = await writer(post)
    places = await special(anna)
    sender = (await identity_of(anna))["email"]
    drafts = places["drafts"]

    async def kind(email: str, **value: Any) -> str:
        with pytest.raises(Refused) as refused:
            await submit(anna, email, **value)
        return str(refused.value.type)

    email = await draft_of(anna, drafts)
    assert await kind("eNothing") == "notFound"
    assert await kind(email, identityId="nobody") == "invalidProperties"
    assert await kind(email, envelope={**held(sender, 0), "rcptTo": []}) == "noRecipients"
    assert await kind(email, envelope=held(sender, 0, "no address")) == "invalidRecipients"
    assert await kind(email, envelope=held("eve@example.net", 0)) == "forbiddenMailFrom"
    assert await kind(email, envelope=held(sender, 500 * 86_400)) == "invalidProperties"
    many = [f"a{number}@example.net" for number in range(1001)]
    assert await kind(email, envelope=held(sender, 0, *many)) == "tooManyRecipients"
    assert await kind(await draft_of(anna, drafts, to=None)) == "noRecipients"
    assert await kind(await draft_of(anna, drafts, **{"from": [{"email": "eve@example.net"}]})) == "forbiddenFrom"
    assert await kind(await draft_of(anna, drafts, **{"from": None})) == "invalidEmail"
    smtp.by_recipient["ida@example.net"] = "550 5.1.1 nobody"
    assert await kind(email) == "invalidRecipients"
    smtp.by_recipient.clear()
    assert smtp.received == []
    sent = await submit(anna, email)
    assert sent["undoStatus"] == "final"
    assert await kind(email) == "alreadyExists"
    other = await submit(anna, email, envelope=held(sender, 0, "bo@example.net"))
    assert [one.recipients for one in smtp.received] == [["ida@example.net"], ["bo@example.net"]]
    assert other["id"] != sent["id"]


async def test_an_email_can_go_when_it_was_sent(post: World, smtp: MailServer) -> None:
    anna = await writer(post)
    places = await special(anna)
    email = await draft_of(anna, places["drafts"])
    identity = (await identity_of(anna))["id"]
    answers = await anna.request(
        (
            "EmailSubmission/set",
            {
                "accountId": anna.account,
                "create": {"s": {"emailId": email, "identityId": identity}},
                "onSuccessDestroyEmail": ["#s"],
            },
        )
    )
    assert [one.name for one in answers] == ["EmailSubmission/set", "Email/set"]
    assert answers[1].arguments["destroyed"] == [email]
    assert len(smtp.received) == 1


async def test_identities_are_changed_within_the_rules(post: World) -> None:
    anna = await writer(post)
    first = await identity_of(anna)
    assert first["mayDelete"] is False
    state = (await anna.call("Identity/get", ids=[]))["state"]
    told = await anna.call(
        "Identity/set",
        create={
            "same": {"email": first["email"], "htmlSignature": "<b>A.</b>", "bcc": [{"email": "me@example.org"}]},
            "other": {"email": "eve@example.net", "name": "Eve"},
            "none": {"name": "x"},
        },
        update={
            first["id"]: {"textSignature": "Anna\nACME", "replyTo": [{"email": "a@example.org"}]},
            "nobody": {"name": "x"},
        },
    )
    assert {key: one["type"] for key, one in told["notCreated"].items()} == {
        "other": "forbiddenFrom",
        "none": "invalidProperties",
    }
    assert told["notUpdated"]["nobody"]["type"] == "notFound"
    made = told["created"]["same"]["id"]
    changes = await anna.call("Identity/changes", sinceState=state)
    assert (changes["created"], changes["updated"]) == ([made], [first["id"]])
    listed = {one["id"]: one for one in (await anna.call("Identity/get", ids=None))["list"]}
    assert listed[made]["bcc"] == [{"name": None, "email": "me@example.org"}]
    assert listed[first["id"]]["textSignature"] == "Anna\nACME"
    assert listed[first["id"]]["htmlSignature"] == "Anna<br>\nACME"
    assert listed[first["id"]]["replyTo"] == [{"name": None, "email": "a@example.org"}]
    refused = await anna.call("Identity/set", update={made: {"email": "b@example.org"}, first["id"]: {"name": "Eve"}})
    assert {one["type"] for one in refused["notUpdated"].values()} == {"invalidProperties", "forbidden"}
    gone = await anna.call("Identity/set", destroy=[made])
    assert gone["destroyed"] == [made]
    left = (await anna.call("Identity/get", ids=None))["list"]
    assert made not in {one["id"] for one in left}
    assert first["id"] in {one["id"] for one in left}
    kept = await anna.call("Identity/set", destroy=[first["id"]])
    assert kept["notDestroyed"][first["id"]]["type"] == "forbidden"


async def test_a_receipt_goes_once_and_is_read_again(post: World, smtp: MailServer) -> None:
    anna = await writer(post)
    places = await special(anna)
    identity = await identity_of(anna)
    told = await anna.call(
        "Email/set",
        create={
            "k": text(mailboxIds={places["inbox"]: True}, subject="Read?", messageId=["one@example.net"])
            | {"from": [{"email": "ida@example.net"}], "to": [{"email": identity["email"]}]}
            | {"header:Disposition-Notification-To:asAddresses": [{"email": "ida@example.net"}]}
        },
    )
    email = told["created"]["k"]["id"]
    mdn = {
        "forEmailId": email,
        "disposition": {
            "actionMode": "manual-action",
            "sendingMode": "mdn-sent-manually",
            "type": "displayed",
        },
    }
    answers = await anna.request(
        (
            "MDN/send",
            {
                "accountId": anna.account,
                "identityId": identity["id"],
                "send": {"m": mdn, "n": {"forEmailId": email}},
                "onSuccessUpdateEmail": {"#m": {"keywords/$mdnsent": True}},
            },
        )
    )
    assert [one.name for one in answers] == ["MDN/send", "Email/set"]
    assert answers[0].arguments["sent"]["m"]["originalMessageId"] == "<one@example.net>"
    assert answers[0].arguments["notSent"]["n"]["type"] == "invalidProperties"
    again = await anna.call("MDN/send", identityId=identity["id"], send={"m": mdn})
    assert again["notSent"]["m"]["type"] == "mdnAlreadySent"
    (message,) = smtp.received
    kept = await anna.services.uploads.put(anna.caller.principal, "r.eml", "message/rfc822", message.octets)
    other = await anna.services.uploads.put(anna.caller.principal, "o.eml", "message/rfc822", b"Subject: x\r\n\r\ny")
    blob = f"U{kept.id}"
    parsed = await anna.call("MDN/parse", blobIds=[blob, f"U{other.id}", "Unothing"])
    assert parsed["parsed"][blob]["disposition"] == mdn["disposition"]
    assert parsed["parsed"][blob]["originalMessageId"] == "<one@example.net>"
    assert parsed["notParsable"] == [f"U{other.id}"]
    assert parsed["notFound"] == ["Unothing"]
