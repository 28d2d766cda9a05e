"""Header fields as clients write them: each in one of the forms of RFC 8621 section 4.1.2."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final

import msgspec

from folkmoot.core.errors import MalformedInput
from folkmoot.jmap.mail.describing import HEADER, Address
from folkmoot.jmap.mail.header_forms import is_allowed
from folkmoot.jmap.protocol.describing import Date
from folkmoot.jmap.protocol.errors import InvalidProperties
from folkmoot.mime import writing
from folkmoot.mime.headers import MailAddress

ADDRESSES_MAX: Final = 2_000  # of one field; as many recipients as a message may have
VALUE_MAX: Final = 64 * 1024  # characters of one field
ALL_MAX: Final = 100  # fields of one name

# The properties that stand for a field (section 4.1.2.3 and following).
PROPERTIES: Final[Mapping[str, tuple[str, str]]] = {
    "messageId": ("Message-ID", "asMessageIds"),
    "inReplyTo": ("In-Reply-To", "asMessageIds"),
    "references": ("References", "asMessageIds"),
    "sender": ("Sender", "asAddresses"),
    "from": ("From", "asAddresses"),
    "to": ("To", "asAddresses"),
    "cc": ("Cc", "asAddresses"),
    "bcc": ("Bcc", "asAddresses"),
    "replyTo": ("Reply-To", "asAddresses"),
    "subject": ("Subject", "asText"),
    "sentAt": ("Date", "asDate"),
}
_FOLD: Final = re.compile(r"\r?\n(?=[ \t])")
_ID: Final = re.compile(r"[!-;=?-~]+")
_URL: Final = re.compile(r"[!-;=?-~]+")


class _Group(msgspec.Struct):
    addresses: list[Address]
    name: str | None = None


def fields_of(value: Mapping[str, Any], *, of_part: bool) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the header fields that an email or a part sets: the name in lower case, and the fields as written.

    Raises:
        InvalidProperties: two properties for one field, a form that a field does not have, a field that is not the
            client's to set, or a value that is none.
    """
    seen: dict[str, str] = {}
    for property_, given in value.items():
        known = None if of_part else PROPERTIES.get(property_)
        matched = HEADER.match(property_) if known is None else None
        if known is None and matched is None:
            continue
        name, form, every = (*known, False) if known is not None else _named(matched)
        lower = name.lower()
        _require_allowed(property_, lower, of_part=of_part)
        if lower in seen:
            raise InvalidProperties(f"{name} is set by two properties", seen[lower], property_)
        seen[lower] = property_
        values = (given or []) if every else [given]
        if not isinstance(values, list) or len(values) > ALL_MAX:
            raise InvalidProperties(f"{property_} is an array of at most {ALL_MAX}", property_)
        try:
            yield lower, [_WRITERS[form](name, one) for one in values if one is not None and one != []]
        except (MalformedInput, msgspec.ValidationError, ValueError, OverflowError) as error:
            raise InvalidProperties(f"{property_}: {error}", property_) from error


def _named(matched: re.Match[str] | None) -> tuple[str, str, bool]:
    if matched is None:
        raise InvalidProperties("no header field")
    return matched[1], matched[2] or "asRaw", bool(matched[3])


def _require_allowed(property_: str, lower: str, *, of_part: bool) -> None:
    if lower.startswith("content-") and not of_part:
        raise InvalidProperties("fields of a part are set on the part", property_)
    if lower in {"content-transfer-encoding", "mime-version"}:
        raise InvalidProperties(f"{lower} is set by the server", property_)
    if HEADER.match(property_) and not is_allowed(property_):
        raise InvalidProperties("the field has no such form", property_)


def _raw(name: str, value: Any) -> bytes:
    text = _FOLD.sub("", msgspec.convert(value, str)[:VALUE_MAX])
    return writing.raw_field(name, text) if text.isascii() else writing.field(name, text)


def _text(name: str, value: Any) -> bytes:
    return writing.field(name, msgspec.convert(value, str)[:VALUE_MAX])


def _addresses(name: str, value: Any) -> bytes:
    return writing.address_field(name, _mail_addresses(msgspec.convert(value, list[Address])))


def _groups(name: str, value: Any) -> bytes:
    groups = msgspec.convert(value, list[_Group])
    return writing.group_field(name, [(one.name, _mail_addresses(one.addresses)) for one in groups])


def _mail_addresses(listed: list[Address]) -> list[MailAddress]:
    if len(listed) > ADDRESSES_MAX:
        raise MalformedInput(f"at most {ADDRESSES_MAX} addresses")
    return [MailAddress(one.name or "", one.email.strip()) for one in listed]


def _ids(name: str, value: Any) -> bytes:
    ids = msgspec.convert(value, list[str])
    if not all(_ID.fullmatch(one) for one in ids):
        raise MalformedInput("not a message id")
    return writing.ids_field(name, [f"<{one}>" for one in ids])


def _date(name: str, value: Any) -> bytes:
    text = msgspec.convert(value, Date)
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedInput("there is no such day or time") from error
    return writing.field(name, format_datetime(when))


def _urls(name: str, value: Any) -> bytes:
    urls = msgspec.convert(value, list[str])
    if not all(_URL.fullmatch(one) for one in urls):
        raise MalformedInput("not a URL")
    return writing.raw_field(name, ", ".join(f"<{one}>" for one in urls))


_WRITERS: Final[Mapping[str, Callable[[str, Any], bytes]]] = {
    "asRaw": _raw,
    "asText": _text,
    "asAddresses": _addresses,
    "asGroupedAddresses": _groups,
    "asMessageIds": _ids,
    "asDate": _date,
    "asURLs": _urls,
}
