"""``folkmoot import`` and ``folkmoot export``."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from folkmoot.tool.environment import Invocation
from folkmoot.tool.transfer import export, import_
from folkmoot.tool.user import user
from tests.support.cheap_hashes import cheap_hashes

__all__ = ["cheap_hashes"]

Run = Callable[..., Result]

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0100
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:weekly
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Berlin:20260601T100000
RRULE:FREQ=WEEKLY
SUMMARY:Weekly
END:VEVENT
BEGIN:VEVENT
UID:weekly
DTSTAMP:20260101T000000Z
RECURRENCE-ID;TZID=Europe/Berlin:20260608T100000
DTSTART;TZID=Europe/Berlin:20260608T120000
SUMMARY:Later this week
END:VEVENT
BEGIN:VEVENT
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:20260602
SUMMARY:Without UID
END:VEVENT
BEGIN:VEVENT
UID:broken
DTSTAMP:20260101T000000Z
DTSTART:yesterday
SUMMARY:Broken
END:VEVENT
BEGIN:VTODO
UID:todo
DTSTAMP:20260101T000000Z
SUMMARY:Task
END:VTODO
END:VCALENDAR
"""
CARDS = """BEGIN:VCARD
VERSION:3.0
FN:Eva Čermák
N:Čermák;Eva;;;
EMAIL:eva@example.org
END:VCARD
rubbish between
BEGIN:VCARD
VERSION:4.0
UID:jan
FN:Jan
BDAY:19800314
END:VCARD
"""


@pytest.fixture
def invocation(tmp_path: Path) -> Invocation:
    file = tmp_path / "sogo.conf"
    file.write_text(f'{{ FolkmootDatabaseURL = "sqlite://{tmp_path}/x.db"; }}')
    found = Invocation((file,))
    added = CliRunner().invoke(user, ["add", "anna", "--password-stdin"], input="secret\n", obj=found)
    assert added.exit_code == 0, added.output
    return found


@pytest.fixture
def bring_in(invocation: Invocation, tmp_path: Path) -> Run:
    def run(place: str, name: str, text: str, *options: str) -> Result:
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return CliRunner().invoke(import_, ["anna", place, str(file), *options], obj=invocation, standalone_mode=False)

    return run


@pytest.fixture
def take_out(invocation: Invocation) -> Run:
    def run(place: str, *options: str) -> Result:
        return CliRunner().invoke(export, ["anna", place, "-", *options], obj=invocation)

    return run


def test_a_calendar_file_goes_in_object_by_object_and_the_broken_one_is_named(bring_in: Run, take_out: Run) -> None:
    done = bring_in("Calendar/personal", "all.ics", CALENDAR)
    assert done.return_value == 1
    assert done.stdout.splitlines() == [line for line in done.stdout.splitlines() if line.startswith("rejected: ")]
    assert "Broken" in done.stdout
    assert "3 created, 0 replaced, 0 unchanged, 1 rejected" in done.stderr
    text = take_out("Calendar/personal", "--format", "ics").stdout
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert text.count("UID:weekly") == 2
    assert "Without UID" in text
    assert "BEGIN:VTODO" in text


def test_importing_again_changes_nothing(bring_in: Run) -> None:
    bring_in("Calendar/personal", "all.ics", CALENDAR)
    again = bring_in("Calendar/personal", "all.ics", CALENDAR)
    assert "0 created, 0 replaced, 3 unchanged, 1 rejected" in again.stderr


def test_a_dry_run_stores_nothing(bring_in: Run, take_out: Run) -> None:
    done = bring_in("Calendar/personal", "all.ics", CALENDAR, "--dry-run")
    assert "would be: 3 created" in done.stderr
    assert "BEGIN:VEVENT" not in take_out("Calendar/personal").stdout


def test_contacts_go_from_vcard_over_ldif_and_csv_to_another_book(bring_in: Run, take_out: Run) -> None:
    done = bring_in("Contacts/personal", "all.vcf", CARDS)
    assert "2 created" in done.stderr
    assert done.stdout.startswith("rejected: line 7")
    for form in ("ldif", "csv"):
        text = take_out("Contacts/personal", "--format", form).stdout
        assert "eva@example.org" in text
        moved = bring_in("Contacts/collected", f"all.{form}", text)
        assert "0 rejected" in moved.stderr
    assert "Čermák" in take_out("Contacts/collected").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["anna", "Mail/inbox", "{file}"], "Calendar/personal"),
        (["anna", "Contacts/personal", "{file}"], "does not go with"),
        (["anna", "Calendar/personal", "{file}", "--format", "xls"], "is not one of"),
        (["anna", "Calendar/none", "{file}"], "no such collection"),
        (["nobody", "Calendar/personal", "{file}"], "no such person"),
    ],
)
def test_what_cannot_be_is_said(invocation: Invocation, tmp_path: Path, arguments: list[str], said: str) -> None:
    file = tmp_path / "a.ics"
    file.write_text(CALENDAR)
    done = CliRunner().invoke(import_, [a.format(file=file) for a in arguments], obj=invocation)
    assert done.exit_code != 0
    assert said in (done.output + str(done.exception))
