"""The Range header: one range of bytes (RFC 9110 section 14)."""

import re
from dataclasses import dataclass
from typing import Final

_RANGE: Final = re.compile(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """Octets from ``start`` up to, not including, ``stop``."""

    start: int
    stop: int


class Whole:
    """The header is one that we need not serve: several ranges, or another unit."""


def parse_range(text: str, size: int) -> Part | Whole | None:
    """Return the part of ``size`` octets that is asked for; None if it holds none of them."""
    found = _RANGE.match(text)
    if found is None or not (found[1] or found[2]):
        return Whole()
    if not found[1]:
        length = min(int(found[2]), size)
        return Part(size - length, size) if length else None
    start = int(found[1])
    stop = min(int(found[2]) + 1, size) if found[2] else size
    if start >= size:
        return None
    return Part(start, stop) if start < stop else Whole()
