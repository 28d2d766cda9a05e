"""Mail servers that can little, have no room, or lose a mailbox under our hands: all works, or it is said why not."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound
from folkmoot.mail.errors import OverQuota
from folkmoot.mail.imap import criteria
from folkmoot.mailboxes.chosen import Chosen
from folkmoot.mailboxes.deleting import Deleting
from folkmoot.mailboxes.draft_form import DraftFile, Given
from folkmoot.mailboxes.drafts import Replaces
from folkmoot.mailboxes.flags import Flags
from folkmoot.mailboxes.listing import Listing, ListQuery
from folkmoot.mailboxes.moving import Moving
from folkmoot.mailboxes.searching import Searching, SearchPlace
from folkmoot.mailboxes.snoozing import Snoozing
from folkmoot.mailboxes.sorting import Level, SortBy
from folkmoot.mailboxes.values import MAIN, MessageRef
from folkmoot.store.submissions import State
from tests.mailboxes.test_plain_server import PLAIN
from tests.support.dovecot import Dovecot, dovecot, start_dovecot
from tests.support.outgoing import Post, post_on
from tests.support.servers import Server, shared
from tests.support.smtp import MailServer, mail_server

pytestmark = [pytest.mark.anyio, pytest.mark.live]

HOUR = 3_600_000
FOLDERS = 5_000
NARROW = "plugin {\n  quota_rule = *:storage=100K\n  quota_grace = 0\n}\n"


def _dovecot_of(server: Server) -> Dovecot:
    imap, sieve, lmtp = map(int, server.url.split(","))
    return Dovecot(imap, sieve, lmtp, server.directory)


@pytest.fixture
async def smtp() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
async def poor(migrated_file: Path, tmp_path: Path, smtp: MailServer) -> AsyncIterator[Post]:
    server = _dovecot_of(shared("plain-dovecot", lambda: start_dovecot(PLAIN)))
    async with post_on(server, migrated_file, tmp_path, smtp.url) as post:
        yield post


@pytest.fixture
async def narrow(migrated_file: Path, tmp_path: Path, smtp: MailServer) -> AsyncIterator[Post]:
    server = _dovecot_of(shared("narrow-dovecot", lambda: start_dovecot(NARROW)))
    async with post_on(server, migrated_file, tmp_path, smtp.url) as post:
        yield post


@pytest.fixture
async def post(migrated_file: Path, tmp_path: Path, smtp: MailServer) -> AsyncIterator[Post]:
    async with post_on(dovecot(), migrated_file, tmp_path, smtp.url) as opened:
        yield opened


def _message(number: int, *, answers: int | None = None) -> bytes:
    more = f"In-Reply-To: <{answers}@x>\nReferences: <{answers}@x>\n" if answers is not None else ""
    return (
        f"From: ida@example.net\nSubject: M{9 - number}\nDate: Mon, 2 Mar 2026 09:0{number}:00 +0000\n"
        f"Message-ID: <{number}@x>\n{more}\nHello {number}\n"
    ).encode()


async def _fill(post: Post, caller: Caller) -> list[int]:
    """Put three messages of which two are a conversation; the server need not tell their numbers."""
    async with post.mail.access.connection(caller) as connection:
        for octets in (_message(0), _message(1, answers=0), _message(2)):
            await connection.append("INBOX", octets.replace(b"\n", b"\r\n"))
    async with post.mail.access.selected(caller, MAIN, "INBOX") as connection:
        return list(await connection.search(criteria.all_()))


async def _subjects(post: Post, caller: Caller, mailbox: str, query: ListQuery | None = None) -> list[str]:
    window = await Listing(post.mail.access).window(caller, MAIN, mailbox, query or ListQuery())
    return [row.subject for row in window.rows]


async def test_a_server_without_extensions_serves_all_that_people_do_with_messages(
    poor: Post, smtp: MailServer
) -> None:
    anna, access = poor.mail.person(), poor.mail.access
    uids = await _fill(poor, anna)
    assert await _subjects(poor, anna, "INBOX", ListQuery(sort=(Level(SortBy.SUBJECT, ascending=True),))) == [
        "M7",
        "M8",
        "M9",
    ]
    assert len(await _subjects(poor, anna, "INBOX", ListQuery(threaded=True))) == 2
    found = [
        uid
        async for one in Searching(access).run(anna, [SearchPlace(MAIN)], criteria.body("Hello 2"))
        for uid in one.uids
    ]
    assert found == uids[2:]
    assert (await Flags(access).change(anna, MAIN, Chosen("INBOX", uids[:1]), add=["\\Flagged"])).uids == uids[:1]
    await Moving(access).move(anna, MAIN, Chosen("INBOX", uids[:1]), "Trash")
    await Moving(access).copy(anna, MAIN, Chosen("INBOX", uids[1:2]), "Trash")
    assert sorted(await _subjects(poor, anna, "Trash")) == ["M8", "M9"]
    await Deleting(access, Moving(access)).delete(anna, MAIN, Chosen("INBOX", uids[1:2]))
    snoozing = Snoozing(access, poor.mail.database, poor.clock)
    await snoozing.snooze(anna, MAIN, Chosen("INBOX", uids[2:]), poor.clock.milliseconds() + HOUR)
    assert await _subjects(poor, anna, "INBOX") == []
    poor.clock.pass_(hours=2)
    assert await snoozing.wake(anna, MAIN) is None
    assert await _subjects(poor, anna, "INBOX") == ["M7"]
    stored = await poor.save(anna)
    stored = await poor.drafts.save(anna, MAIN, poor.draft(anna, text="2"), Replaces(stored.message_id, stored.version))
    assert (await poor.send(anna, stored)).state is State.SENT
    assert len(smtp.received) == 1
    assert [len(await poor.messages(anna, name)) for name in ("Drafts", "Sent")] == [0, 1]


async def test_a_full_mailbox_is_told_and_the_draft_stays_and_what_was_sent_is_not_sent_again(
    narrow: Post, smtp: MailServer
) -> None:
    anna = narrow.mail.person()
    stored = await narrow.save(anna)
    file = DraftFile("a.bin", "application/octet-stream", Given(bytes(120_000)))
    with pytest.raises(OverQuota):
        await narrow.drafts.save(
            anna, MAIN, narrow.draft(anna, files=(file,)), Replaces(stored.message_id, stored.version)
        )
    assert len(await narrow.messages(anna, "Drafts")) == 1
    some = DraftFile("b.bin", "application/octet-stream", Given(bytes(45_000)))
    stored = await narrow.save(anna, files=(some,))  # some 60 kB: there is no room for the copy beside it
    done = await narrow.send(anna, stored)
    assert len(smtp.received) == 1
    assert done.state is State.DELIVERED
    assert "not filed yet" in done.fault
    assert len(await narrow.messages(anna, "Drafts")) == 2
    again = await narrow.send(anna, stored)
    assert (again.id, len(smtp.received)) == (done.id, 1)


async def test_a_mailbox_that_is_deleted_or_made_anew_under_a_list_is_told(post: Post) -> None:
    anna, access = post.mail.person(), post.mail.access
    listing = Listing(access)
    async with access.connection(anna) as connection:
        await connection.create("Work")
        await connection.append("Work", b"Subject: old\r\n\r\n")
    old = await listing.window(anna, MAIN, "Work", ListQuery())
    async with access.connection(anna) as mine, access.connection(anna) as other:
        assert mine is not other
        await other.select("INBOX", write=False)
        await other.delete("Work")
    for _ in range(5):  # lines that had it selected are given up, one after the other
        with pytest.raises(NotFound):
            await listing.window(anna, MAIN, "Work", ListQuery())
    async with access.connection(anna) as connection:
        await connection.create("Work")
        for name in ("new", "newer"):
            await connection.append("Work", f"Subject: {name}\r\n\r\n".encode())
    window = await listing.window(anna, MAIN, "Work", ListQuery())
    assert sorted(row.subject for row in window.rows) == ["new", "newer"]
    assert window.state.uid_validity != old.state.uid_validity
    with pytest.raises(NotFound):
        await post.drafts.octets(anna, MAIN, MessageRef("Work", old.state.uid_validity, 1))


async def test_a_tree_of_many_mailboxes_comes_quickly(post: Post) -> None:
    anna = post.mail.person()
    async with post.mail.access.connection(anna) as connection:
        assert await connection.list("*")
    home = dovecot().directory / "homes" / anna.principal / "Maildir"
    for number in range(FOLDERS):
        for name in ("cur", "new", "tmp"):
            (home / f".A{number % 50}.n{number}" / name).mkdir(parents=True)
    async with post.mail.access.connection(anna) as connection:
        await connection.list("*")  # Dovecot reads the directory
    started = time.perf_counter()
    tree = await post.mail.folders.tree(anna, subscribed_only=False, counts=False)
    seconds = time.perf_counter() - started
    assert len(tree.folders) >= FOLDERS
    assert seconds < 2  # some 0.4 on two cores that do other things, too
