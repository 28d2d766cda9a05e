"""THREAD responses as trees (RFC 5256 section 4), however deep."""

from folkmoot.mail.imap.responses import UID_MAX
from folkmoot.mail.imap.values import Thread
from folkmoot.mail.imap.wire import Value, is_number


class _Node:
    """A message that is still being given its answers."""

    __slots__ = ("answers", "uid")

    def __init__(self, uid: int | None) -> None:
        self.uid = uid
        self.answers: list[_Node] = []


def read_threads(values: list[Value]) -> list[Thread]:
    """Return the conversations of one THREAD response."""
    top = _Node(None)
    pending: list[tuple[_Node, Value]] = [(top, value) for value in reversed(values)]
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
