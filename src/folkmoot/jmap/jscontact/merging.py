"""One entry of a card changed in place: what stays the same keeps its octets, other parameters included."""

import binascii
import re
from collections.abc import Sequence
from typing import Final

from folkmoot.contentline import Line, Parameter
from folkmoot.jmap.jscontact.sight import preference
from folkmoot.jmap.jscontact.written import is_derived
from folkmoot.vcard import types
from folkmoot.vcard.values import encoding

_FORM: Final = frozenset({"ENCODING", "CHARSET", "VALUE"})  # how a value is written
_FORM_WORDS: Final = frozenset({"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT", "URL", "INLINE"})
_BINARY: Final = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})  # TYPE names their format
_SYNONYMS: Final = {"text": ("text", "msg"), "main-number": ("main-number", "main"), "main": ("main-number", "main")}
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_KEPT_OF_BINARY: Final = frozenset({"pref", "home", "work"})


def merged(actual: Line, was: Line, becomes: Line) -> Line:
    """Return a line changed by what differs between two ways in which we would write it."""
    if was == becomes:
        return actual
    params = _types(list(actual.params), was, becomes)
    params = _preference(params, was, becomes)
    rewritten = was.value != becomes.value or _forms(was) != _forms(becomes)
    if rewritten:
        params = [one for one in params if one.name not in _FORM and (one.values or one.name not in _FORM_WORDS)]
        params += [one for one in becomes.params if one.name in _FORM]
        if becomes.name in _BINARY:
            params = [one for one in params if one.name != "TYPE"] + [
                Parameter("TYPE", (word,))
                for word in dict.fromkeys([w for w in types(actual) if w in _KEPT_OF_BINARY] + list(types(becomes)))
            ]
    for name in dict.fromkeys(one.name for one in (*was.params, *becomes.params)):
        if name in {"TYPE", "PREF"} or name in _FORM or was.param_values(name) == becomes.param_values(name):
            continue
        place = next((number for number, one in enumerate(params) if one.name == name), len(params))
        params = [one for one in params if one.name != name]
        params[place:place] = [one for one in becomes.params if one.name == name]
    return actual.replace(
        value=becomes.value if rewritten else None,
        params=params,
        name=becomes.name if was.name != becomes.name else None,
    )


def rewritten_entry(
    actual: Sequence[Line], was: Sequence[Line], becomes: Sequence[Line]
) -> tuple[dict[int, Line | None], list[Line]]:
    """Return what becomes of each line of an entry, by its place, and the lines that come to it."""
    changes: dict[int, Line | None] = {}
    added: list[Line] = []
    places: dict[str, int] = {}
    for number, line in enumerate(actual):
        places.setdefault(line.name, number)
    old = {line.name: line for line in was}
    new = {line.name: line for line in becomes}
    pairs = [(old.get(name), new.get(name)) for name in dict.fromkeys([*old, *new])]
    if was and becomes and was[0].name not in new and becomes[0].name not in old:
        pairs = [(was[0], becomes[0]), *(pair for pair in pairs if was[0] not in pair and becomes[0] not in pair)]
    others = {line.name for line in (*was[1:], *becomes[1:])}
    for before, after in pairs:
        if before == after:
            continue
        named = before if before is not None else after
        place = places.get(named.name) if named is not None else None
        if place is None and before is not None and was and before is was[0] and actual[0].name not in others:
            place = 0
        if after is None:
            if place is not None:
                changes[place] = None
        elif place is None:
            if not is_derived(after):
                added.append(after)
        elif not (is_derived(after) and (before is None or is_derived(before)) and not is_derived(actual[place])):
            changes[place] = merged(actual[place], before or Line(after.name, ""), after)
    return changes, added


def old_fashioned(line: Line) -> Line:
    """Return a line for a vCard 2.1: what is not ASCII or has line breaks is quoted-printable (section 2.1.5)."""
    if encoding(line) == "QUOTED-PRINTABLE":
        return _unfolded(line)
    if line.value.isascii() and "\\n" not in line.value and "\\N" not in line.value:
        return line
    text = _ESCAPED.sub(lambda found: "\r\n" if found[1] in "nN" else found[0], line.value)
    octets = binascii.b2a_qp(text.encode("utf-8"), istext=False).replace(b"=\n", b"")
    params = [*line.params, Parameter("ENCODING", ("QUOTED-PRINTABLE",)), Parameter("CHARSET", ("UTF-8",))]
    return _unfolded(line.replace(value=octets.decode("ascii"), params=params))


def _unfolded(line: Line) -> Line:
    """Return the line as it is written without folds: behind an equals sign, readers take them for soft line breaks."""
    if line.raw is None:
        line.raw = f"{line.head}:{line.value}"
    return line


def _forms(line: Line) -> list[Parameter]:
    return [one for one in line.params if one.name in _FORM]


def _types(params: list[Parameter], was: Line, becomes: Line) -> list[Parameter]:
    before, after = dict.fromkeys(types(was)), dict.fromkeys(types(becomes))
    gone = {synonym for word in before if word not in after for synonym in _SYNONYMS.get(word, (word,))} - {"pref"}
    come = [word for word in after if word not in before and word != "pref"]
    return [*_without_words(params, gone), *(Parameter("TYPE", (word,)) for word in come)]


def _preference(params: list[Parameter], was: Line, becomes: Line) -> list[Parameter]:
    if preference(was) == preference(becomes):
        return params
    params = [one for one in _without_words(params, {"pref"}) if one.name != "PREF"]
    if "pref" in types(becomes):
        params.append(Parameter("TYPE", ("pref",)))
    return params + [one for one in becomes.params if one.name == "PREF"]


def _without_words(params: list[Parameter], gone: set[str]) -> list[Parameter]:
    if not gone:
        return params
    kept: list[Parameter] = []
    for one in params:
        if one.name == "TYPE":
            words = [word for value in one.values for word in value.split(",")]
            left = tuple(word for word in words if word.strip().lower() not in gone)
            if len(left) == len(words):
                kept.append(one)
            elif left:
                kept.append(Parameter("TYPE", left))
        elif one.values or one.name.lower() not in gone:
            kept.append(one)
    return kept
