"""CARDDAV:addressbook-query (RFC 6352 section 8.6)."""

from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.http import Response
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.reports.homes import collections_of
from folkmoot.dav.reports.wanted import answer, answers_with_bodies, asked_depth, truncated, wanted_of
from folkmoot.dav.resource import CollectionResource, DirectoryBook, HomeSet, ObjectResource, Resource
from folkmoot.dav.wire.elements import limit
from folkmoot.dav.wire.headers import Depth
from folkmoot.dav.wire.names import CARDDAV
from folkmoot.dav.wire.rfc6352 import parse_address_filter
from folkmoot.dav.wire.xml import Element
from folkmoot.store.records import Kind
from folkmoot.vcard import AddressFilter, match, parse


async def addressbook_query(lookups: Lookups, resource: Resource, report: Element) -> Response:
    """Answer with the cards that match; with 507 for the target where the client's limit left some out.

    A missing Depth counts as 1: at 0, as the standard has it, a query of an address book finds nothing.

    Raises:
        ConditionFailed: DAV:supported-report, CARDDAV:supported-collation, CARDDAV:supported-address-data.
        MalformedInput: the filter breaks its grammar.
    """
    wanted_cards = parse_address_filter(report)
    count = limit(report, CARDDAV)
    depth = asked_depth(lookups, Depth.ONE)
    if isinstance(resource, ObjectResource) and resource.parent.place.kind is Kind.ADDRESSBOOK:
        return answer(lookups, await _of_object(lookups, resource, report, wanted_cards))
    if isinstance(resource, DirectoryBook):
        return answer(lookups, await _of_directory(lookups, resource, report, wanted_cards, count, depth))
    responses: list[str] = []
    for book in await _books(lookups, resource, depth):
        left = None if count is None else count - len(responses)
        services = lookups.services
        _, found, more = await services.addressbooks.query(
            lookups.caller, book.place, wanted_cards, left, seen=book.seen
        )
        wanted = wanted_of(lookups, report, book.seen.collection)
        responses += await answers_with_bodies(lookups, book, found, wanted)
        if more:
            return answer(lookups, [*responses, truncated(resource.href)])
    return answer(lookups, responses)


async def _books(lookups: Lookups, resource: Resource, depth: Depth) -> list[CollectionResource]:
    match resource:
        case CollectionResource() if resource.place.kind is Kind.ADDRESSBOOK:
            return [] if depth is Depth.ZERO else [resource]
        case HomeSet() if resource.kind is Kind.ADDRESSBOOK:
            return await collections_of(lookups, resource) if depth is Depth.INFINITY else []
        case _:
            raise ConditionFailed("{DAV:}supported-report", message="no such report here")


async def _of_directory(
    lookups: Lookups,
    resource: DirectoryBook,
    report: Element,
    wanted_cards: AddressFilter,
    count: int | None,
    depth: Depth,
) -> list[str]:
    if depth is Depth.ZERO:
        return []
    book = resource.book
    found, more = await lookups.services.directory_books.query(lookups.caller, book.place.name, wanted_cards, count)
    wanted = wanted_of(lookups, report, book.seen.collection)
    responses = await answers_with_bodies(lookups, book, found, wanted)
    return [*responses, truncated(resource.href)] if more else responses


async def _of_object(
    lookups: Lookups, resource: ObjectResource, report: Element, wanted_cards: AddressFilter
) -> list[str]:
    if not match(parse(resource.stored.body), wanted_cards):
        return []
    wanted = wanted_of(lookups, report, resource.parent.seen.collection)
    return await answers_with_bodies(lookups, resource.parent, [resource.stored], wanted, hrefs=[resource.href])
