"""Sessions with servers of every kind, as they read on the wire."""

import asyncio
from datetime import date

import pytest

from folkmoot.core.errors import (
    Conflict,
    FolkmootError,
    Forbidden,
    MalformedInput,
    NotFound,
    TooLarge,
    Unavailable,
    Unsupported,
)
from folkmoot.mail.credentials import Password
from folkmoot.mail.errors import Declined, OverQuota
from folkmoot.mail.imap import criteria as c
from folkmoot.mail.imap.connection import Connection, Manners
from folkmoot.mail.imap.values import Quota, Thread
from tests.support.imap_script import playing

pytestmark = pytest.mark.anyio
IDA = Password("ida", "secret")
OLD = """\
S: * OK hello
C: $ CAPABILITY
S: * CAPABILITY IMAP4rev1
S: $ OK done
C: $ LOGIN ida "secret"
S: $ OK in
C: $ CAPABILITY
S: * CAPABILITY IMAP4rev1
S: $ OK done
"""
NEW_CAPABILITIES = (
    "IMAP4rev1 SASL-IR LITERAL+ ID ENABLE IDLE SORT THREAD=REFERENCES MULTIAPPEND UNSELECT CHILDREN NAMESPACE UIDPLUS "
    "LIST-EXTENDED ESEARCH CONDSTORE QRESYNC SPECIAL-USE LIST-STATUS CREATE-SPECIAL-USE MOVE METADATA QUOTA ACL NOTIFY"
)
NEW = f"""\
S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN] hello
C: $ LOGIN ida "secret"
S: $ OK [CAPABILITY {NEW_CAPABILITIES.replace(" ID ", " ")}] in
C: $ ENABLE CONDSTORE QRESYNC
S: * ENABLED CONDSTORE QRESYNC
S: $ OK done
"""


async def test_an_old_server_is_asked_in_its_own_words() -> None:
    text = f"""\
{OLD}C: $ LIST "" "*"
C: $ LSUB "" "*"
S: * LIST (\\HasNoChildren) "." INBOX
S: * LIST (\\Noselect) "." Old
S: * LIST () "." "Entw&APw-rfe"
S: f4 OK
S: * LSUB () "." INBOX
S: $ OK
C: $ STATUS INBOX (MESSAGES)
C: $ STATUS Entw&APw-rfe (MESSAGES)
S: * STATUS INBOX (MESSAGES 3)
S: f6 OK
S: $ NO no
C: $ LIST "" ""
S: * LIST (\\Noselect) "." ""
S: $ OK
C: $ EXAMINE INBOX
S: * 3 EXISTS
S: * FLAGS (\\Seen)
S: * OK [UIDVALIDITY 7] x
S: $ OK [READ-ONLY] done
C: $ UID SEARCH CHARSET UTF-8 BODY {{3}}
S: + ok
C: ü!
S: * SEARCH 9 4
S: $ OK
C: $ UID SEARCH ALL
S: * SEARCH 1 2
S: $ OK
C: $ UID FETCH 1:2 (ENVELOPE INTERNALDATE RFC822.SIZE)
S: * 1 FETCH (UID 1 ENVELOPE ("Mon, 1 Jun 2026 10:00:00 +0000" "a" NIL NIL NIL NIL NIL NIL NIL NIL))
S: * 2 FETCH (UID 2 ENVELOPE ("Mon, 1 Jun 2026 09:00:00 +0000" "b" NIL NIL NIL NIL NIL NIL NIL NIL))
S: $ OK
C: $ UID SEARCH ALL
S: * SEARCH 1 2
S: $ OK
C: $ UID FETCH 1:2 (ENVELOPE INTERNALDATE BODY.PEEK[HEADER.FIELDS (REFERENCES)])
S: * 1 FETCH (UID 1 ENVELOPE (NIL "a" NIL NIL NIL NIL NIL NIL NIL "<1@x>"))
S: * 2 FETCH (UID 2 ENVELOPE (NIL "b" NIL NIL NIL NIL NIL NIL "<1@x>" "<2@x>"))
S: $ OK
C: $ UID COPY 1 Old
S: $ OK
C: $ UID STORE 1 +FLAGS (\\Deleted)
S: $ OK
C: $ UID SEARCH (DELETED NOT UID 1)
S: * SEARCH 2
S: $ OK
C: $ UID STORE 2 -FLAGS (\\Deleted)
S: $ OK
C: $ EXPUNGE
S: * 1 EXPUNGE
S: $ OK
C: $ UID STORE 2 +FLAGS (\\Deleted)
S: $ OK
C: $ NOOP
S: * 5 EXISTS
S: $ OK
C: $ CLOSE
S: $ OK
"""
    async with playing(text) as server:
        opened = await Connection.open(server, IDA)
        listed = await opened.list(status=["MESSAGES", "HIGHESTMODSEQ", "SIZE"])
        assert [(one.name, one.status and one.status.messages) for one in listed] == [
            ("INBOX", 3),
            ("Old", None),
            ("Entwürfe", None),
        ]
        assert "\\subscribed" in listed[0].attributes
        assert "\\subscribed" not in listed[1].attributes
        assert (await opened.namespaces()).personal[0].separator == "."
        selected = await opened.select("INBOX")
        assert (selected.uid_validity, selected.messages, selected.modseq, selected.permanent) == (
            7,
            3,
            None,
            frozenset({"\\Seen"}),
        )
        assert await opened.search(c.body("ü!")) == [4, 9]
        assert await opened.sort(["DATE"], c.all_()) == [2, 1]
        assert await opened.thread(c.all_()) == [Thread(1, (Thread(2),))]
        assert (await opened.move([1], "Old")).targets == ()
        assert opened.mailbox is not None
        assert opened.mailbox.messages == 2
        await opened.noop()
        assert opened.mailbox.messages == 5
        assert opened.stale
        with pytest.raises(Unsupported):
            await opened.fetch("1:*", ["FLAGS"], changed_since=3)
        with pytest.raises(Unsupported):
            await opened.get_rights("INBOX")
        with pytest.raises(Unsupported):
            await opened.get_metadata("INBOX", ["/private/comment"])
        with pytest.raises(Unsupported):
            await opened.changes(3)
        with pytest.raises(Unsupported):
            await opened.append("INBOX", b"a\0b")
        assert await opened.quota("INBOX") == []
        await opened.unselect()
        opened.close()


async def test_a_new_server_is_asked_for_everything_at_once() -> None:
    text = f"""\
{NEW}C: $ NAMESPACE
S: * NAMESPACE (("" "/")) NIL (("shared/" "/"))
S: $ OK
C: $ LIST "" "*" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE STATUS (MESSAGES HIGHESTMODSEQ))
S: * LIST (\\Subscribed \\HasNoChildren \\Sent) "/" Sent
S: * STATUS Sent (MESSAGES 2 HIGHESTMODSEQ 44)
S: $ OK
C: $ LIST (SUBSCRIBED) "" "*" RETURN (SUBSCRIBED CHILDREN SPECIAL-USE)
S: * LIST (\\Subscribed) "/" {{4}}
S: Sent
S: $ OK
C: $ CREATE Plans (USE (\\Drafts))
S: $ NO [USEATTR] there is one
C: $ CREATE Plans
S: $ OK
C: $ SELECT Sent (QRESYNC (9 40))
S: * OK [CLOSED] x
S: * 3 EXISTS
S: * OK [UIDVALIDITY 9] x
S: * OK [UIDNEXT 12] x
S: * OK [HIGHESTMODSEQ 44] x
S: * OK [PERMANENTFLAGS (\\Seen \\*)] x
S: * VANISHED (EARLIER) 3:4,8
S: * 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (43))
S: $ OK [READ-WRITE] x
C: $ UID SEARCH RETURN (ALL) (NOT SEEN SINCE 1-Jun-2026)
S: * ESEARCH (TAG "$") UID ALL 5:7,2
S: $ OK
C: $ UID SORT (REVERSE DATE SUBJECT) UTF-8 ALL
S: * SORT 5 3 4
S: $ OK
C: $ UID THREAD REFERENCES UTF-8 ALL
S: * THREAD (5 (3)(4))
S: $ OK
C: $ UID FETCH 1:* (FLAGS) (CHANGEDSINCE 40 VANISHED)
S: * VANISHED (EARLIER) 6
S: * 1 FETCH (UID 1 MODSEQ (43) FLAGS ())
S: $ OK
C: $ UID STORE 1,3 (UNCHANGEDSINCE 40) +FLAGS (\\Seen $label1)
S: * 1 FETCH (UID 1 MODSEQ (45) FLAGS (\\Seen))
S: $ OK [MODIFIED 3] x
C: $ UID MOVE 1 Plans
S: * OK [COPYUID 5 1 90] x
S: * VANISHED 1
S: $ OK
C: $ UID EXPUNGE 3
S: $ OK
C: $ APPEND Sent (\\Seen) " 1-Jun-2026 08:00:00 +0000" {{2+}}
C: hi
S: $ OK [APPENDUID 9 12] x
C: $ UNSELECT
S: $ OK
"""
    async with playing(text) as server:
        opened = await Connection.open(server, IDA)
        assert opened.enabled == {"CONDSTORE", "QRESYNC"}
        assert [one.prefix for one in (await opened.namespaces()).shared] == ["shared/"]
        (sent,) = await opened.list(status=["MESSAGES", "HIGHESTMODSEQ"])
        assert sent.status is not None
        assert (sent.status.messages, sent.status.modseq) == (2, 44)
        assert [one.name for one in await opened.list(subscribed=True)] == ["Sent"]
        await opened.create("Plans", special_use="\\Drafts")
        selected = await opened.select("Sent", write=True, since=(9, 40))
        assert selected.vanished == (3, 4, 8)
        assert selected.changed[0].modseq == 43
        assert (selected.uid_next, selected.modseq, selected.read_only) == (12, 44, False)
        unseen = c.and_(c.not_(c.flag("\\Seen")), c.since(date(2026, 6, 1)))
        assert await opened.search(unseen) == [2, 5, 6, 7]
        assert await opened.sort(["REVERSE DATE", "SUBJECT"], c.all_()) == [5, 3, 4]
        assert await opened.thread(c.all_()) == [Thread(5, (Thread(3), Thread(4)))]
        changes = await opened.changes(40)
        assert ([one.uid for one in changes.changed], changes.vanished) == ([1], (6,))
        stored = await opened.store([1, 3], add=["\\Seen", "$label1"], unchanged_since=40)
        assert ([one.uid for one in stored.changed], stored.refused) == ([1], (3,))
        copied = await opened.move([1], "Plans")
        assert (copied.uid_validity, copied.sources, copied.targets) == (5, (1,), (90,))
        await opened.expunge([3])
        appended = await opened.append("Sent", b"hi", flags=["\\Seen"], received=1_780_300_800)
        assert (appended.uid_validity, appended.uid) == (9, 12)
        await opened.unselect()
        opened.close()


async def test_rights_quota_and_metadata() -> None:
    text = f"""\
{NEW}C: $ GETACL "a b"
S: * ACL "a b" ida lrs "$staff" {{2}}
S: lr
S: $ OK
C: $ MYRIGHTS INBOX
S: * MYRIGHTS INBOX lrswipcda
S: $ OK
C: $ SETACL INBOX per cd
S: $ OK
C: $ DELETEACL INBOX {{3+}}
C: jö
S: $ NO [NOPERM] not you
C: $ GETQUOTAROOT INBOX
S: * QUOTAROOT INBOX "User quota"
S: * QUOTA "User quota" (STORAGE 10 512 MESSAGE 3 100)
S: $ OK
C: $ GETMETADATA INBOX ("/private/comment" "/private/none")
S: * METADATA INBOX (/private/Comment "x" /private/none NIL)
S: $ OK
C: $ SETMETADATA INBOX ("/private/comment" "y" "/private/b" NIL)
S: $ NO [METADATA TOOMANY] enough
"""
    async with playing(text) as server:
        opened = await Connection.open(server, IDA, Manners(acl_style="rfc2086"))
        assert (await opened.get_rights("a b")).grants == {"ida": "lrs", "$staff": "lr"}
        assert await opened.my_rights("INBOX") == "lrswipkxtea"
        await opened.set_rights("INBOX", "per", "kxte")
        with pytest.raises(Forbidden):
            await opened.delete_rights("INBOX", "jö")
        assert await opened.quota("INBOX") == [
            Quota("User quota", "STORAGE", 10, 512),
            Quota("User quota", "MESSAGE", 3, 100),
        ]
        assert await opened.get_metadata("INBOX", ["/private/comment", "/private/none"]) == {"/private/comment": b"x"}
        with pytest.raises(TooLarge):
            await opened.set_metadata("INBOX", {"/private/comment": b"y", "/private/b": None})
        for bad in ("comment", '/private/a"b', "/private/a b", "/private/a*"):
            with pytest.raises(MalformedInput):
                await opened.get_metadata("INBOX", [bad])
        for who, letters in (("", "l"), ("a\nb", "l"), ("a", "L"), ("a", "l r")):
            with pytest.raises(MalformedInput):
                await opened.set_rights("INBOX", who, letters)
        opened.close()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("NO [TRYCREATE] x", NotFound),
        ("NO [nonexistent] x", NotFound),
        ("NO [OVERQUOTA] x", OverQuota),
        ("NO [NOPERM] x", Forbidden),
        ("NO [ALREADYEXISTS] x", Conflict),
        ("NO [LIMIT] x", TooLarge),
        ("NO [INUSE] x", Unavailable),
        ("NO [SERVERBUG] x", Unavailable),
        ("NO [WHATEVER 1] x", Declined),
        ("NO", Declined),
        ("BAD x", Unsupported),
    ],
)
async def test_a_no_is_the_error_that_it_means(answer: str, error: type[FolkmootError]) -> None:
    async with playing(f"{OLD}C: $ UID COPY 1:3,7 There\nS: $ {answer}\nC: $ NOOP\nS: $ OK") as server:
        opened = await Connection.open(server, IDA)
        with pytest.raises(error):
            await opened.copy([7, 1, 2, 3], "There")
        assert opened.usable
        await opened.noop()
        opened.close()


@pytest.mark.parametrize(
    "last",
    ["drop", "S: * BYE bug\ndrop", "S: * 1 FETCH (UID 1 FLAGS (\ndrop", "S- * 1 FETCH (BODY[] {500}\\r\\nab\ndrop"],
)
async def test_a_server_that_goes_in_the_middle_is_unavailable(last: str) -> None:
    async with playing(f"{OLD}C: $ UID FETCH 1:* (FLAGS)\n{last}") as server:
        opened = await Connection.open(server, IDA)
        with pytest.raises(Unavailable):
            await opened.fetch("1:*", ["FLAGS"])
        assert not opened.usable


async def test_a_server_that_talks_nonsense_is_unavailable() -> None:
    async with playing(f"{OLD}C: $ UID FETCH 1 (BODY.PEEK[])\nS: * 1 FETCH (BODY[] {{500000000}}") as server:
        opened = await Connection.open(server, IDA)
        with pytest.raises(Unavailable, match="literal"):
            await opened.fetch([1], ["BODY.PEEK[]"])
        assert not opened.usable


async def test_a_command_that_was_given_up_spoils_the_connection() -> None:
    async with playing(f"{OLD}C: $ UID SEARCH ALL\nhang") as server:
        opened = await Connection.open(server, IDA)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await opened.search(c.all_())
        assert not opened.usable
        opened.close()


async def test_a_literal_that_the_server_refuses_is_not_sent() -> None:
    async with playing(f"{OLD}C: $ APPEND INBOX {{3}}\nS: $ NO [OVERQUOTA] full\nC: $ NOOP\nS: $ OK") as server:
        opened = await Connection.open(server, IDA)
        with pytest.raises(OverQuota):
            await opened.append("INBOX", b"abc")
        await opened.noop()
        opened.close()


async def test_only_what_leaves_no_trace_is_fetched() -> None:
    async with playing(OLD) as server:
        opened = await Connection.open(server, IDA)
        for item in (
            "BODY[]",
            "RFC822",
            "RFC822.TEXT",
            "body[1]",
            "BODY.PEEK[1] BODY[1]",
            "FLAGS)\r\nf9 DELETE INBOX",
            "BODY.PEEK[1]\r\n",
            "BODY.PEEK[HEADER.FIELDS (a b]c)]",
            "BODY.PEEK[0]",
            "BODY.PEEK[x]",
            "",
        ):
            with pytest.raises(MalformedInput):
                await opened.fetch([1], [item])
        for section in ("1.", "1\r\n", "..", "HEADER.FIELDS ()", "1.0"):
            with pytest.raises(MalformedInput):
                await opened.fetch_part(1, section, limit=10)
        for uids in ("", "1;2", "x"):
            with pytest.raises(MalformedInput):
                await opened.fetch(uids, ["FLAGS"])
        assert await opened.fetch([], ["FLAGS"]) == []
        opened.close()


async def test_parts_come_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("folkmoot.mail.imap.fetching.PIECE_OCTETS", 4)
    text = f"""\
{OLD}C: $ UID FETCH 1 (BODY.PEEK[2]<0.4>)
S: * 1 FETCH (UID 1 BODY[2]<0> "abcd")
S: $ OK
C: $ UID FETCH 1 (BODY.PEEK[2]<4.4>)
S: * 9 FETCH (FLAGS (\\Seen))
S: * 1 FETCH (BODY[2]<4> {{2}}
S: ef UID 1)
S: $ OK
C: $ UID FETCH 1 (BODY.PEEK[2]<0.4>)
S: * 1 FETCH (UID 1 BODY[2] "abcdefgh")
S: $ OK
C: $ UID FETCH 1 (BODY.PEEK[9]<0.4>)
S: * 1 FETCH (UID 1 BODY[9]<0> NIL)
S: $ OK
C: $ UID FETCH 2 (BODY.PEEK[9]<0.4>)
S: $ OK
C: $ UID FETCH 1 (BODY.PEEK[2]<0.4>)
S: * 1 FETCH (UID 1 BODY[2]<0> "abcd")
S: $ OK
"""
    async with playing(text) as server:
        opened = await Connection.open(server, IDA)
        assert await opened.fetch_part(1, "2", limit=10) == b"abcdef"
        assert await opened.fetch_part(1, "2", limit=10) == b"abcdefgh"
        assert await opened.fetch_part(1, "9", limit=10) == b""
        with pytest.raises(NotFound):
            await opened.fetch_part(2, "9", limit=10)
        with pytest.raises(TooLarge):
            await opened.fetch_part(1, "2", limit=3)
        opened.close()


async def test_idle_tells_what_happens_and_ends() -> None:
    text = f"""\
{NEW}C: $ EXAMINE INBOX
S: * 1 EXISTS
S: $ OK
C: $ IDLE
S: + idling
S: * 2 EXISTS
S: * OK still here
S: * 1 FETCH (FLAGS (\\Seen) UID 4)
S: * VANISHED 3
C: DONE
S: * 1 RECENT
S: $ OK
C: $ NOTIFY SET (SELECTED (MessageNew MessageExpunge FlagChange)) (PERSONAL (MessageNew MessageExpunge FlagChange))
S: $ OK
C: $ IDLE
S: +
S: * STATUS Sent (MESSAGES 7 UIDNEXT 9)
C: DONE
S: $ OK
C: $ NOTIFY NONE
S: $ OK
"""
    async with playing(text) as server:
        opened = await Connection.open(server, IDA)
        await opened.select("INBOX")
        events = [event async for event in opened.idle(0.2)]
        assert [(event.messages, event.expunged, event.flags and event.flags.uid) for event in events] == [
            (2, False, None),
            (None, False, 4),
            (None, True, None),
        ]
        (told,) = [event async for event in opened.notify(0.2)]
        assert told.mailbox == "Sent"
        assert told.status is not None
        assert told.status.messages == 7
        assert opened.usable
        opened.close()


async def test_a_name_that_its_server_spells_otherwise_is_said_as_it_spells_it() -> None:
    text = f"""\
{OLD}C: $ LIST "" "*"
C: $ LSUB "" "*"
S: * LIST () "." "A & B"
S: f4 OK
S: $ OK
C: $ EXAMINE "A & B"
S: $ OK
"""
    async with playing(text) as server:
        opened = await Connection.open(server, IDA)
        assert [one.name for one in await opened.list()] == ["A & B"]
        await opened.select("A & B")
        opened.close()


async def test_names_are_utf8_where_the_server_speaks_nothing_else() -> None:
    text = """\
S: * OK [CAPABILITY IMAP4rev1 ENABLE UTF8=ONLY] hello
C: $ LOGIN ida "secret"
S: $ OK [CAPABILITY IMAP4rev1 ENABLE UTF8=ONLY LIST-EXTENDED] in
C: $ ENABLE UTF8=ACCEPT
S: * ENABLED UTF8=ACCEPT
S: $ OK
C: $ LIST "" "*" RETURN (SUBSCRIBED CHILDREN)
S: * LIST () "/" "Entwürfe"
S: $ OK
C: $ EXAMINE "Entwürfe"
S: $ OK
C: $ UID SEARCH BODY {3}
S: + go
C: ü!
S: * SEARCH 1
S: $ OK
C: $ APPEND INBOX UTF8 (~{2}
S: + go
C: hi)
S: $ OK
"""
    async with playing(text) as server:
        opened = await Connection.open(server, IDA)
        assert [one.name for one in await opened.list()] == ["Entwürfe"]
        await opened.select("Entwürfe")
        assert await opened.search(c.body("ü!")) == [1]
        await opened.append("INBOX", b"hi")
        opened.close()


async def test_a_message_larger_than_the_server_takes_is_not_sent() -> None:
    text = OLD.replace(
        "S: * CAPABILITY IMAP4rev1\nS: $ OK done\n", "S: * CAPABILITY IMAP4rev1 APPENDLIMIT=3\nS: $ OK\n"
    )
    async with playing(text) as server:
        opened = await Connection.open(server, IDA)
        with pytest.raises(TooLarge, match="3 octets"):
            await opened.append("INBOX", b"four")
        opened.close()
