"""Small portraits: a face of a few shapes and colours that follow from a name, as PNG (ISO/IEC 15948)."""

import struct
import zlib
from functools import cache
from hashlib import sha256
from typing import Final

SIZE: Final = 96  # pixels a side
_BACK, _SKIN, _HAIR, _SHIRT, _EYE = range(5)
_BACKGROUNDS: Final = (0xCFE3F5, 0xE7DCF4, 0xD9EFD8, 0xF7E3CF, 0xF5D5DA, 0xD4EFEF)
_SKINS: Final = (0xF6D7BD, 0xE8B98F, 0xC98F63, 0x9C6A43, 0x6E4630)
_HAIRS: Final = (0x2B2320, 0x5A3B25, 0xA8743C, 0xE0C27A, 0x8E8E90, 0x7A2E1D)
_SHIRTS: Final = (0x2F5D8A, 0x8A3B4B, 0x3F7A52, 0x6B4E8F, 0x37474F, 0xB3702E)


def portrait(name: str) -> bytes:
    """Return a PNG picture, always the same for a name."""
    seed = sha256(name.encode()).digest()
    palette = (
        _BACKGROUNDS[seed[0] % len(_BACKGROUNDS)],
        _SKINS[seed[1] % len(_SKINS)],
        _HAIRS[seed[2] % len(_HAIRS)],
        _SHIRTS[seed[3] % len(_SHIRTS)],
        0x241F1C,
    )
    hair_drop = 20 + seed[4] % 40  # how far the hair hangs down, in pixels
    fringe = 26 + seed[5] % 8
    rows = b"".join(b"\0" + _row(y, hair=y < 24 + hair_drop, face=y > fringe) for y in range(SIZE))
    return _png(rows, palette)


@cache
def _row(y: int, *, hair: bool, face: bool) -> bytes:
    """Return one line of pixels, of someone whose hair hangs so far down and whose face begins so high."""
    return bytes(_colour(x, y, hair=hair, face=face) for x in range(SIZE))


def _colour(x: int, y: int, *, hair: bool, face: bool) -> int:
    across, half = x - SIZE // 2, SIZE // 2
    if abs(abs(across) - 9) <= 2 and abs(y - 44) <= 2:  # noqa: PLR2004 - eyes
        return _EYE
    in_face = face and (across / 22) ** 2 + ((y - 44) / 27) ** 2 < 1
    in_hair = hair and (across / 28) ** 2 + ((y - 40) / 33) ** 2 < 1
    if in_face:
        return _SKIN
    if in_hair:
        return _HAIR
    if abs(across) < 9 and 60 < y < 80:  # noqa: PLR2004 - neck
        return _SKIN
    in_shirt = (across / (half - 8)) ** 2 + ((y - SIZE) / 26) ** 2 < 1
    return _SHIRT if in_shirt else _BACK


def _png(rows: bytes, palette: tuple[int, ...]) -> bytes:
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 3, 0, 0, 0)  # 8 bits, indexed colour
    colours = b"".join(colour.to_bytes(3, "big") for colour in palette)
    chunks = (
        (b"IHDR", header),
        (b"PLTE", colours),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
