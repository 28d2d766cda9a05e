"""Live properties of the CardDAV namespace (RFC 6352 sections 6.2 and 7.1)."""

from typing import Final

from folkmoot.dav.properties.caldav import home_set
from folkmoot.dav.properties.live import Live, Registry, Render
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import CollectionResource, HomeSet, PrincipalResource, Resource
from folkmoot.dav.wire.names import CARDDAV, clark
from folkmoot.dav.wire.xml import escape
from folkmoot.store.records import Kind

RESOURCE_SIZE_MAX: Final = 10 * 1024 * 1024  # octets of one card, photo included
COLLATIONS: Final = ("i;ascii-casemap", "i;unicode-casemap")


def _is_book(resource: Resource) -> bool:
    return isinstance(resource, CollectionResource) and resource.place.kind is Kind.ADDRESSBOOK


async def _description(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, CollectionResource) or not _is_book(resource):
        return None
    text = resource.seen.collection.properties.get("description")
    return escape(text) if isinstance(text, str) else None


def _of_books(text: str) -> Render:
    """Return a property that is the same for all address books."""

    async def render(lookups: Lookups, resource: Resource) -> str | None:
        return text if _is_book(resource) else None

    return render


async def _home_set(lookups: Lookups, resource: Resource) -> str | None:
    return home_set(lookups, resource, Kind.ADDRESSBOOK)


async def _directory_gateway(lookups: Lookups, resource: Resource) -> str | None:
    """Return the address books in which Apple's clients look for people (draft-daboo-carddav-directory-gateway)."""
    if not isinstance(resource, PrincipalResource | HomeSet):
        return None
    books = await lookups.services.directory_books.home(lookups.caller, resource.principal.id)
    home = lookups.home_href(resource.principal.id, Kind.ADDRESSBOOK)
    hrefs = [f"<D:href>{home}{lookups.segment(seen.collection.name)}/</D:href>" for seen in books]
    return "".join(hrefs) or None


def _name(local: str) -> str:
    return clark(CARDDAV, local)


LIVE: Final[Registry] = {
    _name("addressbook-home-set"): Live(_home_set),
    _name("addressbook-description"): Live(_description),
    _name("directory-gateway"): Live(_directory_gateway),
    _name("supported-address-data"): Live(
        _of_books(
            "".join(
                f'<CR:address-data-type content-type="text/vcard" version="{version}"/>' for version in ("3.0", "4.0")
            )
        )
    ),
    _name("supported-collation-set"): Live(
        _of_books("".join(f"<CR:supported-collation>{name}</CR:supported-collation>" for name in COLLATIONS))
    ),
    _name("max-resource-size"): Live(_of_books(str(RESOURCE_SIZE_MAX))),
    _name("max-image-size"): Live(_of_books(str(RESOURCE_SIZE_MAX))),
}
