"""The search texts of one book, laid end to end so that a needle is found at the speed of one string search."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

from folkmoot.core.ids import ResourceName
from folkmoot.vcard import Needle, Prefilter

_SEPARATOR: Final = "\x00"  # in no search text


class SearchTexts:
    """Names and search texts of a book's cards; a card without text may match anything."""

    __slots__ = ("_all", "_by_name", "_names", "_starts", "_texts", "_unknown")

    def __init__(self, rows: Iterable[tuple[ResourceName, str | None]]) -> None:
        self._names: list[ResourceName] = []
        self._texts: list[str] = []
        self._unknown: list[ResourceName] = []
        self._starts: list[int] = []
        position = 0
        for name, text in rows:
            if text is None:
                self._unknown.append(name)
                continue
            self._names.append(name)
            self._texts.append(text)
            self._starts.append(position)
            position += len(text) + len(_SEPARATOR)
        self._all = _SEPARATOR.join(self._texts)
        self._by_name = dict(zip(self._names, self._texts, strict=True))

    def of(self, name: ResourceName) -> str | None:
        """Return the search text of a card; None if only the card itself tells."""
        return self._by_name.get(name)

    def names(self, wanted: Prefilter) -> Sequence[ResourceName]:
        """Return the cards that may match, in the order of the book; those without text come last."""
        numbers: Iterable[int] = range(len(self._texts))
        for clause in wanted.clauses:
            if all(needle.text for needle in clause):
                hits = set().union(*(self._hits(needle) for needle in clause))
                numbers = [number for number in numbers if number in hits]
        return [self._names[n] for n in numbers if wanted.accepts(self._texts[n])] + self._unknown

    def _hits(self, needle: Needle) -> set[int]:
        found: set[int] = set()
        position = self._all.find(needle.text)
        while position >= 0:
            number = bisect_right(self._starts, position) - 1
            found.add(number)
            if number + 1 == len(self._starts):
                break
            position = self._all.find(needle.text, self._starts[number + 1])
        return found
