"""Writing messages in a real browser: new ones and answers, drafts that survive, and what is asked before sending."""

import imaplib
import re
import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.folkmoot import ANNA, BERT, Folkmoot
from tests.ui.axe import axe
from tests.ui.signing import sign_in

pytestmark = pytest.mark.live

MESSAGE: Final = b"""From: Bert Beispiel <bert@example.org>
To: Anna <anna@example.org>, Carl <carl@example.net>
Subject: Colours
Message-ID: <colours@example.org>
Date: Mon, 23 Nov 2026 10:00:00 +0000
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<p>Paint the <b>hall</b> green.</p><script>alert(1)</script><img src="https://tracker.test/x" onerror="alert(2)">
"""


@pytest.fixture(scope="module", autouse=True)
def _mail(folkmoot: Folkmoot) -> None:
    folkmoot.deliver(MESSAGE, ANNA.mail)


@pytest.fixture
def letter(page: Page) -> Callable[[str], Locator]:
    """A function from a title to the window of a letter."""
    sign_in(page)
    expect(page.get_by_role("button", name=re.compile("Colours")).first).to_be_visible(timeout=20_000)
    return lambda title: page.get_by_role("dialog", name=title)


def inbox_of_bert(folkmoot: Folkmoot, subject: str) -> EmailMessage:
    """Return the message of that subject that Bert has got."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with imaplib.IMAP4("127.0.0.1", folkmoot.mail.ports.imap) as imap:
            imap.authenticate("PLAIN", lambda _: f"\0{BERT.login}\0{BERT.password}".encode())
            imap.select("INBOX")
            _, (found,) = imap.search(None, "SUBJECT", f'"{subject}"')
            for number in found.split():
                _, data = imap.fetch(number.decode(), "(BODY.PEEK[])")
                assert isinstance(data[0], tuple)
                return message_from_bytes(data[0][1], policy=default)
        time.sleep(0.3)
    pytest.fail(f"Bert has got nothing about {subject}")


def html_of(message: EmailMessage) -> str:
    """Return the text of a message as HTML."""
    body = message.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def test_a_message_is_written_and_sent(page: Page, folkmoot: Folkmoot, letter: Callable[[str], Locator]) -> None:
    page.keyboard.press("w")
    window = letter("New message")
    window.get_by_label("To", exact=True).get_by_role("combobox").fill("bert")
    window.get_by_role("option", name=re.compile("bert@example.org")).click()
    window.get_by_label("Subject").fill("Brushes to buy")
    window = letter("Brushes to buy")
    window.get_by_role("textbox", name="Message").click()
    page.keyboard.type("Three of ")
    page.keyboard.press("Control+b")
    page.keyboard.type("them")
    window.get_by_label("Attach files").locator("xpath=following-sibling::input").set_input_files(
        {"name": "list.txt", "mimeType": "text/plain", "buffer": b"three brushes"}
    )
    expect(window.get_by_text("list.txt")).to_be_visible()
    expect(window.get_by_role("status")).to_have_text("Saved", timeout=15_000)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Message sent")).to_be_visible(timeout=15_000)
    expect(window).to_have_count(0)
    got = inbox_of_bert(folkmoot, "Brushes to buy")
    assert "<b>them</b>" in html_of(got)
    assert [one.get_filename() for one in got.iter_attachments()] == ["list.txt"]
    page.get_by_role("link", name="Sent").click()
    expect(page.get_by_role("button", name=re.compile("Brushes to buy"))).to_have_count(1, timeout=15_000)
    page.get_by_role("link", name="Drafts").click()
    expect(page.get_by_text("There is nothing here.")).to_be_visible(timeout=15_000)


def test_an_answer_quotes_and_runs_nothing(page: Page, folkmoot: Folkmoot, letter: Callable[[str], Locator]) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name=re.compile("Colours")).first.click()
    expect(page.frame_locator("iframe").get_by_text("Paint the hall green.")).to_be_visible()
    page.keyboard.press("a")
    window = letter("Re: Colours")
    expect(window.get_by_text("Paint the hall green.")).to_be_visible(timeout=15_000)
    expect(window.get_by_text("Carl")).to_be_visible()
    page.keyboard.type("Blue is better.")
    expect(window.get_by_role("textbox", name="Message")).to_contain_text("Blue is better.")
    window.get_by_role("button", name="Remove Carl").click()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Message sent")).to_be_visible(timeout=15_000)
    got = inbox_of_bert(folkmoot, "Re: Colours")
    assert got["In-Reply-To"] == "<colours@example.org>"
    assert "Blue is better." in html_of(got)
    assert "script" not in html_of(got)
    assert [url for url in asked if "tracker" in url] == []


def test_what_looks_forgotten_is_asked(page: Page, letter: Callable[[str], Locator]) -> None:
    page.get_by_role("button", name="Write").click()
    window = letter("New message")
    window.get_by_role("textbox", name="Message").click()
    page.keyboard.type("The plan is attached.")
    window.get_by_role("button", name="Send", exact=True).click()
    expect(window.get_by_role("alert")).to_have_text("Name somebody to send it to.")
    window.get_by_label("To", exact=True).get_by_role("combobox").fill("bert@example.org,")
    window.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("dialog", name="Send it without a subject?")).to_be_visible()
    page.get_by_role("button", name="Send it", exact=True).click()
    expect(page.get_by_role("dialog", name=re.compile("speaks of an attachment"))).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(window).to_be_visible()
    window.get_by_role("button", name="Discard").click()
    expect(window).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(letter("New message").get_by_text("The plan is attached.")).to_be_visible()
    letter("New message").get_by_role("button", name="Discard").click()


def test_a_draft_goes_on_where_it_was_left(page: Page, letter: Callable[[str], Locator]) -> None:
    page.keyboard.press("w")
    letter("New message").get_by_label("Subject").fill("Ladders")
    window = letter("Ladders")
    window.get_by_role("textbox", name="Message").click()
    page.keyboard.type("One long, one short")
    window.get_by_role("button", name="Close and keep").click()
    expect(window).to_have_count(0, timeout=15_000)
    page.get_by_role("link", name="Drafts").click()
    page.get_by_role("button", name=re.compile("Ladders")).click()
    expect(letter("Ladders").get_by_text("One long, one short")).to_be_visible(timeout=15_000)
    letter("Ladders").get_by_role("button", name="Discard").click()
    expect(page.get_by_text("There is nothing here.")).to_be_visible(timeout=15_000)


def test_a_cut_line_and_a_reload_lose_no_word(page: Page, letter: Callable[[str], Locator]) -> None:
    page.keyboard.press("w")
    letter("New message").get_by_label("Subject").fill("Scaffold")
    window = letter("Scaffold")
    expect(window.get_by_role("status")).to_have_text("Saved", timeout=15_000)
    page.context.set_offline(offline=True)
    window.get_by_role("textbox", name="Message").click()
    page.keyboard.type("written without a line")
    expect(window.get_by_role("status")).to_have_text("Saved on this device only", timeout=15_000)
    page.context.set_offline(offline=False)
    page.reload()
    expect(letter("Scaffold").get_by_text("written without a line")).to_be_visible(timeout=20_000)
    expect(letter("Scaffold").get_by_role("status")).to_have_text("Saved", timeout=20_000)
    letter("Scaffold").get_by_role("button", name="Discard").click()


def test_the_composer_breaks_no_rule_of_accessibility(page: Page, letter: Callable[[str], Locator]) -> None:
    page.keyboard.press("w")
    window = letter("New message")
    expect(window.get_by_label("Subject")).to_be_visible()
    window.get_by_label("To", exact=True).get_by_role("combobox").fill("bert@example.org,")
    axe(page)
    page.set_viewport_size({"width": 390, "height": 844})
    axe(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("document.documentElement.dir = 'rtl'")
    expect(window).to_be_in_viewport(ratio=0.99)
    window.get_by_role("button", name="Close and keep").click()
