"""When somebody is busy: ``freebusy.ifb``, and the text that all free-busy answers share."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qs

from folkmoot.core.errors import MalformedInput
from folkmoot.dav.http import Response
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import FreeBusyResource
from folkmoot.ical.freebusy import format_freebusy

FREE_BUSY_TYPE: Final = "text/calendar; charset=utf-8"
PRODUCT: Final = "-//Folkmoot//Free-busy//EN"
_FIELDS_MAX: Final = 20  # of a query string
_INSTANT: Final = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:T([0-9]{2}):?([0-9]{2}):?([0-9]{2})Z?)?\Z")


async def free_busy(lookups: Lookups, resource: FreeBusyResource) -> Response:
    """Answer with a principal's busy times around the present, or between ``start`` and ``end`` of the query.

    Raises:
        MalformedInput: start or end is no time.
        TooLarge: the window is too long.
    """
    start, end = _window(lookups)
    owner = resource.principal
    periods = await lookups.services.free_busy.of_one(lookups.request.caller, owner.id, start, end)
    addresses = lookups.services.people.addresses(owner)
    text = format_freebusy(
        start,
        end,
        periods,
        stamp=lookups.services.clock.now(),
        product=PRODUCT,
        method="PUBLISH",
        uid=f"freebusy-{owner.id}",
        organizer=f"mailto:{addresses[0]}" if addresses else None,
    )
    return Response(200, [("Content-Type", FREE_BUSY_TYPE), ("Cache-Control", "no-cache")], text.encode())


def _window(lookups: Lookups) -> tuple[datetime, datetime]:
    try:
        fields = parse_qs(lookups.request.query, max_num_fields=_FIELDS_MAX)
    except ValueError as error:
        raise MalformedInput("the query string has too many fields") from error
    back, forward = lookups.settings.free_busy_days
    today = lookups.services.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    start = _instant(fields["start"][0]) if "start" in fields else today - timedelta(days=back)
    # The last day counts whole.
    end = _instant(fields["end"][0]) if "end" in fields else max(today, start) + timedelta(days=forward + 1)
    return start, end


def _instant(text: str) -> datetime:
    found = _INSTANT.match(text)
    if found is None:
        raise MalformedInput("start and end are dates or times in UTC, such as 20260131T140000Z")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise MalformedInput("start or end is no day of any calendar") from error
