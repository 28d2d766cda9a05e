"""The scripts that preferences become, octet by octet.

Their forms are those of SOGo 5.8, compared for 1,300 preferences; notices, which it does not have, are those of later
versions.  Lines of vacation texts that begin with a dot are the exception: SOGo lets them end the text.
"""

import grp
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from folkmoot.mailboxes.sieve.choices import read_wishes
from folkmoot.mailboxes.sieve.reading import read
from folkmoot.mailboxes.sieve.surroundings import Surroundings
from folkmoot.mailboxes.sieve.writing import write

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.stem for path in GOLDEN.glob("*.json"))
ZONE = ZoneInfo("America/Chicago")
EXTENSIONS = (
    "body copy date enotify envelope fileinto imap4flags index mailbox regex reject relational vacation variables"
)
AROUND = Surroundings(frozenset(EXTENSIONS.split()), datetime(2026, 11, 23, 19, 58, tzinfo=UTC), ZONE)


def _case(name: str) -> tuple[dict[str, object], str]:
    values = json.loads((GOLDEN / f"{name}.json").read_text())
    return values, (GOLDEN / f"{name}.sieve").read_bytes().decode()


@pytest.mark.parametrize("name", CASES)
def test_preferences_become_this_script(name: str) -> None:
    values, script = _case(name)
    written = write(read_wishes(values, ZONE), AROUND)
    assert written == script


@pytest.mark.parametrize("name", CASES)
def test_the_script_is_read_back(name: str) -> None:
    _, script = _case(name)
    assert write(read(script, AROUND), AROUND) == script


def test_there_are_cases() -> None:
    assert len(CASES) > 30


LETTER = """\
From: Ida <ida@example.net>
To: anna@example.org
Subject: a special offer
Date: Mon, 23 Nov 2026 13:00:00 -0600

Hello
"""
DONE = {
    "vacation": ["I am away.", "folder: INBOX"],
    "vacation-never-to-lists": ["I am away.", "folder: INBOX"],
    "vacation-over-night": ["folder: INBOX"],
    "vacation-working-hours": ["I am away.", "folder: INBOX"],
    "vacation-discard": ["I am away.", "* discard"],
    "vacation-always": ["I am away.", "folder: INBOX"],
    "vacation-after-filters": ["folder: INBOX"],
    "vacation-dots": ["START MESSAGE\n.\n..\n.end\n", "folder: INBOX"],
    "forward": ["redirect message to: <a@example.net>"],
    "forward-keep": ["redirect message to: <a@example.net>", "folder: INBOX"],
    "notification": ["You have mail: 'a special offer' from: Ida", "To: a@example.net", "Look & see", "folder: INBOX"],
    "filter-fileinto": ["folder: Offers"],
    "filter-everything": ["folder: All", "flags: \\flagged"],
    "filter-reject": ['reject message with reason: No "thanks".'],
    "filter-redirect": ["redirect message to: <a@example.net>", "folder: INBOX"],
}
CONFIGURATION = """\
mail_location = maildir:{directory}/Maildir
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
ssl = no
"""


@pytest.fixture
def room() -> Iterator[Path]:
    """A directory that the user may enter as whom Dovecot looks at mail; it never does so as root."""
    with tempfile.TemporaryDirectory() as name:
        user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
        if os.geteuid() == 0:
            user, group = "nobody", "nogroup"
            shutil.chown(name, user)
        Path(name, "conf").write_text(CONFIGURATION.format(directory=name, user=user, group=group))
        yield Path(name)


@pytest.mark.live
@pytest.mark.parametrize(("name", "done"), DONE.items(), ids=DONE.keys())
def test_pigeonhole_does_what_was_wished(name: str, done: list[str], room: Path) -> None:
    (room / "letter").write_text(LETTER)
    (room / "script").write_bytes((GOLDEN / f"{name}.sieve").read_bytes())
    who = ("-x", "+regex", "-r", "anna@example.org", "-f", "ida@example.net")
    ran = _run("sieve-test", "-c", str(room / "conf"), *who, str(room / "script"), str(room / "letter"))
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout + ran.stderr
    assert all(text in said for text in done), said
    assert ("send vacation" in said) == any("away" in text or "START" in text for text in done)


def _run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    found = shutil.which(program)
    if found is None:
        pytest.fail("apt-get install -y dovecot-sieve")
    return subprocess.run([found, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.live
@pytest.mark.parametrize("name", CASES)
def test_pigeonhole_compiles_the_script(name: str, tmp_path: Path) -> None:
    compiled = _run("sievec", "-x", "+regex", str(GOLDEN / f"{name}.sieve"), str(tmp_path / "out.svbin"))
    assert compiled.returncode == 0, compiled.stderr
