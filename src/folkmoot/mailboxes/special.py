"""Which mailboxes of an account hold drafts, sent mail, what was deleted, junk and templates.

What is chosen holds first: the person's own choice, then a name that the administrator wrote.  Then what the server
says (RFC 6154), then the default name, then names that other clients use.  What is found nowhere gets the chosen name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from folkmoot.config.servers_section import ImapSettings
from folkmoot.config.settings import Settings
from folkmoot.mail.imap.values import Listed, Namespace, Namespaces
from folkmoot.mailboxes.values import Special

SEPARATOR: Final = "/"  # of names in settings, whatever the server's is
INBOX: Final = "INBOX"
NOSELECT: Final = frozenset({"\\noselect", "\\nonexistent"})


class Use(StrEnum):
    """What a mailbox is for."""

    DRAFTS = "drafts"
    SENT = "sent"
    TRASH = "trash"
    JUNK = "junk"
    TEMPLATES = "templates"


MADE: Final = (Use.DRAFTS, Use.SENT, Use.TRASH, Use.JUNK)  # wherever they are missing
ATTRIBUTES: Final[Mapping[Use, str]] = MappingProxyType(
    {Use.DRAFTS: "\\Drafts", Use.SENT: "\\Sent", Use.TRASH: "\\Trash", Use.JUNK: "\\Junk"}
)
KEYS: Final[Mapping[Use, str]] = MappingProxyType(
    {
        Use.DRAFTS: "SOGoDraftsFolderName",
        Use.SENT: "SOGoSentFolderName",
        Use.TRASH: "SOGoTrashFolderName",
        Use.JUNK: "SOGoJunkFolderName",
        Use.TEMPLATES: "SOGoTemplatesFolderName",
    }
)
# What Outlook, Apple's and other clients have made in mailboxes of these languages.
_WELL_KNOWN: Final[Mapping[Use, frozenset[str]]] = MappingProxyType(
    {
        Use.DRAFTS: frozenset({"drafts", "draft", "entwürfe", "brouillons", "borradores"}),
        Use.SENT: frozenset(
            {"sent", "sent items", "sent messages", "sent mail", "gesendet", "gesendete objekte", "envoyés", "enviados"}
            | {"éléments envoyés", "elementos enviados"}
        ),
        Use.TRASH: frozenset(
            {"trash", "deleted items", "deleted messages", "papierkorb", "gelöschte objekte", "corbeille", "papelera"}
            | {"éléments supprimés", "elementos eliminados"}
        ),
        Use.JUNK: frozenset(
            {"junk", "junk e-mail", "junk email", "spam", "bulk mail", "courrier indésirable", "pourriel"}
            | {"correo no deseado"}
        ),
        Use.TEMPLATES: frozenset({"templates", "vorlagen", "modèles", "plantillas"}),
    }
)


@dataclass(frozen=True, slots=True)
class Wish:
    """The name that a mailbox of some use should have, with ``/`` between levels."""

    name: str
    chosen: bool = False  # by somebody; else it is the built-in default


@dataclass(frozen=True, slots=True)
class Layout:
    """The special mailboxes of an account, and which of them are not there yet."""

    special: Special
    missing: frozenset[Use]
    uses: Mapping[str, Use]  # of mailboxes that are there

    def name(self, use: Use) -> str:
        """Return the name of the mailbox with this use."""
        return str(getattr(self.special, use.value))


def wishes_of(settings: Settings, chosen: Mapping[str, object]) -> Mapping[Use, Wish]:
    """Return the names that the administrator's settings and somebody's choices ask for."""
    usual = ImapSettings()
    wishes: dict[Use, Wish] = {}
    for use, key in KEYS.items():
        own = chosen.get(key)
        configured = str(getattr(settings.imap, use.value))
        if isinstance(own, str) and own.strip("/ "):
            wishes[use] = Wish(own, chosen=True)
        else:
            wishes[use] = Wish(configured, chosen=configured != getattr(usual, use.value))
    return wishes


def own_root(listed: Sequence[Listed], namespaces: Namespaces) -> tuple[str, str]:
    """Return the prefix and the separator of a person's own mailboxes."""
    personal = next(iter(namespaces.personal), None)
    if personal is not None:
        return personal.prefix, personal.separator
    return "", next((one.separator for one in listed if one.separator), "")


def foreign_prefixes(namespaces: Namespaces) -> tuple[str, ...]:
    """Return the prefixes below which the mailboxes of others lie."""
    return tuple(one.prefix for one in (*namespaces.others, *namespaces.shared) if one.prefix)


def other_root(namespaces: Namespaces, login: str) -> tuple[str, str] | None:
    """Return the prefix, with the separator at its end, and the separator of somebody else's mailboxes."""
    place: Namespace | None = next(iter(namespaces.others), None)
    if place is None or not place.separator or place.separator in login:
        return None
    return f"{place.prefix}{login}{place.separator}", place.separator


def lay_out(
    listed: Sequence[Listed], wishes: Mapping[Use, Wish], *, root: str, separator: str, foreign: Sequence[str] = ()
) -> Layout:
    """Find the special mailboxes among those below ``root``; what lies below ``foreign`` is somebody else's."""
    own = {
        one.name: one
        for one in listed
        if one.name.startswith(root) or one.name.upper() == INBOX
        if not any(one.name.startswith(prefix) for prefix in foreign if not root.startswith(prefix))
    }
    there = {name: one for name, one in own.items() if not one.attributes & NOSELECT}
    taken: dict[str, Use] = {}
    names: dict[Use, str] = {}
    missing: set[Use] = set()
    for use, wish in wishes.items():
        candidates = _candidates(wish, root, separator)
        found = next((name for name in candidates if wish.chosen and name in there and name not in taken), None)
        found = found or _by_attribute(there, use, taken)
        found = found or next((name for name in candidates if name in there and name not in taken), None)
        found = found or _well_known(there, use, root, taken)
        if found is None:
            missing.add(use)
            found = candidates[0]
        else:
            taken[found] = use
        names[use] = found
    # Dovecot calls the inbox of somebody else as that person, others put it below.
    selectable = {one.name for one in listed if not one.attributes & NOSELECT}
    inbox = next((name for name in (f"{root}{INBOX}", root.removesuffix(separator)) if name in selectable), INBOX)
    special = Special(
        **{use.value: names[use] for use in Use},
        separator=separator,
        inbox=INBOX if _is_own(root, separator) else inbox,
    )
    return Layout(special, frozenset(missing), MappingProxyType(taken))


def _is_own(root: str, separator: str) -> bool:
    """Whether a prefix is one's own: none, or that of servers on which everything lies below the inbox."""
    return root.upper() in {"", INBOX + separator}


def _candidates(wish: Wish, root: str, separator: str) -> tuple[str, ...]:
    levels = [level for level in wish.name.strip("/ ").split(SEPARATOR) if level]
    name = (separator or ".").join(levels) if separator else "-".join(levels)
    # Servers that keep everything below the inbox are configured with that name in SOGo.
    return (name, root + name) if root and name.startswith(root) else (root + name,)


def _by_attribute(there: Mapping[str, Listed], use: Use, taken: Mapping[str, Use]) -> str | None:
    attribute = ATTRIBUTES.get(use, "").lower()
    return next((name for name, one in there.items() if attribute in one.attributes and name not in taken), None)


def _well_known(there: Mapping[str, Listed], use: Use, root: str, taken: Mapping[str, Use]) -> str | None:
    known = _WELL_KNOWN[use]
    return next((name for name in there if name[len(root) :].casefold() in known and name not in taken), None)
