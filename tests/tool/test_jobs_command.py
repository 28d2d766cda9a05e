"""``folkmoot jobs``: what is to be done, and doing it."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from folkmoot.database import Transaction
from folkmoot.store import jobs as stored
from folkmoot.tool.environment import Invocation, open_database
from folkmoot.tool.jobs import jobs
from tests.support.store import NOW


@pytest.fixture
def invocation(tmp_path: Path) -> Invocation:
    file = tmp_path / "sogo.conf"
    file.write_text(f'{{ FolkmootDatabaseURL = "sqlite://{tmp_path}/x.db"; WOLogFile = "{tmp_path}/log"; }}')
    return Invocation((file,))


def fill(invocation: Invocation) -> None:
    async def work(tx: Transaction) -> None:
        await stored.add(tx, "web-calendar", "7", {}, NOW + 1, NOW)
        await stored.add(tx, "odd", "a", {"n": 1}, 2**42, NOW)
        due = [one.id for one in await stored.due(tx, ["web-calendar"], now=NOW + 1, limit=1)]
        (job,) = await stored.lease(tx, due, "me", now=NOW + 1, until=NOW + 2)
        await stored.fail(tx, job, fault="[red]no[/red]\nanswer", retry_at=NOW + 5)

    async def run() -> None:
        async with open_database(invocation.settings()) as database:
            await database.write(work)

    asyncio.run(run())


def invoke(invocation: Invocation, *arguments: str) -> Result:
    return CliRunner().invoke(jobs, arguments, obj=invocation, env={"COLUMNS": "200"}, catch_exceptions=False)


def test_jobs_are_listed_with_their_last_failure(invocation: Invocation) -> None:
    fill(invocation)
    result = invoke(invocation, "list")
    assert result.exit_code == 0
    assert "[red]no[/red] answer" in result.stdout
    assert "1 odd, 0 due, 0 failing; 1 web-calendar, 1 due, 1 failing" in result.stdout


def test_lists_can_be_narrowed_and_read_by_programs(invocation: Invocation) -> None:
    fill(invocation)
    lines = invoke(invocation, "list", "--json", "--kind", "odd").stdout.splitlines()
    (job,) = map(json.loads, lines)
    assert (job["key"], job["payload"], job["running_by"]) == ("a", {"n": 1}, None)
    assert "web-calendar" in invoke(invocation, "list", "--json", "--failing").stdout
    assert invoke(invocation, "list", "--json", "--failing", "--kind", "odd").stdout == ""


def test_without_jobs_there_is_nothing_to_list(invocation: Invocation) -> None:
    assert invoke(invocation, "list").stdout == "no jobs\n"


@pytest.mark.live
def test_what_is_due_is_run(invocation: Invocation) -> None:
    fill(invocation)
    program = Path(sys.executable).with_name("folkmoot")
    command = [str(program), "--config", str(invocation.files[0]), "jobs", "run"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "1 jobs run\n"
    assert "web-calendar" not in invoke(invocation, "list", "--json").stdout  # its calendar is gone
    kinds = [json.loads(line)["kind"] for line in invoke(invocation, "list", "--json").stdout.splitlines()]
    assert sorted(set(kinds)) == ["odd", "trim"]
