"""The client against Dovecot."""

from collections.abc import AsyncIterator

import pytest

from folkmoot.core.errors import Conflict, MalformedInput, NotFound, Unavailable
from folkmoot.mail.credentials import Master, Password
from folkmoot.mail.errors import SignInRefused
from folkmoot.mail.imap import criteria as c
from folkmoot.mail.imap.connection import Connection, Manners
from folkmoot.mail.imap.pool import Pool, PoolLimits
from folkmoot.mail.server import MailServer
from tests.support.dovecot import MASTER, PASSWORD, Dovecot, dovecot, somebody

pytestmark = [pytest.mark.live, pytest.mark.anyio]

MESSAGE = b"""\
From: Ida =?utf-8?q?M=C3=BCller?= <ida@example.org>\r
To: Per <per@example.org>\r
Subject: Plan %d\r
Message-ID: <plan%d@example.org>\r
Date: Mon, 1 Jun 2026 10:00:%02d +0200\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=b\r
\r
--b\r
Content-Type: text/plain; charset=utf-8\r
\r
Gr\xc3\xbc\xc3\x9fe %d\r
--b\r
Content-Type: application/pdf; name="plan.pdf"\r
Content-Disposition: attachment; filename="plan.pdf"\r
Content-Transfer-Encoding: base64\r
\r
JVBERi0=\r
--b--\r
"""


def message(number: int = 1) -> bytes:
    return MESSAGE % (number, number, number % 60, number)


@pytest.fixture(scope="module")
def server() -> Dovecot:
    return dovecot()


def where(server: Dovecot) -> MailServer:
    return MailServer("127.0.0.1", server.imap)


@pytest.fixture
async def connection(server: Dovecot) -> AsyncIterator[Connection]:
    opened = await Connection.open(where(server), Password(somebody(), PASSWORD))
    yield opened
    await opened.logout()


async def test_a_mailbox_lives_through_its_life(connection: Connection) -> None:
    await connection.create("Entwürfe/台北 & mehr")
    with pytest.raises(Conflict):
        await connection.create("Entwürfe/台北 & mehr")
    await connection.subscribe("Entwürfe/台北 & mehr")
    await connection.append("Entwürfe/台北 & mehr", message(), flags=["\\Seen", "$label1"], received=1_780_300_800)
    listed = {one.name: one for one in await connection.list(status=["MESSAGES", "UNSEEN", "UIDNEXT", "SIZE"])}
    assert "\\sent" in listed["Sent"].attributes
    mine = listed["Entwürfe/台北 & mehr"]
    assert "\\subscribed" in mine.attributes
    assert mine.separator == "/"
    assert mine.status is not None
    assert (mine.status.messages, mine.status.unseen, mine.status.uid_next) == (1, 0, 2)
    assert (await connection.status(mine.name, ["MESSAGES"])).messages == 1
    await connection.rename(mine.name, "Alt")
    assert not connection.mailbox
    await connection.delete("Alt")
    with pytest.raises(NotFound):
        await connection.select("Alt")
    with pytest.raises(MalformedInput):
        await connection.create("a\r\nb")


async def test_messages_are_stored_found_changed_and_moved(connection: Connection) -> None:
    appended = [await connection.append("INBOX", message(number)) for number in range(1, 6)]
    uids = [one.uid for one in appended if one.uid]
    selected = await connection.select("INBOX", write=True)
    assert selected.messages == 5
    assert selected.modseq
    assert not selected.read_only
    found = await connection.fetch(
        uids, ["FLAGS", "ENVELOPE", "BODYSTRUCTURE", "RFC822.SIZE", "INTERNALDATE", "MODSEQ"]
    )
    assert [one.uid for one in found] == uids
    first = found[0]
    assert first.envelope is not None
    assert first.envelope.subject == b"Plan 1"
    assert first.envelope.from_[0].local == b"ida"
    assert first.structure is not None
    assert [part.path for part in first.structure.walk()] == ["", "1", "2"]
    assert first.structure.children[1].disposition_parameters == (("filename", "plan.pdf"),)
    assert first.flags is not None
    assert "\\Seen" not in first.flags
    assert await connection.search(c.body("Grüße 3")) == [uids[2]]
    assert await connection.search(c.or_(c.header("Subject", "Plan 1"), c.header("Message-ID", "plan5"))) == [
        uids[0],
        uids[4],
    ]
    assert await connection.sort(["REVERSE DATE"], c.all_()) == uids[::-1]
    assert len(await connection.thread(c.all_())) == 5
    stored = await connection.store(uids[:2], add=["\\Seen", "$label1"])
    assert {one.uid for one in stored.changed} == set(uids[:2])
    assert await connection.search(c.and_(c.flag("\\Seen"), c.flag("$label1"))) == uids[:2]
    late = await connection.store(uids[:1], remove=["\\Seen"], unchanged_since=selected.modseq)
    assert late.refused == (uids[0],)
    await connection.create("Ziel")
    copied = await connection.copy(uids[:2], "Ziel")
    assert copied.sources == tuple(uids[:2])
    moved = await connection.move(uids[2:4], "Ziel")
    assert len(moved.targets) == 2
    with pytest.raises(NotFound):
        await connection.copy(uids[:1], "Nirgends")
    await connection.store([uids[4]], add=["\\Deleted"])
    await connection.expunge([uids[4]])
    assert await connection.search(c.all_()) == uids[:2]
    assert await connection.fetch_part(uids[0], "1", limit=1000) == "Grüße 1".encode()
    assert await connection.fetch_part(uids[0], "", limit=10_000) == message(1)
    (after,) = await connection.fetch(uids[:1], ["FLAGS"])
    assert after.flags is not None
    assert after.flags - {"\\Recent"} == {"\\Seen", "$label1"}


async def test_a_master_user_acts_for_somebody(server: Dovecot) -> None:
    name = somebody()
    for mechanism in ("", "plain", "LOGIN"):
        opened = await Connection.open(where(server), Master(name, *MASTER), Manners(mechanism=mechanism))
        await opened.create(f"Von {mechanism or 'allein'}")
        await opened.logout()
    mine = await Connection.open(where(server), Password(name, PASSWORD))
    assert {one.name for one in await mine.list("Von*")} == {"Von allein", "Von plain", "Von LOGIN"}
    await mine.logout()


async def test_a_wrong_password_is_refused(server: Dovecot) -> None:
    for mechanism in ("", "plain"):
        with pytest.raises(SignInRefused):
            await Connection.open(where(server), Password(somebody(), "wrong"), Manners(mechanism=mechanism))


async def test_the_pool_lends_what_has_the_mailbox_and_sees_what_others_did(server: Dovecot) -> None:
    pool = Pool(limits=PoolLimits(per_user=2, wait_seconds=0.3))
    who = where(server), Password(somebody(), PASSWORD)
    async with pool.selected(*who, "INBOX") as one:
        assert one.mailbox is not None
        async with pool.selected(*who, "INBOX", write=True) as other:
            assert other is not one
            await other.append("INBOX", message())
            with pytest.raises(Unavailable):
                async with pool.connection(*who):
                    pass
    async with pool.selected(*who, "INBOX") as again:
        assert again.mailbox is not None
        assert again.mailbox.messages == 1
        assert again.mailbox.uid_next == 2
        assert len(await again.search(c.all_())) == 1
    assert pool.open_count == 2
    await pool.close()
    assert pool.open_count == 0
