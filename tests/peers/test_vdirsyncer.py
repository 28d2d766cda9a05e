"""vdirsyncer: two-way synchronisation of directories with calendars and address books."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.dav import card, event
from tests.support.folkmoot import Folkmoot, Person
from tests.support.peers import peer, run

pytestmark = pytest.mark.peers

QUESTIONS = 50  # whether to make a collection, answered with yes; more than one discovery asks
MANY = 5_000
MANY_SECONDS = 150  # for the first upload; a third of it is vdirsyncer's own


@dataclass
class Device:
    """A machine that keeps copies in directories."""

    home: Path
    server: Folkmoot
    person: Person
    resolution: str = "null"

    def __post_init__(self) -> None:
        self.home.mkdir(exist_ok=True)
        pairs = (("calendars", "caldav", ".ics", '["displayname", "color"]'), ("books", "carddav", ".vcf", "[]"))
        text = f'[general]\nstatus_path = "{self.home}/status"\n'
        for name, kind, extension, metadata in pairs:
            text += f"""
[pair {name}]
a = "{name}_here"
b = "{name}_there"
collections = ["from a", "from b"]
conflict_resolution = {self.resolution if self.resolution == "null" else f'"{self.resolution}"'}
metadata = {metadata}

[storage {name}_here]
type = "filesystem"
path = "{self.home}/{name}"
fileext = "{extension}"

[storage {name}_there]
type = "{kind}"
url = "{self.server.url}/SOGo/dav/"
username = "{self.person.login}"
password = "{self.person.password}"
"""
        (self.home / "config").write_text(text)

    @property
    def calendar(self) -> Path:
        return self.home / "calendars" / "personal"

    @property
    def book(self) -> Path:
        return self.home / "books" / "personal"

    def do(self, command: str, *arguments: str, status: int | None = 0, seconds: float = 120) -> str:
        program = [peer("vdirsyncer"), "-vdebug", "-c", str(self.home / "config"), command, *arguments]
        return run(*program, cwd=self.home, words="y\n" * QUESTIONS, status=status, seconds=seconds)

    def sync(self, status: int | None = 0, seconds: float = 120) -> str:
        return self.do("sync", status=status, seconds=seconds)


@pytest.fixture
def desk(folkmoot: Folkmoot, person: Person, home: Path) -> Device:
    device = Device(home / "desk", folkmoot, person)
    device.do("discover")
    return device


@pytest.fixture
def phone(folkmoot: Folkmoot, person: Person, home: Path) -> Device:
    device = Device(home / "phone", folkmoot, person)
    device.do("discover")
    return device


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.suffix in {".ics", ".vcf"}}


def edit(path: Path, old: bytes, new: bytes) -> None:
    octets = path.read_bytes()
    assert old in octets
    path.write_bytes(octets.replace(old, new))


def test_discovery_finds_what_a_new_person_has(desk: Device) -> None:
    assert sorted(path.name for path in (desk.home / "calendars").iterdir()) == ["personal"]
    assert sorted(path.name for path in (desk.home / "books").iterdir()) == ["collected", "local", "personal"]


def test_changes_and_deletions_travel_both_ways_octet_by_octet(desk: Device, phone: Device) -> None:
    (desk.calendar / "a.ics").write_bytes(event("a", "Stand-up, daily; ünïcode 🎉"))
    (desk.calendar / "b.ics").write_bytes(event("b"))
    (desk.book / "jan.vcf").write_bytes(card("jan"))
    (desk.book / "eva.vcf").write_bytes(card("eva", "Eva Malá"))
    desk.sync()
    phone.sync()
    assert set(contents(phone.calendar).values()) == {event("a", "Stand-up, daily; ünïcode 🎉"), event("b")}
    assert set(contents(phone.book).values()) == {card("jan"), card("eva", "Eva Malá")}

    for path in phone.calendar.glob("*.ics"):
        if b"UID:b\r\n" in path.read_bytes():
            path.unlink()
        else:
            edit(path, b"Stand-up", b"Sit-down")
    phone.sync()
    desk.sync()
    assert list(contents(desk.calendar).values()) == [event("a", "Sit-down, daily; ünïcode 🎉")]

    (desk.book / "jan.vcf").unlink()
    desk.sync()
    phone.sync()
    assert list(contents(phone.book).values()) == [card("eva", "Eva Malá")]


def test_a_conflict_is_told_and_nobody_is_overwritten(desk: Device, phone: Device) -> None:
    (desk.calendar / "a.ics").write_bytes(event("a"))
    desk.sync()
    phone.sync()
    edit(desk.calendar / "a.ics", b"Stand-up", b"At the desk")
    edit(next(phone.calendar.glob("*.ics")), b"Stand-up", b"On the phone")
    desk.sync()
    output = phone.sync(status=None)
    assert "conflict" in output.lower()
    desk.sync()
    assert b"At the desk" in (desk.calendar / "a.ics").read_bytes()
    assert b"On the phone" in next(phone.calendar.glob("*.ics")).read_bytes()


def test_a_conflict_ends_as_the_user_decided_beforehand(desk: Device, folkmoot: Folkmoot, home: Path) -> None:
    phone = Device(home / "phone", folkmoot, desk.person, resolution="a wins")
    phone.do("discover")
    (desk.calendar / "a.ics").write_bytes(event("a"))
    desk.sync()
    phone.sync()
    edit(desk.calendar / "a.ics", b"Stand-up", b"At the desk")
    edit(next(phone.calendar.glob("*.ics")), b"Stand-up", b"On the phone")
    desk.sync()
    phone.sync()
    desk.sync()
    assert b"On the phone" in (desk.calendar / "a.ics").read_bytes()


def test_name_and_colour_of_a_calendar_travel(desk: Device, phone: Device) -> None:
    desk.do("metasync")
    assert (desk.calendar / "displayname").read_text()
    (desk.calendar / "displayname").write_text("Wörk & more")
    (desk.calendar / "color").write_text("#1B3F7AFF")
    desk.do("metasync")
    phone.do("metasync")
    assert (phone.calendar / "displayname").read_text() == "Wörk & more"
    assert (phone.calendar / "color").read_text().upper() == "#1B3F7AFF"


def test_a_collection_made_here_is_made_there(desk: Device, phone: Device) -> None:
    (desk.home / "calendars" / "travel").mkdir()
    (desk.home / "calendars" / "travel" / "t.ics").write_bytes(event("t"))
    (desk.home / "books" / "club").mkdir()
    (desk.home / "books" / "club" / "c.vcf").write_bytes(card("c"))
    desk.do("discover")
    desk.sync()
    phone.do("discover")
    phone.sync()
    assert list(contents(phone.home / "calendars" / "travel").values()) == [event("t")]
    assert list(contents(phone.home / "books" / "club").values()) == [card("c")]


def test_a_repaired_calendar_and_an_unharmed_one_stay_as_they_are(desk: Device) -> None:
    (desk.calendar / "a.ics").write_bytes(event("a"))
    desk.sync()
    desk.do("repair", "calendars_there/personal")
    desk.sync()
    assert contents(desk.calendar) == {"a.ics": event("a")}


def test_five_thousand_events_travel_and_one_change_costs_little(desk: Device, phone: Device) -> None:
    for number in range(MANY):
        day, hour = number % 28 + 1, number % 24
        (desk.calendar / f"{number}.ics").write_bytes(
            event(f"e{number}", f"No. {number}", f"202603{day:02}T{hour:02}0000Z")
        )
    desk.sync(seconds=MANY_SECONDS)
    phone.sync(seconds=MANY_SECONDS)
    assert sorted(contents(phone.calendar).values()) == sorted(contents(desk.calendar).values())
    edit(desk.calendar / "17.ics", b"No. 17", b"Number 17")
    (desk.calendar / "18.ics").unlink()
    desk.sync(seconds=MANY_SECONDS)
    phone.sync(seconds=MANY_SECONDS)
    after = contents(phone.calendar)
    assert len(after) == MANY - 1
    assert any(b"Number 17" in octets for octets in after.values())
