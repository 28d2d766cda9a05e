"""What all writes on meetings share: who people are, what time it is, what the administrator has decided."""

from dataclasses import dataclass, field

from folkmoot.calendars.meetings.invitees import PeopleDirectory
from folkmoot.calendars.meetings.policy import MeetingPolicy, Policies, one_policy
from folkmoot.calendars.reminders.alarms import AlarmPlan
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.content import DefaultCollection
from folkmoot.core.clock import Clock

PERSONAL_CALENDAR = DefaultCollection(
    "personal", {"displayname": "Personal Calendar", "components": ["VEVENT", "VTODO"]}
)


@dataclass(frozen=True, slots=True)
class MeetingRules:
    """Handed to every write."""

    directory: PeopleDirectory
    clock: Clock
    zones: CalendarZones
    policies: Policies = field(default_factory=lambda: one_policy(MeetingPolicy()))
    default_calendar: DefaultCollection = PERSONAL_CALENDAR
    alarms: AlarmPlan | None = None  # of the copies that a meeting changes
    changes_all_day: bool = False  # some domain has all-day events of Apple's clients made transparent
