"""What responses of the wire mean, as values; nothing here fails, whatever a server says."""

import re
from calendar import timegm
from collections.abc import Iterable
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.core.memo import Memo
from folkmoot.mail.imap.names import decode_name
from folkmoot.mail.imap.sequence_sets import expand
from folkmoot.mail.imap.structures import number_of, octets_of, read_envelope, read_structure, text_of
from folkmoot.mail.imap.values import (
    Copied,
    Fetched,
    Listed,
    Namespace,
    Namespaces,
    Quota,
    Status,
    Uids,
)
from folkmoot.mail.imap.wire import Code, Value, is_number

FLAG_SETS_MAX: Final = 4_000  # remembered; few sets are ever used
UID_MAX: Final = 2**32 - 1
_DATE: Final = re.compile(
    rb" ?([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2})(?: ([+-])([0-9]{2})([0-9]{2}))?"
)
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"), 1
    )
}
_SYSTEM_FLAGS: Final = {
    name.lower(): name for name in ("\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "\\Recent")
}
_SECTION: Final = re.compile(r"[^\[]*\[([^\]]*)\]")
_STATUS: Final = {
    "MESSAGES": "messages",
    "UNSEEN": "unseen",
    "RECENT": "recent",
    "UIDNEXT": "uid_next",
    "UIDVALIDITY": "uid_validity",
    "HIGHESTMODSEQ": "modseq",
    "SIZE": "size",
}
_GUIDS: Final = frozenset({"MAILBOXID", "X-GUID"})
GUID_MAX: Final = 255  # characters (RFC 8474 section 4)
_flag_sets: Final[Memo[frozenset[str]]] = Memo(FLAG_SETS_MAX)


def read_fetch(values: list[Value]) -> Fetched:
    """Return what one FETCH response told; UID 0: it did not tell."""
    entries = values[0] if values else None
    if not isinstance(entries, list):
        return Fetched(0)
    uid, flags, modseq, received, size, envelope, structure = 0, None, None, None, None, None, None
    sections: dict[str, bytes] = {}
    for index in range(0, len(entries) - 1, 2):
        name, value = entries[index], entries[index + 1]
        if name.__class__ is not str:
            continue
        key: str = name.upper()
        if key == "FLAGS":
            flags = flags_of(value)
        elif key == "UID":
            uid = min(number_of(value), UID_MAX)
        elif key == "ENVELOPE":
            envelope = read_envelope(value)
        elif key == "BODYSTRUCTURE" or (key == "BODY" and isinstance(value, list)):
            structure = read_structure(value)
        elif key == "RFC822.SIZE":
            size = number_of(value)
        elif key == "INTERNALDATE":
            received = read_date(octets_of(value))
        elif key == "MODSEQ":
            modseq = number_of(value[0] if isinstance(value, list) and value else value)
        elif key.endswith(("]", ">")) and "[" in key:
            sections[section_of(key)] = octets_of(value)
    return Fetched(uid, flags, modseq, received, size, envelope, structure, sections)


def merge(one: Fetched, other: Fetched) -> Fetched:
    """Return what two responses told of one message; the later one counts."""
    return Fetched(
        other.uid or one.uid,
        one.flags if other.flags is None else other.flags,
        one.modseq if other.modseq is None else other.modseq,
        one.received if other.received is None else other.received,
        one.size if other.size is None else other.size,
        other.envelope or one.envelope,
        other.structure or one.structure,
        {**one.sections, **other.sections},
    )


def section_of(item: str) -> str:
    """Return the section of ``BODY.PEEK[…]<…>``, as ``Fetched.sections`` names it."""
    match = _SECTION.match(item)
    section = match[1].upper() if match else ""
    return (
        " ".join(section.replace('"', "").split()).replace("( ", "(").replace(" )", ")") if " " in section else section
    )


def flags_of(value: Value) -> frozenset[str]:
    """Return flags and keywords."""
    if not isinstance(value, list):
        return frozenset()
    texts = [text_of(entry) for entry in value]
    key = tuple(texts)
    known = _flag_sets.get(key)
    if known is None:
        known = _flag_sets.put(key, frozenset(_SYSTEM_FLAGS.get(text.lower(), text) for text in texts if text))
    return known


def read_date(octets: bytes) -> int | None:
    """Return an INTERNALDATE in seconds since 1970 UTC; None: not a date."""
    match = _DATE.match(octets)
    month = _MONTHS.get(match[2].lower()) if match else None
    if match is None or month is None:
        return None
    try:
        seconds = timegm((int(match[3]), month, int(match[1]), int(match[4]), int(match[5]), int(match[6])))
    except ValueError:  # there is no year 0
        return None
    if match[7]:
        offset = 3600 * int(match[8]) + 60 * int(match[9])
        seconds += offset if match[7] == b"-" else -offset
    return seconds


def read_listed(values: list[Value], *, utf8: bool = False) -> Listed | None:
    """Return what LIST or LSUB told; None: nothing that names a mailbox."""
    if len(values) < 3:  # noqa: PLR2004
        return None
    attributes, separator = values[0], text_of(values[1])
    flags = attributes if isinstance(attributes, list) else []
    lowered = frozenset(text_of(entry).lower() for entry in flags)
    return Listed(name_of(values[2], utf8=utf8), separator, lowered)


def name_of(value: Value, *, utf8: bool = False) -> str:
    """Return the name of a mailbox; INBOX in its one spelling."""
    octets = b"NIL" if value is None else octets_of(value)
    name = octets.decode("utf-8", "replace") if utf8 else decode_name(octets)
    return "INBOX" if name.upper() == "INBOX" else name


def read_status(value: Value) -> Status:
    """Return the items of STATUS."""
    entries = value if isinstance(value, list) else []
    told: dict[str, int] = {}
    guid: str | None = None
    for index in range(0, len(entries) - 1, 2):
        name, item = text_of(entries[index]).upper(), entries[index + 1]
        field = _STATUS.get(name)
        if field is not None:
            told[field] = number_of(item)
        elif name in _GUIDS:
            guid = text_of(item[0] if isinstance(item, list) and item else item)[:GUID_MAX] or None
    return Status(**told, guid=guid)


def read_numbers(values: Iterable[Value]) -> list[int]:
    """Return the numbers of SEARCH or SORT; what is none (``(MODSEQ 12)``) is left out."""
    texts = list(values)
    try:  # there may be 100,000
        numbers = list(map(int, texts)) if all(map(str.isdigit, texts)) else []  # type: ignore[arg-type]
    except (TypeError, ValueError):
        numbers = []
    if numbers and min(numbers) > 0 and max(numbers) <= UID_MAX:
        return numbers
    return [int(value) for value in texts if isinstance(value, str) and is_number(value) and 0 < int(value) <= UID_MAX]


def read_esearch(values: list[Value]) -> tuple[str, dict[str, Value]]:
    """Return the tag that an ESEARCH answers and what it told by name (RFC 9051 section 7.3.4)."""
    tag, at = "", 0
    if values and isinstance(values[0], list):
        tag, at = text_of(values[0][1]) if len(values[0]) > 1 else "", 1
    told: dict[str, Value] = {}
    while at < len(values):
        name = text_of(values[at]).upper()
        if name == "UID":
            at += 1
            continue
        if at + 1 < len(values):
            told[name] = values[at + 1]
        at += 2
    return tag, told


def read_set(value: Value) -> Uids:
    """Return the numbers of a set; one that is none is empty."""
    try:
        return expand(text_of(value))
    except MalformedInput:
        return ()


def read_copied(code: Code | None) -> Copied:
    """Return where COPY or MOVE put messages (RFC 4315 section 3)."""
    if code is None or code.name != "COPYUID" or len(code.values) < 3:  # noqa: PLR2004
        return Copied()
    sources, targets = read_set(code.values[1]), read_set(code.values[2])
    if len(sources) != len(targets):
        return Copied()
    return Copied(number_of(code.values[0]), sources, targets)


def read_namespaces(values: list[Value]) -> Namespaces:
    """Return NAMESPACE (RFC 2342)."""
    kinds = [*values, None, None, None]
    return Namespaces(*(_namespaces(kind) for kind in kinds[:3]))


def _namespaces(value: Value) -> tuple[Namespace, ...]:
    entries = value if isinstance(value, list) else []
    return tuple(
        Namespace(decode_name(octets_of(entry[0])), text_of(entry[1]))
        for entry in entries
        if isinstance(entry, list) and len(entry) > 1
    )


def read_quota(values: list[Value]) -> list[Quota]:
    """Return the resources of one QUOTA response (RFC 9208 section 5.1)."""
    entries = values[1] if len(values) > 1 else None
    if not isinstance(entries, list):
        return []
    root = decode_name(octets_of(values[0]))
    return [
        Quota(root, text_of(entries[i]).upper(), number_of(entries[i + 1]), number_of(entries[i + 2]))
        for i in range(0, len(entries) - 2, 3)
    ]


def read_pairs(values: list[Value]) -> dict[str, bytes | None]:
    """Return names and values in turn, as ACL, METADATA and ID tell them; NIL is None."""
    return {
        octets_of(values[i]).decode("utf-8", "replace"): None if values[i + 1] is None else octets_of(values[i + 1])
        for i in range(0, len(values) - 1, 2)
    }
