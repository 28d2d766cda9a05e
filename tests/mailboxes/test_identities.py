"""As whom a person may write."""

from typing import Any

import pytest

from folkmoot.core.ids import PrincipalId
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.mailboxes.identities import Rules, identities_of, signature_html
from folkmoot.mailboxes.values import Identity

ANNA = Principal(
    PrincipalId("anna"),
    "anna",
    "Anna Grün",
    ("anna@example.org", "a.gruen@example.org"),
    PrincipalKind.INDIVIDUAL,
    "people",
)


def _of(chosen: dict[str, Any], *, custom_from: bool = False, creating: bool = True) -> list[tuple[str, str, bool]]:
    listed = identities_of(ANNA, ANNA.mails, chosen, Rules(custom_from, creating))
    assert sum(one.default for one in listed) == 1
    return [(one.name, one.address, one.default) for one in listed]


def test_each_address_of_the_directory_is_an_identity() -> None:
    assert _of({}) == [("Anna Grün", "anna@example.org", True), ("Anna Grün", "a.gruen@example.org", False)]


def test_identities_are_as_chosen_as_far_as_the_domain_lets_people_choose() -> None:
    chosen = {
        "SOGoMailIdentities": [
            {"fullName": "Boss", "email": "boss@example.org"},
            {"fullName": "Anni", "email": "A.Gruen@example.org", "isDefault": 1, "signature": "Hi", "replyTo": "x"},
            "no identity",
            {"email": "broken"},
            {"fullName": "Evil\r\nBcc: x", "email": "e@example.org\r\nBcc: y"},
        ]
    }
    assert _of(chosen) == [("Anna Grün", "A.Gruen@example.org", True), ("Anna Grün", "anna@example.org", False)]
    assert _of(chosen, custom_from=True) == [
        ("Boss", "boss@example.org", False),
        ("Anni", "A.Gruen@example.org", True),
        ("Anna Grün", "anna@example.org", False),
    ]
    assert _of(chosen, custom_from=True, creating=False) == _of(chosen)
    kept = identities_of(ANNA, ANNA.mails, chosen, Rules(custom_from=True))[1]
    assert kept == Identity("Anni", "A.Gruen@example.org", "", "Hi", default=True)


def test_the_one_identity_of_older_sogo_is_read() -> None:
    old = {"SOGoMailCustomFullName": "Anni", "SOGoMailCustomEmail": "anni@example.com", "SOGoMailSignature": "Hi"}
    assert _of(old)[0] == ("Anna Grün", "anna@example.org", True)
    assert _of(old, custom_from=True)[0] == ("Anni", "anni@example.com", True)
    first = identities_of(ANNA, ANNA.mails, {**old, "SOGoMailReplyTo": "r@example.org"}, Rules())[0]
    assert (first.signature, first.reply_to) == ("Hi", "r@example.org")


def test_nobody_without_an_address_has_an_identity() -> None:
    assert identities_of(ANNA, (), {}, Rules()) == ()


@pytest.mark.parametrize(("typed", "html"), [("a\nb & c", "a<br>\nb &amp; c"), ("<b>a</b>\n", "<b>a</b>\n")])
def test_a_signature_typed_as_text_keeps_its_lines(typed: str, html: str) -> None:
    assert signature_html(typed) == html
