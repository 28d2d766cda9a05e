"""Inverse's requests: who may do what with a folder, and who is subscribed to it, as SOGo's clients ask."""

from collections.abc import Mapping, Sequence
from typing import Final

from folkmoot.core.errors import Forbidden, MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.errors import MethodNotAllowed
from folkmoot.dav.http import Response
from folkmoot.dav.properties.dav import shown_name
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resource import CollectionResource, Resource
from folkmoot.dav.wire.inverse import (
    AclQuery,
    AddUsers,
    RemoveUsers,
    RolesOf,
    SetRoles,
    UserList,
    parse_acl_query,
    parse_subscribers,
)
from folkmoot.dav.wire.multistatus import XML_TYPE
from folkmoot.dav.wire.xml import Element, escape
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.sharing.rights import ANONYMOUS, EVERYBODY, NONE_ROLE, group_subject, known_roles
from folkmoot.store.records import Kind

_PROLOGUE: Final = '<?xml version="1.0" encoding="utf-8"?>\r\n'
_UNCACHED: Final = [("Cache-Control", "no-cache"), ("Pragma", "no-cache")]
_NOBODY: Final[frozenset[str]] = frozenset()


async def acl_query(lookups: Lookups, resource: Resource, body: Element) -> Response:
    """Read or change the rows of rights: 207 with what was asked for, 204 where there is nothing to say.

    Raises:
        MethodNotAllowed: rights are kept for calendars and address books.
        Forbidden: only the owner sees and changes them.
        MalformedInput: a request that cannot be done: unknown users or roles, too.
    """
    folder = _folder(resource)
    if not folder.seen.rights.admin:
        raise Forbidden("only the owner sees and changes rights")
    asked = parse_acl_query(body)
    _, rows = await lookups.services.grants.of(lookups.caller, folder.place)
    match asked:
        case UserList():
            return _answer("user-list", await _user_list(lookups, rows, asked))
        case RolesOf(user=user):
            names = sorted(await _roles(lookups, folder, rows, user))
            return _answer("roles", "".join(f"<{escape(name)}/>" for name in names))
    await lookups.services.grants.change(lookups.caller, folder.place, await _changed(lookups, folder, rows, asked))
    return _answer("", "")


async def subscribe(lookups: Lookups, resource: Resource, body: Element) -> Response:
    """Subscribe the caller, or with ``users`` others, to a folder.

    Raises:
        MethodNotAllowed: nothing that can be subscribed to.
        Forbidden: one's own folder, or others by somebody who is no superuser.
    """
    folder = _folder(resource)
    principals = await _subscribers(lookups, parse_subscribers(body))
    await lookups.services.subscriptions.subscribe(lookups.caller, folder.place, principals)
    return _name_of(lookups, folder)


async def unsubscribe(lookups: Lookups, resource: Resource, body: Element) -> Response:
    """End the subscription of the caller, or with ``users`` of others; rights stay as they are.

    Raises:
        MethodNotAllowed: nothing that can be subscribed to.
        Forbidden: one's own folder, or others by somebody who is no superuser.
    """
    folder = _folder(resource)
    principals = await _subscribers(lookups, parse_subscribers(body))
    await lookups.services.subscriptions.unsubscribe(lookups.caller, folder.place, principals)
    return _name_of(lookups, folder)


def _folder(resource: Resource) -> CollectionResource:
    if not isinstance(resource, CollectionResource) or resource.place.kind is Kind.FILES:
        raise MethodNotAllowed("calendars and address books are shared")
    return resource


def _name_of(lookups: Lookups, folder: CollectionResource) -> Response:
    text = shown_name(lookups, folder).encode("utf-8", "replace")
    return Response(200, [("Content-Type", "text/plain; charset=utf-8"), *_UNCACHED], text)


async def _roles(
    lookups: Lookups, folder: CollectionResource, rows: Mapping[str, frozenset[str]], user: str
) -> frozenset[str]:
    """Return the roles that a user has, by whatever row; of who is not known, those of the row that is left."""
    if user == ANONYMOUS:
        return rows.get(ANONYMOUS, _NOBODY)
    named = await _named(lookups, [user], rows)
    person = None if user == EVERYBODY else await lookups.principal(PrincipalId(user))
    if person is None and user != EVERYBODY:
        return rows[named[0]] if named else _NOBODY
    if person is not None and person.id == folder.place.owner:
        return _NOBODY
    (found,) = await lookups.services.grants.counting(
        lookups.caller, folder.place, [named + await _groups(lookups, rows, person)]
    )
    return found


async def _groups(lookups: Lookups, rows: Mapping[str, frozenset[str]], person: Principal | None) -> list[str]:
    if person is None or not any(subject.startswith("@") for subject in rows):
        return []
    return [group_subject(group) for group in await lookups.services.people.groups_of(lookups.caller, person)]


def _answer(name: str, content: str) -> Response:
    if not content:
        return Response(204, list(_UNCACHED))
    text = f"{_PROLOGUE}<{name}>{content}</{name}>"
    return Response(207, [("Content-Type", XML_TYPE), *_UNCACHED], text.encode())


async def _user_list(lookups: Lookups, rows: Mapping[str, frozenset[str]], asked: UserList) -> str:
    subjects = sorted(rows.keys() - {EVERYBODY})
    if asked.names or asked.addresses:
        await lookups.principals([PrincipalId(subject.removeprefix("@")) for subject in subjects])
    parts = [f"<default-user><id>{escape(EVERYBODY)}</id></default-user>"]
    for subject in subjects:
        person = None
        if asked.names or asked.addresses:
            person = await lookups.principal(PrincipalId(subject.removeprefix("@")))
        parts.append(f"<user><id>{escape(subject)}</id>{_details(lookups, subject, person, asked)}</user>")
    return "".join(parts)


def _details(lookups: Lookups, subject: str, person: Principal | None, asked: UserList) -> str:
    name = escape(person.display_name if person and person.display_name else subject)
    addresses = lookups.services.people.addresses(person) if person else ()
    shown = [f"<displayName>{name}</displayName>"] if asked.names else []
    shown += [f"<email>{escape(addresses[0])}</email>"] if asked.addresses and addresses else []
    return "".join(shown)


async def _changed(
    lookups: Lookups, folder: CollectionResource, rows: Mapping[str, frozenset[str]], asked: AclQuery
) -> dict[str, frozenset[str]]:
    """Return the rows that a request changes."""
    match asked:
        case SetRoles(users=users, roles=roles):
            unknown = roles - known_roles(folder.place.kind) - {NONE_ROLE}
            if unknown:
                raise MalformedInput(f"acl-query: no such role here: {', '.join(sorted(unknown))}"[:200])
            # Giving nothing is a row too: it stops the look-up before the default roles.
            given = (roles - {NONE_ROLE}) or frozenset([NONE_ROLE])
            return dict.fromkeys(await _subjects(lookups, folder, users), given)
        case AddUsers(users=users):
            return await _added(lookups, folder, rows, await _subjects(lookups, folder, users))
        case RemoveUsers(users=users):
            return dict.fromkeys(await _named(lookups, users, rows), _NOBODY)
        case _:
            return {}


async def _added(
    lookups: Lookups, folder: CollectionResource, rows: Mapping[str, frozenset[str]], subjects: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Return rows that give people what they may do already, be it nothing."""
    new = [subject for subject in subjects if subject not in rows]
    people = [await lookups.principal(PrincipalId(subject.removeprefix("@"))) for subject in new]
    all_names = [[subject, *await _groups(lookups, rows, one)] for subject, one in zip(new, people, strict=True)]
    found = await lookups.services.grants.counting(lookups.caller, folder.place, all_names)
    return {subject: roles or frozenset([NONE_ROLE]) for subject, roles in zip(new, found, strict=True)}


async def _subjects(lookups: Lookups, folder: CollectionResource, users: Sequence[str]) -> list[str]:
    """Return the subjects of users; the owner, who may do everything, has none.

    Raises:
        MalformedInput: there is no such user.
    """
    found = []
    await lookups.principals([PrincipalId(user.removeprefix("@")) for user in users])
    for user in users:
        if user in {EVERYBODY, ANONYMOUS}:
            found.append(user)
            continue
        person = await lookups.principal(PrincipalId(user.removeprefix("@")))
        if person is None:
            raise MalformedInput(f"acl-query: no such user: {user}"[:200])
        if person.id != folder.place.owner:
            found.append(f"@{person.id}" if person.kind is PrincipalKind.GROUP else str(person.id))
    return found


async def _named(lookups: Lookups, users: Sequence[str], rows: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the rows' subjects that users name, also those of people who are gone."""
    await lookups.principals([PrincipalId(user) for user in users if user not in rows])
    found = []
    for user in users:
        person = None if user in rows else await lookups.principal(PrincipalId(user))
        names = (user, f"@{user}", *(() if person is None else (str(person.id), f"@{person.id}")))
        found += [name for name in dict.fromkeys(names) if name in rows]
    return found


async def _subscribers(lookups: Lookups, users: Sequence[str] | None) -> list[PrincipalId]:
    if users is None:
        return [lookups.caller.principal]
    if not lookups.caller.superuser:
        raise Forbidden("only superusers subscribe others")
    await lookups.principals([PrincipalId(user) for user in users])
    found = []
    for user in users:
        person = await lookups.principal(PrincipalId(user))
        if person is None:
            raise Forbidden(f"no such user: {user}"[:200])
        found.append(person.id)
    return found
