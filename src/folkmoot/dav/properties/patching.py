"""PROPPATCH steps sorted into what is kept: live values, dead texts, refusals (RFC 4918 section 9.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from folkmoot.collections.content import JSON
from folkmoot.core.errors import FolkmootError, MalformedInput
from folkmoot.dav.errors import error_element, status_of
from folkmoot.dav.properties.registry import LIVE
from folkmoot.dav.properties.settable import SOMEWHERE, ClassificationRefused, Set
from folkmoot.dav.wire.multistatus import Propstat
from folkmoot.dav.wire.names import empty_element
from folkmoot.dav.wire.rfc4918 import PropertyChange
from folkmoot.dav.wire.xml import xml_text

_BODIES: Final = frozenset(
    ["{urn:ietf:params:xml:ns:caldav}calendar-data", "{urn:ietf:params:xml:ns:carddav}address-data"]
)
_FAILED_DEPENDENCY: Final = 424
_PROTECTED: Final = "<D:cannot-modify-protected-property/>"


@dataclass(slots=True)
class Patch:
    """What all steps together ask for; with a refusal nothing is kept."""

    names: list[str] = field(default_factory=list)  # each property named, in order
    live: dict[str, JSON] = field(default_factory=dict)
    dead: dict[str, str | None] = field(default_factory=dict)
    refused: dict[str, Propstat] = field(default_factory=dict)

    def propstats(self) -> list[Propstat]:
        """Return the outcome as the answer shows it."""
        if not self.refused:
            return [Propstat(200, "".join(map(empty_element, self.names)))]
        others = "".join(empty_element(name) for name in self.names if name not in self.refused)
        dependent = [Propstat(_FAILED_DEPENDENCY, others)] if others else []
        return [*self.refused.values(), *dependent]


def sort_changes(changes: Sequence[PropertyChange], settable: Mapping[str, Set]) -> Patch:
    """Return the patch for a resource on which ``settable`` live properties can be set.

    Raises:
        MalformedInput: a value that makes the whole request wrong.
        ClassificationRefused: likewise, after SOGo.
    """
    patch = Patch()
    for change in changes:
        if change.name not in patch.names:
            patch.names.append(change.name)
        setter = settable.get(change.name)
        if setter is not None:
            try:
                patch.live.update(setter(change.element))
            except (MalformedInput, ClassificationRefused):
                raise
            except FolkmootError as error:
                patch.refused[change.name] = Propstat(
                    status_of(error), empty_element(change.name), error_element(error)
                )
        elif (change.name in LIVE and change.name not in SOMEWHERE) or change.name in _BODIES:
            patch.refused[change.name] = Propstat(403, empty_element(change.name), _PROTECTED)
        else:
            patch.dead[change.name] = None if change.element is None else xml_text(change.element)
    return patch
