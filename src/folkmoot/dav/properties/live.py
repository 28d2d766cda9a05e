"""How a live property is declared: one function for single resources, one for the members of a collection."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from folkmoot.dav.resource import CollectionResource, Resource
from folkmoot.store.records import ObjectMeta, StoredObject

if TYPE_CHECKING:
    from folkmoot.dav.properties.lookups import Lookups

Render = Callable[["Lookups", Resource], Awaitable[str | None]]
"""Return the content of the property's element as XML text; None where the resource has no such property."""

Row = Callable[[ObjectMeta], str | None]
"""The same for one object, without waiting."""

Prepare = Callable[["Lookups", CollectionResource], Awaitable[Row]]
"""Look up once what all objects of one collection share, and return the function for each of them."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A row function for what all objects of a collection have in common."""

    text: str

    def __call__(self, _: ObjectMeta) -> str:
        return self.text


BodyText = Callable[[StoredObject], str]
"""Return a whole property element, made of an object's body: ``<C:calendar-data>...</C:calendar-data>``."""


@dataclass(frozen=True, slots=True)
class Live:
    """One live property; without ``objects`` no calendar object, address object or file has it."""

    render: Render | None = None
    objects: Prepare | None = None
    in_allprop: bool = False  # only what RFC 4918 defines (RFC 4918 section 9.1, RFC 4791 section 5.2)


Registry = Mapping[str, Live]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which properties an answer shows."""

    names: tuple[str, ...] = ()  # Clark names; with ``everything`` the DAV:include of the request
    everything: bool = False  # DAV:allprop
    names_only: bool = False  # DAV:propname
    minimal: bool = False  # leave out what was not found (RFC 8144 section 2.1, Brief: t)
    bodies: Mapping[str, BodyText] | None = None  # Clark name -> printer of a shaped body (calendar-data, address-data)
