"""iCalendar text to a tree of components and back (RFC 5545 sections 3.4 and 3.6)."""

from collections.abc import Iterator, Sequence
from typing import Final

from folkmoot.contentline import Line, format_line, line_number, parse_lines, unescape_text
from folkmoot.core.errors import MalformedInput, TooLarge

OCTETS_MAX: Final = 32 * 1024 * 1024  # one object with attachments inside; collections limit far lower
STREAM_OCTETS_MAX: Final = 64 * 1024 * 1024  # an import of a whole calendar
LINES_MAX: Final = 500_000  # about 400 octets of memory each
DEPTH_MAX: Final = 12  # VCALENDAR, VEVENT, VALARM, VLOCATION, and room for what comes
PROPERTIES_MAX: Final = 50_000  # of one component; meetings of whole companies have thousands of attendees


class Component:
    """A component: its name in upper case, its properties and the components inside, in order.

    The lists may be changed freely; lines are values and are replaced as a whole.  Properties that
    come after an inner component keep that place while neither list has changed its length.
    """

    __slots__ = ("_begin", "_end", "_layout", "components", "name", "properties")

    def __init__(
        self,
        name: str,
        properties: Sequence[Line] = (),
        components: "Sequence[Component]" = (),
    ) -> None:
        self.name: Final = name.upper()
        self.properties: list[Line] = list(properties)
        self.components: list[Component] = list(components)
        self._begin: Line | None = None
        self._end: Line | None = None
        self._layout: tuple[int, ...] | None = None

    def get(self, name: str) -> Line | None:
        """Return the first property of that name (upper case), or ``None``."""
        for line in self.properties:
            if line.name == name:
                return line
        return None

    def all(self, name: str) -> list[Line]:
        """Return all properties of that name (upper case), in order."""
        return [line for line in self.properties if line.name == name]

    def text(self, name: str) -> str | None:
        """Return the first property of that name as plain text, escapes undone, or ``None``."""
        line = self.get(name)
        return None if line is None else unescape_text(line.value)

    def set(self, line: Line) -> None:
        """Put the line in the place of the first property of its name and drop the others of that name."""
        for position, present in enumerate(self.properties):
            if present.name == line.name:
                self.properties[position] = line
                self.properties[position + 1 :] = [
                    other for other in self.properties[position + 1 :] if other.name != line.name
                ]
                return
        self.properties.append(line)

    def add(self, line: Line) -> None:
        """Append a property."""
        self.properties.append(line)

    def remove(self, name: str) -> None:
        """Drop all properties of that name (upper case)."""
        self.properties[:] = [line for line in self.properties if line.name != name]

    def walk(self, name: str | None = None) -> "Iterator[Component]":
        """Yield this component and all inside it that have the name (upper case), outermost first."""
        if name is None or self.name == name:
            yield self
        for component in self.components:
            yield from component.walk(name)

    def children(self, name: str) -> "list[Component]":
        """Return the components of that name (upper case) directly inside."""
        return [component for component in self.components if component.name == name]

    def copy(self) -> "Component":
        """Return a tree that can be changed without touching this one."""
        twin = Component(self.name, self.properties, [component.copy() for component in self.components])
        twin._begin, twin._end, twin._layout = self._begin, self._end, self._layout
        return twin

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Component):
            return NotImplemented
        return (self.name, self.properties, self.components) == (other.name, other.properties, other.components)

    __hash__ = None  # type: ignore[assignment]  # mutable

    def __repr__(self) -> str:
        return f"Component({self.name!r}, {self.properties!r}, {self.components!r})"

    def _open(self, line: Line) -> None:
        """Remember how the client wrote BEGIN, if not as we would."""
        if line.raw != f"BEGIN:{self.name}":
            self._begin = line

    def _close(self, line: Line, layout: tuple[int, ...]) -> None:
        if line.raw != f"END:{self.name}":
            self._end = line
        if layout and layout[0] < len(self.properties):
            self._layout = (*layout, len(self.properties))

    def _write(self, out: list[str]) -> None:
        out.append(format_line(self._begin) if self._begin else f"BEGIN:{self.name}")
        start = 0
        layout = self._layout
        if layout and len(layout) == len(self.components) + 1 and layout[-1] == len(self.properties):
            for position, component in zip(layout, self.components, strict=False):
                out.extend(map(format_line, self.properties[start:position]))
                component._write(out)  # noqa: SLF001  # its own class
                start = position
            out.extend(map(format_line, self.properties[start:]))
        else:
            out.extend(map(format_line, self.properties))
            for component in self.components:
                component._write(out)  # noqa: SLF001  # its own class
        out.append(format_line(self._end) if self._end else f"END:{self.name}")


def parse(source: bytes | str, *, octets_max: int = OCTETS_MAX) -> Component:
    """Return the one VCALENDAR of a text.

    Raises:
        MalformedInput: no content lines, components out of balance, or not exactly one VCALENDAR.
        TooLarge: a limit of this module is exceeded.
    """
    lines = parse_lines(source, octets_max=octets_max, lines_max=LINES_MAX)
    calendars = _build(lines)
    if len(calendars) != 1:
        raise MalformedInput(f"iCalendar: {len(calendars)} VCALENDAR objects where one is expected")
    return calendars[0]


def parse_stream(source: bytes | str, *, fallback_charset: str | None = None) -> list[Component]:
    """Return all VCALENDAR objects of a file, of which there may be any number (RFC 5545 section 3.4).

    Raises:
        MalformedInput: no content lines, or components out of balance.
        TooLarge: a limit of this module is exceeded.
    """
    return _build(parse_lines(source, octets_max=STREAM_OCTETS_MAX, fallback_charset=fallback_charset))


def format(component: Component) -> str:  # noqa: A001  # the house's verb; read it as ical.format
    """Return the text of a component, with a line break at its end.

    Raises:
        MalformedInput: a property of ours has a name that cannot be written.
    """
    out: list[str] = []
    component._write(out)  # noqa: SLF001  # the other half of the class
    out.append("")
    return "\r\n".join(out)


def _build(lines: list[Line]) -> list[Component]:
    roots: list[Component] = []
    open_: list[tuple[Component, list[int]]] = []
    component: Component | None = None
    layout: list[int] = []
    for index, line in enumerate(lines):
        name = line.name
        if name == "BEGIN":
            inner = Component(line.value.strip())
            inner._open(line)  # noqa: SLF001
            if component is None:
                if inner.name != "VCALENDAR":
                    raise MalformedInput(f"iCalendar: {inner.name[:40]!r} outside VCALENDAR, {_place(lines, index)}")
                roots.append(inner)
            else:
                layout.append(len(component.properties))
                component.components.append(inner)
                open_.append((component, layout))
                if len(open_) >= DEPTH_MAX:
                    raise TooLarge(f"iCalendar: components nested deeper than {DEPTH_MAX}, {_place(lines, index)}")
            component, layout = inner, []
        elif component is None:
            raise MalformedInput(f"iCalendar: property outside VCALENDAR, {_place(lines, index)}")
        elif name == "END":
            if line.value.strip().upper() != component.name:
                raise MalformedInput(
                    f"iCalendar: END:{line.value[:40]} where END:{component.name[:40]} is due, {_place(lines, index)}"
                )
            if len(component.properties) > PROPERTIES_MAX:
                raise TooLarge(f"iCalendar: more than {PROPERTIES_MAX} properties, {_place(lines, index)}")
            component._close(line, tuple(layout))  # noqa: SLF001
            component, layout = open_.pop() if open_ else (None, [])
        else:
            component.properties.append(line)
    if component is not None:
        raise MalformedInput(f"iCalendar: END:{component.name[:40]} is missing at the end")
    return roots


def _place(lines: list[Line], index: int) -> str:
    return f"line {line_number(lines, index)}"
