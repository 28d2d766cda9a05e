"""The domain's default roles, joined with the rows of one collection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId
from folkmoot.sharing.rights import NOBODY, OWNER, Rights, rights_of


@dataclass(frozen=True, slots=True)
class SharingPolicy:
    """What the settings say about sharing; one for the whole server or one for a domain."""

    calendar_roles: Sequence[str] = ()  # SOGoCalendarDefaultRoles
    contacts_roles: Sequence[str] = ()  # SOGoContactsDefaultRoles

    def rights(self, caller: Caller, owner: PrincipalId, kind: str, grants: Mapping[str, frozenset[str]]) -> Rights:
        """Return what ``caller`` may do with a collection of ``kind`` that belongs to ``owner``."""
        if kind == "calendar":
            return rights_of(caller, owner, grants, self.calendar_roles)
        if kind == "addressbook":
            return rights_of(caller, owner, grants, self.contacts_roles)
        return OWNER if caller.superuser or caller.principal == owner else NOBODY
