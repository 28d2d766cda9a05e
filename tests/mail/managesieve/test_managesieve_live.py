"""ManageSieve against a real Dovecot."""

import pytest

from folkmoot.core.errors import NotFound
from folkmoot.mail.credentials import Master, Password
from folkmoot.mail.errors import SignInRefused
from folkmoot.mail.managesieve.answers import ScriptName, ScriptRefused
from folkmoot.mail.managesieve.client import connect
from folkmoot.mail.server import MailServer
from tests.support.dovecot import MASTER, PASSWORD, dovecot, somebody

pytestmark = [pytest.mark.anyio, pytest.mark.live]


def _server() -> MailServer:
    return MailServer("127.0.0.1", dovecot().sieve)


async def test_a_script_is_kept_and_given_back_by_octet() -> None:
    me = somebody()
    text = 'require ["fileinto"];\r\n# Größe "\\\r\nif true {\n  keep;\r\n}\r\n' + "# long\r\n" * 5_000
    async with connect(_server(), Password(me, PASSWORD)) as session:
        assert {"vacation", "imap4flags", "regex", "date", "enotify"} <= session.capabilities.sieve
        await session.check_script(text)
        await session.put_script("größe", text)
        await session.put_script("sogo", text)
        await session.set_active("sogo")
    async with connect(_server(), Master(me, *MASTER)) as session:
        assert set(await session.list_scripts()) == {ScriptName("größe"), ScriptName("sogo", active=True)}
        assert await session.get_script("sogo") == text
        await session.set_active("")
        await session.delete_script("sogo")
        with pytest.raises(NotFound):
            await session.set_active("sogo")


async def test_a_faulty_script_is_refused_with_the_line_and_the_old_one_stays() -> None:
    async with connect(_server(), Password(somebody(), PASSWORD)) as session:
        await session.put_script("sogo", "keep;")
        with pytest.raises(ScriptRefused, match="line 1"):
            await session.put_script("sogo", 'fileinto "x";')
        with pytest.raises(ScriptRefused):
            await session.check_script("nonsense")
        assert await session.get_script("sogo") == "keep;"


async def test_wrong_passwords_are_refused() -> None:
    with pytest.raises(SignInRefused):
        async with connect(_server(), Password(somebody(), "wrong")):
            pass


async def test_login_is_a_way_too() -> None:
    async with connect(_server(), Password(somebody(), PASSWORD), preferred="LOGIN") as session:
        assert await session.list_scripts() == []
