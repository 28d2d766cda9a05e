import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.auth.errors import NotAuthenticated
from folkmoot.auth.mail_tokens import LIFE_MILLISECONDS, MailToken, MailTokens, open_mail_tokens
from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database

NOW = 1_800_000_000_000
ANNA = PrincipalId("anna@example.org")
TOKENS = MailTokens(b"k" * 32)


def test_a_token_says_whose_mailbox_it_opens_and_for_what() -> None:
    token = TOKENS.mint(ANNA, "delegation", NOW)
    assert TOKENS.verify(token, NOW + 1) == MailToken(ANNA, "delegation", NOW + LIFE_MILLISECONDS)


def test_a_token_expires() -> None:
    token = TOKENS.mint(ANNA, "background", NOW, life=1000)
    TOKENS.verify(token, NOW + 999)
    with pytest.raises(NotAuthenticated, match="expired"):
        TOKENS.verify(token, NOW + 1000)


def test_a_token_fits_into_a_sasl_response_whatever_the_login() -> None:
    for login in ("Zoë O'Neill", "ü" * 200, "a@b"):
        token = TOKENS.mint(PrincipalId(login), "background", NOW)
        assert token.isascii()
        assert not set(token) & set(" \t\r\n\x01,=")
        assert TOKENS.verify(token, NOW).principal == login


def test_another_key_makes_other_tokens() -> None:
    with pytest.raises(NotAuthenticated):
        MailTokens(b"l" * 32).verify(TOKENS.mint(ANNA, "background", NOW), NOW)


def test_whatever_is_changed_in_a_token_makes_it_worthless() -> None:
    token = TOKENS.mint(ANNA, "background", NOW)
    for place, letter in enumerate(token):
        changed = token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        with pytest.raises(NotAuthenticated):
            TOKENS.verify(changed, NOW)


@pytest.mark.parametrize("token", ["", "fmt1", "fmt1..", "fmt1.a.b", "fmt1.é.é", "a.b.c.d", "x" * 5000, "\0.\0.\0"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(NotAuthenticated):
        TOKENS.verify(token, NOW)


@given(st.text(max_size=100))
def test_no_text_is_a_bug(text: str) -> None:
    with pytest.raises(NotAuthenticated):
        TOKENS.verify(text, NOW)


@pytest.mark.parametrize(("login", "purpose"), [("", "background"), ("a\0b", "background"), ("a", ""), ("a", "x\0y")])
def test_nothing_can_be_smuggled_into_a_token(login: str, purpose: str) -> None:
    with pytest.raises(MalformedInput):
        TOKENS.mint(PrincipalId(login), purpose, NOW)


async def test_all_workers_have_the_same_key(database: Database) -> None:
    first, second = await open_mail_tokens(database), await open_mail_tokens(database)
    assert second.verify(first.mint(ANNA, "background", NOW), NOW).principal == ANNA
