"""What clients name to use calendars and tasks."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from folkmoot.jmap.accounts import Account
from folkmoot.jmap.calendars import identities, notifications
from folkmoot.jmap.calendars.availability import AVAILABILITY
from folkmoot.jmap.calendars.calendar_methods import (
    CALENDARS,
    TASK_LISTS,
    CalendarSetArguments,
    TaskListSetArguments,
    shelf_methods,
)
from folkmoot.jmap.calendars.copying import copy
from folkmoot.jmap.calendars.describing import CALENDAR, EVENT, IDENTITY, NOTIFICATION, TASK, TASK_LIST
from folkmoot.jmap.calendars.events import EventGetArguments, follow, load
from folkmoot.jmap.calendars.occurring import utc_text
from folkmoot.jmap.calendars.parsing import EventParseArguments, parse_blobs
from folkmoot.jmap.calendars.querying import (
    EXPANDED_DAYS_MAX,
    EventQueryArguments,
    EventQueryChangesArguments,
    follow_search,
    search,
)
from folkmoot.jmap.calendars.sorts import EVENTS, TASKS, Sort
from folkmoot.jmap.calendars.writing import EventSetArguments, EventSetter
from folkmoot.jmap.protocol.calling import Capability, Context, Method
from folkmoot.jmap.protocol.standard import (
    changes_method,
    copy_method,
    get_method,
    query_changes_method,
    query_method,
    set_method,
)
from folkmoot.store.records import Kind

URN: Final = "urn:ietf:params:jmap:calendars"
PARSE_URN: Final = "urn:ietf:params:jmap:calendars:parse"
TASKS_URN: Final = "urn:ietf:params:jmap:tasks"


def object_methods(of: Sort) -> Sequence[Method]:
    """Return the methods of events or of tasks."""
    set_ = set_method(of.kind, partial(EventSetter, of), EventSetArguments)
    return (
        get_method(of.kind, partial(load, of), EventGetArguments),
        changes_method(of.kind, partial(follow, of)),
        query_method(of.kind, partial(search, of), EventQueryArguments),
        query_changes_method(of.kind, partial(follow_search, of), EventQueryChangesArguments),
        set_,
        copy_method(of.kind, partial(copy, of), _objects_state, set_),
    )


async def _objects_state(context: Context, account: Account) -> str:
    return await context.services.home_objects.state(context.caller, account.owner, Kind.CALENDAR)


def _calendars(context: Context, account: Account) -> Mapping[str, Any] | None:
    if not account.calendars:
        return None
    limits = context.services.calendars.limits
    return {
        "maxCalendarsPerEvent": 1,
        "minDateTime": utc_text(limits.earliest),
        "maxDateTime": utc_text(limits.latest),
        "maxExpandedQueryDuration": f"P{EXPANDED_DAYS_MAX}D",
        "maxParticipantsPerEvent": limits.attendees,
        "mayCreateCalendar": account.owner == context.caller.principal,
    }


def _tasks(context: Context, account: Account) -> Mapping[str, Any] | None:
    if not account.calendars:
        return None
    limits = context.services.calendars.limits
    return {
        "minDateTime": utc_text(limits.earliest),
        "maxDateTime": utc_text(limits.latest),
        "mayCreateTaskList": account.owner == context.caller.principal,
    }


CALENDARS_CAPABILITY: Final = Capability(
    URN,
    methods=(
        *shelf_methods(CALENDARS, CalendarSetArguments),
        *object_methods(EVENTS),
        *identities.METHODS,
        *notifications.METHODS,
    ),
    types=(CALENDAR, EVENT, IDENTITY, NOTIFICATION),
    states={
        "Calendar": CALENDARS.state,
        "CalendarEvent": _objects_state,
        "CalendarEventNotification": notifications.state,
        "ParticipantIdentity": identities.state,
    },
    account=_calendars,
)
PARSE: Final = Capability(
    PARSE_URN,
    methods=(Method("CalendarEvent/parse", EventParseArguments, parse_blobs),),
    account=lambda _context, account: {} if account.calendars else None,
)
TASKS_CAPABILITY: Final = Capability(
    TASKS_URN,
    methods=(*shelf_methods(TASK_LISTS, TaskListSetArguments), *object_methods(TASKS)),
    types=(TASK_LIST, TASK),
    states={"TaskList": TASK_LISTS.state, "Task": _objects_state},
    account=_tasks,
)
CAPABILITIES: Final[Sequence[Capability]] = (CALENDARS_CAPABILITY, PARSE, TASKS_CAPABILITY, AVAILABILITY)
