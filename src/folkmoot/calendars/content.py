"""What a calendar accepts, and the index columns that follow from a calendar object (RFC 4791 section 4.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from folkmoot.calendars.event_notices import EventNotices
from folkmoot.calendars.index import index_row
from folkmoot.calendars.limits import CalendarLimits
from folkmoot.calendars.meetings.receipts import Receipts
from folkmoot.calendars.meetings.rules import PERSONAL_CALENDAR
from folkmoot.calendars.reminders.alarms import AlarmPlan
from folkmoot.calendars.restricted import restricted, restricted_meta
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.content import (
    Checked,
    DefaultCollection,
    LimitExceeded,
    Place,
    Settling,
    UnsupportedComponent,
    UnsupportedMediaType,
    WriteOptions,
)
from folkmoot.collections.restricting import Viewer
from folkmoot.collections.settling import PlainSettling
from folkmoot.core.caller import Caller
from folkmoot.database.statement import Transaction
from folkmoot.ical import check_calendar_object, parse
from folkmoot.store.records import Collection, Kind, ObjectMeta, StoredObject

COMPONENTS: Final = ("VEVENT", "VTODO", "VJOURNAL")
# Clients that send no type, or the type of a download, mean a calendar all the same.
_MEDIA_TYPES: Final = frozenset(["", "text/calendar", "application/octet-stream", "text/plain"])


class Scheduling(Protocol):
    """What tells other people about writes on meetings."""

    def settling(self, caller: Caller, place: Place, options: WriteOptions) -> Settling:
        """Return what settles the writes of one request on calendar objects."""


@dataclass(frozen=True, slots=True)
class CalendarContent:
    """The rules of calendars."""

    limits: CalendarLimits
    zones: CalendarZones
    scheduling: Scheduling | None = None  # None: meetings are stored as they come, and nobody is told
    alarms: AlarmPlan | None = None  # None: nobody is told by mail
    receipts: Receipts | None = None  # likewise, of changes
    notices: EventNotices | None = None  # None: nobody's clients are told of them
    kind: Kind = Kind.CALENDAR
    suffix: str = ".ics"
    defaults: Sequence[DefaultCollection] = (PERSONAL_CALENDAR,)

    def check(self, body: bytes, content_type: str, collection: Collection) -> Checked:
        """Accept one calendar object; the stored bytes are the client's.

        Raises:
            UnsupportedMediaType: it is not text/calendar.
            UnsupportedComponent: the calendar does not take this component.
            MalformedInput: it does not parse, or is not one calendar object.
            LimitExceeded: too large, too many instances or attendees, or outside the dates served.
        """
        if content_type.partition(";")[0].strip().lower() not in _MEDIA_TYPES:
            raise UnsupportedMediaType("a calendar takes text/calendar only")
        if len(body) > self.limits.resource_size:
            raise LimitExceeded(
                "max-resource-size", f"a calendar object holds at most {self.limits.resource_size} octets"
            )
        calendar = parse(body)
        check_calendar_object(calendar)
        row = index_row(calendar, self.zones.of(collection))
        taken = collection.properties.get("components")
        if isinstance(taken, list) and taken and row.component not in taken:
            raise UnsupportedComponent(f"this calendar takes no {row.component}")
        self.limits.check(calendar, row)
        return Checked(body, f"text/calendar; charset=utf-8; component={row.component}", row)

    def settling(self, caller: Caller, place: Place, options: WriteOptions) -> Settling:
        """Return what settles the writes of one request."""
        settling = PlainSettling() if self.scheduling is None else self.scheduling.settling(caller, place, options)
        if self.receipts is not None:
            settling = self.receipts.around(settling, caller)
        return settling if self.notices is None else self.notices.around(settling, caller)

    def restricted_meta(self, meta: ObjectMeta, viewer: Viewer) -> ObjectMeta:
        """Return what a list may tell somebody who sees dates only."""
        return restricted_meta(meta, viewer)

    def restricted(self, stored: StoredObject, viewer: Viewer) -> StoredObject | None:
        """Return the copy for somebody who sees dates only."""
        return restricted(stored, viewer)

    async def written(
        self, tx: Transaction, collection: Collection, name: str, present: Checked | None, *, existed: bool
    ) -> None:
        """Let the object's e-mail alarms be sent in time."""
        if present is not None and self.alarms is not None:
            await self.alarms.follow(tx, collection, name, present.body)

    async def removed(self, tx: Transaction, collection: Collection) -> None:
        """Nothing follows a calendar."""
