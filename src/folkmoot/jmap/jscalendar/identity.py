"""Ids of entries: what a client chose, else what follows from the entry itself.

A chosen id stands in the parameter or property JSID of the conversion draft.  An id that follows
needs nothing to be written, so reading never changes an object.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from typing import Final, TypeVar

from folkmoot.ical import Component, Line

T = TypeVar("T", Line, Component)
CHOSEN: Final = "JSID"
VALID: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_ROUNDS_MAX: Final = 3  # giving one line an id can change what follows for its twin


def digest(text: str) -> str:
    """Return an id that follows from a text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def chosen_id(carrier: Line | Component) -> str | None:
    """Return the id that was chosen, or ``None``."""
    if isinstance(carrier, Line):
        found = carrier.param(CHOSEN) if carrier.has_params else None
    else:
        found = carrier.text(CHOSEN)
    return found if found is not None and VALID.fullmatch(found) else None


def identified(carriers: Iterable[T], derive: Callable[[T, int], str]) -> list[tuple[str, T]]:
    """Return the carriers with their ids, each of them once; ``derive`` is given the place as well."""
    listed = list(carriers)
    chosen = [chosen_id(carrier) for carrier in listed]
    taken: set[str] = set()
    ids: list[str | None] = []
    for one in chosen:
        ids.append(one if one is not None and one not in taken else None)
        if one is not None:
            taken.add(one)
    found: list[tuple[str, T]] = []
    numbers: dict[str, int] = {}
    for place, carrier in enumerate(listed):
        one = ids[place]
        if one is None:
            derived = one = derive(carrier, place)
            while one in taken:
                number = numbers[derived] = numbers.get(derived, 1) + 1
                one = f"{derived}-{number}"
            taken.add(one)
        found.append((one, carrier))
    return found


def kept(
    wanted: Sequence[tuple[str, T]], derive: Callable[[T, int], str], choose: Callable[[T, str], T]
) -> list[tuple[str, T]]:
    """Return the carriers so that reading them gives the ids wanted; ``choose`` writes an id where needed."""
    pairs = list(wanted)
    for _ in range(_ROUNDS_MAX):
        found = identified([carrier for _, carrier in pairs], derive)
        wrong = [place for place, (one, _) in enumerate(found) if one != pairs[place][0]]
        if not wrong:
            break
        for position in wrong:
            one, carrier = pairs[position]
            pairs[position] = one, choose(carrier, one)
    return pairs
