"""PROPFIND and the mail-query report in the tree of mail."""

import asyncio
from collections.abc import Sequence
from typing import Final

from folkmoot.core.errors import MalformedInput, NotFound
from folkmoot.dav.errors import ConditionFailed
from folkmoot.dav.hrefs import href_of, own_href
from folkmoot.dav.http import Response
from folkmoot.dav.mail.properties import (
    RECEIVED,
    TEXT,
    MailCollection,
    collection_response,
    message_response,
    wanted_names,
)
from folkmoot.dav.mail.resources import (
    HOME,
    PREFIX,
    MailPath,
    account_of,
    children_of,
    find_folder,
    identifier,
    tree_of,
)
from folkmoot.dav.mail.services import MailServices
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.wire.elements import only_child
from folkmoot.dav.wire.headers import Depth, parse_depth
from folkmoot.dav.wire.mail_query import IN_ORDER, MAIL_QUERY, Places, parse_mail_query
from folkmoot.dav.wire.multistatus import XML_TYPE, multistatus
from folkmoot.dav.wire.rfc4918 import PROP, Propfind, parse_propfind, property_names
from folkmoot.dav.wire.xml import parse_body
from folkmoot.mailboxes.listing import LIMIT_MAX, ListQuery
from folkmoot.mailboxes.summaries import MessageSummary
from folkmoot.mailboxes.tree import Folder
from folkmoot.mailboxes.values import MAIN

MESSAGES_MAX: Final = 10_000  # told in one answer; each takes half a kilobyte and more
TEXT_OCTETS_MAX: Final = 8 * 1024 * 1024  # of all messages whose source is told in one answer
TRACE_MAX: Final = 1_000  # messages whose way is told in one answer


async def propfind(lookups: Lookups, services: MailServices, path: MailPath) -> Response:
    """Tell of the target, and with Depth 1 (or infinity, which reaches no further) of what is in it."""
    depth = parse_depth(lookups.request.headers, Depth.INFINITY)
    asked = parse_propfind(parse_body(lookups.request.body))
    deep = depth is not Depth.ZERO
    href = own_href(lookups.request)
    if not path.account:
        responses = await _home(lookups, services, path, asked, href, deep=deep)
    elif path.name:
        account = account_of(lookups.caller, path)
        folder = find_folder(await tree_of(services, lookups.caller, path), path.levels)
        found = await services.listing.rows(lookups.caller, account, folder.path, [path.uid])
        if not found:
            raise NotFound("no such message")
        responses = await _messages(lookups, services, account, folder, found, asked, [href])
    else:
        responses = await _folders(lookups, services, path, asked, href, deep=deep)
    return Response(207, [("Content-Type", XML_TYPE)], multistatus(responses))


async def report(lookups: Lookups, services: MailServices, path: MailPath) -> Response:
    """Tell of the messages of a mailbox that a mail-query asks for.

    Raises:
        ConditionFailed: another report, or not at a mailbox; too many messages.
    """
    root = parse_body(lookups.request.body)
    if root is None:
        raise MalformedInput("a REPORT has a body")
    if root.tag != MAIL_QUERY or not path.levels or path.name:
        raise ConditionFailed("{DAV:}supported-report", message="no such report here")
    query = parse_mail_query(root)
    prop = only_child(root, PROP)
    asked = Propfind(everything=True) if prop is None else Propfind(property_names(prop))
    account = account_of(lookups.caller, path)
    folder = find_folder(await tree_of(services, lookups.caller, path), path.levels)
    _require_selectable(folder)
    uids, _ = await services.listing.uids(lookups.caller, account, folder.path, ListQuery(query.sort, query.filter))
    wanted: Sequence[int] = uids
    if query.places:
        everything, _ = await services.listing.uids(lookups.caller, account, folder.path, ListQuery(IN_ORDER))
        wanted = [uid for uid in wanted if uid in _within(everything, query.places)]
    responses = await _listed(lookups, services, path, account, folder, wanted, asked)
    return Response(207, [("Content-Type", XML_TYPE)], multistatus(responses))


async def _home(
    lookups: Lookups, services: MailServices, path: MailPath, asked: Propfind, href: str, *, deep: bool
) -> list[str]:
    own = path.owner == lookups.caller.principal
    if own:
        accounts = [(one.id, one.name) for one in await services.accounts.list_all(lookups.caller) if not one.delegated]
    else:
        named = MailPath(path.owner, MAIN)
        await tree_of(services, lookups.caller, named)  # refuses who is no delegate
        accounts = [(MAIN, str(path.owner))]
    responses = [collection_response(MailCollection(href, HOME), asked)]
    for account, name in accounts if deep else ():
        below = href_of(lookups.request, [path.owner, HOME, account], slash=True)
        responses.append(collection_response(MailCollection(below, name), asked))
    return responses


async def _folders(
    lookups: Lookups, services: MailServices, path: MailPath, asked: Propfind, href: str, *, deep: bool
) -> list[str]:
    tree = await tree_of(services, lookups.caller, path, counts=True)
    here = find_folder(tree, path.levels) if path.levels else None
    name = path.account if here is None else here.name
    responses = [collection_response(MailCollection(href, name, _unread(here)), asked)]
    if not deep:
        return responses
    for folder in children_of(tree, "" if here is None else here.path):
        below = href_of(lookups.request, [*path.segments, PREFIX + identifier(folder)], slash=True)
        responses.append(collection_response(MailCollection(below, folder.name, _unread(folder)), asked))
    if here is not None and here.selectable:
        account = account_of(lookups.caller, path)
        uids, _ = await services.listing.uids(lookups.caller, account, here.path, ListQuery(IN_ORDER))
        responses += await _listed(lookups, services, path, account, here, uids, asked)
    return responses


async def _listed(
    lookups: Lookups,
    services: MailServices,
    path: MailPath,
    account: str,
    folder: Folder,
    uids: Sequence[int],
    asked: Propfind,
) -> list[str]:
    if len(uids) > MESSAGES_MAX:
        raise ConditionFailed("{DAV:}number-of-matches-within-limits", message=f"more than {MESSAGES_MAX} messages")
    responses: list[str] = []
    for start in range(0, len(uids), LIMIT_MAX):
        part = list(uids[start : start + LIMIT_MAX])
        rows = await services.listing.rows(lookups.caller, account, folder.path, part)
        hrefs = [href_of(lookups.request, [*path.segments, f"{row.ref.uid}.eml"]) for row in rows]
        responses += await _messages(lookups, services, account, folder, rows, asked, hrefs)
        await asyncio.sleep(0)
    return responses


async def _messages(
    lookups: Lookups,
    services: MailServices,
    account: str,
    folder: Folder,
    rows: Sequence[MessageSummary],
    asked: Propfind,
    hrefs: Sequence[str],
) -> list[str]:
    names = wanted_names(asked)
    texts: dict[int, bytes] = {}
    traces: dict[int, bytes] = {}
    if rows and names & {TEXT, RECEIVED}:
        uids, validity = [row.ref.uid for row in rows], rows[0].ref.uid_validity
        sections = services.reading.sections
        if TEXT in names and sum(row.size for row in rows) <= TEXT_OCTETS_MAX:
            texts = await sections(lookups.caller, account, folder.path, uids, "", uid_validity=validity)
        if RECEIVED in names and len(rows) <= TRACE_MAX:
            field = "HEADER.FIELDS (RECEIVED)"
            traces = await sections(lookups.caller, account, folder.path, uids, field, uid_validity=validity)
    return [
        message_response(href, row, asked, texts.get(row.ref.uid), traces.get(row.ref.uid))
        for href, row in zip(hrefs, rows, strict=True)
    ]


def _within(everything: Sequence[int], places: Sequence[Places]) -> frozenset[int]:
    found = frozenset(everything)
    for one in places:
        inside = frozenset(everything[max(0, one.first - 1) : one.last])
        found = found & inside if one.inside else found - inside
    return found


def _unread(folder: Folder | None) -> int | None:
    return None if folder is None or folder.status is None else folder.status.unseen


def _require_selectable(folder: Folder) -> None:
    if not folder.selectable:
        raise NotFound("this mailbox holds no messages")
