"""Whether looking at what recurs in a text may take long, told without parsing it."""

import re
from typing import Final

SIZE_MAX: Final = 64 * 1024  # octets of what is never dense: a page of dates of its own takes long to read, too
_OFTEN: Final = (b"=SECONDLY", b"=MINUTELY", b"=HOURLY")
_PARTS: Final = (b"BYSECOND=", b"BYMINUTE=", b"BYHOUR=")
_SEVERAL: Final = re.compile(rb"BY(?:SECOND|MINUTE|HOUR)=[^;\n]*,")


def is_dense(body: bytes) -> bool:
    """Whether something in a calendar object recurs several times a day, or the object is very long."""
    if len(body) > SIZE_MAX:
        return True
    text = _unfolded(body)
    if any(word in text for word in _OFTEN):
        return True
    return any(word in text for word in _PARTS) and _SEVERAL.search(text) is not None


def _unfolded(body: bytes) -> bytes:
    """Return a text in upper case whose words are whole: a line may be broken within any (RFC 5545 section 3.1)."""
    text = body.upper().replace(b"\r", b"\n")  # what is stored may have line ends of any form
    while b"\n\n" in text:  # halves each time
        text = text.replace(b"\n\n", b"\n")
    return text.replace(b"\n ", b"").replace(b"\n\t", b"")
