"""EOQualifier expressions: the article's filters, precedence, and any text at all."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.config.qualifier import And, Comparison, Like, Not, Operator, Or, Present, matches, parse
from folkmoot.core.errors import MalformedInput

PERSON = {"objectclass": ["top", "Person"], "mail": ["anna@example.com"], "uidnumber": ["2001"], "empty": [""]}


def holds(text: str) -> bool:
    return matches(parse(text), PERSON)


def test_the_articles_filter_becomes_the_tree_it_means() -> None:
    written = "((NOT isCriticalSystemObject='TRUE') AND (mail='*') AND (NOT objectClass=contact))"
    assert parse(written) == And(
        (
            Not(Comparison("isCriticalSystemObject", Operator.EQUAL, "TRUE")),
            Present("mail"),
            Not(Comparison("objectClass", Operator.EQUAL, "contact")),
        )
    )
    assert holds(written)


def test_and_binds_closer_than_or_and_not_closer_than_both() -> None:
    a, b, c = (Comparison(name, Operator.EQUAL, "1") for name in "abc")
    assert parse("a=1 OR b=1 AND c=1") == Or((a, And((b, c))))
    assert parse("NOT a=1 AND b=1 OR c=1") == Or((And((Not(a), b)), c))
    assert parse("NOT (a=1 OR b=1)") == Not(Or((a, b)))
    assert parse("NOT NOT a=1") == Not(Not(a))


@pytest.mark.parametrize(
    "text",
    [
        "objectClass = 'person'",
        "OBJECTCLASS = PERSON",
        'objectClass="person"',
        "uidNumber>=2000",
        "uidNumber > 300",
        "uidNumber < 10000",
        "uidNumber<=2001.0",
        "mail LIKE '*@example.com'",
        "mail like 'ANNA*'",
        "mail = 'a*@*.com'",
        "mail caseInsensitiveLike: '*example*'",
        "mail <> 'bob@example.com'",
        "mail != 'bob*'",
        "absent <> 'x'",
        "absent = nil",
        "mail != nil",
        "mail != null and objectClass=person",
        "empty != '*'",
        "(((mail='*')))",
    ],
)
def test_conditions_that_hold(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "absent = 'x'",
        "absent = '*'",
        "mail <> 'anna@example.com'",
        "mail LIKE 'anna'",
        "mail = 'a*b*c*d*e'",
        "mail LIKE 'anna@example.com*anna@example.com'",
        "uidNumber < 2001",
        "NOT mail='*'",
    ],
)
def test_conditions_that_do_not_hold(text: str) -> None:
    assert not holds(text)


def test_quoted_values_may_hold_quotes_blanks_and_parentheses() -> None:
    assert parse(r"cn = 'O\'Hara (x)'") == Comparison("cn", Operator.EQUAL, "O'Hara (x)")
    assert parse("cn LIKE 'a b*'") == Like("cn", "a b*")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a=",
        "=b",
        "a=b c=d",
        "a=b AND",
        "AND a=b",
        "(a=b",
        "a=b)",
        "NOT",
        "a LIKE",
        "a = 'open",
        "a == b",
        "()",
        "a!b",
    ],
)
def test_what_is_no_expression_is_malformed(text: str) -> None:
    with pytest.raises(MalformedInput):
        parse(text)


def test_nesting_and_length_have_limits() -> None:
    with pytest.raises(MalformedInput, match="nested"):
        parse("(" * 1_000 + "a=b" + ")" * 1_000)
    with pytest.raises(MalformedInput, match="nested"):
        parse("NOT " * 1_000 + "a=b")
    with pytest.raises(MalformedInput, match="longer"):
        parse("a=b OR " * 10_000 + "a=b")


_words = st.sampled_from(
    ["a", "b", "AND", "OR", "NOT", "(", ")", "=", "!=", "<", "LIKE", "'", '"', "'*'", "\\", "1", "nil"]
)


@given(st.lists(_words, max_size=12).map(" ".join) | st.text(max_size=60))
def test_any_text_either_parses_or_is_malformed(text: str) -> None:
    with suppress(MalformedInput):
        matches(parse(text), PERSON)
