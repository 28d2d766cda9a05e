"""States of types of which an account has few objects: a state names them all, so what has changed since is known."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any, Final, TypeVar

import msgspec

from folkmoot.jmap.accounts import Account
from folkmoot.jmap.protocol.calling import Call, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, DataType
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.filtering import Joined, Operator, parse_filter
from folkmoot.jmap.protocol.standard import (
    Delta,
    Got,
    JsonObject,
    ListDelta,
    Listed,
    QueryArguments,
    QueryChangesArguments,
    changes_method,
    get_method,
    query_changes_method,
    query_method,
)

C = TypeVar("C", bound=Arguments)

NAMED_MAX: Final = 200  # objects that a state names; 20 octets each
STATE_MAX: Final = 64 * 1024  # characters of a state that a client sends
_WHOLE: Final = "="  # begins the state of more objects: their digest and no more
_DIGEST_OCTETS: Final = 6


@dataclass(frozen=True, slots=True)
class SmallType:
    """A type all objects of which are read at once; its ``get``, ``changes`` and state come from that."""

    kind: DataType
    all_of: Callable[[Context, Account], Awaitable[Mapping[str, JsonObject]]]

    async def state(self, context: Context, account: Account) -> str:
        """Return the present state of an account's objects."""
        return state_of(await self.all_of(context, account))

    def get(self) -> Method:
        """Return ``Foo/get``."""

        async def load(call: Call[Any], _ids: Sequence[str] | None, _properties: frozenset[str]) -> Got:
            found = await self.all_of(call.context, call.account)
            return Got(state_of(found), found)

        return get_method(self.kind, load)

    def changes(self) -> Method:
        """Return ``Foo/changes``."""

        async def follow(call: Call[Any], since: str, most: int) -> Delta:
            return changes_since(since, await self.all_of(call.context, call.account), most)

        return changes_method(self.kind, follow)

    def query(self, condition: type[C], holds: Callable[[C, JsonObject], bool], sorts: Mapping[str, str]) -> Method:
        """Return ``Foo/query``; ``sorts`` are the properties that comparators may name, and whose values they mean."""

        async def search(call: Call[QueryArguments]) -> Listed:
            asked = parse_filter(call.arguments.filter, condition)
            found = await self.all_of(call.context, call.account)
            chosen = [one for one in found.values() if asked is None or _meets(asked, one, holds)]
            for comparator in reversed(call.arguments.sort or []):
                if comparator.property not in sorts:
                    raise MethodFailed("unsupportedSort", f"not sorted by {comparator.property[:60]}")
                name = sorts[comparator.property]
                chosen.sort(key=partial(_sort_key, name), reverse=not comparator.is_ascending)
            return window(call, [one["id"] for one in chosen], state_of(found))

        return query_method(self.kind, search)

    def query_changes(self) -> Method:
        """Return ``Foo/queryChanges``, which knows nothing but that nothing has changed."""

        async def follow(call: Call[QueryChangesArguments]) -> ListDelta:
            state = await self.state(call.context, call.account)
            if state != call.arguments.since_query_state:
                raise MethodFailed("cannotCalculateChanges", "ask the query again")
            return ListDelta(state, (), ())

        return query_changes_method(self.kind, follow)


def _meets(asked: C | Joined[C], one: JsonObject, holds: Callable[[C, JsonObject], bool]) -> bool:
    if not isinstance(asked, Joined):
        return holds(asked, one)
    found = [_meets(below, one, holds) for below in asked.conditions]
    if asked.operator is Operator.AND:
        return all(found)
    return any(found) if asked.operator is Operator.OR else not any(found)


def _sort_key(name: str, one: JsonObject) -> tuple[bool, Any]:
    value = one[name]
    return value is not None, value.casefold() if isinstance(value, str) else value


def window(call: Call[QueryArguments], ids: Sequence[str], state: str) -> Listed:
    """Return the part of a list that a query asks for (RFC 8620 section 5.5).

    Raises:
        MethodFailed: ``anchorNotFound``.
    """
    asked = call.arguments
    start = asked.position if asked.position >= 0 else max(len(ids) + asked.position, 0)
    if asked.anchor is not None:
        if asked.anchor not in ids:
            raise MethodFailed("anchorNotFound", "the anchor is not in the list")
        start = max(ids.index(asked.anchor) + asked.anchor_offset, 0)
    end = len(ids) if asked.limit is None else start + asked.limit
    return Listed(state, ids[start:end], start, len(ids))


def differing(after: JsonObject, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is not as it was asked for, and what was not asked for."""
    return {name: value for name, value in after.items() if name not in asked or asked[name] != value}


def state_of(objects: Mapping[str, JsonObject]) -> str:
    """Return the state that these objects are in."""
    return _written({id_: _digest(one) for id_, one in objects.items()})


def changes_since(state: str, objects: Mapping[str, JsonObject], most: int) -> Delta:
    """Return what has changed since a state, at most ``most`` ids.

    Raises:
        MethodFailed: ``cannotCalculateChanges``: no state of ours, or one of too many objects.
    """
    now = {id_: _digest(one) for id_, one in objects.items()}
    if state == _written(now):
        return Delta(state)
    before = _read(state)
    if before is None or len(now) > NAMED_MAX:
        raise MethodFailed("cannotCalculateChanges", "ask for all objects again")
    changed = [id_ for id_, digest in now.items() if before.get(id_) != digest]
    changed += [id_ for id_ in before if id_ not in now]
    told, between = changed[:most], dict(before)
    for id_ in told:
        if id_ in now:
            between[id_] = now[id_]
        else:
            del between[id_]
    return Delta(
        _written(between),
        created=[id_ for id_ in told if id_ not in before],
        updated=[id_ for id_ in told if id_ in before and id_ in now],
        destroyed=[id_ for id_ in told if id_ not in now],
        more=len(told) < len(changed),
    )


def _digest(value: Any) -> str:
    return blake2b(msgspec.json.encode(value, order="deterministic"), digest_size=_DIGEST_OCTETS).hexdigest()


def _written(digests: Mapping[str, str]) -> str:
    if len(digests) > NAMED_MAX:
        return _WHOLE + _digest(sorted(digests.items()))
    return ".".join(f"{id_}:{digest}" for id_, digest in sorted(digests.items())) or "-"


def _read(state: str) -> dict[str, str] | None:
    if len(state) > STATE_MAX or state.startswith(_WHOLE):
        return None
    if state == "-":
        return {}
    parts = [part.partition(":") for part in state.split(".")]
    if len(parts) > NAMED_MAX or not all(id_ and len(digest) == 2 * _DIGEST_OCTETS for id_, _, digest in parts):
        return None
    return {id_: digest for id_, _, digest in parts}
