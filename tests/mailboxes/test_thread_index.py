"""Conversations by the messages' own headers."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.mail.imap.values import Envelope, Fetched
from folkmoot.mailboxes.summaries import summary_of
from folkmoot.mailboxes.thread_index import Placed, Placing, ThreadIndex, root_of, root_of_digest
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mailboxes.vectors import vector

REF = MessageRef("INBOX", 1, 7)


@pytest.mark.parametrize(
    ("references", "in_reply_to", "own"),
    [
        (b"<a@x> <b@x>", b"<b@x>", b"<c@x>"),
        (b"\r\n <a@x>\r\n\t<b@x>", b"", b"<c@x>"),
        (b"<a\r\n @x>", b"", b"<c@x>"),
        (b"", b"<b@x>", b"<c@x>"),
        (b"", b"", b"<c@x>"),
        (b"", b"", b" <c@x> (remark)"),
        (b"", b"", b"bare@x"),
        (b"nonsense", b"", b"<c@x>"),
        ("<ä@x>".encode(), b"", b"<c@x>"),
        (b"", b"", b""),
    ],
)
def test_an_index_and_a_list_agree_on_conversations(references: bytes, in_reply_to: bytes, own: bytes) -> None:
    octets = b"".join(
        name + b": " + value + b"\r\n"
        for name, value in ((b"References", references), (b"In-Reply-To", in_reply_to), (b"Message-ID", own))
        if value
    )
    unfolded = references.replace(b"\r\n", b"")
    envelope = Envelope(b"", b"", in_reply_to=in_reply_to, message_id=own)
    sections = {"HEADER.FIELDS (REFERENCES)": b"References: " + unfolded + b"\r\n"}
    row = summary_of(Fetched(7, envelope=envelope, sections=sections), "INBOX", 1)
    assert root_of(octets, REF) == root_of_digest(row.thread_id)


def index_of(rows: Sequence[tuple[int, int]]) -> ThreadIndex:
    return ThreadIndex.of(Placed(uid, root, uid * 10) for uid, root in rows)


@given(st.dictionaries(st.integers(1, 60), st.integers(0, 5)), st.sets(st.integers(1, 60)), st.data())
def test_a_corrected_index_equals_a_new_one(rows: dict[int, int], gone: set[int], data: st.DataObject) -> None:
    first = data.draw(st.sets(st.sampled_from(sorted(rows)))) if rows else set()
    index = index_of([(uid, root) for uid, root in rows.items() if uid in first])
    index = index.with_([Placed(uid, root, uid * 10) for uid, root in rows.items()]).only(set(rows) - gone)
    left = {uid: root for uid, root in rows.items() if uid not in gone}
    assert len(index) == len(left)
    assert index.threads == len(set(left.values()))
    for root in range(6):
        assert sorted(index.messages(root)) == sorted((uid * 10, uid) for uid, one in left.items() if one == root)
    assert {uid: index.root(uid) for uid in rows} == {uid: left.get(uid) for uid in rows}
    some = data.draw(st.sets(st.integers(1, 60)))
    assert index.roots_of(some) == {left[uid] for uid in some if uid in left}
    assert index.roots_beside(some) == {root for uid, root in left.items() if uid not in some}
    assert index.belonging({1, 4}) == {uid for uid, root in left.items() if root in {1, 4}}
    assert index.received_within(100, 300) == {uid for uid in left if 10 <= uid < 30}
    deleted = vector(sorted(data.draw(st.sets(st.integers(1, 60)))))
    unseen = vector(sorted(some))
    for _ in range(2):
        shown = {root for uid, root in left.items() if uid not in deleted}
        unread = {root for uid, root in left.items() if uid in some and uid not in deleted}
        assert index.counts(unseen, deleted) == (len(shown), len(unread))
    order = sorted(left, reverse=True)
    firsts = list(index.firsts(order))
    assert firsts == [uid for place, uid in enumerate(order) if left[uid] not in {left[one] for one in order[:place]}]


def test_messages_are_placed_in_any_order_and_the_last_word_counts() -> None:
    placing = Placing("INBOX", 1)
    told = [(3, 30, b"Message-ID: <a@x>\r\n"), (1, None, b"References: <b@x>\r\n"), (2, -5, b""), (3, 2**40, b"")]
    for uid, received, octets in told:
        placing.take(uid, received, octets)
    index = placing.index()
    assert [uid for _, uid in index.moments()] == [1, 2, 3]
    assert [moment for moment, _ in index.moments()] == [0, 0, 2**32 - 1]
    assert index.root(1) == root_of(b"Message-ID: <b@x>\r\n", REF)
    assert index.root(3) == root_of(b"", MessageRef("INBOX", 1, 3))
    assert index.threads == 3
