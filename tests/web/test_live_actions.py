"""What SOGo's own tests call over HTTP, on a running server with two workers and a document elsewhere."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.support.dav import event
from tests.support.folkmoot import ANNA, BERT, CARL, Folkmoot, running

pytestmark = pytest.mark.live

SETTINGS = 'FolkmootAllowedPrivateNetworks = ("127.0.0.0/8");'
FEED = event("a").replace(b"END:VCALENDAR\r\n", b"") + event("b").partition(b"PRODID:-//Test//EN\r\n")[2]


class Document(BaseHTTPRequestHandler):
    """Serves a calendar, and nothing under any other name."""

    def do_GET(self) -> None:
        found = self.path == "/feed.ics"
        body = FEED if found else b"nothing"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/calendar")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its base names it so
        pass


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of a web server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Document)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def folkmoot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folkmoot]:
    """A server that may fetch from this machine."""
    with running(tmp_path_factory.mktemp("folkmoot"), workers=2, settings=SETTINGS) as server:
        yield server


@pytest.fixture
def browser(folkmoot: Folkmoot) -> Iterator[httpx.Client]:
    """A client that has signed in as anna."""
    with httpx.Client(base_url=folkmoot.url) as client:
        reply = client.post("/SOGo/connect", json={"userName": ANNA.login, "password": ANNA.password})
        assert reply.status_code == 200
        assert reply.json()["username"] == ANNA.login
        client.headers["X-XSRF-TOKEN"] = client.cookies["XSRF-TOKEN"]
        yield client


def test_preferences_live_through_workers_and_restarts(browser: httpx.Client, folkmoot: Folkmoot) -> None:
    home = f"/SOGo/so/{ANNA.login}"
    sent = {"defaults": {"SOGoTimeZone": "America/Montreal"}, "settings": {"Calendar": {"PreventInvitations": 1}}}
    assert browser.post(f"{home}/Preferences/save", json=sent).status_code == 200
    folkmoot.stop()
    folkmoot.start()
    for _ in range(10):  # some to each worker
        with httpx.Client(base_url=folkmoot.url, cookies=browser.cookies) as fresh:
            assert fresh.get(f"{home}/jsonDefaults").json()["SOGoTimeZone"] == "America/Montreal"
            assert fresh.get(f"{home}/jsonSettings").json()["Calendar"] == {"PreventInvitations": 1}
    assert browser.get(f"{home}/logoff").status_code == 302
    assert browser.get(f"{home}/jsonDefaults").status_code == 401


def test_who_prevents_invitations_in_the_web_is_not_invited_over_dav(browser: httpx.Client, folkmoot: Folkmoot) -> None:
    save, listed = f"/SOGo/so/{ANNA.login}/Preferences/save", {BERT.login: f"Bert <{BERT.mail}>"}
    body = event("m", extra=f"ORGANIZER:mailto:{BERT.mail}\r\nATTENDEE:mailto:{ANNA.mail}\r\n")
    with folkmoot.client(BERT) as bert:
        for prevents, whitelist, status in ((1, {}, 409), (1, listed, 201), (0, {}, 204)):
            chosen = {"PreventInvitations": prevents, "PreventInvitationsWhitelist": whitelist}
            assert browser.post(save, json={"settings": {"Calendar": chosen}}).status_code == 200
            put = bert.put(f"{BERT.calendar}m.ics", content=body, headers={"Content-Type": "text/calendar"})
            assert put.status_code == status, put.text
            assert (ANNA.mail in put.text) == (status == 409)


def test_a_web_calendar_is_added_loaded_and_deleted(browser: httpx.Client, folkmoot: Folkmoot, elsewhere: str) -> None:
    calendars = f"/SOGo/so/{ANNA.login}/Calendar"
    added = browser.post(f"{calendars}/addWebCalendar", json={"url": f"{elsewhere}/feed.ics", "name": "Feed"})
    assert added.status_code == 200
    assert added.json()["name"] == "Feed"
    identifier = added.json()["id"]
    loaded = browser.get(f"{calendars}/{identifier}/reload")
    assert loaded.status_code == 200
    assert loaded.headers["content-type"] == "application/json"
    assert loaded.json() == {"status": 200, "imported": 2}
    utc = {"defaults": {"SOGoTimeZone": "UTC"}}
    assert browser.post(f"/SOGo/so/{ANNA.login}/Preferences/save", json=utc).status_code == 200
    days = browser.get(f"/SOGo/so/{ANNA.login}/freebusy.ifb/ajaxRead", params={"sday": "20260302", "eday": "20260302"})
    assert list(days.json()["20260302"]) == ["9"]
    assert browser.post(f"{calendars}/{identifier}/delete").status_code == 204
    assert browser.get(f"{calendars}/{identifier}/reload").status_code == 404


def test_a_web_calendar_that_is_none_says_why(browser: httpx.Client, elsewhere: str) -> None:
    calendars = f"/SOGo/so/{ANNA.login}/Calendar"
    added = browser.post(f"{calendars}/addWebCalendar", json={"url": f"{elsewhere}/missing.ics"})
    failed = browser.get(f"{calendars}/{added.json()['id']}/reload")
    assert failed.status_code == 500
    assert failed.json()["error"] == "http-error"
    refused = browser.post(f"{calendars}/addWebCalendar", json={"url": "file:///etc/passwd"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid-url")
    assert browser.post(f"{calendars}/addWebCalendar", json={}).status_code == 400
    assert browser.post(f"/SOGo/so/{BERT.login}/Calendar/addWebCalendar", json={"url": elsewhere}).status_code == 403


def test_calendars_are_deleted_by_their_escaped_name(browser: httpx.Client, folkmoot: Folkmoot) -> None:
    with folkmoot.client(ANNA) as dav:
        assert dav.request("MKCALENDAR", f"{ANNA.path}/Calendar/my_own.one/").status_code == 201
        assert browser.post(f"/SOGo/so/{ANNA.login}/Calendar/my_U_own_D_one/delete").status_code == 204
        assert dav.request("PROPFIND", f"{ANNA.path}/Calendar/my_own.one/", headers={"Depth": "0"}).status_code == 404
    assert browser.post(f"/SOGo/so/{BERT.login}/Calendar/personal/delete").status_code == 404


def test_closed_places_stay_closed(folkmoot: Folkmoot) -> None:
    with httpx.Client(base_url=folkmoot.url) as nobody:
        assert nobody.get("/SOGo/so/public").status_code == 404
        assert nobody.get("/SOGo/so/public/freebusy.ifb/ajaxRead").status_code == 404
        assert nobody.get(f"/SOGo/so/{ANNA.login}/jsonDefaults").status_code == 401
        assert nobody.post("/SOGo/connect", content=b"x" * 2_000_000).status_code == 413


def test_who_prevents_invitations_is_not_invited_but_by_the_whitelist(
    browser: httpx.Client, folkmoot: Folkmoot
) -> None:
    save = f"/SOGo/so/{ANNA.login}/Preferences/save"
    lines = f"ORGANIZER:mailto:{{}}\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{ANNA.mail}\r\n"
    whitelist = {CARL.login: f"Carl <{CARL.mail}>"}
    chosen = {"PreventInvitations": 1, "PreventInvitationsWhitelist": whitelist}
    assert browser.post(save, json={"settings": {"Calendar": chosen}}).status_code == 200
    for person, status in ((BERT, 409), (CARL, 201)):
        with folkmoot.client(person) as dav:
            invitation = event(f"by-{person.login}", extra=lines.format(person.mail))
            assert dav.put(f"{person.calendar}invitation.ics", content=invitation).status_code == status
    assert browser.post(save, json={"settings": {"Calendar": {"PreventInvitations": 0}}}).status_code == 200
    with folkmoot.client(BERT) as dav:
        invitation = event("by-bert", extra=lines.format(BERT.mail))
        assert dav.put(f"{BERT.calendar}invitation.ics", content=invitation).status_code == 201


def test_a_name_with_a_domain_may_come_encoded_twice(folkmoot: Folkmoot) -> None:
    with httpx.Client(base_url=folkmoot.url) as client:
        reply = client.post("/SOGo/connect", json={"userName": CARL.login, "password": CARL.password})
        assert reply.json()["username"] == CARL.login
        for written in ("carl@example.org", "carl%40example.org", "carl%2540example.org"):
            assert client.get(f"/SOGo/so/{written}/jsonDefaults").status_code == 200
