"""TNEF streams as Outlook writes them, put together octet by octet ([MS-OXTNEF], [MS-OXRTFCP])."""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime

APPOINTMENT = bytes.fromhex("0220060000000000c000000000000046")
MEETING = bytes.fromhex("90dad86e0b451b1098da00aa003f1305")
PUBLIC_STRINGS = bytes.fromhex("2903020000000000c000000000000046")
MESSAGE_OBJECT = bytes.fromhex("0703020000000000c000000000000046")
PREFIX = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def attribute(level: int, number: int, content: bytes) -> bytes:
    return struct.pack("<BII", level, number, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)


def stream(*attributes: bytes, code_page: int = 1252) -> bytes:
    head = b"\x78\x9f\x3e\x22" + struct.pack("<H", 1)
    version = attribute(1, 0x00089006, struct.pack("<I", 0x00010000))
    return head + version + attribute(1, 0x00069007, struct.pack("<II", code_page, 0)) + b"".join(attributes)


def text8(text: str, charset: str = "cp1252") -> bytes:
    return text.encode(charset) + b"\0"


def text16(text: str) -> bytes:
    return text.encode("utf-16-le") + b"\0\0"


def filetime(moment: datetime) -> bytes:
    ticks = round((moment - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds() * 10_000_000)
    return struct.pack("<Q", ticks)


def property_(key: int | tuple[bytes, int | str], kind: int, *values: bytes) -> bytes:
    """Return one property; a type of varying length gets its count and lengths."""
    out = struct.pack("<HH", kind, key if isinstance(key, int) else 0x8000)
    if isinstance(key, tuple):
        out += key[0]
        if isinstance(key[1], str):
            name = text16(key[1])
            out += struct.pack("<II", 1, len(name)) + name + bytes(-len(name) % 4)
        else:
            out += struct.pack("<II", 0, key[1])
    variable = kind & 0x0FFF in (0x0D, 0x1E, 0x1F, 0x102)
    if variable or kind & 0x1000:
        out += struct.pack("<I", len(values))
    for value in values:
        out += (struct.pack("<I", len(value)) if variable else b"") + value + bytes(-len(value) % 4)
    return out


def number(key: int | tuple[bytes, int | str], value: int) -> bytes:
    return property_(key, 0x03, struct.pack("<i", value))


def flag(key: int | tuple[bytes, int | str], *, value: bool) -> bytes:
    return property_(key, 0x0B, struct.pack("<H", value))


def unicode(key: int | tuple[bytes, int | str], text: str) -> bytes:
    return property_(key, 0x1F, text16(text))


def string8(key: int | tuple[bytes, int | str], text: str, charset: str = "cp1252") -> bytes:
    return property_(key, 0x1E, text8(text, charset))


def binary(key: int | tuple[bytes, int | str], value: bytes) -> bytes:
    return property_(key, 0x102, value)


def time(key: int | tuple[bytes, int | str], moment: datetime) -> bytes:
    return property_(key, 0x40, filetime(moment))


def properties(*each: bytes) -> bytes:
    return struct.pack("<I", len(each)) + b"".join(each)


def message_properties(*each: bytes) -> bytes:
    return attribute(1, 0x00069003, properties(*each))


def message_class(name: str) -> bytes:
    return attribute(1, 0x00078008, text8(name))


def subject(text: str) -> bytes:
    return attribute(1, 0x00018004, text8(text))


def body(text: str, charset: str = "cp1252") -> bytes:
    return attribute(1, 0x0002800C, text8(text.replace("\n", "\r\n"), charset))


def file(short: str, content: bytes, *more: bytes, long: str = "") -> bytes:
    out = (
        attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, text8(short)) + attribute(2, 0x0006800F, content)
    )
    listed = (*((unicode(0x3707, long),) if long else ()), *more)
    return out + (attribute(2, 0x00069005, properties(*listed)) if listed else b"")


def embedded(inner: bytes) -> bytes:
    listed = properties(number(0x3705, 5), property_(0x3701, 0x0D, MESSAGE_OBJECT + inner))
    return (
        attribute(2, 0x00069002, bytes(14))
        + attribute(2, 0x00018010, text8("Nachricht"))
        + attribute(2, 0x00069005, listed)
    )


def recipients(*people: tuple[str, str, int]) -> bytes:
    rows = [
        properties(unicode(0x3001, name), unicode(0x39FE, address), string8(0x3002, "SMTP"), number(0x0C15, kind))
        for name, address, kind in people
    ]
    return attribute(1, 0x00069004, struct.pack("<I", len(rows)) + b"".join(rows))


def compressed(rtf: bytes) -> bytes:
    """Return RTF with references wherever three octets or more were there before."""
    write = len(PREFIX)
    written = PREFIX
    tokens: list[bytes] = []
    flags: list[int] = []
    position = 0
    while position < len(rtf):
        found, length = -1, 0
        for size in range(min(17, len(rtf) - position), 2, -1):
            recent = written[-4000:]
            place = recent.rfind(rtf[position : position + size])
            if place >= 0:
                found, length = (len(written) - len(recent) + place) % 4096, size
                break
        if length:
            tokens.append(struct.pack(">H", found << 4 | length - 2))
            flags.append(1)
        else:
            length = 1
            tokens.append(rtf[position : position + 1])
            flags.append(0)
        written += rtf[position : position + length]
        position += length
        write = len(written) % 4096
    tokens.append(struct.pack(">H", write << 4))
    flags.append(1)
    out = b""
    for start in range(0, len(tokens), 8):
        mask = sum(bit << place for place, bit in enumerate(flags[start : start + 8]))
        out += bytes((mask,)) + b"".join(tokens[start : start + 8])
    return struct.pack("<II4sI", len(out) + 12, len(rtf), b"LZFu", 0) + out


def uncompressed(rtf: bytes) -> bytes:
    return struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf


def global_id(seed: bytes, day: tuple[int, int, int] | None = None) -> bytes:
    instance = struct.pack(">HBB", *day) if day else bytes(4)
    return (
        bytes.fromhex("040000008200e00074c5b7101a82e008") + instance + bytes(16) + struct.pack("<I", len(seed)) + seed
    )


def zone_rules() -> bytes:
    """Return the rules of Central Europe."""
    return (
        struct.pack("<iii", -60, 0, -60)
        + struct.pack("<H8H", 0, 0, 10, 0, 5, 3, 0, 0, 0)
        + struct.pack("<H8H", 0, 0, 3, 0, 5, 2, 0, 0, 0)
    )


def zone_named(name: str = "W. Europe Standard Time") -> bytes:
    return (
        struct.pack("<BBHHH", 2, 1, 6 + 2 * len(name), 2, len(name)) + name.encode("utf-16-le") + struct.pack("<H", 0)
    )


def weekly(
    first: datetime,
    last: datetime,
    *,
    mask: int,
    count: int,
    deleted: Sequence[datetime] = (),
    moved: Sequence[tuple[datetime, datetime, datetime]] = (),
) -> bytes:
    """Return the pattern of a weekly meeting; local times, ``moved`` as original, start, end."""

    def minutes(moment: datetime) -> int:
        return round((moment - datetime(1601, 1, 1)).total_seconds() // 60)  # noqa: DTZ001 - local minutes

    def days(moments: Sequence[datetime]) -> bytes:
        at = [minutes(one.replace(hour=0, minute=0)) for one in moments]
        return struct.pack(f"<I{len(at)}I", len(at), *at)

    offset = first.hour * 60 + first.minute
    out = struct.pack("<HHHHHIII", 0x3004, 0x3004, 0x200B, 1, 0, 8640, 1, 0) + struct.pack("<I", mask)
    out += struct.pack("<III", 0x2022 if count else 0x2023, count or 10, 1)
    out += days([*deleted, *(one[0] for one in moved)]) + days([one[1] for one in moved])
    out += struct.pack("<II", minutes(first.replace(hour=0, minute=0)), minutes(last.replace(hour=0, minute=0)))
    out += struct.pack("<IIII", 0x3006, 0x3009, offset, offset + 60) + struct.pack("<H", len(moved))
    for original, start, end in moved:
        out += struct.pack("<IIIH", minutes(start), minutes(end), minutes(original), 0)
    return out + struct.pack("<II", 0, 0)
