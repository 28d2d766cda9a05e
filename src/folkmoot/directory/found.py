"""A small memory of principals that were found lately."""

from time import monotonic
from typing import Final, Generic, TypeVar

from folkmoot.directory.principal import Principal

SIZE_MAX: Final = 20_000  # principals; a few kilobytes each at most

K = TypeVar("K")


class Found(Generic[K]):
    """Principals by some key, each for a number of seconds; the oldest leave first when it is full."""

    def __init__(self, seconds: float, size_max: int = SIZE_MAX) -> None:
        self._seconds = seconds
        self._size_max = size_max
        self._entries: dict[K, tuple[float, Principal]] = {}

    def get(self, key: K) -> Principal | None:
        """Return what was put under the key, unless it is too old."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[0] < monotonic():
            del self._entries[key]
            return None
        return entry[1]

    def put(self, key: K, principal: Principal) -> None:
        """Remember a principal."""
        self._entries.pop(key, None)
        while len(self._entries) >= self._size_max:
            del self._entries[next(iter(self._entries))]
        self._entries[key] = (monotonic() + self._seconds, principal)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
