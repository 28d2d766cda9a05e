"""Live properties of the CalDAV namespace (RFC 4791 section 5.2 and 6.2, RFC 6638 section 9, RFC 7809 section 5.2)."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from folkmoot.calendars.content import COMPONENTS
from folkmoot.calendars.meetings.copies import DEFAULT_CALENDAR, PERSONAL
from folkmoot.calendars.zone_documents import zone_document
from folkmoot.core.errors import FolkmootError
from folkmoot.dav.properties.live import Live, Registry, Render, Row
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import (
    CollectionResource,
    HomeSet,
    InboxResource,
    PrincipalResource,
    Resource,
    Root,
    owner_of,
)
from folkmoot.dav.wire.names import CALDAV, clark
from folkmoot.dav.wire.xml import escape
from folkmoot.store.records import Collection, Kind

COLLATIONS: Final = ("i;ascii-casemap", "i;octet", "i;unicode-casemap")
_DATE: Final = "%Y%m%dT%H%M%SZ"


def calendar_of(resource: Resource) -> Collection | None:
    """Return the stored collection of a calendar; None for everything else."""
    if isinstance(resource, CollectionResource) and resource.place.kind is Kind.CALENDAR:
        return resource.seen.collection
    return None


async def _description(lookups: Lookups, resource: Resource) -> str | None:
    calendar = calendar_of(resource)
    text = calendar.properties.get("description") if calendar else None
    return escape(text) if isinstance(text, str) else None


async def _timezone(lookups: Lookups, resource: Resource) -> str | None:
    calendar = calendar_of(resource)
    if calendar is None:
        return None
    text = calendar.properties.get("timezone")
    if isinstance(text, str) and text:
        return escape(text)
    zone = lookups.services.calendars.zone(calendar)
    return escape(zone_document(zone.key)) if isinstance(zone, ZoneInfo) else None


async def _timezone_id(lookups: Lookups, resource: Resource) -> str | None:
    calendar = calendar_of(resource)
    if calendar is None:
        return None
    zone = lookups.services.calendars.zone(calendar)
    return escape(zone.key) if isinstance(zone, ZoneInfo) else None


async def _components(lookups: Lookups, resource: Resource) -> str | None:
    calendar = calendar_of(resource)
    if calendar is not None:
        return "".join(f'<C:comp name="{escape(name)}"/>' for name in components_of(calendar))
    if isinstance(resource, HomeSet) and resource.kind is Kind.CALENDAR:
        return "".join(f'<C:comp name="{name}"/>' for name in COMPONENTS)
    return None


def components_of(calendar: Collection) -> list[str]:
    """Return the component types that a calendar takes."""
    kept = calendar.properties.get("components")
    return [str(name) for name in kept] if isinstance(kept, list) and kept else list(COMPONENTS)


async def _component_sets(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, HomeSet) or resource.kind is not Kind.CALENDAR:
        return None
    return "".join(
        f'<C:supported-calendar-component-set><C:comp name="{name}"/></C:supported-calendar-component-set>'
        for name in COMPONENTS
    )


def _of_calendars(text: str) -> Render:
    """Return a property that is the same for all calendars."""

    async def render(lookups: Lookups, resource: Resource) -> str | None:
        return None if calendar_of(resource) is None else text

    return render


async def _resource_size(lookups: Lookups, resource: Resource) -> str | None:
    return None if calendar_of(resource) is None else str(lookups.services.calendars.limits.resource_size)


async def _instances(lookups: Lookups, resource: Resource) -> str | None:
    return None if calendar_of(resource) is None else str(lookups.services.calendars.limits.instances)


async def _attendees(lookups: Lookups, resource: Resource) -> str | None:
    return None if calendar_of(resource) is None else str(lookups.services.calendars.limits.attendees)


async def _earliest(lookups: Lookups, resource: Resource) -> str | None:
    return _limit_date(resource, lookups.services.calendars.limits.earliest)


async def _latest(lookups: Lookups, resource: Resource) -> str | None:
    return _limit_date(resource, lookups.services.calendars.limits.latest)


def _limit_date(resource: Resource, when: datetime) -> str | None:
    return None if calendar_of(resource) is None else when.astimezone(UTC).strftime(_DATE)


async def _transparency(lookups: Lookups, resource: Resource) -> str | None:
    calendar = calendar_of(resource)
    if calendar is None:
        return None
    return "<C:transparent/>" if calendar.properties.get("transparent") else "<C:opaque/>"


async def _home_set(lookups: Lookups, resource: Resource) -> str | None:
    return home_set(lookups, resource, Kind.CALENDAR)


def home_set(lookups: Lookups, resource: Resource, kind: Kind) -> str | None:
    """Return the href of the home of this kind: the owner's, and at the root the caller's."""
    if not lookups.serves(kind):
        return None
    if isinstance(resource, Root):
        if lookups.caller.anonymous:
            return None
        return f"<D:href>{lookups.home_href(lookups.caller.principal, kind)}</D:href>"
    owner = owner_of(resource)
    if owner is None or not isinstance(resource, PrincipalResource | HomeSet):
        return None
    return f"<D:href>{lookups.home_href(owner.id, kind)}</D:href>"


async def _addresses(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, PrincipalResource | HomeSet):
        return None
    mails = [
        f"<D:href>mailto:{escape(mail)}</D:href>" for mail in lookups.services.people.addresses(resource.principal)
    ]
    return "".join([*mails, f"<D:href>{lookups.principal_href(resource.principal.id)}</D:href>"])


async def _user_type(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, PrincipalResource):
        return None
    return {"individual": "INDIVIDUAL", "group": "GROUP", "location": "ROOM", "thing": "RESOURCE"}[
        resource.principal.kind.value
    ]


async def _inbox(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, PrincipalResource | HomeSet):
        return None
    if not lookups.client.extra_types and resource.principal.id != lookups.caller.principal:
        return None  # Apple's clients would take somebody else's inbox for the user's
    return f"<D:href>{lookups.home_href(resource.principal.id, Kind.CALENDAR)}inbox/</D:href>"


async def _outbox(lookups: Lookups, resource: Resource) -> str | None:
    """Return where free-busy requests are posted: the personal calendar, as with SOGo."""
    if not isinstance(resource, PrincipalResource | HomeSet) or resource.principal.id != lookups.caller.principal:
        return None
    return f"<D:href>{lookups.home_href(resource.principal.id, Kind.CALENDAR)}personal/</D:href>"


async def _default_calendar(lookups: Lookups, resource: Resource) -> str | None:
    if not isinstance(resource, PrincipalResource | HomeSet | InboxResource):
        return None
    kept: object = None
    if lookups.caller.superuser or lookups.caller.principal == resource.principal.id:
        kept = (await lookups.profile(resource.principal.id)).properties.get(DEFAULT_CALENDAR)
    name = lookups.segment(kept) if isinstance(kept, str) else PERSONAL
    return f"<D:href>{lookups.home_href(resource.principal.id, Kind.CALENDAR)}{name}/</D:href>"


async def _free_busy_set(lookups: Lookups, resource: Resource) -> str | None:
    """The calendars that count in free-busy: those that are not transparent."""
    if not isinstance(resource, PrincipalResource | HomeSet | InboxResource):
        return None
    if resource.principal.id != lookups.caller.principal:
        return None
    home = lookups.home_href(resource.principal.id, Kind.CALENDAR)
    try:
        calendars = await lookups.services.collections.home(lookups.caller, resource.principal.id, Kind.CALENDAR)
        subscribed = await lookups.mounted(resource.principal.id, Kind.CALENDAR)
    except FolkmootError:
        return None
    names = [
        seen.collection.name
        for seen in calendars
        if not seen.collection.properties.get("transparent") and not seen.collection.properties.get("read_only")
    ]
    names += [one.mount.name for one in subscribed if not one.seen.collection.properties.get("transparent")]
    return "".join(f"<D:href>{home}{lookups.segment(name)}/</D:href>" for name in names)


def availability(namespace_default: str | None = None) -> Render:
    """Return the property that shows when a principal can be booked at all (RFC 7953 section 7.2.4)."""

    async def render(lookups: Lookups, resource: Resource) -> str | None:
        if not isinstance(resource, InboxResource | HomeSet | PrincipalResource):
            return None
        if resource.principal.id != lookups.caller.principal and not lookups.caller.superuser:
            return None
        kept = (await lookups.profile(resource.principal.id)).properties.get("availability")
        return escape(kept) if isinstance(kept, str) else namespace_default

    return render


async def _object_schedule_tag(lookups: Lookups, collection: CollectionResource) -> Row:
    return lambda meta: None if meta.schedule_tag is None else f"&quot;{meta.schedule_tag}&quot;"


def _name(local: str) -> str:
    return clark(CALDAV, local)


LIVE: Final[Registry] = {
    _name("calendar-description"): Live(_description),
    _name("calendar-timezone"): Live(_timezone),
    _name("calendar-timezone-id"): Live(_timezone_id),
    _name("supported-calendar-component-set"): Live(_components),
    _name("supported-calendar-component-sets"): Live(_component_sets),
    _name("supported-calendar-data"): Live(
        _of_calendars('<C:calendar-data content-type="text/calendar" version="2.0"/>')
    ),
    _name("supported-collation-set"): Live(
        _of_calendars("".join(f"<C:supported-collation>{name}</C:supported-collation>" for name in COLLATIONS))
    ),
    _name("max-resource-size"): Live(_resource_size),
    _name("max-instances"): Live(_instances),
    _name("max-attendees-per-instance"): Live(_attendees),
    _name("min-date-time"): Live(_earliest),
    _name("max-date-time"): Live(_latest),
    _name("schedule-calendar-transp"): Live(_transparency),
    _name("calendar-home-set"): Live(_home_set),
    _name("calendar-user-address-set"): Live(_addresses),
    _name("calendar-user-type"): Live(_user_type),
    _name("schedule-inbox-URL"): Live(_inbox),
    _name("schedule-outbox-URL"): Live(_outbox),
    _name("schedule-default-calendar-URL"): Live(_default_calendar),
    _name("calendar-free-busy-set"): Live(_free_busy_set),
    _name("schedule-tag"): Live(None, _object_schedule_tag),
    _name("calendar-availability"): Live(availability()),
}
