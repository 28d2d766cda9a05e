"""Keeping the addresses that one has written to, for those who want it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Unavailable
from folkmoot.mailboxes.collecting import Collecting, chosen_book
from folkmoot.mailboxes.sending import Sending
from folkmoot.mime.headers import MailAddress
from folkmoot.store.submissions import State
from tests.support.dovecot import Dovecot, dovecot
from tests.support.mailboxes import Mail, mail_on
from tests.support.outgoing import IDA, post_on
from tests.support.smtp import mail_server

pytestmark = pytest.mark.anyio
MESSAGE = (
    b"Bcc: secret@example.net\r\nFrom: anna@example.org\r\nTo: Ida <ida@example.net>, friends: otto@example.net;\r\n"
    b"Cc: broken <\r\n\r\nHello.\r\n"
)


@dataclass
class Books:
    """Remembers what it was asked to keep."""

    asked: list[tuple[str, list[str]]] = field(default_factory=list)
    away: bool = False

    async def collect(self, caller: Caller, people: Sequence[MailAddress], *, book: str) -> int:
        if self.away:
            raise Unavailable("the database does not answer")
        self.asked.append((book, [one.address for one in people]))
        return len(people)


@pytest.fixture
async def offline(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Mail]:
    """The services; nothing here reaches a mail server."""
    async with mail_on(Dovecot(1, 2, 3, tmp_path), migrated_file, tmp_path) as mail:
        yield mail


async def test_nobody_is_kept_unless_it_is_wanted(offline: Mail) -> None:
    books, anna = Books(), offline.person("anna")
    collecting = Collecting(offline.access, books)
    await collecting.collect(anna, MESSAGE)
    assert books.asked == []
    assert await chosen_book(offline.access, anna) == "collected"
    chosen = {"SOGoMailAddOutgoingAddresses": 1, "SOGoSelectedAddressBook": "work"}
    await offline.choices.save(anna, anna.principal, chosen, {})
    await collecting.collect(anna, MESSAGE)
    (asked,) = books.asked
    assert asked[0] == "work"
    assert asked[1][:2] == ["ida@example.net", "otto@example.net"]
    assert asked[1][-1] == "secret@example.net"


@pytest.mark.live
async def test_a_message_is_sent_whether_its_recipients_can_be_kept_or_not(migrated_file: Path, tmp_path: Path) -> None:
    books = Books()
    async with mail_server() as smtp, post_on(dovecot(), migrated_file, tmp_path, smtp.url) as post:
        mail = post.mail
        collecting = Collecting(mail.access, books)
        post.sending = Sending(
            mail.access, mail.directory, mail.database, post.clock, post.transmission, post.filing, collecting
        )
        anna = mail.person()
        await mail.choices.save(anna, anna.principal, {"SOGoMailAddOutgoingAddresses": 1}, {})
        for away in (False, True):
            books.away = away
            done = await post.send(anna, await post.save(anna, bcc=(MailAddress("", "secret@example.net"),)))
            assert (done.state, done.fault) == (State.SENT, "")
        assert books.asked == [("collected", [IDA.address, "secret@example.net"])]
