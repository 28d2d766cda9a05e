"""A bounded store of computed answers, for pure functions of things that name themselves (an ETag, a digest)."""

from collections.abc import Hashable
from typing import Generic, TypeVar, overload

V = TypeVar("V")


class Memo(Generic[V]):
    """The newest ``capacity`` answers by key; half of them go when it is full."""

    __slots__ = ("_answers", "_capacity")

    def __init__(self, capacity: int) -> None:
        self._answers: dict[Hashable, V] = {}
        self._capacity = capacity

    @overload
    def get(self, key: Hashable) -> V | None: ...
    @overload
    def get(self, key: Hashable, missing: V) -> V: ...
    def get(self, key: Hashable, missing: V | None = None) -> V | None:
        """Return the answer kept under ``key``, else ``missing``."""
        return self._answers.get(key, missing)

    def put(self, key: Hashable, answer: V) -> V:
        """Keep and return an answer."""
        if len(self._answers) >= self._capacity:
            for old in list(self._answers)[: self._capacity // 2]:
                del self._answers[old]
        self._answers[key] = answer
        return answer
