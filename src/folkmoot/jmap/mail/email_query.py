"""``Email/query`` and ``Email/queryChanges`` (RFC 8621 sections 4.4 and 4.5)."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

import msgspec

from folkmoot.core.errors import NotFound, Unsupported
from folkmoot.jmap.mail.describing import EMAIL
from folkmoot.jmap.mail.email_filter import EmailFilter, levels_of, translated
from folkmoot.jmap.mail.ids import Emails, email_ids, parse_email_id
from folkmoot.jmap.mail.mail_states import write_vector
from folkmoot.jmap.mail.views import Mailboxes, mailboxes_of
from folkmoot.jmap.protocol.calling import Call
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.filtering import parse_filter
from folkmoot.jmap.protocol.standard import (
    ListDelta,
    Listed,
    QueryArguments,
    QueryChangesArguments,
    query_changes_method,
    query_method,
)
from folkmoot.mailboxes.query_memory import Key
from folkmoot.mailboxes.querying import Order
from folkmoot.mailboxes.question import mailboxes_asked, threads_asked
from folkmoot.mailboxes.vectors import Vector

LIMIT_MAX: Final = 5_000  # ids of one answer
_encode: Final = msgspec.json.Encoder(order="deterministic").encode

Runs = Sequence[tuple[str, Vector]]


class EmailQueryArguments(QueryArguments):
    """Of ``Email/query``."""

    collapse_threads: bool = False


class EmailQueryChangesArguments(QueryChangesArguments):
    """Of ``Email/queryChanges``."""

    collapse_threads: bool = False


class _Query:
    """One question, answered."""

    def __init__(self, call: Call[Any], mailboxes: Mailboxes, order: Order) -> None:
        self._call = call
        self._mailboxes = mailboxes
        self._order = order
        asked = call.arguments
        self._digest = blake2b(_encode([asked.filter, asked.sort, asked.collapse_threads]), digest_size=16).hexdigest()
        states = {mailboxes.by_id[id_].path: state for id_, state in mailboxes.states.items()}
        self._states = states
        about = states if threads_asked(order.question) else mailboxes_asked(order.question, states)
        self.state = write_vector({mailboxes.ids[path]: states[path] for path in about})
        # Whether equal states mean equal lists, and what was told can be compared with later.
        self.can_follow = all(states[path].modseq for path in about)

    async def run(self) -> Runs:
        """Return the list, and remember it."""
        mail, caller = self._mailboxes.mail, self._call.caller
        try:
            runs = await self._call.services.mail.querying.run(caller, mail, self._states, self._order)
        except Unsupported as error:
            raise MethodFailed("unsupportedSort", str(error)) from error
        except NotFound:  # deleted in this moment
            runs = []
        self._call.services.mail.query_memory.remember(self.key(self.state), runs)
        return runs

    def key(self, state: str) -> Key:
        """Return under what a list of this question is remembered."""
        return self._call.caller.principal, self._mailboxes.mail, self._digest, state

    def ids(self, runs: Runs) -> Iterator[str]:
        """Yield the ids of a list."""
        for path, uids in runs:
            yield from map(self._maker(path).id, uids)

    def window(self, runs: Runs, start: int, length: int) -> list[str]:
        """Return some ids of a list."""
        found: list[str] = []
        for path, uids in runs:
            if start < len(uids) and len(found) < length:
                found += map(self._maker(path).id, uids[start : start + length - len(found)])
            start = max(start - len(uids), 0)
        return found

    def place(self, runs: Runs, id_: str) -> int | None:
        """Return where in a list an id stands."""
        email = parse_email_id(id_)
        path = self._mailboxes.path(email.mailbox) if email is not None else None
        state = self._states.get(path) if path is not None else None
        if email is None or state is None or state.uid_validity != email.uid_validity:
            return None
        before = 0
        for where, uids in runs:
            if where == path and email.uid in uids:
                return before + uids.index(email.uid)
            before += len(uids)
        return None

    def knows(self, path: str) -> bool:
        """Whether there is a mailbox of this name."""
        return path in self._states

    def _maker(self, path: str) -> Emails:
        return email_ids(self._mailboxes.ids[path], self._states[path].uid_validity)


async def _open(call: Call[Any]) -> _Query:
    mailboxes = await mailboxes_of(call.context, call.account)
    asked = call.arguments
    today = datetime.fromtimestamp(call.services.clock.milliseconds() / 1000, UTC)
    filter_ = translated(parse_filter(asked.filter, EmailFilter), mailboxes, today)
    return _Query(call, mailboxes, Order(filter_.question, levels_of(asked.sort), asked.collapse_threads))


async def _search(call: Call[EmailQueryArguments]) -> Listed:
    asked = call.arguments
    query = await _open(call)
    runs = await query.run()
    total = sum(len(uids) for _, uids in runs)
    start = asked.position if asked.position >= 0 else max(total + asked.position, 0)
    if asked.anchor is not None:
        place = query.place(runs, asked.anchor)
        if place is None:
            raise MethodFailed("anchorNotFound", "the anchor is not in the list")
        start = max(place + asked.anchor_offset, 0)
    limit = LIMIT_MAX if asked.limit is None else min(asked.limit, LIMIT_MAX)
    return Listed(
        query.state,
        query.window(runs, start, limit),
        min(start, total),
        total,
        can_calculate_changes=query.can_follow,
        limit=limit if limit != asked.limit else None,
        also={"collapseThreads": asked.collapse_threads},
    )


async def _follow(call: Call[EmailQueryChangesArguments]) -> ListDelta:
    asked = call.arguments
    query = await _open(call)
    before = call.services.mail.query_memory.recall(query.key(asked.since_query_state))
    unchanged = query.can_follow and asked.since_query_state == query.state
    if before is None and not unchanged:
        raise MethodFailed("cannotCalculateChanges", "what was told then is not known any more")
    runs = await query.run()
    total = sum(len(uids) for _, uids in runs)
    if before is None:
        return ListDelta(query.state, (), (), total)
    removed, added = await asyncio.to_thread(_compared, query, _present(before, query), runs)
    return ListDelta(query.state, removed, added, total)


def _compared(query: _Query, before: Runs, runs: Runs) -> tuple[list[str], list[tuple[str, int]]]:
    """Return what was taken out of a list, and what was put in, and where."""
    if before == runs:
        return [], []
    was, now = list(query.ids(before)), list(query.ids(runs))
    old, new = frozenset(was), frozenset(now)
    kept_before = [id_ for id_ in was if id_ in new]
    kept_now = [id_ for id_ in now if id_ in old]
    if kept_before == kept_now:
        removed = [id_ for id_ in was if id_ not in new]
        return removed, [(id_, place) for place, id_ in enumerate(now) if id_ not in old]
    moved = _moved(kept_before, kept_now)
    removed = [id_ for id_ in was if id_ not in new or id_ in moved]
    return removed, [(id_, place) for place, id_ in enumerate(now) if id_ not in old or id_ in moved]


def _present(runs: Runs, query: _Query) -> Runs:
    """Return a remembered list; of mailboxes that are gone since nothing can be named.

    Raises:
        MethodFailed: ``cannotCalculateChanges``: there are such.
    """
    if any(not query.knows(path) for path, _ in runs):
        raise MethodFailed("cannotCalculateChanges", "a mailbox has gone since then")
    return runs


def _moved(before: Sequence[str], now: Sequence[str]) -> frozenset[str]:
    """Return which of the same ids have to be taken out and put in again so that the others keep their order."""
    places = {id_: place for place, id_ in enumerate(before)}
    highest, moved = -1, []
    for id_ in now:
        if places[id_] > highest:
            highest = places[id_]
        else:
            moved.append(id_)
    lowest, other = len(before), []
    for id_ in reversed(now):
        if places[id_] < lowest:
            lowest = places[id_]
        else:
            other.append(id_)
    return frozenset(moved if len(moved) <= len(other) else other)


EMAIL_QUERY: Final = query_method(EMAIL, _search, EmailQueryArguments)
EMAIL_QUERY_CHANGES: Final = query_changes_method(EMAIL, _follow, EmailQueryChangesArguments)
