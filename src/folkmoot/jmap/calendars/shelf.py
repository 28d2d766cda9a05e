"""The calendars of an account as the caller sees them: his own, and of others those that he may know of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from folkmoot.calendars.default_calendar import DefaultCalendar
from folkmoot.calendars.meetings.copies import PERSONAL
from folkmoot.collections.access import Seen
from folkmoot.collections.content import Place
from folkmoot.collections.subscriptions import Mount
from folkmoot.core.caller import Caller
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.calendars.ids import calendar_id
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.services import JmapServices
from folkmoot.jmap.sharing.rights import told_rights
from folkmoot.jmap.sharing.share_with import ShareWith, shares_of_home
from folkmoot.sharing.rights import Rights
from folkmoot.store.records import Collection, Kind

ALERTS_TIMED = "default_alerts:timed"
ALERTS_DAYS = "default_alerts:whole_days"


@dataclass(frozen=True, slots=True)
class Shelved:
    """One calendar: what is stored, what the caller may do with it, and the subscription that shows it otherwise."""

    seen: Seen
    mount: Mount | None
    own: bool
    is_default: bool
    shared: ShareWith | None = None  # told to the owner alone

    @property
    def id(self) -> str:
        return calendar_id(self.seen.collection.id)

    @property
    def place(self) -> Place:
        stored = self.seen.collection
        return Place(stored.owner, stored.kind, stored.name)

    @property
    def shown(self) -> Collection:
        """The calendar with the subscriber's own properties over its owner's."""
        return self.seen.collection if self.mount is None else self.mount.over(self.seen.collection)

    @property
    def takes(self) -> Sequence[str]:
        """The components that it takes; empty for all."""
        found = self.seen.collection.properties.get("components")
        return [str(one) for one in found] if isinstance(found, list) else []


async def shelf_of(context: Context, account: Account) -> list[Shelved]:
    """Return an account's calendars by name."""
    services, caller = context.services, context.caller
    own = account.owner == caller.principal or caller.superuser
    found = await services.collections.home(caller, account.owner, Kind.CALENDAR)
    mounts: dict[str, Mount] = {}
    default = ""
    if own:
        chosen = await DefaultCalendar(services.people, services.collections).name(account.owner)
        default = chosen if any(one.collection.name == chosen for one in found) else PERSONAL
    else:
        mounts = await _mounts(services, caller, account)
    shares = await shares_of_home(context, account, Kind.CALENDAR)
    return [
        Shelved(
            seen,
            mounts.get(seen.collection.name),
            own,
            own and seen.collection.name == default,
            shares.get(seen.collection.id) or None,
        )
        for seen in found
    ]


async def _mounts(services: JmapServices, caller: Caller, account: Account) -> dict[str, Mount]:
    mounted = await services.subscriptions.home(caller, caller.principal, Kind.CALENDAR)
    return {one.mount.place.name: one.mount for one in mounted if one.mount.place.owner == account.owner}


def takes_events(one: Shelved) -> bool:
    """Whether it is shown as a Calendar."""
    return not one.takes or "VEVENT" in one.takes or "VTODO" not in one.takes


def takes_tasks(one: Shelved) -> bool:
    """Whether it is shown as a TaskList."""
    return not one.takes or "VTODO" in one.takes


def calendar_of(services: JmapServices, one: Shelved) -> dict[str, Any]:
    """Return a Calendar."""
    properties = one.shown.properties
    return {
        **_common(services, one),
        "isDefault": one.is_default,
        "includeInAvailability": "none" if properties.get("transparent") else "all",
        "myRights": _calendar_rights(one),
        "source": "web" if properties.get("web_calendar") else "computed" if properties.get("read_only") else "own",
        "components": list(one.takes),
    }


def task_list_of(services: JmapServices, one: Shelved) -> dict[str, Any]:
    """Return a TaskList."""
    rights = _calendar_rights(one)
    return {
        **_common(services, one),
        "role": "inbox" if one.is_default else None,
        "myRights": {
            "mayReadItems": rights["mayReadItems"],
            "mayWriteAll": rights["mayWriteAll"],
            "mayWriteOwn": rights["mayWriteOwn"],
            "mayUpdatePrivate": rights["mayUpdatePrivate"],
            "mayRSVP": rights["mayRSVP"],
            "mayAdmin": rights["mayShare"],
            "mayDelete": rights["mayDelete"],
        },
    }


def _common(services: JmapServices, one: Shelved) -> dict[str, Any]:
    shown = one.shown
    properties = shown.properties
    return {
        "id": one.id,
        "name": _text(properties, "displayname") or shown.name,
        "description": _text(properties, "description"),
        "color": _color(properties.get("color")),
        "sortOrder": _number(properties.get("order")),
        "isSubscribed": one.own or one.mount is not None,
        "isVisible": properties.get("active") is not False,
        "defaultAlertsWithTime": _alerts(properties.get(ALERTS_TIMED)),
        "defaultAlertsWithoutTime": _alerts(properties.get(ALERTS_DAYS)),
        "timeZone": _zone(services, one),
        "shareWith": one.shared,
    }


def _calendar_rights(one: Shelved) -> dict[str, bool]:
    rights: Rights = one.seen.rights
    read_only = bool(one.seen.collection.properties.get("read_only"))
    told = told_rights(Kind.CALENDAR, rights)
    if read_only:
        told |= dict.fromkeys(("mayWriteAll", "mayWriteOwn", "mayUpdatePrivate", "mayRSVP"), False)
    return {
        **told,
        "mayDelete": rights.admin and not one.is_default and one.seen.collection.name != PERSONAL,
    }


def _zone(services: JmapServices, one: Shelved) -> str | None:
    if not one.shown.properties.get("timezone"):
        return None
    zone = services.zones.of(one.shown)
    return zone.key if isinstance(zone, ZoneInfo) else None


def _text(properties: Mapping[str, object], key: str) -> str | None:
    found = properties.get(key)
    return found if isinstance(found, str) and found else None


def _number(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


def _alerts(value: object) -> dict[str, Any] | None:
    return value if isinstance(value, dict) and value else None


def _color(value: object) -> str | None:
    """Return a stored colour, without the opacity that hardly any client means."""
    if not isinstance(value, str) or not value:
        return None
    return value[:7].lower() if value[:1] == "#" and len(value) == 9 else value  # noqa: PLR2004  # "#RRGGBBAA"
