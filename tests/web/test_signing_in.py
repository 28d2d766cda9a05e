"""Signing in and out: cookies, sessions, tokens, and what a failure tells."""

import base64

import pytest

from folkmoot.auth.sessions import IDLE_MILLISECONDS, LIFE_MILLISECONDS
from folkmoot.config.general_section import WebSettings
from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.store import jobs, sessions
from tests.support.clock import SetClock
from tests.support.memory_source import Memory
from tests.support.web import Browser, Town

pytestmark = pytest.mark.anyio

DEFAULTS = "so/anna/jsonDefaults"
SAVE = "so/anna/Preferences/save"


def basic(login: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


async def test_connect_answers_as_sogo_does_and_sets_its_cookies(browser: Browser) -> None:
    reply = await browser.sign_in()
    assert reply.status == 200
    assert reply.json == {"cn": "Anna", "expire": -1, "grace": -1, "username": "anna"}
    session, token = browser.set_
    assert session.startswith("0xHIGHFLYxSOGo=")
    assert session.endswith("; Path=/SOGo/; SameSite=Lax; HttpOnly; Secure")
    assert token.endswith("; Path=/SOGo/; SameSite=Lax; Secure")
    assert len(browser.cookies["XSRF-TOKEN"]) == 40
    assert (await browser.get(DEFAULTS)).status == 200


async def test_the_name_is_remembered_where_that_is_wanted(browser: Browser) -> None:
    await browser.sign_in(rememberLogin=1)
    assert browser.set_[2].startswith("SOGoLogin=anna; ")
    assert "Max-Age=2592000" in browser.set_[2]


@pytest.mark.parametrize(("login", "password"), [("anna", "wrong"), ("nobody", "secret"), ("", ""), ("a\nb", "x")])
async def test_wrong_credentials_are_403_with_sogo_s_number(browser: Browser, login: str, password: str) -> None:
    reply = await browser.sign_in(login, password)
    assert (reply.status, reply.json) == (403, {"LDAPPasswordPolicyError": 65535})
    assert browser.cookies == {}


async def test_a_blocked_account_is_403_with_the_number_for_it(
    database: Database, memory: Memory, clock: SetClock
) -> None:
    town = Town(database, memory, clock, Settings(security=SecuritySettings(failed_logins_max=1)))
    for number in range(2):
        await town.browser.sign_in("anna", f"wrong {number}")
    reply = await town.browser.sign_in()
    assert (reply.status, reply.json) == (403, {"LDAPPasswordPolicyError": 1})


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"nonsense", b'{"userName": 7}', b'{"userName": "' + b"a" * 2000 + b'"}', b"[" * 100_000]
)
async def test_what_is_no_login_is_400(browser: Browser, body: bytes) -> None:
    assert (await browser.request("POST", "connect", body=body)).status == 400
    assert (await browser.request("GET", "connect")).status == 405


async def test_the_domain_is_added_to_a_bare_name(town: Town, memory: Memory) -> None:
    memory.passwords["carl@example.org"] = "c"
    reply = await town.browser.sign_in("carl", "c", domain="example.org")
    assert reply.json["username"] == "carl@example.org"


async def test_logging_off_ends_the_session_on_the_server_too(anna: Browser) -> None:
    kept = dict(anna.cookies)
    reply = await anna.get("so/anna/logoff")
    assert (reply.status, dict(reply.headers)["Location"]) == (302, "/SOGo/")
    assert "Max-Age=0" in anna.set_[-1]
    anna.cookies = kept
    assert (await anna.get(DEFAULTS)).status == 401
    assert (await Browser(anna.face).get("so/anna/logoff")).status == 302


async def test_nobody_is_401_and_is_asked_for_a_password_only_without_a_session(browser: Browser) -> None:
    reply = await browser.get(DEFAULTS)
    assert reply.status == 401
    assert dict(reply.headers)["WWW-Authenticate"].startswith("Basic ")
    browser.cookies = {"0xHIGHFLYxSOGo": "A" * 64}
    reply = await browser.get(DEFAULTS)
    assert reply.status == 401
    assert "WWW-Authenticate" not in dict(reply.headers)


@pytest.mark.parametrize("cookie", ["", "discard", "A" * 63, "A" * 65, "é" * 64, "!" * 64, "basic YW5uYTpzZWNyZXQ="])
async def test_other_cookies_are_no_sessions(browser: Browser, cookie: str) -> None:
    browser.cookies = {"0xHIGHFLYxSOGo": cookie}
    assert (await browser.get(DEFAULTS)).status == 401


async def test_the_id_alone_opens_nothing(anna: Browser) -> None:
    cookie = anna.cookies["0xHIGHFLYxSOGo"]
    anna.cookies["0xHIGHFLYxSOGo"] = cookie[:24] + "A" * 40
    assert (await anna.get(DEFAULTS)).status == 401
    anna.cookies["0xHIGHFLYxSOGo"] = cookie
    assert (await anna.get(DEFAULTS)).status == 200


async def test_the_database_holds_neither_the_cookie_nor_the_password(anna: Browser, database: Database) -> None:
    import hashlib

    cookie = base64.urlsafe_b64decode(anna.cookies["0xHIGHFLYxSOGo"])
    digest = hashlib.sha256(cookie[:16]).hexdigest()
    found = await database.read(lambda tx: sessions.find(tx, digest, 0))
    assert found is not None
    assert found.principal == "anna"
    assert "secret" not in str(found)


async def test_basic_credentials_do_instead_of_a_session_and_need_no_token(browser: Browser) -> None:
    right, wrong = basic("anna", "secret"), basic("anna", "x")
    assert (await browser.get(DEFAULTS, authorization=right)).status == 200
    assert (await browser.post(SAVE, {}, authorization=right)).status == 200
    assert (await browser.get(DEFAULTS, authorization=wrong)).status == 401


async def test_changes_need_the_token_of_their_session(anna: Browser, town: Town) -> None:
    other = town.browser
    await other.sign_in("anna", "secret")
    anna.send_token = False
    assert (await anna.post(SAVE, {})).status == 403
    assert (await anna.post(SAVE, {}, x_xsrf_token="0" * 40)).status == 403
    assert (await anna.post(SAVE, {}, x_xsrf_token=other.cookies["XSRF-TOKEN"])).status == 403
    assert (await anna.post(SAVE, {}, x_xsrf_token=anna.cookies["XSRF-TOKEN"])).status == 200
    by_query = await anna.request("POST", SAVE, {}, query=f"X-XSRF-TOKEN={anna.cookies['XSRF-TOKEN']}")
    assert by_query.status == 200
    assert (await anna.get(DEFAULTS)).status == 200


async def test_tokens_are_not_looked_at_where_that_is_turned_off(
    database: Database, memory: Memory, clock: SetClock
) -> None:
    town = Town(database, memory, clock, Settings(security=SecuritySettings(validate_request_origin=False)))
    browser = town.browser
    await browser.sign_in()
    browser.send_token = False
    assert (await browser.post(SAVE, {})).status == 200


async def test_another_site_can_make_a_browser_do_nothing(anna: Browser) -> None:
    assert (await anna.post(SAVE, {}, sec_fetch_site="cross-site")).status == 403
    right = basic("anna", "secret")
    assert (await anna.post(SAVE, {}, sec_fetch_site="cross-site", authorization=right)).status == 403
    assert (await anna.post(SAVE, {}, sec_fetch_site="same-site", authorization=right)).status == 403
    assert (await anna.post(SAVE, {}, sec_fetch_site="same-site")).status == 200
    assert (await anna.post("connect", {}, sec_fetch_site="cross-site")).status == 403


async def test_a_session_ends_when_it_is_not_used(anna: Browser, clock: SetClock) -> None:
    for _ in range(3):
        clock.pass_(milliseconds=IDLE_MILLISECONDS - 1)
        assert (await anna.get(DEFAULTS)).status == 200
    clock.pass_(milliseconds=IDLE_MILLISECONDS + 1)
    assert (await anna.get(DEFAULTS)).status == 401


async def test_a_session_ends_in_the_end(anna: Browser, clock: SetClock) -> None:
    step = IDLE_MILLISECONDS // 2
    for _ in range(LIFE_MILLISECONDS // step - 1):
        clock.pass_(milliseconds=step)
        assert (await anna.get(DEFAULTS)).status == 200
    clock.pass_(milliseconds=step + 1)
    assert (await anna.get(DEFAULTS)).status == 401


async def test_another_password_ends_the_sessions_of_the_old_one_without_counting_failures(
    database: Database, memory: Memory, clock: SetClock
) -> None:
    town = Town(database, memory, clock, Settings(security=SecuritySettings(failed_logins_max=2)))
    browser = town.browser
    await browser.sign_in()
    memory.passwords["anna"] = "new"
    town.restart()
    for _ in range(4):
        assert (await browser.get(DEFAULTS)).status == 401
    assert (await town.browser.sign_in("anna", "new")).status == 200


async def test_nobody_has_more_than_so_many_sessions(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "SESSIONS_MAX", 3)
    browsers = [town.browser for _ in range(5)]
    for browser in browsers:
        await browser.sign_in()
        town.clock.pass_(seconds=1)
    assert [(await browser.get(DEFAULTS)).status for browser in browsers] == [401, 401, 200, 200, 200]


async def test_a_trusted_proxy_signs_in(town: Town) -> None:
    vouching = Town(
        town.database, town.memory, town.clock, Settings(security=SecuritySettings(trust_proxy_authentication=True))
    )
    from folkmoot.web.http import Request

    caller, response = await vouching.face(
        Request("GET", DEFAULTS, "", {}, b"", "192.0.2.1", secure=False, remote_user="anna")
    )
    assert response.status == 200
    assert caller is not None
    assert caller.principal == "anna"


async def test_the_web_may_be_closed(database: Database, memory: Memory, clock: SetClock) -> None:
    closed = Town(database, memory, clock, Settings(web=WebSettings(enabled=False)))
    assert (await closed.browser.sign_in()).status == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "so/anna/nothing", 404),
        ("GET", "so/anna", 404),
        ("GET", "", 404),
        ("GET", "so/anna/" + "x/" * 50, 404),
        ("POST", "so/anna/jsonDefaults", 405),
        ("GET", "so/anna/Preferences/save", 405),
        ("GET", "so/bert/jsonDefaults", 403),
        ("GET", "so/bert/jsonSettings", 403),
        ("POST", "so/bert/Preferences/save", 403),
        ("HEAD", "so/anna/jsonDefaults", 200),
    ],
)
async def test_other_paths_and_methods(anna: Browser, method: str, path: str, status: int) -> None:
    assert (await anna.request(method, path)).status == status


async def test_requests_of_one_user_may_be_limited(town: Town) -> None:
    from folkmoot.web.face import WebFace

    limited = Browser(WebFace(town.services, lambda _: 7), dict(town.browser.cookies))
    await limited.sign_in()
    reply = await limited.get(DEFAULTS)
    assert (reply.status, dict(reply.headers)["Retry-After"]) == (429, "7")


async def test_signing_in_refreshes_the_web_calendars_that_want_it(town: Town, database: Database) -> None:
    caller = Caller(PrincipalId("anna"))
    made = await town.services.web_calendars.add(caller, "https://example.org/a.ics", reload_on_login=True)
    before = await database.read(lambda tx: jobs.find(tx, "web-calendar", str(made.id)))
    await town.browser.sign_in()
    after = await database.read(lambda tx: jobs.find(tx, "web-calendar", str(made.id)))
    assert before is not None
    assert after is not None
    assert after.due_at < before.due_at


async def test_a_module_that_is_closed_to_a_user_stays_closed(town: Town, memory: Memory) -> None:
    memory.denied["anna"] = frozenset(["Calendar"])
    browser = town.browser
    await browser.sign_in()
    assert (await browser.post("so/anna/Calendar/addWebCalendar", {"url": "https://example.org/a.ics"})).status == 403
    assert (await browser.post("so/anna/Calendar/personal/delete")).status == 403
    assert (await browser.get(DEFAULTS)).status == 200
