"""Groups across all user sources: who is in them, and in which of them somebody is, groups in groups included."""

from collections.abc import Collection, Mapping, Sequence
from time import monotonic
from typing import Final, Protocol, runtime_checkable

import structlog

from folkmoot.core.ids import PrincipalId
from folkmoot.directory.principal import Principal, PrincipalKind

NESTED_MAX: Final = 8  # groups in groups in groups ...: real ones stay below four
MEMBERS_MAX: Final = 10_000  # people of one group with all groups in it
GROUPS_MAX: Final = 500  # groups of one person; their rows of rights are looked for in every request
BELIEVED_SECONDS: Final = 10.0  # for so long a right that a group gave outlives the membership
KEPT_MAX: Final = 20_000  # people whose groups are remembered

_log: Final = structlog.get_logger("folkmoot.directory")


class MemberLists(Protocol):
    """The groups of one user source.

    Raises, from every coroutine:
        Unavailable: the source cannot be asked now.
    """

    async def members_of(self, groups: Collection[PrincipalId]) -> Mapping[PrincipalId, Sequence[str]]:
        """Return whom each of the groups names: ids of principals, and mail addresses."""

    async def groups_with(self, members: Collection[str]) -> Sequence[PrincipalId]:
        """Return the groups that name any of these ids and addresses, whatever their case."""


@runtime_checkable
class KeepsGroups(Protocol):
    """A user source that knows who is in its groups."""

    @property
    def groups(self) -> MemberLists: ...


class People(Protocol):
    """What is needed of the directory."""

    async def find_many(self, principals: Collection[PrincipalId]) -> Mapping[PrincipalId, Principal]:
        """Return those of the principals that exist."""

    def addresses(self, principal: Principal) -> tuple[str, ...]:
        """Return a principal's mail addresses, the main one first."""


class Groups:
    """Memberships, remembered for ``BELIEVED_SECONDS``."""

    def __init__(self, sources: Sequence[object], people: People) -> None:
        self._lists = tuple(source.groups for source in sources if isinstance(source, KeepsGroups))
        self._people = people
        self._of: dict[PrincipalId, tuple[float, tuple[PrincipalId, ...]]] = {}

    async def of(self, principal: Principal) -> Sequence[PrincipalId]:
        """Return the groups that somebody is in, directly or through others, by id; at most ``GROUPS_MAX``.

        Raises:
            Unavailable: a source does not answer.
        """
        if not self._lists:
            return ()
        until, known = self._of.get(principal.id, (0.0, ()))
        if until > monotonic():
            return known
        found = await self._look_up(principal)
        self._of.pop(principal.id, None)
        while len(self._of) >= KEPT_MAX:
            del self._of[next(iter(self._of))]
        self._of[principal.id] = (monotonic() + BELIEVED_SECONDS, found)
        return found

    async def _look_up(self, principal: Principal) -> tuple[PrincipalId, ...]:
        found: dict[PrincipalId, None] = {}
        names: Sequence[str] = (principal.id, *self._people.addresses(principal))
        for _ in range(NESTED_MAX):
            above = [group for lists in self._lists for group in await lists.groups_with(names)]
            fresh = [group for group in dict.fromkeys(above) if group not in found and group != principal.id]
            if not fresh:
                break
            found.update(dict.fromkeys(fresh))
            groups = await self._people.find_many(fresh)
            names = [name for group in fresh for name in _names(groups.get(group), group)]
        if len(found) > GROUPS_MAX:
            _log.warning("somebody is in too many groups", principal=principal.id, groups=len(found))
        return tuple(sorted(found))[:GROUPS_MAX]

    async def direct(self, group: Principal) -> Sequence[Principal]:
        """Return those of a group's own members that are principals, by id (RFC 3744 section 4.3).

        Raises:
            Unavailable: a source does not answer.
        """
        names = await self._named([group.id])
        found = await self._people.find_many([PrincipalId(name) for name in names])
        return sorted(found.values(), key=lambda one: one.id)

    async def addresses(self, group: Principal) -> Sequence[str]:
        """Return the main address of everybody in a group, groups in it included; at most ``MEMBERS_MAX``.

        Raises:
            Unavailable: a source does not answer.
        """
        if group.kind is not PrincipalKind.GROUP:
            return ()
        found: dict[str, None] = {}
        seen = {group.id}
        level: Sequence[PrincipalId] = [group.id]
        for _ in range(NESTED_MAX):
            names = await self._named(level)
            people = await self._people.find_many([PrincipalId(name) for name in names])
            level = []
            for name in names:
                person = people.get(PrincipalId(name))
                if person is not None and person.kind is PrincipalKind.GROUP:
                    level += [person.id] if person.id not in seen else []
                    seen.add(person.id)
                else:
                    found.update(dict.fromkeys(_address(self._people, person, name)))
            if not level or len(found) > MEMBERS_MAX:
                break
        if len(found) > MEMBERS_MAX:
            _log.warning("a group has too many members", group=group.id, members=len(found))
        return list(found)[:MEMBERS_MAX]

    async def _named(self, groups: Sequence[PrincipalId]) -> list[str]:
        lists = [await one.members_of(groups) for one in self._lists]
        return list(dict.fromkeys(name for one in lists for group in groups for name in one.get(group, ())))

    def forget(self) -> None:
        """Forget all that was remembered."""
        self._of.clear()


def _names(group: Principal | None, group_id: PrincipalId) -> Sequence[str]:
    return (group_id,) if group is None else (group_id, *group.mails)


def _address(people: People, person: Principal | None, name: str) -> Sequence[str]:
    if person is not None:
        return people.addresses(person)[:1]
    return (name,) if "@" in name else ()  # else somebody who has been removed
