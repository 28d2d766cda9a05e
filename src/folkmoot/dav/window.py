"""Which events DAV listings show, where the administrator limits them (SOGoDAVCalendarStartTimeLimit)."""

from collections.abc import Callable
from typing import Final

from folkmoot.core.clock import Clock
from folkmoot.dav.settings import DavSettings
from folkmoot.store.records import ObjectMeta

_DAY: Final = 86_400  # seconds

Shown = Callable[[ObjectMeta], bool]


def shown_in_listing(settings: DavSettings, clock: Clock) -> Shown:
    """Return whether a listing shows an object: half of the limit lies on each side of the present.

    Only what a listing or a first sync names is limited.  A change is told to whoever has synced, however old
    the event, and a request that names an object gets it.
    """
    if not settings.past_days:
        return _always
    half = settings.past_days * _DAY // 2
    now = clock.milliseconds() // 1000

    def shown(meta: ObjectMeta) -> bool:
        if meta.component != "VEVENT":
            return True
        ended = meta.ends_at is not None and meta.ends_at <= now - half
        return not (ended or (meta.starts_at is not None and meta.starts_at >= now + half))

    return shown


def _always(_: ObjectMeta) -> bool:
    return True
