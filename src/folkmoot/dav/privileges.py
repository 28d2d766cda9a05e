"""Privileges of RFC 3744, CalDAV and Inverse, and the stored roles that they stand for; docs/conformance/rfc3744.md.

A role gives a level for each class of objects; DAV knows levels only for all of a collection.  What DAV cannot say
is said by Inverse's privileges, so that an access control list read and sent back changes nothing.
"""

from collections.abc import Iterable
from typing import Final

from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.wire.names import CALDAV, INVERSE, clark
from folkmoot.sharing.rights import CLASSES, LEVEL_NAMES, Level, Rights, rights_of_roles
from folkmoot.store.records import Kind

READ: Final = "{DAV:}read"
WRITE: Final = "{DAV:}write"
ALL: Final = "{DAV:}all"
BIND: Final = "{DAV:}bind"
UNBIND: Final = "{DAV:}unbind"
WRITE_CONTENT: Final = "{DAV:}write-content"
WRITE_PROPERTIES: Final = "{DAV:}write-properties"
READ_OWN: Final = "{DAV:}read-current-user-privilege-set"
READ_ACL: Final = "{DAV:}read-acl"
WRITE_ACL: Final = "{DAV:}write-acl"
UNLOCK: Final = "{DAV:}unlock"
READ_FREE_BUSY: Final = clark(CALDAV, "read-free-busy")
ADMIN: Final = clark(INVERSE, "admin")

SCHEDULE: Final = tuple(
    clark(CALDAV, name)
    for name in (
        "schedule",
        *("schedule-post" + suffix for suffix in ("", "-vevent", "-vtodo", "-vjournal", "-vfreebusy")),
        *("schedule-deliver" + suffix for suffix in ("", "-vevent", "-vtodo", "-vjournal", "-vfreebusy")),
        *("schedule-respond" + suffix for suffix in ("", "-vevent", "-vtodo")),
    )
)
DELIVER: Final = tuple(
    clark(CALDAV, name)
    for name in ("schedule-deliver", "schedule-deliver-invite", "schedule-deliver-reply", "schedule-query-freebusy")
)
SEND_FREE_BUSY: Final = clark(CALDAV, "schedule-send-freebusy")
SEND_REPLY: Final = clark(CALDAV, "schedule-send-reply")
SEND: Final = (
    clark(CALDAV, "schedule-send"),
    clark(CALDAV, "schedule-send-invite"),
    SEND_REPLY,
    SEND_FREE_BUSY,
)
_VERBS: Final = {
    Level.DATES: "viewdant",
    Level.VIEW: "viewwhole",
    Level.RESPOND: "respondto",
    Level.MODIFY: "modify",
}
ROLE_ENDINGS: Final = {level: name for name, level in LEVEL_NAMES.items()}
RECORDS: Final = {
    clark(INVERSE, f"{verb}-{class_name.lower()}-records"): (class_name, level)
    for class_name in CLASSES
    for level, verb in _VERBS.items()
}
_OBJECT_VERBS: Final = (
    (Level.DATES, (READ_OWN, READ, clark(INVERSE, "view-date-and-time"))),
    (Level.VIEW, (clark(INVERSE, "view-whole-component"),)),
    (Level.RESPOND, (clark(INVERSE, "respond-to-component"), WRITE_CONTENT)),
    (Level.MODIFY, (WRITE_PROPERTIES, WRITE)),
)
# What a privilege gives for objects of every class; creating and erasing stand apart.
_LEVELS: Final = {
    READ: Level.VIEW,
    READ_FREE_BUSY: Level.DATES,
    WRITE_CONTENT: Level.MODIFY,
    WRITE_PROPERTIES: Level.MODIFY,
    WRITE: Level.MODIFY,
    ALL: Level.MODIFY,
}
# Everybody who may see a collection has it, or no role stands for it: nothing to store.
_IMPLIED: Final = frozenset([READ_OWN, UNLOCK, *SCHEDULE, *SEND])
_OWNERS_ONLY: Final = frozenset([READ_ACL, WRITE_ACL, ADMIN])


def collection_privileges(kind: Kind, rights: Rights, *, read_only: bool = False) -> tuple[str, ...]:
    """Return what a caller may do with a collection, aggregates and their parts alike (RFC 3744 section 5.4)."""
    if not rights.any:
        return ()
    found = [READ, READ_OWN]
    if kind is Kind.NOTIFICATIONS:
        return (READ, READ_OWN, UNBIND, READ_ACL)
    if kind is Kind.INBOX:  # messages come by being sent; the owner takes them away (RFC 6638 section 6.1)
        found += [*DELIVER, UNBIND, WRITE_PROPERTIES, READ_ACL]
        return tuple(found)
    if kind is Kind.CALENDAR:
        found += [READ_FREE_BUSY, *_records(rights)]
    # Nothing that says "write" on what cannot be written to: Thunderbird would try.
    if not read_only:
        found += _writing(kind, rights)
    if rights.admin:
        found += [READ_ACL, WRITE_ACL, ADMIN]
        found += [] if read_only else [ALL]
    return tuple(dict.fromkeys(found))


def sending_privileges(rights: Rights) -> tuple[str, ...]:
    """Return what a caller may send with somebody's outbox (RFC 6638 section 6.2).

    Whoever may answer, or modify, objects of any class; whether it is the right class shows with the message.
    """
    if rights.admin or rights.highest >= Level.MODIFY:
        return SEND
    return (SEND_REPLY, SEND_FREE_BUSY) if rights.highest >= Level.RESPOND else ()


def _writing(kind: Kind, rights: Rights) -> list[str]:
    found = []
    if rights.create:
        # Clients take a collection without write-content for read-only, and SOGo says it of creators too.
        found += [BIND, WRITE_CONTENT, *(SCHEDULE if kind is Kind.CALENDAR else ())]
    if rights.erase:
        found.append(UNBIND)
    if rights.lowest >= Level.MODIFY:
        found += [WRITE_CONTENT, WRITE_PROPERTIES, UNLOCK]
        if rights.create and rights.erase:
            found.append(WRITE)
    return found


def _records(rights: Rights) -> list[str]:
    levels = {name: rights.level(number) for number, name in enumerate(CLASSES)}
    return [name for name, (class_name, level) in RECORDS.items() if level <= levels[class_name]]


def object_privileges(kind: Kind, rights: Rights, classification: int, *, read_only: bool = False) -> tuple[str, ...]:
    """Return what a caller may do with one object."""
    level = rights.level(classification)
    found = [name for needed, names in _OBJECT_VERBS if level >= needed for name in names]
    if kind is not Kind.CALENDAR:
        found = [name for name in found if not name.startswith(f"{{{INVERSE}}}")]
    if read_only:
        found = [name for name in found if name not in {WRITE, WRITE_CONTENT, WRITE_PROPERTIES}]
    if rights.admin:
        found += [READ_ACL] if read_only else [READ_ACL, UNLOCK, ALL]
    return tuple(found)


def privileges_of_roles(kind: Kind, roles: Iterable[str]) -> tuple[str, ...]:
    """Return the privileges that print stored roles in an ACE; ``roles_of_privileges`` turns them back."""
    rights = rights_of_roles(roles)
    found: list[str] = []
    if rights.lowest >= Level.MODIFY and rights.create and rights.erase:
        return (READ, WRITE)
    if rights.lowest == rights.highest and rights.lowest is not Level.RESPOND:
        found += {
            Level.NONE: [],
            Level.DATES: [READ_FREE_BUSY],
            Level.VIEW: [READ],
            Level.MODIFY: [READ, WRITE_CONTENT, WRITE_PROPERTIES],
        }[rights.lowest]
    elif kind is Kind.CALENDAR:
        found += [
            clark(INVERSE, f"{_VERBS[rights.level(number)]}-{name.lower()}-records")
            for number, name in enumerate(CLASSES)
            if rights.level(number)
        ]
    found += [BIND] if rights.create else []
    found += [UNBIND] if rights.erase else []
    return tuple(found)


def roles_of_privileges(kind: Kind, privileges: Iterable[str]) -> frozenset[str]:
    """Return the roles to store for what an ACE grants.

    Raises:
        ConditionFailed: DAV:not-supported-privilege, for one that no role gives.
    """
    levels = dict.fromkeys(CLASSES, Level.NONE)
    roles: set[str] = set()
    for name in privileges:
        if name in _LEVELS:
            levels = {c: max(level, _LEVELS[name]) for c, level in levels.items()}
        elif name in RECORDS and kind is Kind.CALENDAR:
            class_name, level = RECORDS[name]
            levels[class_name] = max(levels[class_name], level)
        elif name not in {BIND, UNBIND} and name not in _IMPLIED:
            message = "only the owner has it" if name in _OWNERS_ONLY else "no such privilege here"
            raise ConditionFailed("{DAV:}not-supported-privilege", message=message)
        roles |= {"ObjectCreator"} if name in {BIND, WRITE, ALL} else set()
        roles |= {"ObjectEraser"} if name in {UNBIND, WRITE, ALL} else set()
    if kind is Kind.ADDRESSBOOK:
        level = max(levels.values())
        roles |= {"ObjectEditor"} if level is Level.MODIFY else {"ObjectViewer"} if level is not Level.NONE else set()
        return frozenset(roles)
    return frozenset(roles | {c + ROLE_ENDINGS[level] for c, level in levels.items() if level is not Level.NONE})
