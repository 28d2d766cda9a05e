"""Members of groups and groups of members, across sources and however deep."""

import pytest

from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import MalformedInput, TooLarge, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.directory import groups, local_groups
from folkmoot.directory.directory import Directory
from folkmoot.directory.local import LocalUserSource, NewUser
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.directory.verifier import Verifier
from tests.support.memory_source import Memory

pytestmark = pytest.mark.anyio


@pytest.fixture
async def local(database: Database, verifier: Verifier) -> LocalUserSource:
    """People anna and ben, and groups all, sales and field."""
    source = LocalUserSource(database, verifier, SystemClock())
    for login in ("anna", "ben"):
        await source.add(NewUser(login, mail=f"{login}@example.org", aliases=(f"{login}@alias.example",)), None)
    for login in ("all", "sales", "field"):
        await source.add(NewUser(login, mail=f"{login}@example.org", kind=PrincipalKind.GROUP), None)
    return source


async def named(directory: Directory, name: str) -> Principal:
    found = await directory.find(PrincipalId(name))
    assert found is not None
    return found


async def put(source: LocalUserSource, group: str, *members: str) -> int:
    return await source.groups.add(PrincipalId(group), members)


async def test_a_group_is_its_members_and_those_of_the_groups_in_it(local: LocalUserSource) -> None:
    await put(local, "all", "sales", "Eva@Elsewhere.example", "gone")
    await put(local, "sales", "field", "anna")
    await put(local, "field", "ben", "anna", "all")  # in a circle
    directory = Directory([local])
    everybody = {"anna@example.org", "ben@example.org", "eva@elsewhere.example"}
    assert set(await directory.members(await named(directory, "all"))) == everybody
    assert await directory.members(await named(directory, "anna")) == ()
    assert [one.id for one in await directory.direct_members(await named(directory, "sales"))] == ["anna", "field"]
    assert list(await directory.groups_of(await named(directory, "ben"))) == ["all", "field", "sales"]


async def test_somebody_of_another_source_is_a_member_by_address(local: LocalUserSource) -> None:
    await put(local, "sales", "CARL@example.org")
    directory = Directory([local, Memory({"carl": "x"})])
    assert list(await directory.groups_of(await named(directory, "carl"))) == ["sales"]
    assert list(await directory.members(await named(directory, "sales"))) == ["carl@example.org"]


async def test_an_alias_makes_a_member_too(local: LocalUserSource) -> None:
    await put(local, "sales", "anna@alias.example")
    directory = Directory([local])
    assert list(await directory.groups_of(await named(directory, "anna"))) == ["sales"]


async def test_memberships_are_believed_for_a_while(local: LocalUserSource, monkeypatch: pytest.MonkeyPatch) -> None:
    await put(local, "sales", "anna")
    directory = Directory([local])
    anna = await named(directory, "anna")
    now = 1000.0
    monkeypatch.setattr(groups, "monotonic", lambda: now)
    assert list(await directory.groups_of(anna)) == ["sales"]
    assert await local.groups.remove(PrincipalId("sales"), ["ANNA", "ben"]) == 1
    assert list(await directory.groups_of(anna)) == ["sales"]
    now += groups.BELIEVED_SECONDS
    assert list(await directory.groups_of(anna)) == []
    await put(local, "sales", "anna")
    directory.forget()
    assert list(await directory.groups_of(anna)) == ["sales"]


async def test_what_is_too_deep_or_too_many_ends(local: LocalUserSource, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"g{number}" for number in range(groups.NESTED_MAX + 3)]
    for name in names:
        await local.add(NewUser(name, kind=PrincipalKind.GROUP), None)
    for above, below in zip(names, [*names[1:], "anna"], strict=True):
        await put(local, above, below)
    directory = Directory([local])
    assert await directory.members(await named(directory, "g0")) == []
    found = await directory.groups_of(await named(directory, "anna"))
    assert len(found) == groups.NESTED_MAX
    monkeypatch.setattr(groups, "MEMBERS_MAX", 2)
    await put(local, "all", "a@x.org", "b@x.org", "c@x.org")
    assert len(await directory.members(await named(directory, "all"))) == 2
    monkeypatch.setattr(local_groups, "MEMBERS_MAX", 3)
    with pytest.raises(TooLarge):
        await put(local, "all", "d@x.org")
    assert len((await local.groups.members_of([PrincipalId("all")]))[PrincipalId("all")]) == 3


@pytest.mark.parametrize("member", ["", " ", "a b", "a\nb", "a\0b", "\ud800", "x" * 321])
async def test_what_nobody_is_called_is_no_member(local: LocalUserSource, member: str) -> None:
    with pytest.raises(MalformedInput):
        await put(local, "sales", member)


async def test_adding_twice_adds_once(local: LocalUserSource) -> None:
    assert await put(local, "sales", "anna", "Anna", "ben") == 2
    assert await put(local, "sales", "anna") == 0


async def test_a_source_that_is_down_leaves_rights_undecided(local: LocalUserSource) -> None:
    class Down:
        async def members_of(self, groups: object) -> dict[PrincipalId, list[str]]:
            raise Unavailable("down")

        async def groups_with(self, members: object) -> list[PrincipalId]:
            raise Unavailable("down")

    memory = Memory({"carl": "x"})
    memory.groups = Down()  # type: ignore[attr-defined]
    directory = Directory([memory])
    with pytest.raises(Unavailable):
        await directory.groups_of(await named(directory, "carl"))
