"""Lists, marks, moves and searches on a real mail server."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, MalformedInput, NotFound, Unsupported
from folkmoot.mail.imap import criteria
from folkmoot.mailboxes.changes import CannotCalculate, Following
from folkmoot.mailboxes.chosen import Chosen
from folkmoot.mailboxes.conversations import Conversations
from folkmoot.mailboxes.counts import count
from folkmoot.mailboxes.deleting import Deleting
from folkmoot.mailboxes.flags import Flags
from folkmoot.mailboxes.junk import Junk
from folkmoot.mailboxes.listing import Listing, ListQuery
from folkmoot.mailboxes.moving import Moving
from folkmoot.mailboxes.searching import Found, Searching, SearchPlace
from folkmoot.mailboxes.sorting import Level, SortBy
from folkmoot.mailboxes.summaries import MessageSummary
from folkmoot.mailboxes.values import MAIN
from tests.support.mailboxes import Mail

pytestmark = [pytest.mark.anyio, pytest.mark.live]

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def message(
    number: int,
    subject: str = "",
    *,
    sender: str = "Bernd Beispiel <bernd@example.net>",
    references: Sequence[str] = (),
    body: str = "Hello",
    extra: str = "",
) -> bytes:
    """Return a message whose Message-ID is its number."""
    when = START + timedelta(minutes=number)
    lines = [
        f"From: {sender}",
        "To: eva@example.com",
        f"Subject: {subject or f'Message {number}'}",
        f"Date: {when:%a, %d %b %Y %H:%M:%S} +0000",
        f"Message-ID: <{number}@example.net>",
    ]
    if references:
        lines += [f"In-Reply-To: {references[-1]}", f"References: {' '.join(references)}"]
    return ("\r\n".join([*lines, "MIME-Version: 1.0"]) + f"\r\n{extra}\r\n{body}\r\n").encode()


@dataclass
class Mailbox:
    """Somebody's inbox, written to by another program."""

    mail: Mail
    caller: Caller
    name: str = "INBOX"
    minutes: Iterator[int] = field(default_factory=itertools.count)  # since START, of the next message

    async def put(self, *messages: bytes, flags: Sequence[str] = (), into: str = "") -> list[int]:
        async with self.mail.access.connection(self.caller, MAIN) as connection:
            appended = [
                await connection.append(
                    into or self.name, one, flags=flags, received=int(START.timestamp()) + 60 * next(self.minutes)
                )
                for one in messages
            ]
        return [one.uid or 0 for one in appended]

    async def store(self, uids: Sequence[int], *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        async with self.mail.access.selected(self.caller, MAIN, self.name, write=True) as connection:
            await connection.store(uids, add=add, remove=remove)

    async def expunge(self, uids: Sequence[int]) -> None:
        async with self.mail.access.selected(self.caller, MAIN, self.name, write=True) as connection:
            await connection.store(uids, add=["\\Deleted"])
            await connection.expunge(uids)

    async def count(self, name: str) -> int:
        async with self.mail.access.connection(self.caller, MAIN) as connection:
            return (await connection.status(name, ("MESSAGES",))).messages or 0


@pytest.fixture
def inbox(mail: Mail) -> Mailbox:
    return Mailbox(mail, mail.person())


def subjects(rows: Sequence[MessageSummary]) -> list[str]:
    return [row.subject for row in rows]


async def test_a_window_shows_the_rows_in_sight_and_counts_all(inbox: Mailbox) -> None:
    uids = await inbox.put(*(message(number) for number in range(7)))
    await inbox.store(uids[:3], add=["\\Seen"])
    listing = Listing(inbox.mail.access)
    window = await listing.window(inbox.caller, MAIN, "INBOX", ListQuery(position=1, limit=2))
    assert (window.total, window.position, window.unseen, window.messages) == (7, 1, 4, 7)
    assert subjects(window.rows) == ["Message 5", "Message 4"]
    assert list(window.uids) == [uids[5], uids[4]]
    anchored = await listing.window(inbox.caller, MAIN, "INBOX", ListQuery(anchor=uids[3], anchor_offset=-1, limit=3))
    assert (anchored.position, subjects(anchored.rows)) == (2, ["Message 4", "Message 3", "Message 2"])
    last = await listing.window(inbox.caller, MAIN, "INBOX", ListQuery(position=-2))
    assert subjects(last.rows) == ["Message 1", "Message 0"]
    past = await listing.window(inbox.caller, MAIN, "INBOX", ListQuery(position=99))
    assert (past.position, past.rows) == (7, [])


async def test_a_window_that_cannot_be_is_refused(inbox: Mailbox) -> None:
    listing = Listing(inbox.mail.access)
    with pytest.raises(NotFound):
        await listing.window(inbox.caller, MAIN, "INBOX", ListQuery(anchor=99))
    with pytest.raises(MalformedInput):
        await listing.window(inbox.caller, MAIN, "INBOX", ListQuery(limit=1_000_000))
    with pytest.raises(NotFound):
        await listing.window(inbox.caller, MAIN, "No such", ListQuery())
    empty = await listing.window(inbox.caller, MAIN, "INBOX", ListQuery())
    assert (empty.total, empty.rows) == (0, [])


async def test_a_row_tells_what_the_message_says_of_itself(inbox: Mailbox) -> None:
    extra = (
        "X-Priority: 1 (Highest)\r\nList-Id: Builders <builders.example.com>\r\n"
        'Content-Type: multipart/mixed; boundary="x"\r\n'
    )
    body = (
        "--x\r\nContent-Type: text/plain\r\n\r\nHi\r\n--x\r\nContent-Type: application/pdf\r\n"
        'Content-Disposition: attachment; filename="a.pdf"\r\n\r\nx\r\n--x--'
    )
    sent = message(
        9,
        "=?utf-8?q?Gr=C3=BC=C3=9Fe?=",
        sender="=?utf-8?b?WsO2w6s=?= <zoe@example.net>",
        references=["<1@a>", "<2@a>"],
        extra=extra,
        body=body,
    )
    (uid,) = await inbox.put(sent, flags=["\\Answered", "\\Flagged", "$Forwarded", "$label1"])
    (plain,) = await inbox.put(message(1))
    listing = Listing(inbox.mail.access)
    row, other = await listing.rows(inbox.caller, MAIN, "INBOX", [uid, plain, 4711])
    assert row.subject == "Grüße"
    assert [(one.name, one.address) for one in row.from_] == [("Zöë", "zoe@example.net")]
    assert row.priority == 1
    assert row.list_id.startswith("Builders")
    assert row.has_attachment
    assert (row.answered, row.flagged, row.forwarded, row.seen) == (True, True, True, False)
    assert row.keywords >= {"$Forwarded", "$label1"}
    assert row.references == ("<1@a>", "<2@a>")
    assert row.sent == int((START + timedelta(minutes=9)).timestamp())
    assert not other.has_attachment
    assert other.thread_id != row.thread_id


async def test_lists_are_sorted_by_all_that_people_sort_by(inbox: Mailbox) -> None:
    a, b, c = await inbox.put(
        message(3, "Re: beta", sender="Carl <c@example.net>", extra="X-Priority: 5\r\n"),
        message(1, "alpha", sender="Anna <a@example.net>", body="long " * 200, extra="X-Priority: 1\r\n"),
        message(2, "gamma", sender="Bert <b@example.net>"),
    )
    await inbox.store([c], add=["\\Seen", "\\Flagged"])
    listing = Listing(inbox.mail.access)

    async def by(*levels: Level) -> list[int]:
        return list((await listing.window(inbox.caller, MAIN, "INBOX", ListQuery(sort=levels))).uids)

    assert await by(Level(SortBy.SUBJECT, ascending=True)) == [b, a, c]
    assert await by(Level(SortBy.SENDER)) == [a, c, b]
    assert await by(Level(SortBy.DATE, ascending=True)) == [b, c, a]
    assert await by(Level(SortBy.RECEIVED)) == [c, b, a]
    assert (await by(Level(SortBy.SIZE)))[0] == b
    assert await by(Level(SortBy.UNREAD), Level(SortBy.DATE)) == [a, b, c]
    assert await by(Level(SortBy.FLAGGED), Level(SortBy.ORDER, ascending=True)) == [c, a, b]
    assert await by(Level(SortBy.PRIORITY)) == [b, c, a]
    assert await by(Level(SortBy.PRIORITY, ascending=True)) == [a, c, b]
    assert await by(Level(SortBy.ORDER)) == [c, b, a]


async def test_conversations_are_one_row_each(inbox: Mailbox) -> None:
    first, other, answer = await inbox.put(
        message(1, "Plan"), message(2, "Lunch"), message(3, "Re: Plan", references=["<1@example.net>"])
    )
    await inbox.store([first], add=["\\Seen"])
    listing = Listing(inbox.mail.access)
    window = await listing.window(inbox.caller, MAIN, "INBOX", ListQuery(threaded=True))
    assert (window.total, list(window.uids)) == (2, [answer, other])
    assert (window.rows[0].thread, window.rows[0].thread_unseen) == ((first, answer), 1)
    alone = await listing.rows(inbox.caller, MAIN, "INBOX", [first])
    assert alone[0].thread_id == window.rows[0].thread_id
    (late,) = await inbox.put(message(4, "Re: Lunch", references=["<2@example.net>"]))
    window = await listing.window(inbox.caller, MAIN, "INBOX", ListQuery(threaded=True))
    assert set(window.uids) == {late, answer}


async def test_a_conversation_is_found_in_all_its_mailboxes(inbox: Mailbox) -> None:
    (asked,) = await inbox.put(message(1, "Offer"))
    await inbox.put(message(2, "Re: Offer", references=["<1@example.net>"]), into="Sent")
    await inbox.put(message(3, "Re: Offer", references=["<1@example.net>", "<2@example.net>"]), message(4, "Other"))
    access = inbox.mail.access
    listing = Listing(access)
    (row,) = await listing.rows(inbox.caller, MAIN, "INBOX", [asked])
    found = await Conversations(access, listing, Searching(access)).of(inbox.caller, MAIN, row.ref)
    assert [(one.ref.mailbox, one.message_id) for one in found] == [
        ("INBOX", "<1@example.net>"),
        ("Sent", "<2@example.net>"),
        ("INBOX", "<3@example.net>"),
    ]
    assert len({one.thread_id for one in found}) == 1


async def test_marks_change_for_many_at_once_and_not_over_anothers_change(inbox: Mailbox) -> None:
    uids = await inbox.put(*(message(number) for number in range(5)))
    access = inbox.mail.access
    flags = Flags(access)
    marked = await flags.change(
        inbox.caller, MAIN, Chosen("INBOX", uids[:3]), add=["\\seen", "Urgent-1"], remove=["\\Flagged"]
    )
    assert list(marked.uids) == uids[:3]
    assert marked.flags[uids[0]] >= {"\\Seen", "Urgent-1"}
    state = await Following(access).state(inbox.caller, MAIN, "INBOX")
    await inbox.store([uids[0]], add=["\\Answered"])
    marked = await flags.change(
        inbox.caller, MAIN, Chosen("INBOX", uids[:2]), add=["\\Flagged"], unchanged_since=state.modseq
    )
    assert (list(marked.uids), list(marked.refused)) == ([uids[1]], [uids[0]])
    everything = await flags.change(inbox.caller, MAIN, Chosen("INBOX", criterion=criteria.all_()), add=["\\Seen"])
    assert list(everything.uids) == uids
    counts = await count(Listing(access), inbox.caller, MAIN, "INBOX", ["Urgent-1", "never"])
    assert (counts.messages, counts.unseen, counts.flagged, counts.labels) == (5, 0, 1, {"Urgent-1": 3, "never": 0})


@pytest.mark.parametrize("flag", ["", "two words", "\\Recent", "\\Unknown", "a]b", 'q"', "x" * 200, "über", "a\r\nb"])
async def test_what_is_no_flag_never_reaches_the_server(inbox: Mailbox, flag: str) -> None:
    with pytest.raises(MalformedInput):
        await Flags(inbox.mail.access).change(inbox.caller, MAIN, Chosen("INBOX", [1]), add=[flag])


async def test_numbers_of_a_mailbox_that_was_made_anew_mean_nothing(inbox: Mailbox) -> None:
    (uid,) = await inbox.put(message(1))
    access = inbox.mail.access
    wrong = Chosen("INBOX", [uid], uid_validity=1)
    with pytest.raises(Conflict):
        await Flags(access).change(inbox.caller, MAIN, wrong, add=["\\Seen"])
    with pytest.raises(Conflict):
        await Deleting(access, Moving(access)).delete(inbox.caller, MAIN, wrong)
    with pytest.raises(Conflict):
        await Listing(access).rows(inbox.caller, MAIN, "INBOX", [uid], uid_validity=1)


async def test_what_was_moved_can_be_moved_back(inbox: Mailbox) -> None:
    uids = await inbox.put(*(message(number) for number in range(3)), flags=["\\Flagged"])
    moving = Moving(inbox.mail.access)
    moved = await moving.move(inbox.caller, MAIN, Chosen("INBOX", uids[:2]), "Trash")
    assert (await inbox.count("INBOX"), await inbox.count("Trash")) == (1, 2)
    assert moved.new is not None
    await moving.undo(inbox.caller, MAIN, moved)
    assert (await inbox.count("INBOX"), await inbox.count("Trash")) == (3, 0)
    copied = await moving.copy(inbox.caller, MAIN, Chosen("INBOX", criterion=criteria.all_()), "Sent")
    assert len(copied.uids) == 3
    with pytest.raises(NotFound):
        await moving.move(inbox.caller, MAIN, Chosen("INBOX", uids), "No such")
    with pytest.raises(Conflict):
        await moving.move(inbox.caller, MAIN, Chosen("INBOX", uids), "INBOX")


async def test_deleting_goes_to_the_trash_and_from_there_for_good(inbox: Mailbox) -> None:
    uids = await inbox.put(*(message(number) for number in range(3)))
    access = inbox.mail.access
    deleting = Deleting(access, Moving(access))
    deleted = await deleting.delete(inbox.caller, MAIN, Chosen("INBOX", uids[:2]))
    assert deleted.moved is not None
    assert deleted.moved.new is not None
    assert (deleted.count, await inbox.count("Trash")) == (2, 2)
    gone = await deleting.delete(inbox.caller, MAIN, deleted.moved.new)
    assert (gone.count, gone.moved, await inbox.count("Trash")) == (2, None, 0)
    await inbox.store([uids[2]], add=["\\Seen"])
    for_good = await deleting.delete(inbox.caller, MAIN, Chosen("INBOX", uids), for_good=True)
    assert (for_good.moved, await inbox.count("INBOX"), await inbox.count("Trash")) == (None, 0, 0)


async def test_junk_is_marked_reported_and_moved_there_and_back(inbox: Mailbox) -> None:
    uids = await inbox.put(message(1), message(2))
    access = inbox.mail.access
    junk = Junk(access, Moving(access))
    judged = await junk.mark(inbox.caller, MAIN, Chosen("INBOX", uids), junk=True)
    assert judged.moved is not None
    assert (judged.reported, await inbox.count("Junk"), await inbox.count("INBOX")) == (0, 2, 0)
    assert judged.moved.new is not None
    rows = await Listing(access).rows(inbox.caller, MAIN, "Junk", judged.moved.new.uids)
    assert all("$Junk" in row.flags for row in rows)
    back = await junk.mark(inbox.caller, MAIN, judged.moved.new, junk=False)
    assert back.moved is not None
    assert back.moved.new is not None
    rows = await Listing(access).rows(inbox.caller, MAIN, "INBOX", back.moved.new.uids)
    assert all("$NotJunk" in row.flags and "$Junk" not in row.flags for row in rows)


async def test_changes_tell_what_came_changed_and_went(inbox: Mailbox) -> None:
    uids = await inbox.put(*(message(number) for number in range(4)))
    following = Following(inbox.mail.access)
    before = str(await following.state(inbox.caller, MAIN, "INBOX"))
    assert str((await following.since(inbox.caller, MAIN, "INBOX", before)).state) == before
    await inbox.store([uids[0]], add=["\\Seen"])
    await inbox.expunge([uids[1]])
    (new,) = await inbox.put(message(9))
    changes = await following.since(inbox.caller, MAIN, "INBOX", before)
    assert (list(changes.created), list(changes.changed), list(changes.vanished)) == ([new], [uids[0]], [uids[1]])
    again = await following.since(inbox.caller, MAIN, "INBOX", str(changes.state))
    assert (again.created, again.changed, again.vanished) == ((), (), ())
    with pytest.raises(CannotCalculate):
        await following.since(inbox.caller, MAIN, "INBOX", "1-1-0-0-1")
    with pytest.raises(MalformedInput):
        await following.since(inbox.caller, MAIN, "INBOX", "yesterday")


async def _all(
    searching: Searching, caller: Caller, places: list[SearchPlace], wanted: criteria.Criterion
) -> list[Found]:
    return [found async for found in searching.run(caller, places, wanted)]


async def test_all_mailboxes_are_searched_and_progress_is_told(inbox: Mailbox) -> None:
    await inbox.put(message(1, "Größe", body="nadel im heu"), message(2, "Anderes"))
    await inbox.put(message(3, body="noch eine Nadel"), into="Sent")
    searching = Searching(inbox.mail.access)
    found = await _all(searching, inbox.caller, [SearchPlace(MAIN)], criteria.body("nadel"))
    assert {one.mailbox for one in found if one.uids} == {"INBOX", "Sent"}
    assert (found[-1].done, found[-1].of) == (len(found), len(found))
    assert not any(one.fault for one in found)
    wide = await _all(searching, inbox.caller, [SearchPlace(MAIN, ["INBOX"])], criteria.header("Subject", "größe"))
    assert [len(one.uids) for one in wide] == [1]
    missing = await _all(searching, inbox.caller, [SearchPlace(MAIN, ["INBOX", "No such"])], criteria.all_())
    assert {one.mailbox: bool(one.fault) for one in missing} == {"INBOX": False, "No such": True}


async def test_a_large_mailbox_is_searched_in_pieces_newest_first(
    inbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("folkmoot.mailboxes.searching.PIECE", 4)
    uids = await inbox.put(*(message(number, body="needle" if number % 3 == 0 else "hay") for number in range(11)))
    searching = Searching(inbox.mail.access)
    found = await _all(searching, inbox.caller, [SearchPlace(MAIN, ["INBOX"])], criteria.body("needle"))
    assert (len(found), found[-1].of) == (3, 3)
    assert sorted(uid for one in found for uid in one.uids) == [uids[number] for number in (0, 3, 6, 9)]
    assert found[0].uids[0] >= uids[6]


async def test_who_stops_a_search_leaves_nothing_behind(inbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("folkmoot.mailboxes.searching.PIECE", 1)
    monkeypatch.setattr("folkmoot.mailboxes.searching.WAITING_MAX", 1)
    await inbox.put(*(message(number) for number in range(10)))
    results = Searching(inbox.mail.access).run(inbox.caller, [SearchPlace(MAIN, ["INBOX"])], criteria.body("hello"))
    await anext(results)
    await asyncio.wait_for(results.aclose(), 5)
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "search"]


async def test_a_mailbox_that_keeps_no_labels_says_so(inbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    await inbox.put(message(1))
    flags = Flags(inbox.mail.access)
    async with inbox.mail.access.selected(inbox.caller, MAIN, "INBOX", write=True) as connection:
        assert connection.mailbox is not None
        kept = connection.mailbox.permanent - {"\\*"}
    monkeypatch.setattr("folkmoot.mail.imap.values.Selected.permanent", kept, raising=False)
    with pytest.raises(Unsupported):
        await flags.change(inbox.caller, MAIN, Chosen("INBOX", [1]), add=["brandnew"])


steps = st.lists(
    st.tuples(st.sampled_from(["put", "flag", "unflag", "expunge", "look"]), st.integers(0, 9)), min_size=1, max_size=12
)


@given(steps)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_list_that_was_kept_equals_a_fresh_one_whatever_another_program_does(
    mail: Mail, todo: list[tuple[str, int]]
) -> None:
    inbox = Mailbox(mail, mail.person())
    kept = Listing(mail.access)
    uids = await inbox.put(*(message(number, f"{number * 7 % 5} subject") for number in range(6)))
    queries = [
        ListQuery(sort=(Level(SortBy.SUBJECT, ascending=True),)),
        ListQuery(filter=criteria.flag("\\Flagged"), sort=(Level(SortBy.DATE),)),
        ListQuery(sort=(Level(SortBy.FLAGGED), Level(SortBy.SENDER))),
        ListQuery(threaded=True),
    ]
    for what, which in [("look", 0), *todo, ("look", 0)]:
        if what == "put":
            references = [f"<{which - 1}@example.net>"] if which % 2 else []
            uids += await inbox.put(message(which, f"{which % 5} subject", references=references))
        elif what == "look":
            for query in queries:
                fresh = await Listing(mail.access).window(inbox.caller, MAIN, "INBOX", query)
                window = await kept.window(inbox.caller, MAIN, "INBOX", query)
                assert (list(window.uids), window.total) == (list(fresh.uids), fresh.total)
        elif uids:
            uid = uids[which % len(uids)]
            if what == "expunge":
                uids.remove(uid)
                await inbox.expunge([uid])
            else:
                change = {"add": ["\\Flagged"]} if what == "flag" else {"remove": ["\\Flagged"]}
                await inbox.store([uid], **change)
