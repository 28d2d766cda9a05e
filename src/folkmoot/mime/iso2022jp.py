"""ISO-2022-JP as mail has it: RFC 1468, and what Japanese mailers added to it (JIS X 0201 katakana, NEC's row 13).

Python's own codecs refuse the additions.  The characters of each set are handed to a codec that knows them: pairs of
JIS X 0208 are shifted into code page 932, those of JIS X 0212 into EUC.
"""

import re
from typing import Final

_ESCAPE: Final = re.compile(rb"\x1b(\$\(?[@BD]|\([BJIH])")
_ASCII: Final = b"(B"
_WIDE: Final = frozenset({b"$@", b"$B", b"$(@", b"$(B"})  # JIS X 0208
_SUPPLEMENT: Final = frozenset({b"$(D", b"$D"})  # JIS X 0212
_KATAKANA: Final = b"(I"
_CELLS: Final = range(0x21, 0x7F)
_GAP_OF_LEADS: Final = 0xA0  # code page 932 keeps A0 to DF for katakana
_GAP_OF_TRAILS: Final = 0x60  # and never uses 7F
_ENDS: Final = re.compile(rb"[^\n\r]*")


def decode(octets: bytes) -> str:
    """Return the text; what no set explains becomes U+FFFD.  A line's end goes back to ASCII (RFC 1468)."""
    pieces: list[str] = []
    present = _ASCII
    position = 0
    for escape in _ESCAPE.finditer(octets):
        pieces.append(_run(octets[position : escape.start()], present))
        present, position = escape[1], escape.end()
    pieces.append(_run(octets[position:], present))
    return "".join(pieces)


def _run(octets: bytes, charset: bytes) -> str:
    line = _ENDS.match(octets)
    end = line.end() if line else len(octets)
    inside, outside = octets[:end], octets[end:]
    if charset in _WIDE:
        text = _shifted(inside).decode("cp932", "replace")
    elif charset in _SUPPLEMENT:
        pairs = (bytes((0x8F, first | 0x80, second | 0x80)) for first, second in _pairs(inside))
        text = b"".join(pairs).decode("euc_jp", "replace")
    elif charset == _KATAKANA:
        text = bytes(octet | 0x80 for octet in inside).decode("cp932", "replace")
    else:
        text = inside.decode("cp932", "replace")  # half-width katakana with eight bits occur, too
    return text + outside.decode("cp932", "replace")


def _pairs(octets: bytes) -> list[tuple[int, int]]:
    return list(zip(octets[0::2], octets[1::2], strict=False))


def _shifted(octets: bytes) -> bytes:
    """Return pairs of JIS X 0208 as code page 932 writes them."""
    shifted = bytearray()
    for first, second in _pairs(octets):
        if first not in _CELLS or second not in _CELLS:
            shifted += b"?"
            continue
        lead = ((first - 0x21) >> 1) + 0x81
        shifted.append(lead if lead < _GAP_OF_LEADS else lead + 0x40)
        if first & 1:
            shifted.append(second + (0x1F if second < _GAP_OF_TRAILS else 0x20))
        else:
            shifted.append(second + 0x7E)
    return bytes(shifted)
