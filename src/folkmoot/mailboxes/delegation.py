"""Letting others use one's whole mail account, and write in one's name (SOGo's ``DelegateTo`` and ``DelegateFrom``).

Where mail servers are signed in to with each person's own password, a delegate reaches the owner's mailboxes as far as
the server lets anybody in: so rights are given there, too, in all mailboxes that there are.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict, FolkmootError, NotFound, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.mail.imap.connection import Connection
from folkmoot.mailboxes.access import DELEGATES, MODULE, OWNERS, MailAccess, dictionary
from folkmoot.mailboxes.special import NOSELECT, foreign_prefixes
from folkmoot.mailboxes.values import MAIN
from folkmoot.sharing.preferences import SETTINGS
from folkmoot.store import profiles

DELEGATES_MAX: Final = 100  # of one person
MAILBOXES_MAX: Final = 2_000  # that rights are given in
_OLD_LETTERS: Final = frozenset("cd")  # which servers tell beside the new ones (RFC 4314 section 2.1.1)
LETTERS: Final = "lrswipkxte"  # all that an owner may do, but to give rights (RFC 4314 section 2.1)


class Delegation:
    """Who may use whose mail account."""

    def __init__(self, access: MailAccess, database: Database, clock: Clock) -> None:
        self._access = access
        self._database = database
        self._clock = clock

    async def delegates(self, caller: Caller) -> list[PrincipalId]:
        """Return to whom the caller has delegated the own account."""
        self._access.check(caller)
        return _names(dictionary(await self._access.profile(caller.principal), SETTINGS, MODULE), DELEGATES)

    async def add(self, caller: Caller, delegates: Sequence[PrincipalId]) -> None:
        """Delegate the caller's own account to people.

        Raises:
            NotFound: no such person.
            Conflict: oneself.
            TooLarge: more than ``DELEGATES_MAX``.
        """
        self._access.check(caller)
        people: list[Principal] = []
        for name in dict.fromkeys(delegates):
            if name == caller.principal:
                raise Conflict("nobody delegates to oneself")
            person = await self._access.person(name)
            if person.kind is not PrincipalKind.INDIVIDUAL:
                raise NotFound("no such person")
            people.append(person)
        await self._note(caller.principal, [person.id for person in people], wanted=True)
        await self._grant(caller, people, wanted=True)

    async def remove(self, caller: Caller, delegates: Sequence[PrincipalId]) -> None:
        """Take the caller's own account back from people; there need be none."""
        self._access.check(caller)
        names = list(dict.fromkeys(delegates))[:DELEGATES_MAX]
        await self._note(caller.principal, names, wanted=False)
        people = []
        for name in names:
            try:
                people.append(await self._access.person(name))
            except NotFound:
                continue
        await self._grant(caller, people, wanted=False)

    async def _note(self, owner: PrincipalId, delegates: Sequence[PrincipalId], *, wanted: bool) -> None:
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            for name in sorted({owner, *delegates}):  # in one order, so that two of these do not wait for each other
                kept = await profiles.hold(tx, name)
                modules = dict(dictionary(kept, SETTINGS))
                module = dict(dictionary(kept, SETTINGS, MODULE))
                key, others = (DELEGATES, list(delegates)) if name == owner else (OWNERS, [owner])
                present = [one for one in _names(module, key) if one not in others]
                module[key] = [*present, *others] if wanted else present
                if wanted and name == owner and len([*present, *others]) > DELEGATES_MAX:
                    raise TooLarge(f"an account is delegated to at most {DELEGATES_MAX} people")
                modules[MODULE] = module
                await profiles.set_(
                    tx,
                    name,
                    properties={**kept.properties, SETTINGS: modules},
                    dead_properties=kept.dead_properties,
                    now=now,
                )

        await self._database.write(work)

    async def _grant(self, caller: Caller, people: Sequence[Principal], *, wanted: bool) -> None:
        """Give rights in the owner's mailboxes, or take those away that were given so."""
        if not people or self._access.reaches_others(await self._access.person(caller.principal)):
            return
        async with self._access.connection(caller, MAIN) as connection:
            if "ACL" not in connection.capabilities:
                return
            foreign = foreign_prefixes(await connection.namespaces())
            listed = await connection.list("*")
            names = [one.name for one in listed if not one.attributes & NOSELECT and not one.name.startswith(foreign)]
            for person in people:
                login = self._access.login_name(person)
                for name in names[:MAILBOXES_MAX]:
                    await _set(connection, name, login, wanted=wanted)


async def _set(connection: Connection, name: str, login: str, *, wanted: bool) -> None:
    try:
        if wanted:
            await connection.set_rights(name, login, LETTERS)
        elif set((await connection.get_rights(name)).grants.get(login, "")) - _OLD_LETTERS == set(LETTERS):
            await connection.delete_rights(name, login)
    except FolkmootError:  # one mailbox that is gone, or on which the server has other views
        if not connection.usable:
            raise


def _names(module: Mapping[str, object], key: str) -> list[PrincipalId]:
    value = module.get(key)
    return [PrincipalId(str(name)) for name in value] if isinstance(value, list) else []
