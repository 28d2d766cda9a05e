"""What people type into a search field, as what a server is asked."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import MalformedInput
from folkmoot.mail.imap.commands import Literal
from folkmoot.mail.imap.criteria import Criterion
from folkmoot.mailboxes.query_language import Reading, parse_query

READING = Reading(date(2026, 3, 31), {"urgent stuff": "$label1", "work": "work"})
SHORT = Reading(date(2026, 3, 31), bodies=False)


def asked(criterion: Criterion) -> str:
    """Return a criterion as it is sent."""
    return "".join(
        f"{{{piece.octets.decode()}}}" if isinstance(piece, Literal) else piece.decode() for piece in criterion.pieces
    )


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("", "ALL"),
        ("   ", "ALL"),
        ("from:anna", 'FROM "anna"'),
        ("FROM:anna", 'FROM "anna"'),
        ('subject:"annual report"', 'SUBJECT "annual report"'),
        ("-from:anna", 'NOT FROM "anna"'),
        ("NOT from:anna", 'NOT FROM "anna"'),
        ("NOT -from:anna", 'FROM "anna"'),
        ("from:anna to:bernd", '(FROM "anna" TO "bernd")'),
        ("from:anna OR from:bernd", 'OR FROM "anna" FROM "bernd"'),
        ("from:anna AND from:bernd", '(FROM "anna" FROM "bernd")'),
        ("is:unread (from:anna OR from:bernd)", '(NOT SEEN OR FROM "anna" FROM "bernd")'),
        ("-(from:anna is:flagged)", None),
        ("before:2026-01-01", "BEFORE 1-Jan-2026"),
        ("after:2025", "SINCE 1-Jan-2025"),
        ("on:2025-12", "(SINCE 1-Dec-2025 BEFORE 1-Jan-2026)"),
        ("on:today", "(SINCE 31-Mar-2026 BEFORE 1-Apr-2026)"),
        ("on:yesterday", "(SINCE 30-Mar-2026 BEFORE 31-Mar-2026)"),
        ("newer_than:7d", "SINCE 24-Mar-2026"),
        ("older_than:1y", "BEFORE 31-Mar-2025"),
        ("larger:5M", "LARGER 5242880"),
        ("smaller:10kb", "SMALLER 10240"),
        ("larger:3", "LARGER 3"),
        ("is:answered", "ANSWERED"),
        ('label:"Urgent stuff"', "KEYWORD $label1"),
        ("label:other", "KEYWORD other"),
        ("body:x", 'BODY "x"'),
        ("text:x", 'TEXT "x"'),
        ("subject:größe", "SUBJECT {größe}"),
        ('subject:"say \\ it', 'SUBJECT "say \\\\ it"'),
        ("from:anna)", 'FROM "anna"'),
        ("(from:anna", 'FROM "anna"'),
        ("from: -", "ALL"),
    ],
)
def test_conditions_become_criteria(typed: str, sent: str | None) -> None:
    found = asked(parse_query(typed, READING).criterion)
    assert sent is None or found == sent


def test_bare_words_are_looked_for_where_people_expect_them() -> None:
    everywhere = asked(parse_query("plan", READING).criterion)
    assert all(f'{field} "plan"' in everywhere for field in ("SUBJECT", "FROM", "TO", "CC", "BODY"))
    assert "BODY" not in asked(parse_query("plan", SHORT).criterion)
    assert '"12:30"' in asked(parse_query("12:30", SHORT).criterion)
    assert '"https://example.org"' in asked(parse_query("https://example.org", SHORT).criterion)


def test_mailboxes_and_words_to_mark_are_told_apart() -> None:
    query = parse_query('in:sent in:"My Project/Offers" plan -draft subject:"next week" "exact words"', READING)
    assert query.mailboxes == ("sent", "My Project/Offers")
    assert query.words == ("plan", "next week", "exact words")


@pytest.mark.parametrize(
    "typed",
    [
        "before:soon",
        "before:2026-13-01",
        "on:2026-02-30",
        "older_than:99999y",
        "older_than:7",
        "larger:huge",
        "is:blue",
        "has:money",
        "label:two words" + '"]',
        "label:ä",
        "-in:sent",
        "x " * 200,
        "x" * 3000,
        "(" * 30 + "x",
    ],
)
def test_what_means_nothing_is_told(typed: str) -> None:
    if typed.startswith("label:two"):
        typed = 'label:"two words"'
    with pytest.raises(MalformedInput):
        parse_query(typed, READING)


@given(st.text(alphabet=st.sampled_from('ab:()-" ORNT\r\n\0{}*%\\ünifrom'), max_size=80))
def test_whatever_is_typed_is_understood_or_refused(typed: str) -> None:
    try:
        criterion = parse_query(typed, READING).criterion
    except MalformedInput:
        return
    for piece in criterion.pieces:
        assert isinstance(piece, Literal) or not {b"\r"[0], b"\n"[0], 0} & set(piece)
