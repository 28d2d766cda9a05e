"""The body of ACL and of the reports on principals (RFC 3744 sections 8 and 9, RFC 3253 section 3.8)."""

import re
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.wire.elements import limit, one_of, only_child, required
from folkmoot.dav.wire.names import CALENDARSERVER, DAV, clark
from folkmoot.dav.wire.rfc4918 import PROP, property_names
from folkmoot.dav.wire.xml import Element, children, inner_text, own_text

ACES_MAX: Final = 1_000  # of one ACL; people share with dozens
SEARCHES_MAX: Final = 100  # conditions of one search; Apple sends eight
EXPAND_DEPTH_MAX: Final = 8  # levels of an expand-property; Apple uses two
EXPAND_PROPERTIES_MAX: Final = 200  # in all of them


_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,254}\Z")  # every property that there is has such a name


class Everyone(Enum):
    """The principals of an ACE that are not named by an href (section 5.5.1)."""

    ALL = "{DAV:}all"
    AUTHENTICATED = "{DAV:}authenticated"
    UNAUTHENTICATED = "{DAV:}unauthenticated"
    SELF = "{DAV:}self"
    OWNER = "{DAV:}property"


@dataclass(frozen=True, slots=True)
class Ace:
    """A grant; ``principal`` is an href or one of ``Everyone``."""

    principal: str | Everyone
    privileges: tuple[str, ...]  # Clark names
    protected: bool  # sent back by a client that read it: to be passed over


class MatchType(StrEnum):
    """How a text is looked for; a CalendarServer extension, the RFC only knows ``contains``."""

    CONTAINS = "contains"
    STARTS_WITH = "starts-with"
    ENDS_WITH = "ends-with"
    EQUALS = "equals"


@dataclass(frozen=True, slots=True)
class PropertySearch:
    """One condition of a search for principals: any of these properties holds the text."""

    names: tuple[str, ...]
    text: str
    match_type: MatchType


@dataclass(frozen=True, slots=True)
class PrincipalPropertySearch:
    """DAV:principal-property-search (section 9.4)."""

    searches: tuple[PropertySearch, ...]
    any_of: bool
    names: tuple[str, ...]
    everywhere: bool  # apply-to-principal-collection-set
    limit: int | None


@dataclass(frozen=True, slots=True)
class PrincipalSearch:
    """CalendarServer's search by words: each must occur in a name or an address."""

    tokens: tuple[str, ...]
    context: str  # attendee, location, resource, user, group, or empty
    names: tuple[str, ...]
    limit: int | None


@dataclass(frozen=True, slots=True)
class ExpandedProperty:
    """A property whose hrefs are to be replaced by responses with ``nested`` (RFC 3253 section 3.8)."""

    name: str
    nested: tuple["ExpandedProperty", ...]


def parse_acl(element: Element) -> tuple[Ace, ...]:
    """Return the ACEs of an ACL request.

    Raises:
        ConditionFailed: grant-only, no-invert, allowed-principal.
        MalformedInput: it does not follow the grammar.
        TooLarge: more ACEs than anybody needs.
    """
    if element.tag != "{DAV:}acl":
        raise MalformedInput("the body of ACL is a DAV:acl")
    found = children(element, "{DAV:}ace")
    if len(found) > ACES_MAX:
        raise TooLarge(f"an ACL has at most {ACES_MAX} entries")
    return tuple(map(_ace, found))


def _ace(element: Element) -> Ace:
    if only_child(element, "{DAV:}invert") is not None:
        raise ConditionFailed("{DAV:}no-invert", message="principals cannot be inverted")
    protected = bool(children(element, "{DAV:}protected") or children(element, "{DAV:}inherited"))
    grant = only_child(element, "{DAV:}grant")
    if only_child(element, "{DAV:}deny") is not None:
        raise ConditionFailed("{DAV:}grant-only", message="rights are granted, never denied")
    principal = only_child(element, "{DAV:}principal")
    if principal is None or grant is None or len(principal) != 1:
        raise MalformedInput("acl: an ace names one principal and what it is granted")
    privileges = [str(name.tag) for child in children(grant, "{DAV:}privilege") for name in child]
    if not privileges:
        raise MalformedInput("acl: a grant names at least one privilege")
    return Ace(_principal(principal[0]), tuple(dict.fromkeys(privileges)), protected)


def _principal(element: Element) -> str | Everyone:
    if element.tag == "{DAV:}href":
        return own_text(element)
    try:
        found = Everyone(element.tag)
    except ValueError:
        raise MalformedInput("acl: unknown kind of principal") from None
    if found is Everyone.OWNER and [child.tag for child in element] != ["{DAV:}owner"]:
        raise ConditionFailed("{DAV:}allowed-principal", message="the only property for a principal is DAV:owner")
    return found


def parse_principal_property_search(element: Element) -> PrincipalPropertySearch:
    """Return the report.

    Raises:
        MalformedInput: no condition, or one without property or text.
        TooLarge: too many conditions.
    """
    found = children(element, "{DAV:}property-search")
    if not found:
        raise MalformedInput("principal-property-search: property-search is missing")
    if len(found) > SEARCHES_MAX:
        raise TooLarge(f"at most {SEARCHES_MAX} conditions in one search")
    return PrincipalPropertySearch(
        searches=tuple(map(_property_search, found)),
        any_of=one_of(element, "test", ("allof", "anyof")) == "anyof",
        names=wanted_names(element),
        everywhere=only_child(element, "{DAV:}apply-to-principal-collection-set") is not None,
        limit=limit(element, DAV),
    )


def _property_search(element: Element) -> PropertySearch:
    properties, match = only_child(element, PROP), only_child(element, "{DAV:}match")
    if properties is None or not len(properties) or match is None:
        raise MalformedInput("property-search: it holds DAV:prop and DAV:match")
    kinds = ("contains", "starts-with", "ends-with", "equals")
    return PropertySearch(property_names(properties), inner_text(match), MatchType(one_of(match, "match-type", kinds)))


def parse_principal_search(element: Element) -> PrincipalSearch:
    """Return CalendarServer's calendarserver-principal-search.

    Raises:
        MalformedInput: no word to look for.
        TooLarge: too many.
    """
    tokens = [own_text(child) for child in children(element, clark(CALENDARSERVER, "search-token"))]
    if len(tokens) > SEARCHES_MAX:
        raise TooLarge(f"at most {SEARCHES_MAX} words in one search")
    tokens = [token for token in tokens if token]
    if not tokens:
        raise MalformedInput("calendarserver-principal-search: search-token is missing")
    return PrincipalSearch(
        tuple(tokens), element.get("context", ""), wanted_names(element), limit(element, CALENDARSERVER)
    )


def wanted_names(element: Element) -> tuple[str, ...]:
    """Return the names of the DAV:prop child; none if it is absent.

    Raises:
        MalformedInput: there are several.
        TooLarge: too many names.
    """
    found = only_child(element, PROP)
    return () if found is None else property_names(found)


def parse_principal_match(element: Element) -> str | None:
    """Return the Clark name of the property that must name the caller, None for DAV:self (section 9.3).

    Raises:
        MalformedInput: neither of the two.
    """
    found = only_child(element, "{DAV:}principal-property")
    if found is None:
        if only_child(element, "{DAV:}self") is None:
            raise MalformedInput("principal-match: it holds principal-property or self")
        return None
    if len(found) != 1:
        raise MalformedInput("principal-match: principal-property names one property")
    return str(found[0].tag)


def parse_expand_property(element: Element) -> tuple[ExpandedProperty, ...]:
    """Return the properties of an expand-property report.

    Raises:
        MalformedInput: a property without name.
        TooLarge: too many of them, or nested too deep.
    """
    if sum(1 for _ in element.iter()) > EXPAND_PROPERTIES_MAX:
        raise TooLarge(f"at most {EXPAND_PROPERTIES_MAX} properties to expand")
    return _expanded(element, 1)


def _expanded(element: Element, depth: int) -> tuple[ExpandedProperty, ...]:
    found = children(element, "{DAV:}property")
    if found and depth > EXPAND_DEPTH_MAX:
        raise TooLarge(f"expand-property nests at most {EXPAND_DEPTH_MAX} levels")
    return tuple(ExpandedProperty(_property_name(child), _expanded(child, depth + 1)) for child in found)


def _property_name(element: Element) -> str:
    name, namespace = required(element, "name"), element.get("namespace", DAV)
    # It is printed as an element: it has to be the name of one.
    if _NAME.match(name) is None or "}" in namespace:
        raise MalformedInput("expand-property: a name is the name of an element")
    return clark(namespace, name)
