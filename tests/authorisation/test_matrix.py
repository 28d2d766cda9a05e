"""Every operation, by everybody, with every right, on objects of every class: what is not allowed does not happen."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from folkmoot.database import Database
from folkmoot.dav.methods import METHODS
from folkmoot.dav.methods.post import ACTIONS
from folkmoot.dav.reports import REPORTS
from folkmoot.dav.wire.xml import parse_body
from folkmoot.store.records import Kind
from tests.authorisation.cases import BOOK_CASES, CALENDAR_CASES, Case
from tests.authorisation.operations import ELSEWHERE, ON_ALL, ON_BOOKS, ON_CALENDARS, Operation
from tests.authorisation.oracle import CLASSES, PUBLIC_METHODS, allowed, knows
from tests.authorisation.world import Trial, World, trials_of

pytestmark = pytest.mark.anyio

OPERATIONS = {Kind.CALENDAR: (*ON_ALL, *ON_CALENDARS, *ELSEWHERE), Kind.ADDRESSBOOK: (*ON_ALL, *ON_BOOKS)}
CASES = [(Kind.CALENDAR, case) for case in CALENDAR_CASES] + [(Kind.ADDRESSBOOK, case) for case in BOOK_CASES]

# What is about the subscription or the home, where it is asked below a subscriber's home.
SUBSCRIBERS = {"rename", "delete all", "move all", "subscribe", "unsubscribe", "make calendar", "make collection"}


@pytest.fixture
async def database(tmp_path: Path, migrated_file: Path, anyio_backend: str) -> AsyncIterator[Database]:
    """A database of one case."""
    shutil.copy(migrated_file, tmp_path / "x.db")
    async with await Database.open(f"sqlite:///{tmp_path}/x.db") as opened:
        yield opened


@pytest.mark.parametrize(("kind", "case"), CASES, ids=lambda value: getattr(value, "name", None))
async def test_just_what_is_allowed_happens(database: Database, kind: Kind, case: Case) -> None:
    assert not await wrongs(World(database, kind, case), case, OPERATIONS[kind])


@pytest.mark.parametrize(
    ("kind", "case"),
    [(kind, case) for kind, case in CASES if not case.held.owns and not case.caller.anonymous],
    ids=lambda value: getattr(value, "name", None),
)
async def test_a_subscriber_may_do_the_same_below_the_own_home(database: Database, kind: Kind, case: Case) -> None:
    operations = tuple(one for one in OPERATIONS[kind] if one.key not in SUBSCRIBERS and one not in ELSEWHERE)
    assert not await wrongs(World(database, kind, case, mounted=True), case, operations)


async def wrongs(world: World, case: Case, operations: tuple[Operation, ...]) -> list[str]:
    """Carry all operations out, and return what should have been otherwise."""
    await world.fill(operations)
    wrong: list[str] = []
    for operation in operations:
        for trial in trials_of(operation):
            status, body, changed = await world.attempt(trial)
            if status != expected(trial, case):
                wrong.append(f"{trial}: {status} where {expected(trial, case)} is expected: {body[:200]!r}")
            if changed and not may_change(trial, case):
                wrong.append(f"{trial}: changes something")
            wrong += [f"{trial}: tells {secret}" for secret in told(operation, case, body)]
            if operation.key == "replace":
                replaced = b"CHANGED" in await world.text(trial)
                if replaced != (may_change(trial, case) and "modify" in case.held.on(trial.class_name)):
                    wrong.append(f"{trial}: {'' if replaced else 'not '}replaced")
    return wrong


def expected(trial: Trial, case: Case) -> int:
    """Return the one right status."""
    operation = trial.operation
    if case.caller.anonymous and operation.method not in PUBLIC_METHODS:
        return 403
    if case.caller.anonymous and operation in ELSEWHERE:
        return operation.done
    if not knows(case.held) and operation.needs:
        return operation.stranger
    return operation.done if allowed(case.held, trial.class_name, operation.needs) else operation.refused


def may_change(trial: Trial, case: Case) -> bool:
    """Whether the operation may have any effect."""
    changes = trial.operation.changes
    return not case.caller.anonymous and changes is not None and allowed(case.held, trial.class_name, changes)


def told(operation: Operation, case: Case, body: bytes) -> list[str]:
    """Return what an answer tells that it must not, and what a list leaves out."""
    found = []
    for class_name in CLASSES:
        abilities = case.held.on(class_name)
        if "view" not in abilities and f"SECRET-{class_name}".encode() in body:
            found.append(f"what is {class_name}")
        if operation.lists:
            named = f"read-{class_name}.".encode() in body
            if named != ("dates" in abilities):
                found.append(f"{'that' if named else 'not that'} there is something {class_name}")
    if not knows(case.held) and b"SECRET-Name" in body:
        found.append("the name of the collection")
    return found


def test_every_method_and_report_and_request_has_its_row() -> None:
    """A new operation is refused to nobody by accident: it fails here until somebody has said what it needs."""
    tried = [*ON_ALL, *ON_CALENDARS, *ON_BOOKS, *ELSEWHERE]
    assert {operation.method for operation in tried} == METHODS.keys()
    roots: dict[str, set[str]] = {"REPORT": set(), "POST": set()}
    for operation in tried:
        if operation.method in roots and operation.body.startswith("<"):
            root = parse_body(operation.body.encode())
            assert root is not None
            roots[operation.method].add(str(root.tag))
    assert roots["REPORT"] == REPORTS.keys()
    assert roots["POST"] == ACTIONS.keys()
