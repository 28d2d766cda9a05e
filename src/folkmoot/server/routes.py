"""Which part of the server answers a path."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from folkmoot.dav.face import alias

DAV: Final = "/SOGo/dav"
HOME: Final = "/SOGo/"
# Where nobody is signed in yet.
DOORS: Final = frozenset(
    f"/SOGo/{name}"
    for name in (
        "connect",
        "connectName",
        "passkeyChallenge",
        "changePassword",
        "passwordRecoveryEnabled",
        "passwordRecovery",
        "passwordRecoveryCheck",
        "passwordRecoveryEmail",
        "loading",
        "site.json",
    )
)
ACTIONS: Final = "/SOGo/so/"
LINKS: Final = "/SOGo/links/"
JMAP: Final = "/SOGo/jmap/"
APPLICATION_FILES: Final = "/SOGo/ui/"
CONTENT: Final = "/SOGo.content/"  # beside /SOGo/, so that browsers send no cookies there
MAIL_CALLS: Final = "/.folkmoot/mail/"


class Part(Enum):
    """Who answers."""

    DAV = auto()
    APPLICATION = auto()
    APPLICATION_FILE = auto()
    TO_APPLICATION = auto()
    TO_LANDING = auto()
    TO_DAV = auto()
    HEALTH = auto()
    ROBOTS = auto()
    LINK = auto()
    WEB = auto()
    MAIL_CALL = auto()
    JMAP = auto()
    CONTENT = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers, and the path below its root."""

    part: Part
    path: str = ""


# Places in the web application; below them it finds its way itself.
_MODULES: Final = ("mail", "calendar", "contacts", "preferences", "administration")
_PAGES: Final = {
    "/SOGo": Route(Part.APPLICATION),
    "/SOGo/": Route(Part.APPLICATION),
    "/SOGo/so": Route(Part.APPLICATION),
    "/SOGo/so/": Route(Part.APPLICATION),
    **{f"/SOGo/{name}": Route(Part.APPLICATION) for name in _MODULES},
    "/.folkmoot/health": Route(Part.HEALTH),
    "/robots.txt": Route(Part.ROBOTS),
}
_WELL_KNOWN: Final = ("/.well-known/caldav", "/.well-known/carddav")
_JMAP_SESSION: Final = "/.well-known/jmap"
_READS: Final = ("GET", "HEAD")
# SOGo's pages, which people have bookmarks of.
_FORMERLY: Final = re.compile(r"/SOGo/so/[^/]+(?:/(Mail|Calendar|Contacts|Preferences|Administration)(?:/view)?)?/?")


def route(method: str, path: str) -> Route:
    """Return who answers; ``path`` is percent-decoded."""
    return (_application(path) if method in _READS else None) or _service(method, path)


def _service(method: str, path: str) -> Route:
    if path == DAV or path.startswith("/SOGo/dav/"):
        return Route(Part.DAV, path[len(DAV) :])
    if path.startswith(LINKS):
        return Route(Part.LINK, path[len(LINKS) - 1 :])
    if path in DOORS or (path.startswith(ACTIONS) and len(path) > len(ACTIONS) and not _is_public(path)):
        return Route(Part.WEB, path[len(HOME) :])
    if path.startswith(JMAP):
        return Route(Part.JMAP, path[len(JMAP) :])
    if path == _JMAP_SESSION:
        return Route(Part.JMAP, "session")
    if path.startswith(CONTENT):
        return Route(Part.CONTENT, path[len(CONTENT) :])
    if path.startswith(MAIL_CALLS):
        return Route(Part.MAIL_CALL, path[len(MAIL_CALLS) :])
    page = _PAGES.get(path)
    if page is not None:
        return page if method in _READS or not path.startswith("/SOGo") else Route(Part.DAV)
    if path.rstrip("/") in _WELL_KNOWN:
        return Route(Part.TO_DAV)
    # Where clients look for a principal besides the well-known names: macOS 26 does not follow the redirect and asks
    # these places themselves, so they answer as the DAV root does.
    stands_for = alias(path)
    if stands_for is None:
        return Route(Part.NOTHING)
    if method in _READS:
        return Route(Part.TO_LANDING)
    return Route(Part.DAV, stands_for)


def _application(path: str) -> Route | None:
    if not path.startswith(HOME):
        return None
    if path.startswith(APPLICATION_FILES):
        return Route(Part.APPLICATION_FILE, path[len(APPLICATION_FILES) :])
    if path[len(HOME) :].partition("/")[0] in _MODULES:
        return Route(Part.APPLICATION)
    formerly = None if _is_public(path) else _FORMERLY.fullmatch(path)
    if formerly is not None:
        return Route(Part.TO_APPLICATION, (formerly[1] or "").lower())
    return None


def _is_public(path: str) -> bool:
    # Without signing in there is the DAV tree only; SOGo's tests want 404 here.
    return path == f"{ACTIONS}public" or path.startswith(f"{ACTIONS}public/")
