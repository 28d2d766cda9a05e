"""What lists and senders of many mails say of themselves (RFC 2919, RFC 2369, RFC 8058), and how urgent a mail is."""

import re
from typing import Final

from msgspec import Struct

from folkmoot.mime import urls
from folkmoot.mime.headers import Headers, decode

URLS_MAX: Final = 10  # in one field; programs look at the first that they can use
_URL: Final = re.compile(rb"<([^<>]{1,2000})>")
_BLANKS: Final = re.compile(rb"\s+")
_ONE_CLICK: Final = "list-unsubscribe=one-click"
_PRIORITIES: Final = {
    "highest": 1,
    "urgent": 1,
    "high": 2,
    "normal": 3,
    "medium": 3,
    "low": 4,
    "non-urgent": 5,
    "lowest": 5,
}


class Unsubscribe(Struct, frozen=True):
    """How to leave; ``one_click`` is the URL to POST ``List-Unsubscribe=One-Click`` to (RFC 8058), without asking."""

    mail: str = ""  # mailto: URL
    web: str = ""  # http(s) URL to be opened
    one_click: str = ""


class ListHeaders(Struct, frozen=True):
    """The list a message came through."""

    id: str = ""  # without angle brackets
    name: str = ""
    post: str = ""  # mailto: URL
    unsubscribe: Unsubscribe | None = None


def list_headers(headers: Headers) -> ListHeaders | None:
    """Return what the header says of a list; None if nothing."""
    identity = decode(headers.get("list-id") or b"")
    name, _, identifier = identity.partition("<")
    unsubscribe = _unsubscribe(headers)
    post = next((url for url in _urls(headers.get("list-post")) if url.lower().startswith("mailto:")), "")
    if not identity and unsubscribe is None and not post:
        return None
    return ListHeaders(
        (identifier.partition(">")[0] if identifier else identity).strip()[:255],
        name.strip().strip('"')[:200] if identifier else "",
        post,
        unsubscribe,
    )


def priority_of(headers: Headers) -> int:
    """Return how urgent the sender calls it: 1 (highest) to 5 (lowest), 3 if nothing is said."""
    for name in ("x-priority", "importance", "priority", "x-msmail-priority"):
        value = headers.text(name).strip().lower()
        if value[:1] in {"1", "2", "3", "4", "5"}:
            return int(value[0])
        if value in _PRIORITIES:
            return _PRIORITIES[value]
    return 3


def _unsubscribe(headers: Headers) -> Unsubscribe | None:
    found = _urls(headers.get("list-unsubscribe"))
    mail = next((url for url in found if url.lower().startswith("mailto:")), "")
    web = next((url for url in found if url.lower().startswith("http")), "")
    if not mail and not web:
        return None
    asked = "".join(headers.text("list-unsubscribe-post").lower().split())
    secure = next((url for url in found if url.lower().startswith("https:")), "")
    return Unsubscribe(mail, web, secure if asked == _ONE_CLICK else "")  # https only (RFC 8058 section 3.1)


def _urls(value: bytes | None) -> list[str]:
    found = [_BLANKS.sub(b"", match[1]).decode("utf-8", "replace") for match in _URL.finditer(value or b"")][:URLS_MAX]
    return [url for url in map(urls.link, found) if url and not url.lower().startswith(("tel:", "sms:"))]
