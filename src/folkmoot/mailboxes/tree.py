"""All mailboxes of an account as one answer of the server tells them, made into a tree for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from folkmoot.mail.imap.values import Listed, Namespace, Namespaces, Status
from folkmoot.mailboxes.special import INBOX, NOSELECT, Layout

# Uses that servers tell (RFC 6154) beside those that ``special`` knows.
_SERVER_USES: Final = ("\\all", "\\archive", "\\flagged", "\\important")
INBOX_USE: Final = "inbox"


class Place(StrEnum):
    """Whose mailboxes a mailbox is among (RFC 2342)."""

    OWN = "own"
    OTHERS = "others"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Folder:
    """A mailbox, or a level that only holds others."""

    path: str  # the server's name
    name: str  # the last level, to show
    parent: str  # path of the level above; "" at the top
    use: str = ""  # inbox, drafts, sent, trash, junk, templates, all, archive, flagged, important
    place: Place = Place.OWN
    login: str = ""  # of others' mailboxes: what the mail server calls the owner
    selectable: bool = True
    subscribed: bool = False
    has_children: bool = False
    may_have_children: bool = True
    status: Status | None = None  # None: not asked, or may not be read
    rights: str = ""  # own letters (RFC 4314) in mailboxes of others; "" in one's own: all


@dataclass(frozen=True, slots=True)
class Tree:
    """The mailboxes of an account: parents before children, special ones first, then by name."""

    folders: Sequence[Folder]
    separator: str

    def find(self, path: str) -> Folder | None:
        """Return the mailbox of this name."""
        return next((folder for folder in self.folders if folder.path == path), None)


def build_tree(
    listed: Sequence[Listed],
    namespaces: Namespaces,
    layout: Layout,
    *,
    root: str,
    delegated: bool = False,
    subscribed_only: bool = False,
) -> Tree:
    """Make a tree of what LIST told; ``root`` is the prefix of the account's own mailboxes."""
    separator = layout.special.separator
    by_name = {
        one.name: one
        for one in listed
        if one.name and (not delegated or one.name.startswith(root) or one.name == layout.special.inbox)
    }
    names = set(by_name)
    if subscribed_only:
        # The inbox and special mailboxes are always shown, and the levels above whatever is.
        names = {name for name, one in by_name.items() if "\\subscribed" in one.attributes}
        names |= {name for name in layout.uses if name in by_name}
        names |= {name for name in by_name if name.upper() == INBOX or name == layout.special.inbox}
    for name in list(names):
        for above in _above(name, separator, _prefix_of(name, namespaces, root)):
            names.add(above)
    parents = {_parent(name, separator, _prefix_of(name, namespaces, root)) for name in names}
    folders = [
        _folder(name, by_name.get(name), namespaces, layout, root=root, has_children=name in parents) for name in names
    ]
    return Tree(_ordered(folders), separator)


def _folder(
    name: str, one: Listed | None, namespaces: Namespaces, layout: Layout, *, root: str, has_children: bool
) -> Folder:
    separator = layout.special.separator
    prefix = _prefix_of(name, namespaces, root)
    place, login = _place(name, namespaces, root)
    attributes = one.attributes if one is not None else frozenset({"\\noselect"})
    return Folder(
        path=name,
        name=_last(name, separator),
        parent=_parent(name, separator, prefix),
        use=_use(name, attributes, layout),
        place=place,
        login=login,
        selectable=not attributes & NOSELECT,
        subscribed="\\subscribed" in attributes,
        has_children=has_children,
        may_have_children=bool(separator) and "\\noinferiors" not in attributes,
        status=one.status if one is not None else None,
    )


def _use(name: str, attributes: frozenset[str], layout: Layout) -> str:
    if name == layout.special.inbox or name.upper() == INBOX:
        return INBOX_USE
    if name in layout.uses:
        return layout.uses[name].value
    return next((use[1:] for use in _SERVER_USES if use in attributes), "")


def _place(name: str, namespaces: Namespaces, root: str) -> tuple[Place, str]:
    found = _within(name, namespaces.others, root)
    if found is not None:
        rest = name[len(found.prefix) :]
        return Place.OTHERS, rest.split(found.separator, 1)[0] if found.separator else rest
    return (Place.SHARED if _within(name, namespaces.shared, root) else Place.OWN), ""


def _within(name: str, places: Sequence[Namespace], root: str) -> Namespace | None:
    """Return in which of these places a mailbox lies; the place of the account's own mailboxes is none of them."""
    foreign = (one for one in places if one.prefix and not root.startswith(one.prefix))
    return next((one for one in foreign if f"{name}{one.separator}".startswith(one.prefix)), None)


def _prefix_of(name: str, namespaces: Namespaces, root: str) -> str:
    """Return the beginning of a name that is no level of its own: what all of the account's own mailboxes share."""
    foreign = _within(name, [*namespaces.others, *namespaces.shared], root)
    return root if foreign is None and (name.startswith(root) or root.startswith(name)) else ""


def _above(name: str, separator: str, prefix: str) -> Sequence[str]:
    found = []
    above = _parent(name, separator, prefix)
    while above:
        found.append(above)
        above = _parent(above, separator, prefix)
    return found


def _parent(name: str, separator: str, prefix: str) -> str:
    if not separator:
        return ""
    rest = name[len(prefix) :]
    return prefix + rest.rpartition(separator)[0] if separator in rest else ""


def _last(name: str, separator: str) -> str:
    return name.rpartition(separator)[2] or name if separator else name


_ORDER: Final[Mapping[str, int]] = {
    use: number for number, use in enumerate(("inbox", "drafts", "sent", "templates", "junk", "trash", "archive"))
}


def _ordered(folders: Sequence[Folder]) -> list[Folder]:
    children: dict[str, list[Folder]] = {}
    for folder in folders:
        children.setdefault(folder.parent, []).append(folder)
    for siblings in children.values():
        siblings.sort(key=_rank)
    ordered: list[Folder] = []
    pending = list(reversed(children.get("", [])))
    while pending:
        folder = pending.pop()
        ordered.append(folder)
        pending.extend(reversed(children.get(folder.path, [])))
    return ordered


def _rank(folder: Folder) -> tuple[int, int, str, str]:
    places = list(Place)
    return (places.index(folder.place), _ORDER.get(folder.use, len(_ORDER)), folder.name.casefold(), folder.name)
