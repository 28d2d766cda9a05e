"""What a person has chosen, read from the two dictionaries in which SOGo keeps it.

Whatever a client or an import left there is read forgivingly: a value that cannot be one falls back to the default
of the person's domain.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from folkmoot.config.settings import Settings
from folkmoot.core.ids import PrincipalId
from folkmoot.store.records import Profile

DEFAULTS: Final = "defaults"  # keys of sogo.conf that a person may override
SETTINGS: Final = "settings"  # a dictionary for each module
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")  # as ``datetime.weekday`` counts them
ALL_WEEK: Final = frozenset(range(7))
WHITELIST_MAX: Final = 1_000  # people who may invite all the same; a hand-kept list has a dozen
EXCLUSIONS_MAX: Final = 1_000  # calendars left out of free-busy
_TIME: Final = re.compile(r"\s*([0-9]{1,2})(?::([0-9]{2}))?\s*\Z", re.ASCII)
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PreferenceDefaults:
    """What holds for people of one domain who have not chosen."""

    language: str = "English"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    day_start: int = 8 * 60  # minutes after midnight
    day_end: int = 18 * 60
    busy_off_hours: bool = False
    weekdays: frozenset[int] = ALL_WEEK  # 0 is Monday


@dataclass(frozen=True, slots=True)
class Preferences:
    """What one person has chosen, as far as the server acts on it."""

    language: str  # SOGo's name of it, such as "French"
    zone: ZoneInfo
    day_start: int  # minutes after midnight in ``zone``, below ``day_end``
    day_end: int
    busy_off_hours: bool  # free-busy shows the time outside working hours as taken
    weekdays: frozenset[int]  # days on which there are working hours, 0 is Monday
    prevent_invitations: bool = False
    whitelist: Mapping[str, str] = field(default_factory=lambda: _NOTHING)  # uid: "Name <address>"
    no_mail_for_dav_replies: bool = False
    zone_chosen: bool = False  # ``zone`` is the person's own choice, not the domain's
    excluded: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))  # see ``counts``

    def counts(self, owner: PrincipalId, calendar: str, *, subscribed: bool) -> bool:
        """Return whether a calendar counts in free-busy; a subscribed one only where the person has said so."""
        excluded = self.excluded.get(f"{owner}:Calendar/{calendar}")
        return not (subscribed if excluded is None else excluded)


def defaults_of(settings: Settings) -> PreferenceDefaults:
    """Return what the settings of the system, or of one domain, say for people who have not chosen."""
    calendar = settings.calendar
    return PreferenceDefaults(
        language=settings.general.language,
        zone=_zone(settings.general.time_zone) or ZoneInfo("UTC"),
        day_start=calendar.day_start_hour * 60,
        day_end=max(calendar.day_end_hour, calendar.day_start_hour + 1) * 60,
        busy_off_hours=calendar.busy_off_hours,
        weekdays=_weekdays(list(calendar.weekdays)) or ALL_WEEK,
    )


def preferences_of(profile: Profile, defaults: PreferenceDefaults) -> Preferences:
    """Return what a person has chosen."""
    chosen = _dictionary(profile.properties.get(DEFAULTS))
    calendar = _dictionary(_dictionary(profile.properties.get(SETTINGS)).get("Calendar"))
    zone = _zone(chosen.get("SOGoTimeZone"))
    start = _minutes(chosen.get("SOGoDayStartTime"), defaults.day_start)
    end = _minutes(chosen.get("SOGoDayEndTime"), defaults.day_end)
    if start >= end:
        start, end = defaults.day_start, defaults.day_end
    language = chosen.get("SOGoLanguage")
    busy = chosen.get("SOGoBusyOffHours")
    return Preferences(
        language=language if isinstance(language, str) and language else defaults.language,
        zone=zone or defaults.zone,
        day_start=start,
        day_end=end,
        busy_off_hours=defaults.busy_off_hours if busy is None else flag(busy),
        weekdays=_weekdays(chosen.get("SOGoCalendarWeekdays")) or defaults.weekdays,
        prevent_invitations=flag(calendar.get("PreventInvitations")),
        whitelist=_whitelist(calendar.get("PreventInvitationsWhitelist")),
        no_mail_for_dav_replies=flag(calendar.get("InvitationNotificationsOnCalDavDisabled")),
        zone_chosen=zone is not None,
        excluded=_exclusions(calendar.get("FreeBusyExclusions")),
    )


def flag(value: object) -> bool:
    """Return a boolean as SOGo writes it: a number, a JSON boolean, or a text such as YES."""
    if isinstance(value, str):
        return value.strip().upper() in {"1", "YES", "TRUE"}
    return isinstance(value, int | float) and bool(value)


def _dictionary(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _zone(name: object) -> ZoneInfo | None:
    if not isinstance(name, str) or not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _minutes(value: object, default: int) -> int:
    found = _TIME.match(str(value)) if isinstance(value, str | int) else None
    if found is None:
        return default
    minutes = int(found[1]) * 60 + int(found[2] or 0)
    return minutes if int(found[2] or 0) < 60 and minutes <= 24 * 60 else default  # noqa: PLR2004 - of an hour


def _weekdays(value: object) -> frozenset[int]:
    if not isinstance(value, list):
        return frozenset()
    names = {str(name).strip().upper()[:2] for name in value[: 2 * len(WEEKDAYS)]}
    return frozenset(number for number, name in enumerate(WEEKDAYS) if name in names)


def _whitelist(value: object) -> Mapping[str, str]:
    people = list(_dictionary(value).items())[:WHITELIST_MAX]
    return MappingProxyType({str(uid): shown for uid, shown in people if isinstance(shown, str)})


def _exclusions(value: object) -> Mapping[str, bool]:
    calendars = list(_dictionary(value).items())[:EXCLUSIONS_MAX]
    return MappingProxyType({str(reference): flag(excluded) for reference, excluded in calendars})
