"""Tables of spreadsheets and address books as rows of text: character set, separator, quotes (RFC 4180)."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.vcard.card import Rejected

CSV_OCTETS_MAX: Final = 64 * 1024 * 1024  # 100,000 rows of all of Outlook's columns
COLUMNS_MAX: Final = 1_000  # Outlook has 92, Google grows with the longest contact
_DELIMITERS: Final = (",", ";", "\t", "|")
_SAMPLE_CHARS: Final = 20_000  # one header row, however wide


@dataclass(frozen=True, slots=True)
class Row:
    """One row and the line it starts on, from 1."""

    line: int
    cells: tuple[str, ...]


def parse_rows(octets: bytes) -> Iterator[Row | Rejected]:
    """Yield the rows of a table, the header first; a row that cannot be read hides no other.

    Raises:
        TooLarge: more than ``CSV_OCTETS_MAX`` octets.
        MalformedInput: nothing in the file.
    """
    if len(octets) > CSV_OCTETS_MAX:
        raise TooLarge(f"CSV: more than {CSV_OCTETS_MAX} octets")
    text = _decode(octets).replace("\r\n", "\n").replace("\r", "\n")
    skipped = 0
    delimiter = None
    first, _, rest = text.partition("\n")
    if first.strip().strip('"').lower().startswith("sep=") and len(first.strip().strip('"')) <= len("sep=;"):
        delimiter = first.strip().strip('"')[len("sep=") :] or "\t"  # Excel's own way to name it
        text, skipped = rest, 1
    if not text.strip():
        raise MalformedInput("CSV: empty file")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or _sniff(text))
    while True:
        line = reader.line_num + 1 + skipped
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Rejected(line, f"CSV: {error}")
            continue
        if len(cells) > COLUMNS_MAX:
            yield Rejected(line, f"CSV: more than {COLUMNS_MAX} cells")
        elif any(cell.strip() for cell in cells):
            yield Row(line, tuple(cell.strip() for cell in cells))


def format_rows(rows: Iterator[list[str]]) -> str:
    """Return a table with commas, CRLF and quotes where needed; no cell is a formula to a spreadsheet."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerows([neutral(cell) for cell in row] for row in rows)
    return written.getvalue()


def neutral(cell: str) -> str:
    """Return the text with a quote before what a spreadsheet would compute; numbers of telephones stay as they are."""
    if not cell or cell[0] not in "=+-@\t\r'":
        return cell
    if cell[0] in "+-" and not cell[1:].strip("0123456789 ()./-"):
        return cell
    return f"'{cell}"


def denatured(cell: str) -> str:
    """Return the text without the quote that ``neutral`` put before it."""
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and neutral(cell[1:]) == cell else cell


def _decode(octets: bytes) -> str:
    """Decode by the byte order mark; without one UTF-8, UTF-16 if every other octet is NUL, else Windows' code page."""
    for mark, charset in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if octets.startswith(mark):
            return octets.decode(charset, "replace")
    sample = octets[:1000]
    if len(sample) > 1 and sample[1::2].count(0) > len(sample) // 3:
        return octets.decode("utf-16-le", "replace")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("windows-1252", "replace")


def _sniff(text: str) -> str:
    """Return the separator that the header row holds most of, outside of quotes."""
    counts = dict.fromkeys(_DELIMITERS, 0)
    quoted = False
    for character in text[:_SAMPLE_CHARS]:
        if character == '"':
            quoted = not quoted
        elif not quoted and character == "\n":
            break
        elif not quoted and character in counts:
            counts[character] += 1
    return max(_DELIMITERS, key=lambda delimiter: counts[delimiter])
