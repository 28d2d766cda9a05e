"""To whom rights are given in which way, and what follows; the order of look-up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from folkmoot.core.caller import ANONYMOUS, Caller
from folkmoot.core.ids import PrincipalId
from tests.authorisation.oracle import ABILITIES, CLASSES, EVERY_ROLE, Held

ANNA: Final = Caller(PrincipalId("anna"))
BEN: Final = Caller(PrincipalId("ben"))
MEMBER: Final = Caller(PrincipalId("ben"), (PrincipalId("staff"),))
SUPERUSER: Final = Caller(PrincipalId("ben"), superuser=True)
NOTHING: Final = Held()
Rows = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Case:
    """Rows of rights on a collection of anna, a caller, and what the caller holds by them."""

    name: str
    rows: Rows
    caller: Caller
    held: Held


def _direct(*roles: str) -> Case:
    return Case("-".join(roles) or "nothing", {"ben": roles} if roles else {}, BEN, Held(roles))


_VIEWER: Final = ("PublicViewer", "PrivateDAndTViewer")
_SUBJECTS: Final = (
    Case("owner", {}, ANNA, Held(owns=True, is_owner=True)),
    Case("superuser", {"ben": ("None",)}, SUPERUSER, Held(owns=True)),
    Case("group", {"@staff": _VIEWER}, MEMBER, Held(_VIEWER)),
    Case("group-of-others", {"@staff": EVERY_ROLE}, BEN, NOTHING),
    Case("name-of-a-group", {"staff": EVERY_ROLE, "@ben": EVERY_ROLE}, MEMBER, NOTHING),
    Case("merged", {"ben": ("ObjectEraser",), "@staff": _VIEWER}, MEMBER, Held((*_VIEWER, "ObjectEraser"))),
    Case("default", {"<default>": _VIEWER}, BEN, Held(_VIEWER)),
    Case("own-before-default", {"ben": _VIEWER, "<default>": EVERY_ROLE}, BEN, Held(_VIEWER)),
    Case("group-before-default", {"@staff": _VIEWER, "<default>": EVERY_ROLE}, MEMBER, Held(_VIEWER)),
    Case("none-stops", {"ben": ("None",), "<default>": EVERY_ROLE}, BEN, NOTHING),
    Case("none-of-group-stops", {"@staff": ("None",), "<default>": EVERY_ROLE}, MEMBER, NOTHING),
    Case("none-of-default", {"<default>": ("None",)}, BEN, NOTHING),
    Case("somebody-else", {"carl@example.org": EVERY_ROLE}, BEN, NOTHING),
    Case("anonymous", {"anonymous": _VIEWER}, ANONYMOUS, Held(_VIEWER)),
    Case("anonymous-writer", {"anonymous": EVERY_ROLE}, ANONYMOUS, Held(EVERY_ROLE)),
    Case("anonymous-is-nobody", {"<default>": EVERY_ROLE, "": EVERY_ROLE}, ANONYMOUS, NOTHING),
    Case("signed-in-is-not-anonymous", {"anonymous": EVERY_ROLE}, BEN, NOTHING),
)
CALENDAR_CASES: Final = (
    _direct(),
    *(_direct(class_name + level) for class_name in CLASSES for level in ABILITIES),
    _direct("ObjectCreator"),
    _direct("ObjectEraser"),
    _direct("ObjectCreator", "ObjectEraser", "PublicDAndTViewer", "PrivateModifier"),
    _direct(*(f"{name}DAndTViewer" for name in CLASSES)),
    _direct(*(f"{name}Viewer" for name in CLASSES)),
    _direct(*EVERY_ROLE),
    *_SUBJECTS,
)
_BOOK_ROLES: Final = ("ObjectEditor", "ObjectCreator", "ObjectEraser")
BOOK_CASES: Final = (
    _direct(),
    *(_direct(role) for role in ("ObjectViewer", "ObjectEditor", "ObjectCreator", "ObjectEraser")),
    _direct(*_BOOK_ROLES),
    Case("owner", {}, ANNA, Held(owns=True, is_owner=True)),
    Case("superuser", {}, SUPERUSER, Held(owns=True)),
    Case("group", {"@staff": ("ObjectViewer",)}, MEMBER, Held(("ObjectViewer",))),
    Case("none-stops", {"ben": ("None",), "<default>": _BOOK_ROLES}, BEN, NOTHING),
    Case("anonymous", {"anonymous": ("ObjectViewer",)}, ANONYMOUS, Held(("ObjectViewer",))),
)
