"""ACL: an owner says who may do what with a calendar or an address book (RFC 3744 section 8)."""

from collections.abc import Mapping, Sequence
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.errors import ConditionFailed, MethodNotAllowed
from folkmoot.dav.hrefs import locate, path_of_href
from folkmoot.dav.http import Request, Response
from folkmoot.dav.privileges import roles_of_privileges
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resolve import resolve_target
from folkmoot.dav.resource import CollectionResource
from folkmoot.dav.wire.rfc3744 import Ace, Everyone, parse_acl
from folkmoot.dav.wire.xml import parse_body
from folkmoot.directory.principal import PrincipalKind
from folkmoot.sharing.rights import ANONYMOUS, EVERYBODY, rights_of_roles
from folkmoot.store.records import Kind

# DAV:all is everybody, and everybody is who signed in and who did not.
_SUBJECTS: Final[Mapping[Everyone, Sequence[str]]] = {
    Everyone.ALL: (EVERYBODY, ANONYMOUS),
    Everyone.AUTHENTICATED: (EVERYBODY,),
    Everyone.UNAUTHENTICATED: (ANONYMOUS,),
    Everyone.OWNER: (),  # may do everything, always: a protected ACE
}


async def acl(lookups: Lookups) -> Response:
    """Replace all grants by those of the body; protected ACEs stay whatever it says.

    Raises:
        MethodNotAllowed: rights are kept for whole calendars and address books only.
        ConditionFailed: a precondition of section 8.1.1, or DAV:need-privileges.
    """
    root = parse_body(lookups.request.body)
    if root is None:
        raise MalformedInput("ACL needs a body")
    resource = await resolve_target(lookups)
    if not isinstance(resource, CollectionResource) or resource.place.kind is Kind.FILES:
        raise MethodNotAllowed("rights are granted on calendars and address books")
    if not resource.seen.rights.admin:
        need = "<D:privilege><D:write-acl/></D:privilege>"
        inner = f"<D:resource><D:href>{resource.href}</D:href>{need}</D:resource>"
        raise ConditionFailed("{DAV:}need-privileges", inner=inner)
    rows = await _rows(lookups, resource, parse_acl(root))
    _, present = await lookups.services.grants.of(lookups.request.caller, resource.place)
    # A row that grants nothing stops the look-up at its subject; no ACE can show it, so none can take it away.
    kept = {subject: roles for subject, roles in present.items() if not rights_of_roles(roles).any}
    await lookups.services.grants.replace(lookups.request.caller, resource.place, {**kept, **rows})
    return Response(200)


async def _rows(lookups: Lookups, resource: CollectionResource, aces: Sequence[Ace]) -> dict[str, frozenset[str]]:
    named = {ace.principal for ace in aces if isinstance(ace.principal, str) and not ace.protected}
    subjects = await _subjects_of_hrefs(lookups, resource, sorted(named))
    rows: dict[str, frozenset[str]] = {}
    for ace in aces:
        if ace.protected:
            continue
        if isinstance(ace.principal, str):
            found: Sequence[str] = subjects[ace.principal]
        elif ace.principal in _SUBJECTS:
            found = _SUBJECTS[ace.principal]
        else:
            raise ConditionFailed("{DAV:}allowed-principal", message="a collection is no principal: not DAV:self")
        roles = roles_of_privileges(resource.place.kind, ace.privileges)
        for subject in found:
            rows[subject] = rows.get(subject, frozenset()) | roles
    return {subject: roles for subject, roles in rows.items() if roles}


async def _subjects_of_hrefs(
    lookups: Lookups, resource: CollectionResource, hrefs: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    ids = {href: _principal_of(lookups.request, href) for href in hrefs}
    known = await lookups.services.people.find_many(lookups.caller, sorted(set(ids.values())))
    found: dict[str, Sequence[str]] = {}
    for href, principal in ids.items():
        person = known.get(principal)
        if person is None:
            raise ConditionFailed("{DAV:}recognized-principal", message="no such principal")
        group = person.kind is PrincipalKind.GROUP
        owner = person.id == resource.place.owner
        found[href] = () if owner else (f"@{person.id}" if group else str(person.id),)
    return found


def _principal_of(request: Request, href: str) -> PrincipalId:
    path = path_of_href(request, href)
    location = None if path is None else locate(path)
    if location is None or location.owner is None or location.home is not None or location.names:
        raise ConditionFailed("{DAV:}recognized-principal", message="no href of a principal")
    return location.owner
