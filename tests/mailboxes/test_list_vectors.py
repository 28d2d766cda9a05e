"""Orders and selections of a mailbox, kept in step with a server that is a few lines of Python."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import MalformedInput, Unsupported
from folkmoot.mail.imap.criteria import Criterion
from folkmoot.mail.imap.surveying import Surveyed
from folkmoot.mail.imap.values import Status
from folkmoot.mailboxes import conditions
from folkmoot.mailboxes.contents import Collapse, Contents
from folkmoot.mailboxes.placing import place
from folkmoot.mailboxes.sorting import Level, SortBy, plan_of
from folkmoot.mailboxes.states import MailboxState, parse_state
from folkmoot.mailboxes.threading import Threading
from folkmoot.mailboxes.vectors import contains, merged, parted, ranges, vector

pytestmark = pytest.mark.anyio


@dataclass
class Message:
    subject: int
    size: int
    flagged: bool
    modseq: int


@dataclass
class Server:
    """A mailbox on a server with SORT and CONDSTORE, or without the latter."""

    capabilities: frozenset[str] = frozenset({"CONDSTORE"})
    messages: dict[int, Message] = field(default_factory=dict)
    uid_validity: int = 1
    uid_next: int = 1
    modseq: int = 1
    asked: list[str] = field(default_factory=list)

    def add(self, subject: int, *, size: int = 0, flagged: bool = False) -> int:
        self.modseq += 1
        uid = self.uid_next
        self.messages[uid] = Message(subject, size, flagged, self.modseq)
        self.uid_next += 1
        return uid

    def flag(self, uid: int, *, flagged: bool) -> None:
        self.modseq += 1
        self.messages[uid].flagged = flagged
        self.messages[uid].modseq = self.modseq

    def expunge(self, uid: int) -> None:
        self.modseq += 1
        del self.messages[uid]

    async def noop(self) -> None:
        """Nothing is held back."""

    async def status(self, name: str, items: Sequence[str]) -> Status:
        unseen = sum(not message.flagged for message in self.messages.values())
        modseq = self.modseq if "HIGHESTMODSEQ" in items else None
        return Status(len(self.messages), unseen, 0, self.uid_next, self.uid_validity, modseq)

    async def search(self, criterion: Criterion) -> Sequence[int]:
        self.asked.append("search")
        return [uid for uid in sorted(self.messages) if self._meets(uid, criterion)]

    async def sort(self, keys: Sequence[str], criterion: Criterion) -> Sequence[int]:
        found = await self.search(criterion)
        self.asked[-1] = f"sort {len(found)}"
        for key in reversed(keys):
            values = {uid: getattr(self.messages[uid], key.removeprefix("REVERSE ").lower()) for uid in found}
            sign = -1 if key.startswith("REVERSE ") else 1
            found = sorted(found, key=lambda uid: sign * values[uid])
        return found

    async def conversations(self, criterion: Criterion) -> list[list[int]]:
        self.asked.append("thread")
        together: dict[int, list[int]] = {}
        for uid in await self.search(criterion):
            together.setdefault(self.messages[uid].subject, []).append(uid)
        return list(together.values())

    async def survey(self, uids: Sequence[int], section: str, take: Surveyed) -> None:
        self.asked.append(f"survey {len(uids)}")
        for uid in uids:
            if uid in self.messages:
                take(uid, uid, f"References: <{self.messages[uid].subject}@x>\r\n".encode())

    def _meets(self, uid: int, criterion: Criterion) -> bool:
        text = b"".join(piece for piece in criterion.pieces if isinstance(piece, bytes)).decode()
        message = self.messages[uid]
        for name, argument in re.findall(r"(ALL|FLAGGED|NOT SEEN|UID|MODSEQ)(?: ([0-9,:*]+))?", text):
            met = {
                "ALL": True,
                "FLAGGED": message.flagged,
                "NOT SEEN": not message.flagged,
                "UID": name == "UID" and _in(argument, uid, max(self.messages)),
                "MODSEQ": name == "MODSEQ" and message.modseq >= int(argument),
            }
            if not met[name]:
                return False
        return True


def _in(which: str, uid: int, last: int) -> bool:
    for piece in which.replace("*", str(last)).split(","):
        first, _, end = piece.partition(":")
        low, high = sorted((int(first), int(end or first)))
        if low <= uid <= high:
            return True
    return False


BY_SUBJECT = plan_of([Level(SortBy.SUBJECT, ascending=True), Level(SortBy.SIZE)])
FLAGGED_FIRST = plan_of([Level(SortBy.FLAGGED), Level(SortBy.SUBJECT)])
AS_CAME = plan_of([])


async def _fresh(server: Server, plan: object, criterion: Criterion, *, collapse: Collapse) -> list[int]:
    contents = Contents("INBOX")
    await contents.catch_up(server)
    return list(await contents.order(server, plan, criterion, collapse=collapse))  # type: ignore[arg-type]


edits = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(0, 4)),
        st.tuples(st.just("flag"), st.integers(0, 30)),
        st.tuples(st.just("unflag"), st.integers(0, 30)),
        st.tuples(st.just("expunge"), st.integers(0, 30)),
        st.tuples(st.just("look"), st.integers(0, 11)),
        st.tuples(st.just("anew"), st.just(0)),
    ),
    max_size=40,
)


@given(edits, st.booleans())
async def test_what_is_remembered_equals_what_a_server_would_say_anew(
    todo: list[tuple[str, int]], keeps_modseq: bool
) -> None:
    server = Server(frozenset({"CONDSTORE"} if keeps_modseq else ()))
    looks = [
        (plan, criterion, collapse)
        for plan in (BY_SUBJECT, FLAGGED_FIRST, AS_CAME)
        for criterion, collapse in (
            (conditions.ALL, Collapse.NO),
            (conditions.FLAGGED, Collapse.NO),
            (conditions.ALL, Collapse.THREADS),
            (conditions.ALL, Collapse.ROOTS),
        )
    ]
    contents = Contents("INBOX")
    for what, which in [*todo, *(("look", number) for number in range(len(looks)))]:
        uids = sorted(server.messages)
        if what == "add":
            server.add(which, size=which * 7 % 3, flagged=which % 2 == 0)
        elif what == "anew":
            server.uid_validity += 1
        elif what == "look":
            plan, criterion, collapse = looks[which]
            await contents.catch_up(server)
            told = list(await contents.order(server, plan, criterion, collapse=collapse))
            assert told == await _fresh(server, plan, criterion, collapse=collapse)
        elif uids:
            uid = uids[which % len(uids)]
            server.expunge(uid) if what == "expunge" else server.flag(uid, flagged=what == "flag")


async def test_an_unchanged_mailbox_is_not_asked_again() -> None:
    server = Server()
    for subject in range(50):
        server.add(subject)
    contents = Contents("INBOX")
    for _ in range(3):
        await contents.catch_up(server)
        await contents.order(server, BY_SUBJECT, conditions.ALL, collapse=Collapse.NO)
    assert server.asked == ["sort 50"]


async def test_one_new_message_is_placed_without_sorting_the_others() -> None:
    server = Server()
    for subject in range(5_000):
        server.add(subject * 7 % 5_000)
    contents = Contents("INBOX")
    await contents.catch_up(server)
    await contents.order(server, BY_SUBJECT, conditions.ALL, collapse=Collapse.NO)
    server.asked.clear()
    server.add(2_500)
    await contents.catch_up(server)
    order = list(await contents.order(server, BY_SUBJECT, conditions.ALL, collapse=Collapse.NO))
    assert order == await _fresh(server, BY_SUBJECT, conditions.ALL, collapse=Collapse.NO)
    sorts = [int(asked.split()[1]) for asked in server.asked[:-1] if asked.startswith("sort")]
    assert len(sorts) <= 4
    assert max(sorts) <= 70


@given(st.lists(st.integers(0, 20), max_size=300), st.lists(st.integers(0, 20), max_size=20))
async def test_placing_equals_sorting(old: list[int], new: list[int]) -> None:
    values = dict(enumerate([*old, *new], 1))

    async def sort(uids: Sequence[int]) -> Sequence[int]:
        return sorted(uids, key=lambda uid: (values[uid], uid))

    order = vector(await sort(range(1, len(old) + 1)))
    placed = await place(sort, order, range(len(old) + 1, len(values) + 1))
    assert placed is not None
    assert list(placed) == await sort(list(values))


async def test_a_server_that_contradicts_itself_makes_the_order_anew() -> None:
    async def sort(uids: Sequence[int]) -> Sequence[int]:
        return sorted(uids, reverse=True)

    assert await place(sort, vector([1, 2, 3]), [4]) is None


async def test_a_new_message_that_is_gone_by_now_is_left_out() -> None:
    async def sort(uids: Sequence[int]) -> Sequence[int]:
        return sorted(uid for uid in uids if uid != 5)

    placed = await place(sort, vector([1, 2, 3]), [4, 5])
    assert placed is not None
    assert list(placed) == [1, 2, 3, 4]


def test_conversations_are_found_by_any_of_their_messages() -> None:
    threading = Threading([[3, 1, 7], [2], [5, 4]])
    assert list(threading.with_(7)) == [1, 3, 7]
    assert list(threading.with_(4)) == [4, 5]
    assert list(threading.with_(99)) == [99]
    assert list(threading.firsts([7, 5, 4, 3, 2, 1])) == [7, 5, 2]
    assert list(threading.only({1, 2, 5}).with_(1)) == [1]


def test_vectors_merge_part_and_compress() -> None:
    assert list(merged(vector([1, 5]), [7, 3, 5])) == [1, 3, 5, 7]
    assert list(merged(vector([1]), [4, 4])) == [1, 4]
    assert list(parted(vector([3, 1, 2]), {2})) == [2, 3, 1]
    assert list(ranges([1, 2, 3, 7, 9, 10])) == [(1, 3), (7, 7), (9, 10)]
    assert contains(vector([1, 3]), 3)
    assert not contains(vector([1, 3]), 2)


def test_marks_stand_above_what_the_server_sorts_by() -> None:
    plan = plan_of([Level(SortBy.UNREAD), Level(SortBy.DATE), Level(SortBy.SUBJECT, ascending=True)])
    assert (plan.keys, plan.turned) == (("DATE", "REVERSE SUBJECT"), True)
    assert plan.parts == ((conditions.UNSEEN,),)
    with pytest.raises(Unsupported):
        plan_of([Level(SortBy.SUBJECT), Level(SortBy.UNREAD)])
    with pytest.raises(Unsupported):
        plan_of([Level()] * 7)


def test_a_state_survives_being_written() -> None:
    state = MailboxState(4_294_967_295, 2, 1, 0, 2**63 - 1)
    assert parse_state(str(state)) == state
    for wrong in ("", "1-2-3-4", "1-2-3-4-x", "1-2-3-4-5-6", "1-2-3-4-٣", "9" * 12 + "-1-1-1-1"):
        with pytest.raises(MalformedInput):
            parse_state(wrong)
