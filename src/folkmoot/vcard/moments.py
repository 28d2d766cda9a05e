"""Dates and times between the extended form of 3.0 and the basic form of 4.0 (RFC 6350 section 4.3)."""

import re
from typing import Final

from folkmoot.contentline import Line
from folkmoot.vcard.birthday import date_of
from folkmoot.vcard.dates import APPLE_NO_YEAR, PartialDate, parse_date
from folkmoot.vcard.parameters import without
from folkmoot.vcard.values import text_value

_TIME: Final = r"(?P<hour>\d\d):?(?P<minute>\d\d):?(?P<second>\d\d)(?:[.,]\d{1,9})?(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?"
_STAMP: Final = re.compile(r"(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)[T ]" + _TIME, re.ASCII | re.IGNORECASE)
_OFFSET: Final = re.compile(r"(?P<sign>[+-])?(?P<hours>\d\d):?(?P<minutes>\d\d)?", re.ASCII)
_MOMENT_CHARS_MAX: Final = 64


def basic_stamp(value: str) -> str | None:
    """Return a date with time as ``19850412T232050Z``, or None if the text is none."""
    found = _STAMP.fullmatch(value.strip()[:_MOMENT_CHARS_MAX])
    if found is None:
        return None
    zone = (found["zone"] or "").upper().replace(":", "")
    return f"{found['year']}{found['month']}{found['day']}T{found['hour']}{found['minute']}{found['second']}{zone}"


def extended_stamp(value: str) -> str | None:
    """Return a date with time as ``1985-04-12T23:20:50Z``, or None if the text is none."""
    found = _STAMP.fullmatch(value.strip()[:_MOMENT_CHARS_MAX])
    if found is None:
        return None
    zone = (found["zone"] or "").upper()
    if len(zone) > 1:
        zone = extended_offset(zone) or ""
    date = f"{found['year']}-{found['month']}-{found['day']}"
    return f"{date}T{found['hour']}:{found['minute']}:{found['second']}{zone}"


def basic_offset(value: str) -> str | None:
    """Return a UTC offset as ``+0100``, or None if the text is none."""
    found = _OFFSET.fullmatch(value.strip()[:_MOMENT_CHARS_MAX])
    return None if found is None else f"{found['sign'] or '+'}{found['hours']}{found['minutes'] or '00'}"


def extended_offset(value: str) -> str | None:
    """Return a UTC offset as ``+01:00``, or None if the text is none."""
    basic = basic_offset(value)
    return None if basic is None else f"{basic[:3]}:{basic[3:]}"


def date_to_4(line: Line) -> Line:
    """Return BDAY or an anniversary with a 4.0 value; what is no date becomes VALUE=text (RFC 6350 section 6.2.5)."""
    text = text_value(line)
    stamp = basic_stamp(text)
    plain = without(line, "VALUE", "X-APPLE-OMIT-YEAR")
    if stamp is not None:
        return plain.replace(value=stamp)
    date = date_of(line)
    if date is not None:
        return plain.replace(value=date.format_basic())
    return plain.with_param("VALUE", "text") if text.strip() else plain


def date_to_3(line: Line) -> Line:
    """Return BDAY or an anniversary with a 3.0 value; a day without year in Apple's way, a vaguer one as text."""
    value = text_value(line)
    stamp = extended_stamp(value)
    if stamp is not None:
        return without(line, "VALUE").replace(value=stamp)
    if (line.param("VALUE") or "").lower() == "text":
        return line
    date = parse_date(value)
    match date:
        case PartialDate(int(year), int(month), int(day)):
            return without(line, "VALUE").replace(value=f"{year:04}-{month:02}-{day:02}")
        case PartialDate(None, int(month), int(day)):
            apple = without(line, "VALUE").with_param("X-APPLE-OMIT-YEAR", str(APPLE_NO_YEAR))
            return apple.replace(value=f"{APPLE_NO_YEAR}-{month:02}-{day:02}")
    return line.with_param("VALUE", "text") if value.strip() else line
