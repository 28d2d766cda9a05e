"""How a connection comes to be: greetings, TLS, mechanisms, and servers that let nobody in."""

from dataclasses import replace
from pathlib import Path

import pytest

from folkmoot.core.errors import (
    FolkmootError,
    Unavailable,
    Unsupported,
)
from folkmoot.mail.credentials import Credentials, Master, Password, Token
from folkmoot.mail.errors import SignInRefused
from folkmoot.mail.imap.connection import Connection, Manners
from folkmoot.mail.server import TlsMode, VerifyMode
from tests.support.imap_script import playing
from tests.support.smtp import self_signed

pytestmark = pytest.mark.anyio
IDA = Password("ida", "secret")


async def sign_in(transcript: str, credentials: Credentials = IDA, mechanism: str = "") -> None:
    async with playing(transcript) as server:
        opened = await Connection.open(server, credentials, Manners(mechanism=mechanism))
        opened.close()


PLAIN = "AGlkYQBzZWNyZXQ="  # \0ida\0secret
AFTER = "S: $ OK [CAPABILITY IMAP4rev1] in"


@pytest.mark.parametrize(
    ("mechanism", "credentials", "greeting", "said"),
    [
        ("", IDA, "AUTH=PLAIN", ['C: $ LOGIN ida "secret"']),
        ("LOGIN", Password("i a", 'se"cret'), "", ['C: $ LOGIN "i a" "se\\"cret"']),
        ("plain", IDA, "AUTH=PLAIN SASL-IR", [f"C: $ AUTHENTICATE PLAIN {PLAIN}"]),
        ("plain", IDA, "AUTH=PLAIN", ["C: $ AUTHENTICATE PLAIN", "S: + ", f"C: {PLAIN}"]),
        ("LOGIN", IDA, "AUTH=PLAIN LOGINDISABLED", ["C: $ AUTHENTICATE PLAIN", "S: +", f"C: {PLAIN}"]),
        (
            "",
            IDA,
            "AUTH=LOGIN LOGINDISABLED SASL-IR",
            ["C: $ AUTHENTICATE LOGIN", "S: + VXNlcm5hbWU6", "C: aWRh", "S: + UGFzc3dvcmQ6", "C: c2VjcmV0"],
        ),
        ("SAML", IDA, "AUTH=PLAIN SASL-IR", [f"C: $ AUTHENTICATE PLAIN {PLAIN}"]),
        (
            "",
            Master("ida", "root", "key"),
            "AUTH=PLAIN SASL-IR",
            ["C: $ AUTHENTICATE PLAIN aWRhAHJvb3QAa2V5"],
        ),
        ("", Master("ida", "root", "key"), "", ['C: $ LOGIN "ida*root" "key"']),
        (
            "xoauth2",
            Token("ida", "t0k"),
            "AUTH=XOAUTH2 AUTH=OAUTHBEARER SASL-IR",
            ["C: $ AUTHENTICATE XOAUTH2 dXNlcj1pZGEBYXV0aD1CZWFyZXIgdDBrAQE="],
        ),
    ],
)
async def test_the_way_in_fits_server_credentials_and_settings(
    mechanism: str, credentials: Credentials, greeting: str, said: list[str]
) -> None:
    lines = [f"S: * OK [CAPABILITY IMAP4rev1 {greeting}] hi", *said, AFTER]
    await sign_in("\n".join(lines), credentials, mechanism)


@pytest.mark.parametrize(
    ("mechanism", "said", "end"),
    [
        ("XOAUTH2", "C: dXNlcj1pZGEBYXV0aD1CZWFyZXIgdDBrAQE=", ""),
        ("OAUTHBEARER", "C* ", "AQ=="),
    ],
)
async def test_a_refused_token_is_heard_to_its_end(mechanism: str, said: str, end: str) -> None:
    lines = [
        f"S: * OK [CAPABILITY IMAP4rev1 AUTH={mechanism}] hi",
        f"C: $ AUTHENTICATE {mechanism}",
        "S: +",
        said,
        "S: + eyJzdGF0dXMiOiI0MDEifQ==",
        f"C: {end}",
        "S: $ NO [AUTHENTICATIONFAILED] expired",
    ]
    with pytest.raises(SignInRefused, match="expired"):
        await sign_in("\n".join(lines), Token("ida", "t0k"))


@pytest.mark.parametrize(
    ("lines", "error", "words"),
    [
        ("S: * BYE [UNAVAILABLE] too busy", Unavailable, "too busy"),
        ("S: * BYE go away", Unavailable, "go away"),
        ("drop", Unavailable, "hung up"),
        ("S: SSH-2.0-OpenSSH\ndrop", Unavailable, "hung up"),
        ("S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi", Unsupported, "TLS"),
        ("S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=GSSAPI] hi", Unsupported, "GSSAPI"),
        ('S: * OK [CAPABILITY IMAP4rev1] hi\nC: $ LOGIN ida "secret"\nS: $ NO', SignInRefused, "no reason"),
        ('S: * OK [CAPABILITY IMAP4rev1] hi\nC: $ LOGIN ida "secret"\nS: $ NO [UNAVAILABLE] x', Unavailable, "x"),
        ('S: * OK [CAPABILITY IMAP4rev1] hi\nC: $ LOGIN ida "secret"\nS: * BYE out\ndrop', Unavailable, "out"),
        ('S: * OK [CAPABILITY IMAP4rev1] hi\nC: $ LOGIN ida "secret"\ndrop', Unavailable, "hung up"),
    ],
)
async def test_a_server_that_lets_nobody_in_says_why(lines: str, error: type[FolkmootError], words: str) -> None:
    with pytest.raises(error, match=words):
        await sign_in(lines)


async def test_a_password_that_cannot_be_said_is_refused_unsaid() -> None:
    for password in ("", "a\r\nb", "a\0"):
        with pytest.raises(SignInRefused):
            await sign_in("S: * OK [CAPABILITY IMAP4rev1] hi", Password("ida", password))


async def test_a_password_beyond_ascii_is_a_literal() -> None:
    await sign_in(
        "S: * OK [CAPABILITY IMAP4rev1] hi\nC: $ LOGIN ida {4}\nS: + go\nC: nö!\n" + AFTER, Password("ida", "nö!")
    )


async def test_a_server_signed_in_already_is_taken_as_it_is() -> None:
    await sign_in("S: * PREAUTH [CAPABILITY IMAP4rev1] hi")


async def test_tls_is_begun_before_anything_is_said(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    text = f"""\
S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR] hi
C: $ STARTTLS
S: $ OK begin
tls
C: $ CAPABILITY
S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
S: $ OK
C: $ AUTHENTICATE PLAIN
S: +
C: {PLAIN}
{AFTER}
"""
    async with playing(text, tls=context, mode=TlsMode.START) as server:
        opened = await Connection.open(server, IDA, Manners(mechanism="plain"))
        opened.close()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi", "no STARTTLS"),
        ("S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi\nC: $ STARTTLS\nS: $ NO not now", "not now"),
        ("S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] hi", "before TLS"),
        ("S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi\nC: $ STARTTLS\nS: $ OK\\r\\n* OK [CAPABILITY EVIL] x", "between"),
        ("S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi\nC: $ STARTTLS\nS- $ OK\\r\\n* CAP\nhang", "between"),
        ("S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi\nC: $ STARTTLS\nS: $ OK\ndrop", "TLS|hung up"),
    ],
)
async def test_without_the_tls_that_was_asked_for_nothing_is_said(text: str, words: str) -> None:
    async with playing(text, mode=TlsMode.START) as server:
        with pytest.raises(FolkmootError, match=words):
            await Connection.open(server, IDA)


async def test_tls_from_the_first_octet(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    text = f"""\
S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi
C: $ AUTHENTICATE PLAIN {PLAIN}
{AFTER}
"""
    async with playing(text, tls=context, mode=TlsMode.IMPLICIT) as server:
        opened = await Connection.open(server, IDA, Manners(mechanism="plain"))
        opened.close()


async def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_said(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    async with playing(tls=context, mode=TlsMode.IMPLICIT) as server:
        with pytest.raises(Unavailable, match="certificate"):
            await Connection.open(replace(server, verify=VerifyMode.DEFAULT), IDA)
    text = "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi\nC: $ STARTTLS\nS: $ OK\ntls"
    async with playing(text, tls=context, mode=TlsMode.START) as server:
        with pytest.raises(Unavailable, match="certificate"):
            await Connection.open(replace(server, verify=VerifyMode.DEFAULT), IDA)
