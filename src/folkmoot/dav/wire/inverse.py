"""Bodies of Inverse's own reports and requests, which the SOGo Connector for Thunderbird and scripts send."""

from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.dav.wire.names import INVERSE, clark, split_clark
from folkmoot.dav.wire.xml import Element, inner_text, own_text
from folkmoot.store.records import Kind

COLLECTION_QUERY: Final = clark(INVERSE, "collection-query")
USER_QUERY: Final = clark(INVERSE, "user-query")
ACL_QUERY: Final = clark(INVERSE, "acl-query")
SUBSCRIBE: Final = clark(INVERSE, "subscribe")
UNSUBSCRIBE: Final = clark(INVERSE, "unsubscribe")
USERS_MAX: Final = 1_000  # names of one request; scripts share with whole departments
ROLES_MAX: Final = 50  # of one subject; there are fourteen
_KINDS: Final = {
    "": (Kind.CALENDAR, Kind.ADDRESSBOOK),
    "calendar": (Kind.CALENDAR,),
    "contact": (Kind.ADDRESSBOOK,),
}


@dataclass(frozen=True, slots=True)
class CollectionQuery:
    """Collections of which kinds, and whose: an href of a principal, None for the target's own."""

    kinds: tuple[Kind, ...]
    owner: str | None


def parse_collection_query(element: Element) -> CollectionQuery:
    """Return the report; conditions are ``prop-match`` elements at any depth.

    Raises:
        MalformedInput: an unknown resource type.
    """
    conditions = {
        match.get("name", "").rpartition(":")[2].lower(): inner_text(match).strip()
        for match in element.iter(clark(INVERSE, "prop-match"))
    }
    kinds = _KINDS.get(conditions.get("resource-type", ""))
    if kinds is None:
        raise MalformedInput("collection-query: resource-type is calendar or contact")
    return CollectionQuery(kinds, conditions.get("owner"))


def parse_user_query(element: Element) -> str:
    """Return the text to look for in names and addresses.

    Raises:
        MalformedInput: no ``users`` element with a text to match.
    """
    if len(element) and element[0].tag == clark(INVERSE, "users"):
        text = (element[0].get("match-name") or own_text(element[0])).strip()
        if text:
            return text
    raise MalformedInput("user-query: it holds users with the attribute match-name")


@dataclass(frozen=True, slots=True)
class UserList:
    """Who has a row of rights; looking names and addresses up may be spared."""

    names: bool
    addresses: bool


@dataclass(frozen=True, slots=True)
class RolesOf:
    """Which roles somebody has."""

    user: str


@dataclass(frozen=True, slots=True)
class SetRoles:
    """Give these users just these roles."""

    users: tuple[str, ...]
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class AddUsers:
    """Give these users a row of their own."""

    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoveUsers:
    """Take the rows of these users away."""

    users: tuple[str, ...]


AclQuery = UserList | RolesOf | SetRoles | AddUsers | RemoveUsers


def parse_acl_query(element: Element) -> AclQuery:
    """Return what the first child of an acl-query asks for.

    Raises:
        MalformedInput: no such request, or one without users.
        TooLarge: too many users or roles.
    """
    if not len(element):
        raise MalformedInput("acl-query: it says what to do")
    asked = element[0]
    match split_clark(str(asked.tag))[1]:
        case "user-list":
            switches = [switch.strip().lower() for switch in asked.get("params", "").split(",", USERS_MAX)]
            return UserList("nocn" not in switches, "noemail" not in switches)
        case "roles":
            return RolesOf(_users(asked, "user")[0])
        case "set-roles":
            if len(asked) > ROLES_MAX:
                raise TooLarge(f"acl-query: at most {ROLES_MAX} roles")
            roles = frozenset(split_clark(str(child.tag))[1] for child in asked)
            return SetRoles(_users(asked, "user" if asked.get("user") else "users"), roles)
        case "add-user":
            return AddUsers(_users(asked, "user"))
        case "add-users":
            return AddUsers(_users(asked, "users"))
        case "remove-user":
            return RemoveUsers(_users(asked, "user"))
        case "remove-users":
            return RemoveUsers(_users(asked, "users"))
        case other:
            raise MalformedInput(f"acl-query: no such request: {other}"[:200])


def parse_subscribers(element: Element) -> tuple[str, ...] | None:
    """Return who is to be subscribed or unsubscribed, None for the caller.

    Raises:
        MalformedInput: an attribute without names.
        TooLarge: too many names.
    """
    return None if element.get("users") is None else _users(element, "users")


def _users(element: Element, attribute: str) -> tuple[str, ...]:
    text = element.get(attribute, "")
    names = [text] if attribute == "user" else text.split(",", USERS_MAX)
    if len(names) > USERS_MAX:
        raise TooLarge(f"at most {USERS_MAX} users in one request")
    found = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    if not found:
        raise MalformedInput(f"{split_clark(str(element.tag))[1]}: the attribute {attribute} names nobody")
    return found
