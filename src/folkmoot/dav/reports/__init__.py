"""One module a report, or a family of them; each function takes the look-ups, the target and the parsed body."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from folkmoot.dav.http import Response
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.reports.addressbook_query import addressbook_query
from folkmoot.dav.reports.calendar_query import calendar_query
from folkmoot.dav.reports.expand_property import expand_property
from folkmoot.dav.reports.free_busy_query import free_busy_query
from folkmoot.dav.reports.inverse import collection_query, user_query
from folkmoot.dav.reports.multiget import addressbook_multiget, calendar_multiget
from folkmoot.dav.reports.principal_match import acl_principal_prop_set, principal_match
from folkmoot.dav.reports.principal_search import (
    calendarserver_principal_search,
    principal_property_search,
    principal_search_property_set,
)
from folkmoot.dav.reports.sync_collection import sync_collection
from folkmoot.dav.resource import Resource
from folkmoot.dav.wire.inverse import COLLECTION_QUERY, USER_QUERY
from folkmoot.dav.wire.names import CALENDARSERVER, clark
from folkmoot.dav.wire.rfc4791 import CALENDAR_MULTIGET, CALENDAR_QUERY, FREE_BUSY_QUERY
from folkmoot.dav.wire.rfc6352 import ADDRESSBOOK_MULTIGET, ADDRESSBOOK_QUERY
from folkmoot.dav.wire.rfc6578 import SYNC_COLLECTION
from folkmoot.dav.wire.xml import Element

Report = Callable[[Lookups, Resource, Element], Awaitable[Response]]

REPORTS: Final[Mapping[str, Report]] = {
    CALENDAR_QUERY: calendar_query,
    CALENDAR_MULTIGET: calendar_multiget,
    FREE_BUSY_QUERY: free_busy_query,
    ADDRESSBOOK_QUERY: addressbook_query,
    ADDRESSBOOK_MULTIGET: addressbook_multiget,
    SYNC_COLLECTION: sync_collection,
    "{DAV:}expand-property": expand_property,
    "{DAV:}principal-match": principal_match,
    "{DAV:}principal-property-search": principal_property_search,
    "{DAV:}principal-search-property-set": principal_search_property_set,
    "{DAV:}acl-principal-prop-set": acl_principal_prop_set,
    clark(CALENDARSERVER, "calendarserver-principal-search"): calendarserver_principal_search,
    COLLECTION_QUERY: collection_query,
    USER_QUERY: user_query,
}
