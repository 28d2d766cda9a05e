"""Makes the tree of settings out of layers, and notes the keys that are not what they seem."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, Final, cast

from folkmoot.config.declaring import Level, Parameter, parameters_of
from folkmoot.config.faults import Faults, Severity
from folkmoot.config.kinds import ITEMS_MAX, describe
from folkmoot.config.legacy import ACCEPTED, REMOVED, is_accepted
from folkmoot.config.nodes import Dictionary, Entry
from folkmoot.config.reading import Layer, read_section, report_repeated, unknown_key
from folkmoot.config.settings import SECTIONS, Settings

DOMAINS_KEY: Final = "domains"
SUGGESTIONS_MAX: Final = 100  # unknown keys that get a suggestion: each compares with all known ones


@cache
def declared() -> Mapping[str, Parameter]:
    """Return all parameters by their present key."""
    return MappingProxyType(
        {parameter.key: parameter for section in SECTIONS.values() for _, parameter in parameters_of(section)}
    )


@cache
def present_names() -> Mapping[str, str]:
    """Return the present key of each old name."""
    return MappingProxyType({old: one.key for one in declared().values() for old in one.aliases})


def settings_of(layers: Sequence[Layer], faults: Faults) -> Settings:
    """Read the settings of the system and of its domains from layers, strongest first."""
    domains = {
        name.casefold(): _settings(name, [layer, *layers], faults, {}) for name, layer in _domains(layers, faults)
    }
    for layer in layers:
        report_keys(layer, faults)
    return _settings("", layers, faults, domains)


def _settings(domain: str, layers: Sequence[Layer], faults: Faults, domains: Mapping[str, Settings]) -> Settings:
    sections = {name: read_section(section, layers, faults) for name, section in SECTIONS.items()}
    return Settings(**cast("Any", sections), domain=domain, domains=MappingProxyType(domains))


def _domains(layers: Sequence[Layer], faults: Faults) -> Iterator[tuple[str, Layer]]:
    """Yield the domains with what each says for itself, less what is for the system only."""
    for layer in layers:
        found = layer.entries.find(DOMAINS_KEY)
        if found is None:
            continue
        at_layer = faults.within(origin=layer.origin)
        if not isinstance(found.node.value, Dictionary) or len(found.node.value) > ITEMS_MAX:
            at_layer.add(Severity.ERROR, f"expected a dictionary of domains, found {describe(found.node)}", found)
            return
        within = at_layer.within(key=DOMAINS_KEY)
        report_repeated(found.node.value, within)
        for entry in found.node.value:
            if not isinstance(entry.node.value, Dictionary):
                within.add(Severity.ERROR, f"expected a dictionary, found {describe(entry.node)}", entry)
                continue
            kept = tuple(one for one in entry.node.value.entries if not _system_only(one))
            domain = Layer(layer.origin, Dictionary(kept), prefix=f"{DOMAINS_KEY}.{entry.key}")
            report_keys(Layer(domain.origin, entry.node.value, domain.prefix), faults)
            yield entry.key, domain
        return


def _system_only(entry: Entry) -> bool:
    parameter = declared().get(present_names().get(entry.key, entry.key))
    return parameter is not None and parameter.level is Level.SYSTEM


def report_keys(layer: Layer, faults: Faults) -> None:
    """Note keys that are unknown, repeated, removed, under an old name, or not a domain's to set."""
    within = faults.within(origin=layer.origin, key=layer.prefix)
    report_repeated(layer.entries, within)
    suggestions = 0
    for entry in layer.entries:
        present = present_names().get(entry.key)
        if present is not None:
            other = " and overruled by it, as it stands here too" if layer.entries.find(present) else ""
            within.add(Severity.WARNING, f"old name of {present}{other}", entry)
        if layer.prefix and _system_only(entry):
            within.add(Severity.ERROR, "is for the whole system and cannot differ by domain", entry)
        elif entry.key in REMOVED:
            within.add(Severity.WARNING, REMOVED[entry.key], entry)
        elif _is_unknown(entry.key, in_domain=bool(layer.prefix)):
            suggestions += 1
            known = (*declared(), *ACCEPTED, DOMAINS_KEY) if suggestions <= SUGGESTIONS_MAX else ()
            within.add(Severity.ERROR, unknown_key(entry.key, known), entry)


def _is_unknown(key: str, *, in_domain: bool) -> bool:
    if key == DOMAINS_KEY:
        return in_domain
    return not (key in declared() or key in present_names() or is_accepted(key))
