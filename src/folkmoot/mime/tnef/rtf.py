"""Compressed RTF ([MS-OXRTFCP]): octets out, never more than the limit."""

from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.mime.tnef.cursor import Cursor

RTF_OCTETS_MAX: Final = 20_000_000  # uncompressed; a text of several thousand pages
_COMPRESSED: Final = b"LZFu"
_PLAIN: Final = b"MELA"
_WINDOW: Final = 4096
_INITIAL: Final = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def decompress(octets: bytes) -> bytes:
    """Return the RTF text; of a damaged one what comes before the damage.

    Raises:
        MalformedInput: this is no compressed RTF.
        TooLarge: the text says that it is larger than ``RTF_OCTETS_MAX``.
    """
    cursor = Cursor(octets)
    cursor.take(4)  # the compressed size, which is that of the property
    size, kind = cursor.number(4), cursor.take(4)
    cursor.take(4)  # its sum: what is damaged is shown as far as it goes
    if size > RTF_OCTETS_MAX:
        raise TooLarge(f"a text of {size} octets of RTF")
    if kind == _PLAIN:
        return cursor.take(min(size, cursor.left))
    if kind != _COMPRESSED:
        raise MalformedInput("tnef: RTF in an unknown compression")
    try:
        return bytes(_expanded(cursor, size))
    except MalformedInput:
        return b""


def _expanded(cursor: Cursor, size: int) -> bytearray:
    window = bytearray(_INITIAL.ljust(_WINDOW, b" "))
    write = len(_INITIAL)
    out = bytearray()
    while cursor.left and len(out) < size:
        flags = cursor.number(1)
        for bit in range(8):
            if not cursor.left or len(out) >= size:
                break
            if not flags >> bit & 1:
                octet = cursor.number(1)
                out.append(octet)
                window[write] = octet
                write = (write + 1) % _WINDOW
                continue
            if cursor.left < 2:  # noqa: PLR2004 - a reference is two octets
                return out
            first, second = cursor.take(2)
            offset, length = first << 4 | second >> 4, (second & 0x0F) + 2
            if offset == write:  # the end, says the format
                return out
            for step in range(length):
                octet = window[(offset + step) % _WINDOW]
                out.append(octet)
                window[write] = octet
                write = (write + 1) % _WINDOW
    return out
