"""The two types that calendar objects are shown as."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from folkmoot.core.ids import CollectionId
from folkmoot.jmap.calendars.calendar_methods import CALENDARS, TASK_LISTS, Shelving
from folkmoot.jmap.calendars.describing import EVENT, TASK
from folkmoot.jmap.calendars.ids import calendar_id, collection_of_id
from folkmoot.jmap.protocol.describing import DataType
from folkmoot.jmap.protocol.errors import InvalidProperties


@dataclass(frozen=True, slots=True)
class Sort:
    """Events, or tasks."""

    kind: DataType
    component: str
    shelving: Shelving
    holder: str  # the property that names the calendar
    type: str  # @type

    @property
    def own(self) -> frozenset[str]:
        """What JMAP says of an object beside its JSCalendar value."""
        return frozenset({"id", "baseEventId", self.holder, "isOrigin", "utcStart", "utcEnd", "utcDue"})

    @property
    def placing(self) -> frozenset[str]:
        """What of these a client may set, and the JSCalendar value knows nothing of."""
        return frozenset({"id", self.holder})

    def held(self, collection: CollectionId) -> Mapping[str, Any]:
        """Return the property that names the calendar."""
        id_ = calendar_id(collection)
        return {self.holder: {id_: True} if self is EVENTS else id_}

    def holder_of(self, value: Any) -> CollectionId:
        """Return the one calendar that a client names.

        Raises:
            InvalidProperties: none or several, or no such id.
        """
        names = [id_ for id_, held in value.items() if held] if isinstance(value, dict) else [value]
        if self is EVENTS and (not isinstance(value, dict) or not all(held is True for held in value.values())):
            raise InvalidProperties("calendarIds maps ids to true", self.holder)
        found = collection_of_id(names[0]) if len(names) == 1 and isinstance(names[0], str) else None
        if len(names) != 1:
            raise InvalidProperties("an event is in one calendar", self.holder)
        if found is None:
            raise InvalidProperties(f"there is no such {self.shelving.kind.name}", self.holder)
        return found


EVENTS: Final = Sort(EVENT, "VEVENT", CALENDARS, "calendarIds", "Event")
TASKS: Final = Sort(TASK, "VTODO", TASK_LISTS, "taskListId", "Task")
