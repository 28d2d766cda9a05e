"""The limits that calendars announce and keep (RFC 4791 sections 5.2.5 to 5.2.9)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from folkmoot.collections.content import LimitExceeded
from folkmoot.ical.component import Component
from folkmoot.store.records import IndexRow


@dataclass(frozen=True, slots=True)
class CalendarLimits:
    """Sizes in octets; dates are aware, in UTC."""

    resource_size: int = 10 * 1024 * 1024
    instances: int = 10_000  # overrides stored in one object; expansion has its own cap
    attendees: int = 1_000  # for each instance
    earliest: datetime = datetime(1900, 1, 1, tzinfo=UTC)
    latest: datetime = datetime(2200, 1, 1, tzinfo=UTC)

    def check(self, calendar: Component, row: IndexRow) -> None:
        """Compare a calendar object with the limits.

        Raises:
            LimitExceeded: naming the limit.
        """
        components = [c for c in calendar.components if c.name == row.component]
        if len(components) > self.instances:
            raise LimitExceeded("max-instances", f"at most {self.instances} instances in one object")
        if any(len(c.all("ATTENDEE")) > self.attendees for c in components):
            raise LimitExceeded("max-attendees-per-instance", f"at most {self.attendees} attendees in one instance")
        if row.starts_at is not None and row.starts_at >= self.latest.timestamp():
            raise LimitExceeded("max-date-time", f"starts after {self.latest:%Y}")
        if row.ends_at is not None and row.ends_at < self.earliest.timestamp():
            raise LimitExceeded("min-date-time", f"ends before {self.earliest:%Y}")
