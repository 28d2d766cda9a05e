"""One program that waits: what has changed and was not sent yet.

Changes of the same type are told once, with the last state, so that a slow reader costs no more than all its types.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from folkmoot.core.waking import Waking
from folkmoot.jmap.protocol.describing import Feed

Changed = dict[str, dict[str, str]]
"""States by account and type."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a listener wakes with."""

    changed: Changed = field(default_factory=dict)  # may be empty
    position: str = ""  # opaque: where the listener is now, for when it comes back
    person: bool = False  # something of the person itself has changed: who is signed in has to be asked again
    over: bool = False  # nothing more will come


def state_change(changed: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    """Return a StateChange (RFC 8620 section 7.1)."""
    return {"@type": "StateChange", "changed": changed}


class Listener:
    """What one program is told."""

    __slots__ = ("_changed", "_event", "_over", "_person", "feeds", "position", "types")

    def __init__(self, types: frozenset[str] | None, feeds: frozenset[Feed]) -> None:
        """``types`` are those wanted, None for all; ``feeds`` what they hang on."""
        self.types = types
        self.feeds = feeds
        self.position = ""
        self._changed: Changed = {}
        self._person = False
        self._over = False
        self._event = Waking()

    def wants(self, type_: str) -> bool:
        """Whether a type is told."""
        return self.types is None or type_ in self.types

    def tell(self, changed: Mapping[str, Mapping[str, str]], position: str) -> None:
        """Add what has changed; ``position`` stands for all that was told until now."""
        for account, states in changed.items():
            wanted = {type_: state for type_, state in states.items() if self.wants(type_)}
            if wanted:
                self._changed.setdefault(account, {}).update(wanted)
                self._event.set()
        self.position = position

    def touch(self) -> None:
        """Tell that something of the person has changed."""
        self._person = True
        self._event.set()

    def end(self) -> None:
        """Tell that nothing more will come."""
        self._over = True
        self._event.set()

    async def wait(self, seconds: float) -> Heard:
        """Return what has changed since the last time; nothing after ``seconds`` without change."""
        await self._event.wait(seconds)
        self._event.clear()
        changed, self._changed = self._changed, {}
        person, self._person = self._person, False
        if self._over:
            self._event.set()
        return Heard(changed, self.position, person, self._over)
