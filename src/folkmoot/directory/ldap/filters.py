"""Search filters (RFC 4515) and names (RFC 4514), with every value escaped."""

import re
from collections.abc import Iterable
from typing import Final

from folkmoot.config.qualifier import And, Comparison, Expression, Like, Not, Operator, Or, Present
from folkmoot.core.errors import ConfigurationError

_ATTRIBUTE: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]*|[0-9]+(?:\.[0-9]+)*)(?:;[A-Za-z0-9-]+)*\Z")
_SPECIAL: Final = re.compile(r"[\\*()\0]")
_DN_SPECIAL: Final = re.compile(r'[,+"\\<>;=]|^[ #]| \Z')
ANYTHING: Final = "(objectClass=*)"


def escaped(value: str) -> str:
    """Return a value as it stands in a filter (RFC 4515 section 3)."""
    return _SPECIAL.sub(lambda found: f"\\{ord(found[0]):02x}", value)


def dn_escaped(value: str) -> str:
    """Return a value as it stands in a name (RFC 4514 section 2.4)."""
    return _DN_SPECIAL.sub(lambda found: f"\\{found[0]}", value).replace("\0", "\\00")


def attribute(name: str) -> str:
    """Return the name of an attribute.

    Raises:
        ConfigurationError: it cannot be one.
    """
    if not _ATTRIBUTE.match(name):
        raise ConfigurationError(f"{name!r} is no name of an LDAP attribute")
    return name


def equal(name: str, value: str) -> str:
    """Return that an attribute has a value."""
    return f"({attribute(name)}={escaped(value)})"


def contains(name: str, text: str) -> str:
    """Return that an attribute has a value with the text in it, or any value if the text is empty."""
    return f"({attribute(name)}=*{escaped(text)}*)" if text else f"({attribute(name)}=*)"


def any_of(filters: Iterable[str]) -> str:
    """Return that one of the filters holds; of none, nothing does."""
    parts = list(dict.fromkeys(filters))
    return parts[0] if len(parts) == 1 else f"(|{''.join(parts)})" if parts else "(!(objectClass=*))"


def all_of(filters: Iterable[str]) -> str:
    """Return that all of the filters hold; of none, anything does."""
    parts = [one for one in dict.fromkeys(filters) if one != ANYTHING]
    return parts[0] if len(parts) == 1 else f"(&{''.join(parts)})" if parts else ANYTHING


def condition(expression: Expression) -> str:
    """Return a configured ``filter`` as an LDAP filter.

    Raises:
        ConfigurationError: it names something that can be no attribute.
    """
    match expression:
        case Present(name):
            return f"({attribute(name)}=*)"
        case Like(name, pattern):
            return f"({attribute(name)}={'*'.join(escaped(part) for part in pattern.split('*'))})"
        case Comparison(name, operator, value):
            return _comparison(name, operator, value)
        case Not(operand):
            return f"(!{condition(operand)})"
        case And(operands):
            return all_of(condition(one) for one in operands)
        case Or(operands):
            return any_of(condition(one) for one in operands)


def _comparison(name: str, operator: Operator, value: str) -> str:
    match operator:
        case Operator.EQUAL:
            return equal(name, value)
        case Operator.NOT_EQUAL:
            return f"(!{equal(name, value)})"
        case Operator.LESS_OR_EQUAL:
            return f"({attribute(name)}<={escaped(value)})"
        case Operator.GREATER_OR_EQUAL:
            return f"({attribute(name)}>={escaped(value)})"
        case Operator.LESS:  # LDAP has no stricter comparison than these two
            return f"(&({attribute(name)}<={escaped(value)})(!{equal(name, value)}))"
        case Operator.GREATER:
            return f"(&({attribute(name)}>={escaped(value)})(!{equal(name, value)}))"
