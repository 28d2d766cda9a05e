"""The calendar in a real browser: views, making by drawing, moving by pointer and keys, series, invitations."""

import re
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.support.folkmoot import ANNA, BERT, Folkmoot
from tests.ui.axe import axe
from tests.ui.signing import sign_in

pytestmark = pytest.mark.live

ZONE: Final = "Europe/Prague"  # of the server's people
EVENT: Final = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261101T000000Z
SUMMARY:{title}
{times}
END:VEVENT
END:VCALENDAR
"""
EVENTS: Final = {
    "paint": ("Paint the hall", "DTSTART:20261124T090000Z\nDTEND:20261124T100000Z\nLOCATION:Hall\nX-KEPT:yes"),
    "stand": ("Stand-up", "DTSTART:20261123T080000Z\nDTEND:20261123T081500Z\nRRULE:FREQ=DAILY;COUNT=5"),
    "fair": ("<img src=x onerror=alert(1)>", "DTSTART;VALUE=DATE:20261125\nDTEND;VALUE=DATE:20261127"),
}


@pytest.fixture(scope="module", autouse=True)
def _events(folkmoot: Folkmoot) -> None:
    with folkmoot.client(ANNA) as client:
        for uid, (title, times) in EVENTS.items():
            text = EVENT.format(uid=uid, title=title, times=times).replace("\n", "\r\n")
            answer = client.put(f"{ANNA.calendar}{uid}.ics", content=text)
            assert answer.status_code == 201, answer.text


def open_calendar(page: Page, view: str = "week") -> None:
    sign_in(page)
    expect(page.get_by_role("link", name="Calendar")).to_be_visible(timeout=20_000)
    page.goto(page.url.split("/SOGo/")[0] + f"/SOGo/calendar/{view}/2026-11-24")
    expect(page.get_by_role("button", name=re.compile("Paint the hall")).first).to_be_visible(timeout=20_000)


def stored(folkmoot: Folkmoot, uid: str) -> str:
    with folkmoot.client(ANNA) as client:
        return client.get(f"{ANNA.calendar}{uid}.ics").text


def test_views_show_what_there_is_and_run_nothing(page: Page) -> None:
    open_calendar(page)
    expect(page.get_by_role("button", name=re.compile("Stand-up"))).to_have_count(5)
    expect(page.get_by_role("button", name=re.compile("<img src=x"))).to_have_count(2)
    page.keyboard.press("m")
    expect(page.get_by_role("heading", name="November 2026")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Paint the hall"))).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Wednesday, 25 November 2026")).to_be_visible()
    page.keyboard.press("d")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="Wednesday, 25 November 2026")).to_be_visible()
    assert page.url.endswith("/SOGo/calendar/day/2026-11-25")


def test_an_event_is_drawn_shown_changed_and_removed(page: Page, folkmoot: Folkmoot) -> None:
    open_calendar(page)
    column = page.locator('.day[data-day="2026-11-26"]')
    box = column.bounding_box()
    assert box is not None
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + 14 * 48 + 2)
    page.mouse.down()
    page.mouse.move(x, box["y"] + 15 * 48 + 20)
    page.mouse.up()
    dialog = page.get_by_role("dialog", name="New event")
    expect(dialog.get_by_label("Begins at")).to_have_value("14:00")
    expect(dialog.get_by_label("Ends at")).to_have_value("15:30")
    dialog.get_by_label("Title").fill("Choose colours")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Event saved")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name=re.compile(r"Choose colours\W+14:00.15:30")).click()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Place").fill("Attic")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name=re.compile("Choose colours.*Attic")).click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Event deleted")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("button", name=re.compile("Choose colours"))).to_have_count(0)


def test_an_event_is_moved_by_pointer_and_by_keys_and_back(page: Page, folkmoot: Folkmoot) -> None:
    open_calendar(page)
    block = page.get_by_role("button", name=re.compile(r"Paint the hall\W+10:00.11:00"))
    box = block.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 20, box["y"] + 10 + 48, steps=4)
    page.mouse.up()
    moved = page.get_by_role("button", name=re.compile(r"Paint the hall\W+11:00.12:00"))
    expect(moved).to_be_visible(timeout=15_000)
    assert "DTSTART:20261124T100000Z" in stored(folkmoot, "paint")
    assert "X-KEPT:yes" in stored(folkmoot, "paint")
    page.get_by_role("button", name="Undo").click()
    expect(block).to_be_visible(timeout=15_000)
    block.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("button", name=re.compile(r"Paint the hall\W+10:00.11:15"))).to_be_visible(timeout=15_000)


def test_a_series_asks_which_ones(page: Page, folkmoot: Folkmoot) -> None:
    open_calendar(page)
    page.get_by_role("button", name=re.compile("Stand-up.*24 November")).click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Only this one").click()
    expect(page.get_by_role("button", name=re.compile("Stand-up"))).to_have_count(4, timeout=15_000)
    assert "EXDATE" in stored(folkmoot, "stand")
    page.get_by_role("button", name=re.compile("Stand-up.*26 November")).click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="This and all that follow").click()
    expect(page.get_by_role("button", name=re.compile("Stand-up"))).to_have_count(2, timeout=15_000)


def test_an_invitation_is_sent_and_answered(page: Page, folkmoot: Folkmoot) -> None:
    open_calendar(page)
    page.keyboard.press("e")
    dialog = page.get_by_role("dialog", name="New event")
    dialog.get_by_label("Title").fill("Lunch")
    dialog.get_by_label("From").fill("2026-11-27")
    dialog.get_by_label("Begins at").fill("12:00")
    dialog.get_by_role("combobox").last.fill("bert@example.org,")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Event saved")).to_be_visible(timeout=15_000)
    page.context.clear_cookies()
    page.goto(page.url.split("/SOGo/")[0] + "/SOGo/")
    sign_in(page, BERT)
    expect(page.get_by_role("link", name="Calendar")).to_be_visible(timeout=20_000)
    page.goto(page.url.split("/SOGo/")[0] + "/SOGo/calendar/week/2026-11-27")
    page.get_by_role("button", name=re.compile(r"Lunch\W+12:00")).click()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Answer sent")).to_be_visible(timeout=15_000)
    with folkmoot.client(ANNA) as client:
        listed = client.request("PROPFIND", ANNA.calendar, headers={"Depth": "1"}).text
        places = set(re.findall(r"<[^>]*href>([^<]+\.ics)<", listed))
        texts = [client.get(place).text.replace("\r\n ", "") for place in places]
    assert any("Lunch" in text and "PARTSTAT=ACCEPTED" in text and "bert@example.org" in text for text in texts)


@pytest.mark.parametrize("view", ["week", "month", "agenda"])
def test_the_calendar_breaks_no_rule_of_accessibility(page: Page, view: str) -> None:
    open_calendar(page, view)
    axe(page)
    if view == "week":
        page.get_by_role("button", name=re.compile("Paint the hall")).click()
        page.get_by_role("button", name="Edit").click()
        expect(page.get_by_label("Title")).to_be_visible()
        axe(page)
