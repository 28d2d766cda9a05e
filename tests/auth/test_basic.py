"""Reading of Basic credentials."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.auth.basic import HEADER_MAX, Credentials, parse_basic


def header(octets: bytes) -> str:
    return "Basic " + b64encode(octets).decode()


@pytest.mark.parametrize(
    ("octets", "login", "password"),
    [
        (b"anna:secret", "anna", "secret"),
        (b"anna:with:colons:", "anna", "with:colons:"),
        ("anna:pässwörd".encode(), "anna", "pässwörd"),
        ("jürgen:pässwörd".encode("iso-8859-1"), "jürgen", "pässwörd"),
        (b"anna%40example.org:secret", "anna@example.org", "secret"),
        (b"anna@example.org:se%40cret", "anna@example.org", "se%40cret"),
        (b" anna : secret ", "anna", " secret "),
    ],
)
def test_credentials_are_read(octets: bytes, login: str, password: str) -> None:
    assert parse_basic(header(octets)) == Credentials(login, password)


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_scheme_is_read_in_any_case_and_padding_may_lack(scheme: str) -> None:
    assert parse_basic(f"{scheme}  YW5uYTpzZWNyZXQx ") == Credentials("anna", "secret1")
    assert parse_basic(f"{scheme} YW5uYTpzZWNyZXQ") == Credentials("anna", "secret")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Basic",
        "Basic ",
        "Bearer YW5uYTpzZWNyZXQ=",
        "Basic !!!!",
        "Basic YW5uYQ==",  # no colon
        "Basic OnNlY3JldA==",  # no login
        "Basic YW5uYTo=",  # no password
        "Basic YW5uYTpzZWNyZXQ=, Basic YW5uYTpzZWNyZXQ=",
        "Basic A",
        "Basic YW5u\nYTpz",
        header(b"anna\0:secret"),
        header(b"anna\r\nx:secret"),
        header(b"anna:sec\0ret"),
        header(b"a:" + b"x" * HEADER_MAX),
        "Basic " + "\u00e9" * 8,
        "Digest username=anna",
    ],
)
def test_anything_else_is_no_credentials(value: str) -> None:
    assert parse_basic(value) is None


@given(st.binary(max_size=200))
def test_any_octets_are_credentials_or_not(octets: bytes) -> None:
    parse_basic(header(octets))


@given(st.text(max_size=200))
def test_any_header_is_credentials_or_not(text: str) -> None:
    parse_basic(text)
    parse_basic("Basic " + text)


def test_passwords_are_not_shown() -> None:
    assert "secret" not in repr(parse_basic(header(b"anna:secret")))
