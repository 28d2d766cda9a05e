"""The one description of the data types: msgspec structs whose fields say type, default, and whose it is to set.

The kernel checks what clients send against it; ``folkmoot.jmap.writing_types`` makes of it the TypeScript types of the
web application and the reference in the documentation.  A struct's fields are in snake case here and in camel case on
the wire.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Annotated, Any, Final, get_type_hints

import msgspec
from msgspec import Meta

from folkmoot.jmap.protocol.errors import InvalidProperties
from folkmoot.jmap.protocol.patches import Patch

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,255}\Z")]
# An id, or ``#`` and what the same request creates under that name (RFC 8620 section 5.3).
Reference = Annotated[str, Meta(pattern=r"^#?[A-Za-z0-9_-]{1,255}\Z")]
UnsignedInt = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Int = Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)]
UTCDate = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]*[1-9])?Z\Z")]
Date = Annotated[
    str,
    Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]*[1-9])?(Z|[+-][0-9]{2}:[0-9]{2})\Z"),
]
ValidId: Final = Id
# Whose it is to set a property; stands beside its type: ``total_emails: Annotated[UnsignedInt, server_set] = 0``.
server_set: Final = Meta(extra={"server_set": True})
immutable: Final = Meta(extra={"immutable": True})  # set when the object is created, by the client


def told(text: str) -> Meta:
    """Return what the documentation says about a property."""
    return Meta(description=text)


class Described(msgspec.Struct, rename="camel", kw_only=True):
    """The properties of a data type, or a part of one."""


class Arguments(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """The arguments of a method; a subclass for each shape."""


class Feed(Enum):
    """What raises a type's state: where the change feed looks, see ``folkmoot.jmap.push``."""

    MAIL = "mail"
    CALENDARS = "calendars"
    ADDRESSBOOKS = "addressbooks"
    PERSON = "person"  # preferences, identities, subscriptions, devices and whatever else belongs to one person
    NOTHING = "nothing"  # never changes by itself


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a data type."""

    name: str  # on the wire
    type: Any  # as msgspec takes it
    server_set: bool = False
    immutable: bool = False
    required: bool = False  # when an object is created
    default: Any = None


@dataclass(frozen=True)
class DataType:
    """One data type: its name on the wire, its properties, and what raises its state."""

    name: str
    described: type[Described]
    feed: Feed = Feed.NOTHING
    open: bool = False  # properties that are not described are let through, for who maps them to judge
    also: frozenset[str] = field(default=frozenset())  # property names that are right though nothing describes them

    @cached_property
    def properties(self) -> Mapping[str, Property]:
        """The properties by their name on the wire."""
        hints = get_type_hints(self.described, include_extras=True)
        return {one.encode_name: _property(one, hints[one.name]) for one in msgspec.structs.fields(self.described)}

    def check_names(self, names: frozenset[str]) -> None:
        """Check property names that a client asks for.

        Raises:
            InvalidProperties: there is none of that name.
        """
        if self.open:
            return
        unknown = sorted(names - self.properties.keys() - self.also)
        if unknown:
            raise InvalidProperties(f"{self.name} has no {unknown[0][:60]}", *unknown)

    def check(self, name: str, value: Any) -> Any:
        """Return the value of one property, its type checked.

        Raises:
            InvalidProperties: it is of another type.
        """
        known = self.properties.get(name)
        if known is None:
            self.check_names(frozenset([name]))
            return value
        try:
            msgspec.convert(value, known.type)
        except msgspec.ValidationError as error:
            raise InvalidProperties(f"{name}: {error}", name) from error
        return value

    def created(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a client wants to create, checked; what it leaves out stays out.

        Raises:
            InvalidProperties: an unknown property, one that is the server's to set, one of another type, one missing.
        """
        self.check_names(frozenset(value))
        wrong = [name for name in value if (one := self.properties.get(name)) is not None and one.server_set]
        if wrong:
            raise InvalidProperties(f"{wrong[0]} is set by the server", *wrong)
        missing = [one.name for one in self.properties.values() if one.required and one.name not in value]
        if missing:
            raise InvalidProperties(f"{missing[0]} is missing", *missing)
        return {name: self.check(name, one) for name, one in value.items()}

    def check_patch(self, patch: Patch) -> None:
        """Check names and types of what a patch sets whole; what it sets in part is checked when it is applied.

        Who applies it refuses changes of what is immutable or the server's (``refuse_fixed``), for the same value may
        be sent back.

        Raises:
            InvalidProperties: an unknown property, or one of another type.
        """
        self.check_names(patch.properties)
        for steps, value in patch:
            if len(steps) == 1 and value is not None:
                self.check(steps[0], value)

    def refuse_fixed(self, patch: Patch, present: Mapping[str, Any]) -> Patch:
        """Return the patch without what sends back a fixed property's present value.

        Raises:
            InvalidProperties: it would change one.
        """
        fixed = {name for name, one in self.properties.items() if one.server_set or one.immutable}
        touched = patch.properties & fixed
        if not touched:
            return patch
        after = Patch({steps: value for steps, value in patch if steps[0] in touched}).applied(present)
        wrong = sorted(name for name in touched if after.get(name) != present.get(name))
        if wrong:
            raise InvalidProperties(f"{wrong[0]} cannot be changed", *wrong)
        return Patch({steps: value for steps, value in patch if steps[0] not in touched})

    def default_of(self, name: str) -> Any:
        """Return what a property is when nobody sets it."""
        return self.properties[name].default


def _property(one: msgspec.structs.FieldInfo, hint: Any) -> Property:
    told_of = msgspec.inspect.type_info(hint)
    extra = (told_of.extra or {}) if isinstance(told_of, msgspec.inspect.Metadata) else {}
    default = one.default_factory() if one.default_factory is not msgspec.NODEFAULT else one.default
    is_server_set = bool(extra.get("server_set"))
    return Property(
        one.encode_name,
        hint,
        is_server_set,
        bool(extra.get("immutable")),
        one.required and not is_server_set,
        None if default is msgspec.NODEFAULT else default,
    )
