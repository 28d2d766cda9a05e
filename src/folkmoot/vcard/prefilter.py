"""Deciding most of a filter on the search text of the index, without reading the card.

Sound because the fold of the search text respects concatenation: whatever a text match finds in a value, by any
collation and any match type, its fold finds in the value's fold (see ``casemap``).
"""

from dataclasses import dataclass

from folkmoot.vcard.casemap import Collation
from folkmoot.vcard.filter import AddressFilter, MatchType, PropFilter, Test, TextMatch
from folkmoot.vcard.summary import INDEXED, search_fold


@dataclass(frozen=True, slots=True)
class Needle:
    """A folded text that has to occur in an instance of a property; empty if any instance will do."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Prefilter:
    """Of each clause at least one needle must be found; ``exact`` if that decides the filter, not only narrows it."""

    clauses: tuple[tuple[Needle, ...], ...]
    exact: bool

    def accepts(self, search: str) -> bool:
        """Return whether a card with this search text may match; if ``exact``, whether it does."""
        return all(any(_found(needle, search) for needle in clause) for clause in self.clauses)


def prefilter(filter: AddressFilter) -> Prefilter | None:  # noqa: A002  # the standard's word
    """Return what the search text can tell about a filter, or None if it tells nothing."""
    if not filter.prop_filters:
        return None
    clauses: list[tuple[Needle, ...]] = []
    exact = True
    for condition in filter.prop_filters:
        needles, decided = _clause(condition)
        exact = exact and decided
        if needles:
            clauses.append(needles)
        elif filter.test is Test.ANYOF:
            return None
    if not clauses:
        return None
    if filter.test is Test.ANYOF:
        clauses = [tuple(needle for clause in clauses for needle in clause)]
    return Prefilter(tuple(clauses), exact)


def _clause(condition: PropFilter) -> tuple[tuple[Needle, ...], bool]:
    """Return needles of which a matching card has one, and whether having one is enough; none if nothing is known."""
    group, _, name = condition.name.upper().rpartition(".")
    if name not in INDEXED or condition.is_not_defined:
        return (), False
    anywhere = Needle(name, "")
    texts, params = condition.text_matches, condition.param_filters
    if not texts and not params:
        return (anywhere,), not group
    needles = [Needle(name, "" if text.negate else search_fold(text.text)) for text in texts]
    if condition.test is Test.ALLOF:
        longest = max(needles, key=lambda needle: len(needle.text), default=anywhere)
        return (longest,), not group and not params and len(texts) == 1 and _decisive(texts[0])
    if params:
        return (anywhere,), False
    return tuple(needles), not group and all(map(_decisive, texts))


def _decisive(text_match: TextMatch) -> bool:
    return (
        text_match.collation is Collation.UNICODE_CASEMAP
        and text_match.match_type is MatchType.CONTAINS
        and not text_match.negate
        # What stands for a line break in the search text stands for several characters.
        and "\x1f" not in search_fold(text_match.text)
    )


def _found(needle: Needle, search: str) -> bool:
    if needle.text not in search:
        return False
    prefix = f"{needle.name}:"
    return any(line.startswith(prefix) and needle.text in line[len(prefix) :] for line in search.split("\n"))
