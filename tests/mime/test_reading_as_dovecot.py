"""Parts are found and numbered as Dovecot does it, for whole and for broken messages."""

import random
from collections.abc import AsyncIterator, Iterator

import pytest

from folkmoot.mail.credentials import Password
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.server import MailServer
from folkmoot.mime.part import Part
from folkmoot.mime.reading import read_message
from tests.support.dovecot import PASSWORD, dovecot, somebody

pytestmark = [pytest.mark.live, pytest.mark.anyio]

MESSAGES = 120
_LEAVES = (
    "Content-Type: text/plain\r\n\r\nwords\r\nmore words",
    "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=C3=A4",
    "Content-Type: image/png\r\nContent-ID: <a@b>\r\nContent-Disposition: inline; filename=a.png\r\n\r\nAAAA\r\n",
    "\r\nno header",
    "Content-Type: application/x; name*0*=utf-8''a; name*1=b\r\nContent-Language: de, en\r\n\r\n",
    'Content-Description: told\r\nContent-Type: TEXT/Plain (a comment); Charset="us-ascii"\r\n\r\n--no\r\n-- \r\n',
    "Content-Type: multipart/mixed\r\n\r\nno boundary named",
    "Content-Type: text/plain; charset\r\n\r\nx",
)


class _Writer:
    """Writes messages of any shape; the seed makes them the same each time."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._boundaries = 0

    def message(self, depth: int = 0) -> str:
        return f"From: a@example.com\r\nSubject: s{depth}\r\n{self.entity(depth)}"

    def entity(self, depth: int) -> str:
        pick = self._random.random()
        if depth > 4 or pick < 0.35:
            return self._random.choice(_LEAVES)
        if pick < 0.5:
            return f"Content-Type: message/rfc822\r\n\r\n{self.message(depth + 1)}"
        self._boundaries += 1
        # Some are the beginning of others, or the same as another.
        boundary = self._random.choice([f"b{self._boundaries}", "same", "b", f"b{self._boundaries}--x"])
        subtype = self._random.choice(["mixed", "alternative", "digest", "related", "signed", "x-own"])
        lines = [f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n']
        lines.append(self._random.choice(["", "preamble\r\n", "--\r\n"]))
        lines.extend(
            f"--{boundary}{self._random.choice(['', '', ' ', 'x'])}\r\n{self.entity(depth + 1)}\r\n"
            for _ in range(self._random.randint(0, 4))
        )
        lines.append(
            self._random.choice([f"--{boundary}--\r\n", f"--{boundary}--\r\nepilogue\r\n", "", f"--{boundary}--"])
        )
        return "".join(lines)


def _implied(structure: Part) -> frozenset[str]:
    """Where Dovecot puts an empty part, as a multipart must have one; ours holds what stands there."""
    return frozenset(
        part.children[0].path
        for part in _all(structure)
        if part.is_multipart and len(part.children) == 1 and not part.children[0].size
    )


def _told(part: Part, implied: frozenset[str]) -> tuple[object, ...]:
    if part.is_multipart or part.path in implied:
        return part.path, part.content_type
    return part.path, part.content_type, part.encoding, part.size, part.id, part.disposition


def _all(part: Part) -> Iterator[Part]:
    pending = [part]
    while pending:
        one = pending.pop()
        yield one
        pending.extend(reversed(one.children))


@pytest.fixture
async def connection() -> AsyncIterator[Connection]:
    opened = await Connection.open(MailServer("127.0.0.1", dovecot().imap), Password(somebody(), PASSWORD))
    await opened.select("INBOX", write=True)
    yield opened
    await opened.logout()


async def test_any_message_has_the_parts_that_dovecot_finds(connection: Connection) -> None:
    messages = [_Writer(seed).message().encode() for seed in range(MESSAGES)]
    for octets in messages:
        await connection.append("INBOX", octets)
    await connection.noop()
    fetched = await connection.fetch("1:*", ["BODYSTRUCTURE"])
    assert len(fetched) == MESSAGES
    for octets, found in zip(messages, sorted(fetched, key=lambda one: one.uid), strict=True):
        assert found.structure is not None
        ours, implied = read_message(octets).part, _implied(found.structure)
        assert [_told(part, implied) for part in _all(ours)] == [
            _told(part, implied) for part in _all(found.structure)
        ], octets.decode()


async def test_sections_hold_what_dovecot_gives(connection: Connection) -> None:
    for seed in range(40):
        octets = _Writer(1000 + seed).message().encode()
        appended = await connection.append("INBOX", octets)
        await connection.noop()
        assert appended.uid is not None
        (told,) = await connection.fetch([appended.uid], ["BODYSTRUCTURE"])
        assert told.structure is not None
        implied = _implied(told.structure)
        message = read_message(octets)
        names = ["HEADER", "TEXT"]
        for part in _all(message.part):
            if part.path and part.path not in implied:
                names += [part.path, f"{part.path}.MIME"]
            if part.content_type == "message/rfc822" and part.children:
                names += [f"{part.path}.HEADER", f"{part.path}.TEXT"]
        names = list(dict.fromkeys(names))[:90]
        (found,) = await connection.fetch([appended.uid], [f"BODY.PEEK[{name}]" for name in names])
        for name in names:
            ours, theirs = message.section(name), found.sections[name]
            if name.endswith(("HEADER", "MIME")):  # a header without an empty line ends before or after its last break
                ours, theirs = ours.rstrip(), theirs.rstrip()
            assert ours == theirs, (name, octets.decode())
