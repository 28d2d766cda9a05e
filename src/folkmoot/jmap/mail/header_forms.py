"""Header fields in the forms that clients ask for (RFC 8621 section 4.1.2); what senders wrote never fails to parse."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from folkmoot.jmap.mail.describing import HEADER
from folkmoot.mime.dates import parse_date
from folkmoot.mime.headers import (
    FIELD_OCTETS_MAX,
    FIELDS_MAX,
    HEADER_OCTETS_MAX,
    MailAddress,
    addresses,
    decode,
    message_ids,
)

Field = tuple[str, bytes]
"""A field as it stands: its name, and all after the colon, folded as it was."""

GROUPS_MAX: Final = 1_000  # of one field
URLS_MAX: Final = 200
_FIELD: Final = re.compile(rb"([\x21-\x39\x3b-\x7e]+)[ \t]*:(.*)", re.DOTALL)
_FOLD: Final = re.compile(rb"\r?\n(?=[ \t])")
_URL: Final = re.compile(rb"<([^<>]*)>")
_BLANKS: Final = re.compile(rb"\s+")
_YEAR_MAX: Final = datetime(9999, 12, 31, tzinfo=UTC).timestamp() - 86_400

# Of which form the fields of RFC 5322 and RFC 2369 may be asked for; those of no standard may be in any.
_TEXTS: Final = frozenset({"subject", "comments", "keywords", "list-id"})
_ADDRESSES: Final = frozenset({"from", "sender", "reply-to", "to", "cc", "bcc"}) | frozenset(
    f"resent-{name}" for name in ("from", "sender", "reply-to", "to", "cc", "bcc")
)
_IDS: Final = frozenset({"message-id", "in-reply-to", "references", "resent-message-id"})
_DATES: Final = frozenset({"date", "resent-date"})
_URLS: Final = frozenset(f"list-{name}" for name in ("help", "unsubscribe", "subscribe", "post", "owner", "archive"))
_RAW: Final = frozenset({"received", "return-path"})
_ALLOWED: Final[Mapping[str, frozenset[str]]] = {
    "asText": _TEXTS,
    "asAddresses": _ADDRESSES,
    "asGroupedAddresses": _ADDRESSES,
    "asMessageIds": _IDS,
    "asDate": _DATES,
    "asURLs": _URLS,
}
_STANDARD: Final = _TEXTS - {"list-id"} | _ADDRESSES | _IDS | _DATES | _URLS | _RAW


def raw_fields(octets: bytes) -> tuple[Field, ...]:
    """Return the fields of a header as they stand, up to the first empty line; what is no field is left out."""
    fields: list[Field] = []
    for line in _lines(octets[:HEADER_OCTETS_MAX]):
        found = _FIELD.match(line)
        if found is not None:
            fields.append((found[1].decode("ascii"), found[2].rstrip(b"\r\n")[:FIELD_OCTETS_MAX]))
            if len(fields) == FIELDS_MAX:
                break
    return tuple(fields)


def is_allowed(name: str) -> bool:
    """Whether ``header:…`` names a form that its field may be asked for in (RFC 8621 section 4.1.2)."""
    found = HEADER.match(name)
    if found is None:
        return False
    field, form = found[1].lower(), found[2] or "asRaw"
    return form == "asRaw" or field in _ALLOWED[form] or field not in _STANDARD


def field_of(name: str) -> str:
    """Return the field, in lower case, that ``header:…`` is about."""
    return name.split(":", 2)[1].lower()


def header_value(name: str, fields: Sequence[Field]) -> Any:
    """Return the value of a property ``header:…``: of the last such field, or of ``:all``."""
    found = HEADER.match(name)
    if found is None:
        return None
    wanted = found[1].lower()
    values = [value for key, value in fields if key.lower() == wanted]
    form = FORMS[found[2] or "asRaw"]
    if found[3]:
        return [form(value) for value in values]
    return form(values[-1]) if values else None


def last(fields: Sequence[Field], name: str) -> bytes | None:
    """Return the value of the last field of a name (lower case)."""
    return next((value for key, value in reversed(fields) if key.lower() == name), None)


def as_raw(value: bytes) -> str:
    """Return a field as it stands; what is not UTF-8 is replaced."""
    return value.decode("utf-8", "replace").replace("\0", "\ufffd")


def as_text(value: bytes) -> str:
    """Return a field's text: unfolded, encoded words decoded, in NFC."""
    return unicodedata.normalize("NFC", decode(_unfolded(value))).replace("\0", "")


def as_addresses(value: bytes) -> list[dict[str, str | None]]:
    """Return the addresses of a field, those in groups among them."""
    return [_address(one) for one in addresses(_unfolded(value))]


def as_grouped(value: bytes) -> list[dict[str, Any]]:
    """Return the addresses of a field by group; those between groups are one without a name."""
    found: list[dict[str, Any]] = []
    for name, inside in _groups(_unfolded(value)):
        members = [_address(one) for one in addresses(inside)]
        if name is not None or members:
            found.append({"name": name, "addresses": members})
    return found


def as_message_ids(value: bytes) -> list[str] | None:
    """Return message ids without angle brackets; None where there are none."""
    return [one.strip("<>") for one in message_ids(_unfolded(value))] or None


def as_date(value: bytes) -> str | None:
    """Return a moment with the writer's zone (RFC 3339)."""
    moment = parse_date(_unfolded(value))
    if moment is None or not 0 - 62_135_510_400 < moment.seconds < _YEAR_MAX:
        return None
    zone = timezone(timedelta(minutes=moment.offset))
    text = datetime.fromtimestamp(moment.seconds, zone).isoformat(timespec="seconds")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def as_urls(value: bytes) -> list[str] | None:
    """Return the URLs in angle brackets (RFC 2369); None where there are none."""
    found = (_BLANKS.sub(b"", one[1]).decode("utf-8", "replace") for one in _URL.finditer(_unfolded(value)))
    return [url for _, url in zip(range(URLS_MAX), found, strict=False)] or None


FORMS: Final[Mapping[str, Callable[[bytes], Any]]] = {
    "asRaw": as_raw,
    "asText": as_text,
    "asAddresses": as_addresses,
    "asGroupedAddresses": as_grouped,
    "asMessageIds": as_message_ids,
    "asDate": as_date,
    "asURLs": as_urls,
}


def _address(one: MailAddress) -> dict[str, str | None]:
    return {"name": one.name or None, "email": one.address}


def _unfolded(value: bytes) -> bytes:
    return _FOLD.sub(b"", value).strip()


def _lines(octets: bytes) -> Iterator[bytes]:
    held: list[bytes] = []
    for raw in octets.splitlines(keepends=True):
        if not raw.strip(b"\r\n"):
            if held:
                break
            continue
        if raw[:1] in b" \t" and held:
            held.append(raw)
            continue
        if held:
            yield b"".join(held)
        held = [raw]
    if held:
        yield b"".join(held)


def _groups(value: bytes) -> Iterator[tuple[str | None, bytes]]:
    """Yield names of groups and the addresses within; None is no group."""
    start = at = 0
    name: str | None = None
    told = 0
    while at < len(value) and told < GROUPS_MAX:
        octet = value[at : at + 1]
        if octet == b'"':
            at = _quote_end(value, at)
            continue
        if octet == b"<":
            end = value.find(b">", at)
            at = len(value) if end < 0 else end + 1
            continue
        if octet == b":" and name is None:
            before, _, label = value[start:at].rpartition(b",")
            if before.strip():
                yield None, before
                told += 1
            name = decode(label.strip().strip(b'"'))
            start = at + 1
        elif octet == b";" and name is not None:
            yield name, value[start:at]
            told += 1
            name, start = None, at + 1
        at += 1
    yield name, value[start:].strip(b" ,")


def _quote_end(value: bytes, start: int) -> int:
    at = start + 1
    while at < len(value) and value[at : at + 1] != b'"':
        at += 2 if value[at : at + 1] == b"\\" else 1
    return at + 1
