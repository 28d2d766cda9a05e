"""One hostile message breaks no list: each lies in a real Dovecot, and is listed, sorted, joined, sought and shown."""

import pytest

from folkmoot.mail.imap import criteria
from folkmoot.mailboxes.listing import Listing, ListQuery
from folkmoot.mailboxes.sorting import Level, SortBy
from folkmoot.mailboxes.values import MAIN
from folkmoot.mime.reading import read_message
from folkmoot.mime.rendering import needed, render
from tests.support.mailboxes import Mail

pytestmark = [pytest.mark.anyio, pytest.mark.live]

NESTED = b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (number, number) for number in range(300)
)
HOSTILE = {
    "nothing": b"\r\n",
    "no header": b"\r\nHello",
    "no body": b"Subject: x",
    "octets": bytes(range(1, 256)).replace(b"\r", b"").replace(b"\n", b"") * 20 + b"\r\n\r\nx",
    "octets in fields": b"".join(
        name + b": " + bytes(range(128, 256)) + b"\r\n"
        for name in (b"From", b"To", b"Subject", b"Date", b"Message-ID", b"References", b"Content-Type", b"List-ID")
    )
    + b"\r\nx",
    "literal in the subject": b"Subject: x {100}\r\nFrom: a {7}\r\n b <a@example.net>\r\n\r\n{100}\r\n* BYE\r\n",
    "answers in the subject": b'Subject: ") FLAGS (\\Deleted)\r\n * 1 FETCH (UID 1)\r\n'
    b'Message-ID: <a"\\b{3}@x>\r\n\r\nx',
    "many fields": b"".join(b"X-%d: a\r\n" % number for number in range(100_000)) + b"\r\nx",
    "many recipients": b"To: " + b"a@example.net,\r\n " * 50_000 + b"b@example.net\r\n\r\nx",
    "many references": b"References: " + b"".join(b"<%d@x>\r\n " % number for number in range(20_000)) + b"\r\n\r\nx",
    "many parts": b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\n" * 50_000,
    "deep parts": NESTED,
    "deep messages": b"Content-Type: message/rfc822\r\n\r\n" * 500,
    "dates": b"Date: 99 Foo 99999 99:99:99 +9999\r\nReceived: x; 1 Jan 0000 00:00:00 +0000\r\n\r\nx",
    "groups": b"From: " + b"a:" * 5_000 + b';\r\nTo: undisclosed:;, <>, <@>, ""\r\nCc: ((((\r\nReply-To: <a\r\n\r\nx',
    "long word": b"Subject: =?utf-8?b?" + b"4oCu" * 50_000 + b"?=\r\n\r\nx",
    "words of nothing": b"Subject: " + b"=?utf-8?q?=?= " * 5_000 + b"\r\n\r\nx",
    "own parent": b"Message-ID: <1@x>\r\nReferences: <1@x> <2@x> <1@x>\r\nIn-Reply-To: <1@x>\r\n\r\nx",
    "parent of the parent": b"Message-ID: <2@x>\r\nReferences: <1@x> <2@x>\r\nIn-Reply-To: <1@x>\r\n\r\nx",
    "parameters": b"Content-Type: text/html; " + b"".join(b"a*%d=x;" % n for n in range(5_000)) + b"\r\n\r\nx",
    "names": b'Content-Type: a/b; name="../../\r\n etc/passwd"\r\n'
    b"Content-Disposition: attachment; filename*=x''%00%0a\r\n\r\n",
    "priority": b"X-Priority: " + b"9" * 10_000 + b"\r\nImportance: \xff\r\nContent-Transfer-Encoding: \x80\r\n\r\nx",
}


async def test_no_message_breaks_the_list_of_its_mailbox(mail: Mail) -> None:
    anna = mail.person()
    async with mail.access.selected(anna, MAIN, "INBOX", write=True) as connection:
        for octets in HOSTILE.values():
            await connection.append("INBOX", octets)
    listing = Listing(mail.access)
    for sort_by in SortBy:
        for threaded in (False, True):
            query = ListQuery(sort=(Level(sort_by, keyword="$Forwarded"),), threaded=threaded, limit=100)
            window = await listing.window(anna, MAIN, "INBOX", query)
            assert len(window.rows) == window.total
            assert threaded or window.total == len(HOSTILE)
    async with mail.access.selected(anna, MAIN, "INBOX") as connection:
        assert len(await connection.search(criteria.text('\r\n" {3}\\ * BYE ü'))) == 0
        assert await connection.thread(criteria.all_())


@pytest.mark.parametrize("kind", HOSTILE)
async def test_each_message_is_shown_from_what_the_server_makes_of_it(mail: Mail, kind: str) -> None:
    anna = mail.person()
    async with mail.access.selected(anna, MAIN, "INBOX", write=True) as connection:
        uid = (await connection.append("INBOX", HOSTILE[kind])).uid or 0
    async with mail.access.selected(anna, MAIN, "INBOX") as connection:
        (looked,) = await connection.fetch([uid], ["ENVELOPE", "BODYSTRUCTURE", "RFC822.SIZE", "INTERNALDATE", "FLAGS"])
        assert looked.structure is not None
        names = needed(looked.structure)
        (found,) = await connection.fetch([uid], [f"BODY.PEEK[{name}]" for name in names][:100])
        render(looked.structure, found.sections)
        octets = await connection.fetch_part(uid, "", limit=100_000_000)
    whole = read_message(octets)
    render(whole.part, whole.sections(needed(whole.part)))
