"""The If header, compared with what is there (RFC 4918 section 10.4), and the ETag headers of RFC 9110."""

from folkmoot.collections.content import Condition
from folkmoot.collections.locks import covers
from folkmoot.core.errors import Forbidden, NotFound, PreconditionFailed
from folkmoot.dav.hrefs import Location, path_of_href
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resolve import resolve
from folkmoot.dav.resource import CollectionResource, ObjectResource, Resource
from folkmoot.dav.wire.headers import IfList, StateCondition, lock_token, parse_etags, parse_if, submitted_tokens


def etag_condition(lookups: Lookups) -> Condition:
    """Return If-Match and If-None-Match of the request.

    Raises:
        MalformedInput: no lists of ETags.
    """
    headers = lookups.request.headers
    return Condition(parse_etags(headers.get("if-match")), parse_etags(headers.get("if-none-match")))


async def submitted(lookups: Lookups) -> frozenset[str]:
    """Return the lock tokens that the request submits, after its If header has been found true.

    Raises:
        MalformedInput: the header does not follow its grammar.
        PreconditionFailed: none of its lists holds.
    """
    text = lookups.request.header("if")
    if not text:
        return frozenset()
    lists = parse_if(text)
    for one in lists:
        if await _holds(lookups, one):
            return submitted_tokens(lists)
    raise PreconditionFailed("the If header does not hold")


async def _holds(lookups: Lookups, one: IfList) -> bool:
    path = lookups.request.path if one.tag is None else path_of_href(lookups.request, one.tag)
    location = None if path is None else await lookups.locate(path)
    present = await _present(lookups, location) if location and _needs_resource(one) else None
    tokens = await _tokens(lookups, location) if location else frozenset()
    return all(_is_true(condition, present, tokens) for condition in one.conditions)


def _needs_resource(one: IfList) -> bool:
    return any(c.etag is not None or (c.token or "").startswith("urn:folkmoot:sync:") for c in one.conditions)


async def _present(lookups: Lookups, location: Location) -> Resource | None:
    try:
        return await resolve(lookups, location, "")
    except (NotFound, Forbidden):
        return None


async def _tokens(lookups: Lookups, location: Location) -> frozenset[str]:
    path = lock_path(location)
    if path is None or location.owner is None:
        return frozenset()
    return frozenset(lock.token for lock in await lookups.locks(location.owner) if covers(lock, path))


def lock_path(location: Location) -> str | None:
    """Return a location as locks know it, below its owner's home; None outside of homes."""
    return None if location.home is None else "/".join([location.home.value, *location.names])


def _is_true(condition: StateCondition, present: Resource | None, tokens: frozenset[str]) -> bool:
    if condition.etag is not None:
        result = isinstance(present, ObjectResource) and present.meta.etag == condition.etag
    else:
        uri = condition.token or ""
        result = lock_token(uri) in tokens or uri == _sync_token(present)
    return result is not condition.negated


def _sync_token(present: Resource | None) -> str | None:
    # A collection's sync token is a state token too (RFC 6578 section 5).
    if not isinstance(present, CollectionResource):
        return None
    return str(present.seen.sync_token)
