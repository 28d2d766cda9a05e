"""A zip file that is written in pieces and stands nowhere as a whole, and names in it that are safe to unpack."""

import re
import time
import unicodedata
import zipfile
from typing import IO, Final

LEVEL: Final = 1  # of deflate; attachments are compressed already
NAME_OCTETS_MAX: Final = 150  # of one level; with its folders a path stays below what Windows takes
_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u2028\u2029\u202a-\u202e\u2066-\u2069]+')
_BLANKS: Final = re.compile(r"\s+")
# Names of devices, which Windows takes for files whatever follows the dot.
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?\Z", re.IGNORECASE)
_FIRST_YEAR: Final = 1980  # that zip files know
_LAST_YEAR: Final = 2107


class _Sink:
    """Keeps what was written until it is taken."""

    def __init__(self) -> None:
        self.octets = bytearray()

    def write(self, piece: bytes, /) -> int:
        self.octets += piece
        return len(piece)

    def flush(self) -> None:
        """Do nothing: what is written is here."""

    def close(self) -> None:
        """Do nothing, likewise."""


class ZipStream:
    """Writes entries one after the other; ``take`` returns what there is to send."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL)
        self._names: set[str] = set()
        self._entry: IO[bytes] | None = None

    def begin(self, folder: str, name: str, suffix: str, seconds: int) -> None:
        """Begin an entry; ``folder`` is "" or a path of safe names, ``seconds`` since 1970 UTC its date."""
        stem = safe_name(name)
        path = _joined(folder, stem + suffix)
        number = 2
        while path.casefold() in self._names:  # file systems may not tell letters of two sizes apart
            path = _joined(folder, f"{stem} ({number}){suffix}")
            number += 1
        self._names.add(path.casefold())
        info = zipfile.ZipInfo(path, _moment(seconds))
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        self._entry = self._zip.open(info, "w", force_zip64=True)

    def write(self, piece: bytes) -> None:
        """Write a piece of the present entry."""
        if self._entry is None:
            raise RuntimeError("no entry was begun")
        self._entry.write(piece)

    def end(self) -> None:
        """End the present entry."""
        if self._entry is not None:
            self._entry.close()
            self._entry = None

    def close(self) -> None:
        """Write the list of entries."""
        self.end()
        self._zip.close()

    def take(self) -> bytes:
        """Return what was written since the last time."""
        octets = bytes(self._sink.octets)
        self._sink.octets.clear()
        return octets


def safe_name(text: str) -> str:
    """Return text as the name of a file that every system can keep and that leads nowhere else."""
    name = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    name = _BLANKS.sub(" ", _UNSAFE.sub("_", name)).strip(" .")
    octets = name.encode()[:NAME_OCTETS_MAX]
    name = octets.decode("utf-8", "ignore").strip(" .")
    if not name:
        return "_"
    return f"_{name}" if _DEVICES.match(name) else name


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _moment(seconds: int) -> tuple[int, int, int, int, int, int]:
    try:
        when = time.gmtime(seconds)
    except (ValueError, OverflowError, OSError):
        when = time.gmtime(0)
    if not _FIRST_YEAR <= when.tm_year <= _LAST_YEAR:
        return (_FIRST_YEAR, 1, 1, 0, 0, 0)
    return (when.tm_year, when.tm_mon, when.tm_mday, when.tm_hour, when.tm_min, when.tm_sec)
