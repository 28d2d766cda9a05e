"""``folkmoot share``."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click import Command
from click.testing import CliRunner, Result

from folkmoot.tool.environment import Invocation
from folkmoot.tool.share import share
from folkmoot.tool.transfer import import_
from folkmoot.tool.user import user
from tests.support.cheap_hashes import cheap_hashes

__all__ = ["cheap_hashes"]

Run = Callable[..., Result]
CALENDAR = "anna/Calendar/personal"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Two people, a group, and a calendar of the first one."""
    file = tmp_path / "sogo.conf"
    file.write_text(
        f'{{ FolkmootDatabaseURL = "sqlite://{tmp_path}/x.db"; FolkmootPublicURL = "https://mail.example.org/"; }}'
    )
    invocation = Invocation((file,))
    runner = CliRunner()
    for arguments in (["anna"], ["ben"], ["staff", "--kind", "group"]):
        added = runner.invoke(user, ["add", *arguments, "--name", arguments[0], "--generate"], obj=invocation)
        assert added.exit_code == 0, added.output
    event = "BEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260101T100000Z\r\nEND:VEVENT\r\n"
    (tmp_path / "a.ics").write_text(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{event}END:VCALENDAR\r\n")
    made = runner.invoke(import_, ["anna", "Calendar/personal", str(tmp_path / "a.ics")], obj=invocation)
    assert made.exit_code == 0, made.output

    def run(*arguments: str, of: Command = share) -> Result:
        return runner.invoke(of, arguments, obj=invocation)

    return run


def test_roles_and_subscriptions_are_given_listed_and_taken(run: Run) -> None:
    assert run("grant", CALENDAR, "ben", "PublicViewer", "ObjectCreator").exit_code == 0
    assert run("grant", CALENDAR, "staff", "PublicModifier").exit_code == 0
    assert run("grant", CALENDAR, "<default>", "None").exit_code == 0
    assert run("subscribe", CALENDAR, "ben").exit_code == 0
    assert run("list", CALENDAR).output == (
        "<default>\tNone\n@staff\tPublicModifier\nben\tObjectCreator PublicViewer\nben\tsubscribed\n"
    )
    assert run("revoke", CALENDAR, "staff", "<default>").exit_code == 0
    assert run("unsubscribe", CALENDAR, "ben").exit_code == 0
    assert run("list", CALENDAR).output == "ben\tObjectCreator PublicViewer\n"


def test_what_cannot_be_done_is_refused(run: Run) -> None:
    for arguments in (
        ("grant", CALENDAR, "zoe", "PublicViewer"),
        ("grant", CALENDAR, "ben", "ObjectViewer"),
        ("grant", "anna/Calendar/none", "ben", "PublicViewer"),
        ("grant", "anna/personal", "ben", "PublicViewer"),
        ("revoke", CALENDAR, "zoe"),
        ("subscribe", CALENDAR, "zoe"),
        ("subscribe", CALENDAR, "anna"),
        ("unsubscribe", CALENDAR, "ben"),
        ("list", "nobody/Calendar/personal"),
        ("list", "anna/Calendar/none"),
        ("link", "create", CALENDAR, "--days", "0"),
        ("link", "revoke", CALENDAR, "x"),
    ):
        assert run(*arguments).exit_code != 0, arguments
    assert run("list", CALENDAR).output == ""


def test_a_wrong_name_makes_nothing_and_is_named(run: Run) -> None:
    for _ in range(2):
        assert "no such person: nobody" in str(run("list", "nobody/Calendar/personal").exception)
    assert "PublicViewer" in str(run("grant", CALENDAR, "ben", "Viewer").exception), "the roles that there are"


def test_what_somebody_left_behind_can_still_be_seen_to(run: Run) -> None:
    assert run("grant", CALENDAR, "ben", "PublicViewer").exit_code == 0
    removed = run("remove", "anna", "--yes", of=user)
    assert removed.exit_code == 0, removed.output
    assert run("list", CALENDAR).output == "ben\tPublicViewer\n"


def test_links_are_made_listed_and_revoked(run: Run) -> None:
    made = run("link", "create", CALENDAR, "--label", "Club", "--dates-only", "--with-private", "--days", "30")
    assert re.fullmatch(r"https://mail\.example\.org/SOGo/links/[\w-]{32}\.ics\n", made.output)
    listed = run("link", "list", CALENDAR).output
    fields = listed.rstrip("\n").split("\t")
    assert fields[1] == "dates+private"
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", fields[2])
    assert fields[3:] == ["Club", made.output.strip()]
    assert run("link", "revoke", CALENDAR, fields[0]).exit_code == 0
    assert run("link", "list", CALENDAR).output == ""
