"""PatchObjects: what their pointers make of a value (RFC 8620 section 5.3)."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.jmap.jscontact.errors import JsError
from folkmoot.jmap.jscontact.extras import Steps, pointer_of, steps_of

PATCH_MAX: Final = 5_000  # pointers; a form sends a few dozen
STEPS_MAX: Final = 12


def parse_patch(patch: Mapping[str, Any]) -> dict[Steps, Any]:
    """Return what each pointer of a patch sets.

    Raises:
        JsError: too many pointers, too deep ones, or one that leads into what another one sets.
    """
    if len(patch) > PATCH_MAX:
        raise JsError(f"a patch has at most {PATCH_MAX} pointers")
    changes: dict[Steps, Any] = {}
    for pointer, value in patch.items():
        if not isinstance(pointer, str):
            raise JsError("a pointer is a text")
        steps = steps_of(pointer)
        if len(steps) > STEPS_MAX or steps in changes:
            raise JsError("a pointer is too deep, or there twice", steps[0])
        changes[steps] = value
    for steps in changes:
        if any(steps[:length] in changes for length in range(1, len(steps))):
            raise JsError(f"{pointer_of(steps)[:200]}: leads into what is set whole", steps[0])
    return changes


def patch_value(value: Mapping[str, Any], changes: Mapping[Steps, Any]) -> dict[str, Any]:
    """Return a value as changes make it; the value itself stays.

    Raises:
        JsError: a pointer leads into nothing, or into a list.
    """
    found = dict(value)
    for steps, wanted in changes.items():
        holder: dict[str, Any] = found
        for step in steps[:-1]:
            below = holder.get(step)
            if not isinstance(below, Mapping):
                raise JsError(f"{pointer_of(steps)[:200]}: leads into nothing", steps[0])
            holder[step] = below = dict(below)
            holder = below
        if wanted is None:
            holder.pop(steps[-1], None)
        else:
            holder[steps[-1]] = wanted
    return found
