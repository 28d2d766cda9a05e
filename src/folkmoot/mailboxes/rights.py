"""Sharing mailboxes: who may do what in them, kept by the mail server as IMAP rights (RFC 4314)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, Forbidden, NotFound, Unsupported
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.directory import Directory
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.mailboxes.access import MODULE, MailAccess
from folkmoot.mailboxes.folders import Folders
from folkmoot.mailboxes.tree import Place
from folkmoot.mailboxes.values import MAIN, Account

ANYONE: Final = "anyone"  # RFC 4314 section 2
IDENTIFIERS_MAX: Final = 1_000  # of one mailbox that are shown
_OWNER: Final = ("owner", "#owner")  # what servers call whoever it is
_OWN_WORDS: Final = ("#", "-", "!")  # what servers put before identifiers that are nobody's name


class MailRight(StrEnum):
    """What somebody may do in a mailbox; the value is RFC 4314's letter."""

    SEE = "l"
    READ = "r"
    MARK_READ = "s"
    WRITE = "w"  # flags and labels
    INSERT = "i"
    POST = "p"
    CREATE = "k"  # mailboxes within
    DELETE_MAILBOX = "x"
    DELETE = "t"  # messages
    EXPUNGE = "e"
    ADMINISTER = "a"


class SubjectKind(StrEnum):
    """Who has rights."""

    USER = "user"
    GROUP = "group"
    ANYONE = "anyone"
    OTHER = "other"  # a word of the server's, or somebody the directory does not know


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody may do in a mailbox."""

    kind: SubjectKind
    principal: PrincipalId  # "" of anyone, and of others
    identifier: str  # as the mail server writes it
    rights: frozenset[MailRight]


class MailRights:
    """The rights in mailboxes."""

    def __init__(self, access: MailAccess, folders: Folders, directory: Directory) -> None:
        self._access = access
        self._folders = folders
        self._directory = directory

    async def mine(self, caller: Caller, account_id: str, path: str) -> frozenset[MailRight]:
        """Return what the caller may do in a mailbox: everything where the server keeps no rights.

        Raises:
            NotFound: no such mailbox.
        """
        async with self._access.connection(caller, account_id) as connection:
            if "ACL" not in connection.capabilities:
                return frozenset(MailRight)
            return rights_of(await connection.my_rights(path))

    async def list_all(self, caller: Caller, account_id: str, path: str) -> list[Grant]:
        """Return who may do what in a mailbox, apart from its owner.

        Raises:
            NotFound: no such mailbox.
            Forbidden: the caller may not administer it.
            Unsupported: the server keeps no rights.
        """
        async with self._access.connection(caller, account_id) as connection:
            grants = dict(list((await connection.get_rights(path)).grants.items())[:IDENTIFIERS_MAX])
        account = await self._access.account(caller, account_id)
        owner = await self._access.person(account.owner)
        prefix = self._access.settings_of(owner).imap.group_prefix
        known = await self._known(list(grants), prefix)
        shown = [_grant(identifier, letters, known) for identifier, letters in grants.items()]
        return [
            one for one in shown if one.identifier != account.user_name and one.identifier not in {"owner", "#owner"}
        ]

    async def set(
        self, caller: Caller, account_id: str, path: str, subject: PrincipalId | None, rights: frozenset[MailRight]
    ) -> None:
        """Let somebody, or with None anyone who is signed in, do exactly this in a mailbox; nothing takes all rights.

        Raises:
            NotFound: no such mailbox, or nobody of that name.
            Forbidden: mailboxes are not shared here, or the caller may not administer this one.
            Conflict: the owner has all rights; or the server does not let anyone in.
            Unsupported: the server keeps no rights.
        """
        account = await self._administered(caller, account_id)
        owner = await self._access.person(account.owner)
        settings = self._access.settings_of(owner)
        if MODULE.casefold() in (name.casefold() for name in settings.security.sharing_disabled):
            raise Forbidden("mailboxes are not shared here")
        if subject == owner.id:
            raise Conflict("the owner of a mailbox has all rights in it")
        identifier = ANYONE if subject is None else await self._identifier(subject, settings.imap.group_prefix)
        async with self._access.connection(caller, account_id) as connection:
            if rights:
                await connection.set_rights(path, identifier, "".join(right for right in MailRight if right in rights))
            else:
                await connection.delete_rights(path, identifier)

    async def remove(self, caller: Caller, account_id: str, path: str, grant: Grant) -> None:
        """Take all rights from somebody whom ``list_all`` has shown, also if the directory does not know who it is.

        Raises:
            NotFound: no such mailbox.
            Forbidden: the caller may not administer it.
            Conflict: the owner has all rights.
        """
        account = await self._administered(caller, account_id)
        if grant.identifier in {account.user_name, *_OWNER}:
            raise Conflict("the owner of a mailbox has all rights in it")
        async with self._access.connection(caller, account_id) as connection:
            await connection.delete_rights(path, grant.identifier)

    async def sharers(self, caller: Caller, account_id: str = MAIN) -> Mapping[str, Principal | None]:
        """Return who shares mailboxes with the caller: the owner by the mail server's name; None is nobody we know."""
        tree = await self._folders.tree(caller, account_id, counts=False, subscribed_only=False)
        logins = sorted({one.login for one in tree.folders if one.place is Place.OTHERS and one.login})
        known = await self._known(logins[:IDENTIFIERS_MAX], "")
        return {login: known.get(login) for login in logins}

    async def _administered(self, caller: Caller, account_id: str) -> Account:
        """Return an account whose mailboxes the caller may share, as far as the mail server does not say otherwise.

        Raises:
            Forbidden: it was delegated: who may use an account does not hand it on.
            Unsupported: it is elsewhere.
        """
        account = await self._access.account(caller, account_id)
        if account.external:
            raise Unsupported("mailboxes of accounts elsewhere are not shared from here")
        if account.delegated:
            raise Forbidden("only the owner of mailboxes gives rights in them")
        return account

    async def _identifier(self, subject: PrincipalId, prefix: str) -> str:
        person = await self._directory.find(subject)
        if person is None or person.kind in {PrincipalKind.LOCATION, PrincipalKind.THING}:
            raise NotFound("nobody has this name")
        if person.kind is PrincipalKind.GROUP:
            return prefix + person.login
        name = self._access.login_name(person)
        if name.startswith(_OWN_WORDS) or (prefix and name.startswith(prefix)) or name.lower() in {ANYONE, "owner"}:
            raise Conflict("the mail server would take this name for something else")
        return name

    async def _known(self, identifiers: Sequence[str], prefix: str) -> dict[str, Principal]:
        """Return the people and groups whom these identifiers stand for."""
        names = {identifier: identifier.removeprefix(prefix) for identifier in identifiers}
        found = await self._directory.find_many([PrincipalId(name) for name in names.values()])
        known: dict[str, Principal] = {}
        for identifier, name in names.items():
            person = found.get(PrincipalId(name))
            if person is None and identifier != ANYONE and not identifier.startswith(_OWN_WORDS):
                person = await (self._directory.find_by_mail(name) if "@" in name else self._directory.find_login(name))
            if person is None:
                continue
            group = bool(prefix) and identifier.startswith(prefix)
            if group == (person.kind is PrincipalKind.GROUP) and (group or self._access.login_name(person) == name):
                known[identifier] = person
        return known


def rights_of(letters: str) -> frozenset[MailRight]:
    """Return the rights that letters stand for; those of RFC 2086 stand for several (RFC 4314 section 2.1.1)."""
    wider = letters.replace("c", "k").replace("d", "te")
    return frozenset(right for right in MailRight if right.value in wider)


def _grant(identifier: str, letters: str, known: Mapping[str, Principal]) -> Grant:
    rights = rights_of(letters)
    if identifier.lower() == ANYONE:
        return Grant(SubjectKind.ANYONE, PrincipalId(""), identifier, rights)
    person = known.get(identifier)
    if person is None:
        return Grant(SubjectKind.OTHER, PrincipalId(""), identifier, rights)
    kind = SubjectKind.GROUP if person.kind is PrincipalKind.GROUP else SubjectKind.USER
    return Grant(kind, person.id, identifier, rights)
