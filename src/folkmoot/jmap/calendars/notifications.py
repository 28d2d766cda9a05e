"""``CalendarEventNotification``: what others have done in one's calendars."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from folkmoot.calendars.event_notices import COMPONENT, EventNotice, read_notice
from folkmoot.collections.boxes import NAME
from folkmoot.collections.content import Place, SyncTokenInvalid
from folkmoot.collections.home_objects import Found
from folkmoot.collections.turns import Turns
from folkmoot.core.errors import FolkmootError
from folkmoot.core.ids import ObjectId, PrincipalId
from folkmoot.directory.principal import Principal
from folkmoot.ical import parse
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.calendars.describing import NOTIFICATION
from folkmoot.jmap.calendars.ids import object_id, parse_object_id
from folkmoot.jmap.calendars.occurring import utc_text
from folkmoot.jmap.calendars.querying import windowed
from folkmoot.jmap.calendars.sorts import TASKS
from folkmoot.jmap.jscalendar import to_jscalendar
from folkmoot.jmap.protocol.calling import Call, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, Id, UTCDate
from folkmoot.jmap.protocol.errors import MethodFailed, SetFailed
from folkmoot.jmap.protocol.filtering import Joined, parse_filter
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
from folkmoot.jmap.sharing.ids import principal_id
from folkmoot.store.records import Kind

_COMPONENTS: Final = (COMPONENT,)
_KIND: Final = Kind.EVENT_NOTICES


class NotificationCondition(Arguments):
    """One condition of a filter."""

    after: UTCDate | None = None
    before: UTCDate | None = None
    type: str | None = None
    calendar_event_ids: list[Id] | None = None


async def state(context: Context, account: Account) -> str:
    """Return the state of the notifications."""
    return await context.services.home_objects.state(context.caller, account.owner, _KIND)


async def _load(call: Call[GetArguments], ids: Sequence[str] | None, _: frozenset[str]) -> Got:
    homes, caller, owner = call.services.home_objects, call.caller, call.account.owner
    if ids is None:
        present, found = await homes.whole(caller, owner, _KIND, _COMPONENTS)
    else:
        present = await homes.state(caller, owner, _KIND)
        found = list((await homes.by_oid(caller, owner, _KIND, _oids(ids))).values())
    notices = [(one, read_notice(one.stored.body)) for one in found]
    names = list({PrincipalId(notice.actor) for _, notice in notices})
    actors = await call.services.people.find_many(caller, names)
    told: dict[str, dict[str, Any]] = {}
    turns = Turns()
    for one, notice in notices:
        id_ = object_id(one.stored.meta.oid)
        told[id_] = {"id": id_, **_told(call, notice, actors)}
        await turns.pass_on()
    return Got(present, told)


def _told(call: Call[Any], notice: EventNotice, actors: Mapping[PrincipalId, Principal]) -> dict[str, Any]:
    actor = actors.get(PrincipalId(notice.actor))
    addresses = call.services.people.addresses(actor) if actor is not None else ()
    before, after = _event(call, notice, notice.before), _event(call, notice, notice.after)
    told: dict[str, Any] = {
        "created": utc_text(datetime.fromtimestamp(notice.at // 1000, UTC)),
        "changedBy": {
            "name": actor.display_name if actor is not None else notice.actor,
            "email": addresses[0] if addresses else None,
            "principalId": principal_id(actor.id) if actor is not None else None,
        },
        "comment": None,
        "type": notice.effect,
        "calendarEventId": object_id(ObjectId(notice.oid)),
        "isDraft": False,
        "event": after if notice.effect == "created" else before,
    }
    if notice.effect == "updated":
        names = before.keys() | after.keys()
        told["eventPatch"] = {name: after.get(name) for name in sorted(names) if before.get(name) != after.get(name)}
    return told


def _event(call: Call[Any], notice: EventNotice, text: str) -> dict[str, Any]:
    """Return an event of which at least kind and title are told."""
    least = {"@type": "Task" if notice.component == TASKS.component else "Event", "title": notice.title}
    if not text:
        return least
    try:
        return dict(to_jscalendar(parse(text), default_zone=call.services.zones.default))
    except FolkmootError:
        return least


async def _follow(call: Call[ChangesArguments], since: str, most: int) -> Delta:
    try:
        found = await call.services.home_objects.changes(
            call.caller, call.account.owner, _KIND, since, most, _COMPONENTS
        )
    except SyncTokenInvalid as error:
        raise MethodFailed("cannotCalculateChanges", str(error)) from error
    created, updated, gone = (
        [object_id(oid) for oid in one] for one in (found.created, found.updated, found.destroyed)
    )
    return Delta(found.state, created, updated, gone, more=found.more)


async def _search(call: Call[QueryArguments]) -> Listed:
    asked = call.arguments
    wanted = parse_filter(asked.filter, NotificationCondition)
    if isinstance(wanted, Joined):
        raise MethodFailed("unsupportedFilter", "one condition at most")
    if any(one.property != "created" for one in asked.sort or ()):
        raise MethodFailed("unsupportedSort", "notifications are sorted by created")
    present, found = await call.services.home_objects.whole(call.caller, call.account.owner, _KIND, _COMPONENTS)
    notices = [(read_notice(one.stored.body), one) for one in found]
    newest_first = not (asked.sort and asked.sort[0].is_ascending)
    notices.sort(key=lambda pair: (pair[0].at, pair[1].stored.meta.oid), reverse=newest_first)
    ids = [object_id(one.stored.meta.oid) for notice, one in notices if _meets(notice, wanted)]
    start, window, limit = windowed(ids, asked)
    return Listed(present, window, start, len(ids), limit=limit)


def _meets(notice: EventNotice, wanted: NotificationCondition | None) -> bool:
    if wanted is None:
        return True
    return (
        (wanted.after is None or notice.at >= _milliseconds(wanted.after))
        and (wanted.before is None or notice.at < _milliseconds(wanted.before))
        and (wanted.type is None or wanted.type == notice.effect)
        and (wanted.calendar_event_ids is None or object_id(ObjectId(notice.oid)) in wanted.calendar_event_ids)
    )


class _Setter(OneByOne):
    """Takes notifications away; nobody else makes or changes them."""

    async def state(self) -> str:
        return await state(self.call.context, self.call.account)

    async def destroy_one(self, id_: str) -> None:
        services, caller, owner = self.call.services, self.call.caller, self.call.account.owner
        found: Sequence[Found] = list((await services.home_objects.by_oid(caller, owner, _KIND, _oids([id_]))).values())
        if not found:
            raise SetFailed("notFound", "there is no such notification")
        await services.objects.delete(caller, Place(owner, _KIND, NAME), found[0].stored.meta.name)


def _oids(ids: Sequence[str]) -> list[ObjectId]:
    refs = ((id_, parse_object_id(id_)) for id_ in ids)
    return [ref.oid for id_, ref in refs if ref is not None and ref.recurrence_id is None and str(ref) == id_]


def _milliseconds(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp() * 1000
    except (ValueError, OverflowError) as error:
        raise MethodFailed("unsupportedFilter", "after and before are UTC date-times") from error


METHODS: Final[Sequence[Method]] = (
    get_method(NOTIFICATION, _load),
    changes_method(NOTIFICATION, _follow),
    query_method(NOTIFICATION, _search),
    untold_query_changes(NOTIFICATION, "a list of a few hundred is read anew"),
    set_method(NOTIFICATION, lambda call: _Setter(NOTIFICATION, call), SetArguments),
)
