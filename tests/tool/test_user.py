"""``folkmoot user``."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TypeVar

import pytest
from click.testing import CliRunner, Result

from folkmoot.core.clock import SystemClock
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.directory.opening import open_directory
from folkmoot.store import collections, grants
from folkmoot.store.records import Kind
from folkmoot.tool.environment import Invocation, open_database
from folkmoot.tool.user import user
from tests.support.cheap_hashes import cheap_hashes

__all__ = ["cheap_hashes"]

Run = Callable[..., Result]
T = TypeVar("T")


@pytest.fixture
def invocation(tmp_path: Path) -> Invocation:
    file = tmp_path / "sogo.conf"
    file.write_text(f'{{ FolkmootDatabaseURL = "sqlite://{tmp_path}/x.db"; }}')
    return Invocation((file,))


@pytest.fixture
def run(invocation: Invocation) -> Run:
    def run(*arguments: str, given: str = "") -> Result:
        return CliRunner().invoke(user, arguments, input=given, obj=invocation)

    return run


def logs_in(invocation: Invocation, login: str, password: str) -> bool:
    async def ask() -> bool:
        async with open_database(invocation.settings()) as database:
            opened = open_directory(invocation.settings(), database, SystemClock())
            try:
                return await opened.directory.authenticate(login, password) is not None
            finally:
                await opened.close()

    return asyncio.run(ask())


def test_a_user_is_added_listed_given_another_password_and_removed(run: Run, invocation: Invocation) -> None:
    added = run("add", "Anna", "--name", "Anna Čech", "--mail", "anna@example.org", "--alias", "a@x.org",
                "--password-stdin", given="first\n")  # fmt: skip
    assert added.output == "Added anna.\n"
    assert run("list").output == "anna\tindividual\tAnna Čech\tanna@example.org a@x.org\n"
    assert logs_in(invocation, "ANNA", "first")

    generated = run("passwd", "anna", "--generate").output.removeprefix("anna: ").strip()
    assert len(generated) == 19
    assert logs_in(invocation, "anna", generated)
    assert not logs_in(invocation, "anna", "first")

    assert run("remove", "anna", given="n\n").exit_code == 1
    assert logs_in(invocation, "anna", generated)
    assert run("remove", "anna", given="y\n").output.endswith("Removed anna.\n")
    assert not logs_in(invocation, "anna", generated)
    assert run("list").output == ""


def test_a_password_is_asked_for_twice_and_not_shown(run: Run, invocation: Invocation) -> None:
    output = run("add", "anna", given="geheim\nanders\ngeheim\ngeheim\n").output
    assert "geheim" not in output
    assert logs_in(invocation, "anna", "geheim")


def test_resources_have_no_password_unless_one_is_given(run: Run, invocation: Invocation) -> None:
    assert run("add", "room", "--kind", "location", "--bookings", "1").exit_code == 0
    row = json.loads(run("list", "--json").output)
    assert row == {"login": "room", "kind": "location", "name": "room", "mails": []}
    assert not logs_in(invocation, "room", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "a/b", "--no-password"),
        ("add", "", "--no-password"),
        ("add", "anonymous", "--no-password"),
        ("add", "x@y@z", "--no-password"),
        ("add", "x" * 201, "--no-password"),
        ("add", "x", "--no-password", "--mail", "not an address"),
        ("add", "x", "--no-password", "--alias", "<x@y>"),
        ("add", "x", "--no-password", "--name", "two\nlines"),
        ("add", "x", "--password-stdin"),
        ("add", "x", "--password-stdin", "--generate"),
        ("passwd", "nobody", "--generate"),
        ("remove", "nobody", "--yes"),
        ("remove", "nobody", "--yes", "--purge"),
    ],
)
def test_what_cannot_be_done_is_refused(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code != 0
    assert run("list").output == ""


def test_a_login_is_taken_once(run: Run) -> None:
    assert run("add", "anna", "--no-password").exit_code == 0
    assert run("add", "ANNA", "--no-password").exit_code == 1


def test_what_a_removed_user_owned_stays_until_purged(run: Run, invocation: Invocation) -> None:
    anna, bert = PrincipalId("anna"), PrincipalId("bert")
    run("add", "anna", "--no-password")

    async def fill(database: Database) -> None:
        async def work(tx: Transaction) -> None:
            for owner, other in ((anna, bert), (bert, anna)):
                made = await collections.create(tx, owner, Kind.CALENDAR, "work", {}, dead_properties={}, now=1)
                await grants.set_(tx, made.id, other, ["PublicViewer"])

        await database.write(work)

    async def state(database: Database) -> tuple[int, int, int]:
        own = await database.read(lambda tx: collections.list_home(tx, anna, Kind.CALENDAR))
        other = await database.read(lambda tx: collections.list_home(tx, bert, Kind.CALENDAR))
        shared = await database.read(lambda tx: grants.for_subjects(tx, [anna]))
        return len(own), len(other), len(shared)

    def on_database(work: Callable[[Database], Coroutine[None, None, T]]) -> T:
        async def go() -> T:
            async with open_database(invocation.settings()) as database:
                return await work(database)

        return asyncio.run(go())

    on_database(fill)
    output = run("remove", "anna", "--yes").output
    assert "1 collection of anna remain" in output.lower()
    assert on_database(state) == (1, 1, 0)
    assert run("remove", "anna", "--yes", "--purge").output == "Removed anna and 1 collection.\n"
    assert on_database(state) == (0, 1, 0)


def test_people_of_configured_sources_are_managed_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "sogo.conf"
    file.write_text(
        f"""{{ FolkmootDatabaseURL = "sqlite://{tmp_path}/x.db"; SOGoUserSources = (
            {{ type = sql; id = staff; viewURL = "sqlite://{tmp_path}/y.db/people"; canAuthenticate = YES; }}); }}"""
    )
    result = CliRunner().invoke(user, ["add", "anna", "--no-password"], obj=Invocation((file,)))
    assert result.exit_code == 1
    assert "SOGoUserSources" in str(result.exception)


def test_a_group_has_members_by_login_or_address(run: Run) -> None:
    for login, *rest in (("anna",), ("ben", "--mail", "ben@example.org"), ("sales", "--kind", "group")):
        assert run("add", login, "--no-password", *rest).exit_code == 0
    assert (
        run("members", "add", "sales", "Anna", "ben@example.org", "eva@elsewhere.example").output
        == "Added 3 to sales.\n"
    )
    assert run("members", "add", "sales", "anna").output == "Added 0 to sales.\n"
    assert run("members", "list", "sales").output == "anna\nben\neva@elsewhere.example\n"
    assert run("members", "remove", "sales", "ben@example.org").output == "Removed 1 from sales.\n"
    assert run("remove", "anna", "--yes").exit_code == 0
    assert run("members", "list", "sales").output == "eva@elsewhere.example\n"
    for wrong in (("list", "anna"), ("list", "ben"), ("add", "sales", "nobody"), ("add", "sales", "sales")):
        assert run("members", *wrong).exit_code != 0
