"""Whatever a server says: it is understood, or the connection fails in a way that callers expect."""

import random
import time
from collections.abc import Awaitable, Callable
from typing import cast

import pytest

from folkmoot.core.errors import FolkmootError, Unavailable
from folkmoot.mail.channel import Channel
from folkmoot.mail.imap import criteria as c
from folkmoot.mail.imap.connection import Connection, Manners
from folkmoot.mail.imap.dialogue import Dialogue
from folkmoot.mail.imap.session import Session
from tests.support.fuzz import fuzz_inputs

pytestmark = pytest.mark.anyio
SECONDS_MAX = 2.0  # for one command and what a hostile server says to it
ALL = frozenset(
    {
        "IMAP4REV1",
        "LITERAL+",
        "ENABLE",
        "IDLE",
        "SORT",
        "THREAD=REFERENCES",
        "UNSELECT",
        "NAMESPACE",
        "UIDPLUS",
        "LIST-EXTENDED",
        "ESEARCH",
        "CONDSTORE",
        "QRESYNC",
        "SPECIAL-USE",
        "LIST-STATUS",
        "MOVE",
        "METADATA",
        "QUOTA",
        "ACL",
        "NOTIFY",
    }
)
BOX = b'(("Ida" NIL "ida" "example.org"))'
PART = b'("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "7BIT" 12 2 NIL ("inline" ("filename" "a")) NIL NIL)'
SAID = (
    b'* LIST (\\HasNoChildren \\Sent) "/" "Entw&APw-rfe"\r\n',
    b"* LIST () NIL {5}\r\nA & B\r\n",
    b'* LSUB () "." x\r\n',
    b"* STATUS INBOX (MESSAGES 3 UNSEEN 1 UIDNEXT 9 HIGHESTMODSEQ 7 SIZE 5)\r\n",
    b"* 3 EXISTS\r\n",
    b"* 1 EXPUNGE\r\n",
    b"* VANISHED (EARLIER) 41,43:116\r\n",
    b"* FLAGS (\\Seen foo]bar)\r\n",
    b"* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n",
    b"* OK [UIDVALIDITY 9] x\r\n",
    b"* OK [HIGHESTMODSEQ 9] x\r\n",
    b"* OK [CLOSED]\r\n",
    b"* OK [COPYUID 5 1:3 90:92] x\r\n",
    b'* 1 FETCH (UID 1 FLAGS (\\Seen $x) MODSEQ (12) RFC822.SIZE 44 INTERNALDATE " 1-Jun-2026 10:00:00 +0000")\r\n',
    b'* 1 FETCH (UID 1 ENVELOPE (NIL "s" ' + BOX * 1 + b" NIL NIL " + BOX + b' NIL NIL NIL "<1@x>"))\r\n',
    b"* 2 FETCH (UID 2 BODYSTRUCTURE (" + PART + PART + b' "MIXED" ("BOUNDARY" "b") NIL NIL NIL))\r\n',
    b'* 2 FETCH (UID 2 BODYSTRUCTURE ("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 5 (NIL NIL) ' + PART + b" 2))\r\n",
    b'* 1 FETCH (UID 1 BODY[1.2]<0> {5}\r\nhello BODY[HEADER.FIELDS (REFERENCES)] "")\r\n',
    b"* SEARCH 1 2 3 (MODSEQ 9)\r\n",
    b'* ESEARCH (TAG "f1") UID COUNT 2 ALL 1:2,7 MODSEQ 9\r\n',
    b"* SORT 3 1 2\r\n",
    b"* THREAD (1 (2)(3 4))((5)(6))\r\n",
    b'* NAMESPACE (("" "/")) NIL (("shared/" "/"))\r\n',
    b'* QUOTAROOT INBOX ""\r\n* QUOTA "" (STORAGE 10 512)\r\n',
    b"* ACL INBOX ida lrs per lr\r\n",
    b"* MYRIGHTS INBOX lrsw\r\n",
    b'* METADATA INBOX (/private/comment "x")\r\n',
    b"* BYE x\r\n",
    b"+ go on\r\n",
    b"f1 OK [APPENDUID 9 12] x\r\n",
    b"f1 OK [READ-ONLY]\r\n",
    b"f1 NO [OVERQUOTA] x\r\n",
    b"f1 OK [MODIFIED 1:2] x\r\n",
    b"f2 OK\r\nf3 OK\r\nf4 BAD x\r\n",
)
MARKS = (
    b"(",
    b")",
    b'"',
    b"\\",
    b"{3}\r\n",
    b"{",
    b"}",
    b"\r\n",
    b"\n",
    b"[",
    b"]",
    b" ",
    b"NIL",
    b"\xff",
    b"\0",
    b"9" * 30,
)


async def _hear(one: Connection) -> None:
    async for _ in one.idle(0.001):
        pass


STEPS: tuple[Callable[[Connection], Awaitable[object]], ...] = (
    lambda one: one.list(status=["MESSAGES"]),
    lambda one: one.list(subscribed=True),
    lambda one: one.status("INBOX", ["MESSAGES", "SIZE"]),
    lambda one: one.select("INBOX", write=True, since=(9, 5)),
    lambda one: one.fetch("1:*", ["FLAGS", "ENVELOPE", "BODYSTRUCTURE", "BODY.PEEK[1.2]"]),
    lambda one: one.changes(5),
    lambda one: one.fetch_part(1, "1.2", limit=1_000),
    lambda one: one.search(c.body("ü")),
    lambda one: one.sort(["DATE", "SUBJECT"], c.all_()),
    lambda one: one.thread(c.all_()),
    lambda one: one.store([1, 2], add=["\\Seen"], unchanged_since=5),
    lambda one: one.move([1, 2], "Sent"),
    lambda one: one.expunge([1]),
    lambda one: one.append("INBOX", b"x" * 5_000),
    lambda one: one.create("a"),
    lambda one: one.rename("a", "b"),
    lambda one: one.namespaces(),
    lambda one: one.get_rights("INBOX"),
    lambda one: one.my_rights("INBOX"),
    lambda one: one.quota("INBOX"),
    lambda one: one.get_metadata("INBOX", ["/private/comment"]),
    _hear,
    lambda one: one.logout(),
)


class _Said:
    """A channel that gives what was prepared, in pieces, and then hangs up."""

    def __init__(self, octets: bytes, step: int) -> None:
        self._pieces = [octets[start : start + step] for start in range(0, len(octets), step)][::-1]
        self.ended = False

    async def read(self, seconds: float) -> bytes:
        if not self._pieces:
            self.ended = True
            raise Unavailable("the mail server has hung up")
        return self._pieces.pop()

    def write(self, octets: bytes) -> None:
        assert octets.endswith(b"\r\n") or b"{" not in octets

    async def drain(self, seconds: float) -> None: ...

    def close(self) -> None:
        self.ended = True


def hostile(chance: random.Random) -> bytes:
    """Return what a server might say: things that servers say, damaged."""
    said = b"".join(chance.choice(SAID) for _ in range(chance.randint(0, 8)))
    damaged = bytearray(said + b"f1 OK\r\nf2 OK\r\nf3 OK\r\n")
    for _ in range(chance.choice((0, 1, 3, 10))):
        where = chance.randrange(len(damaged) + 1)
        match chance.randrange(4):
            case 0:
                damaged[where:where] = chance.choice(MARKS)
            case 1:
                del damaged[where : where + chance.randint(1, 8)]
            case 2:
                damaged[where : where + 1] = bytes([chance.randrange(256)])
            case _:
                end = where + chance.randint(1, 40)
                damaged[where:where] = damaged[where:end] * chance.randint(1, 3)
    return bytes(damaged)


async def survive(chance: random.Random) -> None:
    octets = hostile(chance)
    channel = cast("Channel", _Said(octets, chance.choice((1, 7, 100_000))))
    old = chance.random() < 0.3
    session = Session(
        Dialogue(channel, literal_max=10_000), ALL & {"IMAP4REV1"} if old else ALL, frozenset({"QRESYNC"})
    )
    one = Connection(session, Manners())
    begun = time.process_time()
    for step in chance.sample(STEPS, 2):
        try:
            await step(one)
        except FolkmootError:
            if not one.usable:
                break
    assert time.process_time() - begun < SECONDS_MAX, octets


async def test_damaged_answers_are_understood_or_refused() -> None:
    for number in range(2_500):
        await survive(random.Random(number))


@pytest.mark.nightly
async def test_a_great_many_damaged_answers_are_understood_or_refused() -> None:
    for number in range(fuzz_inputs(300_000)):
        await survive(random.Random(number))
