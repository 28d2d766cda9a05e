"""Whoever dies while sending: nothing goes twice, and nothing is lost."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from folkmoot.core.caller import Caller
from folkmoot.mail.imap.connection import Connection
from folkmoot.mailboxes.filing import Filing
from folkmoot.mailboxes.submission_rows import LEASE_MS
from folkmoot.store import submissions
from folkmoot.store.submissions import State
from tests.support.dovecot import dovecot
from tests.support.outgoing import Post, run_submissions
from tests.support.smtp import HANG, MailServer, Stage

pytestmark = [pytest.mark.anyio, pytest.mark.live]
ROOT = Path(__file__).parents[2]


async def _state(post: Post, caller: Caller, number: int) -> State:
    return (await post.sending.find(caller, number)).state


class _Killed(BaseException):
    """The process ends here."""


def _dies(monkeypatch: pytest.MonkeyPatch, target: type, name: str, *, after: bool = False) -> None:
    original: Callable[..., Awaitable[Any]] = getattr(target, name)

    async def killed(*arguments: Any, **named: Any) -> Any:
        if after:
            await original(*arguments, **named)
        raise _Killed

    monkeypatch.setattr(target, name, killed)


@pytest.mark.parametrize(
    ("target", "name", "after", "sent_before"),
    [
        (Filing, "draft", False, 0),
        (Filing, "finish", False, 1),
        (Filing, "_file", True, 1),
        (Filing, "_flag", True, 1),
        (Connection, "append", False, 1),
        (Connection, "expunge", False, 1),
        (Connection, "expunge", True, 1),
        (Filing, "finish", True, 1),
    ],
)
async def test_whoever_dies_between_steps_leaves_the_rest_to_another(
    post: Post,
    smtp: MailServer,
    monkeypatch: pytest.MonkeyPatch,
    target: type,
    name: str,
    after: bool,
    sent_before: int,
) -> None:
    anna = post.mail.person()
    original = await post.put(anna, "INBOX", b"Subject: x\n\ny\n")
    stored = await post.save(anna, answers=original)
    waiting = await post.send(anna, stored, delay_seconds=1)
    post.clock.pass_(seconds=2)
    with monkeypatch.context() as patched:
        _dies(patched, target, name, after=after)
        with pytest.raises(_Killed):
            await post.sending.resume(waiting.id)
    assert len(smtp.received) == sent_before
    await run_submissions(post)  # its lease still runs
    assert len(smtp.received) == sent_before
    post.clock.pass_(milliseconds=LEASE_MS + 1)
    await run_submissions(post)
    assert await _state(post, anna, waiting.id) is State.SENT
    assert len(smtp.received) == 1
    assert len(await post.messages(anna, "Sent")) == 1
    assert await post.messages(anna, "Drafts") == []
    (marked,) = await post.messages(anna, "INBOX")
    assert "\\Answered" in (marked.flags or ())


async def test_whoever_dies_while_handing_over_leaves_it_to_the_sender(
    post: Post, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = post.mail.person()
    waiting = await post.send(anna, await post.save(anna), delay_seconds=1)
    post.clock.pass_(seconds=2)
    with monkeypatch.context() as patched:
        _dies(patched, type(post.sending), "_note_delivered")
        with pytest.raises(_Killed):
            await post.sending.resume(waiting.id)
    post.clock.pass_(milliseconds=LEASE_MS + 1)
    await run_submissions(post)
    (listed,) = await post.sending.list(anna)
    assert listed.state is State.UNCERTAIN
    assert "not known" in listed.fault
    assert len(smtp.received) == 1
    assert len(await post.messages(anna, "Drafts")) == 1


@pytest.mark.parametrize(
    ("stage", "state"),
    [("EHLO", State.SENT), ("MAIL", State.SENT), ("RCPT", State.SENT), ("DATA", State.UNCERTAIN)],
)
async def test_a_process_killed_while_it_sends_sends_nothing_twice(
    post: Post, smtp: MailServer, tmp_path: Path, stage: Stage, state: State
) -> None:
    anna = post.mail.person()
    stored = await post.save(anna)
    smtp.fail(stage, HANG)
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.support.sending_child",
        f"sqlite:///{tmp_path}/mail.db",
        str(dovecot().imap),
        str(smtp.port),
        anna.principal,
        str(stored.ref.uid_validity),
        str(stored.ref.uid),
        cwd=ROOT,
    )
    try:
        async with asyncio.timeout(30):
            while smtp.faults.get(stage):
                assert child.returncode is None
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
    finally:
        child.kill()
        await child.wait()
    post.clock.pass_(milliseconds=2 * LEASE_MS)
    await run_submissions(post)
    found = await post.mail.database.read(lambda tx: submissions.find(tx, anna.principal, stored.message_id))
    assert found is not None
    assert found.state is state
    assert len(smtp.received) == (state is State.SENT)
    assert len(await post.messages(anna, "Drafts")) == (state is not State.SENT)
    assert len(await post.messages(anna, "Sent")) == (state is State.SENT)
