"""The standard methods (RFC 8620 section 5), made of what a room can do with its type.

A room gives coroutines (``Load``, ``Follow``, ``Search``) or a ``Setter``; checking arguments, limits, creation ids,
states and the shape of answers happens here.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from folkmoot.core.errors import FolkmootError, NotFound
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.protocol.calling import CREATED, Answer, Call, Method, StateOf
from folkmoot.jmap.protocol.describing import Arguments, DataType, Id, Int, UnsignedInt
from folkmoot.jmap.protocol.errors import InvalidProperties, MethodFailed, SetFailed, method_failed, set_failed
from folkmoot.jmap.protocol.filtering import Comparator
from folkmoot.jmap.protocol.limits import CHANGES_MAX, OBJECTS_IN_GET_MAX, OBJECTS_IN_SET_MAX, SORT_MAX
from folkmoot.jmap.protocol.patches import Patch, parse_patch
from folkmoot.jmap.protocol.request import Invocation

JsonObject = Mapping[str, Any]


class GetArguments(Arguments):
    """Of ``Foo/get``."""

    account_id: Id
    ids: list[str] | None = None
    properties: list[str] | None = None


class ChangesArguments(Arguments):
    """Of ``Foo/changes``."""

    account_id: Id
    since_state: str
    max_changes: UnsignedInt | None = None


class QueryArguments(Arguments):
    """Of ``Foo/query``."""

    account_id: Id
    filter: dict[str, Any] | None = None
    sort: list[Comparator] | None = None
    position: Int = 0
    anchor: str | None = None
    anchor_offset: Int = 0
    limit: UnsignedInt | None = None
    calculate_total: bool = False


class QueryChangesArguments(Arguments):
    """Of ``Foo/queryChanges``."""

    account_id: Id
    since_query_state: str
    filter: dict[str, Any] | None = None
    sort: list[Comparator] | None = None
    max_changes: UnsignedInt | None = None
    up_to_id: str | None = None
    calculate_total: bool = False


class SetArguments(Arguments):
    """Of ``Foo/set``."""

    account_id: Id
    if_in_state: str | None = None
    create: dict[str, dict[str, Any]] | None = None
    update: dict[str, dict[str, Any]] | None = None
    destroy: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Got:
    """Objects that were asked for, by id, each with at least the properties asked for; what is not there is missing."""

    state: str
    objects: Mapping[str, JsonObject]


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed since a state; an id stands in one of the three."""

    state: str  # the new one, or one between where ``more``
    created: Sequence[str] = ()
    updated: Sequence[str] = ()
    destroyed: Sequence[str] = ()
    more: bool = False
    also: Mapping[str, Any] = field(default_factory=dict)  # a type's own properties of the answer


@dataclass(frozen=True, slots=True)
class Listed:
    """Ids in an order: those of the window asked for."""

    state: str
    ids: Sequence[str]
    position: int
    total: int | None = None  # told where the client asks for it
    can_calculate_changes: bool = False
    limit: int | None = None  # where the server takes less than the client asked for
    also: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ListDelta:
    """What changed in an order since a query state."""

    state: str
    removed: Sequence[str]
    added: Sequence[tuple[str, int]]  # ids and their present index, ascending
    total: int | None = None


Load = Callable[[Call[Any], Sequence[str] | None, frozenset[str]], Awaitable[Got]]
Follow = Callable[[Call[Any], str, int], Awaitable[Delta]]
Search = Callable[[Call[Any]], Awaitable[Listed]]
FollowSearch = Callable[[Call[Any]], Awaitable[ListDelta]]
Made = Mapping[str, JsonObject | SetFailed]
Changed = Mapping[str, JsonObject | SetFailed | None]
Gone = Mapping[str, SetFailed | None]


class Setter(Protocol):
    """Creates, changes and destroys objects of one type in one account, within one call.

    Each of the three takes all of the call's objects of its sort, so that a batch can be one question to a server
    behind us, and answers for each; creations may refer to each other by ``Context.id_of``.
    """

    async def state(self) -> str:
        """Return the present state of the type."""

    async def create(self, wanted: Mapping[str, dict[str, Any]]) -> Made:
        """Create objects by creation id; return what the server set of each, its ``id`` among it."""

    async def update(self, wanted: Mapping[str, Patch]) -> Changed:
        """Change objects by id; return what else than the patch asked has changed, None for nothing."""

    async def destroy(self, ids: Sequence[str]) -> Gone:
        """Destroy objects."""


class OneByOne:
    """A ``Setter`` for types whose objects are changed one at a time; a subclass tells how.

    What a subclass leaves as it is here, no client may do.
    """

    def __init__(self, kind: DataType, call: Call[Any]) -> None:
        self.kind = kind
        self.call = call

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        """Create one object."""
        raise SetFailed("forbidden", f"a {self.kind.name} cannot be created")

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        """Change one object."""
        raise SetFailed("forbidden", f"a {self.kind.name} cannot be changed")

    async def destroy_one(self, id_: str) -> None:
        """Destroy one object."""
        raise SetFailed("forbidden", f"a {self.kind.name} cannot be destroyed")

    async def create(self, wanted: Mapping[str, dict[str, Any]]) -> Made:
        made: dict[str, JsonObject | SetFailed] = {}
        for creation, value in wanted.items():
            try:
                made[creation] = one = await self.create_one(creation, value)
                self.call.context.created[creation] = one["id"]  # the next may refer to it
            except FolkmootError as error:
                made[creation] = set_failed(error)
        return made

    async def update(self, wanted: Mapping[str, Patch]) -> Changed:
        changed: dict[str, JsonObject | SetFailed | None] = {}
        for id_, patch in wanted.items():
            try:
                changed[id_] = await self.update_one(id_, patch)
            except FolkmootError as error:
                changed[id_] = set_failed(error)
        return changed

    async def destroy(self, ids: Sequence[str]) -> Gone:
        gone: dict[str, SetFailed | None] = {}
        for id_ in ids:
            try:
                await self.destroy_one(id_)
                gone[id_] = None
            except FolkmootError as error:
                gone[id_] = set_failed(error)
        return gone


def get_method(
    kind: DataType,
    load: Load,
    arguments: type[GetArguments] = GetArguments,
    *,
    all_max: int = OBJECTS_IN_GET_MAX,
) -> Method:
    """Return ``Foo/get``.

    Args:
        kind: the type.
        load: takes the ids (None: all) and the names of the properties, empty for all.
        arguments: of the method.
        all_max: objects that are told to who asks for all.
    """

    async def run(call: Call[GetArguments]) -> Answer:
        asked = call.arguments
        ids = None if asked.ids is None else list(dict.fromkeys(map(_resolved(call), asked.ids)))
        if ids is not None and len(ids) > OBJECTS_IN_GET_MAX:
            raise MethodFailed("requestTooLarge", f"at most {OBJECTS_IN_GET_MAX} objects at once")
        names = frozenset(asked.properties or ())
        try:
            kind.check_names(names)
        except InvalidProperties as error:
            raise MethodFailed("invalidArguments", str(error)) from error
        wanted = names | {"id"} if asked.properties is not None else frozenset()
        got = await load(call, ids, wanted)
        objects = got.objects
        if ids is None and len(objects) > all_max:
            raise MethodFailed("requestTooLarge", f"there are more than {all_max}; ask by id")
        found = [objects[id_] for id_ in (objects if ids is None else ids) if id_ in objects]
        return {
            "accountId": call.account.id,
            "state": got.state,
            "list": [{n: v for n, v in one.items() if n in wanted} for one in found] if wanted else found,
            "notFound": [id_ for id_ in ids or () if id_ not in objects],
        }

    return Method(f"{kind.name}/get", arguments, run)


def changes_method(kind: DataType, follow: Follow, arguments: type[ChangesArguments] = ChangesArguments) -> Method:
    """Return ``Foo/changes``; ``follow`` takes the old state and how many ids it may tell."""

    async def run(call: Call[ChangesArguments]) -> Answer:
        asked = call.arguments
        if asked.max_changes == 0:
            raise MethodFailed("invalidArguments", "maxChanges is at least 1")
        delta = await follow(call, asked.since_state, min(asked.max_changes or CHANGES_MAX, CHANGES_MAX))
        return {
            "accountId": call.account.id,
            "oldState": asked.since_state,
            "newState": delta.state,
            "hasMoreChanges": delta.more,
            "created": list(delta.created),
            "updated": list(delta.updated),
            "destroyed": list(delta.destroyed),
            **delta.also,
        }

    return Method(f"{kind.name}/changes", arguments, run)


def query_method(kind: DataType, search: Search, arguments: type[QueryArguments] = QueryArguments) -> Method:
    """Return ``Foo/query``."""

    async def run(call: Call[QueryArguments]) -> Answer:
        asked = call.arguments
        if len(asked.sort or ()) > SORT_MAX:
            raise MethodFailed("unsupportedSort", f"at most {SORT_MAX} comparators")
        found = await search(call)
        told: dict[str, Any] = {
            "accountId": call.account.id,
            "queryState": found.state,
            "canCalculateChanges": found.can_calculate_changes,
            "position": found.position,
            "ids": list(found.ids),
        }
        if asked.calculate_total and found.total is not None:
            told["total"] = found.total
        if found.limit is not None:
            told["limit"] = found.limit
        return {**told, **found.also}

    return Method(f"{kind.name}/query", arguments, run)


def query_changes_method(
    kind: DataType, follow: FollowSearch, arguments: type[QueryChangesArguments] = QueryChangesArguments
) -> Method:
    """Return ``Foo/queryChanges``."""

    async def run(call: Call[QueryChangesArguments]) -> Answer:
        asked = call.arguments
        delta = await follow(call)
        if asked.max_changes is not None and len(delta.removed) + len(delta.added) > asked.max_changes:
            raise MethodFailed("tooManyChanges", "more has changed than maxChanges allows to tell")
        told: dict[str, Any] = {
            "accountId": call.account.id,
            "oldQueryState": asked.since_query_state,
            "newQueryState": delta.state,
            "removed": list(delta.removed),
            "added": [{"id": id_, "index": index} for id_, index in delta.added],
        }
        return told | ({"total": delta.total} if asked.calculate_total and delta.total is not None else {})

    return Method(f"{kind.name}/queryChanges", arguments, run)


def untold_changes(kind: DataType, why: str) -> Method:
    """Return a ``Foo/changes`` that says why what changed is not known."""

    async def run(_: Call[ChangesArguments]) -> Answer:
        raise MethodFailed("cannotCalculateChanges", why)

    return Method(f"{kind.name}/changes", ChangesArguments, run)


def untold_query_changes(kind: DataType, why: str) -> Method:
    """Return a ``Foo/queryChanges`` that says why what changed in a list is not known."""

    async def run(_: Call[QueryChangesArguments]) -> Answer:
        raise MethodFailed("cannotCalculateChanges", why)

    return Method(f"{kind.name}/queryChanges", QueryChangesArguments, run)


def set_method(
    kind: DataType,
    open_: Callable[[Call[Any]], Setter],
    arguments: type[SetArguments] = SetArguments,
    finish: Callable[[Call[Any], dict[str, Any]], Awaitable[None]] | None = None,
) -> Method:
    """Return ``Foo/set``; ``finish`` may do more and add to the answer, as ``onSuccess…`` arguments ask."""

    async def run(call: Call[SetArguments]) -> Answer:
        asked = call.arguments
        create, update, destroy = asked.create or {}, asked.update or {}, asked.destroy or []
        if len(create) + len(update) + len(destroy) > OBJECTS_IN_SET_MAX:
            raise MethodFailed("requestTooLarge", f"at most {OBJECTS_IN_SET_MAX} objects at once")
        setter = open_(call)
        before = await setter.state()
        if asked.if_in_state is not None and asked.if_in_state != before:
            raise MethodFailed("stateMismatch", "the state is another one by now")
        told: dict[str, Any] = {"accountId": call.account.id, "oldState": before}
        going = list(dict.fromkeys(map(_resolved(call), destroy)))
        told["created"], told["notCreated"] = await _create(kind, call, setter, create)
        told["updated"], told["notUpdated"] = await _update(kind, call, setter, update, frozenset(going))
        gone = await setter.destroy(going) if going else {}
        told["destroyed"] = [id_ for id_, failed in gone.items() if failed is None] or None
        told["notDestroyed"] = {id_: failed.told() for id_, failed in gone.items() if failed is not None} or None
        told["newState"] = await setter.state()
        if finish is not None:
            await finish(call, told)
        return told

    return Method(f"{kind.name}/set", arguments, run, writes=True)


class CopyArguments(Arguments):
    """Of ``Foo/copy``."""

    from_account_id: Id
    account_id: Id
    create: dict[str, dict[str, Any]]
    if_from_in_state: str | None = None
    if_in_state: str | None = None
    on_success_destroy_original: bool = False
    destroy_from_if_in_state: str | None = None


Copy = Callable[[Call[Any], Account, Mapping[str, dict[str, Any]]], Awaitable[Made]]


def copy_method(kind: DataType, copy: Copy, state: StateOf, set_: Method) -> Method:
    """Return ``Foo/copy`` (RFC 8620 section 5.4).

    ``copy`` takes the account that the originals are in and, by creation id, their ``id`` with what the copies have
    otherwise; ``set_`` is the type's ``Foo/set``, which destroys originals where the client asks for it.
    """

    async def run(call: Call[CopyArguments]) -> Answer:
        asked = call.arguments
        if asked.from_account_id == call.account.id:
            raise MethodFailed("invalidArguments", "both accounts are the same")
        if len(asked.create) > OBJECTS_IN_SET_MAX:
            raise MethodFailed("requestTooLarge", f"at most {OBJECTS_IN_SET_MAX} objects at once")
        try:
            source = await call.context.accounts.get(asked.from_account_id)
        except NotFound as error:
            raise MethodFailed("fromAccountNotFound", "there is no such account") from error
        if asked.if_from_in_state not in {None, await state(call.context, source)}:
            raise MethodFailed("stateMismatch", "the state of the other account is another one by now")
        before = await state(call.context, call.account)
        if asked.if_in_state not in {None, before}:
            raise MethodFailed("stateMismatch", "the state is another one by now")
        failed: dict[str, SetFailed] = {}
        wanted: dict[str, dict[str, Any]] = {}
        for creation, value in asked.create.items():
            if isinstance(value.get("id"), str):
                wanted[creation] = {**value, "id": _resolved(call)(value["id"])}
            else:
                failed[creation] = InvalidProperties("id names what is copied", "id")
        made: dict[str, Any] = {}
        for creation, one in (await copy(call, source, wanted) if wanted else {}).items():
            if isinstance(one, SetFailed):
                failed[creation] = one
            else:
                made[creation] = one
                call.context.created[creation] = one["id"]
        if asked.on_success_destroy_original and made:
            going = {"destroy": [wanted[creation]["id"] for creation in made]}
            await also(call, set_, {**going, "ifInState": asked.destroy_from_if_in_state}, source)
        return {
            "fromAccountId": source.id,
            "accountId": call.account.id,
            "oldState": before,
            "newState": await state(call.context, call.account),
            "created": made or None,
            "notCreated": {creation: error.told() for creation, error in failed.items()} or None,
        }

    return Method(f"{kind.name}/copy", CopyArguments, run, writes=True)


async def also(call: Call[Any], method: Method, arguments: Mapping[str, Any], account: Account | None = None) -> None:
    """Run another method because of a call; its answer, or failure, follows the call's own."""
    where = account or call.account
    try:
        given = msgspec.convert({**arguments, "accountId": where.id}, method.arguments)
        told = await method.run(Call(call.context, method.name, given, call.id, where, call.more))
        call.more.append(Invocation(method.name, dict(told), call.id))
    except msgspec.ValidationError as error:
        failed = MethodFailed("invalidArguments", str(error))
        call.more.append(Invocation("error", failed.told(), call.id))
    except FolkmootError as error:
        call.more.append(Invocation("error", method_failed(error).told(), call.id))


Told = dict[str, Any] | None


async def _create(
    kind: DataType, call: Call[SetArguments], setter: Setter, wanted: Mapping[str, dict[str, Any]]
) -> tuple[Told, Told]:
    failed: dict[str, SetFailed] = {}
    checked: dict[str, dict[str, Any]] = {}
    for creation, value in wanted.items():
        try:
            checked[creation] = kind.created(value)
        except SetFailed as error:
            failed[creation] = error
    made: dict[str, Any] = {}
    for creation, one in (await setter.create(checked) if checked else {}).items():
        if isinstance(one, SetFailed):
            failed[creation] = one
        else:
            made[creation] = one
            call.context.created[creation] = one["id"]
    return made or None, {creation: error.told() for creation, error in failed.items()} or None


async def _update(
    kind: DataType,
    call: Call[SetArguments],
    setter: Setter,
    wanted: Mapping[str, dict[str, Any]],
    going: frozenset[str],
) -> tuple[Told, Told]:
    failed: dict[str, SetFailed] = {}
    patches: dict[str, Patch] = {}
    for id_, value in wanted.items():
        known = _resolved(call)(id_)
        if known in going:
            failed[known] = SetFailed("willDestroy", "it is destroyed by the same call")
            continue
        try:
            patches[known] = parse_patch(value)
            kind.check_patch(patches[known])
        except SetFailed as error:
            patches.pop(known, None)
            failed[known] = error
    changed: dict[str, Any] = {}
    for id_, one in (await setter.update(patches) if patches else {}).items():
        if isinstance(one, SetFailed):
            failed[id_] = one
        else:
            changed[id_] = one
    return changed or None, {id_: error.told() for id_, error in failed.items()} or None


def _resolved(call: Call[Any]) -> Callable[[str], str]:
    """Return what makes ids of creation ids; one that nothing was created under stays, and is not found."""
    created = call.context.created
    return lambda id_: created.get(id_[1:], id_) if id_.startswith(CREATED) else id_
