"""Messages sorted here, for servers without SORT (RFC 5256 section 3)."""

from collections.abc import Callable, Mapping, Sequence
from email.utils import mktime_tz, parsedate_tz
from types import MappingProxyType
from typing import Final

from folkmoot.mail.imap.subjects import base_subject
from folkmoot.mail.imap.values import Fetched, Mailbox
from folkmoot.mime.headers import decode

ITEMS: Final = ("ENVELOPE", "INTERNALDATE", "RFC822.SIZE")

Key = int | str


def ordered(keys: Sequence[str], messages: Sequence[Fetched]) -> list[int]:
    """Return the UIDs of messages in an order; those that are alike stand as they came into the mailbox."""
    found = sorted(messages, key=lambda message: message.uid)
    for key in reversed(keys):  # sorting is stable: the last key first
        name = key.upper().removeprefix("REVERSE ")
        found.sort(key=_KEYS[name], reverse=name != key.upper())
    return [message.uid for message in found]


def sent_at(message: Fetched) -> int:
    """Return the Date in seconds since 1970 UTC; when it was received, if there is none (RFC 5256 section 2.2)."""
    if message.envelope is not None:
        try:
            parsed = parsedate_tz(message.envelope.date.decode("ascii", "replace"))
            if parsed is not None:
                return mktime_tz(parsed)
        except (ValueError, OverflowError, TypeError, IndexError):
            pass  # not a date
    return message.received or 0


def _first(which: Callable[[Fetched], tuple[Mailbox, ...]]) -> Callable[[Fetched], str]:
    def key(message: Fetched) -> str:
        boxes = which(message)
        return (boxes[0].local or b"").decode("utf-8", "replace").casefold() if boxes else ""

    return key


def _shown(which: Callable[[Fetched], tuple[Mailbox, ...]]) -> Callable[[Fetched], str]:
    def key(message: Fetched) -> str:
        boxes = which(message)
        if not boxes:
            return ""
        name = decode(boxes[0].name or b"") or b"@".join((boxes[0].local or b"", boxes[0].host or b"")).decode(
            "utf-8", "replace"
        )
        return name.casefold()

    return key


def _from(message: Fetched) -> tuple[Mailbox, ...]:
    return message.envelope.from_ if message.envelope else ()


def _to(message: Fetched) -> tuple[Mailbox, ...]:
    return message.envelope.to if message.envelope else ()


def _cc(message: Fetched) -> tuple[Mailbox, ...]:
    return message.envelope.cc if message.envelope else ()


_KEYS: Final[Mapping[str, Callable[[Fetched], Key]]] = MappingProxyType(
    {
        "ARRIVAL": lambda message: message.received or 0,
        "DATE": sent_at,
        "SIZE": lambda message: message.size or 0,
        "SUBJECT": lambda message: base_subject(message.envelope.subject if message.envelope else b""),
        "FROM": _first(_from),
        "TO": _first(_to),
        "CC": _first(_cc),
        "DISPLAYFROM": _shown(_from),  # RFC 5957
        "DISPLAYTO": _shown(_to),
    }
)
