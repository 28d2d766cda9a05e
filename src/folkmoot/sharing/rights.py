"""Roles of SOGo's model, and the rights that follow from them for one caller on one collection.

A calendar role is a class (Public, Private, Confidential) and a level; each level contains the ones before it.
Address books know ObjectViewer and ObjectEditor; creating and erasing are roles of their own in both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.ids import PrincipalId
from folkmoot.ical.summary import CLASSIFICATIONS

EVERYBODY: Final = "<default>"  # every signed-in user
ANONYMOUS: Final = "anonymous"
NONE_ROLE: Final = "None"  # stored to stop the look-up: no rights, whatever the defaults say


class Level(IntEnum):
    """What one may do with objects of one class."""

    NONE = 0
    DATES = 1  # sees date and time only
    VIEW = 2
    RESPOND = 3
    MODIFY = 4


@dataclass(frozen=True, slots=True)
class Rights:
    """What a caller may do with one collection; ``admin`` may change rights and remove it."""

    public: Level = Level.NONE
    private: Level = Level.NONE
    confidential: Level = Level.NONE
    create: bool = False
    erase: bool = False
    admin: bool = False

    def level(self, classification: int) -> Level:
        """Return the level for a stored classification: 0 public, 1 private, 2 confidential, more for several at once.

        What has occurrences of several classes is shown as the most closed of them allows.
        """
        levels = (self.public, self.private, self.confidential)
        if classification < len(levels):
            return levels[classification]
        return min(levels[one] for one in CLASSIFICATIONS[classification])

    @property
    def sees_all(self) -> bool:
        """Whether everything in the collection is shown whole."""
        return self.lowest >= Level.VIEW

    @property
    def shown(self) -> str:
        """What of each class is shown: nothing, dates or all, a digit each; empty where everything is."""
        if self.sees_all:
            return ""
        return "".join(str(min(level, Level.VIEW).value) for level in (self.public, self.private, self.confidential))

    def reading_only(self) -> "Rights":
        """Return what is left of these rights on a collection that nobody writes to."""
        return Rights(
            min(self.public, Level.VIEW),
            min(self.private, Level.VIEW),
            min(self.confidential, Level.VIEW),
            admin=self.admin,
        )

    @property
    def highest(self) -> Level:
        return max(self.public, self.private, self.confidential)

    @property
    def lowest(self) -> Level:
        return min(self.public, self.private, self.confidential)

    @property
    def any(self) -> bool:
        """Whether the caller may know that the collection exists."""
        return bool(self.highest) or self.create or self.erase or self.admin


OWNER: Final = Rights(Level.MODIFY, Level.MODIFY, Level.MODIFY, create=True, erase=True, admin=True)
NOBODY: Final = Rights()

LEVEL_NAMES: Final = {
    "DAndTViewer": Level.DATES,
    "Viewer": Level.VIEW,
    "Responder": Level.RESPOND,
    "Modifier": Level.MODIFY,
}
CLASSES: Final = ("Public", "Private", "Confidential")
CALENDAR_ROLES: Final = frozenset(
    [c + name for c in CLASSES for name in LEVEL_NAMES] + ["ObjectCreator", "ObjectEraser"]
)
ADDRESSBOOK_ROLES: Final = frozenset(["ObjectViewer", "ObjectEditor", "ObjectCreator", "ObjectEraser"])
_BOOK_LEVELS: Final = {"ObjectViewer": Level.VIEW, "ObjectEditor": Level.MODIFY}


def subjects_of(caller: Caller) -> tuple[str, ...]:
    """Return the subjects whose rows say what a caller may do."""
    if caller.anonymous:
        return (ANONYMOUS,)
    return (caller.principal, *(group_subject(group) for group in caller.groups), EVERYBODY)


def group_subject(group: PrincipalId) -> str:
    """Return the subject under which the rows of a group are kept."""
    return f"@{group}"


def rights_of_roles(roles: Iterable[str]) -> Rights:
    """Return the rights that a set of role names gives; unknown names give nothing."""
    levels = dict.fromkeys(CLASSES, Level.NONE)
    create = erase = False
    for role in roles:
        create |= role == "ObjectCreator"
        erase |= role == "ObjectEraser"
        if role in _BOOK_LEVELS:
            levels = {c: max(level, _BOOK_LEVELS[role]) for c, level in levels.items()}
        for class_name in CLASSES:
            level = LEVEL_NAMES.get(role.removeprefix(class_name))
            if level is not None and role.startswith(class_name):
                levels[class_name] = max(levels[class_name], level)
    public, private, confidential = (levels[c] for c in CLASSES)
    return Rights(public, private, confidential, create=create, erase=erase)


def rights_of(
    caller: Caller,
    owner: PrincipalId,
    grants: Mapping[str, frozenset[str]],
    defaults: Iterable[str] = (),
) -> Rights:
    """Return what ``caller`` may do: own and group rows, else everybody's row, else the domain's default roles."""
    if caller.superuser or (caller.principal == owner and not caller.anonymous):
        return OWNER
    if caller.anonymous:
        return rights_of_roles(grants.get(ANONYMOUS, frozenset()))
    *own, _ = subjects_of(caller)
    return rights_of_roles(roles_that_count(own, grants, defaults))


def roles_that_count(
    own: Iterable[str], grants: Mapping[str, frozenset[str]], defaults: Iterable[str] = ()
) -> frozenset[str]:
    """Return the roles of somebody signed in: those of the ``own`` rows, else everybody's, else the domain's."""
    rows = [grants[subject] for subject in own if subject in grants]
    if rows:
        return frozenset().union(*rows)
    return grants[EVERYBODY] if EVERYBODY in grants else frozenset(defaults)


def known_roles(kind: str) -> frozenset[str]:
    """Return the roles that can be given on a collection of ``kind``."""
    return {"calendar": CALENDAR_ROLES, "addressbook": ADDRESSBOOK_ROLES}.get(kind, frozenset())
