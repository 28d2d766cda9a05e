"""Changing passwords: what stands in the way of a new one, by SOGo's numbers, and what a present one still allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from folkmoot.config.sources import PasswordRule
from folkmoot.core.errors import FolkmootError
from folkmoot.directory.password_policy import broken_rules
from folkmoot.directory.passwords import PASSWORD_MAX
from folkmoot.directory.principal import Principal

CLEAR_SCHEMES: Final = frozenset({"", "none", "plain", "cleartext", "clear"})  # never used for new passwords
# Where the administrator has set none.  Length is what counts (NIST SP 800-63B section 5.1.1).
DEFAULT_RULES: Final = (PasswordRule(label="POLICY_MIN_LENGTH", value=10),)


class PasswordFault(IntEnum):
    """Why a password does not do; the numbers are SOGo's."""

    EXPIRED = 0
    LOCKED = 1
    CHANGE_AFTER_RESET = 2
    NOT_ALLOWED = 3
    OLD_NEEDED = 4
    TOO_WEAK = 5
    TOO_SHORT = 6
    TOO_YOUNG = 7
    IN_HISTORY = 8
    RECOVERY_FAILED = 9
    BAD_TOKEN = 10
    NONE = 65535  # a plain wrong password


class PasswordRefused(FolkmootError):
    """A password cannot be changed, or must be; ``rules`` are told to who chooses another."""

    def __init__(self, fault: PasswordFault, message: str, rules: Sequence[PasswordRule] = ()) -> None:
        super().__init__(message)
        self.fault = fault
        self.rules = tuple(rules)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a right password still allows."""

    fault: PasswordFault | None = None  # it must be changed first
    rules: tuple[PasswordRule, ...] = ()
    expires_seconds: int = -1  # until it must be changed; -1: nobody needs to be told
    grace: int = -1  # sign-ins that are left after that; -1: not counted


GOOD: Final = Standing()


def check_new(new: str, rules: Sequence[PasswordRule], principal: Principal, *, old: str | None) -> None:
    """Refuse a new password that may not be chosen.

    Raises:
        PasswordRefused: too weak, or the present one.
        ConfigurationError: a rule cannot be understood.
    """
    rules = rules or DEFAULT_RULES
    if (
        not new
        or len(new.encode("utf-8", "surrogatepass")) > PASSWORD_MAX
        or any(ord(letter) < ord(" ") for letter in new)
    ):
        raise PasswordRefused(PasswordFault.TOO_WEAK, "this cannot be a password", rules)
    if new == old:
        raise PasswordRefused(PasswordFault.IN_HISTORY, "this is the present password", rules)
    names = {principal.login.casefold(), principal.id.casefold(), *(mail.casefold() for mail in principal.mails)}
    if new.casefold() in names or broken_rules(new, rules):
        raise PasswordRefused(PasswordFault.TOO_WEAK, "the password is too easy to guess", rules)
