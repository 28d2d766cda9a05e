"""python-caldav: the library that calendar-cli, plann and Home Assistant stand on."""

import re
from pathlib import Path

import pytest

from tests.support.folkmoot import Folkmoot, Person
from tests.support.peers import peer, run

pytestmark = pytest.mark.peers

SCRIPT = Path(__file__).with_name("scripts") / "caldav_session.py"
SESSIONS = re.findall(r"^        (\w+),$", SCRIPT.read_text(), re.MULTILINE)


@pytest.mark.parametrize("session", SESSIONS)
def test_the_session_runs_to_its_end(session: str, folkmoot: Folkmoot, person: Person, home: Path) -> None:
    run(peer("python"), str(SCRIPT), session, folkmoot.url, person.login, person.password, cwd=home)
