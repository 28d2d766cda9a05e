"""``Link``: a calendar by an address that cannot be guessed; an id is the calendar's and what names the link."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from folkmoot.collections.content import Place
from folkmoot.collections.links import Link
from folkmoot.core.ids import CollectionId
from folkmoot.jmap.calendars.ids import calendar_id, collection_of_id
from folkmoot.jmap.protocol.calling import Call, Context, Method
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.standard import JsonObject, set_method
from folkmoot.jmap.telling import OwnSetter, reading, state_of, utc, utc_or_none
from folkmoot.jmap.vendor_calendars.describing import LINK
from folkmoot.store.records import Kind

PATH: Final = "/SOGo/links/"


async def tell(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return the links to all calendars of the caller's own."""
    found = await context.services.links.of_home(context.caller, context.caller.principal)
    told = [_told(context, number, one) for number, links in found.items() for one in links]
    return {one["id"]: one for one in told}


def _told(context: Context, number: CollectionId, one: Link) -> dict[str, Any]:
    return {
        "id": f"{calendar_id(number)}-{one.id}",
        "calendarId": calendar_id(number),
        "label": one.kept.label,
        "datesOnly": one.kept.dates_only,
        "withPrivate": one.kept.with_private,
        "created": utc(one.kept.created_at),
        "expires": utc_or_none(one.kept.expires_at),
        "url": None if one.token is None else f"{context.origin}{PATH}{one.token}.ics",
    }


class LinkSetter(OwnSetter):
    """Makes links and revokes them."""

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        context = self.call.context
        number = collection_of_id(context.id_of(value["calendarId"]))
        place = await self._place(number)
        if place is None or number is None:
            raise InvalidProperties("no such calendar of one's own", "calendarId")
        made = await context.services.links.create(
            context.caller,
            place,
            label=value.get("label", ""),
            dates_only=value.get("datesOnly", False),
            with_private=value.get("withPrivate", False),
            expires_at=self._end(value.get("expires")),
        )
        return _told(context, number, made)

    async def destroy_one(self, id_: str) -> None:
        calendar, _, name = id_.partition("-")
        place = await self._place(collection_of_id(calendar))
        if place is None:
            raise SetFailed("notFound", "no such link")
        await self.call.services.links.revoke(self.call.caller, place, name)

    async def _place(self, number: CollectionId | None) -> Place | None:
        caller = self.call.caller
        home = await self.call.services.collections.home(caller, caller.principal, Kind.CALENDAR)
        found = next((one.collection for one in home if one.collection.id == number), None)
        return None if found is None else Place(found.owner, found.kind, found.name)

    def _end(self, text: str | None) -> int | None:
        if text is None:
            return None
        try:
            end = int(datetime.fromisoformat(text).timestamp() * 1000)
        except ValueError as error:
            raise InvalidProperties("there is no such time", "expires") from error
        if end <= self.call.services.clock.milliseconds():
            raise InvalidProperties("a link does not end before it begins", "expires")
        return end


def _setter(call: Call[Any]) -> LinkSetter:
    return LinkSetter(LINK, call, tell)


METHODS: Final[Sequence[Method]] = (*reading(LINK, tell), set_method(LINK, _setter))
STATE: Final = state_of(tell)
