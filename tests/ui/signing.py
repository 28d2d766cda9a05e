"""Signing in as a person does."""

from playwright.sync_api import Page

from tests.support.folkmoot import ANNA, Person


def sign_in(page: Page, person: Person = ANNA) -> None:
    page.get_by_label("User name", exact=True).fill(person.login)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Sign in").click()
