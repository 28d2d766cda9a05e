"""Properties of Inverse's namespace, which SOGo Connector for Thunderbird reads and sets."""

from typing import Final

from folkmoot.dav.properties.caldav import calendar_of
from folkmoot.dav.properties.live import Live, Registry, Render
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import HomeSet, Resource
from folkmoot.dav.wire.names import INVERSE, clark
from folkmoot.dav.wire.xml import escape
from folkmoot.store.records import Kind

CLASSIFICATIONS: Final = ("PUBLIC", "CONFIDENTIAL", "PRIVATE")
CATEGORIES_MAX: Final = 1_000  # of one person; the web client shows them in a menu

BOOLEANS: Final = {  # local name -> key in the collection's properties
    "calendar-show-alarms": "inverse:show_alarms",
    "notify-on-personal-modifications": "inverse:notify_personal",
    "notify-on-external-modifications": "inverse:notify_external",
    "notify-user-on-personal-modifications": "inverse:notify_user",
}
BOOLEAN_DEFAULTS: Final = {"calendar-show-alarms": True}
NOTIFIED_USER: Final = ("notified-user-on-personal-modifications", "inverse:notified_user")
CLASSES: Final = {  # local name -> key in the owner's profile
    "events-default-classification": "events_class",
    "tasks-default-classification": "tasks_class",
}


def _boolean(local: str, key: str) -> Render:
    async def render(lookups: Lookups, resource: Resource) -> str | None:
        calendar = calendar_of(resource)
        if calendar is None:
            return None
        return "true" if calendar.properties.get(key, BOOLEAN_DEFAULTS.get(local, False)) else "false"

    return render


async def _notified_user(lookups: Lookups, resource: Resource) -> str | None:
    calendar = calendar_of(resource)
    address = calendar.properties.get(NOTIFIED_USER[1], "") if calendar else None
    return escape(address) if isinstance(address, str) else None


def _classification(key: str) -> Render:
    async def render(lookups: Lookups, resource: Resource) -> str | None:
        if not _own_home(lookups, resource, Kind.CALENDAR):
            return None
        kept = (await lookups.profile(lookups.caller.principal)).properties.get(key)
        return escape(kept) if isinstance(kept, str) else CLASSIFICATIONS[0]

    return render


async def _categories(lookups: Lookups, resource: Resource) -> str | None:
    if not _own_home(lookups, resource, Kind.ADDRESSBOOK):
        return None
    kept = (await lookups.profile(lookups.caller.principal)).properties.get("contacts_categories")
    names = kept if isinstance(kept, list) else []
    return "".join(f"<I:category>{escape(str(name))}</I:category>" for name in names)


def _own_home(lookups: Lookups, resource: Resource, kind: Kind) -> bool:
    return isinstance(resource, HomeSet) and resource.kind is kind and resource.principal.id == lookups.caller.principal


LIVE: Final[Registry] = {
    **{clark(INVERSE, local): Live(_boolean(local, key)) for local, key in BOOLEANS.items()},
    **{clark(INVERSE, local): Live(_classification(key)) for local, key in CLASSES.items()},
    clark(INVERSE, NOTIFIED_USER[0]): Live(_notified_user),
    clark(INVERSE, "contacts-categories"): Live(_categories),
}
