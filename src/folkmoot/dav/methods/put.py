"""PUT (RFC 4918 section 9.7, RFC 4791 section 5.3.2, RFC 6352 section 6.3.2)."""

from dataclasses import replace
from typing import Final

from folkmoot.collections.content import UNCONDITIONAL, Place
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound, PreconditionFailed, Unsupported
from folkmoot.dav.clients import family_of
from folkmoot.dav.conditions import etag_condition, submitted
from folkmoot.dav.errors import ConditionFailed, MethodNotAllowed
from folkmoot.dav.hrefs import encode_segment
from folkmoot.dav.http import Response
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.targets import ObjectTarget, is_collection_at, missing_parent, required_object
from folkmoot.dav.wire.headers import parse_preferences
from folkmoot.dav.wire.names import CALDAV, CARDDAV, clark
from folkmoot.dav.write_options import write_options
from folkmoot.scheduling.values import OldSequence
from folkmoot.store.records import Kind, PutResult, UidConflict, etag_of

_VALID_DATA: Final = {
    Kind.CALENDAR: clark(CALDAV, "valid-calendar-data"),
    Kind.ADDRESSBOOK: clark(CARDDAV, "valid-address-data"),
}
_NAMESPACES: Final = {Kind.CALENDAR: CALDAV, Kind.ADDRESSBOOK: CARDDAV}


async def put(lookups: Lookups) -> Response:
    """Store the body; the ETag is told where the stored bytes are the client's own."""
    if "content-range" in lookups.request.headers:
        raise MalformedInput("a PUT carries the whole body (RFC 9110 section 14.5)")
    if lookups.request.header("content-encoding").strip().lower() not in {"", "identity"}:
        raise Unsupported("no content encoding is understood")
    target = required_object(lookups, await lookups.locate(lookups.request.path))
    tokens = await submitted(lookups)
    if await _is_taken_by_collection(lookups, target):
        raise MethodNotAllowed("there is a collection here")
    result = await store(lookups, target, lookups.request.body, lookups.request.header("content-type"), tokens)
    headers = [("ETag", f'"{result.etag}"')] if result.etag == etag_of(lookups.request.body) else []
    headers += [("Schedule-Tag", f'"{result.schedule_tag}"')] if result.schedule_tag else []
    status = 201 if result.created else 204
    if parse_preferences(lookups.request.headers).representation:
        return await _representation(lookups, target, 201 if result.created else 200)
    return Response(status, headers)


async def store(
    lookups: Lookups, target: ObjectTarget, body: bytes, content_type: str, tokens: frozenset[str]
) -> PutResult:
    """Put one object, and name the precondition that a refusal stands for.

    Raises:
        ConditionFailed: no-uid-conflict (409), or valid data (400, after SOGo).
        Conflict, NotFound: there is no such collection.
        FolkmootError: whatever else the service raises.
    """
    place = target.place
    try:
        return await _stored(lookups, target, body, content_type, tokens)
    except OldSequence as old:
        # Thunderbird shows nothing for 403; Apple's clients make a second event of a 409.
        if family_of(lookups.request.header("user-agent")) == "thunderbird":
            raise
        raise Forbidden(str(old)) from old
    except UidConflict as conflict:
        raise uid_conflict(lookups, place, conflict) from conflict
    except MalformedInput as malformed:
        if place.kind not in _VALID_DATA:
            raise
        raise ConditionFailed(_VALID_DATA[place.kind], status=400, message=str(malformed)) from malformed
    except NotFound as missing:
        raise missing_parent(lookups, place, missing) from missing


async def _stored(
    lookups: Lookups, target: ObjectTarget, body: bytes, content_type: str, tokens: frozenset[str]
) -> PutResult:
    condition, options = etag_condition(lookups), write_options(lookups)
    put_object = lookups.services.objects.put
    try:
        return await put_object(
            lookups.caller, target.place, target.name, body, content_type, condition, tokens, options
        )
    except PreconditionFailed:
        if (
            target.place.kind is not Kind.CALENDAR
            or condition.none_match != frozenset("*")
            or condition.match is not None
        ):
            raise
        # Thunderbird and Evolution file an invitation that was filed here already, under the same name.
        claim = replace(options, claims=True)
        return await put_object(
            lookups.caller, target.place, target.name, body, content_type, UNCONDITIONAL, tokens, claim
        )


def uid_conflict(lookups: Lookups, place: Place, conflict: UidConflict) -> ConditionFailed:
    """Return the refusal that names the object which has the UID already."""
    href = lookups.collection_href(place) + encode_segment(conflict.name)
    return ConditionFailed(
        clark(_NAMESPACES[place.kind], "no-uid-conflict"),
        status=409,
        inner=f"<D:href>{href}</D:href>",
        message=str(conflict),
    )


async def _is_taken_by_collection(lookups: Lookups, target: ObjectTarget) -> bool:
    place = target.place
    if place.kind is not Kind.FILES:
        return False
    return await is_collection_at(lookups, Place(place.owner, place.kind, f"{place.name}/{target.name}".lstrip("/")))


async def _representation(lookups: Lookups, target: ObjectTarget, status: int) -> Response:
    _, stored = await lookups.services.objects.read(lookups.caller, target.place, target.name)
    headers = [
        ("Content-Type", stored.meta.content_type),
        ("ETag", f'"{stored.meta.etag}"'),
        ("Preference-Applied", "return=representation"),
    ]
    headers += [("Schedule-Tag", f'"{stored.meta.schedule_tag}"')] if stored.meta.schedule_tag else []
    return Response(status, headers, stored.body)
