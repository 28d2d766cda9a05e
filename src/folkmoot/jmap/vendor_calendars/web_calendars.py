"""``WebCalendar``: calendars that others publish."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from folkmoot.calendars.web.calendars import WebCalendarState
from folkmoot.collections.content import Place
from folkmoot.core.errors import MalformedInput
from folkmoot.fetch.errors import FetchFailed
from folkmoot.fetch.fetcher import Credentials
from folkmoot.jmap.calendars.ids import calendar_id
from folkmoot.jmap.protocol.calling import Answer, Call, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.protocol.errors import InvalidProperties, MethodFailed, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import JsonObject, set_method
from folkmoot.jmap.telling import OwnSetter, reading, state_of, utc_or_none
from folkmoot.jmap.vendor_calendars.describing import WEB_CALENDAR


class ReloadArguments(Arguments):
    """Of ``WebCalendar/reload``."""

    account_id: Id
    id: Id


async def tell(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return the caller's."""
    found = await context.services.web_calendars.list_(context.caller)
    return {calendar_id(one.collection.id): _told(one) for one in found}


def _told(one: WebCalendarState) -> dict[str, Any]:
    return {
        "id": calendar_id(one.collection.id),
        "url": one.kept.url,
        "name": str(one.collection.properties.get("displayname", "")),
        "reloadOnLogin": bool(one.kept.reload_on_login),
        "hasCredentials": one.has_credentials,
        "userName": None,
        "password": None,
        "fetched": utc_or_none(one.kept.fetched_at or None),
        "checked": utc_or_none(one.kept.checked_at or None),
        "error": one.kept.fault,
    }


class WebCalendarSetter(OwnSetter):
    """Adds web calendars, changes how they are fetched, and removes them."""

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        services, caller = self.call.services, self.call.caller
        try:
            made = await services.web_calendars.add(
                caller,
                value["url"],
                value.get("name") or None,
                _credentials(value.get("userName"), value.get("password")),
                reload_on_login=value.get("reloadOnLogin", False),
            )
        except FetchFailed as error:
            raise InvalidProperties(str(error), "url") from error
        return (await tell(self.call.context))[calendar_id(made.id)]

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        services, caller = self.call.services, self.call.caller
        present = await _find(self.call.context, id_)
        told = _told(present)
        patch = WEB_CALENDAR.refuse_fixed(patch, told)
        wanted = {name: WEB_CALENDAR.check(name, patch.of(name, told[name])) for name in patch.properties}
        place = _place(present)
        if wanted.keys() & {"userName", "password"}:
            credentials = _credentials(wanted.get("userName"), wanted.get("password"))
            await services.web_calendars.set_credentials(caller, place, credentials)
        if "reloadOnLogin" in wanted:
            await services.web_calendars.set_reload_on_login(caller, place, wanted=wanted["reloadOnLogin"] is True)
        after = _told(await _find(self.call.context, id_))
        return {name: after[name] for name in ("hasCredentials",) if after[name] != told[name]} or None

    async def destroy_one(self, id_: str) -> None:
        present = await _find(self.call.context, id_)
        await self.call.services.web_calendars.remove(self.call.caller, _place(present))


async def _find(context: Context, id_: str) -> WebCalendarState:
    for one in await context.services.web_calendars.list_(context.caller):
        if calendar_id(one.collection.id) == id_:
            return one
    raise SetFailed("notFound", "no such web calendar")


def _place(one: WebCalendarState) -> Place:
    return Place(one.collection.owner, one.collection.kind, one.collection.name)


def _credentials(user: str | None, password: str | None) -> Credentials | None:
    if not user and not password:
        return None
    if not user:
        raise MalformedInput("a password goes with a user name")
    return Credentials(user, password or "")


async def _reload(call: Call[ReloadArguments]) -> Answer:
    try:
        found = await _find(call.context, call.arguments.id)
    except SetFailed as error:
        raise MethodFailed("notFound", str(error)) from error
    report = await call.services.web_calendars.reload(call.caller, _place(found))
    return {
        "accountId": call.account.id,
        "imported": report.imported,
        "status": report.status,
        "error": report.error or None,
        "message": report.message,
    }


def _setter(call: Call[Any]) -> WebCalendarSetter:
    return WebCalendarSetter(WEB_CALENDAR, call, tell)


METHODS: Final[Sequence[Method]] = (
    *reading(WEB_CALENDAR, tell),
    set_method(WEB_CALENDAR, _setter),
    Method(
        "WebCalendar/reload",
        ReloadArguments,
        _reload,
        "Looks at the document now, and tells how many objects it has: `imported`, or `error` with the HTTP `status`.",
        writes=True,
    ),
)
STATE: Final = state_of(tell)
