"""Whatever octets a mailbox holds, they are read, shown and searched; never an error, never long, never unsafe."""

import os
import random
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.mime.headers import addresses, decode, message_ids, parse_headers
from folkmoot.mime.html import sanitise
from folkmoot.mime.markup import text_of
from folkmoot.mime.reading import read_message
from folkmoot.mime.rendering import RenderOptions, needed, render
from tests.mime.test_sanitising import check
from tests.mime.trick_files import TRICKS
from tests.support.fuzz import fuzz_inputs

SECONDS_MAX = 5
OPTIONS = RenderOptions(cid=lambda path: f"/part/{path}", proxy=lambda url: f"/picture/{len(url)}")
SAMPLE = b"""\
From: "A. Person" <a@example.com>, =?utf-8?q?B=C3=A4r?= <b@example.com>
To: group: c@example.com, d@example.com;
Subject: =?iso-8859-1?q?Gr=FC=DFe?= =?utf-8?b?w6Q=?=
Date: Mon, 23 Nov 2026 20:13:00 +0100
Content-Type: multipart/mixed; boundary="outer"

preamble
--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=utf-8; format=flowed
Content-Transfer-Encoding: quoted-printable

words =C3=A4 \nflow
> quoted http://x.test/
--inner
Content-Type: multipart/related; boundary=rel; start="<root>"

--rel
Content-Type: text/html; charset=iso-8859-1
Content-ID: <root>

<style>.a{color:red}@media (max-width:400px){.a{width:9px}}</style><p class=a>Hello <img src="cid:p@x">
<table><tr><td background=http://x.test/b>x<a href="http://y.test/">z</a></table>
--rel
Content-Type: image/png; name*0*=utf-8''a%C3; name*1*=%A4.png
Content-ID: <p@x>
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--rel--
--inner--
--outer
Content-Type: message/rfc822

Subject: within
Content-Type: message/delivery-status

Final-Recipient: rfc822; a@b.test
Action: failed

begin 644 a.txt
#0V%T
`
end
--outer
Content-Type: text/calendar; method=REPLY

BEGIN:VCALENDAR
--outer--
epilogue
""".replace(b"\n", b"\r\n")  # fmt: skip


def survive(octets: bytes) -> None:
    begun = time.process_time()
    message = read_message(octets)
    for plain in (False, True):
        names = needed(message.part, prefer_plain=plain)
        rendered = render(message.part, message.sections(names), OPTIONS)
        assert "<script" not in rendered.html.lower()
        for attachment in rendered.attachments:
            message.content(attachment.path)
            assert "/" not in attachment.name
            assert attachment.name.encode()
        rendered.document.encode()
    for name in ("from", "to"):
        message.headers().addresses(name)
    assert time.process_time() - begun < SECONDS_MAX, octets


def mutated(sample: bytes, count: int, seed: int) -> Iterator[bytes]:
    source = random.Random(seed)
    tokens = [
        b"--outer",
        b"--inner--",
        b"\r\n\r\n",
        b"Content-Type: ",
        b"multipart/",
        b'"',
        b"=?utf-8?q?",
        b"<",
        b"\0",
        b"message/rfc822",
    ]
    for _ in range(count):
        octets = bytearray(sample)
        for _ in range(source.randint(1, 8)):
            position = source.randrange(len(octets) + 1)
            match source.randrange(5):
                case 0:
                    del octets[position : position + source.randint(1, 40)]
                case 1:
                    octets[position:position] = source.choice(tokens)
                case 2:
                    octets[position : position + 1] = bytes([source.randrange(256)])
                case 3:
                    start = source.randrange(len(octets) + 1)
                    octets[position:position] = octets[start : start + source.randint(1, 200)]
                case 4:
                    octets = octets[: max(position, 1)] + octets[source.randrange(len(octets) + 1) :]
        yield bytes(octets)


@given(st.binary())
def test_any_octets_are_a_message(octets: bytes) -> None:
    survive(octets)
    survive(b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" + octets + b"\r\n--a--")
    parse_headers(octets)
    decode(octets)
    addresses(octets)
    message_ids(octets)


def test_damaged_messages_are_shown() -> None:
    survive(SAMPLE)
    for octets in mutated(SAMPLE, 400, seed=2026):
        survive(octets)


def test_damaged_tricks_are_safe() -> None:
    tricks = "\n".join(TRICKS.values()).encode()
    source = random.Random(2026)
    for _ in range(150):
        start = source.randrange(len(tricks))
        document = tricks[start : start + source.randint(50, 1500)].decode("utf-8", "replace")
        once = sanitise(document).html
        check(once)
        assert sanitise(once).html == once
        text_of(document)


@pytest.mark.nightly
def test_a_great_many_damaged_messages_are_shown() -> None:
    seed = int(os.environ.get("FOLKMOOT_FUZZ_SEED", "1"))
    for octets in mutated(SAMPLE, fuzz_inputs(1_000_000) // 5, seed=seed):
        survive(octets)


@pytest.mark.nightly
def test_a_great_many_damaged_tricks_are_safe() -> None:
    tricks = "\n".join(TRICKS.values()).encode()
    source = random.Random(int(os.environ.get("FOLKMOOT_FUZZ_SEED", "1")))
    for damaged in mutated(tricks[:20_000], fuzz_inputs(1_000_000) // 100, seed=source.randrange(2**32)):
        once = sanitise(damaged.decode("utf-8", "replace")).html
        check(once)
        assert sanitise(once).html == once
