"""PROPPATCH: all of the steps or none (RFC 4918 section 9.2)."""

from folkmoot.calendars.meetings.copies import DEFAULT_CALENDAR
from folkmoot.collections.content import Place
from folkmoot.collections.subscriptions import DEAD, OWN, Mount
from folkmoot.core.errors import Forbidden
from folkmoot.dav.conditions import submitted
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.http import Response
from folkmoot.dav.methods.proxies import set_members
from folkmoot.dav.properties.answers import dead_scope
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.properties.patching import Patch, sort_changes
from folkmoot.dav.properties.settable import DEFAULT_CALENDAR_REFUSED, settable
from folkmoot.dav.resolve import resolve_target
from folkmoot.dav.resource import (
    CollectionResource,
    HomeSet,
    InboxResource,
    ObjectResource,
    PrincipalResource,
    ProxyGroup,
    Resource,
)
from folkmoot.dav.targets import is_collection_at
from folkmoot.dav.wire.headers import parse_preferences
from folkmoot.dav.wire.multistatus import XML_TYPE, multistatus, response
from folkmoot.dav.wire.rfc4918 import parse_proppatch
from folkmoot.dav.wire.xml import parse_body
from folkmoot.store.records import Kind


async def proppatch(lookups: Lookups) -> Response:
    """Set and remove properties."""
    changes = parse_proppatch(parse_body(lookups.request.body))
    resource = await resolve_target(lookups)
    tokens = await submitted(lookups)
    patch = sort_changes(changes, settable(resource))
    if not patch.refused:
        await _keep(lookups, resource, patch, tokens)
    preferences = parse_preferences(lookups.request.headers)
    if preferences.minimal and not patch.refused:
        return Response(200, [("Preference-Applied", "return=minimal")])
    return Response(207, [("Content-Type", XML_TYPE)], multistatus([response(resource.href, patch.propstats())]))


async def _keep(lookups: Lookups, resource: Resource, patch: Patch, tokens: frozenset[str]) -> None:
    services, caller = lookups.services, lookups.caller
    match resource:
        case CollectionResource(mount=Mount() as mount):
            await _keep_on_mount(lookups, mount, patch, tokens)
        case InboxResource():
            await _check_default_calendar(lookups, resource, patch)
            if patch.dead:
                await services.collections.change_properties(caller, resource.place, {}, patch.dead, tokens)
            await services.people.change_profile(caller, resource.principal.id, patch.live, {})
        case CollectionResource(place=place):
            await services.collections.change_properties(caller, place, patch.live, patch.dead, tokens)
        case ObjectResource(parent=parent, stored=stored):
            await services.objects.set_dead_properties(caller, parent.place, stored.meta.name, patch.dead, tokens)
        case HomeSet() | PrincipalResource():
            scope = dead_scope(resource)
            dead = {f"{scope}{name}": text for name, text in patch.dead.items()}
            await services.people.change_profile(caller, resource.principal.id, patch.live, dead)
        case ProxyGroup():
            await set_members(lookups, resource, patch.live)
        case _:
            raise Forbidden("this resource has no properties that can be set")


async def _check_default_calendar(lookups: Lookups, inbox: InboxResource, patch: Patch) -> None:
    name = patch.live.get(DEFAULT_CALENDAR)
    if isinstance(name, str) and not await is_collection_at(lookups, Place(inbox.place.owner, Kind.CALENDAR, name)):
        raise ConditionFailed(DEFAULT_CALENDAR_REFUSED, message="there is no such calendar")


async def _keep_on_mount(lookups: Lookups, mount: Mount, patch: Patch, tokens: frozenset[str]) -> None:
    """Keep with the subscription what is the subscriber's own; everything else is the owner's to allow."""
    shared = {key: value for key, value in patch.live.items() if key not in OWN}
    if shared:
        await lookups.services.collections.change_properties(lookups.caller, mount.place, shared, {}, tokens)
    own = {key: value for key, value in patch.live.items() if key in OWN}
    if patch.dead:
        dead = {**mount.dead_properties, **patch.dead}
        own[DEAD] = {name: text for name, text in dead.items() if text is not None} or None
    if own:
        await lookups.services.subscriptions.change(lookups.caller, mount, own)
