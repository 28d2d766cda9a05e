"""People: everybody is found; those of the built-in source are added, changed and removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from folkmoot.administration.acting import note, require_acting, require_administrator
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Forbidden, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.directory.directory import Directory
from folkmoot.directory.local import SOURCE_ID, LocalUserSource, NewUser
from folkmoot.directory.principal import Principal
from folkmoot.sharing.rights import group_subject
from folkmoot.store import (
    collections,
    grants,
    imports,
    invitations,
    locks,
    profiles,
    push_subscriptions,
    subscriptions,
    ways_in,
)
from folkmoot.store.records import Collection, Kind

__all__ = ["SEARCH_MAX", "AdministeredPeople", "Devices", "NewUser", "owned_by", "remove_person"]

SEARCH_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Devices:
    """How many ways somebody is signed in by."""

    sessions: int
    app_passwords: int
    passkeys: int
    pushes: int
    second_factor: bool


class AdministeredPeople:
    """Finds people, and looks after those of the built-in source."""

    def __init__(self, database: Database, directory: Directory, local: LocalUserSource | None, clock: Clock) -> None:
        self._database = database
        self._directory = directory
        self._local = local
        self._clock = clock

    @property
    def has_own(self) -> bool:
        """Whether people can be added here."""
        return self._local is not None

    def is_own(self, person: Principal) -> bool:
        """Return whether a person is of the built-in source."""
        return self._local is not None and person.source == SOURCE_ID

    async def search(self, caller: Caller, text: str, limit: int = SEARCH_MAX) -> Sequence[Principal]:
        """Return people of all sources by name, login or address; without a text those that the sources begin with.

        Raises:
            Forbidden: the caller is no administrator.
        """
        require_administrator(caller)
        if not text and self._local is not None:
            return (await self._local.list_all())[:limit]
        return await self._directory.search(text or ".", asking=None, limit=limit)

    async def find(self, caller: Caller, principal: PrincipalId) -> Principal:
        """Return somebody.

        Raises:
            NotFound: there is nobody of this id.
            Forbidden: the caller is no administrator.
        """
        require_administrator(caller)
        # The directory remembers for a while whom it has found; who has just changed somebody wants to see that.
        own = await self._local.find(principal) if self._local is not None else None
        found = own or await self._directory.find(principal)
        if found is None:
            raise NotFound("there is nobody of this name")
        return found

    async def add(self, caller: Caller, user: NewUser, password: str | None, *, must_change: bool = False) -> Principal:
        """Add somebody; without a password nobody signs in by this name.

        Raises:
            Conflict: the name is taken.
            MalformedInput, Unsupported, TooLarge: name, address or password cannot be used.
            Forbidden: the caller may not, or people come from elsewhere.
        """
        require_acting(caller)
        added = await self._own_source().add(user, password)
        if password is not None and must_change:
            await self._own_source().set_password(added.login, password, must_change=True)
        await self._write(caller, "person added", added.id)
        return added

    async def change(self, caller: Caller, principal: PrincipalId, user: NewUser) -> Principal:
        """Give somebody another name, other addresses or, if it is a resource, other bookings.

        Raises:
            NotFound: there is nobody of this id.
            MalformedInput: a name or address cannot be used.
            Forbidden: the caller may not, or the person comes from elsewhere.
        """
        require_acting(caller)
        person = await self._own(caller, principal)
        changed = await self._own_source().change(person.login, user)
        await self._write(caller, "person changed", principal)
        return changed

    async def set_password(self, caller: Caller, principal: PrincipalId, password: str, *, must_change: bool) -> None:
        """Give somebody another password; ``must_change``: it serves for choosing one's own.

        Raises:
            NotFound: there is nobody of this id.
            Unsupported, TooLarge: the password cannot be used.
            Forbidden: the caller may not, or the person comes from elsewhere.
        """
        require_acting(caller)
        person = await self._own(caller, principal)
        await self._own_source().set_password(person.login, password, must_change=must_change)
        await self._write(caller, "password set", principal)

    async def remove(self, caller: Caller, principal: PrincipalId, *, purge: bool) -> None:
        """Remove somebody; ``purge``: with calendars, books and files, which else belong to the next of that name.

        Raises:
            NotFound: there is nobody of this id.
            Forbidden: the caller may not, it is the caller, or the person comes from elsewhere.
        """
        require_acting(caller)
        if principal == caller.principal:
            raise Forbidden("nobody removes the ground under the own feet")
        await self._own(caller, principal)
        owned = await owned_by(self._database, principal) if purge else []
        await remove_person(self._own_source(), self._database, self._clock, principal, owned)
        await self._write(caller, "person removed with data" if purge else "person removed", principal)

    async def reset_sign_in(self, caller: Caller, principal: PrincipalId) -> None:
        """End somebody's sessions, and forget app passwords, second factors and passkeys: the password alone signs in.

        Raises:
            NotFound: there is nobody of this id.
            Forbidden: the caller may not.
        """
        require_acting(caller)
        await self.find(caller, principal)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            await ways_in.forget(tx, principal, now)
            await push_subscriptions.forget(tx, principal)
            await note(tx, self._clock, caller, "sign-in reset", principal)

        await self._database.write(work)

    async def devices(self, caller: Caller, principal: PrincipalId) -> Devices:
        """Return how somebody is signed in; from where and with what is the person's own business.

        Raises:
            NotFound: there is nobody of this id.
            Forbidden: the caller is no administrator.
        """
        await self.find(caller, principal)
        now = self._clock.milliseconds()
        return Devices(*await self._database.read(lambda tx: ways_in.count(tx, principal, now)))

    async def _own(self, caller: Caller, principal: PrincipalId) -> Principal:
        person = await self.find(caller, principal)
        if not self.is_own(person):
            raise Forbidden(f"{principal} comes from another directory: look after it there")
        return person

    def _own_source(self) -> LocalUserSource:
        if self._local is None:
            raise Forbidden("people come from SOGoUserSources; look after them there")
        return self._local

    async def _write(self, caller: Caller, action: str, subject: str) -> None:
        await self._database.write(lambda tx: note(tx, self._clock, caller, action, subject))


async def owned_by(database: Database, principal: PrincipalId) -> list[Collection]:
    """Return all collections that somebody owns."""
    found: list[Collection] = []
    for kind in Kind:
        found += await database.read(partial(collections.list_home, owner=principal, kind=kind))
    return found


async def remove_person(
    source: LocalUserSource, database: Database, clock: Clock, principal: PrincipalId, owned: Sequence[Collection]
) -> None:
    """Remove somebody of the built-in source, with all that opens the account, and with ``owned`` collections.

    Raises:
        NotFound: there is nobody of this name, and nothing is owned.
    """
    try:
        await source.remove(principal)
    except NotFound:
        if not owned:  # else the purge of one who was removed before
            raise
    for one in owned:
        await database.write(partial(collections.delete, collection_id=one.id))
    now = clock.milliseconds()
    if owned:
        for taken in await database.read(partial(locks.list_, owner=principal, now=now)):
            await database.write(partial(locks.release, owner=principal, token=taken.token))
        await database.write(partial(profiles.set_, principal=principal, properties={}, dead_properties={}, now=now))
    await database.write(partial(subscriptions.forget, principal=principal))
    await database.write(partial(invitations.forget, principal=principal))
    await database.write(partial(push_subscriptions.forget, principal=principal))
    await database.write(partial(imports.forget, principal=principal))
    await database.write(partial(ways_in.forget, principal=principal, now=now))
    if owned:  # what was just raised counts for nobody
        for one in await database.read(partial(collections.list_home, owner=principal, kind=Kind.PERSON)):
            await database.write(partial(collections.delete, collection_id=one.id))
    for subject in (principal, group_subject(principal)):
        for shared in await database.read(partial(grants.for_subjects, subjects=[subject])):
            await database.write(partial(grants.set_, collection_id=shared.id, subject=subject, roles=()))
