"""Answers to reports on one collection, kept for as long as the collection stays as it is.

A shared calendar is asked for the same month by all its readers, and a client that polls asks again what it asked
before.  Such an answer follows from the collection's state and the request alone, so that its key never goes stale.
"""

from collections.abc import Hashable
from typing import Final

from folkmoot.dav.http import Response
from folkmoot.dav.properties.listing import OF_ROWS
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import CollectionResource, Resource
from folkmoot.dav.wire.calendar_data import CALENDAR_DATA
from folkmoot.dav.wire.elements import only_child
from folkmoot.dav.wire.rfc4791 import CALENDAR_MULTIGET, CALENDAR_QUERY
from folkmoot.dav.wire.rfc4918 import PROP, property_names
from folkmoot.dav.wire.rfc6352 import ADDRESS_DATA, ADDRESSBOOK_MULTIGET, ADDRESSBOOK_QUERY
from folkmoot.dav.wire.xml import Element
from folkmoot.sharing.rights import Level

ANSWER_SIZE_MAX: Final = 256 * 1024  # octets of one; a month of a busy calendar
REQUEST_SIZE_MAX: Final = 16 * 1024  # octets of the request it is kept by

_REPORTS: Final = frozenset([CALENDAR_QUERY, CALENDAR_MULTIGET, ADDRESSBOOK_QUERY, ADDRESSBOOK_MULTIGET])
_PROPERTIES: Final = OF_ROWS | {CALENDAR_DATA, ADDRESS_DATA}
_HEADERS: Final = ("depth", "prefer", "brief", "accept", "user-agent")


def key_of(lookups: Lookups, resource: Resource) -> Hashable | None:
    """Return what names the answer for good; None where it may depend on more than the collection and the request.

    Whoever sees everything in a collection sees the same.
    """
    request = lookups.request
    if not isinstance(resource, CollectionResource) or len(request.body) > REQUEST_SIZE_MAX:
        return None
    if resource.seen.rights.lowest < Level.VIEW or lookups.settings.past_days:
        return None
    stored = resource.seen.collection
    asked = tuple(request.header(name) for name in _HEADERS)
    return stored.id, stored.revision, stored.modified_at, resource.href, request.prefix, asked, request.body


def may_keep(report: Element, response: Response) -> bool:
    """Whether an answer follows from the rows and bodies of one collection, and is small enough."""
    if report.tag not in _REPORTS or response.status != 207 or len(response.body) > ANSWER_SIZE_MAX:  # noqa: PLR2004
        return False
    wanted = only_child(report, PROP)
    return wanted is not None and _PROPERTIES.issuperset(property_names(wanted))
