"""Answers' bodies, unpacked no further than they may grow."""

import zlib
from typing import Final

from folkmoot.fetch.errors import HTTP_ERROR, FetchFailed

ACCEPTED: Final = "gzip"
_GZIP: Final = 16 + zlib.MAX_WBITS  # how zlib is told


class Body:
    """Collects a body, unpacked, up to a size."""

    def __init__(self, encoding: str, octets_max: int) -> None:
        encoding = encoding.strip().lower()
        if encoding not in {"", "identity", "gzip", "x-gzip"}:
            raise FetchFailed(HTTP_ERROR, "the answer is packed in a way that was not asked for")
        self._unpacked = zlib.decompressobj(_GZIP) if encoding not in {"", "identity"} else None
        self._octets_max = octets_max
        self._parts = bytearray()

    def feed(self, octets: bytes) -> None:
        """Take a piece.

        Raises:
            FetchFailed: it grows too large, or cannot be unpacked.
        """
        if self._unpacked is None:
            self._parts += octets
        else:
            try:
                # One octet more than there is room for tells that it is too much.
                self._parts += self._unpacked.decompress(octets, self._octets_max - len(self._parts) + 1)
            except zlib.error as error:
                raise FetchFailed(HTTP_ERROR, "the answer cannot be unpacked") from error
        if len(self._parts) > self._octets_max:
            raise FetchFailed(HTTP_ERROR, f"the document is larger than {self._octets_max} octets")

    def whole(self) -> bytes:
        """Return the body.

        Raises:
            FetchFailed: it ends in the middle.
        """
        if self._unpacked is not None and not self._unpacked.eof:
            raise FetchFailed(HTTP_ERROR, "the answer ends in the middle")
        return bytes(self._parts)
