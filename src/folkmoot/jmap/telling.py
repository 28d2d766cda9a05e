"""What types of ours with few objects have in common: times, and states that are digests of all there is."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

import msgspec

from folkmoot.jmap.accounts import Account
from folkmoot.jmap.protocol.calling import Call, Context, Method, StateOf
from folkmoot.jmap.protocol.describing import Arguments, DataType, Id
from folkmoot.jmap.protocol.errors import MethodFailed, SetFailed
from folkmoot.jmap.protocol.standard import (
    ChangesArguments,
    Delta,
    GetArguments,
    Got,
    OneByOne,
    changes_method,
    get_method,
)

Tell = Callable[[Context], Awaitable[Mapping[str, Mapping[str, Any]]]]
"""Returns all objects by id."""

SINGLETON: Final = "singleton"  # the id of what there is one of
NUMBER_DIGITS_MAX: Final = 18


class AccountArguments(Arguments):
    """Of a method that takes nothing else."""

    account_id: Id


def own(context: Context, account: Account) -> Mapping[str, Any] | None:
    """Return the capability of an account: one's own has it, even for superusers."""
    return {} if account == context.accounts.own else None


def utc(milliseconds: int) -> str:
    """Return a time in milliseconds since 1970 UTC as a UTCDate, to the second."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def utc_or_none(milliseconds: int | None) -> str | None:
    """Return likewise a time that there may not be."""
    return None if milliseconds is None else utc(milliseconds)


def number_of(id_: str, kind: DataType) -> int:
    """Return the number that an id is.

    Raises:
        SetFailed: ``notFound``.
    """
    if not (id_.isascii() and id_.isdecimal() and len(id_) <= NUMBER_DIGITS_MAX):
        raise SetFailed("notFound", f"no such {kind.name}")
    return int(id_)


def state_of(tell: Tell) -> StateOf:
    """Return what tells the state of a type."""

    async def state(context: Context, _: Account) -> str:
        return _digest(await tell(context))

    return state


def reading(kind: DataType, tell: Tell) -> tuple[Method, Method]:
    """Return ``Foo/get`` and ``Foo/changes``; of what has changed it is known only for a single object."""

    async def load(call: Call[GetArguments], ids: Any, _: frozenset[str]) -> Got:
        objects = await tell(call.context)
        return Got(_digest(objects), {id_: one for id_, one in objects.items() if ids is None or id_ in ids})

    async def follow(call: Call[ChangesArguments], since: str, _: int) -> Delta:
        objects = await tell(call.context)
        present = _digest(objects)
        if since != present and [*objects] != [SINGLETON]:
            raise MethodFailed("cannotCalculateChanges", "these are few: get them all")
        return Delta(present, updated=() if since == present else (SINGLETON,))

    return get_method(kind, load), changes_method(kind, follow)


class OwnSetter(OneByOne):
    """Changes one's own."""

    def __init__(self, kind: DataType, call: Call[Any], tell: Tell) -> None:
        super().__init__(kind, call)
        self._tell = tell

    async def state(self) -> str:
        return _digest(await self._tell(self.call.context))


def _digest(objects: Mapping[str, Mapping[str, Any]]) -> str:
    return blake2b(msgspec.json.encode(objects, order="deterministic"), digest_size=12).hexdigest()
