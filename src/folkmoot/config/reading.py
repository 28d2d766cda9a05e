"""Reads declared parameters out of property lists laid over one another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar, cast

from folkmoot.config.declaring import Parameter, parameters_of
from folkmoot.config.faults import Faults, Severity, Unreadable
from folkmoot.config.kinds import Kind, describe
from folkmoot.config.nodes import Dictionary, Entry, Node

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Layer:
    """The keys of one origin: a file, the environment, the command line."""

    origin: str | None  # None for what stands within a value: its origin is the value's
    entries: Dictionary
    prefix: str = ""  # of keys in faults: "domains.example.com"


def find(parameter: Parameter, layers: Sequence[Layer]) -> tuple[Layer, Entry] | None:
    """Find a parameter in the strongest layer that has it; its present name wins over its old ones."""
    for name in (parameter.key, *parameter.aliases):
        for layer in layers:
            entry = layer.entries.find(name)
            if entry is not None:
                return layer, entry
    return None


def read_section(section: type[S], layers: Sequence[Layer], faults: Faults) -> S:
    """Return the section with what the layers say, strongest first, and defaults for the rest.

    A value that cannot be read is a fault, and its default takes effect.
    """
    values: dict[str, object] = {}
    for name, parameter in parameters_of(section):
        found = find(parameter, layers)
        if found is None:
            continue
        layer, entry = found
        at_layer = faults.within(origin=layer.origin, key=layer.prefix)
        try:
            values[name] = parameter.kind.read(entry.node, at_layer.within(key=entry.key))
        except Unreadable as unreadable:
            at_layer.add(unreadable.severity, str(unreadable), entry)
    return cast("S", cast("Any", section)(**values))


def read_dictionary(section: type[S], found: Dictionary, faults: Faults, known: Iterable[str] = ()) -> S:
    """Return a nested section; keys that it does not know are faults.

    Raises:
        Unreadable: a mandatory key is missing.
    """
    parameters = [parameter for _, parameter in parameters_of(section)]
    report_unknown(found, {*known, *(parameter.key for parameter in parameters)}, faults)
    missing = [one.key for one in parameters if one.mandatory and found.find(one.key) is None]
    if missing:
        raise Unreadable(f"left out, as it has no {' and no '.join(missing)}")
    return read_section(section, [Layer(None, found)], faults)


def dictionary(name: str, section: type[S]) -> Kind[S]:
    """Return the kind of dictionaries that a nested section declares."""

    def read(node: Node, faults: Faults) -> S:
        if not isinstance(node.value, Dictionary):
            raise Unreadable(f"expected a dictionary, found {describe(node)}")
        return read_dictionary(section, node.value, faults)

    return Kind(name, read)


def report_unknown(found: Dictionary, known: Iterable[str], faults: Faults) -> None:
    """Note each key that is not known, with the known one it resembles, and each that stands twice."""
    known = set(known)
    for entry in found:
        if entry.key not in known:
            faults.add(Severity.ERROR, unknown_key(entry.key, known), entry)
    report_repeated(found, faults)


def report_repeated(found: Dictionary, faults: Faults) -> None:
    """Note each entry that a later one with the same key hides."""
    for entry in found.repeated():
        faults.add(Severity.ERROR, "stands again further down, where the value is taken from", entry)


def unknown_key(key: str, known: Iterable[str]) -> str:
    """Say that a key is unknown and which known one was perhaps meant."""
    by_folded = {name.casefold(): name for name in known}
    close = get_close_matches(key.casefold()[:100], by_folded, n=1, cutoff=0.8)
    return "unknown key" + (f"; did you mean {by_folded[close[0]]}?" if close else "")
