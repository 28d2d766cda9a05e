"""LOCK and UNLOCK (RFC 4918 sections 9.10 and 9.11)."""

from typing import Final

from folkmoot.collections.access import Seen
from folkmoot.collections.content import Condition, ReadOnly
from folkmoot.core.errors import FolkmootError, Forbidden, Locked, MalformedInput, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.conditions import lock_path, submitted
from folkmoot.dav.errors import ConditionFailed, locked_href
from folkmoot.dav.hrefs import Location
from folkmoot.dav.http import Response
from folkmoot.dav.locking import active_lock
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.resolve import resolve_target
from folkmoot.dav.resource import CollectionResource, ObjectResource, Resource
from folkmoot.dav.targets import missing_parent, required_object
from folkmoot.dav.wire.headers import TOKEN_PREFIX, Depth, lock_token, parse_depth, parse_timeout
from folkmoot.dav.wire.multistatus import XML_TYPE, document
from folkmoot.dav.wire.rfc4918 import LockInfo, parse_lockinfo
from folkmoot.dav.wire.xml import parse_body
from folkmoot.sharing.rights import Level
from folkmoot.store.records import Kind, Lock, LockedPath

_ABSENT: Final = Condition(none_match=frozenset("*"))


async def lock(lookups: Lookups) -> Response:
    """Take a write lock, or with an empty body refresh one."""
    depth = parse_depth(lookups.request.headers, Depth.INFINITY)
    if depth is Depth.ONE:
        raise MalformedInput("a lock has Depth 0 or infinity")
    wanted = parse_lockinfo(parse_body(lookups.request.body))
    location = await lookups.locate(lookups.request.path)
    path = lock_path(location)
    if path is None or location.owner is None:
        await resolve_target(lookups)
        raise Forbidden("only what is in a home can be locked")
    tokens = await submitted(lookups)
    timeout = parse_timeout(lookups.request.header("timeout"))
    if wanted is None:
        if not tokens:
            raise MalformedInput("a refresh submits its token in an If header")
        held = await lookups.services.locks.refresh(lookups.caller, location.owner, path, tokens, timeout)
        return _answer(lookups, held, 200, tell_token=False)
    present = await _present(lookups, location)
    _check_may_write(present)
    infinite = depth is Depth.INFINITY and isinstance(present, CollectionResource)
    held = await _take(lookups, location.owner, path, wanted, timeout, infinite=infinite)
    if isinstance(present, Seen) and location.home is Kind.FILES:
        await _make_empty(lookups, location, held, tokens)
        return _answer(lookups, held, 201)
    return _answer(lookups, held, 200)


async def unlock(lookups: Lookups) -> Response:
    """Give a lock back."""
    text = lookups.request.header("lock-token").strip()
    if not (text.startswith("<") and text.endswith(">")):
        raise MalformedInput("an UNLOCK names its Lock-Token in angle brackets")
    location = await lookups.locate(lookups.request.path)
    path = lock_path(location)
    if path is None or location.owner is None:
        raise _no_such_lock()
    await submitted(lookups)
    try:
        await lookups.services.locks.release(lookups.caller, location.owner, path, lock_token(text[1:-1]))
    except NotFound as missing:
        raise _no_such_lock() from missing
    except Locked as foreign:
        raise Forbidden("only who took a lock gives it back") from foreign
    return Response(204)


def _no_such_lock() -> ConditionFailed:
    return ConditionFailed("{DAV:}lock-token-matches-request-uri", status=409, message="no such lock here")


async def _present(lookups: Lookups, location: Location) -> Resource | Seen:
    """Return what is there; for a free name the collection that it would be in."""
    try:
        return await resolve_target(lookups)
    except NotFound as missing:
        target = required_object(lookups, location)
        try:
            return await lookups.services.collections.seen(lookups.caller, target.place)
        except NotFound:
            raise missing_parent(lookups, target.place, missing) from missing


def _check_may_write(present: Resource | Seen) -> None:
    """Let those lock who may write.

    Raises:
        Forbidden: they may not, or it is nothing that is written to.
        ReadOnly: a computed collection.
    """
    match present:
        case Seen():
            seen, allowed = present, present.rights.create
        case CollectionResource(seen=seen):
            allowed = seen.rights.lowest >= Level.MODIFY
        case ObjectResource(parent=parent, stored=stored):
            seen = parent.seen
            allowed = seen.rights.level(stored.meta.classification) >= Level.MODIFY
        case _:
            raise Forbidden("only collections and their objects can be locked")
    if not allowed:
        raise Forbidden("locking needs the right to modify")
    if seen.collection.properties.get("read_only"):
        raise ReadOnly("this collection is computed")


async def _take(
    lookups: Lookups, owner: PrincipalId, path: str, wanted: LockInfo, milliseconds: int | None, *, infinite: bool
) -> Lock:
    try:
        return await lookups.services.locks.take(
            lookups.caller,
            owner,
            path,
            infinite=infinite,
            exclusive=wanted.exclusive,
            owner_xml=wanted.owner_xml,
            timeout_ms=milliseconds,
        )
    except LockedPath as taken:
        href = locked_href(lookups.request, owner, taken.path)
        raise ConditionFailed(
            "{DAV:}no-conflicting-lock", status=423, inner=f"<D:href>{href}</D:href>", message=str(taken)
        ) from taken


async def _make_empty(lookups: Lookups, location: Location, held: Lock, tokens: frozenset[str]) -> None:
    """Make an empty file under its new lock (RFC 4918 section 9.10.4)."""
    target = required_object(lookups, location)
    try:
        await lookups.services.objects.put(
            lookups.caller,
            target.place,
            target.name,
            b"",
            "application/octet-stream",
            _ABSENT,
            tokens | {held.token},
        )
    except FolkmootError:
        await lookups.services.locks.release(lookups.caller, held.owner, held.path, held.token)
        raise


def _answer(lookups: Lookups, held: Lock, status: int, *, tell_token: bool = True) -> Response:
    headers = [("Content-Type", XML_TYPE)]
    if tell_token:
        headers.append(("Lock-Token", f"<{TOKEN_PREFIX}{held.token}>"))
    body = document("D:prop", f"<D:lockdiscovery>{active_lock(lookups, held)}</D:lockdiscovery>")
    return Response(status, headers, body)
