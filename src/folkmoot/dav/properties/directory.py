"""Properties of the address books that are made of user sources (RFC 6352 section 7.1.1)."""

from typing import Final

from folkmoot.dav.properties.dav import report_set
from folkmoot.dav.properties.live import Render
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import DirectoryBook
from folkmoot.dav.wire.names import CARDDAV, GROUPDAV, clark

_REPORTS: Final = (
    "{DAV:}expand-property",
    clark(CARDDAV, "addressbook-query"),
    clark(CARDDAV, "addressbook-multiget"),
)
# What such a book has in common with stored ones; it has no owner, versions, locks or grants of its own.
_AS_STORED: Final = frozenset(
    [
        "{DAV:}displayname",
        "{DAV:}getcontenttype",
        "{DAV:}group",
        "{DAV:}current-user-principal",
        "{DAV:}current-user-privilege-set",
        "{DAV:}supported-privilege-set",
        "{DAV:}principal-collection-set",
        clark(CARDDAV, "supported-address-data"),
        clark(CARDDAV, "supported-collation-set"),
        clark(GROUPDAV, "component-set"),
    ]
)


async def directory_property(lookups: Lookups, resource: DirectoryBook, name: str, render: Render) -> str | None:
    """Return the content of a property's element; None where the book has no such property."""
    if name == "{DAV:}resourcetype":
        return f"{await render(lookups, resource.book)}<CR:directory/>"
    if name == "{DAV:}supported-report-set":
        return report_set(_REPORTS)
    return await render(lookups, resource.book) if name in _AS_STORED else None
