"""Rows for people and for programs: aligned on a terminal, parted by tabs elsewhere."""

import sys
from collections.abc import Iterator, Sequence

import click
from rich.cells import cell_len

Row = Sequence[str]


def echo_rows(rows: Sequence[Row]) -> None:
    """Print rows of as many texts each."""
    for line in aligned(rows) if sys.stdout.isatty() else map("\t".join, rows):
        click.echo(line)


def aligned(rows: Sequence[Row]) -> Iterator[str]:
    """Yield rows with their columns below one another, two blanks between them."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()
