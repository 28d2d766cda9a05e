"""Which properties a report asks for, and in which form bodies are to come with them."""

import asyncio
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.http import Response
from folkmoot.dav.properties.answers import object_answers
from folkmoot.dav.properties.live import BodyText, Wanted
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.reports.bodies import bodies_of
from folkmoot.dav.resource import CollectionResource
from folkmoot.dav.wire.elements import only_child
from folkmoot.dav.wire.headers import Depth, parse_depth, parse_preferences
from folkmoot.dav.wire.multistatus import XML_TYPE, multistatus, status_response
from folkmoot.dav.wire.rfc4918 import ALLPROP, PROP, PROPNAME, property_names
from folkmoot.dav.wire.xml import Element
from folkmoot.store.records import Collection, StoredObject

ANSWER_MAX: Final = 128 * 1024 * 1024  # characters; expanding a few series over centuries makes more
_TURN: Final = 50  # objects printed before others get their turn on the event loop
_FIRST_TURN: Final = 4  # nobody knows yet how long they take
_TURN_SECONDS: Final = 0.02
TRUNCATED: Final = "<D:number-of-matches-within-limits/>"


def wanted_of(lookups: Lookups, report: Element, collection: Collection | None) -> Wanted:
    """Return what the prop, allprop or propname child of a report asks for; allprop if there is none.

    Raises:
        MalformedInput: more than one of them.
        ConditionFailed: a form of bodies that is not served.
    """
    forms = [child for name in (PROP, ALLPROP, PROPNAME) if (child := only_child(report, name)) is not None]
    if len(forms) > 1:
        raise MalformedInput("a report holds one of DAV:prop, DAV:allprop and DAV:propname")
    minimal = parse_preferences(lookups.request.headers).minimal
    if not forms or forms[0].tag == ALLPROP:
        return Wanted(everything=True, minimal=minimal)
    if forms[0].tag == PROPNAME:
        return Wanted(names_only=True, minimal=minimal)
    bodies: Mapping[str, BodyText] = {} if collection is None else bodies_of(lookups, forms[0], collection)
    return Wanted(property_names(forms[0]), minimal=minimal, bodies=bodies or None)


def asked_depth(lookups: Lookups, default: Depth) -> Depth:
    """Return the Depth header; ``default`` is what its absence means.

    Raises:
        MalformedInput: none of the three values.
    """
    return parse_depth(lookups.request.headers, default)


async def answers_with_bodies(
    lookups: Lookups,
    collection: CollectionResource,
    rows: Sequence[StoredObject],
    wanted: Wanted,
    *,
    hrefs: Sequence[str] | None = None,
) -> list[str]:
    """Return the answers for objects whose text has been read, letting other requests in between.

    Raises:
        ConditionFailed: DAV:number-of-matches-within-limits, if they would be larger than ``ANSWER_MAX``.
    """
    found: list[str] = []
    size = 0
    start, turn = 0, _FIRST_TURN
    while start < len(rows):
        began = perf_counter()
        part = rows[start : start + turn]
        shown = None if hrefs is None else hrefs[start : start + turn]
        responses = await object_answers(lookups, collection, part, wanted, hrefs=shown)
        size += sum(map(len, responses))
        if size > ANSWER_MAX:
            raise ConditionFailed("{DAV:}number-of-matches-within-limits", message="ask for less at once")
        found += responses
        start += turn
        # Where occurrences are asked for, one object may take long.
        turn = min(2 * turn, _TURN) if perf_counter() - began < _TURN_SECONDS else 1
        if len(rows) > start:
            await asyncio.sleep(0)
    return found


def answer(lookups: Lookups, responses: Sequence[str], sync_token: str | None = None) -> Response:
    """Return a 207 answer."""
    headers = [("Content-Type", XML_TYPE)]
    applied = parse_preferences(lookups.request.headers).applied
    if applied:
        headers.append(("Preference-Applied", applied))
    return Response(207, headers, multistatus(responses, sync_token))


def truncated(href: str) -> str:
    """Return the response that says there is more (RFC 6578 section 3.6, RFC 6352 section 8.6.1)."""
    return status_response(href, 507, TRUNCATED)
