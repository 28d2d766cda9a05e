"""Hrefs: where in the DAV tree a path points, and the one form in which we print it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes, urlsplit

from folkmoot.collections.subscriptions import Mount
from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.http import Request
from folkmoot.store.records import Kind

PATH_MAX: Final = 8 * 1024  # characters of one href; as long as a request target may be
SEGMENTS_MAX: Final = 128  # of one path; more than a stored path of collections can hold

HOMES: Final = {
    "Calendar": Kind.CALENDAR,
    "Contacts": Kind.ADDRESSBOOK,
    "Files": Kind.FILES,
    "notifications": Kind.NOTIFICATIONS,
}
HOME_NAMES: Final = {kind: name for name, kind in HOMES.items()} | {Kind.INBOX: "Calendar"}

_SAFE: Final = "!$'()*+,;=:@~"  # may stand in a path segment and in XML as they are (RFC 3986 section 3.3)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")  # what is left of octets that were no UTF-8
_PLAIN: Final = re.compile(r"[A-Za-z0-9._~@-]*\Z")


@dataclass(frozen=True, slots=True)
class Location:
    """A path below the DAV root, split: whose, which home, and the names below it."""

    owner: PrincipalId | None  # None: the root
    home: Kind | None  # None: the principal, or something of its own such as "freebusy.ifb"
    names: tuple[str, ...]
    slash: bool  # whether the client wrote a final slash
    mount: Mount | None = None  # the subscription that it was reached through; the other fields tell where it leads

    def through(self, mount: Mount) -> "Location":
        """Return where a location in a subscriber's home leads."""
        ending = self.names[0][len(mount.name) :]  # ".ics" of the whole calendar as one document
        names = (f"{mount.place.name}{ending}", *self.names[1:])
        return Location(mount.place.owner, self.home, names, self.slash, mount)


def locate(path: str) -> Location:
    """Return where a percent-decoded path below the DAV root points.

    Empty segments are dropped; the older form "/users/{user}/" means "/{user}/".

    Raises:
        MalformedInput: with "." or ".." segments, NUL, or too long.
    """
    if len(path) > PATH_MAX:
        raise MalformedInput("the path is too long")
    if _SURROGATE.search(path):
        raise MalformedInput("the path is no UTF-8")
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) > SEGMENTS_MAX or any(s in {".", ".."} or "\0" in s for s in segments):
        raise MalformedInput("the path is too deep, or holds a step that no resource can have")
    slash = path.endswith("/")
    if segments and segments[0] == "users":
        segments = segments[1:]
    if not segments:
        return Location(None, None, (), slash or not path)
    owner, rest = PrincipalId(segments[0]), segments[1:]
    home = HOMES.get(rest[0]) if rest else None
    return Location(owner, home, tuple(rest if home is None else rest[1:]), slash)


def encode_segment(segment: str) -> str:
    """Return one path segment percent-encoded."""
    if _PLAIN.match(segment):
        return segment
    return quote(segment, safe=_SAFE)


def href_of(request: Request, segments: Sequence[str], *, slash: bool = False) -> str:
    """Return the href of the resource that ``segments`` name below the DAV root."""
    path = "/".join(map(encode_segment, segments))
    return f"{request.prefix}/{path}{'/' if slash and path else ''}"


def own_href(request: Request) -> str:
    """Return the href of the request's own target, with a final slash only if the client wrote one."""
    path = "/".join(encode_segment(segment) for segment in request.path.split("/"))
    return f"{request.prefix}{path}" or "/"


def path_of_href(request: Request, href: str) -> str | None:
    """Return the percent-decoded path below the DAV root of an absolute or relative href; None if it is elsewhere.

    Raises:
        MalformedInput: no href at all.
    """
    if len(href) > PATH_MAX:
        raise MalformedInput("the href is too long")
    try:
        parts = urlsplit(href.strip())
        path = unquote_to_bytes(parts.path).decode()
    except ValueError as error:
        raise MalformedInput("not an href") from error
    if parts.scheme and parts.scheme.lower() not in {"http", "https"}:
        return None
    if parts.netloc and not _same_host(request, parts.netloc):
        return None
    root = urlsplit(request.prefix).path
    if path != root and not path.startswith(root + "/"):
        return None
    return path[len(root) :]


def _same_host(request: Request, netloc: str) -> bool:
    # A front server may speak https on another port for us: both its public name and the Host header are ours.
    own = {urlsplit(request.origin).netloc.lower(), request.header("host").lower()} - {""}
    hosts = {host.rsplit(":", 1)[0] if host.endswith((":80", ":443")) else host for host in own}
    wanted = netloc.rpartition("@")[2].lower()
    wanted = wanted.rsplit(":", 1)[0] if wanted.endswith((":80", ":443")) else wanted
    return not own or wanted in hosts
