"""Patches of objects (RFC 8620 section 5.3): which properties they touch, and what they make of a value."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from folkmoot.jmap.protocol.errors import SetFailed
from folkmoot.jmap.protocol.limits import PATCH_MAX

_ESCAPED: Final = re.compile(r"~([01])")
_UNESCAPED: Final = {"0": "~", "1": "/"}
STEPS_MAX: Final = 32


def _steps(pointer: str) -> tuple[str, ...]:
    return tuple(_ESCAPED.sub(lambda found: _UNESCAPED[found[1]], step) for step in pointer.split("/"))


@dataclass(frozen=True, slots=True)
class Patch:
    """A checked patch: no pointer leads to, or into, what another one sets."""

    changes: Mapping[tuple[str, ...], Any]

    @property
    def properties(self) -> frozenset[str]:
        """The properties that it touches, whole or in part."""
        return frozenset(steps[0] for steps in self.changes)

    def __iter__(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        return iter(self.changes.items())

    def of(self, name: str, present: Any) -> Any:
        """Return what one property becomes; None is the default value, so it is given back as None."""
        own = Patch({steps: value for steps, value in self.changes.items() if steps[0] == name})
        return own.applied({name: present} if present is not None else {}).get(name)

    def applied(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return the object after the patch; ``value`` stays as it is.

        Raises:
            SetFailed: ``invalidPatch``: a pointer leads into nothing or into an array.
        """
        found = dict(value)
        for steps, wanted in self.changes.items():
            holder: dict[str, Any] = found
            for step in steps[:-1]:
                below = holder.get(step)
                if not isinstance(below, Mapping):
                    raise SetFailed("invalidPatch", f"{'/'.join(steps)} leads into nothing", properties=(steps[0],))
                holder[step] = below = dict(below)
                holder = below
            if wanted is None:
                holder.pop(steps[-1], None)
            else:
                holder[steps[-1]] = wanted
        return found


def parse_patch(value: Mapping[str, Any]) -> Patch:
    """Check a PatchObject.

    Raises:
        SetFailed: ``invalidPatch``.
    """
    if len(value) > PATCH_MAX:
        raise SetFailed("tooLarge", f"a patch has at most {PATCH_MAX} pointers")
    changes = {_steps(pointer.removeprefix("/")): wanted for pointer, wanted in value.items()}
    if len(changes) != len(value):
        raise SetFailed("invalidPatch", "two pointers of the patch are the same")
    for steps in changes:
        if len(steps) > STEPS_MAX:
            raise SetFailed("invalidPatch", "a pointer is too long", properties=(steps[0],))
        if any(steps[:length] in changes for length in range(1, len(steps))):
            raise SetFailed("invalidPatch", f"{'/'.join(steps)} leads into what is set whole", properties=(steps[0],))
    return Patch(changes)
