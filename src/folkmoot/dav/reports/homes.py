"""The collections that a query of a whole home is about."""

from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resolve import members
from folkmoot.dav.resource import CollectionResource, HomeSet


async def collections_of(lookups: Lookups, home: HomeSet) -> list[CollectionResource]:
    """Return the collections of a home that the caller may know of."""
    found, _ = await members(lookups, home)
    return [resource for resource in found if isinstance(resource, CollectionResource)]
