"""Filters of ``CalendarEvent/query`` and ``Task/query``: which objects, or occurrences, they hold for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Final

from folkmoot.core.errors import FolkmootError
from folkmoot.core.ids import CollectionId
from folkmoot.ical import Component, Line, Occurrence, calendar_address, occurrences, parse, unescape_text
from folkmoot.ical.values import FIRST, LAST
from folkmoot.jmap.calendars.ids import calendar_id
from folkmoot.jmap.calendars.occurring import local_moment
from folkmoot.jmap.protocol.describing import Arguments
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.filtering import Joined, Operator
from folkmoot.store.records import ObjectMeta, uid_key

TEXT_MAX: Final = 1_000  # characters that are looked for
_SEARCHED: Final = ("SUMMARY", "DESCRIPTION", "LOCATION", "CATEGORIES", "COMMENT")
_EVER: Final = 2**62


class EventCondition(Arguments):
    """What one condition may ask; times are LocalDateTimes in the query's zone."""

    in_calendar: str | None = None
    in_calendars: list[str] | None = None
    in_task_list: str | None = None
    in_task_lists: list[str] | None = None
    after: str | None = None
    before: str | None = None
    text: str | None = None
    title: str | None = None
    description: str | None = None
    location: str | None = None
    owner: str | None = None
    attendee: str | None = None
    participation_status: str | None = None
    progress: list[str] | None = None
    uid: str | None = None

    @property
    def holders(self) -> frozenset[str] | None:
        """The calendars that are asked for; None: any."""
        one = [id_ for id_ in (self.in_calendar, self.in_task_list) if id_ is not None]
        many = [*(self.in_calendars or ()), *(self.in_task_lists or ())]
        asked_many = self.in_calendars is not None or self.in_task_lists is not None
        return frozenset([*one, *many]) if one or asked_many else None


Filter = EventCondition | Joined[EventCondition] | None


@dataclass(frozen=True, slots=True)
class Window:
    """A time in seconds since 1970; unbounded on the side that nothing is said about."""

    start: int = -_EVER
    end: int = _EVER

    @property
    def bounded(self) -> bool:
        """Whether both sides are said."""
        return self.start > -_EVER and self.end < _EVER

    def meets(self, start: int | None, end: int | None) -> bool:
        """Whether ``[start, end)`` lies partly in it; an instant counts as well (RFC 4791 section 9.9)."""
        begins = -_EVER if start is None else start
        ends = _EVER if end is None else end
        return begins < self.end and (ends > self.start or begins == ends == self.start)

    def both(self, other: "Window") -> "Window":
        """Return what is in both."""
        return Window(max(self.start, other.start), min(self.end, other.end))


@dataclass
class Subject:
    """An object, or one of its occurrences, while a filter looks at it."""

    collection: CollectionId
    meta: ObjectMeta
    body: bytes
    zone: tzinfo  # of its calendar
    own: frozenset[str]  # the caller's addresses
    occurrence: Occurrence | None = None
    _known: dict[Window, bool] = field(default_factory=dict)

    @cached_property
    def calendar(self) -> Component:
        """The parsed text; empty where it cannot be read."""
        try:
            return parse(self.body)
        except FolkmootError:
            return Component("VCALENDAR", [])

    @property
    def components(self) -> Iterable[Component]:
        """What its words are looked for in."""
        if self.occurrence is not None:
            return (self.occurrence.component,)
        return (one for one in self.calendar.components if one.name == self.meta.component)

    def lines(self, names: Sequence[str]) -> Iterable[Line]:
        """Return its properties of these names."""
        return (line for one in self.components for name in names for line in one.all(name))

    def meets(self, window: Window) -> bool:
        """Whether some occurrence lies partly in a window."""
        if self.occurrence is not None:
            return window.meets(int(self.occurrence.start.timestamp()), int(self.occurrence.end.timestamp()))
        meta = self.meta
        if meta.exact or not window.bounded:  # the extent reaches from the first occurrence to the last
            return window.meets(meta.starts_at, meta.ends_at)
        if window not in self._known:
            self._known[window] = bool(occurrences_of(self.calendar, window, self.zone))
        return self._known[window]


def occurrences_of(calendar: Component, window: Window, zone: tzinfo) -> list[Occurrence]:
    """Return the occurrences in a window; none of what cannot be read."""
    try:
        return occurrences(calendar, _moment(window.start), _moment(window.end), default_zone=zone)
    except FolkmootError:
        return []


def window_of(condition: Filter, zone: tzinfo) -> Window:
    """Return a window outside which a filter surely holds for nothing."""
    if isinstance(condition, EventCondition):
        return own_window(condition, zone)
    window = Window()
    if isinstance(condition, Joined) and condition.operator is Operator.AND:
        for one in condition.conditions:
            window = window.both(window_of(one, zone))
    return window


def own_window(condition: EventCondition, zone: tzinfo) -> Window:
    """Return the window that one condition names.

    Raises:
        MethodFailed: what it names is no LocalDateTime.
    """
    after, before = condition.after, condition.before
    return Window(
        -_EVER if after is None else _local(after, zone),
        _EVER if before is None else _local(before, zone),
    )


def reads_texts(condition: Filter) -> bool:
    """Whether a filter asks what only the text of an object tells."""
    if isinstance(condition, Joined):
        return any(map(reads_texts, condition.conditions))
    if condition is None:
        return False
    asked = (
        condition.text, condition.title, condition.description, condition.location, condition.owner,
        condition.attendee, condition.participation_status,
    )  # fmt: skip
    return any(one is not None for one in asked) or condition.progress is not None


def holds(condition: Filter, subject: Subject, zone: tzinfo) -> bool:
    """Whether a filter holds for an object or occurrence; ``zone`` is that of the filter's times."""
    match condition:
        case None:
            return True
        case Joined(operator=Operator.AND, conditions=below):
            return all(holds(one, subject, zone) for one in below)
        case Joined(operator=Operator.OR, conditions=below):
            return any(holds(one, subject, zone) for one in below)
        case Joined(conditions=below):
            return not any(holds(one, subject, zone) for one in below)
    return _holds(condition, subject, zone)


def check(condition: Filter, zone: tzinfo) -> None:
    """Look at a filter before anything is read.

    Raises:
        MethodFailed: a time is none, or a text too long to look for.
    """
    if isinstance(condition, Joined):
        for one in condition.conditions:
            check(one, zone)
    elif condition is not None:
        own_window(condition, zone)
        for name in ("text", "title", "description", "location", "owner", "attendee", "uid"):
            if len(getattr(condition, name) or "") > TEXT_MAX:
                raise MethodFailed("unsupportedFilter", f"{name} is too long")


def _holds(asked: EventCondition, subject: Subject, zone: tzinfo) -> bool:
    holders = asked.holders
    if holders is not None and calendar_id(subject.collection) not in holders:
        return False
    if asked.uid is not None and subject.meta.uid != uid_key(asked.uid):
        return False
    if (asked.after is not None or asked.before is not None) and not subject.meets(own_window(asked, zone)):
        return False
    return all(test(asked, subject) for test in _TESTS)


def _text(asked: EventCondition, subject: Subject) -> bool:
    if asked.text is None:
        return True
    said = [unescape_text(line.value).casefold() for line in subject.lines(_SEARCHED)]
    said += [_person(line) for line in subject.lines(("ATTENDEE", "ORGANIZER"))]
    return all(any(word in one for one in said) for word in asked.text.casefold().split())


def _said(name: str, property_: str) -> "Callable[[EventCondition, Subject], bool]":
    def test(asked: EventCondition, subject: Subject) -> bool:
        wanted = getattr(asked, name)
        if wanted is None:
            return True
        words = wanted.casefold().split()
        return any(
            all(word in unescape_text(line.value).casefold() for word in words) for line in subject.lines((property_,))
        )

    return test


def _met(name: str, property_: str) -> "Callable[[EventCondition, Subject], bool]":
    def test(asked: EventCondition, subject: Subject) -> bool:
        wanted = getattr(asked, name)
        if wanted is None:
            return True
        words = wanted.casefold().removeprefix("mailto:").split()
        return any(all(word in _person(line) for word in words) for line in subject.lines((property_,)))

    return test


def _answer(asked: EventCondition, subject: Subject) -> bool:
    if asked.participation_status is None:
        return True
    wanted = asked.participation_status.upper()
    return any(
        (line.param("PARTSTAT") or "NEEDS-ACTION").upper() == wanted
        for line in subject.lines(("ATTENDEE",))
        if calendar_address(line.value) in subject.own
    )


def _progress(asked: EventCondition, subject: Subject) -> bool:
    if asked.progress is None:
        return True
    wanted = {one.upper() for one in asked.progress}
    return any(_STATUS.get(status, status) in wanted for status in _statuses(subject))


def _statuses(subject: Subject) -> Iterable[str]:
    for one in subject.components:
        yield (one.text("STATUS") or ("COMPLETED" if one.get("COMPLETED") is not None else "")).upper()


def _person(line: Line) -> str:
    return f"{line.param('CN') or ''} {calendar_address(line.value)}".casefold()


def _local(text: str, zone: tzinfo) -> int:
    try:
        return local_moment(text.removesuffix("Z"), UTC if text.endswith("Z") else zone)
    except (ValueError, OverflowError) as error:
        raise MethodFailed("unsupportedFilter", "after and before are local date-times") from error


def _moment(seconds: int) -> datetime:
    if seconds <= FIRST.timestamp():
        return FIRST
    return LAST if seconds >= LAST.timestamp() else datetime.fromtimestamp(seconds, UTC)


_STATUS: Final = {"": "NEEDS-ACTION"}
_TESTS: Final = (
    _said("title", "SUMMARY"),
    _said("description", "DESCRIPTION"),
    _said("location", "LOCATION"),
    _met("owner", "ORGANIZER"),
    _met("attendee", "ATTENDEE"),
    _answer,
    _progress,
    _text,
)
