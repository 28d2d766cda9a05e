"""Sending: once, whatever breaks; a failure keeps the draft; afterwards everything is where it belongs."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, FolkmootError, Forbidden, MalformedInput, NotFound, Unavailable, Unsupported
from folkmoot.mail.errors import Deferred, RecipientsRefused, Refused, SignInRefused, Uncertain
from folkmoot.mail.imap.connection import Connection
from folkmoot.mailboxes.draft_form import DraftFile, Given
from folkmoot.mailboxes.drafts import Replaces
from folkmoot.mailboxes.errors import SendingBlocked
from folkmoot.mailboxes.values import MAIN
from folkmoot.mime.headers import MailAddress
from folkmoot.store import jobs, submissions
from folkmoot.store.submissions import State
from tests.support.dovecot import dovecot
from tests.support.outgoing import IDA, Post, post_on, run_submissions, without
from tests.support.smtp import DROP, MailServer, mail_server

pytestmark = [pytest.mark.anyio, pytest.mark.live]
ROOT = Path(__file__).parents[2]


async def _jobs(post: Post) -> list[jobs.Job]:
    return await post.mail.database.read(lambda tx: jobs.list_(tx, kind=submissions.JOB))


async def _state(post: Post, caller: Caller, number: int) -> State:
    return (await post.sending.find(caller, number)).state


async def test_a_sent_draft_becomes_the_copy_among_the_sent(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    original = await post.put(anna, "INBOX", b"Subject: x\n\ny\n")
    stored = await post.save(
        anna,
        bcc=(MailAddress("", "secret@example.net"),),
        cc=(MailAddress("Ida", "IDA@example.net"),),
        answers=original,
        forwards=(original,),
        files=(DraftFile("a.bin", "application/octet-stream", Given(bytes(range(256)))),),
    )
    done = await post.send(anna, stored)
    assert (done.state, done.fault, dict(done.refused)) == (State.SENT, "", {})
    (one,) = smtp.received
    assert (one.sender, one.recipients) == (f"{anna.principal}@example.org", [IDA.address, "secret@example.net"])
    assert b"Bcc" not in one.octets
    assert b"X-Folkmoot" not in one.octets
    assert one.message["Message-ID"] == stored.message_id
    (copy,) = await post.messages(anna, "Sent")
    assert "\\Seen" in (copy.flags or ())
    assert copy.sections[""] == b"Bcc: secret@example.net\r\n" + one.octets
    assert await post.messages(anna, "Drafts") == []
    (marked,) = await post.messages(anna, "INBOX")
    assert {"\\Answered", "$Forwarded"} <= set(marked.flags or ())
    assert await _jobs(post) == []


async def test_what_was_sent_is_not_sent_again(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    stored = await post.save(anna)
    octets = (await post.octets(anna, "Drafts"))[0]
    first, second = await asyncio.gather(post.send(anna, stored), post.send(anna, stored))
    assert first.id == second.id
    again = await post.put(anna, "Drafts", octets.replace(b"\r\n", b"\n"), "\\Draft")
    done = await post.sending.send(anna, MAIN, again)
    assert (done.id, done.state) == (first.id, State.SENT)
    assert len(smtp.received) == 1
    assert len(await post.messages(anna, "Sent")) == 1


async def test_a_draft_that_is_kept_can_be_sent_as_another_message(
    migrated_file: Path, tmp_path: Path, smtp: MailServer
) -> None:
    async with post_on(dovecot(), migrated_file, tmp_path, smtp.url, keep_drafts=True) as post:
        anna = post.mail.person()
        stored = await post.save(anna)
        await post.send(anna, stored)
        assert len(await post.messages(anna, "Drafts")) == 1
        again = await post.drafts.save(anna, MAIN, stored.draft, Replaces(stored.message_id, stored.version))
        assert again.message_id != stored.message_id
        await post.send(anna, again)
    assert len(smtp.received) == 2


@pytest.mark.parametrize(
    ("prepare", "raised", "state"),
    [
        (lambda smtp: smtp.fail("CONNECT", DROP), Deferred, State.FAILED),
        (lambda smtp: smtp.fail("EHLO", DROP), Deferred, State.FAILED),
        (lambda smtp: smtp.fail("MAIL", DROP), Deferred, State.FAILED),
        (lambda smtp: smtp.fail("MAIL", "550 not you"), Refused, State.FAILED),
        (lambda smtp: smtp.fail("RCPT", DROP), Deferred, State.FAILED),
        (lambda smtp: smtp.fail("RCPT", "550 5.1.1 who"), RecipientsRefused, State.FAILED),
        (lambda smtp: smtp.fail("DATA", "554 spam"), Refused, State.FAILED),
        (lambda smtp: smtp.fail("DATA", "451 later"), Deferred, State.FAILED),
        (lambda smtp: smtp.fail("DATA", DROP), Uncertain, State.UNCERTAIN),
        (lambda smtp: smtp.fail("DATA", "taken, then drop"), Uncertain, State.UNCERTAIN),
    ],
)
async def test_whatever_the_server_does_the_draft_stays_and_the_reason_is_told(
    post: Post,
    smtp: MailServer,
    prepare: Callable[[MailServer], None],
    raised: type[FolkmootError],
    state: State,
) -> None:
    anna = post.mail.person()
    stored = await post.save(anna)
    prepare(smtp)
    with pytest.raises(raised) as caught:
        await post.send(anna, stored)
    (listed,) = await post.sending.list(anna)
    assert listed.state is state
    assert listed.fault == str(caught.value)
    assert len(await post.messages(anna, "Drafts")) == 1
    assert await post.messages(anna, "Sent") == []
    taken = len(smtp.received)
    await run_submissions(post)
    post.clock.pass_(days=1)
    await run_submissions(post)
    assert len(smtp.received) == taken  # nothing goes by itself after its sender was told
    if state is State.FAILED:
        assert (await post.send(anna, stored)).state is State.SENT
        assert len(smtp.received) == 1


async def test_refused_recipients_are_named_and_nobody_gets_it_unless_wanted(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    smtp.by_recipient = {"no@example.net": "550 5.1.1 nobody here"}
    stored = await post.save(anna, to=(IDA, MailAddress("", "no@example.net")))
    with pytest.raises(RecipientsRefused) as caught:
        await post.send(anna, stored)
    assert set(caught.value.refusals) == {"no@example.net"}
    (listed,) = await post.sending.list(anna)
    assert dict(listed.refused) == {"no@example.net": "550 5.1.1 nobody here"}
    assert smtp.received == []
    done = await post.send(anna, stored, partial=True)
    assert (done.state, set(done.refused)) == (State.SENT, {"no@example.net"})
    assert smtp.received[0].recipients == [IDA.address]


async def test_a_message_can_be_taken_back_while_it_waits(post: Post, smtp: MailServer) -> None:
    anna, berta = post.mail.person(), post.mail.person()
    stored = await post.save(anna)
    waiting = await post.send(anna, stored, delay_seconds=10)
    assert (waiting.state, waiting.send_at) == (State.WAITING, post.clock.milliseconds() + 10_000)
    (draft,) = await post.messages(anna, "Drafts")
    assert "$SubmitPending" in (draft.flags or ())
    with pytest.raises(Conflict, match="on its way"):
        await post.drafts.delete(anna, MAIN, stored.ref)
    with pytest.raises(NotFound):
        await post.sending.cancel(berta, waiting.id)
    back = await post.sending.cancel(anna, waiting.id)
    assert (back.state, back.draft) == (State.CANCELLED, stored.ref)
    (draft,) = await post.messages(anna, "Drafts")
    assert "$SubmitPending" not in (draft.flags or ())
    post.clock.pass_(seconds=11)
    await run_submissions(post)
    assert smtp.received == []
    assert (await post.send(anna, stored)).state is State.SENT
    with pytest.raises(Conflict, match="too late"):
        await post.sending.cancel(anna, waiting.id)


async def test_a_message_that_waits_goes_at_its_time_with_nobody_signed_in(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    stored = await post.save(anna)
    later = post.clock.milliseconds() + 3_600_000
    waiting = await post.send(anna, stored, send_at=later, client_address="192.0.2.7")
    await run_submissions(post)
    assert smtp.received == []
    row = await post.mail.database.read(lambda tx: submissions.get(tx, waiting.id))
    assert row is not None
    assert anna.password not in str(row)
    assert "sealed" in row.payload
    post.clock.pass_(hours=1)
    await run_submissions(post)
    assert await _state(post, anna, waiting.id) is State.SENT
    (one,) = smtp.received
    assert one.message["X-Forward"] == "192.0.2.7"
    date = one.message["Date"].datetime
    assert abs((date - post.clock.now()).total_seconds()) < 2
    row = await post.mail.database.read(lambda tx: submissions.get(tx, waiting.id))
    assert row is not None
    assert "sealed" not in row.payload
    assert len(await post.messages(anna, "Sent")) == 1
    assert await _jobs(post) == []


async def test_in_the_background_what_may_succeed_is_tried_again(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    stored = await post.save(anna)
    waiting = await post.send(anna, stored, delay_seconds=1)
    post.clock.pass_(seconds=2)
    smtp.fail("CONNECT", "421 busy")
    await run_submissions(post)
    (listed,) = await post.sending.list(anna)
    assert (listed.state, "421" in listed.fault) == (State.WAITING, True)
    await run_submissions(post)
    assert smtp.received == []
    post.clock.pass_(minutes=2)
    await run_submissions(post)
    assert await _state(post, anna, waiting.id) is State.SENT
    assert len(smtp.received) == 1


async def test_in_the_background_what_cannot_succeed_is_told(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    gone, never, busy = [await post.save(anna, subject=name) for name in ("gone", "never", "busy")]
    sent = [await post.send(anna, one, delay_seconds=1) for one in (gone, never, busy)]
    async with post.mail.access.selected(anna, MAIN, "Drafts", write=True) as connection:
        await connection.store([gone.ref.uid], add=["\\Deleted"])
        await connection.expunge([gone.ref.uid])
    smtp.by_recipient = {IDA.address: "550 5.1.1 nobody"}
    post.clock.pass_(seconds=2)
    await run_submissions(post)
    assert {await _state(post, anna, one.id) for one in sent} == {State.FAILED}
    faults = {one.id: one.fault for one in await post.sending.list(anna)}
    assert "not there any more" in faults[sent[0].id]
    assert "550" in faults[sent[1].id]
    for message in await post.messages(anna, "Drafts"):
        assert "$SubmitPending" not in (message.flags or ())
    assert len(await post.messages(anna, "Drafts")) == 2


async def test_a_server_that_stays_away_is_given_up(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    waiting = await post.send(anna, await post.save(anna), delay_seconds=1)
    for _ in range(10):
        smtp.faults["CONNECT"] = [DROP]
        post.clock.pass_(hours=3)
        await run_submissions(post)
    assert await _state(post, anna, waiting.id) is State.FAILED
    assert await _jobs(post) == []


async def test_a_copy_that_cannot_be_filed_is_filed_later(
    post: Post, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = post.mail.person()
    stored = await post.save(anna)

    async def gone(*_: object, **__: object) -> None:
        raise Unavailable("the mail server has hung up")

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "append", gone)
        done = await post.send(anna, stored)
        assert (done.state, "copy is not filed" in done.fault) == (State.DELIVERED, True)
        post.clock.pass_(minutes=2)
        await run_submissions(post)
        assert await _state(post, anna, done.id) is State.DELIVERED
    assert len(await post.messages(anna, "Drafts")) == 1
    post.clock.pass_(minutes=10)
    await run_submissions(post)
    assert await _state(post, anna, done.id) is State.SENT
    assert len(smtp.received) == 1
    assert len(await post.messages(anna, "Sent")) == 1
    assert await post.messages(anna, "Drafts") == []


async def test_a_database_that_is_away_at_the_last_moment_keeps_the_message_here(
    post: Post, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = post.mail.person()
    stored = await post.save(anna)
    step = submissions.step

    async def away(tx: Any, seen: Any, state: State, **more: Any) -> Any:
        if state is State.HANDING:
            raise Unavailable("the database does not answer")
        return await step(tx, seen, state, **more)

    with monkeypatch.context() as patched:
        patched.setattr(submissions, "step", away)
        with pytest.raises(Unavailable):
            await post.send(anna, stored)
    await asyncio.sleep(0.05)
    assert smtp.received == []
    assert (await post.send(anna, stored)).state is State.SENT


async def test_whoever_sends_too_much_is_blocked_for_a_while(post: Post, smtp: MailServer) -> None:
    without(post, submissions_max=2, submissions_interval_seconds=30, submissions_block_seconds=300)
    anna, berta = post.mail.person(), post.mail.person()
    for _ in range(2):
        await post.send(anna, await post.save(anna))
    third = await post.save(anna)
    with pytest.raises(SendingBlocked) as caught:
        await post.send(anna, third)
    assert caught.value.until == post.clock.milliseconds() + 300_000
    await post.send(berta, await post.save(berta))
    post.clock.pass_(seconds=299)
    with pytest.raises(SendingBlocked):
        await post.send(anna, third)
    post.clock.pass_(seconds=2)
    assert (await post.send(anna, third)).state is State.SENT
    without(post, submissions_max=0, submission_recipients_max=3)
    many = await post.save(anna, cc=tuple(MailAddress("", f"p{number}@example.net") for number in range(3)))
    with pytest.raises(SendingBlocked, match="3 recipients"):
        await post.send(anna, many)


async def test_nothing_odd_is_sent(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    me = f"{anna.principal}@example.org"
    for octets in (
        f"From: {me}\nSubject: nobody\n\nx\n",
        f"From: {me}\nTo: broken\n\nx\n",
        "From: a@example.org, b@example.org\nTo: i@example.net\n\nx\n",
        "To: i@example.net\n\nx\n",
    ):
        ref = await post.put(anna, "Drafts", octets.encode(), "\\Draft")
        with pytest.raises(MalformedInput):
            await post.sending.send(anna, MAIN, ref)
    forged = await post.put(anna, "Drafts", b"From: boss@example.org\nTo: i@example.net\n\nx\n", "\\Draft")
    with pytest.raises(Forbidden):
        await post.sending.send(anna, MAIN, forged)
    long = await post.put(anna, "Drafts", f"From: {me}\nTo: i@example.net\n\n{'x' * 1500}\n".encode(), "\\Draft")
    with pytest.raises(Refused, match="line"):
        await post.sending.send(anna, MAIN, long)
    with pytest.raises(Unsupported):
        await post.send(anna, await post.save(anna, sign=True))
    stored = await post.save(anna)
    for odd in ({"delay_seconds": 61}, {"delay_seconds": -1}, {"send_at": 5}, {"send_at": 10**15}):
        with pytest.raises(MalformedInput):
            await post.send(anna, stored, **odd)
    with pytest.raises(NotFound):
        await post.sending.send(anna, MAIN, replace_uid(stored.ref))
    assert smtp.received == []
    assert await post.sending.list(anna) == []


def replace_uid(ref: Any) -> Any:
    return type(ref)(ref.mailbox, ref.uid_validity, ref.uid + 1000)


async def test_a_draft_of_another_program_is_sent_without_what_it_noted(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    me = f"{anna.principal}@example.org"
    ref = await post.put(
        anna,
        "Drafts",
        f"From: Änna <{me}>\nTo: Ida <ida@example.net>\nBcc: b@example.net\nSubject: Grüße\nX-Mozilla-Keys: \n"
        f"Fcc: imap://x/Sent\nReturn-Path: <x@y>\nDate: Thu, 1 Jan 1970 00:00:00 +0000\n\nText\n".encode(),
        "\\Draft",
    )
    done = await post.sending.send(anna, MAIN, ref)
    assert done.state is State.SENT
    (one,) = smtp.received
    assert one.octets.isascii()
    assert one.message["Subject"] == "Grüße"
    assert one.message["From"] == f"Änna <{me}>"
    assert one.message["Message-ID"] == done.message_id
    assert {name.lower() for name in one.message} == {
        "date",
        "message-id",
        "mime-version",
        "from",
        "to",
        "subject",
    }
    assert one.recipients == ["ida@example.net", "b@example.net"]
    assert await post.messages(anna, "Drafts") == []


async def test_a_person_signs_in_to_the_mail_server(migrated_file: Path, tmp_path: Path) -> None:
    async with (
        mail_server(password="secret") as smtp,
        post_on(dovecot(), migrated_file, tmp_path, smtp.url, smtp={"authentication": "PLAIN"}) as post,
    ):
        anna = post.mail.person()
        stored = await post.save(anna)
        with pytest.raises(SignInRefused):
            await post.send(anna, stored)  # this server knows nobody but sogo
        assert len(await post.messages(anna, "Drafts")) == 1
        sogo = post.mail.person("sogo")
        await post.send(sogo, await post.save(sogo))
        assert smtp.received[0].login == "sogo"


async def test_what_a_person_chose_gives_time_to_take_a_message_back(post: Post) -> None:
    settings = replace(post.mail.settings, mail=replace(post.mail.settings.mail, undo_send_seconds=20))
    post.mail.access._settings = lambda _domain: settings
    anna = post.mail.person()
    assert (await post.send(anna, await post.save(anna))).state is State.WAITING
    assert (await post.send(anna, await post.save(anna), delay_seconds=0)).state is State.SENT


async def test_a_delegate_writes_for_the_owner_and_is_named(
    migrated_file: Path, tmp_path: Path, smtp: MailServer
) -> None:
    master = {"credentials": "master", "master_user_name": "master", "master_user_password": "mastersecret"}
    async with post_on(dovecot(), migrated_file, tmp_path, smtp.url, imap=master) as post:
        boss, anna, eva = post.mail.person(), post.mail.person(), post.mail.person()
        await post.mail.delegation.add(boss, [anna.principal])
        draft = post.draft(boss)
        stored = await post.drafts.save(anna, boss.principal, draft)
        for sender in (f"{anna.principal}@example.org", f"{eva.principal}@example.org"):
            with pytest.raises(Forbidden):
                await post.drafts.save(anna, boss.principal, replace(draft, sender=MailAddress("", sender)))
        with pytest.raises(NotFound):
            await post.sending.send(eva, boss.principal, stored.ref)
        await post.sending.send(anna, boss.principal, stored.ref)
        (one,) = smtp.received
        assert one.sender == f"{anna.principal}@example.org"
        assert one.message["From"].addresses[0].addr_spec == f"{boss.principal}@example.org"
        assert one.message["Sender"].address.addr_spec == f"{anna.principal}@example.org"
        assert len(await post.messages(boss, "Sent")) == 1
        assert await post.messages(boss, "Drafts") == []
