"""khal and khard: a calendar and an address book in the terminal, over vdirsyncer's directories."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.dav import event
from tests.support.folkmoot import Folkmoot, Person
from tests.support.peers import peer, run

pytestmark = pytest.mark.peers


@dataclass
class Terminal:
    home: Path
    server: Folkmoot
    person: Person

    def __post_init__(self) -> None:
        self.home.mkdir()
        storages = ""
        for name, kind, extension in (("cal", "caldav", ".ics"), ("card", "carddav", ".vcf")):
            storages += f"""
[pair {name}]
a = "{name}_here"
b = "{name}_there"
collections = ["personal"]

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
        (self.home / "vdirsyncer").write_text(f'[general]\nstatus_path = "{self.home}/status"\n{storages}')
        (self.home / "khal").write_text(f"""
[calendars]
[[personal]]
path = {self.home}/cal/personal
[locale]
local_timezone = Europe/Prague
default_timezone = Europe/Prague
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[default]
default_calendar = personal
[sqlite]
path = {self.home}/khal.db
""")
        (self.home / "khard").write_text(f"""
[addressbooks]
[[personal]]
path = {self.home}/card/personal
[general]
editor = /bin/true
merge_editor = /bin/true
""")
        self.do("vdirsyncer", "discover", words="y\n" * 10)
        self.sync()

    def do(self, program: str, *arguments: str, words: str = "") -> str:
        return run(peer(program), "-c", str(self.home / program), *arguments, cwd=self.home, words=words)

    def sync(self) -> None:
        self.do("vdirsyncer", "sync")


@pytest.fixture
def terminal(folkmoot: Folkmoot, person: Person, home: Path) -> Terminal:
    return Terminal(home / "terminal", folkmoot, person)


def test_what_the_server_keeps_is_listed_in_the_local_time(terminal: Terminal) -> None:
    rule = "RRULE:FREQ=WEEKLY;COUNT=3\r\n"
    with terminal.server.client(terminal.person) as client:
        answer = client.put(f"{terminal.person.calendar}a.ics", content=event("a", "Choir, Žižkov", extra=rule))
        assert answer.status_code == 201
    terminal.sync()
    listed = terminal.do("khal", "list", "2026-03-01", "2026-03-31")
    assert listed.count("10:00-11:00 Choir, Žižkov") == 3
    assert "2026-03-16" in listed


def test_a_new_event_with_an_alarm_and_a_rule_reaches_the_server_and_comes_back(terminal: Terminal) -> None:
    terminal.do(
        "khal", "new", "2026-03-02", "14:00", "15:30", "Dentist", "::", "bring the card", "-m", "30m", "-r", "monthly"
    )
    terminal.do("khal", "new", "2026-04-04", "Easter")
    terminal.sync()
    with terminal.server.client(terminal.person) as client:
        stored = client.get(terminal.person.calendar.rstrip("/") + ".ics").text
    assert "SUMMARY:Dentist" in stored
    assert "BEGIN:VALARM" in stored
    assert "RRULE:FREQ=MONTHLY" in stored
    assert "DTSTART;VALUE=DATE:20260404" in stored
    terminal.sync()
    assert "14:00-15:30 Dentist" in terminal.do("khal", "list", "2026-05-02", "1d")


def test_a_contact_made_in_the_terminal_reaches_the_server_and_is_changed_there(terminal: Terminal) -> None:
    template = """
First name : Božena
Last name : Němcová
Organisation : Babička & syn
Email :
    work : bozena@example.org
Phone :
    cell : "+420 123 456 789"
Note : one line
"""
    terminal.do("khard", "new", "--addressbook", "personal", "--vcard-version", "3.0", "-i", "-", words=template)
    terminal.sync()
    with terminal.server.client(terminal.person) as client:
        (name,) = [path.name for path in (terminal.home / "card" / "personal").glob("*.vcf")]
        listing = client.request("PROPFIND", terminal.person.address_book, headers={"Depth": "1"}).text
        href = next(part.split("<")[0] for part in listing.split("href>") if part.split("<")[0].endswith(".vcf"))
        assert href.endswith(name)
        stored = client.get(href)
        assert "Němcová" in stored.text
        changed = stored.text.replace("one line", "another line")
        assert client.put(href, content=changed.encode(), headers={"If-Match": stored.headers["etag"]}).is_success
    terminal.sync()
    shown = terminal.do("khard", "show", "Němcová")
    assert "another line" in shown
    assert "+420 123 456 789" in shown
