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
    """One declared parameter.

    ``served`` tells whether this version acts on it, ``mandatory`` whether SOGo asks for it, ``secret`` that its
    value is shown nowhere.
    """

    key: str
    kind: Kind[object]
    default: object
    level: Level
    doc: str
    served: bool
    unit: str
    aliases: tuple[str, ...]
    mandatory: bool
    secret: bool


@dataclass(frozen=True, slots=True)
class _Declarer:
    level: Level

    def __call__(
        self,
        key: str,
        kind: Kind[T],
        default: D,
        doc: str,
        *,
        served: bool = False,
        unit: str = "",
        aliases: tuple[str, ...] = (),
        mandatory: bool = False,
        secret: bool = False,
    ) -> T | D:
        parameter = Parameter(
            key=key,
            kind=cast("Kind[object]", kind),
            default=default,
            level=self.level,
            doc=doc,
            served=served,
            unit=unit,
            aliases=aliases,
            mandatory=mandatory,
            secret=secret,
        )
        metadata = {_METADATA_KEY: parameter}
        declared: Any = (  # a Field, which the dataclass replaces by a value of the declared type
            field(default_factory=lambda: default, repr=not secret, metadata=metadata)
            if isinstance(default, Mapping | list)  # dataclasses refuse these as plain defaults
            else field(default=default, repr=not secret, metadata=metadata)
        )
        return cast("T | D", declared)


system: Final = _Declarer(Level.SYSTEM)
"""Declare a parameter of the whole system."""

domain: Final = _Declarer(Level.DOMAIN)
"""Declare a parameter that a domain may have otherwise."""

user: Final = _Declarer(Level.USER)
"""Declare a parameter that a domain and each user may have otherwise."""

nested: Final = _Declarer(Level.SOURCE)
"""Declare a key of a user source or another nested dictionary."""


def parameters_of(section: type[object]) -> tuple[tuple[str, Parameter], ...]:
    """List the parameters of a section with the names of their fields, in the order of declaration."""
    return tuple(
        (one.name, cast("Parameter", one.metadata[_METADATA_KEY]))
        for one in fields(cast("Any", section))
        if _METADATA_KEY in one.metadata
    )
