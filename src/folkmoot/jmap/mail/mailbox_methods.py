"""``Mailbox/get``, ``/changes``, ``/query`` and ``/queryChanges`` (RFC 8621 section 2)."""

from base64 import urlsafe_b64decode
from binascii import Error as BinasciiError
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from folkmoot.jmap.mail.describing import MAILBOX
from folkmoot.jmap.mail.ids import KEY_OCTETS, mailbox_of_key
from folkmoot.jmap.mail.mail_states import TEXT_MAX, hidden_counts, mailbox_state
from folkmoot.jmap.mail.mailbox_objects import (
    DIGEST_OCTETS,
    ENTRY_OCTETS,
    MAILBOXES,
    mailbox_object,
    named,
    write_entries,
)
from folkmoot.jmap.mail.views import Mailboxes, mailboxes_of
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.filtering import Comparator, Joined, Operator, parse_filter
from folkmoot.jmap.protocol.standard import (
    ChangesArguments,
    Delta,
    GetArguments,
    Got,
    ListDelta,
    Listed,
    QueryArguments,
    QueryChangesArguments,
    changes_method,
    get_method,
    query_changes_method,
    query_method,
)
from folkmoot.mailboxes.threads import ThreadCounts

MAILBOXES_MAX: Final = 5_000  # of an account; clients ask for all of them at once
COUNTED_MAX: Final = 5_000  # messages whose conversations are looked up to count them; else each message is one
_COUNTS: Final = ("totalEmails", "unreadEmails", "totalThreads", "unreadThreads")
_THREADS: Final = frozenset({"totalThreads", "unreadThreads"})
_Entry = tuple[bytes, bytes]


async def _load(call: Call[GetArguments], ids: Sequence[str] | None, properties: frozenset[str]) -> Got:
    mailboxes = await mailboxes_of(call.context, call.account)
    wanted = [id_ for id_ in (mailboxes.by_id if ids is None else ids) if id_ in mailboxes.by_id]
    counts: Mapping[str, ThreadCounts] = {}
    if not properties or properties & _THREADS:
        counts = await _count_threads(call, mailboxes, wanted)
    hidden = hidden_counts(call.context, mailboxes)
    objects = {id_: mailbox_object(mailboxes, id_, call.account, hidden.get(id_)) for id_ in wanted}
    for id_, one in counts.items():
        objects[id_] |= {"totalThreads": one.threads, "unreadThreads": one.unread}
    return Got(await mailbox_state(call.context, call.account), objects)


async def _count_threads(
    call: Call[GetArguments], mailboxes: Mailboxes, ids: Sequence[str]
) -> Mapping[str, ThreadCounts]:
    """Return how many conversations there are, where that is known or soon found out."""
    threads, left = call.services.mail.threads, COUNTED_MAX
    found: dict[str, ThreadCounts] = {}
    for id_ in ids:
        state = mailboxes.states.get(id_)
        if state is None or not state.messages:
            continue
        path = mailboxes.by_id[id_].path
        known = threads.known(call.caller, mailboxes.mail, path, state)
        if not known and state.messages <= left:
            left -= state.messages
            known = await threads.index(call.caller, mailboxes.mail, path, state) is not None
        counts = threads.counts(call.caller, mailboxes.mail, path, state) if known else None
        if counts is not None:
            found[id_] = counts
    return found


async def _follow(call: Call[ChangesArguments], since: str, most: int) -> Delta:
    state = await mailbox_state(call.context, call.account)
    was, now = _entries(since), _entries(state)
    changes = [("created", id_) for id_ in now if id_ not in was]
    changes += [("updated", id_) for id_, entry in now.items() if id_ in was and was[id_] != entry]
    changes += [("destroyed", id_) for id_ in was if id_ not in now]
    told, more = changes[:most], len(changes) > most
    if more:  # the state between: what was told is as now, the rest as before
        done = dict(was)
        for what, id_ in told:
            done.pop(id_, None)
            if what != "destroyed":
                done[id_] = now[id_]
        state = write_entries(done)
    updated = [id_ for what, id_ in told if what == "updated"]
    counts_only = bool(updated) and all(was[id_][0] == now[id_][0] for id_ in updated)
    return Delta(
        state,
        [id_ for what, id_ in told if what == "created"],
        updated,
        [id_ for what, id_ in told if what == "destroyed"],
        more,
        also={"updatedProperties": list(_COUNTS) if counts_only else None},
    )


def _entries(state: str) -> dict[str, _Entry]:
    try:
        packed = urlsafe_b64decode(state[1:] + "=" * (-len(state[1:]) % 4)) if len(state) <= TEXT_MAX else b""
    except (BinasciiError, ValueError):
        packed = b"?"
    if not state.startswith(MAILBOXES) or len(packed) % ENTRY_OCTETS:
        raise MethodFailed("cannotCalculateChanges", "this is no state of mailboxes")
    found = {}
    for start in range(0, len(packed), ENTRY_OCTETS):
        entry = packed[start : start + ENTRY_OCTETS]
        name = entry[KEY_OCTETS : KEY_OCTETS + DIGEST_OCTETS]
        found[mailbox_of_key(entry[:KEY_OCTETS])] = (name, entry[KEY_OCTETS + DIGEST_OCTETS :])
    return found


class MailboxFilter(Arguments):
    """Conditions on mailboxes (RFC 8621 section 2.3)."""

    parent_id: Id | msgspec.UnsetType | None = msgspec.UNSET
    name: str | None = None
    role: str | msgspec.UnsetType | None = msgspec.UNSET
    has_any_role: bool | None = None
    is_subscribed: bool | None = None


class MailboxQueryArguments(QueryArguments):
    """Of ``Mailbox/query``."""

    sort_as_tree: bool = False
    filter_as_tree: bool = False


class MailboxQueryChangesArguments(QueryChangesArguments):
    """Of ``Mailbox/queryChanges``."""

    sort_as_tree: bool = False
    filter_as_tree: bool = False


async def _search(call: Call[MailboxQueryArguments]) -> Listed:
    mailboxes = await mailboxes_of(call.context, call.account)
    asked = call.arguments
    ids = _listed(call, mailboxes)
    start = asked.position if asked.position >= 0 else max(len(ids) + asked.position, 0)
    if asked.anchor is not None:
        if asked.anchor not in ids:
            raise MethodFailed("anchorNotFound", "the anchor is not in the list")
        start = max(ids.index(asked.anchor) + asked.anchor_offset, 0)
    end = None if asked.limit is None else start + asked.limit
    state = await mailbox_state(call.context, call.account)
    return Listed(state, ids[start:end], min(start, len(ids)), len(ids), can_calculate_changes=True)


async def _follow_search(call: Call[MailboxQueryChangesArguments]) -> ListDelta:
    state = await mailbox_state(call.context, call.account)
    if call.arguments.since_query_state == state:
        return ListDelta(state, (), (), len(_listed(call, await mailboxes_of(call.context, call.account))))
    # Of few objects all are told: removed where they may have been, added where they are.
    was = _entries(call.arguments.since_query_state)
    ids = _listed(call, await mailboxes_of(call.context, call.account))
    removed = list(dict.fromkeys([*was, *ids]))
    return ListDelta(state, removed, [(id_, place) for place, id_ in enumerate(ids)], len(ids))


def _listed(call: Call[Any], mailboxes: Mailboxes) -> list[str]:
    asked = call.arguments
    objects = {id_: named(mailboxes, id_, call.account) for id_ in mailboxes.by_id}
    condition = parse_filter(asked.filter, MailboxFilter)
    met = {id_ for id_, one in objects.items() if condition is None or _meets(one, condition)}
    if asked.filter_as_tree:
        met = {id_ for id_ in met if _all_above(objects, id_, met)}
    keys = [_key(comparator) for comparator in asked.sort or ()]
    if not asked.sort_as_tree:
        return _sorted([id_ for id_ in objects if id_ in met], objects, keys)
    children: dict[str | None, list[str]] = {}
    for id_, one in objects.items():
        children.setdefault(one["parentId"], []).append(id_)
    ordered: list[str] = []
    pending = _sorted(children.get(None, []), objects, keys)[::-1]
    while pending:
        id_ = pending.pop()
        ordered.append(id_)
        pending.extend(_sorted(children.get(id_, []), objects, keys)[::-1])
    return [id_ for id_ in ordered if id_ in met]


_SortKey = tuple[Callable[[Mapping[str, Any]], Any], bool]


def _key(comparator: Comparator) -> _SortKey:
    turned = not comparator.is_ascending
    match comparator.property:
        case "sortOrder":
            return (lambda one: one["sortOrder"]), turned
        case "name":
            return (lambda one: (str(one["name"]).casefold(), one["name"])), turned
        case _:
            raise MethodFailed("unsupportedSort", f"mailboxes are not sorted by {comparator.property[:60]}")


def _sorted(ids: list[str], objects: Mapping[str, Mapping[str, Any]], keys: Sequence[_SortKey]) -> list[str]:
    for key, turned in reversed(keys):
        ids = sorted(ids, key=lambda id_, key=key: key(objects[id_]), reverse=turned)  # type: ignore[misc]
    return ids


def _all_above(objects: Mapping[str, Mapping[str, Any]], id_: str, met: set[str]) -> bool:
    parent = objects[id_]["parentId"]
    while parent is not None:
        if parent not in met:
            return False
        parent = objects[parent]["parentId"]
    return True


def _meets(one: Mapping[str, Any], condition: MailboxFilter | Joined[MailboxFilter]) -> bool:
    if isinstance(condition, Joined):
        met = (_meets(one, below) for below in condition.conditions)
        match condition.operator:
            case Operator.AND:
                return all(met)
            case Operator.OR:
                return any(met)
            case _:
                return not any(met)
    return (
        (condition.parent_id is msgspec.UNSET or one["parentId"] == condition.parent_id)
        and (condition.name is None or condition.name.casefold() in str(one["name"]).casefold())
        and (condition.role is msgspec.UNSET or one["role"] == condition.role)
        and (condition.has_any_role is None or (one["role"] is not None) is condition.has_any_role)
        and (condition.is_subscribed is None or one["isSubscribed"] is condition.is_subscribed)
    )


MAILBOX_METHODS: Final = (
    get_method(MAILBOX, _load, all_max=MAILBOXES_MAX),
    changes_method(MAILBOX, _follow),
    query_method(MAILBOX, _search, MailboxQueryArguments),
    query_changes_method(MAILBOX, _follow_search, MailboxQueryChangesArguments),
)
