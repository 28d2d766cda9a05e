"""Rules for new passwords."""

import pytest

from folkmoot.config.sources import PasswordRule
from folkmoot.core.errors import ConfigurationError
from folkmoot.directory.password_policy import broken_rules

RULES = (
    PasswordRule(label="POLICY_MIN_LOWERCASE_LETTER", value=2),
    PasswordRule(label="POLICY_MIN_UPPERCASE_LETTER", value=1),
    PasswordRule(label="POLICY_MIN_DIGIT", value=1),
    PasswordRule(label="POLICY_MIN_SPECIAL_SYMBOLS", value=1),
    PasswordRule(label="POLICY_MIN_LENGTH", value=8),
    PasswordRule(label="no blanks", regex=r"^\S*$"),
)


@pytest.mark.parametrize(
    ("password", "broken"),
    [
        ("Geheim#1", ()),
        ("ÜBERmäßig-7", ()),
        ("geheim#1", ("POLICY_MIN_UPPERCASE_LETTER",)),
        ("GEHEIM#1", ("POLICY_MIN_LOWERCASE_LETTER",)),
        ("Geheim##", ("POLICY_MIN_DIGIT",)),
        ("Geheim11", ("POLICY_MIN_SPECIAL_SYMBOLS",)),
        ("Geh#1", ("POLICY_MIN_LENGTH",)),
        ("Ge heim#1", ("no blanks",)),
    ],
)
def test_broken_rules_are_named(password: str, broken: tuple[str, ...]) -> None:
    assert broken_rules(password, RULES) == broken


@pytest.mark.parametrize("rule", [PasswordRule(label="x"), PasswordRule(label="x", regex="(")])
def test_a_rule_that_cannot_be_checked_is_a_fault_not_a_pass(rule: PasswordRule) -> None:
    with pytest.raises(ConfigurationError):
        broken_rules("anything", (rule,))
