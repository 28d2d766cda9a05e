"""Addresses and texts that may stand in an envelope and in header fields (RFC 5321 section 4.1.2, RFC 5322)."""

import re
from typing import Final
from urllib.parse import unquote

from folkmoot.core.errors import MalformedInput

ADDRESS_MAX: Final = 320  # 64 of local part, 255 of domain and the "@"
LOCAL_OCTETS_MAX: Final = 64  # RFC 5321 section 4.5.3.1.1
DOMAIN_MAX: Final = 253
TEXT_MAX: Final = 500  # characters of a subject or a name: nobody reads on
_SCHEME: Final = re.compile(r"\s*mailto:", re.IGNORECASE)
_IN_BRACKETS: Final = re.compile(r"<([^<>]*)>\s*\Z")
_LOCAL: Final = re.compile(r"[^\s\x00-\x20\x7f-\x9f\"(),:;<>@\[\\\]]+")
_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_BLANKS: Final = re.compile(r"\s+")
_NOT_IN_ID: Final = re.compile(r"[^A-Za-z0-9.-]+")


def mailbox(text: str) -> str:
    """Return the bare address of a CAL-ADDRESS or of what people write, its domain in ASCII.

    A display name that a client has percent-encoded into the URI is dropped.

    Raises:
        MalformedInput: not one address, or one that could not stand in an SMTP command.
    """
    if len(text) > 4 * ADDRESS_MAX:
        raise MalformedInput("the mail address is too long")
    address = text.strip()
    scheme = _SCHEME.match(address)
    if scheme:
        address = unquote(address[scheme.end() :].partition("?")[0]).strip()
    elif "%40" in address or "%3c" in address.lower():
        address = unquote(address).strip()
    if _UNSEEN.search(address):
        raise MalformedInput(f"not a mail address: {header_text(text)[:80]!r}")
    named = _IN_BRACKETS.search(address)
    if named:
        address = named[1]
    local, at, domain = address.rpartition("@")
    domain = _ascii(domain)
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise MalformedInput(f"not a mail address: {header_text(text)[:80]!r}")
    if len(local.encode(errors="replace")) > LOCAL_OCTETS_MAX or len(domain) > DOMAIN_MAX:
        raise MalformedInput("the mail address is too long")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise MalformedInput(f"not a mail address: {header_text(text)[:80]!r}")
    return f"{local}@{domain}"


def header_text(text: str) -> str:
    """Return a text as it may stand in a header field: one line, nothing that changes how it is read."""
    return _BLANKS.sub(" ", _UNSEEN.sub(" ", text)).strip()[:TEXT_MAX]


def message_id(key: str, sender: str) -> str:
    """Return the Message-ID that is the same whenever this mail of this sender is made (RFC 5322 section 3.6.4)."""
    domain = _NOT_IN_ID.sub("", sender.rpartition("@")[2]).strip(".-")
    return f"<{_NOT_IN_ID.sub('', key)}@{domain or 'localhost'}>"


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
