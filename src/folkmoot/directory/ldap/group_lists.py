"""Who is in the groups of an LDAP source: ``member``, ``uniqueMember`` and ``memberUid``."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from folkmoot.core.ids import PrincipalId
from folkmoot.directory.ldap.connections import Entry
from folkmoot.directory.ldap.entries import first, values_of
from folkmoot.directory.ldap.filters import all_of, any_of, equal
from folkmoot.directory.ldap.tree import CHUNK, Tree, chunks
from folkmoot.directory.principal import PrincipalKind

MEMBERS_MAX: Final = 10_000  # of one group
GROUPS_MAX: Final = 2_000  # in one answer
_DN_FIELDS: Final = ("member", "uniqueMember")
_UID_FIELD: Final = "memberUid"


class LdapGroups:
    """The groups below the source's base."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    async def members_of(self, groups: Collection[PrincipalId]) -> Mapping[PrincipalId, Sequence[str]]:
        """Return whom each of the groups names: ids of principals, logins where memberUid names them."""
        tree = self._tree
        named: dict[PrincipalId, list[str]] = {}
        dns: dict[PrincipalId, list[str]] = {}
        wanted = {name for group in groups for name in tree.local_names(group)}
        for entry in await tree.by_names(sorted(wanted), self._is_group()):
            principal = tree.reader.principal(entry)
            if principal is None or principal.id not in groups or not tree.reader.is_group(entry):
                continue
            named[principal.id] = list(values_of(entry.attributes, _UID_FIELD))[:MEMBERS_MAX]
            dns[principal.id] = [dn for field in _DN_FIELDS for dn in values_of(entry.attributes, field)][:MEMBERS_MAX]
        people = await tree.by_dns({dn for found in dns.values() for dn in found})
        for group, found in dns.items():
            for dn in found:
                member = people.get(dn.casefold())
                principal = tree.reader.principal(member) if member is not None else None
                if principal is None or (tree.source.subgroups_disabled and principal.kind is PrincipalKind.GROUP):
                    continue
                named[group].append(principal.id)
        return {group: list(dict.fromkeys(names)) for group, names in named.items()}

    async def groups_with(self, members: Collection[str]) -> Sequence[PrincipalId]:
        """Return the groups that name any of these ids and addresses."""
        tree = self._tree
        logins = sorted({name for member in members for name in tree.local_names(member)})
        entries = await tree.by_names_or_mails(logins)
        if tree.source.subgroups_disabled:
            entries = [entry for entry in entries if not tree.reader.is_group(entry)]
        asked = [equal(field, entry.dn) for entry in entries for field in _DN_FIELDS]
        uids = {first(entry.attributes, tree.source.uid_field) for entry in entries} - {""}
        asked += [equal(_UID_FIELD, uid) for uid in sorted(uids)]
        found: dict[PrincipalId, None] = {}
        for some in chunks(asked, CHUNK):
            for entry in await tree.search(all_of([self._is_group(), any_of(some)]), limit=GROUPS_MAX):
                principal = tree.reader.principal(entry)
                if principal is not None and _is_named(entry, entries, uids):
                    found[principal.id] = None
        return list(found)

    def _is_group(self) -> str:
        return any_of(equal("objectClass", name) for name in self._tree.source.group_classes)


def _is_named(group: Entry, entries: Sequence[Entry], uids: Collection[str]) -> bool:
    """Return whether the group does name one of them: a server may match more than was meant."""
    dns = {dn.casefold() for field in _DN_FIELDS for dn in values_of(group.attributes, field)}
    held = {uid.casefold() for uid in values_of(group.attributes, _UID_FIELD)}
    return any(entry.dn.casefold() in dns for entry in entries) or any(uid.casefold() in held for uid in uids)
