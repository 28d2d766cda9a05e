"""From one person's draft to another one's inbox: Postfix takes it, and delivers by LMTP into Dovecot."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Unavailable
from folkmoot.mail.errors import RecipientsRefused, Uncertain
from folkmoot.mail.imap.criteria import all_
from folkmoot.mailboxes.draft_form import DraftFile, Given
from folkmoot.mailboxes.values import MAIN, MessageRef
from folkmoot.mime.headers import MailAddress
from folkmoot.mime.reading import read_message
from tests.support.dovecot import dovecot, somebody
from tests.support.outgoing import Post, post_on
from tests.support.postfix import running_postfix

pytestmark = [pytest.mark.anyio, pytest.mark.live]
ARRIVES_SECONDS = 20


@pytest.fixture
def postfix() -> Iterator[int]:
    with running_postfix(lmtp=dovecot().lmtp) as port:
        yield port


@pytest.fixture
async def post(migrated_file: Path, tmp_path: Path, postfix: int) -> AsyncIterator[Post]:
    async with post_on(dovecot(), migrated_file, tmp_path, f"smtp://127.0.0.1:{postfix}") as opened:
        yield opened


def _person(post: Post) -> Caller:
    """Return somebody new whose mailbox is that of the address: LMTP knows people by it."""
    login = somebody()
    return post.mail.person(login, imap_login=f"{login}@example.org")


async def _arrived(post: Post, caller: Caller, count: int = 1) -> list[bytes]:
    async with asyncio.timeout(ARRIVES_SECONDS):
        while True:
            found = list(await post.octets(caller, "INBOX"))
            if len(found) >= count:
                return found
            await asyncio.sleep(0.2)


async def test_a_message_reaches_the_other_and_the_answer_comes_back(post: Post) -> None:
    anna, berta = _person(post), _person(post)
    to = MailAddress("Berta", f"{berta.principal}@example.org")
    content = bytes(range(256)) * 40
    stored = await post.save(
        anna,
        to=(to,),
        subject="Grüße – 日本",  # noqa: RUF001  # a dash as it is typed
        text="From the start\n.\n..\n" + "x" * 3000 + " \n",
        files=(DraftFile("データ.bin", "application/octet-stream", Given(content)),),
        notice=True,
    )
    await post.send(anna, stored)
    (octets,) = await _arrived(post, berta)
    message = read_message(octets)
    assert message.headers().text("subject") == "Grüße – 日本"  # noqa: RUF001  # likewise
    assert message.content("2") == content
    assert b"From the start" in message.content("1")
    async with post.mail.access.selected(berta, MAIN, "INBOX") as connection:
        (uid,) = await connection.search(all_())
        assert connection.mailbox is not None
        validity = connection.mailbox.uid_validity
    answer = await post.answers.reply(berta, MAIN, MessageRef("INBOX", validity, uid))
    assert answer.to[0].address == f"{anna.principal}@example.org"
    await post.send(berta, await post.drafts.save(berta, MAIN, answer))
    (back,) = [one for one in await _arrived(post, anna) if b"In-Reply-To" in one]
    headers = read_message(back).headers()
    assert headers.text("in-reply-to") == stored.message_id
    assert headers.text("subject") == "Re: Grüße – 日本"  # noqa: RUF001  # likewise


async def test_whom_postfix_does_not_know_is_named(post: Post) -> None:
    anna = post.mail.person()
    known = MailAddress("", f"{post.mail.person().principal}@example.org")
    stored = await post.save(anna, to=(known, MailAddress("", "nobody@example.net")))
    with pytest.raises(RecipientsRefused) as caught:
        await post.send(anna, stored)
    assert set(caught.value.refusals) == {"nobody@example.net"}
    assert caught.value.refusals["nobody@example.net"].unknown
    await post.send(anna, stored, partial=True)


async def test_postfix_killed_in_the_middle_costs_no_draft_and_doubles_no_message(post: Post, postfix: int) -> None:
    anna, berta = _person(post), _person(post)
    to = MailAddress("Berta", f"{berta.principal}@example.org")
    broken = 0
    sent: list[str] = []
    for milliseconds in (0, 5, 10, 20, 40, 80, 160, 320):
        stored = await post.save(
            anna,
            to=(to,),
            subject=f"after {milliseconds}",
            files=(DraftFile("large", "application/octet-stream", Given(os.urandom(6 * 1024 * 1024))),),
        )
        _kill(_smtpd_of(postfix))  # so that the next one is that of this message
        sending = asyncio.create_task(post.send(anna, stored))
        while not (pids := _smtpd_of(postfix)) and not sending.done():
            await asyncio.wait([sending], timeout=0.002)
        await asyncio.wait([sending], timeout=milliseconds / 1000)
        _kill(pids)
        try:
            await sending
        except Uncertain:  # nobody can know, so it is not sent again by itself
            broken += 1
            continue
        except Unavailable:
            broken += 1
            assert (await post.drafts.open(anna, MAIN, stored.ref)).message_id == stored.message_id
            await post.send(anna, stored)
        sent.append(stored.message_id)
    assert broken >= 2
    found: list[str] = []
    async with asyncio.timeout(ARRIVES_SECONDS):
        while not set(sent) <= set(found):  # those of which nobody knows may have come before them
            await asyncio.sleep(0.2)
            octets = await post.octets(berta, "INBOX")
            found = [read_message(one).headers().text("message-id") for one in octets]
    assert len(set(found)) == len(found)


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _smtpd_of(port: int) -> list[int]:
    """Return the processes in which Postfix listens to clients of a port."""
    found = []
    for directory in Path("/proc").iterdir():
        with suppress(OSError):
            words = (directory / "cmdline").read_bytes().split(b"\0") if directory.name.isdigit() else []
            if words[0:1] == [b"smtpd"] and f"127.0.0.1:{port}".encode() in words:
                found.append(int(directory.name))
    return found
