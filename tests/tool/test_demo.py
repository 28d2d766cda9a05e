import json
import re
import sqlite3
import stat
import struct
import zlib
from contextlib import closing
from datetime import UTC, date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from folkmoot.ical import check_calendar_object, parse, summarize
from folkmoot.ical import format as format_calendar
from folkmoot.tool.demo.company import company_events
from folkmoot.tool.demo.contacts import CONTACTS, contacts
from folkmoot.tool.demo.events import Year
from folkmoot.tool.demo.meetings import Arrangements
from folkmoot.tool.demo.people import PEOPLE
from folkmoot.tool.demo.portrait import SIZE, portrait
from folkmoot.tool.environment import Invocation
from folkmoot.tool.main import folkmoot
from folkmoot.vcard import check_address_object
from folkmoot.vcard import parse as parse_card
from tests.support.cheap_hashes import make_hashes_cheap

TODAYS = [date(2026, 11, 23), date(2024, 2, 29), date(2027, 1, 1)]


@pytest.mark.parametrize("today", TODAYS, ids=str)
def test_company_events_and_meetings_are_calendar_objects(today: date) -> None:
    for text in [*company_events(today), *(meeting.body for meeting in Arrangements(today).all_())]:
        calendar = parse(text)
        check_calendar_object(calendar)
        assert format_calendar(calendar) == text


@pytest.mark.parametrize("today", TODAYS, ids=str)
def test_every_demo_event_is_a_calendar_object_of_its_own(today: date) -> None:
    for person in PEOPLE:
        uids = set()
        for text in Year(person, today).objects():
            calendar = parse(text)
            check_calendar_object(calendar)
            assert format_calendar(calendar) == text, "folded and escaped as the format wants it"
            uids.add(summarize(calendar, default_zone=UTC).uid)
        assert len(uids) > 120


def test_the_year_has_all_that_clients_must_cope_with() -> None:
    meetings = [meeting.body for meeting in Arrangements(TODAYS[0]).all_()]
    everything = "".join([*Year(PEOPLE[0], TODAYS[0]).objects(), *company_events(TODAYS[0]), *meetings])
    for needed in (
        *("RRULE:", "EXDATE", "RDATE", "RECURRENCE-ID", "VALUE=DATE", "BEGIN:VALARM", "BEGIN:VTODO", "BYSETPOS"),
        *("TZID=America/New_York", "TZID=Asia/Tokyo", "TZID=Europe/Berlin", "CLASS:PRIVATE", "CLASS:CONFIDENTIAL"),
        *(
            "STATUS:TENTATIVE",
            "TRANSP:TRANSPARENT",
            "ATTENDEE",
            "ORGANIZER",
            "PERCENT-COMPLETE:40",
            "COMPLETED:",
            "ACTION:EMAIL",
        ),
    ):
        assert needed in everything
    assert re.search(r"DTSTART:\d{8}T\d{6}\r", everything), "a floating time"
    years = {int(year) for year in re.findall(r"DTSTART;TZID=[^:]+:(\d{4})", everything)}
    assert years == {2026, 2027}


def test_the_demo_is_the_same_at_each_run_of_a_day() -> None:
    assert list(Year(PEOPLE[1], TODAYS[0]).objects()) == list(Year(PEOPLE[1], TODAYS[0]).objects())
    assert list(contacts(PEOPLE[1])) == list(contacts(PEOPLE[1]))


def test_every_contact_is_an_address_object_with_a_portrait() -> None:
    for person in PEOPLE:
        cards = list(contacts(person))
        assert len(cards) == CONTACTS
        for text in cards:
            check_address_object(parse_card(text))
            assert "PHOTO;ENCODING=b;TYPE=PNG:" in text


def test_a_portrait_is_a_png_that_follows_from_the_name() -> None:
    picture = portrait("Anna Lindgren")
    assert picture == portrait("Anna Lindgren") != portrait("Ben Okafor")
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (SIZE, SIZE)
    start = picture.index(b"IDAT") + 4
    assert len(zlib.decompress(picture[start:-16])) == SIZE * (SIZE + 1)


def demo(directory: Path) -> Result:
    configuration = directory / "sogo.conf"
    configuration.write_text(f'{{ FolkmootStateDirectory = "{directory}"; }}')
    return CliRunner().invoke(folkmoot, ["--config", str(configuration), "demo"], obj=Invocation())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The directory of a demo, and what the first run said."""
    directory = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        make_hashes_cheap(patch)
        return directory, demo(directory)


def test_a_second_run_leaves_everything_as_it_is(made: tuple[Path, Result]) -> None:
    tmp_path, first = made
    assert first.exit_code == 0, first.output
    file = tmp_path / "demo-passwords.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    passwords = json.loads(file.read_text())
    assert all(passwords[person.login] in first.output for person in PEOPLE)
    assert passwords["anna"].encode() not in (tmp_path / "folkmoot.sqlite").read_bytes()
    before = (tmp_path / "folkmoot.sqlite").read_bytes()
    second = demo(tmp_path)
    assert second.output == first.output
    assert (tmp_path / "folkmoot.sqlite").read_bytes() == before


def test_invitations_are_in_every_state_on_both_sides(made: tuple[Path, Result]) -> None:
    with closing(sqlite3.connect(made[0] / "folkmoot.sqlite")) as database:
        rows = database.execute(
            "SELECT c.owner, o.name, o.participation FROM object o JOIN collection c ON c.id = o.collection_id "
            "WHERE c.name = 'personal' AND o.schedule_tag IS NOT NULL AND NOT o.deleted"
        ).fetchall()
        messages = database.execute(
            "SELECT count(*) FROM object o JOIN collection c ON c.id = o.collection_id "
            "WHERE c.name = 'inbox' AND c.owner = 'anna'"
        ).fetchone()
    states = {(owner, name.removeprefix("demo-").removesuffix(".ics")): state for owner, name, state in rows}
    assert states["chiara", "offer"] == states["anna", "visit"] == "ORGANIZER"
    assert states["anna", "offer"] == states["david", "design-review"] == "NEEDS-ACTION"
    assert states["anna", "design-review"] == "TENTATIVE"
    assert states["emma", "offer"] == "DECLINED"
    assert states["observatory", "design-review"] == states["beamer", "demonstration-3"] == "ACCEPTED"
    assert ("fatima", "retrospective") not in states, "it was called off"
    assert messages[0] > 10


def test_the_first_run_tells_what_is_shared(made: tuple[Path, Result]) -> None:
    directory, result = made
    assert re.search(r"nobody   /SOGo/links/[\w-]{32}\.ics", result.output)
    listed = CliRunner().invoke(
        folkmoot, ["-c", str(directory / "sogo.conf"), "share", "list", "anna/Calendar/personal"], obj=Invocation()
    )
    assert "zoe" in listed.output
    assert "PublicDAndTViewer" in listed.output


def test_the_demo_says_that_it_needs_the_built_in_source(tmp_path: Path) -> None:
    configuration = tmp_path / "sogo.conf"
    source = f'type = sql; id = x; viewURL = "sqlite://{tmp_path}/people.sqlite/people"; canAuthenticate = YES;'
    configuration.write_text(f'{{ FolkmootStateDirectory = "{tmp_path}"; SOGoUserSources = ( {{ {source} }} ); }}')
    result = CliRunner().invoke(folkmoot, ["--config", str(configuration), "demo"], obj=Invocation())
    assert "SOGoUserSources" in str(result.exception)
