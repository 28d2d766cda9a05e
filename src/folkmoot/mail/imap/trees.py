"""THREAD responses as trees (RFC 5256 section 4), however deep."""

import re
from collections.abc import Iterator
from typing import Final

from folkmoot.mail.imap.responses import UID_MAX
from folkmoot.mail.imap.values import Thread
from folkmoot.mail.imap.wire import Value, is_number, parse_values

_TOKEN: Final = re.compile(rb"[()]|[0-9][0-9 ]*")


class _Node:
    """A message that is still being given its answers."""

    __slots__ = ("answers", "uid")

    def __init__(self, uid: int | None) -> None:
        self.uid = uid
        self.answers: list[_Node] = []


def read_conversations(values: list[Value]) -> Iterator[list[int]]:
    """Yield the UIDs of each conversation of one THREAD response; who answers whom is not looked at."""
    for value in values:
        if isinstance(value, bytes):
            yield from _together(value)
        elif isinstance(value, list):
            uids = [uid for thread in read_threads([value]) for uid in uids_of(thread)]
            if uids:
                yield uids


def uids_of(thread: Thread) -> list[int]:
    """Return the UIDs of all messages in a thread."""
    pending, uids = [thread], []
    while pending:
        one = pending.pop()
        if one.uid is not None:
            uids.append(one.uid)
        pending.extend(reversed(one.answers))
    return uids


def _together(octets: bytes) -> Iterator[list[int]]:
    depth, uids = 0, list[int]()
    for token in _TOKEN.findall(octets):
        if token == b"(":
            depth += 1
        elif token == b")":
            depth = max(depth - 1, 0)
            if not depth and uids:
                yield uids
                uids = []
        else:
            uids.extend(uid for uid in map(int, token.split()) if 0 < uid <= UID_MAX)
    if uids:
        yield uids


def read_threads(values: list[Value]) -> list[Thread]:
    """Return the conversations of one THREAD response."""
    found: list[Thread] = []
    for value in (one for many in values for one in (parse_values([many]) if isinstance(many, bytes) else (many,))):
        one = _chain(value)
        if one is None:
            found.extend(_trees(value))
        else:
            found.append(one)
    return found


def _chain(value: Value) -> Thread | None:
    """Return messages that each answer the one before, as most conversations are; None: it is none."""
    if not isinstance(value, list):
        return None
    here: Thread | None = None
    for entry in reversed(value):
        uid = int(entry) if isinstance(entry, str) and is_number(entry) else 0
        if not 0 < uid <= UID_MAX:
            return None
        here = Thread(uid, () if here is None else (here,))
    return here


def _trees(one: Value) -> list[Thread]:
    top = _Node(None)
    pending: list[tuple[_Node, Value]] = [(top, one)]
    while pending:
        parent, value = pending.pop()
        if not isinstance(value, list):
            if isinstance(value, str) and is_number(value) and 0 < int(value) <= UID_MAX:
                parent.answers.append(_Node(int(value)))
            continue
        here = parent
        branches: list[Value] = []
        for entry in value:
            if isinstance(entry, list):
                branches.append(entry)
            elif isinstance(entry, str) and is_number(entry) and 0 < int(entry) <= UID_MAX:
                node = _Node(int(entry))
                here.answers.append(node)
                here = node
        if here is parent and len(branches) > 1:  # answers to a message that is not here
            here = _Node(None)
            parent.answers.append(here)
        pending.extend((here, branch) for branch in reversed(branches))
    return _frozen(top.answers)


def _frozen(nodes: list[_Node]) -> list[Thread]:
    order: list[_Node] = []
    pending = list(nodes)
    while pending:
        node = pending.pop()
        order.append(node)
        pending.extend(node.answers)
    made: dict[int, Thread] = {}
    for node in reversed(order):  # answers before what they answer
        made[id(node)] = Thread(node.uid, tuple(made[id(answer)] for answer in node.answers))
    return [made[id(node)] for node in nodes]
