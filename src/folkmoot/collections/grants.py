"""The rows of rights of one collection, for those who may see or change them (RFC 3744 section 8)."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from folkmoot.collections import share_notices
from folkmoot.collections.access import Access, Seen
from folkmoot.collections.content import Place
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, MalformedInput, TooLarge
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database.statement import Transaction
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.sharing.notices import NO_NOTICES, NoticePolicy, of_rights
from folkmoot.sharing.rights import (
    ANONYMOUS,
    EVERYBODY,
    NONE_ROLE,
    group_subject,
    known_roles,
    roles_that_count,
    subjects_of,
)
from folkmoot.store import collections as stored_collections
from folkmoot.store import grants, outbox
from folkmoot.store.records import Kind

SUBJECTS_MAX: Final = 2000  # people and groups named on one collection


class UnknownSubject(MalformedInput):
    """Rights are given to somebody whom the directory does not know, or to a group as if it were a person."""


class PrincipalDirectory(Protocol):
    """What is needed of the directory."""

    async def find_many(self, principals: Sequence[PrincipalId]) -> Mapping[PrincipalId, Principal]:
        """Return those of the principals that exist."""


class Grants:
    """Who may do what: subjects are principal ids, ``@group``, ``<default>`` and ``anonymous``."""

    def __init__(self, access: Access, directory: PrincipalDirectory, notices: NoticePolicy = NO_NOTICES) -> None:
        self._access = access
        self._directory = directory
        self._notices = notices

    async def of(self, caller: Caller, place: Place) -> tuple[Seen, dict[str, frozenset[str]]]:
        """Return the rows of a collection: all for its owner, else those that concern the caller.

        Raises:
            NotFound: no such collection for this caller.
        """

        async def work(tx: Transaction) -> tuple[Seen, dict[str, frozenset[str]]]:
            seen = await self._access.get(tx, caller, place)
            mine = None if seen.rights.admin else [one for one in subjects_of(caller) if one != EVERYBODY]
            rows = await grants.of(tx, [seen.collection.id], subjects=mine)
            return seen, rows[seen.collection.id]

        return await self._access.read(caller, place, work)

    async def of_home(
        self, caller: Caller, owner: PrincipalId, kind: Kind
    ) -> Mapping[CollectionId, Mapping[str, frozenset[str]]]:
        """Return the rows of all collections of a kind that somebody owns, for the owner; for others nothing."""
        if not self._access.owns(caller, owner):
            return {}

        async def work(tx: Transaction) -> Mapping[CollectionId, Mapping[str, frozenset[str]]]:
            home = await stored_collections.list_home(tx, owner, kind)
            return await grants.of(tx, [collection.id for collection in home])

        return await self._access.database.read(work)

    async def counting(self, caller: Caller, place: Place, people: Sequence[Sequence[str]]) -> list[frozenset[str]]:
        """Return the roles that count for each of these people, who are named by all subjects that they are.

        Raises:
            NotFound: no such collection for this caller.
            Forbidden: only the owner sees this.
        """

        async def work(tx: Transaction) -> list[frozenset[str]]:
            seen, rows = await self._administered(tx, caller, place, {}, frozenset())
            defaults = self._access.default_roles(seen.collection)
            return [roles_that_count(subjects, rows, defaults) for subjects in people]

        return await self._access.read(caller, place, work)

    async def set_(self, caller: Caller, place: Place, subject: str, roles: frozenset[str]) -> None:
        """Give a subject just these roles; none at all takes its row away.

        Raises:
            NotFound: no such collection for this caller.
            Forbidden: only the owner changes rights, or a role this kind does not know.
            UnknownSubject: nobody of this name is known.
        """
        await self.change(caller, place, {subject: roles})

    async def change(self, caller: Caller, place: Place, rows: Mapping[str, frozenset[str]]) -> None:
        """Give each of these subjects just its roles, none at all taking its row away; all others keep theirs.

        Raises:
            NotFound: no such collection for this caller.
            Forbidden: only the owner changes rights, or a role this kind does not know.
            UnknownSubject: nobody of a name is known.
            TooLarge: more than ``SUBJECTS_MAX`` subjects.
        """
        unknown = await self._unknown(rows)

        async def work(tx: Transaction) -> None:
            seen, present = await self._administered(tx, caller, place, rows, unknown)
            if len(present.keys() | rows.keys()) > SUBJECTS_MAX:
                raise TooLarge(f"at most {SUBJECTS_MAX} people and groups can be named on one collection")
            await self._store(tx, seen, rows)
            await self._tell(tx, caller, seen, present, rows)

        await self._access.write(caller, place, work)

    async def replace(self, caller: Caller, place: Place, rows: Mapping[str, frozenset[str]]) -> None:
        """Give just these rows, and take all others away.

        Raises:
            NotFound: no such collection for this caller.
            Forbidden: only the owner changes rights, or a role this kind does not know.
            UnknownSubject: nobody of a name is known.
            TooLarge: more than ``SUBJECTS_MAX`` subjects.
        """
        if len(rows) > SUBJECTS_MAX:
            raise TooLarge(f"at most {SUBJECTS_MAX} people and groups can be named on one collection")
        unknown = await self._unknown(rows)

        async def work(tx: Transaction) -> None:
            seen, present = await self._administered(tx, caller, place, rows, unknown)
            gone = {subject: frozenset[str]() for subject in present.keys() - rows.keys()}
            changed = {subject: roles for subject, roles in rows.items() if present.get(subject) != roles}
            await self._store(tx, seen, {**gone, **changed})
            await self._tell(tx, caller, seen, present, {**gone, **changed})

        await self._access.write(caller, place, work)

    async def apply(
        self,
        tx: Transaction,
        caller: Caller,
        seen: Seen,
        present: Mapping[str, frozenset[str]],
        rows: Mapping[str, frozenset[str]],
    ) -> None:
        """Give each of these subjects just its roles, in another service's unit of work that has checked them."""
        await self._store(tx, seen, rows)
        await self._tell(tx, caller, seen, present, rows)

    async def _tell(
        self,
        tx: Transaction,
        caller: Caller,
        seen: Seen,
        present: Mapping[str, frozenset[str]],
        rows: Mapping[str, frozenset[str]],
    ) -> None:
        """Tell people what they may do now: their clients, and by mail where that is wanted."""
        before = {subject: present.get(subject, frozenset()) for subject in rows}
        now = self._access.clock.milliseconds()
        await share_notices.tell(tx, caller, seen.collection, before, rows, now)
        if self._notices.rights:
            await outbox.add(tx, of_rights(seen.collection, caller, before, rows, now), now)

    async def _store(self, tx: Transaction, seen: Seen, rows: Mapping[str, frozenset[str]]) -> None:
        if rows:
            # Clients that poll a home's ctag must look again at what they are shown.
            await stored_collections.raise_revision(tx, seen.collection.id, now=self._access.clock.milliseconds())
            await grants.set_many(tx, seen.collection.id, rows)

    async def _unknown(self, rows: Mapping[str, frozenset[str]]) -> frozenset[str]:
        """Return the subjects of these rows whom nobody knows; what is taken away may be of anybody."""
        named = [subject for subject, roles in rows.items() if roles and subject not in {EVERYBODY, ANONYMOUS}]
        ids = {subject: PrincipalId(subject.removeprefix("@")) for subject in named}
        known = await self._directory.find_many(sorted(set(ids.values()))) if ids else {}
        return frozenset(subject for subject, name in ids.items() if subject != _subject_of(known.get(name)))

    async def _administered(
        self,
        tx: Transaction,
        caller: Caller,
        place: Place,
        rows: Mapping[str, frozenset[str]],
        unknown: frozenset[str],
    ) -> tuple[Seen, Mapping[str, frozenset[str]]]:
        """Return the collection and its present rows, if the caller may make these rows of them."""
        seen = await self._access.get(tx, caller, place)
        if not seen.rights.admin:
            raise Forbidden("only the owner changes rights")
        for roles in rows.values():
            wrong = roles - known_roles(seen.collection.kind) - {NONE_ROLE}
            if wrong:
                known = ", ".join(sorted(known_roles(seen.collection.kind)))
                raise Forbidden(f"no such role here: {', '.join(sorted(wrong))[:200]}; there are {known}")
        present = (await grants.of(tx, [seen.collection.id]))[seen.collection.id]
        strange = sorted(unknown - present.keys())  # who has gone since keeps the row until it is taken away
        if strange:
            raise UnknownSubject(f"nobody is known as {strange[0][:80]}")
        return seen, present


def _subject_of(principal: Principal | None) -> str | None:
    if principal is None:
        return None
    return group_subject(principal.id) if principal.kind is PrincipalKind.GROUP else principal.id
