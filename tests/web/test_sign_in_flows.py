"""Second factors, forced and wanted password changes, and lost passwords, as a browser meets them."""

from dataclasses import replace
from typing import Any

import pyotp
import pytest

from folkmoot.auth.freshness import FRESH_MILLISECONDS
from folkmoot.auth.recovery import RecoveryMode
from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.server_section import ServerSettings
from folkmoot.config.settings import Settings
from folkmoot.config.sources import PasswordRule
from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.directory.password_change import PasswordFault, Standing
from folkmoot.store import outbox, profiles
from tests.support.authenticator import SoftAuthenticator
from tests.support.clock import SetClock
from tests.support.memory_source import Memory
from tests.support.web import Browser, Town

pytestmark = pytest.mark.anyio
URL = "https://mail.example.org"
DEFAULTS = "so/anna/jsonDefaults"
SAVE = "so/anna/Preferences/save"
ANNA = Caller(PrincipalId("anna"), fresh=True)
NEW = "a better one 7"


@pytest.fixture
async def town(database: Database, memory: Memory, clock: SetClock) -> Town:
    security = SecuritySettings(password_change=True, password_recovery=True)
    return Town(database, memory, clock, Settings(security=security, server=ServerSettings(public_url=URL)))


def code(secret: str, clock: SetClock) -> str:
    return pyotp.TOTP(secret).at(clock.milliseconds() // 1000)


async def turned_on(town: Town) -> str:
    """Turn anna's second factor on and return the secret."""
    enrolment = await town.sign_in.second_factor.begin(ANNA, "anna")
    await town.sign_in.second_factor.confirm(ANNA, code(enrolment.secret, town.clock))
    town.clock.pass_(seconds=90)
    return enrolment.secret


async def test_a_missing_code_is_202_and_a_wrong_one_403(town: Town, browser: Browser) -> None:
    secret = await turned_on(town)
    reply = await browser.sign_in()
    assert (reply.status, reply.json) == (202, {"totpMissingKey": 1})
    assert browser.cookies == {}
    reply = await browser.sign_in(verificationCode="000000")
    assert (reply.status, reply.json) == (403, {"totpInvalidKey": 1})
    assert browser.cookies == {}
    reply = await browser.sign_in("anna", "wrong", verificationCode=code(secret, town.clock))
    assert (reply.status, reply.json) == (403, {"LDAPPasswordPolicyError": 65535}), "nothing about the code"
    reply = await browser.sign_in(verificationCode=int(code(secret, town.clock)))
    assert (reply.status, reply.json["username"]) == (200, "anna")
    assert (await browser.get(DEFAULTS)).status == 200
    reply = await town.browser.sign_in(verificationCode=code(secret, town.clock))
    assert reply.status == 403, "a code is taken once"


async def test_guessing_codes_locks(town: Town, browser: Browser) -> None:
    await turned_on(town)
    for number in range(10):
        assert (await browser.sign_in(verificationCode=f"{number:06d}")).status == 403
    reply = await browser.sign_in(verificationCode="123456")
    assert (reply.status, reply.json) == (403, {"LDAPPasswordPolicyError": 1})


async def test_a_passkey_stands_for_the_code_or_for_everything(town: Town, browser: Browser) -> None:
    key = SoftAuthenticator(URL, "mail.example.org")
    passkeys = town.sign_in.passkeys
    await passkeys.add(ANNA, "Key", key.create(await passkeys.begin_adding(ANNA)), required=True)
    reply: Any = await browser.sign_in()
    assert (reply.status, reply.json["totpMissingKey"]) == (202, 1)
    assert (await browser.sign_in(passkey=key.get(reply.json["publicKey"]))).status == 200
    other = town.browser
    options: Any = (await other.post("passkeyChallenge", {})).json
    reply = await other.post("connect", {"passkey": key.get(options["publicKey"])})
    assert (reply.status, reply.json["username"]) == (200, "anna")
    assert (await other.get(DEFAULTS)).status == 200
    reply = await town.browser.post("connect", {"passkey": key.get(options["publicKey"])})
    assert (reply.status, reply.json) == (403, {"LDAPPasswordPolicyError": 65535}), "a challenge serves once"
    reply = await town.browser.sign_in("bert", "hunter2", passkey=key.get(options["publicKey"]))
    assert reply.status == 200, "bert has no second factor"


async def test_a_second_factor_that_was_on_in_sogo_is_told_to_be_off_once(town: Town, database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await profiles.hold(tx, ANNA.principal)
        values = {"defaults": {"SOGoTOTPEnabled": 1, "SOGoLanguage": "German"}}
        await profiles.set_(tx, ANNA.principal, properties=values, dead_properties={}, now=1)

    await database.write(work)
    reply = await town.browser.sign_in()
    assert (reply.status, reply.json["totpDisabled"]) == (200, 1)
    assert "totpDisabled" not in (await town.browser.sign_in()).json
    (mail,) = await database.read(lambda tx: outbox.list_(tx, list(outbox.State)))
    assert mail.payload["event"] == "totp_lost"
    kept = await database.read(lambda tx: profiles.get(tx, ANNA.principal))
    assert kept.properties["defaults"] == {"SOGoLanguage": "German"}


async def test_the_language_chosen_at_sign_in_is_kept(town: Town) -> None:
    browser = town.browser
    await browser.sign_in(language="French")
    assert (await browser.get(DEFAULTS)).json["SOGoLanguage"] == "French"
    for nonsense in ("Klingon", 7, "../x"):
        await browser.sign_in(language=nonsense)
    assert (await browser.get(DEFAULTS)).json["SOGoLanguage"] == "French"


@pytest.mark.parametrize("fault", [PasswordFault.EXPIRED, PasswordFault.CHANGE_AFTER_RESET, PasswordFault.TOO_WEAK])
async def test_a_password_that_must_be_changed_opens_nothing_else(
    town: Town, memory: Memory, browser: Browser, fault: PasswordFault
) -> None:
    memory.standings["anna"] = Standing(fault, (PasswordRule(label="POLICY_MIN_LENGTH", value=10),))
    reply = await browser.sign_in()
    assert reply.status == 403
    assert reply.json == {
        "LDAPPasswordPolicyError": int(fault),
        "additionalInfos": {"userPolicies": [{"label": "POLICY_MIN_LENGTH", "value": 10.0, "regex": ""}]},
    }
    assert browser.cookies == {}
    change = {"userName": "anna", "oldPassword": "secret", "newPassword": "short"}
    reply = await browser.post("changePassword", change)
    assert (reply.status, reply.json["LDAPPasswordPolicyError"]) == (403, 5)
    reply = await browser.post("changePassword", {**change, "newPassword": NEW})
    assert (reply.status, reply.json) == (200, {"username": "anna"})
    assert (await browser.get(DEFAULTS)).status == 200
    assert (await town.browser.sign_in("anna", NEW)).status == 200


async def test_the_days_that_are_left_are_told(town: Town, memory: Memory) -> None:
    memory.standings["anna"] = Standing(expires_seconds=86400, grace=3)
    reply = await town.browser.sign_in()
    assert (reply.json["expire"], reply.json["grace"]) == (86400, 3)


async def test_where_nothing_can_be_changed_nothing_is_forced(
    database: Database, memory: Memory, clock: SetClock
) -> None:
    memory.standings["anna"] = Standing(PasswordFault.TOO_WEAK)
    town = Town(database, memory, clock)
    browser = town.browser
    assert (await browser.sign_in()).status == 200
    change = {"userName": "anna", "oldPassword": "secret", "newPassword": NEW}
    reply = await browser.post("changePassword", change)
    assert (reply.status, reply.json) == (403, {"LDAPPasswordPolicyError": 3})
    assert memory.passwords["anna"] == "secret"


async def test_a_session_changes_its_own_password_and_the_others_end(town: Town, anna: Browser) -> None:
    other = town.browser
    await other.sign_in()
    reply = await anna.post("changePassword", {"oldPassword": "wrong", "newPassword": NEW})
    assert (reply.status, reply.json) == (403, {"LDAPPasswordPolicyError": 65535})
    reply = await anna.post("changePassword", {"newPassword": NEW})
    assert (reply.status, reply.json) == (403, {"LDAPPasswordPolicyError": 4})
    anna.send_token = False
    reply = await anna.post("changePassword", {"oldPassword": "secret", "newPassword": NEW})
    assert reply.status == 403
    anna.send_token = True
    before = anna.cookies["0xHIGHFLYxSOGo"]
    assert (await anna.post("changePassword", {"oldPassword": "secret", "newPassword": NEW})).status == 200
    assert anna.cookies["0xHIGHFLYxSOGo"] != before
    assert (await anna.get(DEFAULTS)).status == 200
    assert (await other.get(DEFAULTS)).status == 401
    assert (await town.browser.post("changePassword", {"oldPassword": NEW, "newPassword": "x"})).status == 401


async def test_a_known_password_without_the_second_factor_changes_nothing(town: Town, memory: Memory) -> None:
    secret = await turned_on(town)
    change = {"userName": "anna", "oldPassword": "secret", "newPassword": NEW}
    assert (await town.browser.post("changePassword", change)).status == 202
    reply = await town.browser.post("changePassword", {**change, "verificationCode": "000000"})
    assert (reply.status, reply.json) == (403, {"totpInvalidKey": 1})
    assert memory.passwords["anna"] == "secret"
    reply = await town.browser.post("changePassword", {**change, "verificationCode": code(secret, town.clock)})
    assert reply.status == 200


async def test_a_lost_password_by_the_secret_question(town: Town, memory: Memory) -> None:
    await town.sign_in.recovery.choose(ANNA, RecoveryMode.QUESTION, question="SecretQuestion3", answer="Tom")
    browser = town.browser
    assert (await browser.post("passwordRecoveryEnabled", {"userName": "anna@example.org"})).json == {
        "domain": "example.org"
    }
    reply = await browser.post("passwordRecovery", {"userName": "anna"})
    assert reply.json == {"username": "anna", "mode": "SecretQuestion", "secretQuestion": "SecretQuestion3"}
    check = {"userName": "anna", "mode": "SecretQuestion", "question": "SecretQuestion3", "answer": "Tim"}
    reply = await browser.post("passwordRecoveryCheck", check)
    assert (reply.status, reply.json) == (403, {"LDAPPasswordPolicyError": 9})
    token = (await browser.post("passwordRecoveryCheck", {**check, "answer": "tom"})).json["token"]
    reply = await browser.post("changePassword", {"token": token, "newPassword": "short"})
    assert (reply.status, reply.json["LDAPPasswordPolicyError"]) == (403, 5)
    reply = await browser.post("changePassword", {"token": token, "newPassword": NEW})
    assert (reply.status, reply.json) == (200, {"username": "anna"})
    assert (await browser.get(DEFAULTS)).status == 200
    assert memory.passwords["anna"] == NEW
    reply = await browser.post("changePassword", {"token": token, "newPassword": "another one 8"})
    assert (reply.status, reply.json) == (403, {"LDAPPasswordPolicyError": 10})


async def test_a_token_does_not_pass_the_second_factor_and_is_not_lost_over_it(town: Town) -> None:
    await town.sign_in.recovery.choose(ANNA, RecoveryMode.QUESTION, question="SecretQuestion3", answer="Tom")
    secret = await turned_on(town)
    browser = town.browser
    token = await town.sign_in.recovery.answer("anna", "tom", "192.0.2.1")
    assert (await browser.post("changePassword", {"token": token, "newPassword": NEW})).status == 202
    shown = {"token": token, "newPassword": NEW, "verificationCode": code(secret, town.clock)}
    assert (await browser.post("changePassword", shown)).status == 200


async def test_a_lost_password_by_letter_is_answered_alike_for_everybody(town: Town, database: Database) -> None:
    await town.sign_in.recovery.choose(ANNA, RecoveryMode.ADDRESS, address="anna@elsewhere.example")
    for name in ("anna", "nobody", "bert"):
        asked = {"userName": name, "mode": "SecondaryEmail", "mailDomain": "evil.example"}
        reply = await town.browser.post("passwordRecoveryEmail", asked, origin=URL)
        assert (reply.status, reply.body) == (200, b"null")
    await town.sign_in.recovery.settled()
    mails = await database.read(lambda tx: outbox.list_(tx, list(outbox.State)))
    assert [mail.recipient for mail in mails if mail.kind == "recovery"] == ["anna@elsewhere.example"]
    assert "evil" not in str(mails)


async def test_where_recovery_is_off_every_door_of_it_is_closed(
    database: Database, memory: Memory, clock: SetClock
) -> None:
    browser = Town(database, memory, clock).browser
    for name in ("passwordRecoveryEnabled", "passwordRecovery", "passwordRecoveryCheck", "passwordRecoveryEmail"):
        sent = {"userName": "anna", "mode": "SecretQuestion", "answer": "x"}
        assert (await browser.post(name, sent)).status == 403


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://mail.example.org.evil.example", "x", "://"]
)
async def test_another_origin_gets_nothing_done(town: Town, anna: Browser, origin: str) -> None:
    assert (await anna.post(SAVE, {}, origin=origin)).status == 403
    asked = {"userName": "anna", "password": "secret", "oldPassword": "secret", "newPassword": NEW}
    for door in ("connect", "changePassword", "passwordRecoveryEmail", "passkeyChallenge"):
        assert (await town.browser.post(door, asked, origin=origin)).status == 403
    for own in ({"origin": URL}, {"origin": "http://localhost:20000", "host": "localhost:20000"}):
        assert (await anna.post(SAVE, {}, **own)).status == 200


@pytest.mark.parametrize(
    "door",
    [
        "connect",
        "connectName",
        "passkeyChallenge",
        "changePassword",
        "passwordRecoveryEnabled",
        "passwordRecovery",
        "passwordRecoveryCheck",
        "passwordRecoveryEmail",
    ],
)
async def test_every_door_refuses_other_sites_other_methods_and_nonsense(browser: Browser, door: str) -> None:
    assert (await browser.post(door, {}, sec_fetch_site="cross-site")).status == 403
    assert (await browser.get(door)).status == 405
    for body in (b"", b"[]", b"[" * 100_000, b'{"userName": 7}', b'{"userName": "' + b"a" * 3000 + b'"}', b"\xff"):
        status = (await browser.request("POST", door, body=body)).status
        assert status in {400, 401, 403} or (door == "passkeyChallenge" and status == 200), (door, body[:20], status)
    assert browser.cookies == {}


async def test_loading_is_a_page(browser: Browser) -> None:
    reply = await browser.get("loading")
    assert (reply.status, dict(reply.headers)["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert (await browser.post("connectName", {"userName": "anna"})).json == {"redirect": ""}


async def test_preferences_turn_a_second_factor_on_with_a_first_code_and_off_again(town: Town, anna: Browser) -> None:
    enrolment = await town.sign_in.second_factor.begin(ANNA, "anna")
    assert (await anna.post(SAVE, {"defaults": {"SOGoTOTPEnabled": 1}})).status == 403
    on = {"SOGoTOTPEnabled": 1, "totpVerificationCode": code(enrolment.secret, town.clock)}
    assert (await anna.post(SAVE, {"defaults": {**on, "totpVerificationCode": "000000"}})).status == 403
    assert (await anna.get(DEFAULTS)).json["SOGoTOTPEnabled"] == 0
    assert (await anna.post(SAVE, {"defaults": on})).status == 200


async def test_turning_one_off_needs_a_fresh_session(town: Town) -> None:
    secret = await turned_on(town)
    browser = town.browser
    await browser.sign_in(verificationCode=code(secret, town.clock))
    assert (await browser.get(DEFAULTS)).json["SOGoTOTPEnabled"] == 1
    town.clock.pass_(milliseconds=FRESH_MILLISECONDS)
    off = {"defaults": {"SOGoTOTPEnabled": 0}}
    assert (await browser.post(SAVE, off)).status == 403
    assert (await browser.post(SAVE, {"defaults": {"SOGoTOTPEnabled": 1, "SOGoLanguage": "Czech"}})).status == 200
    again = town.browser
    await again.sign_in(verificationCode=code(secret, town.clock))
    assert (await again.post(SAVE, off)).status == 200
    assert (await again.get(DEFAULTS)).json["SOGoTOTPEnabled"] == 0


async def test_recovery_is_chosen_among_the_preferences_with_a_fresh_session(town: Town, anna: Browser) -> None:
    chosen = {
        "SOGoPasswordRecoveryMode": "SecretQuestion",
        "SOGoPasswordRecoveryQuestion": "SecretQuestion2",
        "SOGoPasswordRecoveryQuestionAnswer": "Rosa",
        "SOGoPasswordRecoverySecondaryEmail": "",
    }
    assert (await anna.post(SAVE, {"defaults": chosen})).status == 200
    told = (await anna.get(DEFAULTS)).json
    assert (told["SOGoPasswordRecoveryMode"], told["SOGoPasswordRecoveryQuestion"]) == (
        "SecretQuestion",
        "SecretQuestion2",
    )
    assert "SOGoPasswordRecoveryQuestionAnswer" not in told
    town.clock.pass_(milliseconds=FRESH_MILLISECONDS)
    unchanged = {**chosen, "SOGoPasswordRecoveryQuestionAnswer": "", "SOGoLanguage": "Czech"}
    assert (await anna.post(SAVE, {"defaults": unchanged})).status == 200
    for changed in (
        {"SOGoPasswordRecoveryMode": "Disabled"},
        {"SOGoPasswordRecoveryQuestionAnswer": "mine"},
        {"SOGoPasswordRecoveryMode": "SecondaryEmail", "SOGoPasswordRecoverySecondaryEmail": "x@evil.example"},
    ):
        assert (
            await anna.post(SAVE, {"defaults": {**chosen, "SOGoPasswordRecoveryQuestionAnswer": "", **changed}})
        ).status == 403
    assert await town.sign_in.recovery.answer("anna", "rosa", "192.0.2.1")


async def test_basic_with_the_main_password_is_refused_once_a_second_factor_is_on(town: Town) -> None:
    import base64

    shown = "Basic " + base64.b64encode(b"anna:secret").decode()
    assert (await town.browser.get(DEFAULTS, authorization=shown)).status == 200
    await turned_on(town)
    town.restart()
    reply = await town.browser.get(DEFAULTS, authorization=shown)
    assert reply.status == 401
    assert b"app password" in reply.body
    assert replace(ANNA).fresh
