"""Commands of ManageSieve against a server that is strange on purpose."""

from pathlib import Path

import pytest

from folkmoot.core.errors import Conflict, MalformedInput, NotFound, TooLarge, Unavailable, Unsupported
from folkmoot.mail.credentials import Credentials, Master, Password, Token
from folkmoot.mail.errors import Declined, OverQuota, SignInRefused
from folkmoot.mail.managesieve import session as session_of
from folkmoot.mail.managesieve.answers import ScriptName, ScriptRefused
from folkmoot.mail.managesieve.client import connect
from folkmoot.mail.server import MailServer
from tests.support.managesieve import sieve_server
from tests.support.smtp import self_signed

pytestmark = pytest.mark.anyio

ANNA = Password("anna", "secret")


async def test_scripts_are_put_listed_read_activated_and_deleted() -> None:
    async with sieve_server() as server, connect(server.address, ANNA) as session:
        text = 'keep;\r\n# "quoted" \\ and é\r\n'
        await session.have_space("sogo", len(text))
        assert await session.check_script(text) == ""
        await session.put_script("sogo", text)
        await session.put_script("other one", "stop;")
        await session.set_active("sogo")
        assert await session.list_scripts() == [ScriptName("sogo", active=True), ScriptName("other one")]
        assert await session.get_script("sogo") == text
        with pytest.raises(Conflict):
            await session.delete_script("sogo")
        await session.set_active("")
        await session.delete_script("sogo")
        with pytest.raises(NotFound):
            await session.get_script("sogo")
        await session.noop()
        await session.unauthenticate()
        assert server.signed_in == [b"\0anna\0secret"]


@pytest.mark.parametrize(
    ("credentials", "offered", "said"),
    [
        (Master("anna", "master", "key"), "PLAIN", [b"anna\0master\0key"]),
        (ANNA, "LOGIN", [b"anna", b"secret"]),
        (Master("anna", "master", "key"), "LOGIN", [b"anna*master", b"key"]),
        (Token("anna", "t0ken"), "XOAUTH2", [b"user=anna\x01auth=Bearer t0ken\x01\x01"]),
    ],
)
async def test_each_mechanism_signs_in(credentials: Credentials, offered: str, said: list[bytes]) -> None:
    async with sieve_server(sasl=offered) as server, connect(server.address, credentials):
        assert server.signed_in == said


async def test_a_wrong_password_is_refused() -> None:
    async with sieve_server() as server:
        with pytest.raises(SignInRefused):
            async with connect(server.address, Password("anna", "wrong")):
                pass


async def test_no_fitting_mechanism_is_told() -> None:
    async with sieve_server(sasl="GSSAPI") as server:
        with pytest.raises(Unsupported):
            async with connect(server.address, ANNA):
                pass
        assert not server.said


async def test_tls_is_used_where_the_settings_ask_for_it(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    async with sieve_server(tls=context) as server, connect(server.address, ANNA) as session:
        assert server.said[0] == b"STARTTLS"
        assert "vacation" in session.capabilities.sieve


async def test_capabilities_are_asked_for_where_none_come_after_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_of, "AGAIN_SECONDS", 0.05)
    context, _ = self_signed(tmp_path)
    async with sieve_server(tls=context, quiet_after_tls=True) as server, connect(server.address, ANNA) as session:
        assert b"CAPABILITY" in server.said
        assert "vacation" in session.capabilities.sieve


async def test_what_is_said_before_tls_is_not_believed_after_it(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    async with sieve_server(tls=context, injected=b'"SASL" "PLAIN"\r\nOK\r\n') as server:
        with pytest.raises(Unavailable, match="between"):
            async with connect(server.address, ANNA):
                pass
        assert not server.signed_in


async def test_without_the_tls_asked_for_nothing_is_sent(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    async with sieve_server(tls=context, greeting=b'"SASL" "PLAIN"\r\n"SIEVE" "fileinto"\r\nOK\r\n') as server:
        with pytest.raises(Unavailable, match="TLS"):
            async with connect(server.address, ANNA):
                pass
        assert not server.said


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b'NO "line 3: what is this?"\r\n', ScriptRefused),
        (b'NO (QUOTA/MAXSIZE) "too long"\r\n', OverQuota),
        (b'NO (TRYLATER) "later"\r\n', Unavailable),
        (b'BYE "bye"\r\n', Unavailable),
        (b"", Unavailable),
        (b"(((\r\n", Unavailable),
        (b"x" * 70_000, Unavailable),
    ],
)
async def test_a_script_that_is_not_taken_says_why(answer: bytes, error: type[Exception]) -> None:
    async with sieve_server(answers={"PUTSCRIPT": [answer]}) as server, connect(server.address, ANNA) as session:
        with pytest.raises(error) as told:
            await session.put_script("sogo", "what;")
        assert type(told.value) is error


async def test_warnings_are_given_back() -> None:
    answers = {"PUTSCRIPT": [b"OK (WARNINGS) {8}\r\nline 8: \r\n"]}
    async with sieve_server(answers=answers) as server, connect(server.address, ANNA) as session:
        assert await session.put_script("sogo", "keep;") == "line 8:"


async def test_old_servers_do_not_check() -> None:
    async with sieve_server(old=True) as server, connect(server.address, ANNA) as session:
        with pytest.raises(Unsupported):
            await session.check_script("keep;")
        with pytest.raises(Unsupported):
            await session.unauthenticate()
        await session.noop()
        assert server.said[-1] == b"CAPABILITY"


@pytest.mark.parametrize("name", ["", "a\r\nDELETESCRIPT b", "a\x00", "x" * 600, "\u2028"])
async def test_names_carry_no_commands(name: str) -> None:
    async with sieve_server() as server, connect(server.address, ANNA) as session:
        for command in (session.get_script, session.delete_script):
            with pytest.raises(MalformedInput):
                await command(name)
        assert len(server.said) == 1


async def test_scripts_have_a_limit() -> None:
    async with sieve_server() as server, connect(server.address, ANNA) as session:
        with pytest.raises(TooLarge):
            await session.put_script("sogo", "#" * (session_of.SCRIPT_MAX + 1))


async def test_a_server_that_is_silent_or_none_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_of, "COMMAND_SECONDS", 0.05)
    async with sieve_server(greeting=b'"SIEVE" "x"\r\n') as server:
        with pytest.raises(Unavailable):
            async with connect(server.address, ANNA):
                pass
    with pytest.raises(Unavailable):
        async with connect(MailServer("127.0.0.1", server.port), ANNA):
            pass


async def test_other_refusals_are_told() -> None:
    answers = {"SETACTIVE": [b'NO "not today"\r\n']}
    async with sieve_server(answers=answers) as server, connect(server.address, ANNA) as session:
        with pytest.raises(Declined, match="not today"):
            await session.set_active("sogo")


async def test_a_server_that_asks_without_end_is_left() -> None:
    answers = {"AUTHENTICATE": [b'""\r\n' * 20]}
    async with sieve_server(answers=answers) as server:
        with pytest.raises(SignInRefused):
            async with connect(server.address, ANNA):
                pass
