"""The built-in user source: people in a table of Folkmoot's own, for servers without another directory.

Logins are kept and compared in lower case, as phones write the first letter large.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
import structlog
from sqlalchemy.sql.base import Executable

from folkmoot.config.sources import PasswordRule
from folkmoot.core.clock import Clock
from folkmoot.core.errors import ConfigurationError, Conflict, MalformedInput, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Row, Statement, Transaction, insert_if_absent
from folkmoot.database.dialect import LIKE_ESCAPE, DialectName, absent_only, like_escaped, within
from folkmoot.database.schema import local_user
from folkmoot.directory import local_passwords
from folkmoot.directory.local_groups import LocalGroups, forget
from folkmoot.directory.local_passwords import LocalPolicy
from folkmoot.directory.password_change import GOOD, PasswordFault, PasswordRefused, Standing
from folkmoot.directory.passwords import is_outdated
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.directory.source import Authenticated, Refusal, askable, stored_tag
from folkmoot.directory.verifier import Verifier

SOURCE_ID: Final = "local"
LOGIN_MAX: Final = 200  # characters; leaves room in keys that hold a login and more
NAME_MAX: Final = 255  # characters of a display name or address
ALIASES_MAX: Final = 100
TEXT_MAX: Final = 255  # characters of a search text
_log: Final = structlog.get_logger("folkmoot.directory")

_LOGIN: Final = re.compile(r"[^\W_][\w.@+'-]*\Z")
_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\x00-\x1f]+@[^\s@<>,;:\"()\x00-\x1f]+\Z")
# Path segments of the DAV tree, and subjects of rights.
_RESERVED: Final = frozenset({"anonymous", "public", "freebusy", "principals", "groups", "users"})


@dataclass(frozen=True, slots=True)
class NewUser:
    """What is stored for a local user beside the password."""

    login: str
    display_name: str = ""
    mail: str = ""
    aliases: tuple[str, ...] = ()
    kind: PrincipalKind = PrincipalKind.INDIVIDUAL
    multiple_bookings: int = 0


class LocalUserSource:
    """The people of the table ``local_user``."""

    display_name = "People"
    domain: str | None = None
    can_authenticate = True
    is_address_book = True
    list_requires_dot = False
    first_entries_count = -1

    def __init__(
        self,
        database: Database,
        verifier: Verifier,
        clock: Clock,
        *,
        rehash: bool = False,
        policy: LocalPolicy | None = None,
    ) -> None:
        self._database = database
        self._verifier = verifier
        self._clock = clock
        self._rehash = rehash
        self._policy = policy or LocalPolicy()
        self.groups = LocalGroups(database)

    @property
    def id(self) -> str:
        return SOURCE_ID

    async def check(self, login: str, password: str) -> Authenticated | Refusal:
        row = await self._row(login)
        if row is None or not row[1]:
            await self._verifier.pretend(password, "argon2id")
            return Refusal.UNKNOWN
        stored = str(row[1])
        if not await self._verifier.verify(stored, password, default_scheme="argon2id"):
            return Refusal.WRONG
        if self._rehash and is_outdated(stored):
            stored = await self._replaced(str(row[0]), stored, password)
        return Authenticated(_principal(row), stored_tag(stored))

    async def recheck(self, authenticated: Authenticated) -> Authenticated | None:
        again = await self.current(authenticated.principal)
        return again if again is not None and again.stored_tag == authenticated.stored_tag else None

    async def current(self, principal: Principal) -> Authenticated | None:
        row = await self._row(principal.login)
        return Authenticated(_principal(row), stored_tag(str(row[1]))) if row is not None and row[1] else None

    async def standing(self, principal: Principal, password: str) -> Standing:
        now = self._clock.milliseconds()
        try:
            return await self._database.read(
                lambda tx: local_passwords.standing(tx, principal.login, password, self._policy, now)
            )
        except ConfigurationError as error:
            _log.error("FolkmootPasswordPolicy is wrong", fault=str(error))
            return GOOD

    def rules(self) -> Sequence[PasswordRule]:
        return self._policy.rules

    async def replace_password(self, principal: Principal, new: str, *, old: str | None) -> None:
        row = await self._row(principal.login)
        before = str(row[1]) if row is not None else ""
        if not before:
            raise PasswordRefused(PasswordFault.NOT_ALLOWED, "nobody of this name may log in")
        if old is not None and not await self._verifier.verify(before, old, default_scheme="argon2id"):
            raise PasswordRefused(PasswordFault.NONE, "the old password is wrong")
        stored = await self._verifier.hash(new)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            if not await tx.execute(_REPLACE, of=principal.login, old=before, stored=stored, now=now):
                raise Conflict("the password was changed by somebody else meanwhile")
            await local_passwords.note(tx, principal.login, now=now, must_change=False)

        await self._database.write(work)

    async def find(self, login_or_id: str) -> Principal | None:
        row = await self._row(login_or_id)
        return _principal(row) if row is not None else None

    async def find_many(self, ids: Collection[PrincipalId]) -> Sequence[Principal]:
        logins = [folded for wanted in ids if askable(folded := _folded(wanted), LOGIN_MAX)]

        async def work(tx: Transaction) -> Sequence[Row]:
            return await tx.fetch_all(_BY_LOGINS, logins=logins)

        return [_principal(row) for row in await self._database.read(work)] if logins else []

    async def find_by_mail(self, address: str) -> Principal | None:
        lowered = address.lower()
        if not askable(lowered, NAME_MAX):
            return None

        async def work(tx: Transaction) -> Sequence[Row]:
            # Aliases are JSON: the quoted address is looked for, then compared with each.
            return await tx.fetch_all(
                _BY_MAIL, mail=lowered, inside=f"%{like_escaped(json.dumps(lowered, ensure_ascii=False))}%"
            )

        found = [_principal(row) for row in await self._database.read(work)]
        return next((principal for principal in found if lowered in _lowered(principal.mails)), None)

    async def search(
        self,
        text: str,
        *,
        limit: int,
        domains: Collection[str] | None = None,
    ) -> Sequence[Principal]:
        if text and not askable(text, TEXT_MAX):
            return []

        async def work(tx: Transaction) -> Sequence[Row]:
            pattern = f"%{like_escaped(text.lower())}%"
            return await tx.fetch_all(_SEARCH, pattern=pattern, limit=limit)

        return [_principal(row) for row in await self._database.read(work)]

    async def list_all(self) -> Sequence[Principal]:
        """Return everybody, by login."""

        async def work(tx: Transaction) -> Sequence[Row]:
            return await tx.fetch_all(_ALL)

        return [_principal(row) for row in await self._database.read(work)]

    async def add(self, user: NewUser, password: str | None) -> Principal:
        """Add a user; without a password nobody can log in as it, which suits resources.

        Raises:
            Conflict: the login is taken.
            MalformedInput: the login or an address cannot be used.
            Unsupported, TooLarge: the password cannot be used.
        """
        values = _checked(user)
        now = self._clock.milliseconds()
        stored = await self._verifier.hash(password) if password is not None else ""

        async def work(tx: Transaction) -> bool:
            return await insert_if_absent(tx, _ADD, password=stored, created_at=now, modified_at=now, **values)

        if not await self._database.write(work):
            raise Conflict(f"user {values['login']} exists already")
        principal = await self.find(str(values["login"]))
        if principal is None:
            raise NotFound(f"user {values['login']} has been removed meanwhile")
        return principal

    async def change(self, login: str, user: NewUser) -> Principal:
        """Give a user another name, other addresses or bookings; login and kind stay.

        Raises:
            NotFound: there is no such user.
            MalformedInput: a name or address cannot be used.
        """
        values = _checked(user)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> int:
            return await tx.execute(
                _CHANGE,
                of=_folded(login),
                new_name=values["display_name"],
                new_mail=values["mail"],
                new_aliases=values["aliases"],
                new_bookings=values["multiple_bookings"],
                now=now,
            )

        await self._database.write(work)
        principal = await self.find(login)
        if principal is None:
            raise NotFound(f"there is no user {login}")
        return principal

    async def set_password(self, login: str, password: str, *, must_change: bool = False) -> None:
        """Give a user another password, whatever the rules; ``must_change``: it serves for choosing one's own.

        Raises:
            NotFound: there is no such user.
            Unsupported, TooLarge: the password cannot be used.
        """
        stored = await self._verifier.hash(password)
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> int:
            changed = await tx.execute(_SET_PASSWORD, of=_folded(login), stored=stored, now=now)
            if changed:
                await local_passwords.note(tx, _folded(login), now=now, must_change=must_change)
            return changed

        if not await self._database.write(work):
            raise NotFound(f"there is no user {login}")

    async def remove(self, login: str) -> None:
        """Remove a user or a group, also from the groups that name it; collections stay.

        Raises:
            NotFound: there is no such user.
        """

        async def work(tx: Transaction) -> int:
            await forget(tx, _folded(login))
            await local_passwords.forget(tx, _folded(login))
            return await tx.execute(_REMOVE, of=_folded(login))

        if not await self._database.write(work):
            raise NotFound(f"there is no user {login}")

    async def _row(self, login: str) -> Row | None:
        folded = _folded(login)
        if not askable(folded, LOGIN_MAX):
            return None

        async def work(tx: Transaction) -> Row | None:
            return await tx.fetch_one(_BY_LOGIN, of=folded)

        return await self._database.read(work)

    async def _replaced(self, login: str, stored: str, password: str) -> str:
        """Store the password in today's scheme, unless it was changed meanwhile; return what is stored."""
        fresh = await self._verifier.hash(password)

        async def work(tx: Transaction) -> int:
            return await tx.execute(_REHASH, of=login, old=stored, stored=fresh)

        return fresh if await self._database.write(work) else stored


def _checked(user: NewUser) -> dict[str, object]:
    login = _folded(user.login)
    if not _LOGIN.match(login) or len(login) > LOGIN_MAX or login in _RESERVED or login.count("@") > 1:
        raise MalformedInput(
            f"{user.login!r} is no login: letters, digits and . _ - + ' are, after a letter or digit, and one @"
        )
    mail = user.mail or (login if "@" in login else "")
    for address in filter(None, (mail, *user.aliases)):
        if not _ADDRESS.match(address) or len(address) > NAME_MAX:
            raise MalformedInput(f"{address!r} is no mail address")
    if len(user.aliases) > ALIASES_MAX:
        raise MalformedInput(f"a user has at most {ALIASES_MAX} further addresses")
    name = unicodedata.normalize("NFC", user.display_name).strip() or login
    if len(name) > NAME_MAX or any(unicodedata.category(c) == "Cc" for c in name):
        raise MalformedInput("a name has at most 255 characters on one line")
    return {
        "login": login,
        "display_name": name,
        "mail": mail.lower(),
        "aliases": json.dumps([alias.lower() for alias in user.aliases], ensure_ascii=False),
        "kind": user.kind.value,
        "multiple_bookings": user.multiple_bookings,
    }


def _folded(login: str) -> str:
    return unicodedata.normalize("NFC", login).strip().lower()


def _lowered(mails: Sequence[str]) -> Collection[str]:
    return {mail.lower() for mail in mails}


def _principal(row: Row) -> Principal:
    login, _, name, mail, aliases, kind, bookings = row
    mails = tuple(dict.fromkeys(filter(None, (mail, *json.loads(aliases)))))
    return Principal(
        id=PrincipalId(login),
        login=login,
        display_name=name,
        mails=mails,
        kind=PrincipalKind(kind),
        source=SOURCE_ID,
        multiple_bookings=bookings if kind != PrincipalKind.INDIVIDUAL else None,
        attributes={"uid": (login,), "cn": (name,), "mail": mails},
    )


def _add(dialect: DialectName) -> Executable:
    return absent_only(dialect, local_user)


_COLUMNS: Final = sa.select(
    local_user.c.login,
    local_user.c.password,
    local_user.c.display_name,
    local_user.c.mail,
    local_user.c.aliases,
    local_user.c.kind,
    local_user.c.multiple_bookings,
)
_OF: Final = local_user.c.login == sa.bindparam("of")
_BY_LOGIN: Final = Statement(_COLUMNS.where(_OF))
_BY_LOGINS: Final = Statement(_COLUMNS.where(within(local_user.c.login, "logins")))
_BY_MAIL: Final = Statement(
    _COLUMNS.where(
        sa.or_(
            local_user.c.mail == sa.bindparam("mail"),
            local_user.c.aliases.like(sa.bindparam("inside"), escape=LIKE_ESCAPE),
        )
    )
)
_ALL: Final = Statement(_COLUMNS.order_by(local_user.c.login))
_SEARCH: Final = Statement(
    _COLUMNS.where(
        sa.or_(
            *(
                sa.func.lower(column).like(sa.bindparam("pattern"), escape=LIKE_ESCAPE)
                for column in (local_user.c.login, local_user.c.display_name, local_user.c.mail, local_user.c.aliases)
            )
        )
    )
    .order_by(local_user.c.display_name, local_user.c.login)
    .limit(sa.bindparam("limit", type_=sa.Integer()))
)
_ADD: Final = Statement(_add)
_CHANGE: Final = Statement(
    sa.update(local_user)
    .where(_OF)
    .values(
        display_name=sa.bindparam("new_name"),
        mail=sa.bindparam("new_mail"),
        aliases=sa.bindparam("new_aliases"),
        multiple_bookings=sa.bindparam("new_bookings"),
        modified_at=sa.bindparam("now"),
    )
)
_SET_PASSWORD: Final = Statement(
    sa.update(local_user).where(_OF).values(password=sa.bindparam("stored"), modified_at=sa.bindparam("now"))
)
_REPLACE: Final = Statement(
    sa.update(local_user)
    .where(_OF, local_user.c.password == sa.bindparam("old"))
    .values(password=sa.bindparam("stored"), modified_at=sa.bindparam("now"))
)
_REHASH: Final = Statement(
    sa.update(local_user)
    .where(_OF, local_user.c.password == sa.bindparam("old"))
    .values(password=sa.bindparam("stored"))
)
_REMOVE: Final = Statement(sa.delete(local_user).where(_OF))
