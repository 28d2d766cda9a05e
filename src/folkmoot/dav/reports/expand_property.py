"""DAV:expand-property: properties with the resources that their hrefs name printed in their place (RFC 3253 3.8)."""

from collections.abc import Sequence
from typing import Final

from folkmoot.core.errors import Forbidden, MalformedInput, NotFound, TooLarge
from folkmoot.dav.http import Response
from folkmoot.dav.properties.answers import answers
from folkmoot.dav.properties.live import Wanted
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.properties.registry import LIVE
from folkmoot.dav.reports.principal_match import hrefs_in
from folkmoot.dav.reports.wanted import answer
from folkmoot.dav.resolve import resolve_href
from folkmoot.dav.resource import Resource
from folkmoot.dav.wire.headers import parse_preferences
from folkmoot.dav.wire.multistatus import status_response
from folkmoot.dav.wire.names import PREFIXES, element, split_clark
from folkmoot.dav.wire.rfc3744 import ExpandedProperty, parse_expand_property
from folkmoot.dav.wire.xml import Element, escape

EXPANSIONS_MAX: Final = 1_000  # resources of one answer; Apple's list of proxies has a dozen


async def expand_property(lookups: Lookups, resource: Resource, report: Element) -> Response:
    """Answer for the target, its properties expanded as deep as the report says.

    Raises:
        MalformedInput: the report breaks its grammar.
        TooLarge: too many properties, levels or resources.
    """
    expansion = _Expansion(lookups)
    return answer(lookups, [await expansion.response(resource, parse_expand_property(report))])


class _Expansion:
    """One answer in the making, and how many resources it already holds."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups
        self._minimal = parse_preferences(lookups.request.headers).minimal
        self._resources = 0

    async def response(self, resource: Resource, properties: Sequence[ExpandedProperty]) -> str:
        """Return the DAV:response of one resource."""
        self._resources += 1
        if self._resources > EXPANSIONS_MAX:
            raise TooLarge(f"at most {EXPANSIONS_MAX} resources in one answer")
        wanted = Wanted(tuple(dict.fromkeys(p.name for p in properties)), minimal=self._minimal)
        (text,) = await answers(self._lookups, [resource], wanted)
        for asked in properties:
            live = LIVE.get(asked.name)
            if not asked.nested or live is None or live.render is None or split_clark(asked.name)[0] not in PREFIXES:
                continue
            content = await live.render(self._lookups, resource)
            if content:
                responses = [await self._of_href(href, asked.nested) for href in hrefs_in(content)]
                text = text.replace(element(asked.name, content), element(asked.name, "".join(responses)), 1)
        return text

    async def _of_href(self, href: str, properties: Sequence[ExpandedProperty]) -> str:
        try:
            return await self.response(await resolve_href(self._lookups, href), properties)
        except (NotFound, Forbidden, MalformedInput):
            return status_response(escape(href), 404)
