"""The rows of rights of one collection, for those who may see or change them (RFC 3744 section 8)."""

from collections.abc import Mapping

from folkmoot.collections.access import Access, Seen
from folkmoot.collections.content import Place
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, TooLarge
from folkmoot.database.statement import Transaction
from folkmoot.sharing.rights import NONE_ROLE, known_roles
from folkmoot.store import grants

SUBJECTS_MAX = 2000  # people and groups named on one collection


class Grants:
    """Who may do what: subjects are principal ids, ``@group``, ``<default>`` and ``anonymous``."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def of(self, caller: Caller, place: Place) -> tuple[Seen, dict[str, frozenset[str]]]:
        """Return the rows of a collection: all for its owner, else those that concern the caller.

        Raises:
            NotFound: no such collection for this caller.
        """

        async def work(tx: Transaction) -> tuple[Seen, dict[str, frozenset[str]]]:
            seen = await self._access.get(tx, caller, place)
            rows = (await grants.of(tx, [seen.collection.id])).get(seen.collection.id, {})
            if seen.rights.admin:
                return seen, dict(rows)
            mine = {caller.principal, *(f"@{group}" for group in caller.groups)}
            return seen, {subject: roles for subject, roles in rows.items() if subject in mine}

        return await self._access.read(caller, place, work)

    async def set_(self, caller: Caller, place: Place, subject: str, roles: frozenset[str]) -> None:
        """Give a subject just these roles; none at all takes its row away.

        Raises:
            NotFound: no such collection for this caller.
            Forbidden: only the owner changes rights, or a role this kind does not know.
        """
        await self.change(caller, place, {subject: roles})

    async def change(self, caller: Caller, place: Place, rows: Mapping[str, frozenset[str]]) -> None:
        """Give each of these subjects just its roles, none at all taking its row away; all others keep theirs.

        Raises:
            NotFound: no such collection for this caller.
            Forbidden: only the owner changes rights, or a role this kind does not know.
            TooLarge: more than ``SUBJECTS_MAX`` subjects.
        """

        async def work(tx: Transaction) -> None:
            seen = await self._administered(tx, caller, place, rows)
            present = (await grants.of(tx, [seen.collection.id])).get(seen.collection.id, {})
            if len(present.keys() | rows.keys()) > SUBJECTS_MAX:
                raise TooLarge(f"at most {SUBJECTS_MAX} people and groups can be named on one collection")
            for subject, roles in rows.items():
                if present.get(subject, frozenset()) != roles:
                    await grants.set_(tx, seen.collection.id, subject, roles)

        await self._access.write(caller, place, work)

    async def replace(self, caller: Caller, place: Place, rows: Mapping[str, frozenset[str]]) -> None:
        """Give just these rows, and take all others away.

        Raises:
            NotFound: no such collection for this caller.
            Forbidden: only the owner changes rights, or a role this kind does not know.
            TooLarge: more than ``SUBJECTS_MAX`` subjects.
        """
        if len(rows) > SUBJECTS_MAX:
            raise TooLarge(f"at most {SUBJECTS_MAX} people and groups can be named on one collection")

        async def work(tx: Transaction) -> None:
            seen = await self._administered(tx, caller, place, rows)
            present = (await grants.of(tx, [seen.collection.id])).get(seen.collection.id, {})
            for subject in present.keys() - rows.keys():
                await grants.set_(tx, seen.collection.id, subject, frozenset())
            for subject, roles in rows.items():
                if present.get(subject) != roles:
                    await grants.set_(tx, seen.collection.id, subject, roles)

        await self._access.write(caller, place, work)

    async def _administered(
        self, tx: Transaction, caller: Caller, place: Place, rows: Mapping[str, frozenset[str]]
    ) -> Seen:
        seen = await self._access.get(tx, caller, place)
        if not seen.rights.admin:
            raise Forbidden("only the owner changes rights")
        for roles in rows.values():
            unknown = roles - known_roles(seen.collection.kind) - {NONE_ROLE}
            if unknown:
                raise Forbidden(f"no such role here: {', '.join(sorted(unknown))}")
        return seen
