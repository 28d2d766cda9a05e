"""What a file holds: calendar objects, contacts, messages; one item after the other."""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from folkmoot.addressbooks import files as contact_files
from folkmoot.calendars import files as calendar_files
from folkmoot.collections.importing import Item
from folkmoot.core.errors import MalformedInput, TooLarge

CALENDAR_FORMATS: Final = ("ics",)
CONTACT_FORMATS: Final = contact_files.FORMATS
MAIL_FORMATS: Final = ("eml", "mbox", "zip")
FORMATS: Final = (*CALENDAR_FORMATS, *CONTACT_FORMATS, *MAIL_FORMATS)
ITEMS_MAX: Final = 100_000
ENTRIES_MAX: Final = 200_000  # of a zip file, directories and other things too
MESSAGE_MAX: Final = 64 * 1024 * 1024  # octets of one message, unpacked
UNPACKED_MAX: Final = 2 * 1024 * 1024 * 1024  # octets of all of them
_FROM: Final = re.compile(rb"(?:\A|(?<=\n))From [^\r\n]*\r?\n")
_QUOTED: Final = re.compile(rb"(?m)^>(>*From )")
_SUFFIXES: Final = {".ics": "ics", ".vcf": "vcf", ".ldif": "ldif", ".ldi": "ldif", ".csv": "csv"} | {
    f".{name}": name for name in MAIL_FORMATS
}
_TYPES: Final = {
    "text/calendar": "ics",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "text/directory": "vcf",
    "text/ldif": "ldif",
    "text/csv": "csv",
    "message/rfc822": "eml",
    "application/mbox": "mbox",
    "application/zip": "zip",
}


def format_of(name: str, content_type: str, octets: bytes) -> str:
    """Return a file's format by its name, its type, or how it begins.

    Raises:
        MalformedInput: none of ``FORMATS``.
    """
    suffix = re.search(r"\.[A-Za-z]+\Z", name)
    known = _SUFFIXES.get(suffix[0].lower() if suffix else "") or _TYPES.get(content_type.partition(";")[0].lower())
    if known is not None:
        return known
    head = octets[:512].lstrip(b"\xef\xbb\xbf \t\r\n").upper()
    for start, found in ((b"BEGIN:VCALENDAR", "ics"), (b"BEGIN:VCARD", "vcf"), (b"PK\x03\x04", "zip")):
        if head.startswith(start):
            return found
    if octets.startswith(b"From "):
        return "mbox"
    if head.startswith((b"DN:", b"VERSION: 1")):
        return "ldif"
    raise MalformedInput(f"the file is none of {', '.join(FORMATS)}")


def items(octets: bytes, form: str) -> list[Item]:
    """Return what a file of one of ``FORMATS`` holds; CPU work, and much memory for large files.

    Raises:
        TooLarge: more than ``ITEMS_MAX``, or more than fits.
        MalformedInput: nothing of the file can be read.
    """
    found: list[Item] = []
    for one in _items(octets, form):
        if len(found) >= ITEMS_MAX:
            raise TooLarge(f"a file brings at most {ITEMS_MAX} items")
        found.append(one)
    return found


def _items(octets: bytes, form: str) -> Iterator[Item]:
    match form:
        case "ics":
            return calendar_files.items(octets)
        case "eml":
            return iter([Item("message 1", octets)])
        case "mbox":
            return _of_mbox(octets)
        case "zip":
            return _of_zip(octets)
    return contact_files.items(octets, form)


def _of_mbox(octets: bytes) -> Iterator[Item]:
    """Yield the messages of an mbox file (RFC 4155), as the mboxrd convention quotes them."""
    starts = [(one.start(), one.end()) for one in _FROM.finditer(octets)]
    if not starts or starts[0][0] != 0:
        raise MalformedInput("an mbox file begins with From and a blank")
    ends = [start for start, _ in starts[1:]] + [len(octets)]
    for number, ((_, begin), end) in enumerate(zip(starts, ends, strict=True), 1):
        text = octets[begin:end]
        # The empty line before the next message belongs to the file.
        text = text[:-2] if text.endswith(b"\n\r\n") else text.removesuffix(b"\n") if text.endswith(b"\n\n") else text
        yield Item(f"message {number}", _QUOTED.sub(rb"\1", text))


def _of_zip(octets: bytes) -> Iterator[Item]:
    try:
        archive = zipfile.ZipFile(BytesIO(octets))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise MalformedInput("the zip file cannot be read") from error
    if len(entries) > ENTRIES_MAX:
        raise TooLarge(f"a zip file has at most {ENTRIES_MAX} entries")
    unpacked = 0
    for entry in entries:
        if entry.is_dir() or not entry.filename.lower().endswith(".eml"):
            continue
        where = entry.filename[:200]
        fault, body = _entry(archive, entry)
        unpacked += len(body)
        if unpacked > UNPACKED_MAX:
            raise TooLarge(f"the messages of a zip file have at most {UNPACKED_MAX} octets")
        yield Item(where, body, fault)


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> tuple[str | None, bytes]:
    if entry.flag_bits & 1:
        return "it is encrypted", b""
    try:
        with archive.open(entry) as file:
            body = file.read(MESSAGE_MAX + 1)  # what the directory says of sizes is not believed
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError) as error:
        return f"it cannot be unpacked: {error}"[:200], b""
    except Exception as error:  # noqa: BLE001 - zlib, lzma and bz2 each raise their own
        return f"it cannot be unpacked: {type(error).__name__}", b""
    if len(body) > MESSAGE_MAX:
        return f"it has more than {MESSAGE_MAX} octets", b""
    return None, body
