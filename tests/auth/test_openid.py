"""Tokens of an OpenID provider: whose signature is believed, for whom, and for how long."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from folkmoot.auth import openid
from folkmoot.auth.authenticator import Authenticator
from folkmoot.auth.errors import NotAuthenticated
from folkmoot.auth.failure_counts import FailureCounts
from folkmoot.auth.openid import OpenIdWay
from folkmoot.auth.protocols import Protocol
from folkmoot.config.settings import Settings
from folkmoot.config.sso_section import SsoSettings
from folkmoot.core.errors import Unavailable
from folkmoot.database import Database
from folkmoot.directory.directory import Directory
from folkmoot.directory.principal import PrincipalKind
from folkmoot.fetch.errors import FetchFailed
from folkmoot.fetch.fetcher import Fetched
from tests.support.clock import SetClock
from tests.support.memory_source import Memory

pytestmark = pytest.mark.anyio
ISSUER = "https://login.example.org"
CONFIG = f"{ISSUER}/.well-known/openid-configuration"
KEYS = f"{ISSUER}/keys"
CLIENT = "192.0.2.7"
_RSA = RSAKey.generate_key(2048, {"kid": "one"}, auto_kid=False)
_OTHER = RSAKey.generate_key(2048, {"kid": "one"}, auto_kid=False)
_EC = ECKey.generate_key("P-256", {"kid": "two"}, auto_kid=False)


class Provider:
    """Answers for its two documents, and counts."""

    def __init__(self) -> None:
        self.keys: list[Any] = [_RSA]
        self.down = False
        self.asked: list[str] = []

    async def get(self, url: str) -> Fetched:
        self.asked.append(url)
        if self.down:
            raise FetchFailed("bad-url", "down")
        document = (
            {"issuer": ISSUER, "jwks_uri": KEYS}
            if url == CONFIG
            else {"keys": [key.as_dict(private=False) for key in self.keys]}
        )
        return Fetched(json.dumps(document).encode())


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 6, 1, 6, tzinfo=UTC))


class Hand:
    """A clock whose hand the test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def auth(memory: Memory, database: Database, clock: SetClock, provider: Provider, hand: Hand) -> Authenticator:
    sso = SsoSettings(openid_configuration_url=CONFIG, openid_client="folkmoot", openid_audiences=("tb",))
    directory = Directory([memory], cache_seconds=0)
    settings = Settings(sso=sso)
    way = OpenIdWay(sso, directory, provider, clock, time=hand)
    failures = FailureCounts(settings.security, database, clock)
    return Authenticator(directory, settings, failures, ways=[way], time=hand)


def token(clock: SetClock, key: Any = _RSA, alg: str = "RS256", **claims: Any) -> str:
    now = clock.milliseconds() // 1000
    said = {"iss": ISSUER, "aud": "folkmoot", "exp": now + 300, "email": "anna@example.org", **claims}
    said = {name: value for name, value in said.items() if value is not None}
    return jwt.encode({"alg": alg, "kid": getattr(key, "kid", None) or "one"}, said, key, algorithms=[alg])


def _part(value: object) -> str:
    return _text(json.dumps(value).encode())


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


async def whose(auth: Authenticator, text: str, protocol: Protocol = Protocol.JMAP) -> str:
    return (await auth.authenticate(f"Bearer {text}", CLIENT, protocol=protocol)).principal


async def test_a_token_of_the_provider_says_who_it_is(auth: Authenticator, clock: SetClock, provider: Provider) -> None:
    assert await whose(auth, token(clock)) == "anna"
    assert await whose(auth, token(clock, email="bert", aud=["other", "tb"])) == "bert"
    assert await whose(auth, token(clock, aud="account", azp="folkmoot")) == "anna"
    assert provider.asked == [CONFIG, KEYS], "the keys are kept"
    caller = await auth.authenticate(f"Bearer {token(clock)}", CLIENT, protocol=Protocol.JMAP)
    assert (caller.fresh, caller.password) == (False, "")


async def test_it_opens_no_mailbox_and_no_session(auth: Authenticator, clock: SetClock) -> None:
    for door in (Protocol.MAIL, Protocol.WEB, Protocol.EAS):
        with pytest.raises(NotAuthenticated):
            await whose(auth, token(clock), door)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "somebody-else"},
        {"aud": None},
        {"aud": {"folkmoot": 1}},
        {"aud": "somebody-else", "azp": "evil"},
        {"exp": 0},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": 10**11},
        {"typ": "ID"},
        {"nonce": "x"},
        {"email": None},
        {"email": 7},
        {"email": "nobody@example.org"},
        {"email": "room@example.org"},
        {"email": "x" * 1000},
        {"email": "anna@example.org", "email_verified": False},
    ],
)
async def test_what_is_not_for_us_or_not_now_is_refused(
    auth: Authenticator, clock: SetClock, memory: Memory, claims: dict[str, Any]
) -> None:
    memory.passwords["room"] = "x"
    memory.kinds["room"] = PrincipalKind.LOCATION
    with pytest.raises(NotAuthenticated):
        await whose(auth, token(clock, **claims))


async def test_another_key_is_refused(auth: Authenticator, clock: SetClock) -> None:
    with pytest.raises(NotAuthenticated):
        await whose(auth, token(clock, _OTHER))
    with pytest.raises(NotAuthenticated):
        await whose(auth, token(clock, _EC, "ES256"))


async def test_unsigned_tokens_and_shared_secrets_are_refused(auth: Authenticator, clock: SetClock) -> None:
    head, said, signature = token(clock).split(".")
    none = _part({"alg": "none"})
    shared = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{said}"
    mac = hmac.digest(_RSA.as_pem(private=False), shared.encode(), "sha256")
    confused = f"{shared}.{_text(mac)}"
    for ending in ("", signature):
        with pytest.raises(NotAuthenticated):
            await whose(auth, f"{none}.{said}.{ending}")
    for forged in (f"{head}.{said}.", confused, f"{head}..{signature}"):
        with pytest.raises(NotAuthenticated):
            await whose(auth, forged)


@pytest.mark.parametrize("nonsense", ["a.b.c", "....", "x" * 5000, "e30.e30.e30", "..", "opaque"])
async def test_nonsense_is_no_token(auth: Authenticator, nonsense: str) -> None:
    with pytest.raises(NotAuthenticated):
        await whose(auth, nonsense)


async def test_a_token_ends_while_it_is_remembered(auth: Authenticator, clock: SetClock, hand: Hand) -> None:
    text = token(clock)
    assert await whose(auth, text) == "anna"
    clock.pass_(seconds=400)
    hand.now += 6
    with pytest.raises(NotAuthenticated):
        await whose(auth, text)


async def test_who_is_removed_is_out_though_the_token_lasts(
    auth: Authenticator, clock: SetClock, hand: Hand, memory: Memory
) -> None:
    text = token(clock)
    assert await whose(auth, text) == "anna"
    del memory.passwords["anna"]
    hand.now += 6
    with pytest.raises(NotAuthenticated):
        await whose(auth, text)


async def test_new_keys_are_looked_for_once_a_minute(
    auth: Authenticator, clock: SetClock, hand: Hand, provider: Provider
) -> None:
    assert await whose(auth, token(clock)) == "anna"
    provider.keys = [_EC]
    fresh = token(clock, _EC, "ES256")
    with pytest.raises(NotAuthenticated):
        await whose(auth, fresh)
    assert len(provider.asked) == 2, "anybody can name any key"
    hand.now += openid.UNKNOWN_SECONDS
    assert await whose(auth, fresh) == "anna"
    assert len(provider.asked) == 4


async def test_a_provider_that_is_down_is_unavailable_until_its_keys_are_known(
    auth: Authenticator, clock: SetClock, hand: Hand, provider: Provider
) -> None:
    provider.down = True
    with pytest.raises(Unavailable):
        await whose(auth, token(clock))
    provider.down = False
    assert await whose(auth, token(clock)) == "anna"
    provider.down = True
    hand.now += openid.KEYS_SECONDS
    assert await whose(auth, token(clock, exp=clock.milliseconds() // 1000 + 900)) == "anna"
