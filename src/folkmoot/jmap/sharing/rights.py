"""SOGo's roles as the rights that JMAP's calendars and address books name, and back.

JMAP knows fewer: what is finer, such as seeing only the times of confidential events, is told and set by ``Grant``.
"""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.jmap.protocol.errors import InvalidProperties
from folkmoot.sharing.rights import CLASSES, Level, Rights, rights_of_roles
from folkmoot.store.records import Kind

# Who may read items sees those that are not public as times, as with an invitation to share.
_READER: Final = frozenset(["PublicViewer", "PrivateDAndTViewer", "ConfidentialDAndTViewer"])
_TIMES: Final = frozenset(f"{name}DAndTViewer" for name in CLASSES)
_RESPONDER: Final = frozenset(f"{name}Responder" for name in CLASSES)
_WRITER: Final = frozenset([*(f"{name}Modifier" for name in CLASSES), "ObjectCreator", "ObjectEraser"])
_CALENDAR_NAMES: Final = (
    "mayReadFreeBusy",
    "mayReadItems",
    "mayWriteAll",
    "mayWriteOwn",
    "mayUpdatePrivate",
    "mayRSVP",
    "mayShare",
    "mayDelete",
)
_BOOK_NAMES: Final = ("mayRead", "mayWrite", "mayShare", "mayDelete")


def told_rights(kind: Kind, rights: Rights) -> dict[str, bool]:
    """Return rights on a calendar or an address book under JMAP's names."""
    whole = rights.create and rights.erase and rights.lowest >= Level.MODIFY
    if kind is Kind.ADDRESSBOOK:
        return {
            "mayRead": rights.highest >= Level.VIEW,
            "mayWrite": whole,
            "mayShare": rights.admin,
            "mayDelete": rights.admin,
        }
    return {
        "mayReadFreeBusy": rights.highest >= Level.DATES,
        "mayReadItems": rights.highest >= Level.VIEW,
        "mayWriteAll": whole,
        "mayWriteOwn": rights.create,
        "mayUpdatePrivate": whole,
        "mayRSVP": rights.lowest >= Level.RESPOND,
        "mayShare": rights.admin,
        "mayDelete": rights.admin,
    }


def rights_of_names(kind: Kind, roles: frozenset[str]) -> dict[str, bool]:
    """Return the rights that roles give, under JMAP's names."""
    return told_rights(kind, rights_of_roles(roles))


def wanted_roles(kind: Kind, wanted: Mapping[str, Any], present: frozenset[str]) -> frozenset[str]:
    """Return the roles that give the wanted rights; the present ones, if these give them already.

    Raises:
        InvalidProperties: an unknown right, or one that only an owner has.
    """
    names = _BOOK_NAMES if kind is Kind.ADDRESSBOOK else _CALENDAR_NAMES
    if any(name not in names or not isinstance(one, bool) for name, one in wanted.items()):
        raise InvalidProperties(f"a right is one of {', '.join(names)}, and true or false", "shareWith")
    if wanted.get("mayShare") or wanted.get("mayDelete"):
        raise InvalidProperties("only who owns it may share or remove it", "shareWith")
    had = rights_of_names(kind, present)
    if all(bool(wanted.get(name)) == had[name] for name in names):
        return present
    if kind is Kind.ADDRESSBOOK:
        if wanted.get("mayWrite"):
            return frozenset(["ObjectViewer", "ObjectEditor", "ObjectCreator", "ObjectEraser"])
        return frozenset(["ObjectViewer"]) if wanted.get("mayRead") else frozenset()
    if wanted.get("mayWriteAll"):
        return _WRITER
    roles = frozenset[str]()
    if wanted.get("mayReadFreeBusy"):
        roles |= _TIMES
    if wanted.get("mayReadItems"):
        roles |= _READER
    if wanted.get("mayRSVP"):
        roles |= _RESPONDER
    if wanted.get("mayWriteOwn"):
        roles |= {"ObjectCreator"}
    return roles
