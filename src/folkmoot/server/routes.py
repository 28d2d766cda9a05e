"""Which part of the server answers a path."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

DAV: Final = "/SOGo/dav"
HOME: Final = "/SOGo/"


class Part(Enum):
    """Who answers."""

    DAV = auto()
    LANDING = auto()
    TO_LANDING = auto()
    TO_DAV = auto()
    HEALTH = auto()
    ROBOTS = auto()
    NOTHING = auto()


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers, and for DAV the path below its root."""

    part: Part
    path: str = ""


_PAGES: Final = {
    "/SOGo": Route(Part.LANDING),
    "/SOGo/": Route(Part.LANDING),
    "/SOGo/so": Route(Part.LANDING),
    "/SOGo/so/": Route(Part.LANDING),
    "/.folkmoot/health": Route(Part.HEALTH),
    "/robots.txt": Route(Part.ROBOTS),
}
_WELL_KNOWN: Final = ("/.well-known/caldav", "/.well-known/carddav")
# Where clients look for a principal besides the well-known names: macOS 26 ignores the redirect and asks these
# themselves, so they answer as the DAV root does (RFC 6764 section 6 allows any of them).
_ROOTS: Final = ("/principals/users", "/principals", "/calendar/dav", "/dav")
_READS: Final = ("GET", "HEAD")


def route(method: str, path: str) -> Route:
    """Return who answers; ``path`` is percent-decoded."""
    if path == DAV or path.startswith("/SOGo/dav/"):
        return Route(Part.DAV, path[len(DAV) :])
    page = _PAGES.get(path)
    if page is not None:
        return page if method in _READS or not path.startswith("/SOGo") else Route(Part.DAV)
    if path.rstrip("/") in _WELL_KNOWN:
        return Route(Part.TO_DAV)
    if path == "/":
        return Route(Part.TO_LANDING) if method in _READS else Route(Part.DAV)
    for root in _ROOTS:
        if path == root or path.startswith(f"{root}/"):
            below = path[len(root) :]
            if root == "/calendar/dav":
                below = below.removesuffix("/").removesuffix("/user")
            if method in _READS and below in ("", "/"):
                return Route(Part.TO_LANDING)
            return Route(Part.DAV, below)
    return Route(Part.NOTHING)
