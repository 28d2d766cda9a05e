"""The time zone of a calendar's floating times (CALDAV:calendar-timezone, RFC 4791 section 5.2.2)."""

from dataclasses import dataclass, field
from datetime import tzinfo

from folkmoot.core.errors import FolkmootError
from folkmoot.core.memo import Memo
from folkmoot.ical.component import parse
from folkmoot.ical.zones import Zones
from folkmoot.store.records import Collection


@dataclass(frozen=True, slots=True)
class CalendarZones:
    """Calendars' zones; ``default`` is the server's, for calendars that name none."""

    default: tzinfo
    _known: Memo[tzinfo] = field(default_factory=lambda: Memo(1000))

    def of(self, collection: Collection) -> tzinfo:
        """Return the zone in which floating and all-day times of this calendar are read."""
        text = collection.properties.get("timezone")
        if not isinstance(text, str) or not text:
            return self.default
        return self._known.get(text) or self._known.put(text, self.parse(text))

    def parse(self, text: str) -> tzinfo:
        """Return the zone that a VCALENDAR with one VTIMEZONE names, or the default if it names none."""
        try:
            calendar = parse(text)
        except FolkmootError:
            return self.default
        for component in calendar.components:
            if component.name == "VTIMEZONE":
                return Zones(calendar, default=self.default).get(component.text("TZID") or "")
        return self.default
