"""Free-busy by quarters of an hour, and common slots, for a browser's scripts."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from folkmoot.calendars.busy.availability import working_hours
from folkmoot.calendars.busy.slots import SLOTS_MAX, common_slots
from folkmoot.core.errors import MalformedInput, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.ical import BusyPeriod
from folkmoot.sharing.preferences import Preferences
from folkmoot.web.http import Asked, Response, answer
from folkmoot.web.preferences import preferences_for
from folkmoot.web.services import WebServices

FIRST_YEAR: Final = 1900  # calendars know no more
LAST_YEAR: Final = 2200
QUARTER: Final = timedelta(minutes=15)
DAYS_MAX: Final = 92  # of one answer; the grid of a browser shows some weeks
PEOPLE_MAX: Final = 100  # of one search for a slot
BUSY: Final = 1
_DAY: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})\Z", re.ASCII)

Hours = dict[str, dict[str, int]]


async def ajax_read(services: WebServices, asked: Asked) -> Response:
    """Answer when somebody is busy from ``sday`` to ``eday``, both days whole, on the clock of who asks.

    The answer is ``{day: {hour: {"0": n, "15": n, "30": n, "45": n}}}`` with days as YYYYMMDD, hours from "0" to "23",
    and n = 1 for a quarter of an hour that is not free.  Hours that are free as a whole are left out; all days are
    there.  Days that cannot be read are 403, as SOGo answers.

    Raises:
        NotFound: there is nobody whom the caller may ask about.
    """
    fields = asked.request.fields()
    mine = await preferences_for(services, asked.caller)
    try:
        first, last = _day(fields, "sday"), _day(fields, "eday")
    except MalformedInput as error:
        return answer(403, {"message": str(error)})
    if last < first or last - first >= timedelta(days=DAYS_MAX):
        return answer(403, {"message": f"eday is up to {DAYS_MAX - 1} days after sday"})
    start = datetime.combine(first, time(), mine.zone)
    end = datetime.combine(last + timedelta(days=1), time(), mine.zone)
    periods = await services.free_busy.of_one(asked.caller, asked.user, start.astimezone(UTC), end.astimezone(UTC))
    return answer(200, by_quarters(periods, first, last, mine))


def by_quarters(periods: Sequence[BusyPeriod], first: date, last: date, mine: Preferences) -> dict[str, Hours]:
    """Return the quarters of an hour that busy periods touch, by day and hour of a person's clock."""
    days: dict[str, Hours] = {}
    day = first
    while day <= last:
        days[day.strftime("%Y%m%d")] = {}
        day += timedelta(days=1)
    for period in periods:
        moment = period.start - (period.start - datetime.min.replace(tzinfo=UTC)) % QUARTER
        while moment < period.end:
            local = moment.astimezone(mine.zone)
            hours = days.get(local.strftime("%Y%m%d"))
            if hours is not None:
                quarters = hours.setdefault(str(local.hour), {"0": 0, "15": 0, "30": 0, "45": 0})
                quarters[str(local.minute // 15 * 15)] = BUSY
            moment += QUARTER
    return days


async def slots(services: WebServices, asked: Asked) -> Response:
    """Answer with times at which people can meet: ``{slots: [{start, end, busy: [uid], tentative: [uid]}]}``.

    ``sday`` and ``eday`` as for ``ajaxRead``; ``duration`` in minutes; ``uid`` once for each further person who must
    come, ``optional`` for each who may miss it; ``limit``; ``anytime=1`` looks outside the caller's working hours too.
    Times are seconds since 1970, the best slot first.

    Raises:
        MalformedInput: a field that is missing or wrong.
        NotFound: one of the people is unknown.
    """
    fields = asked.request.fields()
    mine = await preferences_for(services, asked.caller)
    first, last = _day(fields, "sday"), _day(fields, "eday")
    if last < first or last - first >= timedelta(days=DAYS_MAX):
        raise MalformedInput(f"eday is up to {DAYS_MAX - 1} days after sday")
    optional = [PrincipalId(name) for name in fields.get("optional", ())]
    people = list(dict.fromkeys([asked.user, *(PrincipalId(name) for name in fields.get("uid", ())), *optional]))
    if len(people) > PEOPLE_MAX:
        raise MalformedInput(f"at most {PEOPLE_MAX} people")
    start = datetime.combine(first, time(), mine.zone).astimezone(UTC)
    end = datetime.combine(last + timedelta(days=1), time(), mine.zone).astimezone(UTC)
    start = max(start, _next_quarter(services.clock.now()))
    if start >= end:
        return answer(200, {"slots": []})
    found = await services.free_busy.of(asked.caller, people, start, end)
    busy: dict[str, Sequence[BusyPeriod]] = {str(name): periods for name, periods in found.items()}
    missing = next((name for name in people if name not in busy), None)
    if missing is not None:
        raise NotFound(f"no such person: {missing[:100]}")
    free = common_slots(
        busy,
        timedelta(minutes=_number(fields, "duration", 60, 24 * 60)),
        start,
        end,
        optional=[name for name in optional if name != asked.user],
        hours=None if fields.get("anytime") else list(working_hours(mine, start, end)),
        limit=_number(fields, "limit", 10, SLOTS_MAX),
    )
    return answer(
        200,
        {
            "slots": [
                {
                    "start": int(slot.start.timestamp()),
                    "end": int(slot.end.timestamp()),
                    "busy": slot.busy,
                    "tentative": slot.tentative,
                }
                for slot in free
            ]
        },
    )


def _day(fields: Mapping[str, Sequence[str]], name: str) -> date:
    found = _DAY.match("".join(fields.get(name, ())[:1]))
    if found is None:
        raise MalformedInput(f"{name} is a day such as 20260131")
    try:
        day = date(*map(int, found.groups()))
    except ValueError as error:
        raise MalformedInput(f"{name} is no day of any calendar") from error
    if not FIRST_YEAR < day.year < LAST_YEAR:
        raise MalformedInput(f"{name} is too far away")
    return day


def _number(fields: Mapping[str, Sequence[str]], name: str, default: int, maximum: int) -> int:
    text = "".join(fields.get(name, ())[:1]) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 0 < int(text) <= maximum):  # noqa: PLR2004 - digits
        raise MalformedInput(f"{name} is a number from 1 to {maximum}")
    return int(text)


def _next_quarter(now: datetime) -> datetime:
    return now + -(now - datetime.min.replace(tzinfo=UTC)) % QUARTER
