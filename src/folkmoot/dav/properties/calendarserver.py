"""Properties of calendarserver.org, Apple and GroupDAV that clients ask for everywhere."""

from typing import Final

from folkmoot.dav.properties.caldav import availability, calendar_of, components_of
from folkmoot.dav.properties.live import Live, Registry
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import CollectionResource, HomeSet, PrincipalResource, Resource
from folkmoot.dav.wire.names import APPLE, CALENDARSERVER, GROUPDAV, clark
from folkmoot.dav.wire.xml import escape
from folkmoot.store.records import Kind


async def _ctag(lookups: Lookups, resource: Resource) -> str | None:
    match resource:
        case CollectionResource(seen=seen):
            # Clients that know no sync token must notice, too, that they are shown something else by now.
            return "-".join(filter(None, (str(seen.collection.revision), seen.rights.shown)))
        case HomeSet(principal=principal, kind=kind):
            own = await lookups.services.collections.home_ctag(principal.id, kind)
            owns = lookups.caller.superuser or lookups.caller.principal == principal.id
            return own + (await lookups.services.subscriptions.state(principal.id, kind) if owns else "")
        case _:
            return None


async def _color(lookups: Lookups, resource: Resource) -> str | None:
    color = _property(resource, "color")
    return escape(color) if isinstance(color, str) else None


async def _order(lookups: Lookups, resource: Resource) -> str | None:
    order = _property(resource, "order")
    return str(order) if isinstance(order, int) else None


def _property(resource: Resource, key: str) -> object:
    return resource.seen.collection.properties.get(key) if isinstance(resource, CollectionResource) else None


async def _email_addresses(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, PrincipalResource | HomeSet):
        return None
    mails = lookups.services.people.addresses(resource.principal)
    return "".join(f"<CS:email-address>{escape(mail)}</CS:email-address>" for mail in mails)


async def _first_name(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, PrincipalResource):
        return None
    given = resource.principal.attributes.get("givenname", ())
    return escape(given[0] if given else resource.principal.display_name.partition(" ")[0])


async def _last_name(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, PrincipalResource):
        return None
    family = resource.principal.attributes.get("sn", ())
    return escape(family[0] if family else resource.principal.display_name.partition(" ")[2])


async def _record_type(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, PrincipalResource):
        return None
    return {"individual": "users", "group": "groups", "location": "locations", "thing": "resources"}[
        resource.principal.kind.value
    ]


async def _component_set(lookups: Lookups, resource: Resource) -> str | None:
    if isinstance(resource, CollectionResource) and resource.place.kind is Kind.ADDRESSBOOK:
        return "VCARD"
    calendar = calendar_of(resource)
    return None if calendar is None else ",".join(components_of(calendar))


LIVE: Final[Registry] = {
    clark(CALENDARSERVER, "getctag"): Live(_ctag),
    clark(CALENDARSERVER, "email-address-set"): Live(_email_addresses),
    clark(CALENDARSERVER, "first-name"): Live(_first_name),
    clark(CALENDARSERVER, "last-name"): Live(_last_name),
    clark(CALENDARSERVER, "record-type"): Live(_record_type),
    clark(CALENDARSERVER, "calendar-availability"): Live(availability()),
    clark(APPLE, "calendar-color"): Live(_color),
    clark(APPLE, "calendar-order"): Live(_order),
    clark(GROUPDAV, "component-set"): Live(_component_set),
}
