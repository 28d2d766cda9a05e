"""Contact tables of Google, Outlook and Thunderbird, and our own, to cards and back."""

from collections.abc import Iterator, Sequence
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.vcard.card import Card, Rejected
from folkmoot.vcard.csv_headers import BIRTH_DAY, BIRTH_MONTH, BIRTH_YEAR, Column, columns, is_english
from folkmoot.vcard.csv_rows import Row, denatured, format_rows, parse_rows
from folkmoot.vcard.dates import parse_date
from folkmoot.vcard.names import kind
from folkmoot.vcard.slots import Slot, card_from, texts_of, written_date

_HOME: Final = ("home",)
_WORK: Final = ("work",)
_GOOGLE_SEPARATOR: Final = " ::: "  # several values in one cell
_VALUES_PER_CELL_MAX: Final = 100
_SLASHED_PARTS: Final = 3
_MONTHS: Final = 12
_DAY_CHARS: Final = 2

# What Google's kinds and labels mean; the "*" marks the preferred one.
_TYPES_OF_KIND: Final[dict[str, tuple[str, ...]]] = {
    "home": _HOME,
    "work": _WORK,
    "mobile": ("cell",),
    "home fax": ("fax", "home"),
    "work fax": ("fax", "work"),
    "fax": ("fax",),
    "pager": ("pager",),
    "main": ("main",),
}
# Our own table: Outlook's English headers, which most programs read.
_COLUMNS: Final[tuple[tuple[str, Slot], ...]] = (
    ("Title", Slot("N", part=3)),
    ("First Name", Slot("N", part=1)),
    ("Middle Name", Slot("N", part=2)),
    ("Last Name", Slot("N", part=0)),
    ("Suffix", Slot("N", part=4)),
    ("Display Name", Slot("FN")),
    ("Nickname", Slot("NICKNAME")),
    ("Company", Slot("ORG", part=0)),
    ("Department", Slot("ORG", part=1)),
    ("Job Title", Slot("TITLE")),
    ("E-mail Address", Slot("EMAIL")),
    ("E-mail 2 Address", Slot("EMAIL", place=2)),
    ("E-mail 3 Address", Slot("EMAIL", place=3)),
    ("Business Phone", Slot("TEL", _WORK)),
    ("Business Phone 2", Slot("TEL", _WORK, place=2)),
    ("Home Phone", Slot("TEL", _HOME)),
    ("Home Phone 2", Slot("TEL", _HOME, place=2)),
    ("Mobile Phone", Slot("TEL", ("cell",))),
    ("Business Fax", Slot("TEL", ("fax", "work"))),
    ("Home Fax", Slot("TEL", ("fax", "home"))),
    ("Pager", Slot("TEL", ("pager",))),
    ("Other Phone", Slot("TEL")),
    *(
        (f"{label} {part_name}", Slot("ADR", words, part))
        for label, words in (("Business", _WORK), ("Home", _HOME), ("Other", ()))
        for part_name, part in (
            ("Street", 2),
            ("Street 2", 1),
            ("PO Box", 0),
            ("City", 3),
            ("State", 4),
            ("Postal Code", 5),
            ("Country", 6),
        )
    ),
    ("Web Page", Slot("URL")),
    ("Birthday", Slot("BDAY")),
    ("Anniversary", Slot("X-ANNIVERSARY")),
    ("Categories", Slot("CATEGORIES")),
    ("Notes", Slot("NOTE")),
    ("UID", Slot("UID")),
)
_PLACES: Final = {slot: index for index, (_, slot) in enumerate(_COLUMNS)}


def cards_from_csv(octets: bytes) -> Iterator[Card | Rejected]:
    """Yield the contacts of a table as vCards 3.0, without UID unless the table has one; bad rows as Rejected.

    Raises:
        MalformedInput: the file is empty, or no column is known.
        TooLarge: the file is larger than ``csv_rows.CSV_OCTETS_MAX``.
    """
    rows = parse_rows(octets)
    header = next(rows, None)
    known = columns(header.cells) if isinstance(header, Row) else {}
    if not isinstance(header, Row) or not known:
        raise MalformedInput("CSV: the first row names no column we know")
    month_first = is_english(header.cells)
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        if any(row.cells[len(header.cells) :]):
            yield Rejected(row.line, "CSV: more cells than columns")
            continue
        try:
            yield card_from(_entries(row, known, month_first=month_first))
        except MalformedInput as error:
            yield Rejected(row.line, f"CSV: {error}")


def csv_from_cards(cards: Sequence[Card]) -> str:
    """Return people as a table with English headers; groups, photos and what has no column are left out."""
    people = [card for card in cards if kind(card) != "group"]
    return format_rows(iter([[header for header, _ in _COLUMNS], *map(_cells, people)]))


def _entries(row: Row, known: dict[int, Column], *, month_first: bool) -> Iterator[tuple[Slot, str]]:
    birth: dict[int, str] = {}
    for index, column in known.items():
        if index >= len(row.cells) or not row.cells[index]:
            continue
        text = denatured(row.cells[index])
        slot = column.slot
        if column.kind_column is not None and column.kind_column < len(row.cells):
            named = row.cells[column.kind_column].lower().strip("* ")
            slot = Slot(slot.name, _TYPES_OF_KIND.get(named, ()), slot.part, slot.place)
        if slot.name == "BDAY" and (slot.part or len(text) <= _DAY_CHARS):
            birth[slot.part or BIRTH_DAY] = text
        elif slot.name in {"BDAY", "X-ANNIVERSARY"}:
            date = _date(text, month_first=month_first)
            if date:
                yield slot, date
        elif slot.name == "CATEGORIES":
            words = text.replace(_GOOGLE_SEPARATOR, ",").replace(";", ",").split(",")
            yield slot, ",".join(word.strip("* ") for word in words)
        elif slot.name in {"EMAIL", "TEL", "URL", "IMPP"}:
            for value in text.split(_GOOGLE_SEPARATOR, _VALUES_PER_CELL_MAX):
                yield slot, value
        else:
            yield slot, text
    if birth:
        year = birth.get(BIRTH_YEAR, "").zfill(4)
        month, day = (birth.get(part, "").zfill(_DAY_CHARS) for part in (BIRTH_MONTH, BIRTH_DAY))
        date = _date(f"{year}-{month}-{day}", month_first=month_first)
        if date:
            yield Slot("BDAY"), date


def _date(text: str, *, month_first: bool) -> str:
    """Return a date of a table as 3.0 writes it; Outlook's 0/0/00, for none, is empty."""
    parts = text.split("/")
    if len(parts) == _SLASHED_PARTS and all(part.isdecimal() and part.isascii() for part in parts):
        if len(parts[0]) != len("1980"):
            first, second = int(parts[0][:2]), int(parts[1][:2])
            month, day = (first, second) if (month_first and first <= _MONTHS) or second > _MONTHS else (second, first)
            text = f"{parts[2][:4]}-{month:02}-{day:02}"
        else:
            text = "-".join(parts)
    date = parse_date(text)
    return "" if date is None else written_date(date)


def _cells(card: Card) -> list[str]:
    cells = [""] * len(_COLUMNS)
    for slot, text in texts_of(card):
        for candidate in _candidates(slot):
            place = _PLACES.get(candidate)
            if place is not None and not cells[place]:
                cells[place] = text
                break
    return cells


def _candidates(slot: Slot) -> Iterator[Slot]:
    """Yield the columns that can take a text, best first: one for its kind, the next of that kind, one for any kind."""
    words = slot.types
    if slot.name == "TEL":
        if "fax" in words:
            words = ("fax", "home" if "home" in words else "work")
        else:
            words = next(((word,) for word in ("cell", "pager", "work", "home") if word in words), ())
    elif slot.name == "ADR":
        words = _HOME if "home" in words else _WORK if "work" in words else ()
    else:
        words = ()
    for place in (0, 2, 3):
        yield Slot(slot.name, words, slot.part, place)
    if slot.name == "TEL":
        yield Slot("TEL")
