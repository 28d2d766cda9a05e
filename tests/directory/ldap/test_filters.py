"""Filters and names, in which nothing that is asked for can become part of the question."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.config.qualifier import parse
from folkmoot.core.errors import ConfigurationError
from folkmoot.directory.ldap.filters import all_of, any_of, condition, contains, dn_escaped, equal, escaped


@pytest.mark.parametrize(
    ("configured", "filter_"),
    [
        ("objectClass = 'person'", "(objectClass=person)"),
        ("mail = '*'", "(mail=*)"),
        ("(cn = 'a*b') AND (uid != 'x')", "(&(cn=a*b)(!(uid=x)))"),
        ("a = '1' OR b = '2' OR c = '3'", "(|(a=1)(b=2)(c=3))"),
        ("NOT (n >= 5)", "(!(n>=5))"),
        ("n < 5", "(&(n<=5)(!(n=5)))"),
        ("cn = '(x)'", r"(cn=\28x\29)"),
    ],
)
def test_a_configured_filter_becomes_one_of_ldap(configured: str, filter_: str) -> None:
    assert condition(parse(configured)) == filter_


def test_nothing_and_everything() -> None:
    assert any_of([]) == "(!(objectClass=*))"
    assert all_of([]) == "(objectClass=*)"
    assert contains("cn", "") == "(cn=*)"
    assert any_of(["(a=1)", "(a=1)"]) == "(a=1)"


@given(text=st.text(max_size=50))
def test_a_value_never_leaves_its_place(text: str) -> None:
    assert not re.search(r"[*()\0]", escaped(text))
    made = re.sub(r"\\([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), escaped(text))
    assert made == text
    assert equal("uid", text).count("(") == 1


@given(text=st.text(max_size=50))
def test_a_value_in_a_name_stays_one_value(text: str) -> None:
    bare = re.sub(r"\\.", "", dn_escaped(text), flags=re.DOTALL)
    assert not re.search(r'[,+"<>;=\0]', bare)
    assert not bare.startswith((" ", "#"))


@pytest.mark.parametrize("name", ["", "a b", "uid)(cn", "uid=*", "1a", "ü"])
def test_what_is_no_attribute_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError):
        equal(name, "x")
