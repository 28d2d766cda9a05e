"""Messages of files, put into mailboxes of a real server."""

from collections.abc import AsyncIterator

import pytest

from folkmoot.database import Database
from tests.jmap.mail.reading import mail_world, message, reader
from tests.jmap.moving.test_imports_over_jmap import begun, counts, upload
from tests.support.jmap import World

pytestmark = [pytest.mark.anyio, pytest.mark.live]


@pytest.fixture
async def house(embedded: Database) -> AsyncIterator[World]:
    async with mail_world(embedded) as opened:
        yield opened


async def test_messages_come_in_once_with_their_dates(house: World) -> None:
    eva = await reader(house)
    inbox = (await eva.call("Mailbox/get", ids=None))["list"][0]["id"]
    lines = [b"From x@example.net Mon Jun  1 10:00:00 2026\r\n" + message(n) + b"\r\n" for n in (1, 2, 3)]
    blob = await upload(eva, b"".join(lines), "application/mbox")
    checked = await begun(house, eva, mailboxId=inbox, blobId=blob, dryRun=True)
    assert counts(checked) == ("done", 3, 3, 0, 0, 0)
    assert (await eva.call("Email/query"))["ids"] == []
    assert counts(await begun(house, eva, mailboxId=inbox, blobId=blob)) == ("done", 3, 3, 0, 0, 0)
    assert counts(await begun(house, eva, mailboxId=inbox, blobId=blob)) == ("done", 3, 0, 0, 3, 0)
    emails = (await eva.call("Email/get", ids=(await eva.call("Email/query"))["ids"]))["list"]
    assert sorted(one["subject"] for one in emails) == ["Message 1", "Message 2", "Message 3"]
    assert {one["receivedAt"][:10] for one in emails} == {"2026-03-02"}
    assert all(one["keywords"].get("$seen") for one in emails)


async def test_no_such_mailbox(house: World) -> None:
    eva = await reader(house)
    blob = await upload(eva, message(1), "message/rfc822")
    error = (await eva.call("DataImport/set", create={"i": {"mailboxId": "M0", "blobId": blob}}))["notCreated"]["i"]
    assert (error["type"], error["properties"]) == ("invalidProperties", ["mailboxId"])
