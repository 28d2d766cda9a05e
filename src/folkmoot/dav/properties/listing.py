"""Listings of whole collections, which clients poll: printed once for each state of the collection."""

from collections.abc import Hashable, Sequence
from typing import Final

from folkmoot.dav.properties.answers import object_answers
from folkmoot.dav.properties.live import Wanted
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.properties.registry import LIVE
from folkmoot.dav.resource import CollectionResource
from folkmoot.dav.window import shown_in_listing
from folkmoot.sharing.rights import Level

LISTING_SIZE_MAX: Final = 1024 * 1024  # characters of one; some 4,000 members

# What follows from the rows alone, whoever asks.
OF_ROWS: Final = frozenset(
    f"{{DAV:}}{name}"
    for name in ("getetag", "getcontenttype", "getcontentlength", "getlastmodified", "creationdate", "resourcetype")
)


async def listing(lookups: Lookups, collection: CollectionResource, wanted: Wanted) -> Sequence[str]:
    """Return the answers for all members that the caller sees, as one text or several.

    Raises:
        NotFound: the collection has gone meanwhile.
    """
    key = _key(lookups, collection, wanted)
    known = None if key is None else lookups.kept.listings.get(key)
    if known is not None:
        return [known]
    _, metas = await lookups.services.objects.list_(lookups.caller, collection.place, seen=collection.seen)
    shown = shown_in_listing(lookups.settings, lookups.services.clock)
    responses = await object_answers(lookups, collection, list(filter(shown, metas)), wanted)
    if key is not None and sum(map(len, responses)) <= LISTING_SIZE_MAX:
        lookups.kept.listings.put(key, "".join(responses))
    return responses


def _key(lookups: Lookups, collection: CollectionResource, wanted: Wanted) -> Hashable | None:
    """Return what names the listing for good; None where it depends on more than the collection's state.

    A row read for this state may be newer, never older; the next look then finds another state.  Dead properties
    do not raise the revision, but they touch the collection.
    """
    seen = collection.seen
    sees_all = seen.rights.lowest >= Level.VIEW
    if wanted.everything or wanted.names_only or wanted.bodies or lookups.settings.past_days or not sees_all:
        return None
    if any(name in LIVE and name not in OF_ROWS for name in wanted.names):
        return None
    stored = seen.collection
    return stored.id, stored.revision, stored.modified_at, collection.href, wanted.names, wanted.minimal
