"""Emails written, sent, taken back and filed by a client (RFC 8621 sections 4.6, 6 and 7)."""

from collections.abc import AsyncIterator

import pytest

from folkmoot.database import Database
from tests.jmap.mail.writing import post_world, special, text, writer
from tests.support.jmap import Client, World
from tests.support.smtp import MailServer, mail_server

pytestmark = pytest.mark.live


@pytest.fixture
async def smtp() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
async def post(embedded: Database, smtp: MailServer) -> AsyncIterator[World]:
    async with post_world(embedded, smtp.url) as opened:
        yield opened


async def identity_of(client: Client) -> str:
    told = await client.call("Identity/get", ids=None)
    id_ = told["list"][0]["id"]
    assert isinstance(id_, str)
    return id_


async def test_a_draft_is_written_sent_and_filed_in_one_request(post: World, smtp: MailServer) -> None:
    anna = await writer(post)
    places, identity = await special(anna), await identity_of(anna)
    address = (await anna.call("Identity/get", ids=None))["list"][0]["email"]
    draft = text(
        mailboxIds={places["drafts"]: True},
        keywords={"$draft": True, "$seen": True},
        to=[{"email": "ida@example.net"}],
        subject="Grüße",
    ) | {"from": [{"name": "Anna", "email": address}]}
    answers = await anna.request(
        ("Email/set", {"accountId": anna.account, "create": {"d": draft}}),
        (
            "EmailSubmission/set",
            {
                "accountId": anna.account,
                "create": {"s": {"emailId": "#d", "identityId": identity}},
                "onSuccessUpdateEmail": {
                    "#s": {
                        f"mailboxIds/{places['drafts']}": None,
                        f"mailboxIds/{places['sent']}": True,
                        "keywords/$draft": None,
                    }
                },
            },
        ),
    )
    assert [one.name for one in answers] == ["Email/set", "EmailSubmission/set", "Email/set"]
    sent = answers[1].arguments["created"]["s"]
    assert sent["undoStatus"] == "final"
    assert [one["email"] for one in sent["envelope"]["rcptTo"]] == ["ida@example.net"]
    old = answers[0].arguments["created"]["d"]["id"]
    moved = answers[2].arguments["updated"][old]
    assert moved["mailboxIds"] == {places["sent"]: True}
    (message,) = smtp.received
    assert message.recipients == ["ida@example.net"]
    assert b"Subject: =?utf-8?" in message.octets
    got = await anna.call("Email/get", ids=[moved["id"]], properties=["keywords", "subject", "threadId"])
    assert got["list"][0]["subject"] == "Grüße"
    assert got["list"][0]["keywords"] == {"$seen": True}
    assert got["list"][0]["threadId"] == sent["threadId"] == answers[0].arguments["created"]["d"]["threadId"]


async def test_whoever_asks_for_it_can_take_mail_back_for_as_long_as_they_have_chosen(
    post: World, smtp: MailServer
) -> None:
    anna = await writer(post)
    places, identity = await special(anna), await identity_of(anna)
    address = (await anna.call("Identity/get", ids=None))["list"][0]["email"]
    await anna.call("Preferences/set", update={"singleton": {"mailUndoSendSeconds": 30}})

    async def send(subject: str, **more: object) -> dict[str, object]:
        draft = text(mailboxIds={places["drafts"]: True}, to=[{"email": "ida@example.net"}], subject=subject)
        made = await anna.call("Email/set", create={"d": draft | {"from": [{"email": address}]}})
        wanted = {"emailId": made["created"]["d"]["id"], "identityId": identity}
        filed = {"#s": {f"mailboxIds/{places['drafts']}": None, f"mailboxIds/{places['sent']}": True}}
        sent = await anna.call("EmailSubmission/set", create={"s": wanted}, onSuccessUpdateEmail=filed, **more)
        return dict(sent["created"]["s"])

    waiting = await send("May come back", useUndoDelay=True)
    assert waiting["undoStatus"] == "pending"
    assert (await send("Goes at once"))["undoStatus"] == "final"
    assert len(smtp.received) == 1
    taken = await anna.call("EmailSubmission/set", update={str(waiting["id"]): {"undoStatus": "canceled"}})
    assert str(waiting["id"]) in taken["updated"]
    (shown,) = (await anna.call("EmailSubmission/get", ids=[waiting["id"]]))["list"]
    assert shown["undoStatus"] == "canceled"
    (email,) = (await anna.call("Email/get", ids=[shown["emailId"]], properties=["mailboxIds", "subject"]))["list"]
    assert email["subject"] == "May come back"
