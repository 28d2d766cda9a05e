"""What one attendee sees of a meeting: the series, single instances, and which are kept from it (RFC 6638 3.2.6)."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Final

from folkmoot.ical import Component, Line
from folkmoot.ical.series import Key
from folkmoot.scheduling.changes import is_cancelled
from folkmoot.scheduling.instances import Parts, ordered
from folkmoot.scheduling.meeting import address_of, answer
from folkmoot.scheduling.values import Address

NOTHING: Final[frozenset[Key]] = frozenset()


@dataclass(frozen=True, slots=True)
class View:
    """The part of a meeting to which somebody is invited."""

    whole: bool = False  # the series, or what never recurs
    singles: frozenset[Key] = NOTHING  # instances that stand by themselves
    gaps: frozenset[Key] = NOTHING  # instances of the series that do not take place, or not with this person

    @property
    def empty(self) -> bool:
        return not self.whole and not self.singles


class Roster:
    """Who is invited to which component; everybody's view is read from it without reading lines again.

    The ``owner``, who invites, is nobody to be told.
    """

    def __init__(self, parts: Parts, owner: Container[Address]) -> None:
        self.parts: Final = parts
        self.lines: Final[Mapping[Key | None, Mapping[Address, Line]]] = {
            key: {} if is_cancelled(component) else invited(component) for key, component in parts.all
        }
        named = dict.fromkeys(address for lines in self.lines.values() for address in lines)
        self.addresses: Final = [address for address in named if address not in owner]
        self._called_off = parts.master is not None and is_cancelled(parts.master)

    def view(self, address: Address) -> View:
        """Return what an attendee sees; a master that is called off takes everything with it."""
        if self._called_off:
            return View()
        whole = address in self.lines.get(None, {})
        singles = frozenset(key for key in self.parts.overrides if address in self.lines[key])
        if not whole:
            return View(singles=singles)
        return View(True, singles, (frozenset(self.parts.overrides) | self.parts.excluded) - singles)

    def has_declined(self, address: Address, key: Key | None) -> bool:
        """Whether an attendee said no to an instance, or to the series with all instances that stand by themselves."""
        if key is None:
            lines = [found for one in self.lines.values() if (found := one.get(address)) is not None]
        else:
            lines = [found for one in (key, None) if (found := self.lines.get(one, {}).get(address)) is not None][:1]
        return bool(lines) and all(answer(line) == "DECLINED" for line in lines)


def invited(component: Component) -> Mapping[Address, Line]:
    """Return the attendees of one component to whom the server is to send (RFC 6638 section 7.1)."""
    return {
        address_of(line): line
        for line in component.all("ATTENDEE")
        if (line.param("SCHEDULE-AGENT") or "SERVER").strip().upper() not in ("CLIENT", "NONE")
    }


def seen_by(parts: Parts, view: View) -> list[Component]:
    """Return the components of a view; the series leaves out what is kept from this person."""
    chosen = []
    if view.whole and parts.master is not None:
        kept_away = ordered(view.gaps - parts.excluded)
        master = parts.master
        if kept_away:
            master = master.copy()
            for key in kept_away:
                master.add(parts.exdate(key))
        chosen.append(master)
    return chosen + [parts.overrides[key] for key in ordered(view.singles)]
