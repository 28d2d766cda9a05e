"""Signing in to a running server, with a real browser's authenticator, and at every other door."""

import asyncio
import imaplib
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
import pyotp
import pytest
from playwright.sync_api import Page, sync_playwright

from folkmoot.auth.protocols import Protocol
from folkmoot.auth.sign_in import SignIn
from folkmoot.config.server_section import ServerSettings
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.clock import SystemClock
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.directory.directory import Directory
from folkmoot.directory.local import LocalUserSource
from folkmoot.directory.verifier import Verifier
from folkmoot.server.sign_in import sign_in_of
from tests.support.folkmoot import ANNA, BERT, CARL, Folkmoot, running
from tests.support.servers import require

pytestmark = pytest.mark.live

T = TypeVar("T")
URL = "https://mail.example.org"
SETTINGS = f'FolkmootPublicURL = "{URL}"; SOGoPasswordChangeEnabled = YES;'
FOLLOWS_SECONDS = 20.0  # workers look again every five seconds; a loaded machine is slower
CREATE = "async o => (await navigator.credentials.create({publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(o)})).toJSON()"  # noqa: E501
GET = "async o => (await navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(o)})).toJSON()"  # noqa: E501


@pytest.fixture(scope="module")
def folkmoot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folkmoot]:
    """A server with two workers and a private Dovecot."""
    with running(tmp_path_factory.mktemp("folkmoot"), workers=2, settings=SETTINGS, mail=True) as server:
        yield server


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of the server's public address, in a browser with an authenticator."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=require("chromium", "chromium"), args=["--no-sandbox"])
        page = chromium.new_page()
        page.route(
            "**/*", lambda route: route.fulfill(body="<!DOCTYPE html><title>x</title>", content_type="text/html")
        )
        page.goto(f"{URL}/SOGo/")
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield page
        chromium.close()


def on(folkmoot: Folkmoot, work: Callable[[SignIn], Awaitable[T]]) -> T:
    """Do something with the services, as another worker of the same installation."""

    async def run() -> T:
        verifier = Verifier(1)
        try:
            async with await Database.open(folkmoot.database, pool_size=2) as database:
                directory = Directory([LocalUserSource(database, verifier, SystemClock())])
                settings = Settings(server=ServerSettings(public_url=URL))
                return await work(sign_in_of(settings, database, directory, verifier, SystemClock()))
        finally:
            verifier.close()

    with ThreadPoolExecutor(1) as thread:  # a loop of the browser's is already running in this one
        return thread.submit(lambda: asyncio.run(run())).result()


def connect(folkmoot: Folkmoot, **fields: object) -> httpx.Response:
    return httpx.post(f"{folkmoot.url}/SOGo/connect", json=fields, timeout=30, trust_env=False)


def in_session(folkmoot: Folkmoot, reply: httpx.Response) -> int:
    cookies = "; ".join(value.partition(";")[0] for value in reply.headers.get_list("set-cookie"))
    url = f"{folkmoot.url}/SOGo/so/{reply.json()['username']}/jsonDefaults"
    return httpx.get(url, headers={"cookie": cookies}, timeout=30, trust_env=False).status_code


def soon(check: Callable[[], bool]) -> bool:
    until = time.monotonic() + FOLLOWS_SECONDS
    while time.monotonic() < until:
        if check():
            return True
        time.sleep(0.5)
    return check()


def imap(folkmoot: Folkmoot, login: str, password: str) -> bool:
    with imaplib.IMAP4("127.0.0.1", folkmoot.mail.ports.imap) as server:
        try:
            server.authenticate("PLAIN", lambda _: f"\0{login}\0{password}".encode())
        except imaplib.IMAP4.error:
            return False
        return True


def test_a_browser_signs_in_by_passkey_after_the_password_and_alone(folkmoot: Folkmoot, page: Page) -> None:
    anna = Caller(PrincipalId(ANNA.login), fresh=True)
    options = on(folkmoot, lambda services: services.passkeys.begin_adding(anna))
    made = page.evaluate(CREATE, options)
    added = on(folkmoot, lambda services: services.passkeys.add(anna, "Chromium", made, required=True))
    assert len(added.recovery_codes) == 10

    reply = connect(folkmoot, userName=ANNA.login, password=ANNA.password)
    assert reply.status_code == 202
    signed: Any = page.evaluate(GET, reply.json()["publicKey"])
    reply = connect(folkmoot, userName=ANNA.login, password=ANNA.password, passkey=signed)
    assert reply.status_code == 200
    assert in_session(folkmoot, reply) == 200
    assert connect(folkmoot, userName=ANNA.login, password=ANNA.password, passkey=signed).status_code == 403

    challenge = httpx.post(f"{folkmoot.url}/SOGo/passkeyChallenge", json={}, trust_env=False).json()["publicKey"]
    reply = connect(folkmoot, passkey=page.evaluate(GET, challenge))
    assert (reply.status_code, reply.json()["username"]) == (200, ANNA.login)
    assert in_session(folkmoot, reply) == 200
    on(folkmoot, lambda services: services.passkeys.remove(anna, added.made.id))


def test_codes_and_app_passwords_at_every_door(folkmoot: Folkmoot) -> None:
    bert = Caller(PrincipalId(BERT.login), fresh=True)
    dav = f"{folkmoot.url}{BERT.path}/"
    with folkmoot.client(BERT) as client:
        assert client.request("PROPFIND", dav).status_code == 207
        assert imap(folkmoot, BERT.login, BERT.password)

        async def turn_on(services: SignIn) -> tuple[str, str, str]:
            secret = (await services.second_factor.begin(bert, BERT.login)).secret
            await services.second_factor.confirm(bert, pyotp.TOTP(secret).at(int(time.time()) - 30))
            for_mail = await services.app_passwords.add(bert, "Mail program", {Protocol.MAIL})
            for_dav = await services.app_passwords.add(bert, "Phone", {Protocol.DAV})
            return secret, for_mail.password, for_dav.password

        secret, for_mail, for_dav = on(folkmoot, turn_on)
        assert soon(lambda: client.request("PROPFIND", dav).status_code == 401)
        assert "app password" in client.request("PROPFIND", dav).text
    assert soon(lambda: not imap(folkmoot, BERT.login, BERT.password))
    assert imap(folkmoot, BERT.login, for_mail)
    assert not imap(folkmoot, BERT.login, for_dav)
    ask: Any = {"url": dav, "method": "PROPFIND", "timeout": 30, "trust_env": False}
    assert httpx.request(**ask, auth=(BERT.login, for_dav)).status_code == 207
    assert httpx.request(**ask, auth=(BERT.login, for_mail)).status_code == 401

    assert connect(folkmoot, userName=BERT.login, password=BERT.password).status_code == 202
    code = pyotp.TOTP(secret).now()
    reply = connect(folkmoot, userName=BERT.login, password=BERT.password, verificationCode=code)
    assert reply.status_code == 200
    assert in_session(folkmoot, reply) == 200
    assert connect(folkmoot, userName=BERT.login, password=BERT.password, verificationCode=code).status_code == 403

    on(folkmoot, lambda services: _revoke_all(services, bert))
    assert soon(lambda: httpx.request(**ask, auth=(BERT.login, for_dav)).status_code == 401)


def test_a_changed_password_ends_the_other_sessions_of_both_workers(folkmoot: Folkmoot) -> None:
    replies = [connect(folkmoot, userName=CARL.login, password=CARL.password) for _ in range(4)]
    assert [in_session(folkmoot, reply) for reply in replies] == [200] * 4
    change = {"userName": CARL.login, "oldPassword": CARL.password, "newPassword": "a better one 7"}
    reply = httpx.post(f"{folkmoot.url}/SOGo/changePassword", json=change, timeout=30, trust_env=False)
    assert (reply.status_code, reply.json()) == (200, {"username": CARL.login})
    assert [in_session(folkmoot, one) for one in replies] == [401] * 4
    assert in_session(folkmoot, reply) == 200
    assert connect(folkmoot, userName=CARL.login, password=CARL.password).status_code == 403
    assert soon(lambda: imap(folkmoot, CARL.login, "a better one 7"))
    assert "a better one 7" not in folkmoot.log
    assert json.dumps(CARL.password) not in folkmoot.log


async def _revoke_all(services: SignIn, caller: Caller) -> None:
    for one in await services.app_passwords.list(caller):
        await services.app_passwords.remove(caller, one.id)
