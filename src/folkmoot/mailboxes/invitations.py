"""Which parts of a message may hold an invitation or an answer to one, and what they say (RFC 6047 section 2.4).

Everybody sends these differently: as an alternative to the text, as a file beside it, as both, in any charset and
encoding, or hidden in a winmail.dat.  Nothing here asks the mail server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import FolkmootError
from folkmoot.ical import Component, calendar_address
from folkmoot.mime.address_lists import addresses
from folkmoot.mime.authentication import authentication_of, claims_failure
from folkmoot.mime.charsets import to_text
from folkmoot.mime.content import decode_content
from folkmoot.mime.filenames import part_name
from folkmoot.mime.headers import Headers
from folkmoot.mime.part import Part
from folkmoot.mime.tnef import is_tnef, read_tnef
from folkmoot.scheduling.itip import parse_message
from folkmoot.scheduling.values import Address, Method

PARTS_MAX: Final = 4  # looked at in one message; Google sends two, of the same content
LOOKED_AT_MAX: Final = 200  # parts of one message; an invitation stands among the first
OCTETS_MAX: Final = 2 * 1024 * 1024  # of one part, encoded: a thousand attendees are 200 kB
WINMAIL_MAX: Final = 10 * 1024 * 1024  # likewise; what is attached stands in it, too
FIELDS: Final = ("FROM", "AUTHENTICATION-RESULTS")  # header fields that say who sent it
_TNEF: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_CALENDAR: Final = frozenset({"text/calendar", "application/ics"})


@dataclass(frozen=True, slots=True)
class Found:
    """A message about a meeting, as it came."""

    method: Method
    calendar: Component
    body: bytes  # UTF-8
    uid: str


def candidates(structure: Part) -> Sequence[Part]:
    """Return the parts to look at, without those of messages within, which others have forwarded."""
    found: list[Part] = []
    for seen, part in enumerate(structure.walk()):
        if seen >= LOOKED_AT_MAX or len(found) >= PARTS_MAX:
            break
        if part.is_multipart or part.children:
            continue
        if part.content_type in _TNEF or _name(part) == "winmail.dat":
            if part.size <= WINMAIL_MAX:
                found.append(part)
        elif (part.content_type in _CALENDAR or _name(part).endswith(".ics")) and part.size <= OCTETS_MAX:
            found.append(part)
    return found


def invitations(parts: Sequence[Part], contents: Mapping[str, bytes]) -> Sequence[Found]:
    """Return what the parts say, each meeting once; ``contents`` are their octets by path, encoded as they came.

    What is no iTIP message, or a broken one, is left out.
    """
    found: dict[bytes, Found] = {}
    for part in parts:
        octets = contents.get(part.path)
        if octets is None:
            continue
        try:
            body = _body(part, decode_content(octets, part.encoding))
            if body and body not in found:
                method, calendar = parse_message(body)
                found[body] = Found(method, calendar, body, _uid(calendar))
        except FolkmootError:
            continue
    once: dict[tuple[Method, str, tuple[str, ...]], Found] = {}
    for one in found.values():  # the same in another spelling, as Google attaches it
        once.setdefault((one.method, one.uid, _instances(one.calendar)), one)
    return list(once.values())


def senders(headers: Headers) -> Sequence[Address]:
    """Return the addresses of From; none where From is missing, or stands there more than once."""
    fields = headers.all("from")
    if len(fields) != 1:
        return ()
    return [Address(calendar_address(one.address)) for one in addresses(fields[0]) if one.address]


def is_forged(headers: Headers, trusted: Sequence[str]) -> bool:
    """Whether our own mail servers (``trusted``), or anybody on the way, found that From is not who sent it."""
    verdict = authentication_of(headers, trusted)
    return claims_failure(headers) if verdict is None else verdict.failed


def _body(part: Part, content: bytes) -> bytes:
    if part.content_type in _TNEF or is_tnef(content):
        calendar = read_tnef(content).calendar if is_tnef(content) else None
        return b"" if calendar is None else calendar.text.encode("utf-8", "replace")
    return to_text(content, part.parameter("charset") or "utf-8").encode("utf-8", "replace")


def _name(part: Part) -> str:
    try:
        return part_name(part).lower()
    except FolkmootError:
        return ""


def _uid(calendar: Component) -> str:
    return next(((one.text("UID") or "").strip() for one in calendar.components if one.get("UID")), "")


def _instances(calendar: Component) -> tuple[str, ...]:
    return tuple(
        (line.value if (line := one.get("RECURRENCE-ID")) else "") for one in calendar.components if one.get("UID")
    )
