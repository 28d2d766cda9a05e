"""``CalendarEvent/parse``: the events of an iCalendar file, without storing them."""

import asyncio
import uuid
from collections.abc import Sequence
from datetime import tzinfo
from typing import Any, Final

from folkmoot.core.errors import FolkmootError, NotFound, TooLarge
from folkmoot.ical import parse_stream, split_objects
from folkmoot.jmap.calendars.sorts import EVENTS
from folkmoot.jmap.jscalendar import to_jscalendar
from folkmoot.jmap.protocol.calling import Answer, Call
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.protocol.errors import MethodFailed

BLOBS_MAX: Final = 16  # of one call
OCTETS_MAX: Final = 10 * 1024 * 1024  # of one file; larger ones are imported
EVENTS_MAX: Final = 5_000  # of one file


class EventParseArguments(Arguments):
    """Of ``CalendarEvent/parse``."""

    account_id: Id
    blob_ids: list[Id]
    properties: list[str] | None = None


async def parse_blobs(call: Call[EventParseArguments]) -> Answer:
    """Return the events of files."""
    asked = call.arguments
    if len(asked.blob_ids) > BLOBS_MAX:
        raise MethodFailed("requestTooLarge", f"at most {BLOBS_MAX} files at once")
    names = None if asked.properties is None else frozenset(asked.properties) | {"@type"}
    zone = call.services.zones.default
    parsed: dict[str, Any] = {}
    missing: list[str] = []
    unreadable: list[str] = []
    for blob in dict.fromkeys(asked.blob_ids):
        try:
            octets = await call.context.read_blob(call.account, blob, limit=OCTETS_MAX)
            # Megabytes take seconds: beside the event loop.
            parsed[blob] = await asyncio.to_thread(_events, octets, zone, names)
        except NotFound:
            missing.append(blob)
        except FolkmootError:
            unreadable.append(blob)
    return {
        "accountId": call.account.id,
        "parsed": parsed or None,
        "notFound": missing or None,
        "notParsable": unreadable or None,
    }


def _events(octets: bytes, zone: tzinfo, names: frozenset[str] | None) -> Sequence[dict[str, Any]]:
    whole = split_objects(parse_stream(octets), lambda: str(uuid.uuid4()))
    found = [one for one in whole if any(component.name == EVENTS.component for component in one.components)]
    if len(found) > EVENTS_MAX:
        raise TooLarge(f"a file has at most {EVENTS_MAX} events")
    return [dict(to_jscalendar(one, default_zone=zone, properties=names)) for one in found]
