"""The attributes of a TNEF stream ([MS-OXTNEF] section 2.1.1)."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from folkmoot.core.errors import MalformedInput
from folkmoot.mime.tnef.cursor import Cursor

SIGNATURE: Final = b"\x78\x9f\x3e\x22"
ATTRIBUTES_MAX: Final = 5_000  # Outlook writes about 20, and five for each file
MESSAGE: Final = 1
ATTACHMENT: Final = 2

MESSAGE_CLASS: Final = 0x00078008
SUBJECT: Final = 0x00018004
BODY: Final = 0x0002800C
MESSAGE_PROPERTIES: Final = 0x00069003
RECIPIENTS: Final = 0x00069004
CODE_PAGE: Final = 0x00069007
ATTACHMENT_BEGINS: Final = 0x00069002
ATTACHMENT_CONTENT: Final = 0x0006800F
ATTACHMENT_TITLE: Final = 0x00018010
ATTACHMENT_PROPERTIES: Final = 0x00069005


class Attribute(Struct, frozen=True):
    """One attribute: of the message, or of the attachment that began last."""

    level: int
    id: int
    content: bytes


def read_attributes(octets: bytes) -> Iterator[Attribute]:
    """Yield the attributes up to where the stream is damaged; sums are not checked, as Outlook does not either.

    Raises:
        MalformedInput: this is no TNEF.
    """
    if not octets.startswith(SIGNATURE):
        raise MalformedInput("tnef: not the signature of a TNEF stream")
    cursor = Cursor(octets, len(SIGNATURE))
    try:
        cursor.take(2)  # a key that nobody uses
        for _ in range(ATTRIBUTES_MAX):
            if not cursor.left:
                return
            level, number, length = cursor.number(1), cursor.number(4), cursor.number(4)
            if level not in (MESSAGE, ATTACHMENT):
                return
            yield Attribute(level, number, cursor.take(length))
            cursor.take(2)
    except MalformedInput:
        return
