"""What a message says about meetings: its calendar parts, read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from folkmoot.core.errors import FolkmootError
from folkmoot.ical import parse
from folkmoot.ical.summary import Summary, summarize
from folkmoot.mime.charsets import to_text
from folkmoot.mime.content import decode_content
from folkmoot.mime.parameters import parameter_text
from folkmoot.mime.part import Part

OCTETS_MAX: Final = 1024 * 1024  # encoded, of one part that is read; invitations with pictures have some 100 kB
READ_MAX: Final = 5  # calendar parts of one message; vendors send the same one twice


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """A calendar in a message."""

    path: str
    method: str = ""  # REQUEST, REPLY, CANCEL ...; empty: a file to be imported
    text: str = ""
    summary: Summary | None = None  # None: more than one object, or one that we do not understand
    own: str = ""  # what became of it in the reader's calendar, where that was asked
    fault: str = ""  # why it could not be read


def readable(calendars: Sequence[Part]) -> list[Part]:
    """Return those that are read."""
    return [part for part in calendars if part.size <= OCTETS_MAX][:READ_MAX]


def read_calendars(parts: Sequence[Part], contents: Mapping[str, bytes]) -> tuple[CalendarPart, ...]:
    """Read calendar parts, of which the contents are at hand still in their transfer encoding."""
    return tuple(_read(part, contents[part.path]) for part in readable(parts) if part.path in contents)


def _read(part: Part, raw: bytes) -> CalendarPart:
    charset = parameter_text(part.parameters, "charset") or "utf-8"  # RFC 5545 section 3.1.4
    text = to_text(decode_content(raw, part.encoding), charset)
    method = part.parameter("method").upper()[:40]
    try:
        calendar = parse(text)
        method = (calendar.text("METHOD") or method).upper()[:40]
        return CalendarPart(part.path, method, text, summarize(calendar, default_zone=UTC))
    except FolkmootError as error:
        return CalendarPart(part.path, method, text, fault=str(error))
