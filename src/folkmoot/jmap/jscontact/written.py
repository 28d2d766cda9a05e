"""Lines as they are written anew, in the words of a card's version."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from folkmoot.contentline import Line, Parameter, escape_text
from folkmoot.jmap.jscontact.sight import CONTEXT_WORDS
from folkmoot.vcard.parameters import type_from_pref


@dataclass(frozen=True, slots=True)
class Written:
    """The lines of one entry, the one that carries its id first, and the label of their group."""

    lines: list[Line] = field(default_factory=list)
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a version writes; ``new`` is 4.0, all others are written as 3.0."""

    new: bool

    def line(
        self,
        name: str,
        value: str,
        *,
        of: Mapping[str, Any] | None = None,
        types: Iterable[str] = (),
        params: Mapping[str, str | None] | None = None,
    ) -> Line:
        """Return a line; contexts and preference are taken from ``of``; parameters without a value are left out."""
        made = [Parameter(key, (one,)) for key, one in (params or {}).items() if one is not None]
        words = [CONTEXT_WORDS.get(context, context) for context in (of or {}).get("contexts") or ()]
        made += [Parameter("TYPE", (word,)) for word in (*words, *types)]
        pref = (of or {}).get("pref")
        if pref is not None:
            made.append(Parameter("PREF", (str(pref),)))
        line = Line(name, value, made)
        return line if self.new else type_from_pref(line)

    def text(
        self,
        name: str,
        text: str,
        *,
        of: Mapping[str, Any] | None = None,
        types: Iterable[str] = (),
        params: Mapping[str, str | None] | None = None,
    ) -> Line:
        """Return a line whose value is plain text."""
        return self.line(name, escape_text(text), of=of, types=types, params=params)


def structured(parts: Sequence[Sequence[str]]) -> str:
    """Return a structured value whose parts are lists."""
    return ";".join(",".join(map(escape_text, part)) for part in parts)


DERIVED: Final = "DERIVED"
"""The parameter of a property that another one implies (RFC 9554 section 4.3)."""


def is_derived(line: Line) -> bool:
    """Whether a property says nothing that others do not say."""
    return line.has_params and (line.param(DERIVED) or "").lower() == "true"
