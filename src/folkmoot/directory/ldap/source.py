"""User sources in LDAP directories: people are found by searches, and let in by signing in as them."""

from collections.abc import Collection, Sequence
from secrets import token_hex
from time import monotonic
from typing import Final

import structlog

from folkmoot.config.sources import LdapSource, PasswordRule
from folkmoot.core.errors import ConfigurationError
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.ldap.connections import PASSWORD_MODIFY, Bound, Connections, Entry, Refused
from folkmoot.directory.ldap.entries import EntryReader, may_log_in, password_tag
from folkmoot.directory.ldap.filters import any_of, attribute, contains, dn_escaped, equal
from folkmoot.directory.ldap.group_lists import LdapGroups
from folkmoot.directory.ldap.tree import TEXT_MAX, Tree
from folkmoot.directory.password_change import CLEAR_SCHEMES, GOOD, PasswordFault, PasswordRefused, Standing
from folkmoot.directory.principal import Principal
from folkmoot.directory.source import Authenticated, Refusal, askable
from folkmoot.directory.verifier import Verifier

CANDIDATES_MAX: Final = 16  # entries looked at for one login; more means that the attributes are ambiguous
ADDRESS_MAX: Final = 320  # characters; 64 and 255 with the @ (RFC 5321 section 4.5.3.1)
REMEMBERED_SECONDS: Final = 30.0  # what a server said of a password: asking again would use up another grace sign-in
REMEMBERED_MAX: Final = 10_000
_EXPIRED: Final = 0  # errors of the password policy; PasswordFault has the same numbers
_AD_MUST_CHANGE: Final = ("data 532", "data 773")  # in the words of Active Directory: expired; must be changed
_FAULTS: Final = frozenset(
    {PasswordFault.TOO_WEAK, PasswordFault.TOO_SHORT, PasswordFault.TOO_YOUNG, PasswordFault.IN_HISTORY}
)

_log: Final = structlog.get_logger("folkmoot.directory")


class LdapUserSource:
    """The people below one base of a directory."""

    def __init__(
        self,
        source: LdapSource,
        connections: Connections,
        verifier: Verifier,
        *,
        domain: str | None = None,
        domain_in_ids: bool = False,
        query_limit: int = 0,
    ) -> None:
        for name in (source.uid_field, source.cn_field, source.id_field, *source.bind_fields, *source.search_fields):
            attribute(name)
        if "%d" in source.base_dn and domain is None:
            raise ConfigurationError(f"user source {source.id}: baseDN has %d, but the source belongs to no domain")
        self._source = source
        self._connections = connections
        self._verifier = verifier
        self._tree = Tree(source, connections, EntryReader(source, domain, domain_in_ids))
        self._limit = source.query_limit or query_limit
        self._said: dict[PrincipalId, tuple[float, Standing]] = {}
        self.groups = LdapGroups(self._tree)

    @property
    def id(self) -> str:
        return self._source.id

    @property
    def display_name(self) -> str:
        return self._source.display_name or self._source.id

    @property
    def domain(self) -> str | None:
        return self._tree.reader.domain

    @property
    def can_authenticate(self) -> bool:
        return self._source.can_authenticate

    @property
    def is_address_book(self) -> bool:
        return self._source.is_address_book

    @property
    def list_requires_dot(self) -> bool:
        return self._source.list_requires_dot

    @property
    def first_entries_count(self) -> int:
        return self._source.first_entries_count

    async def check(self, login: str, password: str) -> Authenticated | Refusal:
        if not password or "\0" in password or not askable(login, TEXT_MAX):
            return Refusal.UNKNOWN
        entry = await self._entry_of_login(login)
        principal = self._tree.reader.principal(entry) if entry is not None else None
        if entry is None or principal is None or not may_log_in(entry):
            # Somebody who is not there takes as long as a wrong password.
            await self._connections.bind(f"{self._source.id_field}={token_hex(8)},{self._tree.base}", password)
            return Refusal.UNKNOWN
        bound = await self._connections.bind(entry.dn, password)
        if not bound.accepted:
            if bound.error == _EXPIRED or any(code in bound.message for code in _AD_MUST_CHANGE):
                _log.warning("password has expired", source=self.id, principal=principal.id)
            return Refusal.WRONG
        self._remember(principal.id, _standing(bound))
        return Authenticated(principal, password_tag(entry))

    async def recheck(self, authenticated: Authenticated) -> Authenticated | None:
        again = await self.current(authenticated.principal)
        return again if again is not None and again.stored_tag == authenticated.stored_tag else None

    async def current(self, principal: Principal) -> Authenticated | None:
        found = await self._present(principal)
        return found[1] if found is not None else None

    async def standing(self, principal: Principal, password: str) -> Standing:
        until, said = self._said.pop(principal.id, (0.0, GOOD))
        if until > monotonic():
            return said
        found = await self._present(principal)
        if found is None:
            return GOOD
        bound = await self._connections.bind(found[0].dn, password)
        return _standing(bound) if bound.accepted else GOOD

    def rules(self) -> Sequence[PasswordRule]:
        return ()

    async def replace_password(self, principal: Principal, new: str, *, old: str | None) -> None:
        found = await self._present(principal)
        if found is None:
            raise PasswordRefused(PasswordFault.NOT_ALLOWED, "nobody of this name may log in")
        entry, _ = found
        if old is not None and not (await self._connections.bind(entry.dn, old)).accepted:
            raise PasswordRefused(PasswordFault.NONE, "the old password is wrong")
        try:
            await self._store(entry, new, old)
        except Refused as error:
            reason = PasswordFault(error.error) if error.error in {int(fault) for fault in _FAULTS} else None
            _log.warning("user source takes no password", source=self.id, fault=str(error))
            raise PasswordRefused(reason or PasswordFault.NOT_ALLOWED, "the directory does not take it") from error
        self._said.pop(principal.id, None)

    async def find(self, login_or_id: str) -> Principal | None:
        for name in self._tree.local_names(login_or_id):
            asked = [equal(self._source.uid_field, name), *(equal(field, name) for field in self._source.bind_fields)]
            entries = [*await self._tree.search(any_of(asked), limit=CANDIDATES_MAX, own=True)]
            if not entries:
                entries += await self._tree.by_names([name])  # groups are called by their cn
            found = self._only(entries, name, login_or_id)
            if found is not None:
                return found[1]
        return None

    async def find_many(self, ids: Collection[PrincipalId]) -> Sequence[Principal]:
        names = sorted({name for wanted in ids for name in self._tree.local_names(wanted)})
        found = (self._tree.reader.principal(entry) for entry in await self._tree.by_names(names))
        return [principal for principal in found if principal is not None and principal.id in ids]

    async def find_by_mail(self, address: str) -> Principal | None:
        if not askable(address, ADDRESS_MAX) or "@" not in address:
            return None
        for entry in await self._tree.search(self._tree.addressed(address), limit=CANDIDATES_MAX):
            principal = self._tree.reader.principal(entry)
            if principal is not None and address.lower() in (mail.lower() for mail in principal.mails):
                return principal
        return None

    async def search(self, text: str, *, limit: int, domains: Collection[str] | None = None) -> Sequence[Principal]:
        del domains  # a source has one domain, or none
        if text and not askable(text, TEXT_MAX):
            return ()
        fields = [
            name
            for field in self._source.search_fields
            for name in (self._source.mail_fields if field == "mail" else (field,))
        ]
        asked = any_of(contains(field, text) for field in (fields if text else (self._source.cn_field,)))
        limit = min(limit, self._limit) if self._limit > 0 else limit
        entries = await self._tree.search(asked, limit=limit, own=True) if limit > 0 else ()
        found = [principal for entry in entries if (principal := self._tree.reader.principal(entry)) is not None]
        return sorted(found, key=lambda one: (one.display_name.casefold(), one.id))

    async def _entry_of_login(self, login: str) -> Entry | None:
        for name in self._tree.local_names(login):
            if self._source.bind_fields:
                asked = any_of(equal(field, name) for field in self._source.bind_fields)
                entries = await self._tree.search(asked, limit=CANDIDATES_MAX, own=True)
            else:
                dn = f"{self._source.id_field}={dn_escaped(name)},{self._tree.base}"
                entry = await self._tree.read(dn, self._tree.own)
                entries = [entry] if entry is not None else []
            found = self._only(entries, name, login)
            if found is not None:
                return found[0]
        return None

    def _only(self, entries: Sequence[Entry], name: str, login: str) -> tuple[Entry, Principal] | None:
        """Return the entry that is meant: the one of that login, else the only one that another attribute leads to."""
        found = [
            (entry, principal)
            for entry in entries
            if (principal := self._tree.reader.principal(entry)) is not None
            and (name == login or (principal.domain or "").casefold() == login.rpartition("@")[2].casefold())
        ]
        named = [one for one in found if one[1].login.casefold() == name.casefold()]
        chosen = named or found
        if len({principal.id for _, principal in chosen}) > 1:
            _log.warning("login is ambiguous", source=self.id, entries=len(chosen))
            return None
        return chosen[0] if chosen else None

    async def _present(self, principal: Principal) -> tuple[Entry, Authenticated] | None:
        asked = equal(self._source.uid_field, principal.login)
        for entry in await self._tree.search(asked, limit=CANDIDATES_MAX, own=True):
            found = self._tree.reader.principal(entry)
            if found is not None and found.id == principal.id and may_log_in(entry):
                return entry, Authenticated(found, password_tag(entry))
        return None

    async def _store(self, entry: Entry, new: str, old: str | None) -> None:
        abilities = await self._connections.abilities()
        if abilities.active_directory:
            if not self._connections.private:
                _log.error("Active Directory takes passwords over TLS only", source=self.id)
                raise Refused("the connection is not private")
            changes = [("replace", "unicodePwd", _quoted(new))]
            if old is not None:
                changes = [("delete", "unicodePwd", _quoted(old)), ("add", "unicodePwd", _quoted(new))]
            await self._connections.modify(entry.dn, changes, old=old)
        elif PASSWORD_MODIFY in abilities.extensions and (
            self._source.password_policy or self._source.password_scheme.lower() in CLEAR_SCHEMES
        ):
            await self._connections.new_password(entry.dn, new, old=old)
        else:
            scheme = self._source.password_scheme
            clear = scheme.lower() in CLEAR_SCHEMES
            stored = await self._verifier.hash(new, "crypt" if clear else scheme, key=None, prefix=True)
            await self._connections.modify(entry.dn, [("replace", "userPassword", stored.encode())], old=old)

    def _remember(self, principal: PrincipalId, said: Standing) -> None:
        self._said.pop(principal, None)
        while len(self._said) >= REMEMBERED_MAX:
            del self._said[next(iter(self._said))]
        self._said[principal] = (monotonic() + REMEMBERED_SECONDS, said)


def _standing(bound: Bound) -> Standing:
    fault = None
    if bound.error == PasswordFault.CHANGE_AFTER_RESET:
        fault = PasswordFault.CHANGE_AFTER_RESET
    return Standing(
        fault,
        expires_seconds=-1 if bound.expires_seconds is None else bound.expires_seconds,
        grace=-1 if bound.grace is None else bound.grace,
    )


def _quoted(password: str) -> bytes:
    return f'"{password}"'.encode("utf-16-le")  # MS-ADTS section 3.1.1.3.1.5.1
