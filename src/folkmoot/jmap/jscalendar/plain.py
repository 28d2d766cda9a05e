"""Properties that one line carries: texts, numbers, tokens, instants (RFC 8984 sections 4.1, 4.2 and 4.4)."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.core.errors import MalformedInput
from folkmoot.ical import escape_text, unescape_text
from folkmoot.jmap.jscalendar.source import Mapped, Source, Target, put
from folkmoot.jmap.jscalendar.times import ical_utc, utc_text


def texts(name: str, carrier: str) -> Mapped:
    """Return the mapping of a text."""

    def read(source: Source, found: dict[str, Any]) -> None:
        found[name] = unescape_text(source.lines[carrier][0].value)

    def write(target: Target) -> None:
        value = target.wanted.get(name)
        put(target.component, carrier, None if value is None else escape_text(value))

    return Mapped((name,), (carrier,), read, write)


def numbers(name: str, carrier: str, lowest: int, highest: int) -> Mapped:
    """Return the mapping of a whole number; one out of range is not shown."""

    def read(source: Source, found: dict[str, Any]) -> None:
        text = source.lines[carrier][0].value.strip()
        if text.isascii() and text.isdecimal() and len(text) < 11 and lowest <= int(text) <= highest:  # noqa: PLR2004
            found[name] = int(text)

    def write(target: Target) -> None:
        value = target.wanted.get(name)
        put(target.component, carrier, None if value is None else str(value))

    return Mapped((name,), (carrier,), read, write)


def tokens(name: str, carrier: str, values: Mapping[str, str]) -> Mapped:
    """Return the mapping of an enumeration, from JSCalendar's words to iCalendar's."""
    words = {theirs: ours for ours, theirs in values.items()}

    def read(source: Source, found: dict[str, Any]) -> None:
        word = words.get(source.lines[carrier][0].value.strip().upper())
        if word is not None:
            found[name] = word

    def write(target: Target) -> None:
        put(target.component, carrier, values.get(target.wanted.get(name, "")))

    return Mapped((name,), (carrier,), read, write)


def instants(name: str, carrier: str) -> Mapped:
    """Return the mapping of a time in UTC; one that cannot be read is not shown."""

    def read(source: Source, found: dict[str, Any]) -> None:
        line = source.lines[carrier][0]
        try:
            found[name] = utc_text(source.zones.when(line), source.default)
        except MalformedInput:
            return

    def write(target: Target) -> None:
        value = target.wanted.get(name)
        put(target.component, carrier, None if value is None else ical_utc(value))

    return Mapped((name,), (carrier,), read, write)


def _read_updated(source: Source, found: dict[str, Any]) -> None:
    for carrier in ("LAST-MODIFIED", "DTSTAMP"):
        for line in source.lines.get(carrier, ())[:1]:
            try:
                found["updated"] = utc_text(source.zones.when(line), source.default)
            except MalformedInput:
                continue
            return


def _write_updated(target: Target) -> None:
    value = target.wanted.get("updated")
    if value is not None:
        stamp(target.component, ical_utc(value))


def stamp(component: Any, utc: str) -> None:
    """Say when a component was last changed; DTSTAMP means that where there is no METHOD (RFC 5545 section 3.8.7.2)."""
    put(component, "DTSTAMP", utc)
    if component.get("LAST-MODIFIED") is not None:
        put(component, "LAST-MODIFIED", utc)


def _read_progress(source: Source, found: dict[str, Any]) -> None:
    if "STATUS" in source.lines:
        word = _PROGRESS_WORDS.get(source.lines["STATUS"][0].value.strip().upper())
        if word is not None:
            found["progress"] = word
    if "COMPLETED" in source.lines:
        found.setdefault("progress", "completed")
        if found["progress"] == "completed":
            try:
                found["progressUpdated"] = utc_text(source.zones.when(source.lines["COMPLETED"][0]), source.default)
            except MalformedInput:
                return


def _write_progress(target: Target) -> None:
    """Write STATUS and, for what is done, COMPLETED: it means the same as ``progressUpdated`` only then."""
    progress = target.wanted.get("progress")
    put(target.component, "STATUS", _PROGRESS.get(progress or ""))
    updated = target.wanted.get("progressUpdated") if progress == "completed" else None
    put(target.component, "COMPLETED", None if updated is None else ical_utc(updated))


_PROGRESS: Final = {
    "needs-action": "NEEDS-ACTION",
    "in-process": "IN-PROCESS",
    "completed": "COMPLETED",
    "cancelled": "CANCELLED",
    "failed": "FAILED",
}
_PROGRESS_WORDS: Final = {theirs: ours for ours, theirs in _PROGRESS.items()}
_STATUS: Final = {"confirmed": "CONFIRMED", "tentative": "TENTATIVE", "cancelled": "CANCELLED"}

COMMON: Final = (
    texts("uid", "UID"),
    texts("title", "SUMMARY"),
    texts("color", "COLOR"),
    texts("requestStatus", "REQUEST-STATUS"),
    numbers("sequence", "SEQUENCE", 0, 2**31 - 1),
    numbers("priority", "PRIORITY", 0, 9),
    tokens("privacy", "CLASS", {"public": "PUBLIC", "private": "PRIVATE", "secret": "CONFIDENTIAL"}),
    tokens("freeBusyStatus", "TRANSP", {"free": "TRANSPARENT", "busy": "OPAQUE"}),
    instants("created", "CREATED"),
    Mapped(("updated",), ("LAST-MODIFIED", "DTSTAMP"), _read_updated, _write_updated),
)
EVENT: Final = (tokens("status", "STATUS", _STATUS),)
TASK: Final = (
    Mapped(("progress", "progressUpdated"), ("STATUS", "COMPLETED"), _read_progress, _write_progress),
    numbers("percentComplete", "PERCENT-COMPLETE", 0, 100),
)
