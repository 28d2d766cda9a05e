"""The name of a card: N, FN, SORT-STRING and how it is pronounced (RFC 9553 section 2.2.1, RFC 9555 section 2.5)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from folkmoot.contentline import Line, escape_text
from folkmoot.jmap.jscontact.components import NAME_RANK, name_parts, read_name
from folkmoot.jmap.jscontact.sight import Value, parts, plain
from folkmoot.jmap.jscontact.written import DERIVED, Dialect, Written, is_derived, structured
from folkmoot.vcard.values import listed_value

# How Apple and Android write how a part of the name is pronounced.
_PHONETIC: Final = {
    "X-PHONETIC-FIRST-NAME": "given",
    "X-PHONETIC-MIDDLE-NAME": "given2",
    "X-PHONETIC-LAST-NAME": "surname",
}
NAME_LINES: Final = frozenset({"N", "FN", "SORT-STRING", *_PHONETIC})
_SORTED: Final = ("surname", "given")  # of SORT-AS of an N (RFC 9555 section 2.3.19)
_NAMELESS: Final = "?"  # FN may not be missing in any version


def read_names(lines: Sequence[Line]) -> tuple[Value, list[Line]]:
    """Return a Name and the lines that say it, of lines of ``NAME_LINES`` of one language."""
    value: Value = {}
    said: list[Line] = []
    spoken: dict[str, str] = {}
    for line in lines:
        match line.name:
            case "N" if line.param("PHONETIC") is not None if line.has_params else False:
                said.append(line)
                _phonetic_name(line, value, spoken)
            case "N" if not any(one.name == "N" and one.param("PHONETIC") is None for one in said):
                said.append(line)
                if not is_derived(line):
                    value |= read_name(parts(line), line)
                    sorted_as = line.param_values("SORT-AS") if line.has_params else ()
                    words = [word for one in sorted_as for word in one.split(",")]
                    found = {kind: word.strip() for kind, word in zip(_SORTED, words, strict=False) if word.strip()}
                    if found:
                        value["sortAs"] = found
            case "FN" if "full" not in value:
                said.append(line)
                text = "" if is_derived(line) else plain(line)
                if text:
                    value["full"] = text
            case "SORT-STRING":
                said.append(line)
                words = listed_value(line)
                if words:
                    value["sortAs"] = {"surname": words[0]}
            case _ if line.name in _PHONETIC:
                said.append(line)
                spoken[_PHONETIC[line.name]] = plain(line)
    for component in value.get("components", ()):
        text = spoken.pop(component["kind"], "")
        if text:
            component["phonetic"] = text
    return value, said


def write_name(value: Mapping[str, Any], dialect: Dialect, fallback: str = "") -> Written:
    """Return the lines of a Name; ``fallback`` is what a card without any is called."""
    placed, jscomps = name_parts(value)
    full = value.get("full")
    sort_as = dict(value.get("sortAs") or {})
    lines: list[Line] = []
    params: dict[str, str | None] = {"JSCOMPS": jscomps}
    if sort_as and (dialect.new or set(sort_as) != {"surname"}):
        params["SORT-AS"] = ",".join(sort_as.get(kind, "") for kind in _SORTED).rstrip(",") or None
    if any(placed):
        lines.append(dialect.line("N", structured(placed), params=params))
    elif full and not dialect.new:
        # 3.0 requires N (RFC 2426 section 3.1.2); phones that show nothing else need one that says something.
        given, _, family = full.rpartition(" ")
        lines.append(dialect.line("N", structured([[family], [given], [], [], []]), params={DERIVED: "true"}))
    if full:
        lines.append(dialect.text("FN", full))
    else:
        derived = _spoken(value) or fallback or _NAMELESS
        lines.append(dialect.text("FN", derived, params={DERIVED: "true"}))
    if set(sort_as) == {"surname"} and not dialect.new:
        lines.append(Line("SORT-STRING", escape_text(sort_as["surname"])))
    said: set[str] = set()
    for name, kind in _PHONETIC.items():
        for component in value.get("components") or ():
            if component["kind"] == kind and component.get("phonetic") and kind not in said:
                said.add(kind)
                lines.append(Line(name, escape_text(component["phonetic"])))
    return Written(lines)


def rank(component: Mapping[str, Any]) -> int:
    """Return where a component stands whose order does not count."""
    kind = component["kind"]
    return NAME_RANK.index(kind) if kind in NAME_RANK else len(NAME_RANK)


def _spoken(value: Mapping[str, Any]) -> str:
    components = value.get("components") or ()
    if not value.get("isOrdered"):
        return " ".join(one["value"] for one in sorted(components, key=rank))
    separator = value.get("defaultSeparator", " ")
    text = ""
    for number, one in enumerate(components):
        apart = number and "separator" not in {one["kind"], components[number - 1]["kind"]}
        text += (separator if apart else "") + one["value"]
    return text.strip()


def _phonetic_name(line: Line, value: Value, spoken: dict[str, str]) -> None:
    system = (line.param("PHONETIC") or "").lower()
    if system in {"ipa", "jyut", "piny", "script"}:
        value.setdefault("phoneticSystem", system)
    if line.param("SCRIPT"):
        value.setdefault("phoneticScript", line.param("SCRIPT"))
    for component in read_name(parts(line), line).get("components", ()):
        spoken.setdefault(component["kind"], component["value"])
