"""Property lists in any form that GNUstep reads: OpenStep text, its own typed text, XML."""

from typing import Final

from folkmoot.config import openstep
from folkmoot.config.nodes import Plain
from folkmoot.config.openstep import Parsed
from folkmoot.config.xml_plist import parse_xml
from folkmoot.core.errors import MalformedInput, TooLarge

CONFIGURATION_SIZE_MAX: Final = 4 * 1_048_576  # bytes; a hoster's thousand domains take one megabyte


def parse(text: str | bytes, *, size_max: int = CONFIGURATION_SIZE_MAX) -> Parsed:
    """Parse a whole property list; bytes are UTF-8, or Latin-1 if they are not, as GNUstep takes them.

    Backups are larger than configurations: their reader gives a ``size_max`` (bytes or characters) of its own.

    Raises:
        MalformedInput: not a property list; the message says at which line and column.
        TooLarge: larger than ``size_max``, or nested too deep.
    """
    if len(text) > size_max:
        raise TooLarge(f"property list larger than {size_max} bytes")
    if isinstance(text, bytes):
        text = _decoded(text)
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith(("<?xml", "<!DOCTYPE", "<plist")):
        return Parsed(parse_xml(text.lstrip()))
    return openstep.parse(text)


def format(value: Plain) -> str:  # noqa: A001 - the house's verb; meant to be used as plist.format
    """Write a value as OpenStep text in ASCII, which ``parse`` reads back as the same value."""
    return openstep.format_openstep(value) + "\n"


def _decoded(text: bytes) -> str:
    if text.startswith(b"bplist"):
        raise MalformedInput("binary property lists are not read; convert it to text or XML first")
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return text.decode("utf-16", "replace")
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")
