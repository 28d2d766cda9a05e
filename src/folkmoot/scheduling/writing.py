"""Whether two calendar objects say the same, whatever the order of their lines."""

from collections import Counter

from folkmoot.ical import Component, Line

_Said = tuple[object, ...]


def as_sent(stored: Component, sent: Component) -> bool:
    """Whether nothing but the order of lines and components tells what is to be stored from what was sent."""
    return _brief(stored) == _brief(sent) and _whole(stored) == _whole(sent)


def _brief(component: Component) -> _Said:
    """Return what mostly differs if anything does, without the people: they are many, and dear to compare."""
    lines = frozenset((line.name, line.value) for line in component.properties if line.name != "ATTENDEE")
    return component.name, len(component.properties), lines, frozenset(map(_brief, component.components))


def _whole(component: Component) -> _Said:
    lines = frozenset(Counter(map(_line, component.properties)).items())
    return component.name, lines, frozenset(Counter(map(_whole, component.components)).items())


def _line(line: Line) -> _Said:
    params = frozenset((parameter.name, parameter.values) for parameter in line.params) if line.has_params else None
    return line.name, line.value, params
