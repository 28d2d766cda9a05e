"""The web application in a real browser, on a real server with mail: signing in, reading, tidying up."""

import re
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.support.folkmoot import ANNA, Folkmoot
from tests.ui.axe import axe
from tests.ui.signing import sign_in

pytestmark = pytest.mark.live

MESSAGE: Final = b"""From: Bert Beispiel <bert@example.org>
To: Anna <anna@example.org>
Subject: {subject}
Message-ID: <{number}@example.org>
Date: Mon, 23 Nov 2026 10:00:00 +0000
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<p>Paint the <b>hall</b> green.</p><script>parent.postMessage("stolen", "*")</script><img src="https://tracker.test/x">
"""


@pytest.fixture(scope="module", autouse=True)
def _mail(folkmoot: Folkmoot) -> None:
    for number, subject in enumerate(("Colours", "Brushes"), 1):
        text = MESSAGE.replace(b"{subject}", subject.encode()).replace(b"{number}", str(number).encode())
        folkmoot.deliver(text, ANNA.mail)


def test_the_right_password_opens_the_inbox(page: Page) -> None:
    sign_in(page)
    expect(page.get_by_role("button", name=re.compile("Colours"))).to_be_visible(timeout=20_000)
    expect(page.get_by_role("button", name=re.compile("Brushes"))).to_be_visible()
    assert page.url.endswith("/SOGo/mail")


def test_a_message_is_shown_in_a_frame_that_runs_nothing(page: Page) -> None:
    sign_in(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name=re.compile("Colours")).click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("Paint the hall green.")).to_be_visible()
    expect(page.get_by_text("1 picture from elsewhere was not loaded.")).to_be_visible()
    assert page.locator("iframe").get_attribute("sandbox") == "allow-popups allow-popups-to-escape-sandbox"
    assert not [url for url in asked if "tracker" in url]


def test_what_goes_to_the_trash_comes_back(page: Page) -> None:
    sign_in(page)
    page.get_by_role("button", name=re.compile("Brushes")).click()
    page.get_by_role("button", name="Move to the trash").click()
    expect(page.get_by_text("1 message moved to the trash")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Brushes"))).to_have_count(0, timeout=15_000)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name=re.compile("Brushes"))).to_be_visible(timeout=15_000)


def test_mail_that_arrives_appears_by_itself(page: Page, folkmoot: Folkmoot) -> None:
    sign_in(page)
    expect(page.get_by_role("button", name=re.compile("Colours"))).to_be_visible(timeout=20_000)
    folkmoot.deliver(MESSAGE.replace(b"{subject}", b"Ladders").replace(b"{number}", b"7"), ANNA.mail)
    expect(page.get_by_role("button", name=re.compile("Ladders"))).to_be_visible(timeout=15_000)


def test_the_palette_finds_messages(page: Page) -> None:
    sign_in(page)
    expect(page.get_by_role("button", name=re.compile("Colours"))).to_be_visible(timeout=20_000)
    page.keyboard.press("Control+k")
    page.keyboard.type("hall")
    page.get_by_role("option", name=re.compile("Colours")).click()
    expect(page.frame_locator("iframe").get_by_text("Paint the hall green.")).to_be_visible()


def test_it_is_dark_where_the_system_is_and_fits_a_phone(page: Page) -> None:
    sign_in(page)
    page.get_by_role("button", name=re.compile("Colours")).click()
    expect(page.frame_locator("iframe").get_by_text("Paint the hall green.")).to_be_visible()
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 24, 22)"
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("button", name="Back to the list")).to_be_visible()


def test_it_speaks_the_language_that_is_chosen(page: Page) -> None:
    page.get_by_label("Language").select_option("de")
    expect(page.get_by_role("button", name="Anmelden")).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "de"
    page.get_by_label("Sprache").select_option("fr")
    expect(page.get_by_role("button", name="Se connecter")).to_be_visible()


def test_the_sign_in_and_the_mail_break_no_rule_of_accessibility(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    axe(page)
    sign_in(page)
    page.get_by_role("button", name=re.compile("Colours")).click()
    expect(page.frame_locator("iframe").get_by_text("Paint the hall green.")).to_be_visible()
    axe(page)
