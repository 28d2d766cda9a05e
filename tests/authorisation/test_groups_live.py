"""Rights of a group on a running server, from the command that makes it to the phone that reads: two workers."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from folkmoot.directory.groups import BELIEVED_SECONDS
from tests.support.dav import event
from tests.support.folkmoot import ANNA, BERT, CARL, Folkmoot, running

pytestmark = pytest.mark.live

ROLES = "".join(f"<{name}DAndTViewer/>" for name in ("Public", "Private", "Confidential"))
QUERY = 'xmlns="urn:inverse:params:xml:ns:inverse-dav"'


def command(folkmoot: Folkmoot, *arguments: str) -> str:
    program = Path(sys.executable).with_name("folkmoot")
    words = [str(program), "--config", str(folkmoot.directory / "sogo.conf"), *arguments]
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout  # our own


def after_a_while(what: Callable[[], bool]) -> bool:
    """Whether something becomes true in the time for which memberships are believed, and the callers in caches."""
    end = time.monotonic() + BELIEVED_SECONDS + 15
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(1)
    return False


def test_a_member_of_a_group_sees_what_the_group_was_given(tmp_path: Path) -> None:
    with running(tmp_path) as folkmoot:
        assert command(folkmoot, "user", "add", "sales", "--kind", "group") == "Added sales.\n"
        assert command(folkmoot, "user", "members", "add", "sales", BERT.mail) == "Added 1 to sales.\n"
        name = f"{ANNA.calendar}a.ics"
        with folkmoot.client(ANNA) as anna, folkmoot.client(BERT) as bert, folkmoot.client(CARL) as carl:
            assert anna.put(name, content=event("a", "SECRET"), headers={"Content-Type": "text/calendar"}).is_success
            assert bert.get(name).status_code == 404

            def share(user: str) -> int:
                body = f'<acl-query {QUERY}><set-roles user="{user}">{ROLES}</set-roles></acl-query>'
                headers = {"Content-Type": "application/xml"}
                return anna.post(ANNA.calendar, content=body, headers=headers).status_code

            assert share("zoe") == 400
            assert share("sales") == 204
            copy = bert.get(name)
            assert copy.status_code == 200
            assert b"SUMMARY:(Public event)" in copy.content
            assert b"SECRET" not in copy.content
            assert carl.get(name).status_code == 404
            assert command(folkmoot, "user", "members", "remove", "sales", "bert") == "Removed 1 from sales.\n"
            assert after_a_while(lambda: all(bert.get(name).status_code == 404 for _ in range(8)))
