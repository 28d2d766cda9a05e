"""Emails of any shape made, changed, moved, imported, copied and destroyed (RFC 8621 sections 2.5, 4.6 to 4.8)."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from folkmoot.database import Database
from tests.jmap.mail.writing import mailboxes, post_world, special, text, writer
from tests.support.jmap import Client, Refused, World

pytestmark = pytest.mark.live


@pytest.fixture
async def post(embedded: Database) -> AsyncIterator[World]:
    async with post_world(embedded, "smtp://127.0.0.1:1") as opened:
        yield opened


async def make(client: Client, **value: Any) -> Mapping[str, Any]:
    """Create an email, and return what is told of it; raise its SetError."""
    told = await client.call("Email/set", create={"k": value})
    if told["notCreated"]:
        raise Refused(told["notCreated"]["k"])
    created = told["created"]["k"]
    assert isinstance(created, dict)
    return created


async def upload(client: Client, octets: bytes, kind: str = "application/octet-stream") -> str:
    kept = await client.services.uploads.put(client.caller.principal, "a.bin", kind, octets)
    return f"U{kept.id}"


async def test_an_email_has_the_structure_that_was_asked_for(post: World) -> None:
    anna = await writer(post)
    inbox = (await mailboxes(anna))["inbox"]
    blob = await upload(anna, bytes(range(256)) * 20)
    made = await make(
        anna,
        mailboxIds={inbox: True},
        keywords={"$seen": True, "$Label1": True},
        subject="Ünïcode and a very long subject that has to be folded because it does not fit on one line at all",
        to=[{"name": 'Ida "the" Quoted', "email": "ida@example.net"}],
        receivedAt="2024-02-29T10:11:12Z",
        sentAt="2024-02-28T10:11:12+01:00",
        **{
            "header:X-Thing:asText": "grün",
            "header:X-Many:asRaw:all": [" one", " two"],
            "header:List-Post:asURLs": ["mailto:l@example.net"],
        },
        bodyStructure={
            "type": "multipart/mixed",
            "subParts": [
                {
                    "type": "multipart/alternative",
                    "subParts": [
                        {"partId": "t", "type": "text/plain", "language": ["en"]},
                        {"partId": "h", "type": "text/html"},
                    ],
                },
                {"blobId": blob, "type": "image/png", "name": "Bild ä.png", "cid": "c1@x", "disposition": "inline"},
            ],
        },
        bodyValues={"t": {"value": "Hello\nWörld\n"}, "h": {"value": "<p>Hello</p>"}},
    )
    (got,) = (
        await anna.call(
            "Email/get",
            ids=[made["id"]],
            properties=[
                *("blobId", "threadId", "size", "keywords", "subject", "to", "receivedAt", "sentAt", "textBody"),
                *("htmlBody", "attachments", "bodyValues", "messageId", "hasAttachment"),
                *("header:X-Thing:asText", "header:X-Many:asRaw:all", "header:List-Post:asURLs"),
            ],
            fetchAllBodyValues=True,
        )
    )["list"]
    assert {name: got[name] for name in ("blobId", "threadId", "size")} == {
        name: made[name] for name in ("blobId", "threadId", "size")
    }
    assert got["keywords"] == {"$seen": True, "$label1": True}
    assert got["subject"].startswith("Ünïcode and a very long")
    assert got["to"] == [{"name": 'Ida "the" Quoted', "email": "ida@example.net"}]
    assert got["receivedAt"] == "2024-02-29T10:11:12Z"
    assert got["sentAt"] == "2024-02-28T10:11:12+01:00"
    assert got["header:X-Thing:asText"] == "grün"
    assert [one.strip() for one in got["header:X-Many:asRaw:all"]] == ["one", "two"]
    assert got["header:List-Post:asURLs"] == ["mailto:l@example.net"]
    assert got["messageId"]
    part, file = got["textBody"]  # a picture between texts is one of them (section 4.1.4)
    assert got["bodyValues"][part["partId"]]["value"] == "Hello\nWörld\n"
    assert part["language"] == ["en"]
    assert (file["name"], file["cid"], file["type"], file["disposition"]) == (
        "Bild ä.png",
        "c1@x",
        "image/png",
        "inline",
    )
    octets = await anna.context().read_blob(anna.context().accounts.own, file["blobId"], limit=10_000)
    assert octets == bytes(range(256)) * 20


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"mailboxIds": {}}, "invalidProperties"),
        ({"mailboxIds": {"fAAAAAAAAAAAA": True}}, "invalidProperties"),
        ({"headers": [{"name": "X", "value": "y"}]}, "invalidProperties"),
        ({"subject": "a", "header:Subject": " b"}, "invalidProperties"),
        ({"header:Content-Type": " text/plain"}, "invalidProperties"),
        ({"header:Subject:asAddresses": []}, "invalidProperties"),
        ({"subject": "a\r\nBcc: evil@example.net"}, "invalidProperties"),
        ({"header:X-A": " b\r\nBcc: evil@example.net"}, "invalidProperties"),
        ({"to": [{"name": "x\r\nBcc: e@example.net", "email": "a@example.net"}]}, "invalidProperties"),
        ({"to": [{"email": "a@example.net>\r\nBcc: <e@example.net"}]}, "invalidProperties"),
        ({"bodyStructure": {"partId": "1"}}, "invalidProperties"),
        ({"textBody": [{"partId": "1", "type": "text/html"}]}, "invalidProperties"),
        ({"textBody": [{"partId": "nothing"}]}, "invalidProperties"),
        ({"textBody": [{"partId": "1", "charset": "latin-1"}]}, "invalidProperties"),
        ({"textBody": [{"partId": "1", "header:Content-Transfer-Encoding": " 8bit"}]}, "invalidProperties"),
        ({"textBody": [{"partId": "1", "blobId": "U0"}]}, "invalidProperties"),
        ({"bodyValues": {"1": {"value": "x", "isTruncated": True}}}, "invalidProperties"),
        ({"attachments": [{"blobId": "U0", "type": "image/png\r\nX: y"}]}, "blobNotFound"),
        ({"attachments": [{"blobId": "Unothing", "type": "image/png"}]}, "blobNotFound"),
        ({"keywords": {"not a keyword": True}}, "invalidProperties"),
        ({"keywords": {"$seen": False}}, "invalidProperties"),
        ({"blobId": "x"}, "invalidProperties"),
        ({"nothing": 1}, "invalidProperties"),
    ],
)
async def test_what_cannot_be_an_email_is_refused(post: World, wrong: Mapping[str, Any], kind: str) -> None:
    anna = await writer(post)
    inbox = (await mailboxes(anna))["inbox"]
    with pytest.raises(Refused) as refused:
        await make(anna, **{**text(mailboxIds={inbox: True}), **wrong})
    assert refused.value.type == kind
    assert (await anna.call("Email/query"))["ids"] == []


async def test_a_content_type_cannot_smuggle_a_field(post: World) -> None:
    anna = await writer(post)
    inbox = (await mailboxes(anna))["inbox"]
    blob = await upload(anna, b"x")
    for name, value in (("type", "image/png\r\nX-Evil: y"), ("cid", "a>\r\nX-Evil: y"), ("location", "a\r\nX-Evil: y")):
        file = {"blobId": blob, "type": "image/png", name: value}
        with pytest.raises(Refused, match="invalidProperties"):
            await make(anna, **text(mailboxIds={inbox: True}), attachments=[file])


async def test_many_emails_are_marked_and_moved_at_once(post: World) -> None:
    anna = await writer(post)
    places = await special(anna)
    ids = [(await make(anna, **text(mailboxIds={places["inbox"]: True}), subject=str(n)))["id"] for n in range(6)]
    state = (await anna.call("Email/get", ids=[]))["state"]
    told = await anna.call(
        "Email/set",
        update={
            **{id_: {"keywords/$flagged": True, "keywords/$seen": True} for id_ in ids[:3]},
            ids[3]: {"mailboxIds": {places["trash"]: True}, "keywords": {"work": True}},
            ids[4]: {f"mailboxIds/{places['trash']}": True},
            ids[5]: {"subject": "another"},
            "eNothing": {"keywords/$seen": True},
        },
        ifInState=state,
    )
    assert set(told["updated"]) == set(ids[:4])
    assert told["notUpdated"][ids[4]]["type"] == "tooManyMailboxes"
    assert told["notUpdated"][ids[5]]["type"] == "invalidProperties"
    assert told["notUpdated"]["eNothing"]["type"] == "notFound"
    assert told["newState"] != state
    moved = told["updated"][ids[3]]["id"]
    got = await anna.call("Email/get", ids=[ids[0], ids[3], moved], properties=["keywords", "mailboxIds"])
    assert got["notFound"] == [ids[3]]
    assert [one["keywords"] for one in got["list"]] == [{"$flagged": True, "$seen": True}, {"work": True}]
    assert got["list"][1]["mailboxIds"] == {places["trash"]: True}
    with pytest.raises(Refused, match="stateMismatch"):
        await anna.call("Email/set", destroy=ids[:1], ifInState=state)
    back = await anna.call("Email/set", update={moved: {"mailboxIds": {places["inbox"]: True}}})
    gone = await anna.call("Email/set", destroy=[ids[0], ids[1], back["updated"][moved]["id"], moved])
    assert len(gone["destroyed"]) == 3
    assert gone["notDestroyed"][moved]["type"] == "notFound"


async def test_messages_are_imported_and_copied_between_accounts(post: World) -> None:
    anna, bert = await writer(post), await writer(post)
    inbox = (await mailboxes(anna))["inbox"]
    blob = await upload(anna, b"Subject: Brought along\nMessage-ID: <a@b>\n\nHello\n", "message/rfc822")
    told = await anna.call(
        "Email/import",
        emails={
            "a": {
                "blobId": blob,
                "mailboxIds": {inbox: True},
                "keywords": {"$seen": True},
                "receivedAt": "2020-01-02T03:04:05Z",
            },
            "b": {"blobId": "Unone", "mailboxIds": {inbox: True}},
            "c": {"blobId": await upload(anna, b"\0\1"), "mailboxIds": {inbox: True}},
            "d": {"blobId": blob},
        },
    )
    assert {key: one["type"] for key, one in told["notCreated"].items()} == {
        "b": "blobNotFound",
        "c": "invalidEmail",
        "d": "invalidProperties",
    }
    id_ = told["created"]["a"]["id"]
    (got,) = (await anna.call("Email/get", ids=[id_], properties=["receivedAt", "keywords", "subject"]))["list"]
    assert (got["receivedAt"], got["keywords"], got["subject"]) == (
        "2020-01-02T03:04:05Z",
        {"$seen": True},
        "Brought along",
    )
    with pytest.raises(Refused, match="fromAccountNotFound"):
        await bert.call("Email/copy", fromAccountId=anna.account, create={"k": {"id": id_, "mailboxIds": {}}})


async def test_mailboxes_are_made_renamed_moved_and_destroyed(post: World) -> None:
    anna = await writer(post)
    told = await anna.call(
        "Mailbox/set",
        create={
            "below": {"name": "Inner", "parentId": "#top"},
            "top": {"name": "Töp", "sortOrder": 7},
            "bad": {"name": "a/b"},
            "twice": {"name": "INBOX"},
        },
    )
    assert set(told["created"]) == {"below", "top"}, told["notCreated"]["below"]
    assert {one["type"] for one in told["notCreated"].values()} == {"invalidProperties"}
    top, below = told["created"]["top"]["id"], told["created"]["below"]["id"]
    renamed = await anna.call("Mailbox/set", update={below: {"name": "Other", "parentId": None, "isSubscribed": False}})
    assert below in renamed["updated"]
    listed = {one["id"]: one for one in (await anna.call("Mailbox/get", ids=None))["list"]}
    assert (listed[below]["name"], listed[below]["parentId"], listed[below]["isSubscribed"]) == ("Other", None, False)
    assert listed[top]["sortOrder"] == 7
    await make(anna, **text(mailboxIds={below: True}))
    inbox = (await mailboxes(anna))["inbox"]
    back = await anna.call("Mailbox/set", update={below: {"parentId": top}}, destroy=[inbox])
    assert back["notDestroyed"][inbox]["type"] in {"forbidden", "mailboxHasEmail"}
    refused = await anna.call("Mailbox/set", destroy=[top])
    assert refused["notDestroyed"][top]["type"] == "mailboxHasChild"
    refused = await anna.call("Mailbox/set", destroy=[below])
    assert refused["notDestroyed"][below]["type"] == "mailboxHasEmail"
    gone = await anna.call("Mailbox/set", destroy=[top, below], onDestroyRemoveEmails=True)
    assert set(gone["destroyed"]) == {top, below}
