"""Requests to the tree of mail: which methods it takes, and what they do."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from folkmoot.core.errors import Conflict, Forbidden, NotFound, TooLarge, Unsupported
from folkmoot.dav.errors import MethodNotAllowed, OtherHost
from folkmoot.dav.hrefs import href_of, path_of_href
from folkmoot.dav.http import Response
from folkmoot.dav.mail.looking import propfind, report
from folkmoot.dav.mail.resources import PREFIX, MailPath, account_of, etag_of, find_folder, mail_path, tree_of
from folkmoot.dav.mail.services import MailServices
from folkmoot.dav.methods.get import not_modified
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.mailboxes.chosen import Chosen
from folkmoot.mailboxes.tree import Folder
from folkmoot.mailboxes.values import MessageRef

ALLOW: Final = "OPTIONS, GET, HEAD, POST, PUT, DELETE, PROPFIND, MKCOL, COPY, MOVE, REPORT"
GET_OCTETS_MAX: Final = 64 * 1024 * 1024  # answers are held in memory; what is larger is fetched over IMAP
_MESSAGE_TYPES: Final = frozenset({"message/rfc822", "message/global", "text/plain", "application/octet-stream", ""})

Method = Callable[[Lookups, MailServices, MailPath], Awaitable[Response]]


async def answer(lookups: Lookups, services: MailServices, path: MailPath) -> Response:
    """Answer a request below ``Mail/``."""
    method = _METHODS.get(lookups.request.method)
    if method is None:
        return Response(405, [("Allow", ALLOW)])
    if path.owner != lookups.caller.principal and not path.account and lookups.request.method != "PROPFIND":
        raise NotFound("no such resource")
    try:
        return await method(lookups, services, path)
    except MethodNotAllowed as error:
        return Response(405, [("Allow", ALLOW)], f"{error}\n".encode())


async def _options(_: Lookups, _services: MailServices, _path: MailPath) -> Response:
    return Response(200, [("Allow", ALLOW), ("DAV", "1, access-control")])


async def _get(lookups: Lookups, services: MailServices, path: MailPath) -> Response:
    account, folder = await _folder(lookups, services, path)
    if not path.name:
        raise MethodNotAllowed("a mailbox has no content of its own; ask with PROPFIND")
    ref, etag = await _message(lookups, services, account, folder, path.uid)
    headers = [
        ("ETag", f'"{etag}"'),
        ("Content-Type", "message/rfc822"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Disposition", "attachment"),  # no browser runs what a stranger wrote
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
    ]
    if not_modified(lookups, etag):
        return Response(304, headers[:1])
    source = await services.downloading.source(lookups.caller, account, ref)
    if (source.size or 0) > GET_OCTETS_MAX:
        raise TooLarge(f"messages of more than {GET_OCTETS_MAX} octets are fetched over IMAP")
    return Response(200, headers, b"".join([piece async for piece in source.pieces]))


async def _head(lookups: Lookups, services: MailServices, path: MailPath) -> Response:
    full = await _get(lookups, services, path)
    return Response(full.status, [*full.headers, ("Content-Length", str(len(full.body)))])


async def _put(lookups: Lookups, services: MailServices, path: MailPath) -> Response:
    """Store a message; which name it has is the mail server's choice, whatever the client wrote."""
    kind = lookups.request.header("content-type").partition(";")[0].strip().lower()
    if kind not in _MESSAGE_TYPES:
        raise Unsupported("a mailbox takes message/rfc822")
    if lookups.request.header("content-encoding").strip().lower() not in {"", "identity"}:
        raise Unsupported("no content encoding is understood")
    try:
        account, folder = await _folder(lookups, services, path)
    except NotFound as error:
        if path.owner != lookups.caller.principal:
            raise
        raise Conflict("the mailbox does not exist") from error
    ref = await services.adding.add(lookups.caller, account, folder.path, lookups.request.body)
    if ref is None:
        return Response(201)
    return Response(201, [("Location", _location(lookups, path, ref.uid))])


async def _delete(lookups: Lookups, services: MailServices, path: MailPath) -> Response:
    account, folder = await _folder(lookups, services, path)
    if path.name:
        ref, _ = await _message(lookups, services, account, folder, path.uid)
        chosen = Chosen(folder.path, (ref.uid,), ref.uid_validity)
        await services.deleting.delete(lookups.caller, account, chosen)
    else:
        await services.folders.delete(lookups.caller, account, folder.path, for_good=True)
    return Response(204)


async def _mkcol(lookups: Lookups, services: MailServices, path: MailPath) -> Response:
    if lookups.request.body.strip():
        raise Unsupported("a mailbox is made without properties")
    wanted = (*path.levels, path.name) if path.name else path.levels
    if not wanted:
        raise Forbidden("accounts are not made over DAV")
    levels, last = wanted[:-1], wanted[-1]
    tree = await tree_of(services, lookups.caller, path)
    parent = find_folder(tree, levels).path if levels else ""
    if any(one.parent == parent and one.name == last for one in tree.folders):
        # What SOGo says, and its clients' tests ask for; elsewhere in DAV it is 405.
        return Response(500, [("Content-Type", "text/plain; charset=utf-8")], b"there is a mailbox of that name\n")
    await services.folders.create(lookups.caller, account_of(lookups.caller, path), parent, last)
    return Response(201)


async def _copy(lookups: Lookups, services: MailServices, path: MailPath) -> Response:
    return await _transfer(lookups, services, path, move=False)


async def _move(lookups: Lookups, services: MailServices, path: MailPath) -> Response:
    return await _transfer(lookups, services, path, move=True)


async def _transfer(lookups: Lookups, services: MailServices, path: MailPath, *, move: bool) -> Response:
    account, folder = await _folder(lookups, services, path)
    if not path.name:
        raise MethodNotAllowed("mailboxes are not copied or moved over DAV")
    there = path_of_href(lookups.request, lookups.request.header("destination"))
    if there is None:
        raise OtherHost("the destination is not on this server")
    target = mail_path(there)
    if target is None or not target.levels:
        raise Forbidden("messages go into mailboxes only")
    ref, _ = await _message(lookups, services, account, folder, path.uid)
    other, into = await _folder(lookups, services, target)
    chosen = Chosen(folder.path, (ref.uid,), ref.uid_validity)
    transfer = services.moving.move if move else services.moving.copy
    done = await transfer(lookups.caller, account, chosen, into.path, target_account=other)
    headers = [("Location", _location(lookups, target, done.uids[0]))] if done.uids else []
    return Response(201, headers)


async def _folder(lookups: Lookups, services: MailServices, path: MailPath) -> tuple[str, Folder]:
    """Return the account and the mailbox that a path leads to.

    Raises:
        MethodNotAllowed: the path leads to the home of accounts, or to an account.
        NotFound: there is no such mailbox.
    """
    if not path.account:
        raise MethodNotAllowed("only messages and mailboxes have content")
    account = account_of(lookups.caller, path)
    tree = await tree_of(services, lookups.caller, path)
    if not path.levels:
        if path.name:
            raise NotFound(f"mailboxes are called {PREFIX} and their name")
        raise MethodNotAllowed("only messages and mailboxes have content")
    return account, find_folder(tree, path.levels)


async def _message(
    lookups: Lookups, services: MailServices, account: str, folder: Folder, uid: int
) -> tuple[MessageRef, str]:
    found = await services.listing.rows(lookups.caller, account, folder.path, [uid])
    if not found:
        raise NotFound("no such message")
    return found[0].ref, etag_of(found[0])


def _location(lookups: Lookups, path: MailPath, uid: int) -> str:
    segments = path.segments[:-1] if path.name else path.segments
    href = href_of(lookups.request, [*segments, f"{uid}.eml"])
    return href if "://" in href else lookups.request.origin + href


_METHODS: Final[Mapping[str, Method]] = MappingProxyType(
    {
        "COPY": _copy,
        "DELETE": _delete,
        "GET": _get,
        "HEAD": _head,
        "MKCOL": _mkcol,
        "MOVE": _move,
        "OPTIONS": _options,
        "POST": _put,
        "PROPFIND": propfind,
        "PUT": _put,
        "REPORT": report,
    }
)
