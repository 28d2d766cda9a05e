"""Drafts: never lost, never double, opened as they were written, by whichever program."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from folkmoot.core.errors import Conflict, Forbidden, MalformedInput, NotFound, TooLarge, Unavailable
from folkmoot.mail.imap.connection import Connection
from folkmoot.mailboxes.draft_form import DraftFile, Given, InDraft, InMessage, Uploaded
from folkmoot.mailboxes.drafts import Replaces
from folkmoot.mailboxes.values import MAIN, MessageRef
from folkmoot.mime.composing import Priority
from folkmoot.mime.headers import MailAddress
from folkmoot.mime.reading import read_message
from tests.support.dovecot import dovecot
from tests.support.outgoing import IDA, Post, post_on

pytestmark = [pytest.mark.anyio, pytest.mark.live]


@pytest.fixture
async def post(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Post]:
    async with post_on(dovecot(), migrated_file, tmp_path, "smtp://127.0.0.1:1") as opened:
        yield opened


async def test_a_draft_is_opened_as_it_was_saved(post: Post) -> None:
    anna = post.mail.person()
    original = await post.put(anna, "INBOX", b"Subject: x\n\ny\n")
    picture = DraftFile("logo.png", "image/png", Given(b"\x89PNG"), cid="logo@x")
    paper = DraftFile("Bericht März.pdf", "application/pdf", Given(b"%PDF\r\n\0" * 50))
    wanted = post.draft(
        anna,
        cc=(MailAddress("Jörg", "j@example.net"),),
        bcc=(MailAddress("", "secret@example.net"),),
        reply_to=(MailAddress("", "list@example.org"),),
        subject="Grüße",
        text="",
        html='<p>Hello</p><img src="cid:logo@x">',
        files=(picture, paper),
        in_reply_to=("<0@example.net>",),
        references=("<a@example.net>", "<0@example.net>"),
        answers=original,
        forwards=(original, MessageRef("Ärger/ж", 1, 2)),
        priority=Priority.HIGHEST,
        receipt=True,
        notice=True,
        sign=True,
        encrypt=True,
    )
    stored = await post.drafts.save(anna, MAIN, wanted)
    opened = await post.drafts.open(anna, MAIN, stored.ref)
    assert opened == stored
    draft = opened.draft
    assert replace(draft, files=(), sender=wanted.sender) == replace(wanted, files=())
    assert [(one.name, one.content_type, one.cid) for one in draft.files] == [
        ("logo.png", "image/png", "logo@x"),
        ("Bericht März.pdf", "application/pdf", ""),
    ]
    (message,) = await post.messages(anna, "Drafts")
    assert {"\\Draft", "\\Seen"} <= set(message.flags or ())
    (_, paper_source) = (one.source for one in draft.files)
    assert isinstance(paper_source, InDraft)
    assert read_message(message.sections[""]).content(paper_source.path) == b"%PDF\r\n\0" * 50


async def test_a_save_replaces_the_version_before_and_keeps_its_files(post: Post) -> None:
    anna = post.mail.person()
    upload = await post.uploads.put(anna.principal, "a.txt", "text/plain", b"content")
    first = await post.save(anna, files=(DraftFile("a.txt", "text/plain", Uploaded(upload.id)),))
    with pytest.raises(NotFound):
        await post.uploads.get(anna.principal, upload.id)
    changed = replace(first.draft, subject="Other")
    second = await post.drafts.save(anna, MAIN, changed, Replaces(first.message_id, first.version))
    assert (second.message_id, second.version, second.draft.subject) == (first.message_id, 2, "Other")
    (octets,) = await post.octets(anna, "Drafts")
    assert read_message(octets).content("2") == b"content"


async def test_a_save_whose_answer_was_lost_can_be_repeated(post: Post) -> None:
    anna = post.mail.person()
    begun = post.drafts.begin(MailAddress("", f"{anna.principal}@example.org"))
    first = await post.drafts.save(anna, MAIN, post.draft(anna), begun)
    again = await post.drafts.save(anna, MAIN, post.draft(anna), begun)
    assert again == first
    assert len(await post.messages(anna, "Drafts")) == 1


async def test_two_windows_do_not_overwrite_each_other(post: Post) -> None:
    anna = post.mail.person()
    first = await post.save(anna)
    seen = Replaces(first.message_id, first.version)
    await post.drafts.save(anna, MAIN, replace(first.draft, subject="One"), seen)
    with pytest.raises(Conflict, match="elsewhere"):
        await post.drafts.save(anna, MAIN, replace(first.draft, subject="Two"), seen)
    (octets,) = await post.octets(anna, "Drafts")
    assert b"Subject: One" in octets


async def test_a_draft_that_was_deleted_elsewhere_is_saved_all_the_same(post: Post) -> None:
    anna = post.mail.person()
    first = await post.save(anna)
    await post.drafts.delete(anna, MAIN, first.ref)
    assert await post.messages(anna, "Drafts") == []
    again = await post.drafts.save(anna, MAIN, first.draft, Replaces(first.message_id, first.version))
    assert (again.message_id, again.version) == (first.message_id, 2)


async def test_the_old_version_stays_until_the_new_one_is_there(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = post.mail.person()
    first = await post.save(anna)

    async def broken(*_: object, **__: object) -> None:
        raise Unavailable("the mail server has hung up")

    monkeypatch.setattr(Connection, "append", broken)
    with pytest.raises(Unavailable):
        await post.drafts.save(anna, MAIN, first.draft, Replaces(first.message_id, first.version))
    monkeypatch.undo()
    assert (await post.drafts.open(anna, MAIN, first.ref)).draft == first.draft
    monkeypatch.setattr(Connection, "expunge", broken)
    changed = replace(first.draft, subject="New")
    with pytest.raises(Unavailable):
        await post.drafts.save(anna, MAIN, changed, Replaces(first.message_id, first.version))
    monkeypatch.undo()
    again = await post.drafts.save(anna, MAIN, changed, Replaces(first.message_id, first.version))
    assert again.draft.subject == "New"
    third = await post.drafts.save(anna, MAIN, again.draft, Replaces(again.message_id, again.version))
    (octets,) = await post.octets(anna, "Drafts")
    assert b"X-Folkmoot-Version: 3 " in octets
    assert third.version == 3


async def test_messages_and_parts_of_messages_are_attached_from_the_mailbox(post: Post) -> None:
    anna = post.mail.person()
    ref = await post.put(
        anna,
        "INBOX",
        b'Subject: two\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\ntext\n--b\n'
        b"Content-Type: image/gif\nContent-Transfer-Encoding: base64\n\nR0lG\n--b--\n",
    )
    stored = await post.save(
        anna,
        files=(
            DraftFile("two.eml", "message/rfc822", InMessage(ref)),
            DraftFile("x.gif", "image/gif", InMessage(ref, "2")),
        ),
    )
    (octets,) = await post.octets(anna, "Drafts")
    message = read_message(octets)
    assert [part.content_type for part in message.part.children] == ["text/plain", "message/rfc822", "image/gif"]
    assert message.content("3") == b"GIF"
    assert [one.name for one in stored.draft.files] == ["two.eml", "x.gif"]


async def test_a_file_that_is_gone_is_told_and_changes_nothing(post: Post) -> None:
    anna = post.mail.person()
    berta = post.mail.person()
    upload = await post.uploads.put(berta.principal, "a.txt", "text/plain", b"hers")
    for source in (Uploaded(upload.id), Uploaded("0" * 32), Uploaded("../x"), InDraft("2")):
        with pytest.raises(NotFound):
            await post.save(anna, files=(DraftFile("a", "text/plain", source),))
    with pytest.raises(NotFound):
        await post.save(anna, files=(DraftFile("a", "text/plain", InMessage(MessageRef("INBOX", 1, 1))),))
    assert await post.messages(anna, "Drafts") == []


async def test_a_draft_of_another_program_is_opened_with_nothing_lost(post: Post) -> None:
    anna = post.mail.person()
    ref = await post.put(
        anna,
        "Drafts",
        b"From: a@example.org\nTo: Ida <ida@example.net>\nBcc: b@example.net\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\n"
        b"Message-ID: <tb@example.org>\nX-Mozilla-Draft-Info: internal/draft; vcard=0\nMIME-Version: 1.0\n"
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n'
        b"Content-Type: text/plain; charset=iso-8859-1; format=flowed\nContent-Transfer-Encoding: 8bit\n\n"
        b"A long \nline \xfc\n--b\nContent-Type: text/calendar; method=REQUEST; charset=utf-8; name=i.ics\n\nBEGIN\n"
        b"--b\nContent-Type: text/plain\n\nafter\n--b--\n",
        "\\Draft",
    )
    opened = await post.drafts.open(anna, MAIN, ref)
    assert (opened.version, opened.message_id) == (0, "<tb@example.org>")
    assert opened.draft.subject == "Grüße"
    assert opened.draft.bcc == (MailAddress("", "b@example.net"),)
    assert opened.draft.text.split("\n")[0] == "A long line ü"
    assert "after" in opened.draft.text
    (calendar,) = opened.draft.files
    assert (calendar.name, calendar.content_type) == ("i.ics", "text/calendar")
    assert ("method", "REQUEST") in calendar.parameters
    mine = replace(opened.draft, sender=MailAddress("", f"{anna.principal}@example.org"))
    saved = await post.drafts.save(anna, MAIN, mine, Replaces(opened.message_id, 0))
    (octets,) = await post.octets(anna, "Drafts")
    assert b"X-Mozilla" not in octets
    assert saved.message_id == "<tb@example.org>"
    assert ("method", "REQUEST") in saved.draft.files[0].parameters


async def test_nobody_writes_as_somebody_else(post: Post) -> None:
    anna = post.mail.person()
    for sender in (MailAddress("Boss", "boss@example.org"), IDA):
        with pytest.raises(Forbidden, match="not one of your addresses"):
            await post.save(anna, sender=sender)
    for sender in (MailAddress("", ""), MailAddress("", "a@b.org\r\nBcc: c@d.org")):
        with pytest.raises(MalformedInput):
            await post.save(anna, sender=sender)
    with pytest.raises(MalformedInput):
        await post.save(anna, subject="x\r\nBcc: y@example.org")


async def test_only_drafts_are_deleted_as_drafts(post: Post) -> None:
    anna = post.mail.person()
    ref = await post.put(anna, "INBOX", b"Subject: x\n\ny\n")
    with pytest.raises(Conflict, match="no draft"):
        await post.drafts.delete(anna, MAIN, ref)
    assert len(await post.messages(anna, "INBOX")) == 1


async def test_a_message_larger_than_may_be_sent_is_no_draft_either(migrated_file: Path, tmp_path: Path) -> None:
    async with post_on(
        dovecot(), migrated_file, tmp_path, "smtp://127.0.0.1:1", smtp={"message_max_kilobytes": 1}
    ) as post:
        with pytest.raises(TooLarge):
            await post.save(post.mail.person(), text="x" * 2000)
