"""The bodies of CardDAV reports: filters, address-data (RFC 6352 sections 8 and 10)."""

from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import MalformedInput, Unsupported
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.wire.elements import one_of, only_child, required, yes_or_no
from folkmoot.dav.wire.names import CARDDAV, clark
from folkmoot.dav.wire.xml import Element, children
from folkmoot.vcard import (
    AddressFilter,
    Collation,
    MatchType,
    ParamFilter,
    PropFilter,
    PropRequest,
    Test,
    TextMatch,
    report_version,
)

ADDRESSBOOK_QUERY: Final = clark(CARDDAV, "addressbook-query")
ADDRESSBOOK_MULTIGET: Final = clark(CARDDAV, "addressbook-multiget")
ADDRESS_DATA: Final = clark(CARDDAV, "address-data")
WRONG_ADDRESS_DATA: Final = clark(CARDDAV, "addressbook-data")  # what old clients of SOGo ask for
CONDITIONS_MAX: Final = 500  # prop-filters, param-filters and text-matches of one filter
_COLLATIONS: Final = {str(c): c for c in Collation} | {
    "default": Collation.UNICODE_CASEMAP,
    "i;unicasemap": Collation.UNICODE_CASEMAP,  # the name in drafts of CardDAV; clients written for SOGo still use it
}


@dataclass(frozen=True, slots=True)
class AddressDataRequest:
    """What of a card a client wants (section 10.4)."""

    name: str = ADDRESS_DATA  # the element that was asked for, and is answered
    properties: tuple[PropRequest, ...] | None = None  # None: all of them
    version: str | None = None  # None: the stored text as it is


def parse_address_data(element: Element) -> AddressDataRequest:
    """Return an address-data element of a request.

    Raises:
        ConditionFailed: CARDDAV:supported-address-data, for a type or version nobody stores here.
        MalformedInput: a prop without name.
    """
    content_type, version = element.get("content-type"), element.get("version")
    wanted: str | None = None
    if content_type is not None or version is not None:
        try:
            wanted = report_version(content_type, version)
        except Unsupported as refused:
            raise ConditionFailed(clark(CARDDAV, "supported-address-data"), message=str(refused)) from refused
    properties = tuple(
        PropRequest(required(child, "name"), yes_or_no(child, "novalue"))
        for child in children(element, clark(CARDDAV, "prop"))
    )
    return AddressDataRequest(str(element.tag), properties or None, wanted)


def parse_address_filter(element: Element) -> AddressFilter:
    """Return the filter child of a query.

    Raises:
        ConditionFailed: CARDDAV:supported-collation.
        MalformedInput: there is none, or it breaks the grammar.
    """
    found = only_child(element, clark(CARDDAV, "filter"))
    if found is None:
        raise MalformedInput("addressbook-query: the element filter is missing")
    if sum(1 for _ in found.iter()) > CONDITIONS_MAX:
        raise MalformedInput(f"addressbook-query: a filter has at most {CONDITIONS_MAX} conditions")
    conditions = children(found, clark(CARDDAV, "prop-filter"))
    return AddressFilter(tuple(map(_prop_filter, conditions)), _test(found))


def _test(element: Element) -> Test:
    return Test(one_of(element, "test", ("anyof", "allof")))


def _prop_filter(element: Element) -> PropFilter:
    name = required(element, "name")
    return PropFilter(
        name="EMAIL" if name.upper() == "MAIL" else name,  # clients written for SOGo know it by its column there
        is_not_defined=_is_not_defined(element),
        text_matches=tuple(map(_text_match, children(element, clark(CARDDAV, "text-match")))),
        param_filters=tuple(map(_param_filter, children(element, clark(CARDDAV, "param-filter")))),
        test=_test(element),
    )


def _param_filter(element: Element) -> ParamFilter:
    text = only_child(element, clark(CARDDAV, "text-match"))
    return ParamFilter(
        name=required(element, "name"),
        is_not_defined=_is_not_defined(element),
        text_match=None if text is None else _text_match(text),
    )


def _is_not_defined(element: Element) -> bool:
    return only_child(element, clark(CARDDAV, "is-not-defined")) is not None


def _text_match(element: Element) -> TextMatch:
    name = element.get("collation", "default")
    collation = _COLLATIONS.get(name)
    if collation is None:
        raise ConditionFailed(clark(CARDDAV, "supported-collation"), message=f"unknown collation {name}")
    match_type = one_of(element, "match-type", ("contains", "equals", "starts-with", "ends-with"))
    # Blanks inside the element are part of what is looked for.
    text = element.text or ""
    return TextMatch(text, collation, MatchType(match_type), yes_or_no(element, "negate-condition"))
