"""What a mapping reads from and writes to: one component with its object, and the lines in between."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final

from folkmoot.ical import Component, Line, Parameter, When, Zones
from folkmoot.jmap.jscalendar.times import Frame, frame_of

KINDS: Final = {"VEVENT": "Event", "VTODO": "Task"}
COMPONENTS: Final = {"Event": "VEVENT", "Task": "VTODO"}
LINES_MAX: Final = 5_000  # of one name that are shown; meetings of whole companies


class Source:
    """A component, its lines by name."""

    __slots__ = ("_frame", "_start", "component", "lines", "parts", "zones")

    def __init__(self, component: Component, zones: Zones) -> None:
        self.component: Final = component
        self.zones: Final = zones
        self.lines: Final[dict[str, list[Line]]] = {}
        self.parts: Final[dict[str, list[Component]]] = {}
        self._start: When | None = None
        self._frame: Frame | None = None
        lines = self.lines
        for line in component.properties:
            same = lines.get(line.name)
            if same is None:
                lines[line.name] = [line]
            elif len(same) < LINES_MAX:
                same.append(line)
        for part in component.components:
            self.parts.setdefault(part.name, []).append(part)

    @property
    def default(self) -> tzinfo:
        """The zone of those who do not say one."""
        return self.zones.default

    @property
    def start(self) -> When | None:
        """When it starts, or else is due, or else stands in the series; ``None`` if it has no time.

        Raises:
            MalformedInput: no date or time.
        """
        if self._start is None:
            for name in ("DTSTART", "DUE", "RECURRENCE-ID"):
                if name in self.lines:
                    self._start = self.zones.when(self.lines[name][0])
                    break
        return self._start

    @property
    def frame(self) -> Frame:
        """The clock that its times are on.

        Raises:
            MalformedInput: no date or time.
        """
        if self._frame is None:
            start = self.start
            self._frame = (
                Frame(None, all_day=False, default=self.default) if start is None else frame_of(start, self.default)
            )
        return self._frame


@dataclass(slots=True)
class Target:
    """A component to be changed from what the object was to what is wanted."""

    calendar: Component
    component: Component
    kind: str
    zones: Zones
    before: Mapping[str, Any]
    wanted: dict[str, Any]
    tzids: dict[str, int] = field(default_factory=dict)
    """Zones that came to be named, with the first year in which; shared by the targets of one object."""

    def changes(self, *names: str) -> bool:
        """Whether any of these properties is wanted different."""
        return any(self.before.get(name) != self.wanted.get(name) for name in names)


@dataclass(frozen=True, slots=True, eq=False)
class Mapped:
    """Properties of JSCalendar and the lines or inner components that carry them.

    ``read`` puts what it finds into the object; ``write`` is called if one of ``names`` is wanted different.
    """

    names: tuple[str, ...]
    carriers: tuple[str, ...]
    read: Callable[[Source, dict[str, Any]], None]
    write: Callable[[Target], None]


def swap(component: Component, old: Line, new: Line | None) -> None:
    """Put a line in the place of another one, or nothing."""
    for place, line in enumerate(component.properties):
        if line is old:
            component.properties[place : place + 1] = [] if new is None else [new]
            return


def place(component: Component, line: Line, *, after: Iterable[str] = ()) -> None:
    """Add a line after the last one of its own name or of the names given, else at the end."""
    names = {line.name, *after}
    for position in range(len(component.properties) - 1, -1, -1):
        if component.properties[position].name in names:
            component.properties.insert(position + 1, line)
            return
    component.properties.append(line)


def put(component: Component, name: str, value: str | None, params: Sequence[Parameter] = ()) -> None:
    """Give the property this value as it is written, its parameters kept; ``None`` removes it.

    ``params`` are those of a new line.
    """
    line = component.get(name)
    if value is None:
        component.remove(name)
    elif line is None:
        component.add(Line(name, value, params))
    elif line.value != value:
        component.set(line.replace(value=value))


def with_params(line: Line, changes: Mapping[str, Sequence[str] | None]) -> Line:
    """Return the line with parameters set, or dropped for ``None``; the others stay where they are."""
    left = dict(changes)
    params: list[Parameter] = []
    for param in line.params:
        if param.name not in changes:
            params.append(param)
        elif param.name in left:
            values = left.pop(param.name)
            if values is not None:
                params.append(Parameter(param.name, tuple(values)))
    params.extend(Parameter(name, tuple(values)) for name, values in left.items() if values is not None)
    return line.replace(params=params)
