"""Who is in which group of the built-in user source: logins, and mail addresses of anybody."""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Row, Statement, Transaction
from folkmoot.database.dialect import insert_absent, within
from folkmoot.database.schema import group_member
from folkmoot.directory.source import askable

MEMBER_MAX: Final = 320  # characters of a login or an address; the schema's width
MEMBERS_MAX: Final = 5_000  # named in one group; groups in groups make more

_MEMBERS: Final = Statement(
    sa.select(group_member.c.group_login, group_member.c.member)
    .where(within(group_member.c.group_login, "groups"))
    .order_by(group_member.c.group_login, group_member.c.member)
)
_GROUPS: Final = Statement(
    sa.select(group_member.c.group_login).distinct().where(within(group_member.c.member, "members"))
)
_COUNT: Final = Statement(
    sa.select(sa.func.count()).select_from(group_member).where(group_member.c.group_login == sa.bindparam("group"))
)
_ADD: Final = Statement(lambda dialect: insert_absent(dialect, group_member))
_REMOVE: Final = Statement(
    sa.delete(group_member).where(
        group_member.c.group_login == sa.bindparam("group"), within(group_member.c.member, "members")
    )
)
_FORGET: Final = Statement(
    sa.delete(group_member).where(
        sa.or_(group_member.c.group_login == sa.bindparam("login"), group_member.c.member == sa.bindparam("login"))
    )
)


class LocalGroups:
    """The members of groups, in the table ``group_member``; names are kept and compared in lower case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def members_of(self, groups: Collection[PrincipalId]) -> Mapping[PrincipalId, Sequence[str]]:
        """Return whom each of the groups names, by name; logins and addresses."""
        asked = [group for group in groups if askable(group, MEMBER_MAX)]
        found: dict[PrincipalId, list[str]] = {group: [] for group in groups}
        for group, member in await self._rows(_MEMBERS, groups=asked) if asked else ():
            found[PrincipalId(group)].append(member)
        return found

    async def groups_with(self, members: Collection[str]) -> Sequence[PrincipalId]:
        """Return the groups that name any of these logins and addresses."""
        asked = [folded for member in members if askable(folded := fold(member), MEMBER_MAX)]
        return [PrincipalId(group) for (group,) in await self._rows(_GROUPS, members=asked)] if asked else []

    async def add(self, group: PrincipalId, members: Sequence[str]) -> int:
        """Name members in a group; return how many are new.

        Raises:
            MalformedInput: an empty name, or one that nothing can be called.
            TooLarge: more than ``MEMBERS_MAX`` members.
        """
        folded = sorted({_checked(member) for member in members})

        async def work(tx: Transaction) -> int:
            before = await tx.fetch_one(_COUNT, group=group)
            await tx.execute_many(_ADD, [{"group_login": group, "member": member} for member in folded])
            after = await tx.fetch_one(_COUNT, group=group)
            count = int(after[0]) if after else 0
            if count > MEMBERS_MAX:
                raise TooLarge(f"a group names at most {MEMBERS_MAX} members; make groups of groups")
            return count - (int(before[0]) if before else 0)

        return await self._database.write(work)

    async def remove(self, group: PrincipalId, members: Sequence[str]) -> int:
        """Take members out of a group; return how many were in it."""
        folded = [fold(member) for member in members]
        return await self._database.write(lambda tx: tx.execute(_REMOVE, group=group, members=folded))

    async def _rows(self, statement: Statement, **arguments: object) -> Sequence[Row]:
        return await self._database.read(lambda tx: tx.fetch_all(statement, **arguments))


async def forget(tx: Transaction, login: str) -> None:
    """Take away all that is kept about who is in a group of this login, and in which groups it is."""
    await tx.execute(_FORGET, login=login)


def fold(member: str) -> str:
    """Return a login or address as it is kept."""
    return unicodedata.normalize("NFC", member).strip().lower()


def _checked(member: str) -> str:
    folded = fold(member)
    if not askable(folded, MEMBER_MAX) or any(unicodedata.category(c) in {"Cc", "Zs"} for c in folded):
        raise MalformedInput(f"{member!r} is no login and no mail address")
    return folded
