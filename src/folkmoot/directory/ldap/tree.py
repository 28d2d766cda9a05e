"""The part of a directory that one source is: where it is searched, and by what."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, TypeVar

from folkmoot.config.sources import LdapSource
from folkmoot.directory.ldap.connections import Connections, Entry
from folkmoot.directory.ldap.entries import OPERATIONAL, EntryReader
from folkmoot.directory.ldap.filters import ANYTHING, all_of, any_of, condition, dn_escaped, equal
from folkmoot.directory.source import askable

T = TypeVar("T")

CHUNK: Final = 100  # names in one filter; servers refuse much longer ones
TEXT_MAX: Final = 255  # characters of a login
SINGLY_MAX: Final = 500  # members looked up one by one where the server finds no names of entries
_PROXY_ADDRESSES: Final = "proxyaddresses"


class Tree:
    """Searches in one source."""

    def __init__(self, source: LdapSource, connections: Connections, reader: EntryReader) -> None:
        self.source = source
        self.reader = reader
        self._connections = connections
        self._own = condition(source.entry_filter) if source.entry_filter is not None else ""
        self.base = source.base_dn.replace("%d", dn_escaped(reader.domain or ""))

    async def search(self, filter_: str, *, limit: int, own: bool = False) -> Sequence[Entry]:
        """Return entries; ``own`` leaves only those that the configured filter lets in."""
        return await self._connections.search(
            self.base,
            all_of([filter_, *([self._own] if own and self._own else [])]),
            scope=self.source.scope,
            names=self._names,
            limit=limit,
        )

    async def read(self, dn: str, filter_: str) -> Entry | None:
        """Return the entry of a name if the filter holds for it."""
        found = await self._connections.search(dn, filter_, scope="BASE", names=self._names, limit=1)
        return found[0] if found else None

    async def by_names(self, logins: Sequence[str], condition_: str = "") -> Sequence[Entry]:
        """Return the entries that one of the names is the login or, of groups, the name of."""
        found: list[Entry] = []
        for some in chunks(logins, CHUNK):
            named = any_of(self._named(name) for name in some)
            found += await self.search(all_of([named, *([condition_] if condition_ else [])]), limit=4 * CHUNK)
        return found

    async def by_names_or_mails(self, names: Sequence[str]) -> Sequence[Entry]:
        """Return the entries that one of the names is the login or an address of."""
        found: dict[str, Entry] = {}
        for some in chunks(names, CHUNK // 4):
            asked = [self._named(name) for name in some]
            asked += [self.addressed(name) for name in some if "@" in name]
            for entry in await self.search(any_of(asked), limit=4 * CHUNK):
                found[entry.dn] = entry
        return list(found.values())

    async def by_dns(self, dns: Collection[str]) -> Mapping[str, Entry]:
        """Return the entries of names, by name in lower case."""
        found: dict[str, Entry] = {}
        wanted = {dn.casefold(): dn for dn in dns}
        for field in ("entryDN", "distinguishedName"):  # OpenLDAP and others; Active Directory
            left = [dn for folded, dn in wanted.items() if folded not in found]
            for some in chunks(left, CHUNK):
                for entry in await self.search(any_of(equal(field, dn) for dn in some), limit=len(some)):
                    found[entry.dn.casefold()] = entry
        for dn in [dn for folded, dn in wanted.items() if folded not in found][:SINGLY_MAX]:
            alone = await self.read(dn, ANYTHING)
            if alone is not None:
                found[dn.casefold()] = alone
        return found

    def addressed(self, address: str) -> str:
        """Return the filter that finds whose address it is."""
        fields = self.source.mail_fields
        asked = [equal(field, address) for field in fields]
        asked += [equal(field, f"smtp:{address}") for field in fields if field.lower() == _PROXY_ADDRESSES]
        return any_of(asked)

    def local_names(self, login_or_id: str) -> Sequence[str]:
        """Return what a login or id may be called here, with its domain and without."""
        if not askable(login_or_id, TEXT_MAX):
            return ()
        local, _, domain = login_or_id.rpartition("@")
        own = self.reader.domain
        if local and own is not None and domain.casefold() == own.casefold():
            return (login_or_id, local)
        return (login_or_id,)

    def _named(self, name: str) -> str:
        groups = any_of(equal("objectClass", one) for one in self.source.group_classes)
        return any_of([equal(self.source.uid_field, name), all_of([groups, equal(self.source.cn_field, name)])])

    @property
    def own(self) -> str:
        """The configured filter, which holds for everybody who may sign in or is shown."""
        return self._own or ANYTHING

    @property
    def _names(self) -> Sequence[str]:
        asked = self.source.lookup_fields or ("*",)
        if asked == ("*",):
            return ("*", *OPERATIONAL)
        needed = [
            "objectClass",
            "userAccountControl",
            *OPERATIONAL,
            *("member", "uniqueMember", "memberUid"),
            *(self.source.uid_field, self.source.cn_field, self.source.id_field, self.source.kind_field),
            *(self.source.multiple_bookings_field, self.source.imap_host_field, self.source.imap_login_field),
            *(self.source.sieve_host_field, *self.source.mail_fields, *self.source.bind_fields),
            *(name for names in self.source.contact_mapping.values() for name in names),
            *(name for wanted in self.source.module_constraints.values() for name in wanted),
        ]
        return tuple(dict.fromkeys(name for name in (*asked, *needed) if name))


def chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Return the values, so many at a time."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
