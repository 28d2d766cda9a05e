"""A server that can do nothing beyond IMAP4rev1."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from folkmoot.core.errors import Unsupported
from folkmoot.mailboxes.quota import Usage, usage
from folkmoot.mailboxes.rights import MailRight
from folkmoot.mailboxes.special import Use
from folkmoot.mailboxes.values import MAIN
from tests.support.dovecot import Dovecot, start_dovecot
from tests.support.mailboxes import Mail, mail_on
from tests.support.servers import shared

pytestmark = [pytest.mark.anyio, pytest.mark.live]
PLAIN = "protocol imap {\n  imap_capability = IMAP4rev1\n}\n"


@pytest.fixture
async def plain(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Mail]:
    server = shared("plain-dovecot", lambda: start_dovecot(PLAIN))
    imap, sieve, lmtp = map(int, server.url.split(","))
    async with mail_on(Dovecot(imap, sieve, lmtp, server.directory), migrated_file, tmp_path) as opened:
        yield opened


async def test_mailboxes_are_listed_made_renamed_deleted_and_emptied(plain: Mail) -> None:
    anna = plain.person()
    async with plain.access.connection(anna) as connection:
        assert not connection.capabilities & {"LIST-EXTENDED", "SPECIAL-USE", "MOVE", "UIDPLUS", "ACL", "QUOTA"}
    special = await plain.access.special(anna)
    assert (special.trash, special.junk) == ("Trash", "Junk")
    path = await plain.folders.create(anna, MAIN, "", "Größe")
    async with plain.access.connection(anna) as connection:
        await connection.append(path, b"Subject: x\r\n\r\n")
    folder = (await plain.folders.tree(anna)).find(path)
    assert folder is not None
    assert folder.subscribed
    assert folder.status is not None
    assert (folder.status.messages, folder.status.unseen) == (1, 1)
    assert await plain.folders.mark_read(anna, MAIN, path) == 1
    assert await plain.folders.rename(anna, MAIN, path, "Klein") == "Klein"
    assert await plain.folders.delete(anna, MAIN, "Klein") == "Trash/Klein"
    assert await plain.folders.empty(anna, MAIN, Use.TRASH) == 1
    assert {one.path for one in (await plain.folders.tree(anna)).folders} == {
        *("INBOX", "Drafts", "Sent", "Trash", "Junk")
    }


async def test_what_the_server_lacks_is_said_or_left_out(plain: Mail) -> None:
    anna, bert = plain.person(), plain.person()
    assert await usage(plain.access, anna) == Usage()
    assert await plain.rights.mine(anna, MAIN, "INBOX") == frozenset(MailRight)
    with pytest.raises(Unsupported):
        await plain.rights.set(anna, MAIN, "INBOX", bert.principal, frozenset({MailRight.READ}))
    with pytest.raises(Unsupported):
        await plain.rights.list_all(anna, MAIN, "INBOX")
    await plain.delegation.add(anna, [bert.principal])
    assert await plain.delegation.delegates(anna) == [bert.principal]
