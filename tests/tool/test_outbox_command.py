"""``folkmoot outbox``: what waits, what is dead, sending again and forgetting."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from folkmoot.store import jobs
from folkmoot.store import outbox as stored
from folkmoot.store.outbox import Mail, NewMail, State, key_of
from folkmoot.tool.environment import Invocation, open_database
from folkmoot.tool.outbox import outbox
from tests.support.store import ANNA, NOW


@pytest.fixture
def invocation(tmp_path: Path) -> Invocation:
    file = tmp_path / "sogo.conf"
    file.write_text(f'{{ FolkmootDatabaseURL = "sqlite://{tmp_path}/x.db"; }}')
    found = Invocation((file,))

    async def fill() -> None:
        async with open_database(found.settings()) as database:
            for number, state in enumerate([State.SENT, State.DEAD, State.WAITING, State.SENDING], 1):
                key = key_of(str(number))
                payload = {"reason": "invitation", "itip": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "text_only": False}
                mail = NewMail(key, "itip", ANNA, f"p{number}@example.org", payload)
                await database.write(lambda tx, mail=mail: stored.add(tx, [mail], NOW))  # type: ignore[misc]
                if state is State.WAITING:
                    continue
                claimed = await database.write(
                    lambda tx, key=key: stored.claim(tx, key, now=NOW, lease_ms=1)  # type: ignore[misc]
                )
                assert isinstance(claimed, Mail)
                if state is not State.SENDING:
                    await database.write(
                        lambda tx, mail=claimed, state=state: stored.settle(  # type: ignore[misc]
                            tx, mail, state, fault="550 [red]no[/red] such user", now=NOW
                        )
                    )

    asyncio.run(fill())
    return found


def _invoke(invocation: Invocation, *arguments: str) -> Result:
    return CliRunner().invoke(outbox, arguments, obj=invocation, env={"COLUMNS": "200"})


def _states(invocation: Invocation) -> dict[int, str]:
    states = [argument for state in State for argument in ("--state", state.value)]
    lines = _invoke(invocation, "list", "--json", *states).stdout.splitlines()
    return {row["number"]: row["state"] for row in map(json.loads, lines)}


def test_what_is_not_sent_is_listed(invocation: Invocation) -> None:
    result = _invoke(invocation, "list")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["number", "4", "3", "2", "1"]
    assert "550 [red]no[/red] such user" in result.stdout
    assert "p2@example.org" in result.stdout
    assert "p1@example.org" not in result.stdout
    assert result.stdout.endswith("1 waiting, 1 sending, 1 sent, 1 dead\n")


def test_the_list_is_json_on_demand(invocation: Invocation) -> None:
    (line,) = _invoke(invocation, "list", "--state", "dead", "--json").stdout.splitlines()
    row = json.loads(line)
    assert (row["number"], row["recipient"], row["about"]) == (2, "p2@example.org", "invitation")
    assert row["created"] == "2023-11-14 22:13:20Z"


def test_one_mail_is_shown_whole(invocation: Invocation) -> None:
    result = _invoke(invocation, "show", "2")
    assert "answer: 550 [red]no[/red] such user" in result.stdout
    assert "BEGIN:VCALENDAR" in result.stdout
    assert json.loads(_invoke(invocation, "show", "2", "--json").stdout)["payload"]["reason"] == "invitation"
    assert _invoke(invocation, "show", "99").exit_code == 1


def test_a_dead_mail_is_sent_again(invocation: Invocation) -> None:
    assert _invoke(invocation, "retry", "2").stdout == "1 mail will be sent again.\n"
    assert _states(invocation)[2] == "waiting"

    async def due() -> list[str]:
        async with open_database(invocation.settings()) as database:
            return [job.key for job in await database.read(lambda tx: jobs.list_(tx, kind=stored.JOB))]

    assert key_of("2") in asyncio.run(due())
    assert _invoke(invocation, "retry", "--dead").stdout == "0 mails will be sent again.\n"


def test_what_was_sent_is_not_sent_again(invocation: Invocation) -> None:
    assert _invoke(invocation, "retry", "2", "1").exit_code == 1
    assert _states(invocation)[2] == "dead"


def test_mails_are_forgotten_but_not_while_they_are_sent(invocation: Invocation) -> None:
    assert _invoke(invocation, "discard", "--dead").stdout == "1 mail forgotten.\n"
    assert _invoke(invocation, "discard", "3").exit_code == 0
    assert _invoke(invocation, "discard", "4").exit_code == 1
    assert _states(invocation) == {1: "sent", 4: "sending"}


@pytest.mark.parametrize("command", ["retry", "discard"])
def test_nothing_happens_without_naming_mails(invocation: Invocation, command: str) -> None:
    assert _invoke(invocation, command).exit_code == 2
    assert _invoke(invocation, command, "2", "--dead").exit_code == 2
