"""A message with its winmail.dat replaced by what stands in it."""

from typing import Final

from folkmoot.core.errors import FolkmootError
from folkmoot.mime.filenames import part_name
from folkmoot.mime.part import Part
from folkmoot.mime.reading import Message, read_message
from folkmoot.mime.tnef.reading import is_tnef, read_tnef
from folkmoot.mime.tnef.unpacking import unpack_entity

EXPANDED_MAX: Final = 5  # winmail.dat of one message; Outlook writes one
_TYPES: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_NAME: Final = "winmail.dat"
_CRLF: Final = b"\r\n"


def holds_tnef(part: Part) -> bool:
    """Return whether a message has a part that says it is TNEF, or is called as such parts are."""
    return any(_is_candidate(one) for one in part.walk())


def expand(octets: bytes) -> bytes | None:
    """Return a message with text, files and meetings in place of their winmail.dat; None if there is none to read.

    Raises:
        TooLarge: what would come out is larger than any message may be.
    """
    message = read_message(octets)
    entities: list[tuple[Part, bytes]] = []
    for part in message.part.walk():
        if len(entities) < EXPANDED_MAX and _is_candidate(part):
            content = message.content(part.path)
            if is_tnef(content):
                entities.append((part, unpack_entity(read_tnef(content))))
    if not entities:
        return None
    if entities[0][0] is message.part:
        return _outer_fields(message) + entities[0][1]
    for part, entity in entities:
        raw = message.section(f"{part.path}.MIME") + message.section(part.path)
        octets = octets.replace(raw, entity, 1)
    return octets


def _is_candidate(part: Part) -> bool:
    if part.children or part.is_multipart:
        return False
    try:
        return part.content_type in _TYPES or part_name(part).lower() == _NAME
    except FolkmootError:
        return False


def _outer_fields(message: Message) -> bytes:
    fields = message.headers().fields
    kept = [(name, value) for name, value in fields if not name.startswith("content-") and name != "mime-version"]
    return b"".join(name.encode() + b": " + value + _CRLF for name, value in kept) + b"MIME-Version: 1.0\r\n"
