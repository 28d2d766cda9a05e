"""The types of calendars and tasks, beside the JSCalendar objects themselves."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from folkmoot.jmap.protocol.describing import (
    DataType,
    Described,
    Feed,
    Id,
    UnsignedInt,
    UTCDate,
    immutable,
    server_set,
    told,
)

NAME_MAX: Final = 255
ALERTS_MAX: Final = 20  # that a calendar gives to its events
Name = Annotated[str, Meta(min_length=1, max_length=NAME_MAX)]
Color = Annotated[str, Meta(max_length=40)]


class CalendarRights(Described, kw_only=True):
    """What the caller may do with a calendar."""

    may_read_free_busy: bool = False
    may_read_items: bool = False
    may_write_all: bool = False
    may_write_own: bool = False
    may_update_private: bool = False
    may_rsvp: bool = msgspec.field(name="mayRSVP", default=False)
    may_share: bool = False
    may_delete: bool = False


class CalendarBody(Described, kw_only=True):
    """A calendar."""

    id: Annotated[Id, server_set]
    name: Name
    description: str | None = None
    color: Color | None = None
    sort_order: UnsignedInt = 0
    is_subscribed: bool = True
    is_visible: bool = True
    is_default: Annotated[bool, server_set] = False
    include_in_availability: Literal["all", "none"] = "all"
    default_alerts_with_time: dict[Id, dict[str, Any]] | None = None
    default_alerts_without_time: dict[Id, dict[str, Any]] | None = None
    time_zone: str | None = None
    share_with: dict[Id, dict[str, Any]] | None = None
    my_rights: Annotated[CalendarRights, server_set]
    source: Annotated[
        Literal["own", "web", "computed"],
        server_set,
        told("where events come from: written by people, fetched from a URL, computed from address books"),
    ] = "own"
    components: Annotated[list[str], server_set, told("which iCalendar components it takes; empty for all")]


class TaskListRights(Described, kw_only=True):
    """What the caller may do with a task list."""

    may_read_items: bool = False
    may_write_all: bool = False
    may_write_own: bool = False
    may_update_private: bool = False
    may_rsvp: bool = msgspec.field(name="mayRSVP", default=False)
    may_admin: bool = False
    may_delete: bool = False


class TaskListBody(Described, kw_only=True):
    """A calendar that takes tasks, as the list of them."""

    id: Annotated[Id, server_set]
    role: Annotated[Literal["inbox"] | None, server_set] = None
    name: Name
    description: str | None = None
    color: Color | None = None
    sort_order: UnsignedInt = 0
    is_subscribed: bool = True
    is_visible: bool = True
    time_zone: str | None = None
    default_alerts_with_time: dict[Id, dict[str, Any]] | None = None
    default_alerts_without_time: dict[Id, dict[str, Any]] | None = None
    share_with: dict[Id, dict[str, Any]] | None = None
    my_rights: Annotated[TaskListRights, server_set]


class EventBody(Described, kw_only=True):
    """What JMAP adds to a JSCalendar Event."""

    id: Annotated[Id, server_set]
    base_event_id: Annotated[Id | None, server_set] = None
    calendar_ids: dict[str, bool]  # creation ids may stand there
    is_draft: bool = False
    is_origin: Annotated[bool, server_set] = True
    utc_start: UTCDate | None = None
    utc_end: UTCDate | None = None
    use_default_alerts: bool = False


class TaskBody(Described, kw_only=True):
    """What JMAP adds to a JSCalendar Task."""

    id: Annotated[Id, server_set]
    task_list_id: str
    is_draft: bool = False
    is_origin: Annotated[bool, server_set] = True
    utc_start: UTCDate | None = None
    utc_due: UTCDate | None = None
    use_default_alerts: bool = False


class IdentityBody(Described, kw_only=True):
    """An address by which the caller takes part in meetings."""

    id: Annotated[Id, server_set]
    name: Annotated[str, immutable] = ""
    calendar_address: Annotated[str, immutable]
    is_default: Annotated[bool, server_set] = False


class NotificationBody(Described, kw_only=True):
    """That somebody else changed an event of one's own."""

    id: Annotated[Id, server_set]
    created: Annotated[UTCDate, server_set]
    changed_by: Annotated[dict[str, Any], server_set]
    comment: Annotated[str | None, server_set] = None
    type: Annotated[Literal["created", "updated", "destroyed"], server_set]
    calendar_event_id: Annotated[Id, server_set]
    is_draft: Annotated[bool, server_set] = False
    event: Annotated[dict[str, Any], server_set]
    event_patch: Annotated[dict[str, Any] | None, server_set] = None


CALENDAR: Final = DataType("Calendar", CalendarBody, Feed.CALENDARS)
TASK_LIST: Final = DataType("TaskList", TaskListBody, Feed.CALENDARS)
# Whatever else JSCalendar has is checked where it is turned into iCalendar.
EVENT: Final = DataType("CalendarEvent", EventBody, Feed.CALENDARS, open=True)
TASK: Final = DataType("Task", TaskBody, Feed.CALENDARS, open=True)
IDENTITY: Final = DataType("ParticipantIdentity", IdentityBody, Feed.PERSON)
NOTIFICATION: Final = DataType("CalendarEventNotification", NotificationBody, Feed.PERSON)
