"""What is wrong with a configuration, and where."""

from dataclasses import dataclass
from enum import IntEnum

from folkmoot.config.nodes import Entry, Node
from folkmoot.core.errors import MalformedInput


class Severity(IntEnum):
    """How much a fault matters; the higher the worse."""

    WARNING = 1  # honoured, but the administrator should know
    ERROR = 2  # the value is left out, its default takes effect
    FATAL = 3  # the server does not start


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: in which file or other origin, at which line, about which key."""

    severity: Severity
    message: str
    origin: str = ""
    line: int = 0  # from 1; 0 where there are no lines
    column: int = 0
    key: str = ""  # dotted where nested: "SOGoUserSources.2.viewURL"

    def __str__(self) -> str:
        place = f"{self.origin}:{self.line}" if self.line else self.origin
        return ": ".join(part for part in (place, self.key, self.message) if part)


class Unreadable(MalformedInput):
    """A value is not of the kind its key asks for."""

    def __init__(self, message: str, *, severity: Severity = Severity.ERROR) -> None:
        super().__init__(message)
        self.severity = severity


class Faults:
    """Collects faults in the order they are found, each once; ``within`` gives nested collectors."""

    def __init__(self, origin: str = "", prefix: str = "") -> None:
        self._found: dict[Fault, None] = {}
        self._origin = origin
        self._prefix = prefix

    def within(self, *, origin: str | None = None, key: str = "") -> "Faults":
        """Return a collector for what stands below a key or in another origin; it adds to this one."""
        nested = Faults(self._origin if origin is None else origin, f"{self._prefix}{key}." if key else self._prefix)
        nested._found = self._found
        return nested

    def add(self, severity: Severity, message: str, at: Entry | Node | None = None, *, key: str = "") -> None:
        """Note a fault at an entry (its key is then the fault's key) or at a value."""
        name = at.key if isinstance(at, Entry) else key
        self._found[
            Fault(
                severity,
                message,
                self._origin,
                at.line if at else 0,
                at.column if at else 0,
                (self._prefix + name).rstrip("."),
            )
        ] = None

    def found(self) -> tuple[Fault, ...]:
        return tuple(self._found)
