"""URLs in messages: which ones a link may lead to, and which pictures may be shown.

A URL is kept as written or not at all: what browsers would repair (backslashes, missing slashes, controls) is refused.
"""

import re
from typing import Final

URL_MAX: Final = 4096  # characters; trackers write long ones, and servers refuse beyond 8,000
DATA_MAX: Final = 1024 * 1024  # characters of a picture within the text
_IGNORED: Final = re.compile(r"[\t\n\r]")  # browsers do not see them
_EDGES: Final = "".join(map(chr, range(0x21))) + "\xa0"
_WEB: Final = re.compile(r"https?://[^\s/?#\\\x00-\x20\x7f\"'<>`][^\s\\\x00-\x20\x7f\"<>`]*", re.IGNORECASE)
_MAILTO: Final = re.compile(r"mailto:[^\s\\\x00-\x20\x7f\"<>`]+", re.IGNORECASE)
_TEL: Final = re.compile(r"(?:tel|sms):\+?[0-9()./*#;=,-]{1,60}", re.IGNORECASE)
_DATA: Final = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp|x-ms-bmp);base64,[A-Za-z0-9+/]+={0,2}", re.IGNORECASE)
_HOST: Final = re.compile(r"https?://(?:[^/?#@]*@)?(\[[0-9a-f:.]+\]|[^/?#:@\[\]]+)", re.IGNORECASE)


def link(value: str) -> str:
    """Return the URL that a link may have; empty if it may have none.  Web, mail and telephone, nothing relative."""
    url = _seen(value)
    if not url or len(url) > URL_MAX:
        return ""
    for pattern in (_WEB, _MAILTO, _TEL):
        if pattern.fullmatch(url):
            return url
    return ""


def remote(value: str) -> str:
    """Return the URL of a picture on the web; empty if it is none."""
    url = _seen(value)
    return url if len(url) <= URL_MAX and _WEB.fullmatch(url) else ""


def inline_picture(value: str) -> str:
    """Return a ``data:`` URL of a bitmap; empty if it is anything else, or too large."""
    if len(value) > DATA_MAX + DATA_MAX // 16 or value.lstrip(_EDGES)[:5].lower() != "data:":
        return ""
    url = "".join(value.split())
    return url if _DATA.fullmatch(url) else ""


def content_id(value: str) -> str:
    """Return what follows ``cid:``, percent-decoded (RFC 2392); empty if the URL is another one."""
    url = _seen(value)
    if url[:4].lower() != "cid:" or len(url) > URL_MAX:
        return ""
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), url[4:]).strip("<>")


def host_of(url: str) -> str:
    """Return the host of a web URL in lower case; empty if there is none."""
    found = _HOST.match(url)
    return found[1].lower().rstrip(".") if found else ""


def _seen(value: str) -> str:
    if len(value) > 2 * URL_MAX:
        return ""
    return _IGNORED.sub("", value).strip(_EDGES)
