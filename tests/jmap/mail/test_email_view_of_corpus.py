"""Whatever lies in a mailbox is shown, or told to be missing: the whole corpus, and what tries to break answers."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from folkmoot.database import Database
from folkmoot.jmap.protocol.request import Invocation
from folkmoot.jmap.vendor_mail.view import VIEWS_MAX
from folkmoot.jmap.vendor_mail.view_describing import EmailView
from tests.corpus.samples import samples
from tests.jmap.mail.reading import ids, mail_world, put, reader
from tests.support.jmap import World

pytestmark = [pytest.mark.anyio, pytest.mark.live]

Told = tuple[str, msgspec.Raw, str]
_PARTS = (
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n"
    b"--b\r\nContent-Type: image/\xf6png; name=\xff.png\r\nContent-ID: <\xff\xfe>\r\n\r\nx\r\n"
    b'--b\r\nContent-Type: application/x-\xfc\r\nContent-Disposition: attachment; filename="\xff/../\xfe"\r\n\r\nx\r\n'
    b"--b--\r\n"
)
_LIST = (
    b"List-Id: \xff <\xfe>\r\nList-Unsubscribe: <https://x.test/\xff>\r\nDisposition-Notification-To: \xff@x.y\r\n\r\n"
)
_MEETING = (
    b"Content-Type: text/calendar; method=\xff\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:\xff\r\nBEGIN:VEVENT\r\nUID:\xff\r\n"
    b"SUMMARY:\xff\r\nSEQUENCE:-99999999999999999999\r\nDTSTART:00010101T000000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
_STATUS = (
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: \xff\r\n\r\nFinal-Recipient: \xff\r\nAction: \xff\r\n"
)
STRANGE = (
    _PARTS,
    _LIST,
    _MEETING,
    _STATUS,
    b'Content-Type: te\xffxt/h\xfctml; name="\xff\xfe"\r\n\r\nx',
    b"From: \xff\xfe <\xff@x.test>\r\nReply-To: =?utf-8?B?7aCA?= <a@b.test>\r\nX-Priority: \xff\r\n\r\n\xed\xa0\x80",
    b"Authentication-Results: \xff; dkim=pass header.d=\xff\r\nAutocrypt: \xff\r\n\r\n",
    b"\r\n",
)


@pytest.fixture
async def opened(embedded: Database) -> AsyncIterator[World]:
    async with mail_world(embedded) as made:
        yield made


async def test_every_message_is_shown_and_told_as_described(opened: World) -> None:
    anna = await reader(opened)
    octets = [*(one.octets for one in samples() if 0 < len(one.octets) < 3_000_000), *STRANGE]
    await put(opened, anna, *octets)
    every = await ids(anna, sort=[{"property": "receivedAt"}], limit=5_000)
    assert len(every) == len(octets)
    for start in range(0, len(every), VIEWS_MAX):
        told = await anna.call("EmailView/get", ids=every[start : start + VIEWS_MAX], pictures="show")
        assert told["notFound"] == []
        for one in told["list"]:
            msgspec.json.decode(msgspec.json.decode(Invocation("x", one, "0").encoded(), type=Told)[1], type=EmailView)
            for file in one["attachments"]:
                if file["kind"] == "message":
                    within = await anna.call("EmailView/get", ids=[one["id"]], partId=file["partId"])
                    assert within["list"] or within["notFound"]
