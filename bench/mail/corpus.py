"""Messages as an office has them: threads, lists, newsletters, attachments; the same for each run."""

import base64
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Final

START: Final = datetime(2012, 1, 2, 8, 0, tzinfo=UTC)
APART: Final = timedelta(minutes=75)  # between two messages: 100,000 of them are 14 years
ANSWERED: Final = 0.55  # of all messages are answers
OPEN_THREADS: Final = 400  # conversations that may still be answered


def _words(text: str) -> list[str]:
    return text.split()


_FIRST: Final = _words(
    "Anna Bernd Céline Dieter Elif Françoise Günter Hanna Igor Jürgen Katja Lars Mónica Nils Olga Pál Quentin Rosa"
    " Søren Tomás Ulla Vera Wim Xenia Yusuf Zoë"
)
_LAST: Final = _words(
    "Abel Braun Conti Dupont Ebert Falk Groß Horvát Ibsen Jansen Krause Larsen Müller Novák Olsen Peña"
)
_WORDS: Final = _words(
    "agenda answer archive budget calendar change client contract copy customer data date deadline delivery design"
    " discount document draft estimate event feedback figures forecast gate holiday idea invoice issue item kitchen"
    " launch letter list machine mail market meeting minutes month note number offer office order outline paper"
    " parcel payment plan price print product project proposal quarter question quote release report request result"
    " review room sample schedule server shipment sketch stand status summary table talk task team ticket travel"
    " update vendor version visit week workshop the and with for from until about before after because please we you"
    " they our next last new open short clear again still soon today tomorrow kindly thanks regards"
)
_LISTS: Final = ("builders", "kitchen", "all-hands", "sales", "support", "board")


@dataclass(frozen=True, slots=True)
class Made:
    """A message and what the mailbox knows of it."""

    octets: bytes
    received: datetime
    flags: tuple[str, ...]


@dataclass(slots=True)
class _Thread:
    subject: str
    ids: list[str]


def messages(count: int, seed: int = 1) -> Iterator[Made]:
    """Yield messages, oldest first."""
    chance = random.Random(seed)
    threads: list[_Thread] = []
    for number in range(count):
        when = START + number * APART + timedelta(seconds=chance.randrange(3600))
        identifier = f"<{number:06d}.{chance.getrandbits(40):010x}@mail.example.com>"
        answers = bool(threads) and chance.random() < ANSWERED
        if answers:
            thread = chance.choice(threads)
        else:
            thread = _Thread(" ".join(chance.choices(_WORDS, k=chance.randrange(2, 7))).capitalize(), [])
            threads.append(thread)
            if len(threads) > OPEN_THREADS:
                threads.pop(chance.randrange(OPEN_THREADS // 2))
        octets = _message(chance, thread, identifier, when)
        thread.ids.append(identifier)
        flags: tuple[str, ...] = ("\\Seen",) if chance.random() < 0.93 else ()
        if chance.random() < 0.04:
            flags += ("\\Flagged",)
        if chance.random() < 0.2:
            flags += ("\\Answered",)
        if chance.random() < 0.03:
            flags += (f"$label{chance.randrange(1, 6)}",)
        yield Made(octets, when + timedelta(seconds=chance.randrange(90)), flags)


def _message(chance: random.Random, thread: _Thread, identifier: str, when: datetime) -> bytes:
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    host = chance.choice(("example.com", "example.net", "partner.example", "shop.example"))
    relays = "".join(
        f"Received: from mx{n}.{host} (mx{n}.{host} [192.0.2.{chance.randrange(250)}])\r\n"
        f"\tby mail.example.com (Postfix) with ESMTPS id {chance.getrandbits(48):012X}\r\n"
        f"\tfor <eva@example.com>; {format_datetime(when)}\r\n"
        for n in range(chance.randrange(1, 4))
    )
    lines = [
        f"From: {_encoded(f'{first} {last}')} <{_plain(first)}.{_plain(last)}@{host}>",
        "To: Eva Example <eva@example.com>"
        + "".join(f",\r\n\t{n}@example.com" for n in ("team", "otto")[: chance.randrange(3)]),
        f"Subject: {'Re: ' if thread.ids else ''}{_encoded(thread.subject)}",
        f"Date: {format_datetime(when)}",
        f"Message-ID: {identifier}",
        "MIME-Version: 1.0",
    ]
    if thread.ids:
        lines += [f"In-Reply-To: {thread.ids[-1]}", "References: " + "\r\n ".join(thread.ids[-12:])]
    if chance.random() < 0.25:
        name = chance.choice(_LISTS)
        lines += [f"List-Id: <{name}.lists.example.com>", f"List-Unsubscribe: <mailto:{name}-leave@example.com>"]
    if chance.random() < 0.05:
        lines.append(f"X-Priority: {chance.choice((1, 2, 4, 5))}")
    text = _text(chance)
    kind = chance.random()
    if kind < 0.45:
        body = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", text]
    else:
        mark = f"=_{chance.getrandbits(64):016x}"
        html = "<html><body>" + "".join(f"<p>{line}</p>\r\n" for line in text.split("\r\n")) + "</body></html>"
        alternative = [
            f'Content-Type: multipart/alternative; boundary="a{mark}"',
            "",
            f"--a{mark}",
            "Content-Type: text/plain; charset=utf-8",
            "",
            text,
            f"--a{mark}",
            "Content-Type: text/html; charset=utf-8",
            "",
            html,
            f"--a{mark}--",
        ]
        if kind < 0.85:
            body = alternative
        else:
            load = base64.encodebytes(chance.randbytes(chance.randrange(600, 6000))).decode().replace("\n", "\r\n")
            body = [
                f'Content-Type: multipart/mixed; boundary="m{mark}"',
                "",
                f"--m{mark}",
                *alternative,
                f"--m{mark}",
                'Content-Type: application/pdf; name="report.pdf"',
                "Content-Transfer-Encoding: base64",
                'Content-Disposition: attachment; filename="report.pdf"',
                "",
                load,
                f"--m{mark}--",
            ]
    return (relays + "\r\n".join([*lines, *body]) + "\r\n").encode()


def _text(chance: random.Random) -> str:
    paragraphs = [
        " ".join(chance.choices(_WORDS, k=chance.randrange(8, 60))).capitalize() + "."
        for _ in range(chance.randrange(2, 7))
    ]
    return "\r\n".join(paragraphs)


def _encoded(text: str) -> str:
    return text if text.isascii() else f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def _plain(name: str) -> str:
    return name.encode("ascii", "ignore").decode().lower()
