"""Rules that a new password must satisfy (``userPasswordPolicy`` of an SQL source)."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from folkmoot.config.sources import PasswordRule
from folkmoot.core.errors import ConfigurationError

_COUNTS: Final[dict[str, Callable[[str], int]]] = {
    "POLICY_MIN_LOWERCASE_LETTER": lambda password: sum(c.islower() for c in password),
    "POLICY_MIN_UPPERCASE_LETTER": lambda password: sum(c.isupper() for c in password),
    "POLICY_MIN_DIGIT": lambda password: sum(c.isdigit() for c in password),
    "POLICY_MIN_SPECIAL_SYMBOLS": lambda password: sum(not c.isalnum() and not c.isspace() for c in password),
    "POLICY_MIN_LENGTH": len,
}


def broken_rules(password: str, rules: Sequence[PasswordRule]) -> tuple[str, ...]:
    """Return the labels of the rules that the password does not satisfy.

    Raises:
        ConfigurationError: a rule has neither a known label nor a regular expression that compiles.
    """
    return tuple(rule.label for rule in rules if not _satisfies(password, rule))


def _satisfies(password: str, rule: PasswordRule) -> bool:
    count = _COUNTS.get(rule.label)
    if count is not None:
        return count(password) >= rule.value
    if not rule.regex:
        raise ConfigurationError(f"userPasswordPolicy: {rule.label!r} has no regex")
    try:
        return re.search(rule.regex, password) is not None
    except (re.error, RecursionError) as error:
        raise ConfigurationError(f"userPasswordPolicy: {rule.label!r}: {error}") from error
