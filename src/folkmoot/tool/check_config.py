"""``folkmoot check-config FILE``: every fault of a configuration at once, with key and line."""

import sys
from pathlib import Path

import click

from folkmoot.config.check import Report, check
from folkmoot.config.faults import Severity

_WORDS = {Severity.WARNING: "warning", Severity.ERROR: "error", Severity.FATAL: "error"}


@click.command("check-config")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--quiet", is_flag=True, help="Say nothing of keys that this version does not act on yet.")
def check_config(file: Path, *, quiet: bool) -> None:
    """Check the configuration FILE; the exit status is 1 if it has errors."""
    report = check(file.read_bytes(), str(file))
    for line in _lines(report, quiet=quiet):
        click.echo(line)
    sys.exit(1 if report.failed else 0)


def _lines(report: Report, *, quiet: bool) -> list[str]:
    errors = [fault for fault in report.faults if fault.severity > Severity.WARNING]
    lines = [
        ": ".join(
            part
            for part in (_place(fault.origin, fault.line), _WORDS[fault.severity], fault.key, fault.message)
            if part
        )
        for fault in report.faults
    ]
    if report.unserved and not quiet:
        lines.append("This version does not act on these yet:")
        lines += [f"  line {one.line}: {one.key}" for one in report.unserved]
    warnings = len(report.faults) - len(errors)
    lines.append(f"{_count(len(errors), 'error')}, {_count(warnings, 'warning')}.".capitalize())
    return lines


def _place(origin: str, line: int) -> str:
    return f"{origin}:{line}" if line else origin


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
