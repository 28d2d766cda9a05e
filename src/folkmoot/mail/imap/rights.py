"""Letters of rights: those of RFC 4314, and the coarser ones of RFC 2086 that old servers speak."""

from typing import Final

OLD_STYLE: Final = "rfc2086"  # SOGoIMAPAclStyle
_FROM_OLD: Final = {"c": "kx", "d": "te"}  # RFC 4314 section 2.1.1


def from_old_style(letters: str) -> str:
    """Return RFC 4314's letters for those of RFC 2086."""
    return "".join(dict.fromkeys("".join(_FROM_OLD.get(letter, letter) for letter in letters)))


def to_old_style(letters: str) -> str:
    """Return RFC 2086's letters; ``c`` and ``d`` only where all that they mean is given."""
    given = set(letters)
    kept = [letter for letter in letters if letter not in "kxtecd"]
    if {"k", "x"} <= given or "c" in given:
        kept.append("c")
    if {"t", "e"} <= given or "d" in given:
        kept.append("d")
    return "".join(kept)
