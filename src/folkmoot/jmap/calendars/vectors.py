"""States of types with few objects: a digest of each object as it is shown, so that changes are true ones.

``{id}-{digest}`` of each object in order, with a dot between.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec

from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.standard import Delta

EMPTY: Final = "0"
STATE_MAX: Final = 400_000  # characters: as many collections as a home may have
_encode: Final = msgspec.json.Encoder(order="deterministic").encode


def vector_of(objects: Mapping[str, Any]) -> str:
    """Return the state of a type whose objects, by id, are these."""
    return ".".join(f"{id_}-{_digest(objects[id_])}" for id_ in sorted(objects)) or EMPTY


def vector_delta(since: str, objects: Mapping[str, Any], most: int) -> Delta:
    """Return what changed since a state.

    Raises:
        MethodFailed: ``cannotCalculateChanges``: it is no state of this type, or more changed than may be told.
    """
    known = _parse(since)
    now = {id_: _digest(one) for id_, one in objects.items()}
    created = [id_ for id_ in now if id_ not in known]
    updated = [id_ for id_, digest in now.items() if id_ in known and known[id_] != digest]
    destroyed = [id_ for id_ in known if id_ not in now]
    if len(created) + len(updated) + len(destroyed) > most:
        raise MethodFailed("cannotCalculateChanges", "more has changed than maxChanges allows to tell")
    return Delta(vector_of(objects), created, updated, destroyed)


def _parse(state: str) -> dict[str, str]:
    parts: Sequence[str] = [] if state == EMPTY else state.split(".")
    pairs = [part.rpartition("-") for part in parts]
    if len(state) > STATE_MAX or any(not id_ or not digest for id_, _, digest in pairs):
        raise MethodFailed("cannotCalculateChanges", "this is no state of this type")
    return {id_: digest for id_, _, digest in pairs}


def _digest(value: Any) -> str:
    return blake2b(_encode(value), digest_size=6).hexdigest()
