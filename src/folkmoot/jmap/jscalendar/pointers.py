"""Patches of JSON objects: applying one, and finding the one between two objects (RFC 8620 section 5.3)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from folkmoot.jmap.jscalendar.errors import JsError

POINTERS_MAX: Final = 5_000  # of one patch; one for each attendee of the largest meetings
POINTER_MAX: Final = 2_000  # characters; three ids of the greatest length
STEPS_MAX: Final = 8  # recurrenceOverrides, a time, participants, an id, links, an id, a property
_ESCAPED: Final = re.compile(r"~([01])")
_MISSING: Final = object()


def steps_of(pointer: str) -> tuple[str, ...]:
    """Return the names that a pointer goes through; it has no leading slash."""
    if "~" not in pointer:
        return tuple(pointer.split("/"))
    return tuple(_ESCAPED.sub(lambda found: "/" if found[1] == "1" else "~", step) for step in pointer.split("/"))


def pointer_of(steps: Iterable[str]) -> str:
    """Return the pointer that goes through these names."""
    return "/".join([step.replace("~", "~0").replace("/", "~1") for step in steps])


def parse_patch(patch: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    """Return the changes of a patch by the names they go through.

    Raises:
        JsError: too many or too long pointers, or one that leads into what another one sets.
    """
    if len(patch) > POINTERS_MAX:
        raise JsError(f"a patch of more than {POINTERS_MAX} pointers")
    changes: dict[tuple[str, ...], Any] = {}
    for pointer, value in patch.items():
        if len(pointer) > POINTER_MAX:
            raise JsError("a pointer of a patch is too long")
        steps = steps_of(pointer)
        if len(steps) > STEPS_MAX or steps in changes:
            raise JsError(f"the pointer {pointer[:80]} is too deep, or there twice", steps[0][:80])
        changes[steps] = value
    for steps in changes:
        if any(steps[:length] in changes for length in range(1, len(steps))):
            raise JsError(f"{pointer_of(steps)[:80]} leads into what the same patch sets", steps[0][:80])
    return changes


def apply_changes(
    value: Mapping[str, Any], changes: Mapping[tuple[str, ...], Any], *, lenient: bool = False
) -> dict[str, Any]:
    """Return the object after the changes of a parsed patch; what was given stays as it is.

    ``lenient`` passes over pointers that lead into nothing, instead of refusing them.

    Raises:
        JsError: a pointer leads into nothing or into an array.
    """
    changed = dict(value)
    fresh: set[int] = set()  # what was copied already
    for steps, wanted in changes.items():
        holder = changed
        for step in steps[:-1]:
            below: Any = holder.get(step)
            if not isinstance(below, Mapping):
                if lenient:
                    break
                raise JsError(f"{pointer_of(steps)[:80]} leads into nothing", pointer_of(steps)[:200])
            if id(below) not in fresh:
                below = dict(below)
                fresh.add(id(below))
                holder[step] = below
            holder = below
        else:
            if wanted is None:
                holder.pop(steps[-1], None)
            else:
                holder[steps[-1]] = wanted
    return changed


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the smallest patch that makes one object of another; lists are set whole."""
    patch: dict[str, Any] = {}
    _differ(before, after, (), patch)
    return patch


def _differ(
    before: Mapping[str, Any], after: Mapping[str, Any], prefix: tuple[str, ...], patch: dict[str, Any]
) -> None:
    for name in before:
        if name not in after:
            patch[pointer_of((*prefix, name))] = None
    for name, value in after.items():
        old = before.get(name, _MISSING)
        if old == value and type(old) is type(value):
            continue
        if isinstance(old, dict) and isinstance(value, dict) and len(prefix) < STEPS_MAX - 1:
            _differ(old, value, (*prefix, name), patch)
        else:
            patch[pointer_of((*prefix, name))] = value
