"""Passwords of single devices: made at random, shown once, for some doors only, revoked one by one.

They are looked up by a keyed digest, so that they cost no slow hash: 140 random bits cannot be guessed.
"""

import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from folkmoot.auth.basic import Credentials
from folkmoot.auth.errors import NotAuthenticated
from folkmoot.auth.events import Event, Events
from folkmoot.auth.freshness import require_fresh, require_person
from folkmoot.auth.proofs import Proven, Shown, Token, Visitor
from folkmoot.auth.protocols import DEVICES, Protocol
from folkmoot.auth.sealing import Keys, keyed_digest
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import MalformedInput, NotFound, Unavailable
from folkmoot.database import Database, Transaction
from folkmoot.directory.directory import Directory
from folkmoot.store import app_passwords, person
from folkmoot.store.app_passwords import StoredAppPassword

KEY: Final = "app passwords"
GROUPS: Final = 7  # of four letters, five bits each
GROUP_LETTERS: Final = 4
NOTED_MILLISECONDS: Final = 5 * 60 * 1000  # between two notes of the last use
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz234567"
_FORM: Final = re.compile(rf"[a-z2-7]{{{GROUPS * GROUP_LETTERS}}}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")

_log: Final = structlog.get_logger("folkmoot.auth")


@dataclass(frozen=True, slots=True)
class AppPassword:
    """One of somebody's app passwords, without the password; times in milliseconds since 1970 UTC."""

    id: int
    name: str
    scopes: frozenset[Protocol]
    created_at: int
    expires_at: int | None
    used_at: int | None
    used_from: str
    used_by: str


@dataclass(frozen=True, slots=True)
class NewAppPassword:
    """An app password with the password itself, which nobody can tell a second time."""

    made: AppPassword
    password: str = field(repr=False)


class AppPasswords:
    """Makes, lists and revokes app passwords, and knows them again."""

    def __init__(self, database: Database, directory: Directory, keys: Keys, events: Events, clock: Clock) -> None:
        self._database = database
        self._directory = directory
        self._keys = keys
        self._events = events
        self._clock = clock

    async def list(self, caller: Caller) -> Sequence[AppPassword]:
        """Return the caller's, the oldest first.

        Raises:
            Forbidden: nobody is signed in.
        """
        principal = require_person(caller)
        found = await self._database.read(lambda tx: app_passwords.list_of(tx, principal))
        return [_shown(one) for one in found]

    async def add(
        self, caller: Caller, name: str, scopes: Collection[Protocol], *, expires_at: int | None = None
    ) -> NewAppPassword:
        """Make one for a device; ``expires_at`` in milliseconds since 1970 UTC.

        Raises:
            MalformedInput: no name, no scope or one that has no doors, or an end that has passed.
            ProofNeeded: the caller must give the password or second factor anew.
            TooLarge: the caller has too many, or the name is too long.
        """
        principal = require_fresh(caller)
        name = name.strip()
        chosen = frozenset(scopes)
        now = self._clock.milliseconds()
        if not name or _CONTROL.search(name):
            raise MalformedInput("an app password has a name on one line, such as that of its device")
        if not chosen or not chosen <= DEVICES:
            raise MalformedInput(f"an app password is for one or more of {', '.join(sorted(DEVICES))}")
        if expires_at is not None and expires_at <= now:
            raise MalformedInput("an app password does not end before it begins")
        password = new_password()
        digest = await self._digest(plain_form(password) or "")

        async def work(tx: Transaction) -> int:
            identity = await app_passwords.add(
                tx,
                principal,
                digest,
                name=name,
                scopes=" ".join(sorted(chosen)),
                created_at=now,
                expires_at=expires_at or 0,
            )
            await self._events.tell(tx, Event.APP_PASSWORD_ADDED, principal, name)
            return identity

        identity = await self._database.write(work)
        return NewAppPassword(AppPassword(identity, name, chosen, now, expires_at, None, "", ""), password)

    async def remove(self, caller: Caller, identity: int) -> None:
        """Revoke one: within seconds it opens nothing.

        Raises:
            NotFound: the caller has none of this id.
            Forbidden: nobody is signed in.
        """
        principal = require_person(caller)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            if not await app_passwords.remove(tx, principal, identity):
                raise NotFound("there is no such app password")
            await person.raise_(tx, principal, now)

        await self._database.write(work)
        _log.info("app password revoked", principal=principal, id=identity)

    async def prove(self, shown: Shown, visitor: Visitor) -> Proven | None:
        """Return whose app password it is; None if it is none."""
        form = plain_form(shown.text if isinstance(shown, Token) else shown.password)
        if form is None:
            return None
        digest = await self._digest(form)
        now = self._clock.milliseconds()
        found = await self._database.read(lambda tx: app_passwords.find(tx, digest, now))
        if found is None:
            return None
        person = await self._directory.find(found.principal)
        if isinstance(shown, Credentials):
            named = await self._directory.find_login(shown.login)
            if named is None or named.id != found.principal:
                raise NotAuthenticated("Wrong user name or password.")
        current = None if person is None else await self._directory.current(person)
        if current is None:
            raise NotAuthenticated("Wrong user name or password.")
        await self._note(found, visitor)
        return Proven(
            current.principal,
            self,
            opens=_scopes(found),
            closed="This app password is not for this.",
            tag=found.id,
            expires_at=found.expires_at,
        )

    async def again(self, proven: Proven, visitor: Visitor) -> Proven | None:
        """Return whose it is now, if it has not been revoked and its owner may still log in."""
        identity = proven.tag
        if not isinstance(identity, int):
            return None
        now = self._clock.milliseconds()
        found = await self._database.read(lambda tx: app_passwords.get(tx, identity, now))
        current = await self._directory.current(proven.principal)
        if found is None or current is None or found.principal != proven.id:
            return None
        await self._note(found, visitor)
        return Proven(current.principal, self, _scopes(found), proven.closed, identity, found.expires_at)

    async def _digest(self, form: str) -> str:
        return keyed_digest(await self._keys.of(KEY), "", form)

    async def _note(self, found: StoredAppPassword, visitor: Visitor) -> None:
        now = self._clock.milliseconds()
        if now - found.used_at < NOTED_MILLISECONDS:
            return
        try:
            await self._database.write(
                lambda tx: app_passwords.note_use(tx, found.id, at=now, client=visitor.client, agent=visitor.agent)
            )
        except Unavailable as error:  # it was right all the same
            _log.warning("the use of an app password could not be noted", fault=str(error))


def new_password() -> str:
    """Return a new one, in groups that can be typed."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(GROUP_LETTERS)) for _ in range(GROUPS))


def plain_form(password: str) -> str | None:
    """Return an app password as it is digested, however it was typed; None if it cannot be one."""
    if len(password) > 2 * GROUPS * GROUP_LETTERS:
        return None
    form = password.replace("-", "").replace(" ", "").lower()
    return form if _FORM.fullmatch(form) else None


def _scopes(stored: StoredAppPassword) -> frozenset[Protocol]:
    return frozenset(one for one in DEVICES if one.value in stored.scopes.split())


def _shown(stored: StoredAppPassword) -> AppPassword:
    return AppPassword(
        stored.id,
        stored.name,
        _scopes(stored),
        stored.created_at,
        stored.expires_at or None,
        stored.used_at or None,
        stored.used_from,
        stored.used_by,
    )
