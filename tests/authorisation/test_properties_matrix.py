"""Every live property: who is told it, and that nobody sets it without the right to modify."""

import pytest

from folkmoot.database import Database
from folkmoot.dav.properties.registry import LIVE
from folkmoot.store.records import Kind
from tests.authorisation.cases import BOOK_CASES, CALENDAR_CASES, Case
from tests.authorisation.operations import ON_CALENDARS, Operation
from tests.authorisation.oracle import CLASSES, knows
from tests.authorisation.properties import OF_ALL, OF_OWNERS, OF_VIEWERS
from tests.authorisation.test_matrix import database, told
from tests.authorisation.world import Trial, World
from tests.support.dav import Answers
from tests.support.reports import document

__all__ = ["database"]
pytestmark = pytest.mark.anyio

CASES = [(Kind.CALENDAR, case) for case in CALENDAR_CASES] + [(Kind.ADDRESSBOOK, case) for case in BOOK_CASES]
WRITERS = {"nothing", "PublicResponder", "PublicModifier", "ObjectCreator", "owner", "anonymous-writer"}
READ = Operation("read", "GET", "{calendar}{object}", (), 200, on_object=True)


def element(name: str) -> str:
    return f'<p:{name.partition("}")[2]} xmlns:p="{name[1:].partition("}")[0]}"/>'


def test_every_property_has_its_row() -> None:
    """A new property is told to nobody by accident: it fails here until somebody has said who may know it."""
    assert LIVE.keys() == OF_ALL | OF_OWNERS | OF_VIEWERS
    assert len(LIVE) == len(OF_ALL) + len(OF_OWNERS) + len(OF_VIEWERS)


@pytest.mark.parametrize(("kind", "case"), CASES, ids=lambda value: getattr(value, "name", None))
async def test_properties_are_told_to_whom_they_concern(database: Database, kind: Kind, case: Case) -> None:
    world = World(database, kind, case)
    await world.fill((READ,))
    asked = document("D:propfind", f"<D:prop>{''.join(map(element, LIVE))}</D:prop>")
    wrong = []
    for path, class_name in [("{calendar}", ""), *(("{calendar}{object}", name) for name in CLASSES)]:
        find = Operation("read", "PROPFIND", path, (), 207, asked, {"depth": "0"}, on_object=bool(class_name))
        status, body, changed = await world.attempt(Trial(find, class_name or CLASSES[0]))
        abilities = case.held.on(class_name) if class_name else frozenset[str]()
        shown = knows(case.held) and (not class_name or "dates" in abilities)
        assert not changed
        assert status == (207 if shown else 403 if knows(case.held) else 404)
        found = Answers(body).found().keys() if shown else set()
        wrong += [name for name in found & OF_OWNERS if not case.held.owns]
        wrong += [name for name in found & OF_VIEWERS if class_name and "view" not in abilities]
        wrong += told(find, case, body)
    assert not wrong


@pytest.mark.parametrize(("kind", "case"), [one for one in CASES if one[1].name in WRITERS])
async def test_properties_are_set_by_who_may_modify(database: Database, kind: Kind, case: Case) -> None:
    world = World(database, kind, case)
    await world.fill((READ,))
    wrong = []
    for path, class_name in [("{calendar}", ""), *(("{calendar}{object}", name) for name in CLASSES)]:
        abilities = case.held.abilities(class_name or CLASSES[0])
        may = ("modify" if class_name else "modify everything") in abilities and not case.caller.anonymous
        if may:
            continue
        before = await world.state()
        for name in LIVE:
            body = document("D:propertyupdate", f"<D:set><D:prop>{element(name)}</D:prop></D:set>")
            change = Operation("read", "PROPPATCH", path, (), 207, body, on_object=bool(class_name))
            status = await world.status(Trial(change, class_name or CLASSES[0]))
            if status < 400:
                wrong.append(f"{name} on {class_name or 'the collection'}: {status}")
        if await world.state() != before:
            wrong.append(f"something of {class_name or 'the collection'} is set")
    assert not wrong


async def test_some_properties_are_set_at_all(database: Database) -> None:
    """Else the test above would pass with requests that nobody may make."""
    owner = next(case for case in CALENDAR_CASES if case.name == "owner")
    world = World(database, Kind.CALENDAR, owner)
    await world.fill(ON_CALENDARS)
    body = document("D:propertyupdate", "<D:set><D:prop><D:displayname>x</D:displayname></D:prop></D:set>")
    status, _, changed = await world.attempt(
        Trial(Operation("read", "PROPPATCH", "{calendar}", (), 207, body), "Public")
    )
    assert (status, changed) == (207, True)
