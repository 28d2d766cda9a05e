"""``folkmoot update-autoreply`` on a Dovecot, with nobody signed in."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from folkmoot.core.errors import ConfigurationError
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Transaction
from folkmoot.mail.credentials import Password
from folkmoot.mail.managesieve.answers import ScriptName
from folkmoot.mail.managesieve.client import connect
from folkmoot.mail.server import MailServer
from folkmoot.sharing.preferences import DEFAULTS
from folkmoot.store import profiles
from folkmoot.tool.environment import Invocation, open_database
from folkmoot.tool.update_autoreply import read_credentials, update_autoreply
from folkmoot.tool.user import user
from tests.support.dovecot import MASTER, PASSWORD, dovecot, somebody

DAY = 86_400


@pytest.mark.parametrize("text", ["", "name", "name:", ":password", "a:b\nc:d", "\xff"])
def test_a_file_without_name_and_password_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "credentials"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigurationError, match="credentials"):
        read_credentials(file)


def test_a_password_may_hold_colons(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("sieve:a:b\n")
    assert read_credentials(file) == ("sieve", "a:b")


@pytest.fixture
def invocation(tmp_path: Path) -> Invocation:
    server = dovecot()
    file = tmp_path / "sogo.conf"
    file.write_text(
        f'{{ FolkmootDatabaseURL = "sqlite://{tmp_path}/x.db"; WOLogFile = "{tmp_path}/log"; SOGoVacationEnabled = YES;'
        f'SOGoIMAPServer = "imap://127.0.0.1:{server.imap}"; SOGoSieveServer = "sieve://127.0.0.1:{server.sieve}"; }}'
    )
    return Invocation((file,))


def keep(invocation: Invocation, values: Mapping[str, Mapping[str, object]]) -> None:
    async def run() -> None:
        async with open_database(invocation.settings()) as database:
            for name, vacation in values.items():

                async def work(tx: Transaction, name: str = name, vacation: object = vacation) -> None:
                    properties = {DEFAULTS: {"Vacation": vacation}}
                    await profiles.set_(tx, PrincipalId(name), properties=properties, dead_properties={}, now=1)

                await database.write(work)

    asyncio.run(run())


def kept(invocation: Invocation, name: str) -> object:
    async def run() -> object:
        async with open_database(invocation.settings()) as database:
            found = await database.read(lambda tx: profiles.get(tx, PrincipalId(name)))
        defaults = found.properties[DEFAULTS]
        assert isinstance(defaults, dict)
        return defaults["Vacation"]["enabled"]

    return asyncio.run(run())


def scripts(name: str) -> list[ScriptName]:
    async def run() -> list[ScriptName]:
        server = MailServer("127.0.0.1", dovecot().sieve)
        async with connect(server, Password(name, PASSWORD)) as session:
            return await session.list_scripts()

    return asyncio.run(run())


def invoke(invocation: Invocation, *arguments: str) -> Result:
    return CliRunner().invoke(
        update_autoreply, arguments, obj=invocation, catch_exceptions=False, standalone_mode=False
    )


@pytest.mark.live
def test_vacations_are_written_and_ended_for_everybody(invocation: Invocation, tmp_path: Path) -> None:
    away, back, plain = somebody(), somebody(), somebody()
    for name in (away, back, plain):
        added = CliRunner().invoke(
            user, ["add", name, "--password-stdin"], input=f"{PASSWORD}\n", obj=invocation, catch_exceptions=False
        )
        assert added.exit_code == 0, added.output
    now = int(time.time())
    vacation = {"enabled": 1, "autoReplyText": "Away", "endDateEnabled": 1}
    keep(
        invocation,
        {
            away: {**vacation, "endDate": now + 5 * DAY},
            back: {**vacation, "endDate": now - 5 * DAY},
            plain: {"enabled": 1, "autoReplyText": "Away"},
        },
    )
    file = tmp_path / "credentials"
    file.write_text(":".join(MASTER) + "\n")
    result = invoke(invocation, "-v", "-p", str(file))
    assert result.return_value == 0, result.output
    assert "2 vacations looked at, 0 failed" in result.output
    assert scripts(away) == [ScriptName("sogo", active=True)]
    assert scripts(back) == scripts(plain) == []
    assert (kept(invocation, away), kept(invocation, back)) == (1, 0)


@pytest.mark.live
def test_without_credentials_it_is_told_who_was_left_out(invocation: Invocation) -> None:
    name = somebody()
    CliRunner().invoke(
        user, ["add", name, "--password-stdin"], input=f"{PASSWORD}\n", obj=invocation, catch_exceptions=False
    )
    keep(
        invocation,
        {name: {"enabled": 1, "endDateEnabled": 1, "endDate": 1}, "gone": {"enabled": 1, "endDateEnabled": 1}},
    )
    result = invoke(invocation)
    assert result.return_value == 1
    assert "2 vacations looked at, 2 failed" in result.output
    assert f"{name}: the mail server wants a password" in result.stderr
