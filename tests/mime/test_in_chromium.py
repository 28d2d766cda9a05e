"""Safe HTML in a real browser: nothing runs, nothing is fetched, and what is parsed is what was written.

Each trick is shown as the application shows it, in a sandboxed frame with its policy; and again in a page with scripts,
without frame and policy, as the sanitiser alone must hold.
"""

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, Route, sync_playwright

from folkmoot.mime.html import Sources, sanitise
from folkmoot.mime.markup import ELEMENTS
from folkmoot.mime.page import SANDBOX, document, policy
from folkmoot.mime.reading import read_message
from folkmoot.mime.rendering import RenderOptions, needed, render
from tests.mime.trick_files import TRICKS

pytestmark = pytest.mark.live

PROXY = "https://folkmoot.test/picture/"
CONSENT = Sources(content=lambda _: f"{PROXY}part", remote=lambda url: PROXY + re.sub(r"[^A-Za-z0-9.]", "_", url))
# A page that notes whatever runs in it.
HOST = "<!DOCTYPE html><html><head><script>window.ran=[];window.pwned=what=>window.ran.push(what)</script></head><body>"
# Elements, attributes and URLs as the browser sees them; and whether writing and reading again changes anything.
INSPECT = """
() => {
  const root = document.getElementById('shown');
  const seen = [...root.querySelectorAll('*')].map(element => [
    element.namespaceURI, element.localName, [...element.attributes].map(({name, value}) => [name, value])]);
  const once = document.createElement('div'), twice = document.createElement('div');
  once.innerHTML = root.innerHTML;
  twice.innerHTML = once.innerHTML;
  return {seen, same: root.innerHTML === once.innerHTML && once.innerHTML === twice.innerHTML
    && [...root.childNodes].every((node, index) => node.isEqualNode(once.childNodes[index]))};
}
"""


class Watch:
    """A page, and what happened in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requested: list[str] = []  # whatever the page tried
        self.reached: list[str] = []  # what its policy let through
        self.dialogs: list[str] = []
        self.popups = 0
        page.route("**/*", self._refuse)
        page.on("request", self._note)
        page.on("dialog", self._dismiss)
        page.on("popup", lambda _: setattr(self, "popups", self.popups + 1))

    def _refuse(self, route: Route) -> None:
        if route.request.url.startswith("https://folkmoot.test/show"):
            route.fallback()
        else:
            self.reached.append(route.request.url)
            route.abort()

    def _note(self, request: Request) -> None:
        if not request.url.startswith(("data:", "about:", "https://folkmoot.test/show")):
            self.requested.append(request.url)

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def show(self, markup: str) -> None:
        self.page.set_content(markup, wait_until="load", timeout=10_000)

    def ran(self) -> list[Any]:
        return list(self.page.evaluate("window.ran"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("apt-get install -y chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def watch(browser: Browser) -> Iterator[Watch]:
    page = browser.new_page()
    yield Watch(page)
    page.close()


def alone(html: str) -> str:
    return f"{HOST}<div id=shown>{html}</div></body></html>"


def test_the_traps_work(watch: Watch) -> None:
    for number, trick in enumerate(("markup: handler", "markup: svg onload", "css: url in every property"), 1):
        watch.show(alone(TRICKS[trick]))
        watch.page.wait_for_timeout(300)
        assert watch.ran() or watch.requested, number


def test_nothing_runs_or_is_fetched_even_without_frame_and_policy(watch: Watch) -> None:
    for name, trick in TRICKS.items():
        watch.show(alone(sanitise(trick).html))
        inspected = watch.page.evaluate(INSPECT)
        assert inspected["same"], name
        for namespace, element, attributes in inspected["seen"]:
            assert namespace == "http://www.w3.org/1999/xhtml", name
            assert element in ELEMENTS | {"style"}, name
            assert not [key for key, _ in attributes if key.startswith("on") or key in {"srcset", "id", "name"}], name
        assert not watch.ran(), name
        assert not watch.requested, (name, watch.requested)
    watch.page.wait_for_timeout(500)
    assert not watch.ran()
    assert not watch.dialogs
    assert not watch.popups


def test_nothing_runs_when_the_text_is_set_into_a_page(watch: Watch) -> None:
    watch.show(alone(""))
    for trick in TRICKS.values():
        watch.page.evaluate("html => { document.getElementById('shown').innerHTML = html }", sanitise(trick).html)
    for trick in TRICKS.values():  # and moved through the parser once more, as careless code does
        watch.page.evaluate(
            "html => { const d = document.getElementById('shown'); d.innerHTML = html; d.innerHTML = d.innerHTML }",
            sanitise(trick).html,
        )
    watch.page.wait_for_timeout(500)
    assert (watch.ran(), watch.requested, watch.dialogs) == ([], [], [])


def test_nothing_runs_where_a_trick_is_text_a_header_or_a_name(watch: Watch) -> None:
    """Everything but HTML is escaped by us alone."""
    for name, trick in TRICKS.items():
        line = trick.replace("\n", " ")[:900].encode("utf-8", "replace")
        quoted = line.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        message = read_message(
            b"From: x@y.test\nSubject: " + line + b"\nContent-Type: multipart/mixed; boundary=b\n\n"
            b"--b\nContent-Type: text/plain\n\n" + line + b" http://x.test/" + line + b"\n"
            b"--b\nContent-Type: text/enriched\n\n<bold>" + line + b"\n"
            b"--b\nContent-Type: message/rfc822\n\nFrom: " + line + b"\nSubject: " + line + b"\n\n> " + line + b"\n"
            b'--b\nContent-Type: image/png; name="' + quoted + b'"\nContent-Disposition: inline\n\nAAAA\n'
            b"--b--\n"
        )
        rendered = render(message.part, message.sections(needed(message.part)), RenderOptions(cid=lambda _: PROXY))
        watch.show(alone(rendered.html))
        assert not watch.ran(), name
        assert watch.page.evaluate(INSPECT)["same"], name
    assert [url for url in watch.requested if url != PROXY] == []
    assert not watch.dialogs


def test_with_consent_only_the_proxy_is_asked(watch: Watch) -> None:
    for name, trick in TRICKS.items():
        watch.show(alone(sanitise(trick, CONSENT).html))
        assert not watch.ran(), name
    watch.page.wait_for_timeout(500)
    assert watch.requested
    assert [url for url in watch.requested if not url.startswith(PROXY)] == []
    assert not watch.dialogs


def test_the_frame_shows_a_message_and_holds_it(watch: Watch) -> None:
    csp = policy(("https://folkmoot.test",))
    shown: dict[str, str] = {}
    watch.page.route(
        "https://folkmoot.test/show/*",
        lambda route: route.fulfill(
            body=shown["document"],
            headers={"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": csp},
        ),
    )
    for name, trick in TRICKS.items():
        shown["document"] = document(sanitise(trick).html + "<p>the end</p>", csp, plain=False)
        frame = f'<iframe id=shown sandbox="{SANDBOX}" src="https://folkmoot.test/show/1"></iframe>'
        watch.show(f"{HOST}{frame}</body></html>")
        assert watch.page.frames[1].locator("p", has_text="the end").count() == 1, name
        assert not watch.ran(), name
    assert not watch.requested
    assert not watch.dialogs


def test_the_frame_holds_what_was_never_sanitised(watch: Watch) -> None:
    """Frame and policy are a second line: they must do without the first."""
    csp = policy(())
    shown: dict[str, str] = {}
    watch.page.route(
        "https://folkmoot.test/show/*",
        lambda route: route.fulfill(
            body=shown["document"],
            headers={"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": csp},
        ),
    )
    for name, trick in TRICKS.items():
        if "http-equiv" in trick or "plaintext" in name:
            continue  # a page that leads itself elsewhere is what no policy forbids
        shown["document"] = document(trick, csp, plain=False)
        watch.show(f'{HOST}<iframe sandbox="{SANDBOX}" src="https://folkmoot.test/show/1"></iframe></body></html>')
        assert not watch.ran(), name
    watch.page.wait_for_timeout(500)
    assert not watch.dialogs
    assert watch.requested
    assert watch.reached == []


def test_the_page_of_a_message_lays_out_without_faults(watch: Watch) -> None:
    faults: list[str] = []
    watch.page.on("console", lambda message: faults.append(message.text))
    safe = sanitise(
        "<style>@media (max-width:600px){.w{width:100% !important}}</style><table class=w width=900><td>x</table>"
    )
    watch.page.set_viewport_size({"width": 400, "height": 300})
    watch.show(document(safe.html, policy(()), plain=False))
    assert watch.page.evaluate("document.querySelector('table').offsetWidth") < 400
    assert faults == []
