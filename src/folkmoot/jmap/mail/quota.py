"""Quotas of mail (RFC 9425): what IMAP tells of the account."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.small_states import changes_since, state_of
from folkmoot.jmap.mail.views import mail_of
from folkmoot.jmap.protocol.calling import Call, Capability, Context
from folkmoot.jmap.protocol.describing import Arguments, DataType, Described, Feed, Id, UnsignedInt, server_set
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.filtering import Joined, Operator, parse_filter
from folkmoot.jmap.protocol.standard import (
    ChangesArguments,
    Delta,
    GetArguments,
    Got,
    ListDelta,
    Listed,
    QueryArguments,
    QueryChangesArguments,
    changes_method,
    get_method,
    query_changes_method,
    query_method,
)

WARN_PERCENT: Final = 90
_KEPT: Final = "mail/quota"
_SORTS: Final = frozenset({"name", "used"})


class Quota(Described):
    """One limit of an account (RFC 9425 section 4.1)."""

    resource_type: Annotated[str, server_set]
    name: Annotated[str, server_set]
    id: Annotated[Id, server_set] = ""
    used: Annotated[UnsignedInt, server_set] = 0
    hard_limit: Annotated[UnsignedInt, server_set] = 0
    warn_limit: Annotated[UnsignedInt | None, server_set] = None
    soft_limit: Annotated[UnsignedInt | None, server_set] = None
    scope: Annotated[str, server_set] = "account"
    types: Annotated[list[str], server_set] = []  # noqa: RUF012 - msgspec copies it
    description: Annotated[str | None, server_set] = None


QUOTA: Final = DataType("Quota", Quota, Feed.MAIL)


class QuotaFilter(Arguments):
    """Conditions on quotas (RFC 9425 section 4.4)."""

    name: str | None = None
    scope: str | None = None
    resource_type: str | None = None
    type: str | None = None


async def _quotas(context: Context, account: Account) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] | None = context.kept.get((_KEPT, account.id))
    if kept is None:
        usage = await context.services.mail.filling.of(context.caller, mail_of(account))
        kept = {}
        if usage.kibibytes_max is not None:
            kept["storage"] = _quota("storage", "octets", (usage.kibibytes or 0) * 1024, usage.kibibytes_max * 1024)
        if usage.messages_max is not None:
            kept["messages"] = _quota("messages", "count", usage.messages or 0, usage.messages_max)
        context.kept[_KEPT, account.id] = kept
    return kept


def _quota(id_: str, resource: str, used: int, limit: int) -> dict[str, Any]:
    return {
        "id": id_,
        "name": id_,
        "resourceType": resource,
        "used": used,
        "hardLimit": limit,
        "warnLimit": limit * WARN_PERCENT // 100,
        "softLimit": None,
        "scope": "account",
        "types": ["Mail"],
        "description": None,
    }


async def quota_state(context: Context, account: Account) -> str:
    """Return the state of ``Quota``."""
    return state_of(await _quotas(context, account))


async def _load(call: Call[GetArguments], ids: Sequence[str] | None, _: frozenset[str]) -> Got:
    found = await _quotas(call.context, call.account)
    wanted = found if ids is None else {id_: found[id_] for id_ in ids if id_ in found}
    return Got(state_of(found), wanted)


async def _follow(call: Call[ChangesArguments], since: str, most: int) -> Delta:
    delta = changes_since(since, await _quotas(call.context, call.account), most)
    only_used = bool(delta.updated) and not delta.created and not delta.destroyed
    return Delta(
        delta.state,
        delta.created,
        delta.updated,
        delta.destroyed,
        delta.more,
        also={"updatedProperties": ["used"] if only_used else None},
    )


def _listed(call: Call[Any], quotas: Mapping[str, Mapping[str, Any]]) -> list[str]:
    condition = parse_filter(call.arguments.filter, QuotaFilter)
    ids = [id_ for id_, one in quotas.items() if condition is None or _meets(one, condition)]
    for comparator in reversed(call.arguments.sort or []):
        if comparator.property not in _SORTS:
            raise MethodFailed("unsupportedSort", f"quotas are not sorted by {comparator.property[:60]}")
        name = comparator.property
        ids.sort(key=lambda id_, name=name: quotas[id_][name], reverse=not comparator.is_ascending)  # type: ignore[misc]
    return ids


def _meets(one: Mapping[str, Any], condition: QuotaFilter | Joined[QuotaFilter]) -> bool:
    if isinstance(condition, Joined):
        met = [_meets(one, below) for below in condition.conditions]
        if condition.operator is Operator.NOT:
            return not any(met)
        return all(met) if condition.operator is Operator.AND else any(met)
    return (
        (condition.name is None or condition.name.casefold() in one["name"])
        and condition.scope in {None, one["scope"]}
        and condition.resource_type in {None, one["resourceType"]}
        and (condition.type is None or condition.type in one["types"])
    )


async def _search(call: Call[QueryArguments]) -> Listed:
    asked, quotas = call.arguments, await _quotas(call.context, call.account)
    ids = _listed(call, quotas)
    start = asked.position if asked.position >= 0 else max(len(ids) + asked.position, 0)
    if asked.anchor is not None:
        if asked.anchor not in ids:
            raise MethodFailed("anchorNotFound", "the anchor is not in the list")
        start = max(ids.index(asked.anchor) + asked.anchor_offset, 0)
    end = None if asked.limit is None else start + asked.limit
    return Listed(state_of(quotas), ids[start:end], min(start, len(ids)), len(ids), can_calculate_changes=True)


async def _follow_search(call: Call[QueryChangesArguments]) -> ListDelta:
    quotas = await _quotas(call.context, call.account)
    delta = changes_since(call.arguments.since_query_state, quotas, 100)
    ids = _listed(call, quotas)
    if not (delta.created or delta.updated or delta.destroyed):
        return ListDelta(delta.state, (), (), len(ids))
    removed = list(dict.fromkeys([*delta.destroyed, *quotas]))
    return ListDelta(delta.state, removed, [(id_, place) for place, id_ in enumerate(ids)], len(ids))


QUOTAS: Final = Capability(
    "urn:ietf:params:jmap:quota",
    methods=(
        get_method(QUOTA, _load),
        changes_method(QUOTA, _follow),
        query_method(QUOTA, _search),
        query_changes_method(QUOTA, _follow_search),
    ),
    types=(QUOTA,),
    states={"Quota": quota_state},
    account=lambda _context, account: {} if account.mail is not None else None,
)
