"""Database URLs as they stand in sogo.conf."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.config.url import DatabaseUrl, Dialect, parse_database_url
from folkmoot.core.errors import MalformedInput, Unsupported


def test_every_part_is_percent_decoded_and_the_last_path_element_is_the_table() -> None:
    assert parse_database_url(
        "mysql://so%40go:p%2Fw@db.example.com:3307/so%20go/sogo_users", table=True
    ) == DatabaseUrl(Dialect.MYSQL, "db.example.com", 3307, "so@go", "p/w", "so go", "sogo_users")


@pytest.mark.parametrize(
    ("url", "password"),
    [
        ("mysql://u:p@ss@h/d", "p@ss"),
        ("mysql://u:p:ss#?@h/d", "p:ss#?"),
        ("mysql://u@h/d", ""),
        ("mysql://h/d", ""),
        ("postgres://u:%25@h/d", "%"),
    ],
)
def test_passwords_may_hold_raw_punctuation(url: str, password: str) -> None:
    assert parse_database_url(url).password == password


def test_ipv6_hosts_and_options_are_read() -> None:
    url = parse_database_url("postgresql://u:p@[::1]:5433/d?host=/run/postgresql&sslmode=require")
    assert (url.host, url.port, url.database) == ("::1", 5433, "d")
    assert url.options == (("host", "/run/postgresql"), ("sslmode", "require"))
    assert str(url) == "postgresql://[::1]:5433/d"


@pytest.mark.parametrize("url", ["sqlite:///var/lib/x.sqlite", "sqlite:////var/lib/x.sqlite"])
def test_sqlite_urls_name_an_absolute_file(url: str) -> None:
    assert parse_database_url(url) == DatabaseUrl(Dialect.SQLITE, database="/var/lib/x.sqlite")


def test_a_sqlite_url_may_name_a_table_or_no_file() -> None:
    people = parse_database_url("sqlite:///var/lib/people.db/users", table=True)
    assert (people.database, people.table) == ("/var/lib/people.db", "users")
    assert parse_database_url("sqlite://").database == ""


def test_the_password_is_never_shown() -> None:
    url = parse_database_url("mysql://u:hush@h/d")
    assert "hush" not in f"{url} {url!r}"


@pytest.mark.parametrize("url", ["oracle://u:p@h/d/t", "OpenBase://h/d/t"])
def test_databases_that_only_sogo_knows_are_unsupported(url: str) -> None:
    with pytest.raises(Unsupported):
        parse_database_url(url, table=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mysql:/h/d",
        "h/d",
        "gopher://h/d",
        "mysql://h",
        "mysql://h/",
        "mysql://h/d/t",
        "mysql://h:99999/d",
        "mysql://h:0/d",
        "mysql://h:x/d",
        "mysql://h/d%zz",
        "mysql://h/d%00",
        "mysql://h\n/d",
        "sqlite://relative.sqlite",
        "mysql://h/" + "d" * 10_000,
    ],
)
def test_what_is_no_database_url_is_malformed(url: str) -> None:
    with pytest.raises(MalformedInput):
        parse_database_url(url)


@pytest.mark.parametrize("url", ["mysql://h/d", "sqlite:///t", "sqlite://", "mysql://h/a/b/c"])
def test_a_missing_table_is_malformed(url: str) -> None:
    with pytest.raises(MalformedInput):
        parse_database_url(url, table=True)


@given(st.sampled_from(["mysql://", "sqlite://", "postgresql://", ""]), st.text(max_size=60), st.booleans())
def test_any_text_either_parses_or_is_malformed(scheme: str, rest: str, table: bool) -> None:
    with suppress(MalformedInput, Unsupported):
        parse_database_url(scheme + rest, table=table)
