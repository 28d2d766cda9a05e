"""Bodies of Inverse's own reports, which the SOGo Connector for Thunderbird sends."""

from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.dav.wire.names import INVERSE, clark
from folkmoot.dav.wire.xml import Element, inner_text, own_text
from folkmoot.store.records import Kind

COLLECTION_QUERY: Final = clark(INVERSE, "collection-query")
USER_QUERY: Final = clark(INVERSE, "user-query")
_KINDS: Final = {
    "": (Kind.CALENDAR, Kind.ADDRESSBOOK),
    "calendar": (Kind.CALENDAR,),
    "contact": (Kind.ADDRESSBOOK,),
}


@dataclass(frozen=True, slots=True)
class CollectionQuery:
    """Collections of which kinds, and whose: an href of a principal, None for the target's own."""

    kinds: tuple[Kind, ...]
    owner: str | None


def parse_collection_query(element: Element) -> CollectionQuery:
    """Return the report; conditions are ``prop-match`` elements at any depth.

    Raises:
        MalformedInput: an unknown resource type.
    """
    conditions = {
        match.get("name", "").rpartition(":")[2].lower(): inner_text(match).strip()
        for match in element.iter(clark(INVERSE, "prop-match"))
    }
    kinds = _KINDS.get(conditions.get("resource-type", ""))
    if kinds is None:
        raise MalformedInput("collection-query: resource-type is calendar or contact")
    return CollectionQuery(kinds, conditions.get("owner"))


def parse_user_query(element: Element) -> str:
    """Return the text to look for in names and addresses.

    Raises:
        MalformedInput: no ``users`` element with a text to match.
    """
    if len(element) and element[0].tag == clark(INVERSE, "users"):
        text = (element[0].get("match-name") or own_text(element[0])).strip()
        if text:
            return text
    raise MalformedInput("user-query: it holds users with the attribute match-name")
