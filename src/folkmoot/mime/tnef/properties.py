"""MAPI properties as TNEF carries them ([MS-OXTNEF] section 2.1.3.4, types of [MS-OXCDATA] section 2.11)."""

from datetime import UTC, datetime, timedelta
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.mime.charsets import to_text
from folkmoot.mime.tnef.cursor import Cursor

PROPERTIES_MAX: Final = 5_000  # of one list; Outlook writes about 150
VALUES_MAX: Final = 1_000  # of one property
ROWS_MAX: Final = 2_000  # recipients

STRING8: Final = 0x1E
UNICODE: Final = 0x1F
BINARY: Final = 0x102
OBJECT: Final = 0x0D
_SYSTEM_TIME: Final = 0x40
_BOOLEAN: Final = 0x0B
_MULTIPLE: Final = 0x1000
_NAMED_FROM: Final = 0x8000
_BY_NAME: Final = 1
_FIXED: Final = {
    0x00: 0, 0x01: 0, 0x02: 2, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8,
    0x0A: 4, _BOOLEAN: 2, 0x14: 8, _SYSTEM_TIME: 8, 0x48: 16,
}  # fmt: skip
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)

Value = int | str | bytes | datetime
Key = int | tuple[bytes, int | str]  # a property's id, or the set it belongs to and its number or name there


class Properties:
    """A list of properties; a value of the wrong type is as none."""

    def __init__(self, values: dict[Key, list[Value]]) -> None:
        self._values = values

    def text(self, *keys: Key) -> str:
        """Return the first text among these; empty if there is none."""
        return next((one for key in keys for one in self._values.get(key, ()) if isinstance(one, str) and one), "")

    def octets(self, *keys: Key) -> bytes:
        """Return the first octets among these; empty if there are none."""
        return next((one for key in keys for one in self._values.get(key, ()) if isinstance(one, bytes) and one), b"")

    def number(self, *keys: Key) -> int | None:
        """Return the first number among these."""
        return next((one for key in keys for one in self._values.get(key, ()) if isinstance(one, int)), None)

    def time(self, *keys: Key) -> datetime | None:
        """Return the first time among these, in UTC."""
        return next((one for key in keys for one in self._values.get(key, ()) if isinstance(one, datetime)), None)


NOTHING: Final = Properties({})


def read_properties(cursor: Cursor, charset: str) -> Properties:
    """Read a list of properties; of a list that is cut short what stands before.

    Raises:
        MalformedInput: the count is absurd.
    """
    count = cursor.number(4)
    if count > PROPERTIES_MAX:
        raise MalformedInput(f"tnef: a list of {count} properties")
    values: dict[Key, list[Value]] = {}
    for _ in range(count):
        try:
            key, read = _property(cursor, charset)
        except MalformedInput:
            break
        values.setdefault(key, read)
    return Properties(values)


def read_rows(octets: bytes, charset: str) -> list[Properties]:
    """Read a table of property lists, such as that of the recipients.

    Raises:
        MalformedInput: the count is absurd, or the table is cut within a count.
    """
    cursor = Cursor(octets)
    count = cursor.number(4)
    if count > ROWS_MAX:
        raise MalformedInput(f"tnef: a table of {count} rows")
    rows: list[Properties] = []
    while len(rows) < count and cursor.left:
        rows.append(read_properties(cursor, charset))
    return rows


def filetime(ticks: int) -> datetime | None:
    """Return a time counted in 100 nanoseconds since 1601; None if it is out of this calendar."""
    try:
        return _EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return None


def _property(cursor: Cursor, charset: str) -> tuple[Key, list[Value]]:
    kind, number = cursor.number(2), cursor.number(2)
    key: Key = number
    if number >= _NAMED_FROM:
        own_set = cursor.take(16)
        if cursor.number(4) == _BY_NAME:
            length = cursor.number(4)
            key = (own_set, cursor.take(length).decode("utf-16-le", "replace").rstrip("\0"))
            cursor.take(-length % 4)
        else:
            key = (own_set, cursor.number(4))
    simple = kind & ~_MULTIPLE
    variable = simple not in _FIXED
    if variable and simple not in (STRING8, UNICODE, BINARY, OBJECT):
        raise MalformedInput(f"tnef: a property of the unknown type {kind:#x}")
    count = cursor.number(4) if variable or kind & _MULTIPLE else 1
    if count > VALUES_MAX:
        raise MalformedInput(f"tnef: a property of {count} values")
    values = []
    for _ in range(count):
        length = cursor.number(4) if variable else _FIXED[simple]
        value = _value(simple, cursor.take(length), charset)
        cursor.take(min(-length % 4, cursor.left))
        if value is not None:
            values.append(value)
    return key, values


def _value(kind: int, octets: bytes, charset: str) -> Value | None:
    match kind:
        case 0x1E:
            return to_text(octets.partition(b"\0")[0], charset)
        case 0x1F:
            return octets.decode("utf-16-le", "replace").partition("\0")[0]
        case 0x102 | 0x0D | 0x48:
            return octets
        case 0x40:
            return filetime(int.from_bytes(octets, "little"))
        case _:
            return int.from_bytes(octets, "little", signed=True)
