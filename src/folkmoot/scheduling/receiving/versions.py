"""Which of two versions of a component is the later one (RFC 5546 section 2.1.5)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from folkmoot.core.errors import MalformedInput
from folkmoot.ical import Component, Line, format_utc, instant, parse_when
from folkmoot.scheduling.meeting import sequence


@dataclass(frozen=True, slots=True)
class Version:
    """SEQUENCE, and DTSTAMP where there is one."""

    sequence: int
    stamp: datetime | None  # UTC

    def is_older_than(self, other: "Version") -> bool:
        """Whether the other one certainly came later; without a stamp the same SEQUENCE is no older."""
        if self.sequence != other.sequence:
            return self.sequence < other.sequence
        return self.stamp is not None and other.stamp is not None and self.stamp < other.stamp


def version_of(component: Component) -> Version:
    """Return the version of a component of a message.

    Raises:
        MalformedInput: DTSTAMP is no time.
    """
    return Version(sequence(component), stamp_of(component.get("DTSTAMP")))


def stored_version_of(component: Component) -> Version:
    """Return the version that a recipient's copy has of what its organizer sent.

    Thunderbird stamps what it stores itself and keeps what it received beside it.

    Raises:
        MalformedInput: DTSTAMP is no time.
    """
    received = component.get("X-MOZ-RECEIVED-DTSTAMP")
    if received is None:
        return version_of(component)
    try:
        stamp = stamp_of(received)
    except MalformedInput:  # an extension's value is no reason to refuse a message
        return version_of(component)
    return Version(sequence(component), stamp)


def set_version(component: Component, version: Version) -> None:
    """Let a component say that it is of a version, in place."""
    component.set(Line("SEQUENCE", str(version.sequence)))
    if version.stamp is not None:
        component.set(Line("DTSTAMP", format_utc(version.stamp)))


def stamp_of(line: Line | None) -> datetime | None:
    """Return a time stamp in UTC; one without a zone is taken for UTC.

    Raises:
        MalformedInput: neither a date nor a time.
    """
    return None if line is None else instant(parse_when(line.value.strip()), UTC)
