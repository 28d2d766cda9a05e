"""Searches for people, groups and resources (RFC 3744 sections 9.3 to 9.5, CalendarServer's search by words)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.hrefs import locate, path_of_href
from folkmoot.dav.http import Response
from folkmoot.dav.properties.answers import answers
from folkmoot.dav.properties.live import Wanted
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.reports.wanted import answer, truncated, wanted_of
from folkmoot.dav.resource import PrincipalResource, ProxyGroup, Resource, Root
from folkmoot.dav.wire.multistatus import XML_TYPE, document
from folkmoot.dav.wire.names import CALDAV, CALENDARSERVER, clark, empty_element
from folkmoot.dav.wire.rfc3744 import (
    MatchType,
    PropertySearch,
    parse_principal_property_search,
    parse_principal_search,
)
from folkmoot.dav.wire.rfc4918 import PROPERTIES_MAX
from folkmoot.dav.wire.xml import Element
from folkmoot.directory.principal import Principal, PrincipalKind

TEXTS_MAX: Final = 8  # searches of the directory for one request; clients look for one text in several properties
RESULTS_MAX: Final = 200  # people of one answer

_DISPLAYNAME: Final = "{DAV:}displayname"
_ADDRESS_SET: Final = clark(CALDAV, "calendar-user-address-set")
_HOME_SET: Final = clark(CALDAV, "calendar-home-set")
_USER_TYPE: Final = clark(CALDAV, "calendar-user-type")
_EMAILS: Final = clark(CALENDARSERVER, "email-address-set")
_FIRST_NAME: Final = clark(CALENDARSERVER, "first-name")
_LAST_NAME: Final = clark(CALENDARSERVER, "last-name")
_SEARCHABLE: Final = {
    _DISPLAYNAME: "Full name",
    _FIRST_NAME: "First name",
    _LAST_NAME: "Last name",
    _EMAILS: "E-mail addresses",
    _ADDRESS_SET: "Calendar addresses",
    _USER_TYPE: "Kind of calendar user",
    _HOME_SET: "Calendar home",
}
_PARTS: Final = frozenset(
    [
        "{DAV:}property-search",
        "{DAV:}prop",
        "{DAV:}allprop",
        "{DAV:}propname",
        "{DAV:}apply-to-principal-collection-set",
        "{DAV:}limit",
        clark(CALENDARSERVER, "search-token"),
        clark(CALENDARSERVER, "limit"),
    ]
)
_USER_TYPES: Final = {
    PrincipalKind.INDIVIDUAL: "INDIVIDUAL",
    PrincipalKind.GROUP: "GROUP",
    PrincipalKind.LOCATION: "ROOM",
    PrincipalKind.THING: "RESOURCE",
}
_CONTEXTS: Final[Mapping[str, frozenset[PrincipalKind]]] = {
    "location": frozenset([PrincipalKind.LOCATION]),
    "resource": frozenset([PrincipalKind.THING]),
    "user": frozenset([PrincipalKind.INDIVIDUAL]),
    "group": frozenset([PrincipalKind.GROUP]),
    "attendee": frozenset([PrincipalKind.INDIVIDUAL, PrincipalKind.GROUP]),
}
_RELATES: Final[Mapping[MatchType, Callable[[str, str], bool]]] = {
    MatchType.CONTAINS: lambda value, text: text in value,
    MatchType.STARTS_WITH: str.startswith,
    MatchType.ENDS_WITH: str.endswith,
    MatchType.EQUALS: str.__eq__,
}


async def principal_property_search(lookups: Lookups, resource: Resource, report: Element) -> Response:
    """Answer with the principals whose properties hold the texts, letter case apart; all people are in one collection.

    Raises:
        MalformedInput: the report breaks its grammar.
    """
    asked = parse_principal_property_search(report)
    everywhere = asked.everywhere or isinstance(resource, Root)
    candidates = await _candidates(lookups, asked.searches, any_of=asked.any_of)
    if not everywhere:
        below = resource.principal.id if isinstance(resource, PrincipalResource) else None
        candidates = [principal for principal in candidates if principal.id == below]
    combine = any if asked.any_of else all
    found = [p for p in candidates if combine(_matches(lookups, p, search) for search in asked.searches)]
    return await _people(lookups, resource, found, report, asked.limit)


async def _candidates(lookups: Lookups, searches: Sequence[PropertySearch], *, any_of: bool) -> list[Principal]:
    """Return people among whom all that match are: by href, by address, or by what the directory finds."""
    found: dict[str, Principal] = {}
    texts = list(dict.fromkeys((search.text.strip(), _HOME_SET in search.names) for search in searches))
    for text, may_be_href in texts[:TEXTS_MAX]:
        if not text:
            continue
        people = await _by_href(lookups, text) if may_be_href or "/" in text else []
        bare = text[7:] if text[:7].lower() == "mailto:" else text
        people += await lookups.services.people.search(lookups.caller, text=bare, limit=RESULTS_MAX)
        found.update((principal.id, principal) for principal in people)
        # All must hold: one text has found everybody who can be in the answer.
        if not any_of:
            break
    return list(found.values())


async def _by_href(lookups: Lookups, text: str) -> list[Principal]:
    try:
        path = path_of_href(lookups.request, text)
        owner = None if path is None else locate(path).owner
    except MalformedInput:
        return []
    principal = None if owner is None else await lookups.principal(owner)
    return [] if principal is None else [principal]


def _matches(lookups: Lookups, principal: Principal, search: PropertySearch) -> bool:
    text = search.text.strip().casefold()
    relates = _RELATES[search.match_type]
    return bool(text) and any(
        relates(value.casefold(), text) for name in search.names for value in _values(lookups, principal, name)
    )


def _values(lookups: Lookups, principal: Principal, name: str) -> Iterable[str]:
    addresses = lookups.services.people.addresses(principal)
    first, _, last = principal.display_name.rpartition(" ")
    match name:
        case "{DAV:}displayname":
            return (principal.display_name,)
        case _ if name == _EMAILS:
            return addresses
        case _ if name == _ADDRESS_SET:
            own = lookups.principal_href(principal.id)
            return (*(f"mailto:{address}" for address in addresses), own, own.rstrip("/"))
        case _ if name == _HOME_SET:
            home = lookups.href(principal.id, "Calendar", slash=True)
            return (home, home.rstrip("/"), lookups.principal_href(principal.id))
        case _ if name in {_FIRST_NAME, _LAST_NAME}:
            return (last,) if name == _LAST_NAME else (first,)
        case _ if name == _USER_TYPE:
            return (_USER_TYPES[principal.kind],)
        case _:
            return ()


async def calendarserver_principal_search(lookups: Lookups, resource: Resource, report: Element) -> Response:
    """Answer with the principals in whose names and addresses each of the words occurs.

    Raises:
        MalformedInput: no word.
    """
    asked = parse_principal_search(report)
    kinds = _CONTEXTS.get(asked.context)
    longest = max(asked.tokens, key=len)
    people = await lookups.services.people.search(lookups.caller, text=longest, limit=RESULTS_MAX)
    found = [
        principal
        for principal in people
        if (kinds is None or principal.kind in kinds) and _has_all(lookups, principal, asked.tokens)
    ]
    return await _people(lookups, resource, found, report, asked.limit)


def _has_all(lookups: Lookups, principal: Principal, tokens: Sequence[str]) -> bool:
    text = " ".join((principal.display_name, *lookups.services.people.addresses(principal))).casefold()
    return all(token.casefold() in text for token in tokens)


async def _people(
    lookups: Lookups, resource: Resource, found: Sequence[Principal], report: Element, limit: int | None
) -> Response:
    most = RESULTS_MAX if limit is None else min(limit, RESULTS_MAX)
    shown: list[Resource] = [PrincipalResource(lookups.principal_href(p.id), p) for p in found[:most]]
    responses = await answers(lookups, shown, _wanted(lookups, report))
    if len(found) > most:
        responses.append(truncated(resource.href))
    return answer(lookups, responses)


def _wanted(lookups: Lookups, report: Element) -> Wanted:
    wanted = wanted_of(lookups, report, None)
    # python-caldav 3.6 writes the names of the properties beside DAV:prop instead of inside.
    astray = tuple(dict.fromkeys(str(child.tag) for child in report if child.tag not in _PARTS))[:PROPERTIES_MAX]
    return replace(wanted, names=(*wanted.names, *astray), everything=False) if astray else wanted


async def principal_search_property_set(_: Lookups, resource: Resource, report: Element) -> Response:
    """Answer with the properties that a search may name.

    Raises:
        ConditionFailed: DAV:supported-report, elsewhere than at principals, groups and their collection.
        MalformedInput: the report is not empty.
    """
    if not isinstance(resource, Root | PrincipalResource | ProxyGroup):
        raise ConditionFailed("{DAV:}supported-report", message="no such report here")
    if len(report):
        raise MalformedInput("principal-search-property-set is empty")
    content = "".join(
        f"<D:principal-search-property><D:prop>{empty_element(name)}</D:prop>"
        f'<D:description xml:lang="en">{description}</D:description></D:principal-search-property>'
        for name, description in _SEARCHABLE.items()
    )
    return Response(200, [("Content-Type", XML_TYPE)], document("D:principal-search-property-set", content))
