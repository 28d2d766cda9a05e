"""Every trick that mails were seen to play, sent by mail and shown as the web application shows it, in a browser."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, Dialog, Route, async_playwright

from folkmoot.database import Database
from folkmoot.jmap.vendor_mail.view import VIEWS_MAX
from folkmoot.mime.page import SANDBOX
from tests.jmap.mail.reading import ids, mail_world, put, reader
from tests.mime.trick_files import TRICKS
from tests.support.jmap import Client, World

pytestmark = [pytest.mark.anyio, pytest.mark.live]

SHOW = "https://h.test/show/"
HOST = "<!DOCTYPE html><html><head><script>window.ran=[];window.pwned=what=>window.ran.push(what)</script></head><body>"

AT_ONCE = 20  # frames
FRAMES = """
([sandbox, urls]) => Promise.all(urls.map(url => new Promise(done => {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', sandbox);
  frame.onload = () => { frame.remove(); done(); };
  frame.src = url;
  document.body.append(frame);
})))
"""


@dataclass
class Seen:
    """What happened in a page."""

    requested: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    ran: list[Any] = field(default_factory=list)


@pytest.fixture
async def opened(embedded: Database) -> AsyncIterator[World]:
    async with mail_world(embedded) as made:
        yield made


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("apt-get install -y chromium")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        await chromium.close()


def mail(number: int, trick: str) -> bytes:
    line = " ".join(trick.split())[:300].encode("utf-8", "replace").replace(b'"', b"'").replace(b"\0", b"")
    head = (
        b'From: "%s" <trap@trap.test>\r\nSubject: %s\r\nMessage-ID: <%d@trap.test>\r\nList-Unsubscribe: <%s>\r\n'
        b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n"
    ) % (line[:100], line, number, line[:100].replace(b">", b""))
    parts = (
        b"--bb\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + trick.replace("\0", "&#0;").replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "replace")
        + b'\r\n--bb\r\nContent-Type: text/html; name="%s.html"\r\nContent-Disposition: attachment\r\n\r\n' % line[:100]
        + trick.replace("\0", "").encode("utf-8", "replace").replace(b"\n", b"\r\n")
        + b"\r\n--bb--\r\n"
    )
    return head + parts


async def page_of(client: Client, url: str) -> tuple[str, str]:
    """Return what a URL of a page opens, and its policy."""
    account, blob = url.removeprefix("https://h.test/SOGo/jmap/download/").split("/")[:2]
    context = client.context()
    found = await context.open_blob(await context.accounts.get(account), blob)
    return b"".join([piece async for piece in found.pieces]).decode(), found.page_policy


async def show(browser: Browser, pages: list[tuple[str, str]]) -> Seen:
    """Show pages in the application's frame, one after the other."""
    seen, page = Seen(), await browser.new_page()

    async def answer(route: Route) -> None:
        url = route.request.url
        if url.startswith(SHOW):
            document, policy = pages[int(url.removeprefix(SHOW))]
            headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
            await route.fulfill(body=document, headers=headers)
        elif url == "https://h.test/":
            await route.fulfill(body=f"{HOST}</body></html>", headers={"Content-Type": "text/html"})
        else:
            seen.requested.append(url)
            await route.abort()

    async def dismiss(dialog: Dialog) -> None:
        seen.dialogs.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", dismiss)
    await page.route("**/*", answer)
    await page.goto("https://h.test/")
    for start in range(0, len(pages), AT_ONCE):
        urls = [f"{SHOW}{number}" for number in range(start, min(start + AT_ONCE, len(pages)))]
        await page.evaluate(FRAMES, [SANDBOX, urls])
    await page.wait_for_timeout(300)
    seen.ran = list(await page.evaluate("window.ran"))
    await page.close()
    return seen


async def test_nothing_runs_and_nothing_is_fetched(opened: World, browser: Browser) -> None:
    anna = await reader(opened)
    await put(opened, anna, *(mail(number, trick) for number, trick in enumerate(TRICKS.values())))
    every = await ids(anna, sort=[{"property": "receivedAt"}])
    assert len(every) == len(TRICKS)
    documents: list[tuple[str, str]] = []
    served: list[tuple[str, str]] = []
    for start in range(0, len(every), VIEWS_MAX):
        told = await anna.call("EmailView/get", ids=every[start : start + VIEWS_MAX])
        for one in told["list"]:
            documents.append((one["document"], one["documentPolicy"]))
            served.append(await page_of(anna, one["documentUrl"]))
            served.append(await page_of(anna, one["attachments"][-1]["previewUrl"]))
    assert len(documents) == len(TRICKS)
    seen = await show(browser, [*documents, *served])
    assert (seen.ran, seen.requested, seen.dialogs) == ([], [], [])


async def test_with_consent_only_this_server_is_asked(opened: World, browser: Browser) -> None:
    anna = await reader(opened)
    await put(opened, anna, *(mail(number, trick) for number, trick in enumerate(TRICKS.values())))
    every = await ids(anna)
    pages: list[tuple[str, str]] = []
    for start in range(0, len(every), VIEWS_MAX):
        told = await anna.call("EmailView/get", ids=every[start : start + VIEWS_MAX], pictures="show")
        pages += [(one["document"], one["documentPolicy"]) for one in told["list"]]
    seen = await show(browser, pages)
    assert (seen.ran, seen.dialogs) == ([], [])
    assert seen.requested
    assert [url for url in seen.requested if not url.startswith("https://h.test/SOGo/jmap/download/")] == []


async def test_the_page_of_a_message_is_shown_in_a_frame_of_ours_alone(opened: World, browser: Browser) -> None:
    anna = await reader(opened)
    await put(opened, anna, mail(1, "<p>Round and round</p>"))
    (one,) = (await anna.call("EmailView/get", ids=await ids(anna)))["list"]
    document, policy = await page_of(anna, one["documentUrl"])
    frame = f'<iframe sandbox="{SANDBOX}" src="{SHOW}0"></iframe>'
    shown: list[bool] = []
    for host in ("https://h.test/", "https://other.test/"):
        page = await browser.new_page()

        async def answer(route: Route) -> None:
            if route.request.url.startswith(SHOW):
                headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
                await route.fulfill(body=document, headers=headers)
            else:
                await route.fulfill(body=f"<!DOCTYPE html>{frame}", headers={"Content-Type": "text/html"})

        await page.route("**/*", answer)
        await page.goto(host)
        shown.append("Round and round" in await page.frames[1].content())
        await page.close()
    assert shown == [True, False]
