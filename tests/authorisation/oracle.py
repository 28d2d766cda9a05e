"""Who may do what, written down once more and apart from the code: roles to abilities, and what a refusal looks like.

An operation is allowed if the caller has every ability that it needs.  Nothing here imports the rules it checks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

CLASSES: Final = ("Public", "Private", "Confidential")
# A role on a class of objects, and what it lets one do with objects of this class.
ABILITIES: Final = {
    "DAndTViewer": {"dates"},
    "Viewer": {"dates", "view"},
    "Responder": {"dates", "view", "respond"},
    "Modifier": {"dates", "view", "respond", "modify"},
}
OF_BOOKS: Final = {
    "ObjectViewer": {"dates", "view"},
    "ObjectEditor": {"dates", "view", "respond", "modify"},
}
OF_COLLECTIONS: Final = {"ObjectCreator": "create", "ObjectEraser": "erase"}
EVERY_ROLE: Final = (*(f"{name}Modifier" for name in CLASSES), "ObjectCreator", "ObjectEraser")
# The public tree takes these methods; whatever else is asked without signing in is refused.
PUBLIC_METHODS: Final = frozenset({"OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT"})


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody holds on a collection: roles, or all of it."""

    roles: tuple[str, ...] = ()
    owns: bool = False  # owner or superuser
    is_owner: bool = False

    def on(self, class_name: str) -> frozenset[str]:
        """Return the abilities on objects of a class; on a book every class is the same."""
        if self.owns:
            return frozenset(ABILITIES["Modifier"])
        found: set[str] = set()
        for role in self.roles:
            found |= OF_BOOKS.get(role, set())
            found |= ABILITIES.get(role.removeprefix(class_name), set()) if role.startswith(class_name) else set()
        return frozenset(found)

    def abilities(self, class_name: str) -> frozenset[str]:
        """Return everything one may do where an object of this class is concerned."""
        found = set(self.on(class_name)) | {OF_COLLECTIONS[role] for role in self.roles if role in OF_COLLECTIONS}
        by_class = [self.on(one) for one in CLASSES]
        found |= {f"{ability} something" for one in by_class for ability in one}
        found |= {f"{ability} everything" for ability in frozenset.intersection(*by_class)}
        if self.owns:
            found |= {"own", "create", "erase"}
        if found:
            found.add("know")
            found |= set() if self.is_owner else {"know of another's"}
        return frozenset(found)


def allowed(held: Held, class_name: str, needs: Iterable[str]) -> bool:
    """Whether one has all that an operation needs."""
    return set(needs) <= held.abilities(class_name)


def knows(held: Held) -> bool:
    """Whether the collection exists for somebody."""
    return "know" in held.abilities(CLASSES[0])
