"""``Principal/findSlots``: when people and rooms can meet."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from folkmoot.calendars.busy.availability import working_hours
from folkmoot.calendars.busy.slots import SLOTS_MAX, common_slots
from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.ical import BusyPeriod
from folkmoot.jmap.calendars.occurring import utc_text
from folkmoot.jmap.protocol.calling import Answer, Call, Method
from folkmoot.jmap.protocol.describing import Arguments, Id, UTCDate
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.sharing.ids import principal_id, principal_of
from folkmoot.sharing.preferences import defaults_of, preferences_of

PEOPLE_MAX: Final = 100
WINDOW_MAX: Final = timedelta(days=92)
MINUTES_MAX: Final = 24 * 60


class SlotsArguments(Arguments):
    """Of ``Principal/findSlots``: ``required`` must be free, ``optional`` may miss it."""

    account_id: Id
    required: Annotated[list[Id], Meta(min_length=1, max_length=PEOPLE_MAX)]
    utc_start: UTCDate
    utc_end: UTCDate
    optional: Annotated[list[Id], Meta(max_length=PEOPLE_MAX)] = msgspec.field(default_factory=list)
    minutes: Annotated[int, Meta(ge=5, le=MINUTES_MAX)] = 60
    anytime: bool = False
    limit: Annotated[int, Meta(ge=1, le=SLOTS_MAX)] = 10


async def find_slots(call: Call[SlotsArguments]) -> Answer:
    """Return the best slots first, within the caller's working hours unless ``anytime``."""
    asked, services = call.arguments, call.services
    start, end = _moment(asked.utc_start), _moment(asked.utc_end)
    if not start < end <= start + WINDOW_MAX:
        raise MethodFailed("invalidArguments", f"utcEnd is up to {WINDOW_MAX.days} days after utcStart")
    required, optional = _people(asked.required), _people(asked.optional)
    people = list(dict.fromkeys([*required, *optional]))
    found = await services.free_busy.of(call.caller, people, start, end)
    unknown = [principal_id(one) for one in people if one not in found]
    busy: dict[str, Sequence[BusyPeriod]] = {str(name): periods for name, periods in found.items()}
    hours = None
    if not asked.anytime:
        person = await services.people.find(call.caller, call.caller.principal)
        defaults = defaults_of(services.settings(person.domain if person else None))
        mine = preferences_of(await services.people.profile(call.caller.principal), defaults)
        hours = list(working_hours(mine, start, end))
    slots = common_slots(
        busy,
        timedelta(minutes=asked.minutes),
        start,
        end,
        optional=[str(one) for one in optional if one not in required],
        hours=hours,
        limit=asked.limit,
    )
    return {
        "accountId": call.account.id,
        "notFound": unknown,
        "list": [
            {
                "utcStart": utc_text(one.start),
                "utcEnd": utc_text(one.end),
                "busy": [principal_id(PrincipalId(name)) for name in one.busy],
                "tentative": [principal_id(PrincipalId(name)) for name in one.tentative],
            }
            for one in slots
        ],
    }


def _people(ids: Sequence[str]) -> list[PrincipalId]:
    found = [principal_of(one) for one in ids]
    if None in found:
        raise MethodFailed("invalidArguments", "required and optional are ids of principals")
    return [one for one in found if one is not None]


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise MalformedInput("utcStart and utcEnd are UTC date-times") from error


METHODS: Final = (
    Method(
        "Principal/findSlots",
        SlotsArguments,
        find_slots,
        "Finds times for a meeting: nobody optional missing, then nobody tentative, then the earliest.",
    ),
)
