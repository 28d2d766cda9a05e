"""Copies of objects for callers who may see when something is, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, Protocol, runtime_checkable

from folkmoot.collections.turns import Turns
from folkmoot.core.ids import CollectionId, ETag, PrincipalId
from folkmoot.core.memo import Memo
from folkmoot.sharing.rights import Level, Rights
from folkmoot.store.records import Collection, Kind, ObjectMeta, StoredObject, uid_key

SECRET: Final = "restricted-uid"  # noqa: S105  # the name under which the store keeps it
SECRET_OCTETS: Final = 32
COPIES_KEPT: Final = 5_000  # of one worker; about a kilobyte each
_DIGEST_OCTETS: Final = 16


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who sees restricted copies; what names an object to one viewer names nothing to another."""

    key: bytes

    def uid(self, uid: str) -> str:
        """Return the UID by which this viewer knows an object."""
        return self._digest(uid_key(uid), b"uid")

    def etag(self, etag: ETag) -> ETag:
        """Return the ETag of the copy: it tells nothing about the body, of which the other is the digest."""
        return ETag(self._digest(etag, b"etag"))

    def _digest(self, text: str, purpose: bytes) -> str:
        octets = text.encode("utf-8", "surrogatepass")
        return blake2b(octets, key=self.key, person=purpose, digest_size=_DIGEST_OCTETS).hexdigest()


def viewer_of(secret: bytes, principal: PrincipalId) -> Viewer:
    """Return the viewer that a principal is; all anonymous callers are one."""
    return Viewer(blake2b(principal.encode("utf-8", "surrogatepass"), key=secret, digest_size=32).digest())


@runtime_checkable
class Restricting(Protocol):
    """What a kind of collection adds to ``Content`` if its objects have dates that may be shown alone."""

    @property
    def kind(self) -> Kind: ...

    def restricted_meta(self, meta: ObjectMeta, viewer: Viewer) -> ObjectMeta:
        """Return what a list may tell of an object; its size is not known (-1) before its text is made."""

    def restricted(self, stored: StoredObject, viewer: Viewer) -> StoredObject | None:
        """Return the copy for a viewer, None if none can be made."""


class Restriction:
    """What of a collection's objects each caller is shown: all, a restricted copy, or nothing."""

    def __init__(self, kinds: Mapping[Kind, Restricting]) -> None:
        self._kinds = kinds
        self._copies: Memo[StoredObject | None] = Memo(COPIES_KEPT)

    def meta(self, rights: Rights, kind: Kind, meta: ObjectMeta, viewer: Viewer | None) -> ObjectMeta | None:
        """Return what a list tells of an object, None if nothing; ``viewer`` is None for who owns the collection."""
        level = rights.level(meta.classification)
        if level >= Level.VIEW:
            return meta
        restricting = self._kinds.get(kind)
        if level is Level.NONE or restricting is None or viewer is None:
            return None
        return restricting.restricted_meta(meta, viewer)

    def metas(self, rights: Rights, kind: Kind, metas: Sequence[ObjectMeta], viewer: Viewer | None) -> list[ObjectMeta]:
        """Return what a list tells of objects, without those of which it tells nothing."""
        if rights.sees_all:
            return list(metas)
        return [shown for one in metas if (shown := self.meta(rights, kind, one, viewer)) is not None]

    def stored(
        self, rights: Rights, collection: Collection, stored: StoredObject, viewer: Viewer | None
    ) -> StoredObject | None:
        """Return an object as the caller is shown it, None if not at all."""
        level = rights.level(stored.meta.classification)
        if level >= Level.VIEW:
            return stored
        restricting = self._kinds.get(collection.kind)
        if level is Level.NONE or restricting is None or viewer is None:
            return None
        return self._copy(restricting, collection.id, stored, viewer)

    async def all_stored(
        self, rights: Rights, collection: Collection, rows: Sequence[StoredObject], viewer: Viewer | None
    ) -> list[StoredObject]:
        """Return objects as the caller is shown them, without those not shown at all; others get their turn between."""
        if rights.sees_all:
            return list(rows)
        found: list[StoredObject] = []
        turns = Turns()
        for row in rows:
            shown = self.stored(rights, collection, row, viewer)
            if shown is not None:
                found.append(shown)
            await turns.pass_on()
        return found

    def _copy(
        self, restricting: Restricting, collection: CollectionId, stored: StoredObject, viewer: Viewer
    ) -> StoredObject | None:
        # A revision names an object's text for good.
        key = (collection, stored.meta.name, stored.meta.revision, viewer.key)
        known = self._copies.get(key)
        if known is None:
            known = self._copies.put(key, restricting.restricted(stored, viewer))
        return known
