"""cadaver: WebDAV from the command line."""

from pathlib import Path

import pytest

from tests.support.folkmoot import Folkmoot, Person
from tests.support.peers import run
from tests.support.servers import require

pytestmark = pytest.mark.peers


def cadaver(server: Folkmoot, person: Person, home: Path, path: str, *commands: str) -> str:
    netrc = home / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login {person.login} password {person.password}\n")
    netrc.chmod(0o600)
    words = "\n".join([*commands, "quit", ""])
    return run(require("cadaver", "cadaver"), f"{server.url}{path}", cwd=home, words=words)


def test_files_are_put_copied_moved_locked_and_deleted(folkmoot: Folkmoot, person: Person, home: Path) -> None:
    (home / "letter.txt").write_text("Dear Sir or Madam")
    output = cadaver(
        folkmoot,
        person,
        home,
        f"{person.path}/Files/",
        "mkcol letters",
        "put letter.txt letters/first.txt",
        "copy letters/first.txt letters/second.txt",
        "move letters/second.txt letters/third.txt",
        "lock letters/first.txt",
        "discover letters/first.txt",
        "unlock letters/first.txt",
        "propset letters/first.txt colour red",
        "propget letters/first.txt colour",
        "get letters/third.txt back.txt",
        "ls letters",
        "delete letters/first.txt",
        "ls letters",
        "rmcol letters",
        "ls",
    )
    assert (home / "back.txt").read_text() == "Dear Sir or Madam"
    assert "failed" not in output, output
    assert "colour" in output
    assert "red" in output
    listings = [part.split("dav:")[0] for part in output.split("Listing collection")[1:]]
    assert ("first.txt" in listings[0], "third.txt" in listings[0]) == (True, True)
    assert ("first.txt" in listings[1], "third.txt" in listings[1]) == (False, True)
    assert "letters" not in listings[2].partition("\n")[2]


def test_a_calendar_is_browsed_as_a_directory(folkmoot: Folkmoot, person: Person, home: Path) -> None:
    (home / "a.ics").write_bytes(
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//EN\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\n"
        b"DTSTART:20260302T090000Z\r\nSUMMARY:A\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    (home / "bad.ics").write_text("no calendar")
    output = cadaver(
        folkmoot, person, home, person.calendar, "put a.ics", "put bad.ics", "ls", "get a.ics back.ics", "delete a.ics"
    )
    assert (home / "back.ics").read_bytes() == (home / "a.ics").read_bytes()
    assert "Uploading bad.ics" in output
    assert output.count("failed") == 1, output
