"""How content of strangers is handed to browsers: as a file, or as one of the few kinds that cannot act."""

import re
from typing import Final
from urllib.parse import quote

from folkmoot.mime.composing import file_name

UNKNOWN: Final = "application/octet-stream"
PLAIN: Final = "text/plain"
# Never a page, a script, a style sheet, or XML, whatever the client asks for.
_PERMITTED: Final = re.compile(
    r"(?:image/(?:png|jpeg|gif|webp|bmp|tiff|avif|heic)"
    r"|audio/[a-z0-9.+-]{1,60}|video/[a-z0-9.+-]{1,60}|font/[a-z0-9.+-]{1,60}"
    r"|text/(?:plain|csv|calendar|vcard|markdown|tab-separated-values|directory|x-vcard)"
    r"|message/(?:rfc822|global|delivery-status|disposition-notification|partial)"
    r"|application/(?:pdf|zip|gzip|x-gzip|x-tar|x-7z-compressed|json|rtf|msword|pkcs7-mime|pkcs7-signature|pgp-encrypted"
    r"|pgp-signature|pgp-keys|vnd\.ms-(?:excel|powerpoint|outlook)|vnd\.oasis\.opendocument\.[a-z-]{1,60}"
    r"|vnd\.openxmlformats-officedocument\.[a-z.]{1,80}|ics|sieve|epub\+zip))"
)
_RASTER: Final = frozenset(["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"])
_ASCII: Final = re.compile(r"[^A-Za-z0-9 !#$&+.^_`{}~()@=,-]")
STRANGERS: Final = "default-src 'none'; sandbox; frame-ancestors 'self'"  # of what is shown inline


def permitted_type(asked: str) -> str:
    """Return the media type that is told, without parameters."""
    kind = asked.partition(";")[0].strip().lower()
    return kind if _PERMITTED.fullmatch(kind) else UNKNOWN


def is_raster(kind: str) -> bool:
    """Whether a type is one of the pictures that are written anew before they are shown."""
    return kind in _RASTER


def attachment(name: str) -> str:
    """Return a Content-Disposition that saves under a safe name (RFC 6266)."""
    return f"attachment; {_named(name)}"


def inline(name: str) -> str:
    """Return a Content-Disposition that shows."""
    return f"inline; {_named(name)}"


def _named(name: str) -> str:
    name = file_name(name.encode("utf-8", "replace").decode())
    return f"filename=\"{_ASCII.sub('_', name)}\"; filename*=UTF-8''{quote(name, safe='')}"
