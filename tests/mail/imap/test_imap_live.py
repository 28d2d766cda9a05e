"""The client against Dovecot."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from folkmoot.core.errors import Conflict, Forbidden, MalformedInput, NotFound, Unavailable
from folkmoot.mail.credentials import Master, Password
from folkmoot.mail.errors import SignInRefused
from folkmoot.mail.imap import criteria as c
from folkmoot.mail.imap.commands import Literals
from folkmoot.mail.imap.connection import Connection, Manners
from folkmoot.mail.imap.pool import Pool, PoolLimits
from folkmoot.mail.imap.values import Copied
from folkmoot.mail.server import MailServer
from tests.support.dovecot import MASTER, PASSWORD, Dovecot, dovecot, somebody, start_dovecot

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
    with pytest.raises(SignInRefused):  # once only: Dovecot makes whoever guesses wait
        await Connection.open(where(server), Password(somebody(), "wrong"))


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


async def test_a_mailbox_that_was_made_anew_is_seen_as_another(server: Dovecot) -> None:
    pool = Pool()
    who = where(server), Password(somebody(), PASSWORD)
    other = await Connection.open(*who)
    await other.create("Plans")
    await other.append("Plans", message(1))
    async with pool.selected(*who, "Plans") as one:
        assert one.mailbox is not None
        before = one.mailbox.uid_validity
    await other.delete("Plans")
    with pytest.raises(NotFound):
        async with pool.selected(*who, "Plans"):
            pass
    await asyncio.sleep(1.1)  # UIDVALIDITY is made of seconds
    await other.create("Plans")
    async with pool.selected(*who, "Plans") as one:
        assert one.mailbox is not None
        assert one.mailbox.uid_validity != before
        assert one.mailbox.messages == 0
    await other.logout()
    await pool.close()


async def test_two_connections_change_the_same_messages_at_once(server: Dovecot) -> None:
    who = where(server), Password(somebody(), PASSWORD)
    one, other = await Connection.open(*who), await Connection.open(*who)
    uids = [(await one.append("INBOX", message(number))).uid or 0 for number in range(30)]
    await one.select("INBOX", write=True)
    selected = await other.select("INBOX", write=True)
    await one.create("Weg")

    async def expunge() -> None:
        for uid in uids[::3]:
            await one.store([uid], add=["\\Deleted"])
            await one.expunge([uid])

    async def read() -> None:
        for _ in range(20):
            found = await other.fetch("1:*", ["FLAGS", "ENVELOPE", "BODY.PEEK[1]"])
            assert {fetched.uid for fetched in found} <= set(uids)
            await other.store(uids, add=["$label1"])

    await asyncio.gather(expunge(), read())
    left = [uid for uid in uids if uid not in uids[::3]]
    await other.noop()
    assert await other.search(c.all_()) == left
    refused = await one.store(left, add=["\\Seen"], unchanged_since=selected.modseq or 0)
    assert list(refused.refused) == left
    moved = await asyncio.gather(one.move(left, "Weg"), other.move(left, "Weg"), return_exceptions=True)
    assert sum(len(done.targets) for done in moved if isinstance(done, Copied)) >= len(left)
    assert (await one.status("Weg", ["MESSAGES"])).messages in range(len(left), 2 * len(left) + 1)
    with pytest.raises(NotFound):
        await other.fetch_part(uids[0], "1", limit=1_000)
    await one.logout()
    await other.logout()


async def test_changes_are_told_since_a_modseq(server: Dovecot) -> None:
    who = where(server), Password(somebody(), PASSWORD)
    one, other = await Connection.open(*who), await Connection.open(*who)
    for number in range(4):
        await one.append("INBOX", message(number))
    selected = await one.select("INBOX", write=True)
    assert selected.modseq
    await one.unselect()
    await other.select("INBOX", write=True)
    await other.store([2], add=["\\Flagged"])
    await other.store([3], add=["\\Deleted"])
    await other.expunge([3])
    await one.select("INBOX")
    changes = await one.changes(selected.modseq)
    assert [changed.uid for changed in changes.changed] == [2]
    assert changes.vanished == (3,)
    again = await other.select("INBOX", since=(selected.uid_validity, selected.modseq))
    assert again.vanished == (3,)
    assert [changed.uid for changed in again.changed] == [2]
    assert [f.uid for f in await one.fetch("1:*", ["FLAGS"], changed_since=selected.modseq)] == [2]
    await one.logout()
    await other.logout()


@pytest.mark.parametrize("way", ["idle", "notify"])
async def test_new_mail_is_heard_of(server: Dovecot, way: str) -> None:
    name = somebody()
    one = await Connection.open(where(server), Password(name, PASSWORD))
    await one.select("INBOX")
    heard = one.idle(10) if way == "idle" else one.notify(10)
    delivering = asyncio.get_running_loop().run_in_executor(None, server.deliver, message(), name)
    event = await anext(aiter(heard))
    assert (event.mailbox, event.messages) == ("INBOX", 1)
    await delivering
    assert not one.usable  # as it was left in the middle
    one.close()


async def test_rights_quota_and_metadata_are_the_servers(server: Dovecot) -> None:
    owner, reader = somebody(), somebody()
    one = await Connection.open(where(server), Password(owner, PASSWORD))
    await one.create("Plans")
    assert "a" in await one.my_rights("Plans")
    await one.set_rights("Plans", reader, "lrs")
    assert set((await one.get_rights("Plans")).grants[reader]) == set("lrs")
    other = await Connection.open(where(server), Password(reader, PASSWORD))
    shared = [listed.name for listed in await other.list("shared/*")]
    assert f"shared/{owner}/Plans" in shared
    with pytest.raises(Forbidden):
        await other.append(f"shared/{owner}/Plans", message())
    await one.delete_rights("Plans", reader)
    assert reader not in (await one.get_rights("Plans")).grants
    assert {quota.resource for quota in await one.quota("INBOX")} >= {"STORAGE"}
    await one.set_metadata("INBOX", {"/private/comment": "grün".encode(), "/private/vendor/x": b'a"b\r\n'})
    told = await one.get_metadata("INBOX", ["/private/comment", "/private/vendor/x", "/private/none"])
    assert told == {"/private/comment": "grün".encode(), "/private/vendor/x": b'a"b\r\n'}
    await one.set_metadata("INBOX", {"/private/comment": None})
    assert await one.get_metadata("INBOX", ["/private/comment"]) == {}
    assert (await one.namespaces()).others[0].prefix.startswith("shared/")
    await one.logout()
    await other.logout()


def kill(pid: int) -> None:
    """Kill a process that the test has started, and what that one has started."""
    children = [int(found.parent.name) for found in Path("/proc").glob("[0-9]*/stat") if _parent(found) == pid]
    os.kill(pid, signal.SIGKILL)
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def _parent(stat: Path) -> int:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


BARE = frozenset({"IMAP4REV1"})


@pytest.mark.parametrize(
    "missing",
    [
        ("LITERAL+",),
        ("ESEARCH",),
        ("SORT", "SORT=DISPLAY"),
        ("THREAD=REFERENCES", "THREAD=REFS"),
        ("LIST-EXTENDED", "LIST-STATUS"),
        ("LIST-STATUS",),
        ("MOVE",),
        ("UIDPLUS",),
        ("MOVE", "UIDPLUS"),
        ("CONDSTORE", "QRESYNC"),
        ("UNSELECT",),
        ("NAMESPACE",),
        ("SPECIAL-USE",),
        ("everything",),
    ],
    ids="-".join,
)
async def test_what_a_server_lacks_is_done_in_another_way(server: Dovecot, missing: tuple[str, ...]) -> None:
    opened = await Connection.open(where(server), Password(somebody(), PASSWORD))
    session = opened._session
    session.capabilities = BARE if missing == ("everything",) else session.capabilities - set(missing)
    if missing[0] in {"LITERAL+", "everything"}:
        session.dialogue.literals = Literals.SYNCHRONIZING
    listed = {one.name: one for one in await opened.list(status=["MESSAGES", "UIDNEXT"])}
    assert listed["INBOX"].status is not None
    assert "\\subscribed" in listed["Sent"].attributes
    assert {"Sent", "Trash"} <= {one.name for one in await opened.list(subscribed=True)}
    assert (await opened.namespaces()).personal[0].separator == "/"
    uids = [(await opened.append("INBOX", message(number))).uid or 0 for number in range(1, 6)]
    await opened.append("INBOX", message(6).replace(b"Subject:", b"References: <plan2@example.org>\r\nSubject:"))
    six = uids[-1] + 1
    await opened.select("INBOX", write=True)
    assert await opened.search(c.body("Grüße 3")) == [uids[2]]
    assert await opened.sort(["REVERSE DATE"], c.all_()) == [six, *uids[::-1]]
    threads = await opened.thread(c.all_())
    assert [(thread.uid, [answer.uid for answer in thread.answers]) for thread in threads][1] == (uids[1], [six])
    await opened.create("Ziel")
    await opened.store([uids[4]], add=["\\Deleted"])
    await opened.move(uids[:2], "Ziel")
    assert await opened.search(c.all_()) == [*uids[2:], six]
    assert await opened.search(c.flag("\\Deleted")) == [uids[4]]
    assert (await opened.status("Ziel", ["MESSAGES"])).messages == 2
    await opened.unselect()
    await opened.logout()


async def test_a_server_with_few_capabilities_is_served_to_the_end() -> None:
    """The same over a Dovecot that hides what it can, so that nothing is used by accident."""
    started = start_dovecot("imap_capability = IMAP4rev1\n")  # stopped by its keeper
    pool = Pool()
    who = MailServer("127.0.0.1", started.port), Password(somebody(), PASSWORD)
    async with pool.connection(*who) as one:
        await one.append("INBOX", message())
    async with pool.selected(*who, "INBOX", write=True) as one:
        assert not one.capabilities & {"UIDPLUS", "CONDSTORE", "QRESYNC"}
        assert one.enabled == frozenset()
        assert await one.search(c.all_()) == [1]
        await one.move([1], "Trash")
        assert await one.search(c.all_()) == []
    kill(started.pid)

    async def read_on() -> None:
        while True:
            async with pool.selected(*who, "INBOX") as one:
                await one.fetch("1:*", ["ENVELOPE"])
            await asyncio.sleep(0.05)

    with pytest.raises(Unavailable):
        await asyncio.wait_for(read_on(), 20)
    await pool.close()
