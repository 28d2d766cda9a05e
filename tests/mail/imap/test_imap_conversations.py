"""Conversations out of a THREAD response, without the trees."""

from hypothesis import given
from hypothesis import strategies as st

from folkmoot.mail.imap.trees import read_conversations, read_threads, uids_of
from folkmoot.mail.imap.wire import Told, Value, Wire


def told(line: bytes) -> list[Value]:
    wire = Wire()
    wire.feed(line + b"\r\n")
    response = wire.take()
    assert isinstance(response, Told)
    return response.values


def test_each_conversation_is_a_list_of_its_messages() -> None:
    values = told(b"* THREAD (2)(3 6 (4 23)(44 7 96))((5)(8))")
    assert list(read_conversations(values)) == [[2], [3, 6, 4, 23, 44, 7, 96], [5, 8]]
    assert [uids_of(one) for one in read_threads(values)] == [[2], [3, 6, 4, 23, 44, 7, 96], [5, 8]]


def test_a_server_that_puts_something_else_there_is_understood_as_far_as_it_goes() -> None:
    assert list(read_conversations(told(b"* THREAD (2 NIL)(3 x)"))) == [[2], [3]]
    assert list(read_conversations(told(b"* THREAD ((((((1"))) == [[1]]


tree = st.recursive(
    st.integers(1, 2**32 - 1).map(str),
    lambda inner: st.lists(inner, min_size=1, max_size=4).map(lambda parts: f"({' '.join(parts)})"),
    max_leaves=12,
)


@given(st.lists(tree.map(lambda text: text if text.startswith("(") else f"({text})"), max_size=6))
def test_it_holds_the_same_messages_as_the_trees(threads: list[str]) -> None:
    values = told(b"* THREAD " + "".join(threads).encode())
    flat = [sorted(uids) for uids in read_conversations(values)]
    trees = [sorted(uids_of(one)) for one in read_threads(values)]
    assert sorted(uid for uids in flat for uid in uids) == sorted(uid for uids in trees for uid in uids)
    if all(text.count("(") == 1 for text in threads):
        assert flat == trees


@given(st.binary(max_size=60))
def test_whatever_a_server_says_is_no_failure(octets: bytes) -> None:
    line = b"* THREAD " + bytes(one for one in octets if one not in b"\r\n{}")
    wire = Wire()
    wire.feed(line + b"\r\n")
    response = wire.take()
    if isinstance(response, Told):
        list(read_conversations(response.values))
