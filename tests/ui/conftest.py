"""A server with mail, a browser, and a page that complains about everything that goes wrong in it."""

import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from folkmoot.server.web_application import built_application
from tests.support.folkmoot import Folkmoot, running
from tests.support.servers import require

# Asking who is signed in, before anybody is; and what tests cut off on purpose.
EXPECTED: Final = re.compile("401|ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED")


@pytest.fixture(scope="module")
def folkmoot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folkmoot]:
    assert built_application().is_built, "the web application is not built: ./test live builds it"
    with running(tmp_path_factory.mktemp("folkmoot"), mail=True) as server:
        server.wait_for_mail()
        yield server


@pytest.fixture(scope="module")
def browser(folkmoot: Folkmoot) -> Iterator[Browser]:
    """Chromium, begun after the server and ended before it: its loop and the server's must not run at once."""
    assert folkmoot.url
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=require("chromium", "chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, folkmoot: Folkmoot) -> Iterator[Page]:
    """A page that complains about everything that goes wrong in it."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    shown = context.new_page()
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not EXPECTED.search(message.text):
            faults.append(message.text)

    shown.on("console", note)
    shown.on("pageerror", lambda error: faults.append(str(error)))
    shown.goto(f"{folkmoot.url}/SOGo/")
    yield shown
    context.close()
    assert faults == []
