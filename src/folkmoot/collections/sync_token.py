"""Sync tokens: a collection's revision, as an opaque URI for clients (RFC 6578 section 4).

``urn:folkmoot:sync:{collection}-{revision}-{since}``: all changes up to ``revision`` are known to the client, and
what was deleted before ``since`` was never shown to it.  The two differ only in the pages of a truncated answer:
a page of a first sync stays valid as long as nothing that happened after that sync began has been trimmed.

For who does not see everything, ``-{shown}`` follows: what of each class was shown when the token was given.  Where
that is another by now, more than the changes differs, and the client must start again.
"""

import re
from dataclasses import dataclass
from typing import Final

from folkmoot.core.ids import CollectionId

_TOKEN: Final = re.compile(r"urn:folkmoot:sync:([0-9]{1,18})-([0-9]{1,18})-([0-9]{1,18})(?:-([012]{3}))?\Z")
_SOGO_TOKEN: Final = re.compile(r"[0-9]{1,18}\Z")


@dataclass(frozen=True, slots=True)
class SyncToken:
    """What a client has seen of one collection."""

    collection: CollectionId
    revision: int
    since: int
    shown: str = ""  # sharing.rights.Rights.shown

    def __str__(self) -> str:
        text = f"urn:folkmoot:sync:{self.collection}-{self.revision}-{self.since}"
        return f"{text}-{self.shown}" if self.shown else text


def parse_sync_token(text: str, collection: CollectionId) -> SyncToken | None:
    """Return the token for ``collection``, or None if it is no token of that collection.

    A bare number is a token of an imported SOGo collection, whose revisions go on from SOGo's.
    """
    if _SOGO_TOKEN.match(text):
        return SyncToken(collection, int(text), int(text))
    found = _TOKEN.match(text)
    if found is None or int(found[1]) != collection:
        return None
    return SyncToken(collection, int(found[2]), int(found[3]), found[4] or "")
