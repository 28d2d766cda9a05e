"""Parameters that differ between the versions: TYPE, PREF, VALUE, ENCODING."""

import re
from collections.abc import Iterable
from typing import Final

from folkmoot.contentline import Line, Parameter

_PREFERRED: Final = "1"  # of 1 to 100; lower is better (RFC 6350 section 5.3)
_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")


def without_impossible(line: Line) -> Line:
    """Return the line without parameters whose names cannot be written; the very line if it has none.

    A damaged name is kept as long as the line is, but a line written anew cannot carry it.
    """
    if not line.has_params or all(_NAME.fullmatch(parameter.name) for parameter in line.params):
        return line
    return line.replace(params=[parameter for parameter in line.params if _NAME.fullmatch(parameter.name)])


def without(line: Line, *names: str) -> Line:
    """Return the line without the parameters of these names; the very line if it has none of them."""
    if not line.has_params or not any(parameter.name in names for parameter in line.params):
        return line
    return line.replace(params=[parameter for parameter in line.params if parameter.name not in names])


def without_types(line: Line, words: Iterable[str]) -> Line:
    """Return the line without these TYPE values, in lower case; the very line if it has none of them."""
    unwanted = frozenset(words)
    kept: list[Parameter] = []
    changed = False
    for parameter in line.params if line.has_params else ():
        if parameter.name == "TYPE":
            separate = [word for value in parameter.values for word in value.split(",")]
            values = tuple(word for word in separate if word.strip().lower() not in unwanted)
            if len(values) != len(separate):
                changed = True
                if values:
                    kept.append(Parameter("TYPE", values))
                continue
        kept.append(parameter)
    return line.replace(params=kept) if changed else line


def with_types(line: Line, words: Iterable[str]) -> Line:
    """Return the line with these TYPE values added, each as a parameter of its own."""
    added = [Parameter("TYPE", (word,)) for word in words]
    return line.replace(params=[*line.params, *added]) if added else line


def pref_from_type(line: Line) -> Line:
    """Return the line with PREF=1 where 3.0 says TYPE=pref (RFC 6350 section 5.3)."""
    untyped = without_types(line, ("pref",))
    if untyped is line or line.param("PREF") is not None:
        return untyped
    return untyped.with_param("PREF", _PREFERRED)


def type_from_pref(line: Line) -> Line:
    """Return the line with TYPE=pref for the most preferred; a lesser PREF stays, as 3.0 has no word for it."""
    if line.param("PREF") != _PREFERRED:
        return line
    return with_types(without(line, "PREF"), ("pref",))


def split_type_lists(line: Line) -> Line:
    """Return the line with quoted lists of types, TYPE="cell,voice", as plain lists."""
    if not any(parameter.name == "TYPE" and "," in "".join(parameter.values) for parameter in line.params):
        return line
    return line.replace(
        params=[
            Parameter("TYPE", tuple(word.strip() for word in parameter.value.split(",") if word.strip()))
            if parameter.name == "TYPE"
            else parameter
            for parameter in line.params
        ]
    )
