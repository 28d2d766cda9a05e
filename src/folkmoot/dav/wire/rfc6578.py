"""The body of the DAV:sync-collection report (RFC 6578 section 6.1)."""

from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.dav.wire.elements import limit, only_child
from folkmoot.dav.wire.names import DAV, clark
from folkmoot.dav.wire.xml import Element, own_text

SYNC_COLLECTION: Final = clark(DAV, "sync-collection")
_LEVELS: Final = {"1": False, "infinite": True, "infinity": True}


@dataclass(frozen=True, slots=True)
class SyncCollection:
    """What a client that synchronises says; an empty token asks for everything."""

    token: str
    infinite: bool  # sync-level; for one collection without children both levels mean the same
    limit: int | None


def parse_sync_collection(element: Element, *, infinite_depth: bool) -> SyncCollection:
    """Return the report; drafts before the RFC said the level in the Depth header, and Apple still may.

    Raises:
        MalformedInput: no token element, an unknown level or a bad limit.
    """
    token = only_child(element, clark(DAV, "sync-token"))
    level = only_child(element, clark(DAV, "sync-level"))
    if token is None:
        raise MalformedInput("sync-collection: the element sync-token is missing")
    infinite = infinite_depth
    if level is not None:
        said = _LEVELS.get(own_text(level))
        if said is None:
            raise MalformedInput("sync-collection: sync-level is 1 or infinite")
        infinite = said
    return SyncCollection(own_text(token), infinite, limit(element, DAV))
