"""Declares a parameter once, as a field of a frozen dataclass: key, kind, default, level and documentation.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class ServerSettings:
        workers: int = system("WOWorkersCount", integer(1), 1, "Worker processes.", served=True)

The settings are read by these declarations, checked by them, and the manual is made from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Final, TypeVar, cast

from folkmoot.config.kinds import Kind

T = TypeVar("T")
D = TypeVar("D")

_METADATA_KEY: Final = "folkmoot.parameter"


class Level(StrEnum):
    """Where a parameter may stand, apart from the top of the file."""

    SYSTEM = "system"
    DOMAIN = "domain"  # also in a dictionary of ``domains``
    USER = "user"  # as a domain's, and each user may override it
    SOURCE = "source"  # only within a user source or another nested dictionary


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter; its kind is that of the field it is declared on."""

    key: str
    kind: Kind[object]
    default: object
    level: Level
    doc: str
    served: bool
    unit: str
    aliases: tuple[str, ...]
    mandatory: bool


def system(
    key: str,
    kind: Kind[T],
    default: D,
    doc: str,
    *,
    served: bool = False,
    unit: str = "",
    aliases: tuple[str, ...] = (),
    mandatory: bool = False,
) -> T | D:
    """Declare a parameter of the whole system."""
    return _declare(Level.SYSTEM, key, kind, default, doc, served, unit, aliases, mandatory)


def domain(
    key: str,
    kind: Kind[T],
    default: D,
    doc: str,
    *,
    served: bool = False,
    unit: str = "",
    aliases: tuple[str, ...] = (),
    mandatory: bool = False,
) -> T | D:
    """Declare a parameter that a domain may have otherwise."""
    return _declare(Level.DOMAIN, key, kind, default, doc, served, unit, aliases, mandatory)


def user(
    key: str,
    kind: Kind[T],
    default: D,
    doc: str,
    *,
    served: bool = False,
    unit: str = "",
    aliases: tuple[str, ...] = (),
    mandatory: bool = False,
) -> T | D:
    """Declare a parameter that a domain and each user may have otherwise."""
    return _declare(Level.USER, key, kind, default, doc, served, unit, aliases, mandatory)


def nested(
    key: str,
    kind: Kind[T],
    default: D,
    doc: str,
    *,
    served: bool = False,
    unit: str = "",
    aliases: tuple[str, ...] = (),
    mandatory: bool = False,
) -> T | D:
    """Declare a key of a user source or another nested dictionary."""
    return _declare(Level.SOURCE, key, kind, default, doc, served, unit, aliases, mandatory)


def _declare(
    level: Level,
    key: str,
    kind: Kind[T],
    default: D,
    doc: str,
    served: bool,
    unit: str,
    aliases: tuple[str, ...],
    mandatory: bool,
) -> T | D:
    parameter = Parameter(key, cast("Kind[object]", kind), default, level, doc, served, unit, aliases, mandatory)
    metadata = {_METADATA_KEY: parameter}
    declared: Any = (  # a Field, which the dataclass replaces by a value of the declared type
        field(default_factory=lambda: default, metadata=metadata)
        if isinstance(default, Mapping | list)  # dataclasses refuse these as plain defaults
        else field(default=default, metadata=metadata)
    )
    return cast("T | D", declared)


def parameters_of(section: type[object]) -> tuple[tuple[str, Parameter], ...]:
    """List the parameters of a section with the names of their fields, in the order of declaration."""
    return tuple(
        (one.name, cast("Parameter", one.metadata[_METADATA_KEY]))
        for one in fields(cast("Any", section))
        if _METADATA_KEY in one.metadata
    )
