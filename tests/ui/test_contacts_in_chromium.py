"""Contacts in a real browser: made, found, changed without losing what is not shown, removed and brought back."""

import re
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from tests.support.folkmoot import ANNA, Folkmoot
from tests.ui.axe import axe
from tests.ui.signing import sign_in

pytestmark = pytest.mark.live

CARD: Final = """BEGIN:VCARD
VERSION:3.0
UID:ada
N:Rook;Ada;;;
FN:Ada Rook
EMAIL;TYPE=work:ada@rook.example
NOTE:<img src=x onerror=alert(1)>
X-LIGHTHOUSE:North
END:VCARD
""".replace("\n", "\r\n")


@pytest.fixture(scope="module", autouse=True)
def _cards(folkmoot: Folkmoot) -> None:
    with folkmoot.client(ANNA) as client:
        place = f"/SOGo/dav/{ANNA.login}/Contacts/personal"
        assert client.put(f"{place}/ada.vcf", content=CARD).status_code == 201
        for number in range(300):
            name = f"Number {number:03}"
            text = (
                CARD.replace("Ada Rook", name)
                .replace("Rook;Ada", f"{number:03};Number")
                .replace("UID:ada", f"UID:{number}")
            )
            assert client.put(f"{place}/{number}.vcf", content=text.replace("ada@", f"n{number}@")).status_code == 201


def open_contacts(page: Page) -> None:
    sign_in(page)
    page.get_by_role("link", name="Contacts").click()
    expect(page.get_by_role("button", name=re.compile("Ada Rook"))).to_be_visible(timeout=20_000)


def test_a_contact_is_shown_and_runs_nothing(page: Page) -> None:
    open_contacts(page)
    expect(page.get_by_text("301 contacts")).to_be_visible()
    page.get_by_role("button", name=re.compile("Ada Rook")).click()
    expect(page.get_by_role("heading", name="Ada Rook")).to_be_visible()
    expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    page.get_by_role("button", name="ada@rook.example", exact=True).click()
    window = page.get_by_role("dialog", name="New message")
    expect(window.get_by_text("Ada Rook")).to_be_visible(timeout=15_000)
    window.get_by_role("button", name="Discard").click()


def test_a_long_book_is_fetched_as_it_is_scrolled(page: Page) -> None:
    open_contacts(page)
    page.get_by_role("button", name=re.compile("Ada Rook")).hover()
    page.mouse.wheel(0, 100_000)
    expect(page.get_by_role("button", name=re.compile("Number 299"))).to_be_visible(timeout=10_000)


def test_a_contact_is_made_changed_removed_and_brought_back(page: Page, folkmoot: Folkmoot) -> None:
    open_contacts(page)
    page.keyboard.press("c")
    page.get_by_label("First name").fill("Zoë")
    page.get_by_label("Last name").fill("Zuckermann")
    page.get_by_label("Email", exact=True).fill("zoe@example.net")
    page.get_by_label("Birthday").fill("1990-05-04")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Zoë Zuckermann")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("4 May 1990")).to_be_visible()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Company").fill("Acme")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Acme").first).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Contact deleted")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("searchbox", name="Search").fill("zuckermann")
    expect(page.get_by_role("button", name=re.compile("Zoë Zuckermann"))).to_be_visible(timeout=15_000)
    expect(page.get_by_text("1 contact", exact=True)).to_be_visible()


def test_what_is_not_shown_survives_an_edit(page: Page, folkmoot: Folkmoot) -> None:
    open_contacts(page)
    page.get_by_role("button", name=re.compile("Ada Rook")).click()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Job title").fill("Keeper")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Keeper")).to_be_visible(timeout=15_000)
    with folkmoot.client(ANNA) as client:
        text = client.get(f"/SOGo/dav/{ANNA.login}/Contacts/personal/ada.vcf").text
    assert "X-LIGHTHOUSE:North" in text
    assert ":Keeper" in text
    assert "EMAIL;TYPE=work:ada@rook.example" in text


def test_books_are_made_and_the_palette_finds_people(page: Page) -> None:
    open_contacts(page)
    page.get_by_role("button", name="New address book").click()
    page.get_by_label("Name", exact=True).fill("Lighthouses")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Lighthouses")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("There is nobody here.")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("Ada Rook")
    page.get_by_role("option", name=re.compile("Ada Rook")).click()
    expect(page.get_by_role("heading", name="Ada Rook")).to_be_visible(timeout=15_000)


def test_contacts_break_no_rule_of_accessibility(page: Page) -> None:
    open_contacts(page)
    page.get_by_role("button", name=re.compile("Ada Rook")).click()
    expect(page.get_by_role("heading", name="Ada Rook")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_label("First name")).to_be_visible()
    axe(page)
    page.set_viewport_size({"width": 390, "height": 844})
    axe(page)
