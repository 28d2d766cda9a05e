"""What no property of a vCard can say, kept as JSPROP lines (RFC 9555 section 3.2.1)."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from folkmoot.contentline import Line, Parameter, escape_text
from folkmoot.jmap.jscontact.checks import TEXT_MAX, anything, is_vendor, pointer_step
from folkmoot.jmap.jscontact.errors import JsError
from folkmoot.jmap.jscontact.schema import SCHEMA
from folkmoot.vcard import text_value

EXTRAS_MAX: Final = 500  # of one card; a card written by us has a handful
STEPS_MAX: Final = 12
_ESCAPED: Final = re.compile(r"~([01])")
_NEVER: Final = frozenset({"@type", "version", "uid", "members"})

Steps: TypeAlias = tuple[str, ...]


def steps_of(pointer: str) -> Steps:
    """Return the steps of a pointer (RFC 6901 section 4)."""
    written = pointer.removeprefix("/").split("/")
    return tuple(_ESCAPED.sub(lambda found: "~" if found[1] == "0" else "/", step) for step in written)


def pointer_of(steps: Steps) -> str:
    """Return the pointer of steps."""
    return "/".join(map(pointer_step, steps))


def extra_line(steps: Steps, value: Any) -> Line:
    """Return the JSPROP that says this value."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Line("JSPROP", escape_text(text), [Parameter("JSPTR", (pointer_of(steps),))])


def read_extra(line: Line) -> tuple[Steps, Any] | None:
    """Return where a JSPROP points and what it says; None if it is damaged or not a card's to say."""
    pointer = line.param("JSPTR")
    if not pointer or len(line.value) > TEXT_MAX:
        return None
    steps = steps_of(pointer)
    if not 1 <= len(steps) <= STEPS_MAX or steps[0] in _NEVER:
        return None
    if not is_vendor(steps[0]) and (steps[0] not in SCHEMA or len(steps) == 1):
        return None
    try:
        value = json.loads(text_value(line))
        anything(value, pointer)
    except (ValueError, RecursionError, JsError):
        return None
    return steps, value


def with_extras(value: dict[str, Any], lines: list[Line]) -> dict[str, Any]:
    """Return a Card with what its JSPROP lines add; of a property that they would spoil, nothing."""
    by_property: dict[str, list[tuple[Steps, Any]]] = {}
    for line in lines[:EXTRAS_MAX]:
        found = read_extra(line)
        if found is not None:
            by_property.setdefault(found[0][0], []).append(found)
    for name, said in by_property.items():
        if is_vendor(name) and name not in SCHEMA:
            for steps, one in said:
                _put(value, steps, one)
            continue
        holder = {name: json.loads(json.dumps(value[name]))} if name in value else {}
        for steps, one in said:
            _put(holder, steps, one)
        if holder.get(name) and holder[name] != value.get(name):
            # Only what JSPROP says is checked: lines may say more than the schema allows, such as a URL without scheme.
            try:
                SCHEMA[name](_only(holder[name], value.get(name)), name)
            except JsError:
                continue
            value[name] = holder[name]
    return value


def _only(wanted: Any, present: Any) -> Any:
    """Return the entries of a map that differ; of anything else, the whole."""
    if (
        isinstance(wanted, Mapping)
        and isinstance(present, Mapping)
        and all(isinstance(x, Mapping) for x in wanted.values())
    ):
        return {key: one for key, one in wanted.items() if present.get(key) != one}
    return wanted


def unsaid(said: Any, wanted: Any, at: Steps) -> Iterator[tuple[Steps, Any]]:
    """Yield where a card says something else than is wanted, and what is wanted; None where nothing is."""
    if said == wanted:
        return
    if isinstance(said, Mapping) and isinstance(wanted, Mapping):
        for key, one in wanted.items():
            if key in said:
                yield from unsaid(said[key], one, (*at, key))
            else:
                yield (*at, key), one
        for key in said:
            if key not in wanted:
                yield (*at, key), None
    elif isinstance(said, list) and isinstance(wanted, list) and len(said) == len(wanted):
        for position, (one, other) in enumerate(zip(said, wanted, strict=True)):
            yield from unsaid(one, other, (*at, str(position)))
    else:
        yield at, wanted


def _put(value: Any, steps: Steps, wanted: Any) -> None:
    """Set what steps lead to, if they lead anywhere; the maps of properties and languages are made."""
    holder = value
    for depth, step in enumerate(steps[:-1]):
        if isinstance(holder, list):
            if not (step.isascii() and step.isdigit() and len(step) < 5 and int(step) < len(holder)):  # noqa: PLR2004
                return
            holder = holder[int(step)]
            continue
        if not isinstance(holder, dict):
            return
        if step not in holder:
            if depth > (1 if steps[0] == "localizations" else 0) or wanted is None:
                return
            holder[step] = {}
        holder = holder[step]
    last = steps[-1]
    if isinstance(holder, list):
        if last.isascii() and last.isdigit() and len(last) < 5 and int(last) < len(holder):  # noqa: PLR2004
            holder[int(last)] = wanted
    elif isinstance(holder, dict):
        if wanted is None:
            holder.pop(last, None)
        else:
            holder[last] = wanted
