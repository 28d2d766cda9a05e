"""Messages shown, and their attachments downloaded, from a mail server."""

import base64
import io
import random
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound
from folkmoot.mailboxes.downloading import PIECE_OCTETS, Downloading
from folkmoot.mailboxes.reading import MessageView, Reading, ViewOptions
from folkmoot.mailboxes.values import MAIN, MessageRef
from folkmoot.mime.rendering import RenderOptions
from tests.corpus.samples import sample
from tests.mailboxes.test_certificates import Signed, services
from tests.support.dovecot import dovecot
from tests.support.mailboxes import mail_on

pytestmark = [pytest.mark.anyio, pytest.mark.live]

_INVITATION = """\
From: ida@example.org\r
To: anna@example.org\r
Subject: Sitzung\r
Disposition-Notification-To: ida@example.org\r
MIME-Version: 1.0\r
Content-Type: multipart/alternative; boundary=x\r
\r
--x\r
Content-Type: text/plain\r
\r
Kommst du?\r
--x\r
Content-Type: text/calendar; method=REQUEST; charset=utf-8\r
\r
BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//x//y\r
METHOD:REQUEST\r
BEGIN:VEVENT\r
UID:sitzung-1\r
DTSTAMP:20260101T000000Z\r
DTSTART:20260301T090000Z\r
DTEND:20260301T100000Z\r
SUMMARY:Sitzung\r
ORGANIZER:mailto:ida@example.org\r
ATTENDEE:mailto:anna@example.org\r
END:VEVENT\r
END:VCALENDAR\r
--x--\r
"""


@dataclass
class Reader:
    signed: Signed
    reading: Reading
    downloading: Downloading

    def person(self) -> Caller:
        return self.signed.mail.person()

    async def put(self, caller: Caller, octets: bytes) -> MessageRef:
        async with self.signed.mail.access.selected(caller, MAIN, "INBOX", write=True) as connection:
            appended = await connection.append("INBOX", octets)
        assert appended.uid is not None
        assert appended.uid_validity is not None
        return MessageRef("INBOX", appended.uid_validity, appended.uid)

    async def view(self, caller: Caller, ref: MessageRef, path: str = "") -> MessageView:
        options = ViewOptions(RenderOptions(cid=lambda part: f"/picture/{part}"), path)
        return await self.reading.view(caller, MAIN, ref, options)

    async def content(self, caller: Caller, ref: MessageRef, path: str, index: int = 0) -> bytes:
        download = await self.downloading.part(caller, MAIN, ref, path, index=index)
        return b"".join([piece async for piece in download.pieces])

    async def zip(self, caller: Caller, ref: MessageRef) -> dict[str, bytes]:
        pieces = [piece async for piece in self.downloading.zip(caller, MAIN, ref, await self.view(caller, ref))]
        with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as made:
            return {name: made.read(name) for name in made.namelist()}


@pytest.fixture
async def reader(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Reader]:
    async with mail_on(dovecot(), migrated_file, tmp_path) as mail:
        signed = services(mail)
        reading = Reading(mail.access, signed.opening, _own_state)
        yield Reader(signed, reading, Downloading(mail.access, reading))


async def _own_state(_: Caller, uid: str) -> str:
    return f"known {uid}"


def _with_file(content: bytes, *, inner: bytes = b"") -> bytes:
    within = b"--x\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n" if inner else b""
    return (
        b"From: Ida <ida@example.org>\r\nTo: anna@example.org\r\nSubject: Files\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nSee <file>.\r\n--x\r\n"
        b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="r\xc3\xa9sum\xc3\xa9.pdf"\r\n\r\n'
        + base64.encodebytes(content).replace(b"\n", b"\r\n")
        + within
        + b"--x--\r\n"
    )


async def test_a_message_is_shown_in_two_questions_and_stays_unread(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = reader.person()
    ref = await reader.put(anna, _with_file(b"pdf" * 1000))
    asked = []
    from folkmoot.mail.imap.connection import Connection

    real = Connection.fetch

    async def counted(self: Connection, *arguments: object, **named: object) -> object:
        asked.append(arguments)
        return await real(self, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Connection, "fetch", counted)
    view = await reader.view(anna, ref)
    assert len(asked) == 2
    assert "See &lt;file&gt;." in view.rendered.html
    assert view.summary.subject == "Files"
    assert view.headers.text("from") == "Ida <ida@example.org>"
    assert [(one.path, one.name) for one in view.rendered.attachments] == [("2", "résumé.pdf")]
    assert view.opened is None
    assert not (await reader.view(anna, ref)).summary.seen


async def test_an_attachment_is_decoded_while_it_is_fetched(reader: Reader) -> None:
    anna = reader.person()
    content = random.Random(3).randbytes(3 * PIECE_OCTETS + 17)
    octets = _with_file(content)
    ref = await reader.put(anna, octets)
    assert await reader.content(anna, ref, "2") == content
    source = await reader.downloading.source(anna, MAIN, ref)
    assert b"".join([piece async for piece in source.pieces]) == octets
    assert source.size == len(octets)
    assert await reader.zip(anna, ref) == {"résumé.pdf": content}


async def test_a_message_within_a_message_is_shown_alone(reader: Reader) -> None:
    anna = reader.person()
    ref = await reader.put(anna, _with_file(b"outer", inner=_with_file(b"inner").replace(b"Files", b"Within")))
    outer = await reader.view(anna, ref)
    assert {one.path for one in outer.rendered.attachments} == {"2", "3", "3.2"}
    inner = await reader.view(anna, ref, "3")
    assert inner.headers.text("subject") == "Within"
    assert inner.summary.subject == "Files"
    assert [one.path for one in inner.rendered.attachments] == ["3.2"]
    assert await reader.content(anna, ref, "3.2") == b"inner"
    assert (await reader.content(anna, ref, "3")).startswith(b"From: Ida")


async def test_what_was_signed_and_encrypted_is_opened_and_its_parts_have_names(reader: Reader) -> None:
    anna = reader.person()
    await reader.signed.with_key(anna)
    account = await reader.signed.mail.access.account(anna, MAIN)
    letter = _with_file(b"secret").replace(b"ida@example.org", f"{anna.principal}@example.org".encode())
    octets = await reader.signed.certificates.protect(
        anna, account, letter, (f"{anna.principal}@example.org",), sign=True, encrypt=True
    )
    ref = await reader.put(anna, octets)
    view = await reader.view(anna, ref)
    assert view.opened is not None
    assert view.opened.decrypted
    assert [one.verdict for one in view.opened.signatures] == ["valid"]
    assert [one.path for one in view.rendered.attachments] == ["~2"]
    assert await reader.content(anna, ref, "~2") == b"secret"
    assert await reader.zip(anna, ref) == {"résumé.pdf": b"secret"}


async def test_who_has_no_key_is_told_so(reader: Reader) -> None:
    anna, ida = reader.person(), reader.person()
    await reader.signed.with_key(anna)
    account = await reader.signed.mail.access.account(anna, MAIN)
    octets = await reader.signed.certificates.protect(
        anna, account, reader.signed.message(anna), (f"{anna.principal}@example.org",), sign=False, encrypt=True
    )
    view = await reader.view(ida, await reader.put(ida, octets))
    assert "no key" in view.fault
    assert [one.content_type for one in view.rendered.attachments] == ["application/pkcs7-mime"]


async def test_winmail_becomes_what_is_in_it(reader: Reader) -> None:
    anna = reader.person()
    ref = await reader.put(anna, sample("winmail-text-and-file").octets)
    view = await reader.view(anna, ref)
    (pdf,) = [one for one in view.rendered.attachments if one.content_type == "application/pdf"]
    assert pdf.path.startswith("~")
    assert await reader.content(anna, ref, pdf.path)


async def test_meetings_are_read_and_known_ones_told(reader: Reader) -> None:
    anna = reader.person()
    view = await reader.view(anna, await reader.put(anna, _INVITATION.encode()))
    (calendar,) = view.calendars
    assert calendar.summary is not None
    assert (calendar.method, calendar.summary.uid, calendar.own) == ("REQUEST", "sitzung-1", "known sitzung-1")
    assert [one.address for one in view.receipt_to] == ["ida@example.org"]
    assert "Kommst du?" in view.rendered.html


async def test_a_file_within_the_text_is_downloaded(reader: Reader) -> None:
    anna = reader.person()
    text = b"Subject: old\r\n\r\nHello\r\nbegin 644 a.txt\r\n%:&5L;&\\\r\n`\r\nend\r\nBye\r\n"
    ref = await reader.put(anna, text)
    view = await reader.view(anna, ref)
    (one,) = view.rendered.attachments
    assert (one.path, one.index, one.name) == ("1", 1, "a.txt")
    assert await reader.content(anna, ref, "1", 1) == b"hello"
    assert await reader.zip(anna, ref) == {"a.txt": b"hello"}


@pytest.mark.parametrize("path", ["9", "2.7", "0", "x", "1.HEADER", "~", "~9", "1] BODY[", "1~~1", ""])
async def test_what_is_not_there_is_not_found(reader: Reader, path: str) -> None:
    anna = reader.person()
    ref = await reader.put(anna, _with_file(b"x"))
    with pytest.raises(NotFound):
        await reader.content(anna, ref, path)


async def test_other_messages_and_other_people_are_not_found(reader: Reader) -> None:
    anna, ida = reader.person(), reader.person()
    ref = await reader.put(anna, _with_file(b"x"))
    for caller, one in ((anna, MessageRef("INBOX", ref.uid_validity, 99)), (anna, MessageRef("INBOX", 1, ref.uid))):
        with pytest.raises(NotFound):
            await reader.view(caller, one)
        with pytest.raises(NotFound):
            await reader.downloading.source(caller, MAIN, one)
        with pytest.raises(NotFound):
            await reader.reading.headers(caller, MAIN, one)
    with pytest.raises(NotFound):
        await reader.reading.view(ida, anna.principal, ref)
