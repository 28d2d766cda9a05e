"""What belongs to a person's mail and lies in no mailbox raises what pushes look at; on the run's Dovecot."""

from collections.abc import AsyncIterator

import pytest

from folkmoot.database import Database
from folkmoot.store import person
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


class Feed:
    """Tells whether something of a person was told since it was asked last."""

    def __init__(self, world: World, client: Client) -> None:
        self._world, self._client, self._seen = world, client, 0

    async def moved(self) -> bool:
        principal = self._client.caller.principal
        now = int(await self._world.rooms.database.read(lambda tx: person.revision(tx, principal)))
        moved, self._seen = now != self._seen, now
        return moved


async def test_submissions_that_begin_end_move_or_are_forgotten(post: World) -> None:
    anna = await writer(post)
    places = await special(anna)
    identity = (await anna.call("Identity/get", ids=None))["list"][0]
    draft = text(
        mailboxIds={places["drafts"]: True}, keywords={"$draft": True}, to=[{"email": "ida@example.net"}], subject="x"
    ) | {"from": [{"email": identity["email"]}]}
    made = (await anna.call("Email/set", create={"d": draft}))["created"]["d"]["id"]
    envelope = {
        "mailFrom": {"email": identity["email"], "parameters": {"HOLDFOR": "3000"}},
        "rcptTo": [{"email": "ida@example.net"}],
    }
    feed = Feed(post, anna)
    await feed.moved()
    wanted = {"emailId": made, "identityId": identity["id"], "envelope": envelope}
    sent = (await anna.call("EmailSubmission/set", create={"s": wanted}))["created"]["s"]["id"]
    assert await feed.moved()
    await anna.call("Email/set", update={made: {"mailboxIds": {places["inbox"]: True}}})
    assert await feed.moved()
    await anna.call("EmailSubmission/set", update={sent: {"undoStatus": "canceled"}})
    assert await feed.moved()
    assert (await anna.call("EmailSubmission/set", destroy=[sent]))["destroyed"] == [sent]
    assert await feed.moved()


async def test_scripts_that_are_made_changed_or_let_act(post: World) -> None:
    anna = await writer(post)
    feed = Feed(post, anna)
    await feed.moved()

    async def blob(script: str) -> str:
        told = await anna.call("Blob/upload", create={"b": {"data": [{"data:asText": script}]}})
        return str(told["created"]["b"]["id"])

    first = await blob("keep;")
    made = (await anna.call("SieveScript/set", create={"s": {"name": "one", "blobId": first}}))["created"]["s"]["id"]
    assert await feed.moved()
    assert made in (await anna.call("SieveScript/set", update={made: {"blobId": await blob("discard;")}}))["updated"]
    assert await feed.moved()
    await anna.call("SieveScript/set", onSuccessActivateScript=made)
    assert await feed.moved()
    await anna.call("SieveScript/set", onSuccessDeactivateScript=True)
    assert await feed.moved()
    assert (await anna.call("SieveScript/set", destroy=[made]))["destroyed"] == [made]
    assert await feed.moved()
    await anna.call("SieveScript/get", ids=None)
    assert not await feed.moved()
