"""Servers, logins and credentials, and secrets that are kept: without a mail server."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.servers_section import ImapSettings, SieveSettings
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.errors import ConfigurationError, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.mail.credentials import Master, Password, Token
from folkmoot.mail.server import MailServer, TlsMode
from folkmoot.mailboxes.errors import NoCredentials
from folkmoot.mailboxes.guard import HostGuard
from folkmoot.mailboxes.sealing import KEY_OCTETS, SealingKey, configured_key, seal, unseal
from folkmoot.mailboxes.servers import imap_server, sieve_server
from folkmoot.mailboxes.signing_in import TOKEN_SECONDS, SigningIn, login_name

pytestmark = pytest.mark.anyio
ANNA = Principal(
    PrincipalId("anna@mill.example"), "anna", "Anna", ("anna.m@mill.example",), PrincipalKind.INDIVIDUAL, "people"
)
CALLER = Caller(ANNA.id, password="secret")


class Hand:
    """A clock whose hand the test moves."""

    present = 1_000_000

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.present / 1000, UTC)

    def milliseconds(self) -> int:
        return self.present


def of(**imap: object) -> Settings:
    return Settings(imap=ImapSettings(**imap))  # type: ignore[arg-type]


def test_a_login_is_the_persons_own_or_the_address_or_the_name() -> None:
    assert login_name(of(), ANNA) == "anna"
    assert login_name(of(login_with_address=True), ANNA) == "anna.m@mill.example"
    assert login_name(of(login_with_address=True), replace(ANNA, mails=())) == "anna"
    assert login_name(of(login_with_address=True), replace(ANNA, imap_login="a7")) == "a7"


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("mail.example", MailServer("mail.example", 143)),
        ("mail.example:1143", MailServer("mail.example", 1143)),
        ("imap://mail.example/?tls=YES", MailServer("mail.example", 143, TlsMode.START)),
        ("imaps://mail.example:994", MailServer("mail.example", 994, TlsMode.IMPLICIT)),
    ],
)
def test_the_server_is_the_domains_or_the_persons_own(text: str, server: MailServer) -> None:
    assert imap_server(of(server=text), ANNA) == server
    assert imap_server(of(server="elsewhere"), replace(ANNA, imap_server=text)) == server


def test_filters_are_beside_the_mailboxes_where_nothing_else_is_said() -> None:
    assert sieve_server(of(server="imaps://mail.example"), ANNA) == MailServer("mail.example", 4190, TlsMode.START)
    assert sieve_server(of(server="mail.example"), ANNA) == MailServer("mail.example", 4190)
    said = replace(of(server="mail.example"), sieve=SieveSettings(server="sieve://filters.example:2000"))
    assert sieve_server(said, ANNA) == MailServer("filters.example", 2000)
    assert sieve_server(said, replace(ANNA, sieve_server="own.example")) == MailServer("own.example", 4190)


def test_what_is_no_server_is_unavailable_and_not_a_bug() -> None:
    with pytest.raises(Unavailable):
        imap_server(of(server="http://mail.example"), ANNA)
    with pytest.raises(Unavailable):
        sieve_server(of(), replace(ANNA, sieve_server="a b"))


async def test_credentials_are_those_of_the_strategy() -> None:
    signing_in = SigningIn(Hand())
    assert await signing_in.credentials(of(), CALLER, ANNA) == Password("anna", "secret")
    assert await signing_in.credentials(of(mechanism="xoauth2"), CALLER, ANNA) == Token("anna", "secret")
    master = of(credentials="master", master_user_name="m", master_user_password="p")
    assert await signing_in.credentials(master, CALLER, ANNA) == Master("anna", "m", "p")
    assert signing_in.reaches_others(master)
    assert not signing_in.reaches_others(of())
    with pytest.raises(NoCredentials):
        await signing_in.credentials(of(), Caller(ANNA.id), ANNA)
    with pytest.raises(NoCredentials):
        await signing_in.credentials(of(), Caller(PrincipalId("bert"), password="secret"), ANNA)
    for lacking in (of(credentials="master"), of(credentials="token")):
        with pytest.raises(Unavailable):
            await signing_in.credentials(lacking, CALLER, ANNA)


async def test_a_token_serves_for_a_while_so_that_connections_are_found_again() -> None:
    minted: list[PrincipalId] = []

    async def mint(principal: PrincipalId) -> str:
        minted.append(principal)
        return f"t{len(minted)}"

    hand = Hand()
    signing_in = SigningIn(hand, mint)
    for _ in range(3):
        assert await signing_in.credentials(of(credentials="token"), CALLER, ANNA) == Token("anna", "t1")
    hand.present += TOKEN_SECONDS * 1000
    assert await signing_in.credentials(of(credentials="token"), CALLER, ANNA) == Token("anna", "t2")
    assert minted == [ANNA.id, ANNA.id]


def test_what_is_sealed_opens_only_for_what_it_is_about() -> None:
    key = bytes(range(KEY_OCTETS))
    sealed = seal(key, b"secret", "account 7")
    assert unseal(key, sealed, "account 7") == b"secret"
    assert sealed != seal(key, b"secret", "account 7")
    for wrong in (
        unseal(key, sealed, "account 8"),
        unseal(bytes(KEY_OCTETS), sealed, "account 7"),
        unseal(key, "?", "account 7"),
        unseal(key, "", "account 7"),
        unseal(key, sealed[:-8], "account 7"),
    ):
        assert wrong is None


def test_the_key_is_configured_or_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "0123456789abcdef0123456789abcdef"
    assert configured_key(SecuritySettings()) is None
    assert configured_key(SecuritySettings(secret_type="plain", secret_value=text)) == text.encode()
    monkeypatch.setenv("MAIL_KEY", text)
    assert configured_key(SecuritySettings(secret_type="env", secret_value="MAIL_KEY")) == text.encode()
    monkeypatch.delenv("MAIL_KEY")
    with pytest.raises(ConfigurationError):
        configured_key(SecuritySettings(secret_type="env", secret_value="MAIL_KEY"))
    with pytest.raises(ConfigurationError) as raised:
        configured_key(SecuritySettings(secret_type="plain", secret_value="short-secret"))
    assert "short-secret" not in str(raised.value)


async def test_without_a_configured_key_all_workers_share_one_that_is_kept(database: Database) -> None:
    first, second = SealingKey(database, SecuritySettings()), SealingKey(database, SecuritySettings())
    assert await first.known() == await second.known()
    assert len(await first.known()) == KEY_OCTETS


async def test_the_guard_lets_through_what_is_public_and_nothing_else() -> None:
    async def resolve(host: str, port: int) -> list[str]:
        if host == "nowhere":
            raise OSError("no such host")
        return ["127.0.0.1", "192.168.1.1", "::1", "169.254.169.254", "93.184.216.34"]

    guard = HostGuard(resolve=resolve)
    assert await guard("mail.example", 143) == ["93.184.216.34"]
    assert await guard("nowhere", 143) == ()
