"""All live properties by Clark name."""

from typing import Final

from folkmoot.dav.properties import acl, caldav, calendarserver, carddav, dav, inverse, principals, sharing
from folkmoot.dav.properties.live import Registry

LIVE: Final[Registry] = {
    **dav.LIVE,
    **caldav.LIVE,
    **carddav.LIVE,
    **calendarserver.LIVE,
    **inverse.LIVE,
    **principals.LIVE,
    **acl.LIVE,
    **sharing.LIVE,
}
ALLPROP_NAMES: Final = tuple(name for name, live in LIVE.items() if live.in_allprop)
