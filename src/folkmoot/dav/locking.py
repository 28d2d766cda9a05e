"""Locks as XML, and the state that an If header is compared with (RFC 4918 sections 6, 10.4, 15.8)."""

from typing import TYPE_CHECKING, Final

from folkmoot.dav.errors import locked_href
from folkmoot.dav.wire.headers import TOKEN_PREFIX
from folkmoot.store.records import Lock

if TYPE_CHECKING:
    from folkmoot.dav.properties.lookups import Lookups

SUPPORTED_LOCK: Final = "".join(
    f"<D:lockentry><D:lockscope><D:{scope}/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockentry>"
    for scope in ("exclusive", "shared")
)


def active_lock(lookups: "Lookups", lock: Lock) -> str:
    """Return a DAV:activelock; the token is shown to all, since it counts only in its taker's hand."""
    seconds = max(0, (lock.expires_at - lookups.services.clock.milliseconds()) // 1000)
    return (
        "<D:activelock><D:locktype><D:write/></D:locktype>"
        f"<D:lockscope><D:{'exclusive' if lock.exclusive else 'shared'}/></D:lockscope>"
        f"<D:depth>{'infinity' if lock.infinite else '0'}</D:depth>{lock.owner_xml}"
        f"<D:timeout>Second-{seconds}</D:timeout>"
        f"<D:locktoken><D:href>{TOKEN_PREFIX}{lock.token}</D:href></D:locktoken>"
        f"<D:lockroot><D:href>{locked_href(lookups.request, lock.owner, lock.path)}</D:href></D:lockroot>"
        "</D:activelock>"
    )
