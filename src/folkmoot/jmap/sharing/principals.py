"""``Principal``: who is in the directory (RFC 9670 section 2).

The directory is other people's: what changes in it is not told, so its state is always the same and ``/changes`` says
that it cannot be calculated.
"""

from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import available_timezones

from folkmoot.core.errors import MalformedInput
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.jmap.accounts import Account, account_id
from folkmoot.jmap.protocol.calling import Call, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.protocol.errors import InvalidProperties, MethodFailed, SetFailed
from folkmoot.jmap.protocol.filtering import Joined, Operator, parse_filter
from folkmoot.jmap.protocol.limits import OBJECTS_IN_GET_MAX
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import (
    GetArguments,
    Got,
    JsonObject,
    Listed,
    OneByOne,
    QueryArguments,
    SetArguments,
    get_method,
    query_method,
    set_method,
    untold_changes,
    untold_query_changes,
)
from folkmoot.jmap.sharing.describing import PRINCIPAL
from folkmoot.jmap.sharing.ids import principal_id, principal_of
from folkmoot.sharing.people import SEARCH_MAX
from folkmoot.sharing.preferences import defaults_of, preferences_of

STATE: Final = "0"
_UNTOLD: Final = "the directory does not tell what changes"
CALENDARS: Final = "urn:ietf:params:jmap:calendars"
CONTACTS: Final = "urn:ietf:params:jmap:contacts"
EVERYBODY: Final = "."  # what the directory is asked to find all
_TYPES: Final = {
    PrincipalKind.INDIVIDUAL: "individual",
    PrincipalKind.GROUP: "group",
    PrincipalKind.LOCATION: "location",
    PrincipalKind.THING: "resource",
}


class PrincipalCondition(Arguments):
    """One condition of a filter (RFC 9670 section 2.4)."""

    account_ids: list[Id] | None = None
    email: str | None = None
    name: str | None = None
    text: str | None = None
    type: str | None = None
    time_zone: str | None = None


async def load(call: Call[GetArguments], ids: Sequence[str] | None, names: frozenset[str]) -> Got:
    """Return principals; without ids all, where the directory is small."""
    services, caller = call.services, call.caller
    if ids is None:
        people = await services.people.search(caller, text=EVERYBODY)
        if len(people) >= SEARCH_MAX:
            raise MethodFailed("requestTooLarge", "the directory is large: ask by id, or search")
    else:
        wanted = {name: one for name in ids if (one := principal_of(name)) is not None}
        known = await services.people.find_many(caller, list(wanted.values()))
        people = [known[one] for one in wanted.values() if one in known]
    return Got(STATE, {principal_id(one.id): await told_principal(call.context, one, names) for one in people})


async def told_principal(context: Context, principal: Principal, names: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return a principal as clients see it."""
    mine = principal.id == context.caller.principal
    addresses = context.services.people.addresses(principal)
    email = addresses[0] if addresses else None
    shared = await context.accounts.shared()
    account = context.accounts.own if mine else shared.get(account_id(principal.id))
    return {
        "id": principal_id(principal.id),
        "type": _TYPES[principal.kind],
        "name": principal.display_name,
        "description": None,
        "email": email,
        "timeZone": await _zone(context) if mine and (not names or "timeZone" in names) else None,
        "capabilities": _capabilities(context, principal, account, email),
        "accounts": None if account is None else {account.id: _account(account)},
    }


def _capabilities(context: Context, principal: Principal, account: Account | None, email: str | None) -> dict[str, Any]:
    others = principal.id != context.caller.principal
    keeps = principal.kind is not PrincipalKind.GROUP
    return {
        CALENDARS: {
            "accountId": account.id if account is not None and account.calendars else None,
            "mayGetAvailability": keeps,
            "mayShareWith": others and not (principal.bookable and keeps),
            "calendarAddress": f"mailto:{email}" if email else None,
        },
        CONTACTS: {
            "accountId": account.id if account is not None and account.addressbooks else None,
            "mayShareWith": others and not (principal.bookable and keeps),
        },
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "isPersonal": account.personal,
        "isReadOnly": False,
        "accountCapabilities": {
            **({CALENDARS: {}} if account.calendars else {}),
            **({CONTACTS: {}} if account.addressbooks else {}),
        },
    }


async def _zone(context: Context) -> str:
    services, caller = context.services, context.caller
    me = await services.people.find(caller, caller.principal)
    defaults = defaults_of(services.settings(me.domain if me else None))
    return preferences_of(await services.people.profile(caller.principal), defaults).zone.key


async def search(call: Call[QueryArguments]) -> Listed:
    """Return the principals that a filter finds, by name unless another order is asked for."""
    asked = call.arguments
    wanted = parse_filter(asked.filter, PrincipalCondition)
    for one in asked.sort or ():
        if one.property not in {"name", "email", "type"}:
            raise MethodFailed("unsupportedSort", f"principals are not sorted by {one.property[:60]}")
    found = [
        one
        for one in await call.services.people.search(call.caller, text=_text_of(wanted))
        if _meets(call.context, one, wanted)
    ]
    found.sort(key=lambda one: (one.display_name.casefold(), one.id))
    for level in reversed(asked.sort or ()):
        found.sort(key=lambda one: _sort_key(call.context, one, level.property), reverse=not level.is_ascending)
    ids = [principal_id(one.id) for one in found]
    start = window_start(ids, asked)
    limit = min(OBJECTS_IN_GET_MAX if asked.limit is None else asked.limit, OBJECTS_IN_GET_MAX)
    return Listed(STATE, ids[start : start + limit], start, total=len(ids))


def window_start(ids: Sequence[str], asked: QueryArguments) -> int:
    """Return where the window begins that a query asks for (RFC 8620 section 5.5).

    Raises:
        MethodFailed: ``anchorNotFound``.
    """
    if asked.anchor is None:
        start = asked.position if asked.position >= 0 else len(ids) + asked.position
    elif asked.anchor in ids:
        start = ids.index(asked.anchor) + asked.anchor_offset
    else:
        raise MethodFailed("anchorNotFound", "the anchor is not in the list")
    return min(max(start, 0), len(ids))


def _text_of(wanted: PrincipalCondition | Joined[PrincipalCondition] | None) -> str:
    """Return a text that all wanted principals have; the directory looks for it, and the filter is applied here."""
    if isinstance(wanted, PrincipalCondition):
        return wanted.text or wanted.name or wanted.email or EVERYBODY
    if wanted is not None and wanted.operator is Operator.AND:
        return next((text for one in wanted.conditions if (text := _text_of(one)) != EVERYBODY), EVERYBODY)
    return EVERYBODY


def _meets(context: Context, one: Principal, wanted: PrincipalCondition | Joined[PrincipalCondition] | None) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, Joined):
        results = (_meets(context, one, below) for below in wanted.conditions)
        match wanted.operator:
            case Operator.AND:
                return all(results)
            case Operator.OR:
                return any(results)
            case Operator.NOT:
                return not any(results)
    addresses = " ".join(context.services.people.addresses(one)).casefold()
    name = one.display_name.casefold()
    return (
        (wanted.type is None or wanted.type == _TYPES[one.kind])
        and (wanted.name is None or wanted.name.casefold() in name)
        and (wanted.email is None or wanted.email.casefold() in addresses)
        and (wanted.text is None or wanted.text.casefold() in f"{name} {one.login.casefold()} {addresses}")
        and (wanted.account_ids is None or account_id(one.id) in wanted.account_ids)
        and (wanted.time_zone is None)  # nobody's but one's own is told
    )


def _sort_key(context: Context, one: Principal, name: str) -> str:
    if name == "email":
        return next(iter(context.services.people.addresses(one)), "").casefold()
    return _TYPES[one.kind] if name == "type" else one.display_name.casefold()


class PrincipalSetter(OneByOne):
    """Changes one's own time zone; everything else is the directory's."""

    async def state(self) -> str:
        return STATE

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        context = self.call.context
        principal = principal_of(id_)
        if principal is None or not await context.services.people.find(context.caller, principal):
            raise SetFailed("notFound", "no such principal")
        if principal != context.caller.principal or patch.properties - {"timeZone"}:
            raise SetFailed("forbidden", "the directory is changed elsewhere; one's own time zone can be set")
        zone = patch.of("timeZone", None)
        if zone is not None and zone not in available_timezones():
            raise InvalidProperties("no such time zone", "timeZone")
        try:
            await context.services.choices.save(context.caller, context.caller.principal, {"SOGoTimeZone": zone}, {})
        except MalformedInput as error:
            raise InvalidProperties(str(error), "timeZone") from error
        return None


METHODS: Final[Sequence[Method]] = (
    get_method(PRINCIPAL, load),
    untold_changes(PRINCIPAL, _UNTOLD),
    query_method(PRINCIPAL, search),
    untold_query_changes(PRINCIPAL, _UNTOLD),
    set_method(PRINCIPAL, lambda call: PrincipalSetter(PRINCIPAL, call), SetArguments),
)
