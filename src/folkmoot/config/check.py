"""Checks one configuration file: every fault at once, and what this version does not act on yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from folkmoot.config import plist
from folkmoot.config.consistency import findings
from folkmoot.config.declaring import Parameter, parameters_of
from folkmoot.config.faults import Fault, Faults, Severity
from folkmoot.config.nodes import Dictionary, Entry
from folkmoot.config.reading import Layer
from folkmoot.config.settings import Settings
from folkmoot.config.sources import SERVED_KINDS, SOURCE_KINDS
from folkmoot.config.tree import DOMAINS_KEY, declared, present_names, settings_of
from folkmoot.core.errors import FolkmootError

PLACE_MARK: Final = "no-break space"


@dataclass(frozen=True, slots=True)
class Unserved:
    """A key that is set and that this version does not act on yet."""

    key: str
    line: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found, in the order of the file."""

    faults: tuple[Fault, ...]
    unserved: tuple[Unserved, ...]
    settings: Settings

    @property
    def failed(self) -> bool:
        """Whether there is more than warnings."""
        return any(fault.severity > Severity.WARNING for fault in self.faults)


def check(text: str | bytes, path: str = "sogo.conf") -> Report:
    """Check the text of a configuration file; ``path`` is how faults name it."""
    faults = Faults(path)
    layer = read_layer(text, path, faults)
    settings = settings_of([layer], faults)
    for severity, key, message in findings(settings):
        faults.add(severity, message, _place(layer.entries, key), key=key)
    if len(layer.entries):
        _report_missing(layer.entries, settings, faults)
    ordered = sorted(faults.found(), key=lambda fault: (fault.line == 0, fault.line, fault.column))
    return Report(tuple(ordered), tuple(_unserved(layer.entries)), settings)


def read_layer(text: str | bytes, path: str, faults: Faults) -> Layer:
    """Read a file's keys; one that holds nothing is a warning, one that does not parse is fatal and gives no keys."""
    faults = faults.within(origin=path)
    if not text.strip():
        faults.add(Severity.WARNING, "empty file skipped")
        return Layer(path, Dictionary())
    try:
        parsed = plist.parse(text)
    except FolkmootError as error:
        faults.add(Severity.FATAL, str(error))
        return Layer(path, Dictionary())
    for line, column in parsed.no_break_spaces:
        faults.add(
            Severity.WARNING,
            f"{PLACE_MARK} at column {column}, as pasted from a web page; type a space",
            Entry("", parsed.node, line, column),
        )
    if not isinstance(parsed.node.value, Dictionary):
        faults.add(Severity.FATAL, "expected a dictionary: the file begins with `{` and ends with `}`", parsed.node)
        return Layer(path, Dictionary())
    return Layer(path, parsed.node.value)


def _place(entries: Dictionary, key: str) -> Entry | None:
    """Find the entry that a dotted key is about, or the last one on the way there."""
    found = entries.find(key)
    if found is not None:
        return found
    if key.startswith(f"{DOMAINS_KEY}."):
        domains = entries.find(DOMAINS_KEY)
        return domains and Entry(key, domains.node, domains.line, domains.column)
    return None


def _report_missing(entries: Dictionary, settings: Settings, faults: Faults) -> None:
    if settings.database.folkmoot_url is None:
        for parameter in declared().values():
            if parameter.mandatory and not any(entries.find(name) for name in (parameter.key, *parameter.aliases)):
                faults.add(Severity.WARNING, "not set, though SOGo asks for it", key=parameter.key)
    if not any(entries.find(name) for name in ("SOGoTimeZone", *declared()["SOGoTimeZone"].aliases)):
        faults.add(Severity.WARNING, "not set: people who have chosen no time zone get UTC", key="SOGoTimeZone")


def _unserved(entries: Dictionary, prefix: str = "") -> Iterator[Unserved]:
    for entry in entries:
        parameter = declared().get(present_names().get(entry.key, entry.key))
        if parameter is not None and not parameter.served:
            yield Unserved(prefix + entry.key, entry.line)
        elif parameter is not None and parameter.key == "SOGoUserSources" and isinstance(entry.node.value, tuple):
            for number, node in enumerate(entry.node.value, start=1):
                if isinstance(node.value, Dictionary):
                    yield from _unserved_in_source(node.value, f"{prefix}{entry.key}.{number}.")
        elif entry.key == DOMAINS_KEY and not prefix and isinstance(entry.node.value, Dictionary):
            for one in entry.node.value:
                if isinstance(one.node.value, Dictionary):
                    yield from _unserved(one.node.value, f"{DOMAINS_KEY}.{one.key}.")


def _unserved_in_source(source: Dictionary, prefix: str) -> Iterator[Unserved]:
    kind = source.find("type")
    section = SOURCE_KINDS.get(str(kind.node.value).lower()) if kind is not None else None
    if kind is None or section is None:
        return
    if str(kind.node.value).lower() not in SERVED_KINDS:
        yield Unserved(f"{prefix}type = {kind.node.value}", kind.line)
        return
    parameters: dict[str, Parameter] = {one.key: one for _, one in parameters_of(section)}
    for entry in source:
        if entry.key in parameters and not parameters[entry.key].served:
            yield Unserved(prefix + entry.key, entry.line)
