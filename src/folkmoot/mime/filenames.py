"""Names of attachments, safe to show and to save under."""

import re
from collections.abc import Container
from typing import Final

from folkmoot.mime.encoded_words import one_line
from folkmoot.mime.parameters import parameter_text
from folkmoot.mime.part import Part

OCTETS_MAX: Final = 200  # file systems allow 255, and a browser may add " (1)"
SUFFIX_MAX: Final = 20
_SEPARATORS: Final = re.compile(r"[/\\]")
_FORBIDDEN: Final = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')  # by Windows
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u180e]")
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)", re.IGNORECASE)  # likewise
_BLANKS: Final = re.compile(r"\s+")
# Where the sender gave no name; the type alone decides.
_SUFFIXES: Final = {
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/ics": ".ics",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/pgp-signature": ".asc",
    "application/ms-tnef": ".dat",
    "audio/mpeg": ".mp3",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/svg+xml": ".svg",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "message/delivery-status": ".txt",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "text/rfc822-headers": ".txt",
}


def safe_name(text: str, otherwise: str = "attachment") -> str:
    """Return a file name that is one name on any system, shows what it is, and fits.

    Path separators and what Windows forbids become underscores; what cannot be seen or turns the order of letters
    around is taken out; leading and trailing dots and blanks go; a long name keeps its suffix.
    """
    name = _INVISIBLE.sub("", _BLANKS.sub(" ", one_line(text)))
    name = _FORBIDDEN.sub("_", _SEPARATORS.sub("_", name)).strip(" .")
    if _RESERVED.match(name):
        name = f"_{name}"
    return _cut(name) or otherwise


def part_name(part: Part) -> str:
    """Return the name under which a part may be saved: the sender's, or one made from its type and number."""
    given = parameter_text(part.disposition_parameters, "filename") or parameter_text(part.parameters, "name")
    suffix = _SUFFIXES.get(part.content_type, "")
    made = f"part-{part.path}{suffix}" if part.path else f"part{suffix}"
    if not given and part.content_type == "message/rfc822":
        given = f"{parameter_text((('d', part.description),), 'd')[:80]}.eml" if part.description else ""
    return safe_name(given, made)


def distinct(name: str, taken: Container[str]) -> str:
    """Return a name that is not taken yet: "a.txt", "a (2).txt"; case does not tell names apart."""
    stem, suffix = _split(name)
    number = 1
    candidate = name
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{stem} ({number}){suffix}"
    return candidate


def _cut(name: str) -> str:
    if len(name.encode("utf-8", "replace")) <= OCTETS_MAX:
        return name
    stem, suffix = _split(name)
    room = OCTETS_MAX - len(suffix.encode("utf-8", "replace"))
    return stem.encode("utf-8", "replace")[:room].decode("utf-8", "ignore").rstrip(" .") + suffix


def _split(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem or len(suffix) > SUFFIX_MAX:
        return name, ""
    return stem, f".{suffix}"
