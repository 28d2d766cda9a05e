"""What attendees answered, kept when the organizer writes, and asked for again when it counts no longer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from folkmoot.contentline import Parameter
from folkmoot.ical import Component, Line
from folkmoot.ical.series import Key
from folkmoot.scheduling.changes import content, is_cancelled, only_shortened, people, terms
from folkmoot.scheduling.instances import Parts
from folkmoot.scheduling.meeting import NEEDS_ACTION, address_of, answer, sequence
from folkmoot.scheduling.messages import NOTED, delegates_of, raised
from folkmoot.scheduling.own_parts import REPLIED

ALWAYS_COUNTED: Final = frozenset({"apple"})  # clients that take a change without a higher SEQUENCE for none
LOOKED_AT_MAX: Final = 50  # EXDATEs that are compared with the series one by one
_ANSWER: Final = frozenset({"PARTSTAT", "DELEGATED-TO", "DELEGATED-FROM", "SENT-BY", "SCHEDULE-STATUS", REPLIED})


@dataclass(frozen=True, slots=True)
class Change:
    """What has happened to one component since the attendees were told last."""

    seen: bool  # something that they read has changed
    peopled: bool  # others were invited or are no longer
    asked_again: bool  # their answers were reset


def reference(old: Parts, key: Key | None) -> Component | None:
    """Return what an instance, or the series, was before: by itself, or as the series made it."""
    known = old.get(key)
    if known is None and key is not None and key not in old.excluded:
        known = old.instance(key)
    return known


def keep_delegates(new: Parts, old: Parts) -> None:
    """Put delegates back into components written by a client that did not know of the delegation yet."""
    for key, component in new.all:
        known = old.get(key)
        if known is None:
            continue
        before = {address_of(line): line for line in known.all("ATTENDEE")}
        waiting = [line for line in component.all("ATTENDEE") if not delegates_of(line)]
        present = {address_of(line) for line in component.all("ATTENDEE")}
        for line in waiting:  # grows by those found: a delegate may have delegated again
            old_line = before.get(address_of(line))
            for delegate in sorted(delegates_of(old_line)) if old_line is not None else ():
                if delegate in before and delegate not in present:
                    present.add(delegate)
                    component.add(before[delegate])
                    waiting.append(before[delegate])


def keep_answered_instances(new: Parts, old: Parts) -> list[Component]:
    """Return the overrides that only hold answers to single instances, and that the client does not know of."""
    missing = [key for key in old.overrides if key not in new.overrides and key not in new.excluded]
    if not missing or old.master is None or new.master is None:
        return []
    if terms(old.master, old) != terms(new.master, new):
        return []
    return [old.overrides[key].copy() for key in missing if _holds_only_answers(old, key)]


def settle(new: Parts, old: Parts, *, client: str) -> Mapping[Key | None, Change]:
    """Carry answers over into the new components, reset them where they count no longer, and count SEQUENCE up.

    Changes the components of ``new``.
    """
    restored = old.master is not None and _any_instance(new, old.excluded - new.excluded)
    left_out = old.master is not None and _any_instance(old, new.excluded - old.excluded)
    changes: dict[Key | None, Change] = {}
    for key, component in new.all:
        known = reference(old, key)
        if known is None:
            changes[key] = Change(seen=True, peopled=True, asked_again=False)
            continue
        revived = is_cancelled(known) and not is_cancelled(component)
        agreed = terms(component, new) == terms(known, old) and not revived and not (key is None and restored)
        shortened = key is None and not agreed and not restored and only_shortened(known, component, old, new)
        seen = not agreed or content(component) != content(known)
        before, after = people(known), people(component)
        uninvited = {who for who, *_ in before} - {who for who, *_ in after}
        again = not agreed and not shortened and not is_cancelled(component)
        counted = (
            not agreed
            or bool(uninvited)
            or is_cancelled(component) != is_cancelled(known)
            or (key is None and left_out)
            or (client in ALWAYS_COUNTED and (seen or before != after))
        )
        _answer(component, known, again=again)
        _count(component, raised(sequence(known)) if counted else sequence(known))
        changes[key] = Change(seen, before != after, again)
    _count_past_instances(new, old, changes)
    return changes


def _any_instance(parts: Parts, keys: frozenset[Key]) -> bool:
    """Whether one of the keys is an instance of the series; of very many, some is taken to be."""
    return len(keys) > LOOKED_AT_MAX or any(parts.instance(key) is not None for key in keys)


def _answer(component: Component, known: Component, *, again: bool) -> None:
    before = {address_of(line): line for line in known.all("ATTENDEE")}
    for place, line in enumerate(component.properties):
        if line.name != "ATTENDEE":
            continue
        old = before.get(address_of(line))
        kept = line if old is None else _answered(line, old)
        if again and answer(kept) != "DELEGATED":  # the delegate is asked
            kept = _with(kept, {"PARTSTAT": (NEEDS_ACTION,), "RSVP": ("TRUE",), "SENT-BY": ()})
        if kept is not line:
            component.properties[place] = kept


def _answered(line: Line, old: Line) -> Line:
    if line.params == old.params:
        return line
    noted = {one.name for one in (*old.params, *line.params) if one.name.startswith(NOTED)}
    values = {name: old.param_values(name) for name in sorted(_ANSWER | noted)}
    return _with(line, values | {"PARTSTAT": (answer(old),)})


def _with(line: Line, wanted: Mapping[str, tuple[str, ...]]) -> Line:
    """Return the line with these parameters, each in its place; itself if nothing changes."""
    if all(line.param_values(name) == values for name, values in wanted.items()):
        return line
    left = dict(wanted)
    params: list[Parameter] = []
    for parameter in line.params:
        if parameter.name not in wanted:
            params.append(parameter)
        elif values := left.pop(parameter.name, ()):
            params.append(Parameter(parameter.name, values))
    params.extend(Parameter(name, values) for name, values in left.items() if values)
    return line.replace(params=params)


def _count(component: Component, number: int) -> None:
    if number > sequence(component):
        component.set(Line("SEQUENCE", str(number)))


def _count_past_instances(new: Parts, old: Parts, changes: Mapping[Key | None, Change]) -> None:
    """Let nothing that goes out look older than what it takes the place of.

    The series overtakes instances that fall back to it, and an override of which somebody hears is no older than
    the series, in which that instance may have been left out.
    """
    if new.master is None:
        return
    gone = [raised(sequence(one)) for key, one in old.overrides.items() if key not in new.overrides]
    if gone and old.master is not None:
        _count(new.master, max(*gone, raised(sequence(old.master))))
    for key, component in new.overrides.items():
        if changes[key].seen or changes[key].peopled:
            _count(component, sequence(new.master))


def _holds_only_answers(parts: Parts, key: Key) -> bool:
    override, plain = parts.overrides[key], parts.instance(key)
    return (
        plain is not None
        and not is_cancelled(override)
        and terms(override, parts) == terms(plain, parts)
        and content(override) == content(plain)
        and people(override) == people(plain)
    )
