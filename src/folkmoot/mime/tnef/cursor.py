"""Octets read from left to right, little end first."""

from folkmoot.core.errors import MalformedInput


class Cursor:
    """A place in octets; whatever would read past their end is ``MalformedInput``."""

    __slots__ = ("_octets", "position")

    def __init__(self, octets: bytes, position: int = 0) -> None:
        self._octets = octets
        self.position = position

    @property
    def left(self) -> int:
        return len(self._octets) - self.position

    def take(self, length: int) -> bytes:
        """Return the next octets."""
        if not 0 <= length <= self.left:
            raise MalformedInput(f"tnef: {length} octets promised at {self.position}, {self.left} there")
        start, self.position = self.position, self.position + length
        return self._octets[start : self.position]

    def number(self, octets: int) -> int:
        """Return the next unsigned number."""
        return int.from_bytes(self.take(octets), "little")

    def signed(self, octets: int) -> int:
        """Return the next number with a sign."""
        return int.from_bytes(self.take(octets), "little", signed=True)
