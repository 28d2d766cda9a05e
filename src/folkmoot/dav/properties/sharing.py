"""Properties of CalendarServer's sharing: with whom a calendar is shared, where it is published, what waits."""

from typing import Final

from folkmoot.collections.notifications import INVITE, REPLY
from folkmoot.dav.hrefs import HOME_NAMES
from folkmoot.dav.properties.live import Live, Registry, Row
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import CollectionResource, HomeSet, PrincipalResource, Resource
from folkmoot.dav.wire.names import CALENDARSERVER, clark
from folkmoot.dav.wire.sharing import Party, access_element, organizer_element, user_element
from folkmoot.dav.wire.xml import escape
from folkmoot.directory.principal import Principal
from folkmoot.sharing.presets import writes
from folkmoot.store.records import Kind, ObjectMeta

PUBLISHED: Final = "published"  # the label of links that clients make by publishing
_TYPES: Final = {INVITE: '<CS:invite-notification shared-type="calendar"/>', REPLY: "<CS:invite-reply/>"}
_MODES: Final = "<CS:can-be-shared/><CS:can-be-published/>"


def party_of(lookups: Lookups, person: Principal) -> Party:
    """Return how a person is named to clients: by its address, or by its principal's href if it has none."""
    addresses = lookups.services.people.addresses(person)
    href = f"mailto:{escape(addresses[0])}" if addresses else lookups.principal_href(person.id)
    return Party(href, person.display_name)


async def _invite(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, CollectionResource) or resource.place.kind is not Kind.CALENDAR:
        return None
    organizer = organizer_element(party_of(lookups, resource.principal))
    if resource.mount is not None:
        return organizer + access_element(write=writes(resource.seen.rights))
    if not resource.seen.rights.admin:
        return None
    sharees = (await lookups.shares(resource.place.owner)).get(resource.seen.collection.id, ())
    if not sharees:
        return None
    await lookups.principals([sharee.principal for sharee in sharees])
    users = []
    for sharee in sharees:
        person = await lookups.principal(sharee.principal)
        if person is not None:
            party = party_of(lookups, person)
            users.append(user_element(party, write=sharee.write, state=sharee.state, summary=sharee.summary))
    return organizer + "".join(users)


async def _modes(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, CollectionResource) or resource.place.kind is not Kind.CALENDAR:
        return None
    return _MODES if resource.seen.rights.admin and resource.mount is None else None


async def _shared_url(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, CollectionResource) or resource.mount is None:
        return None
    place = resource.place
    return f"<D:href>{lookups.href(place.owner, HOME_NAMES[place.kind], place.name, slash=True)}</D:href>"


async def _publish_url(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, CollectionResource) or resource.place.kind is not Kind.CALENDAR:
        return None
    links = (await lookups.links(resource.place.owner)).get(resource.seen.collection.id, ())
    token = next((link.token for link in links if link.kept.label == PUBLISHED and link.token), None)
    if token is None:
        return None
    return f"<D:href>{escape(lookups.request.origin)}{lookups.settings.links}{token}.ics</D:href>"


async def _notification_url(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, PrincipalResource | HomeSet) or resource.principal.id != lookups.caller.principal:
        return None
    return f"<D:href>{lookups.home_href(resource.principal.id, Kind.NOTIFICATIONS)}</D:href>"


async def _objects_types(_: Lookups, parent: CollectionResource) -> Row:
    waiting = parent.place.kind is Kind.NOTIFICATIONS

    def row(meta: ObjectMeta) -> str | None:
        return _TYPES.get(meta.component) if waiting else None

    return row


LIVE: Final[Registry] = {
    clark(CALENDARSERVER, "invite"): Live(_invite),
    clark(CALENDARSERVER, "allowed-sharing-modes"): Live(_modes),
    clark(CALENDARSERVER, "shared-url"): Live(_shared_url),
    clark(CALENDARSERVER, "publish-url"): Live(_publish_url),
    clark(CALENDARSERVER, "notification-URL"): Live(_notification_url),
    clark(CALENDARSERVER, "notificationtype"): Live(None, _objects_types),
}
