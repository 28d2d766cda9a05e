"""``ShareNotification``: what others have done to one's rights (RFC 9670 section 3)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from folkmoot.collections.boxes import NAME
from folkmoot.collections.content import Place, SyncTokenInvalid
from folkmoot.collections.home_objects import Found
from folkmoot.collections.share_notices import COMPONENT, read_notice
from folkmoot.core.ids import ObjectId, PrincipalId
from folkmoot.directory.principal import Principal
from folkmoot.jmap.accounts import Account, account_id
from folkmoot.jmap.protocol.calling import Call, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, Id, UTCDate
from folkmoot.jmap.protocol.errors import MethodFailed, SetFailed
from folkmoot.jmap.protocol.filtering import Joined, parse_filter
from folkmoot.jmap.protocol.limits import OBJECTS_IN_GET_MAX
from folkmoot.jmap.protocol.standard import (
    ChangesArguments,
    Delta,
    GetArguments,
    Got,
    Listed,
    OneByOne,
    QueryArguments,
    SetArguments,
    changes_method,
    get_method,
    query_method,
    set_method,
    untold_query_changes,
)
from folkmoot.jmap.sharing.describing import SHARE_NOTIFICATION
from folkmoot.jmap.sharing.ids import principal_id
from folkmoot.jmap.sharing.principals import window_start
from folkmoot.jmap.sharing.rights import rights_of_names
from folkmoot.store.records import Kind

_OBJECT_TYPES: Final = {Kind.CALENDAR: "Calendar", Kind.ADDRESSBOOK: "AddressBook"}
_COMPONENTS: Final = (COMPONENT,)


class NotificationCondition(Arguments):
    """One condition of a filter (RFC 9670 section 3.4)."""

    after: UTCDate | None = None
    before: UTCDate | None = None
    object_type: str | None = None
    object_account_id: Id | None = None


async def state(context: Context, account: Account) -> str:
    """Return the state of the notifications."""
    return await context.services.home_objects.state(context.caller, account.owner, Kind.SHARES)


async def load(call: Call[GetArguments], ids: Sequence[str] | None, _: frozenset[str]) -> Got:
    """Return notifications."""
    home, caller, owner = call.services.home_objects, call.caller, call.account.owner
    if ids is None:
        present, found = await home.whole(caller, owner, Kind.SHARES, _COMPONENTS)
    else:
        oids = [ObjectId(int(one[1:])) for one in ids if _is_id(one)]
        present = await home.state(caller, owner, Kind.SHARES)
        found = list((await home.by_oid(caller, owner, Kind.SHARES, oids)).values())
    actors = await call.services.people.find_many(caller, list({PrincipalId(_notice(one).actor) for one in found}))
    told = [_told(call, one, actors) for one in found]
    return Got(present, {one["id"]: one for one in told})


def _told(call: Call[Any], found: Found, actors: Mapping[PrincipalId, Principal]) -> dict[str, Any]:
    notice = _notice(found)
    actor = actors.get(PrincipalId(notice.actor))
    addresses = call.services.people.addresses(actor) if actor is not None else ()
    kind = Kind(notice.kind)
    return {
        "id": f"o{found.stored.meta.oid}",
        "created": _utc(notice.at),
        "changedBy": {
            "name": actor.display_name if actor is not None else notice.actor,
            "email": addresses[0] if addresses else None,
            "principalId": principal_id(actor.id) if actor is not None else None,
        },
        "objectType": _OBJECT_TYPES[kind],
        "objectAccountId": account_id(PrincipalId(notice.owner)),
        "objectId": f"c{notice.collection}",
        "oldRights": rights_of_names(kind, frozenset(notice.before)) if notice.before else None,
        "newRights": rights_of_names(kind, frozenset(notice.after)) if notice.after else None,
        "name": notice.name,
    }


async def follow(call: Call[ChangesArguments], since: str, most: int) -> Delta:
    """Return what changed."""
    try:
        found = await call.services.home_objects.changes(
            call.caller, call.account.owner, Kind.SHARES, since, most, _COMPONENTS
        )
    except SyncTokenInvalid as error:
        raise MethodFailed("cannotCalculateChanges", str(error)) from error
    created, updated, gone = ([f"o{oid}" for oid in one] for one in (found.created, found.updated, found.destroyed))
    return Delta(found.state, created, updated, gone, more=found.more)


async def search(call: Call[QueryArguments]) -> Listed:
    """Return the notifications that a filter finds, the newest first unless another order is asked for."""
    asked = call.arguments
    wanted = parse_filter(asked.filter, NotificationCondition)
    if isinstance(wanted, Joined):
        raise MethodFailed("unsupportedFilter", "one condition at most")
    if any(one.property != "created" for one in asked.sort or ()):
        raise MethodFailed("unsupportedSort", "notifications are sorted by created")
    present, found = await call.services.home_objects.whole(call.caller, call.account.owner, Kind.SHARES, _COMPONENTS)
    newest_first = not (asked.sort and asked.sort[0].is_ascending)
    found.sort(key=lambda one: (_notice(one).at, one.stored.meta.oid), reverse=newest_first)
    ids = [f"o{one.stored.meta.oid}" for one in found if _meets(one, wanted)]
    start = window_start(ids, asked)
    limit = min(OBJECTS_IN_GET_MAX if asked.limit is None else asked.limit, OBJECTS_IN_GET_MAX)
    return Listed(present, ids[start : start + limit], start, total=len(ids))


def _meets(found: Found, wanted: NotificationCondition | None) -> bool:
    if wanted is None:
        return True
    notice = _notice(found)
    created = _utc(notice.at)
    return (
        (wanted.after is None or created >= wanted.after)
        and (wanted.before is None or created < wanted.before)
        and (wanted.object_type is None or wanted.object_type == _OBJECT_TYPES[Kind(notice.kind)])
        and (wanted.object_account_id is None or wanted.object_account_id == account_id(PrincipalId(notice.owner)))
    )


class NotificationSetter(OneByOne):
    """Takes notifications away; nobody else makes or changes them."""

    async def state(self) -> str:
        return await state(self.call.context, self.call.account)

    async def destroy_one(self, id_: str) -> None:
        services, caller, owner = self.call.services, self.call.caller, self.call.account.owner
        oid = ObjectId(int(id_[1:])) if _is_id(id_) else ObjectId(0)
        found = (await services.home_objects.by_oid(caller, owner, Kind.SHARES, [oid])).get(oid)
        if found is None:
            raise SetFailed("notFound", "no such notification")
        await services.objects.delete(caller, Place(owner, Kind.SHARES, NAME), found.stored.meta.name)


def _is_id(text: str) -> bool:
    return text[:1] == "o" and text[1:].isascii() and text[1:].isdecimal() and len(text) <= 20  # noqa: PLR2004 - digits of 64 bits


def _notice(found: Found) -> Any:
    return read_notice(found.stored.body)


def _utc(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


METHODS: Final[Sequence[Method]] = (
    get_method(SHARE_NOTIFICATION, load),
    changes_method(SHARE_NOTIFICATION, follow),
    query_method(SHARE_NOTIFICATION, search),
    untold_query_changes(SHARE_NOTIFICATION, "a list of a few hundred is read anew"),
    set_method(SHARE_NOTIFICATION, lambda call: NotificationSetter(SHARE_NOTIFICATION, call), SetArguments),
)
