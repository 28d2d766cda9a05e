"""Responses become values: envelopes, structures, flags, dates, trees, however broken the message or the server."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import MalformedInput
from folkmoot.mail.imap import criteria as c
from folkmoot.mail.imap.commands import Literal, Literals, astring, encode, flag_list, string
from folkmoot.mail.imap.names import decode_name, encode_name
from folkmoot.mail.imap.ordering import ordered
from folkmoot.mail.imap.references import HEADER_ITEM, threads_of
from folkmoot.mail.imap.responses import (
    merge,
    read_copied,
    read_date,
    read_esearch,
    read_fetch,
    read_listed,
    read_namespaces,
    read_quota,
    read_set,
    section_of,
)
from folkmoot.mail.imap.rights import from_old_style, to_old_style
from folkmoot.mail.imap.sequence_sets import EXPANDED_MAX, Membership, expand, read_spans, spans_of, write_sets
from folkmoot.mail.imap.structures import DEPTH_MAX, read_envelope, read_structure
from folkmoot.mail.imap.subjects import base_subject
from folkmoot.mail.imap.trees import read_threads
from folkmoot.mail.imap.values import Envelope, Fetched, Mailbox, Thread
from folkmoot.mail.imap.wire import Code, Value, parse_values
from folkmoot.mime.part import Part


def value(text: bytes) -> Value:
    (one,) = parse_values([text])
    return one


def shape(part: Part) -> list[tuple[str, str]]:
    found = [(part.path, part.content_type)]
    for child in part.children:
        found.extend(shape(child))
    return found


PLAIN = b'("TEXT" "PLAIN" ("CHARSET" "UTF-8") NIL NIL "7BIT" 12 2)'
MIXED = (
    b'(%s("APPLICATION" "PDF" ("NAME" "a.pdf") "<id@x>" "words" "BASE64" 99 NIL '
    b'("ATTACHMENT" ("FILENAME" "a.pdf")) ("EN" "DE") "u:l") "MIXED" ("BOUNDARY" "b") NIL NIL)'
)


def test_a_structure_is_read_with_all_its_fields() -> None:
    part = read_structure(value(MIXED % PLAIN))
    assert shape(part) == [("", "multipart/mixed"), ("1", "text/plain"), ("2", "application/pdf")]
    assert part.parameters == (("boundary", "b"),)
    text, pdf = part.children
    assert (text.encoding, text.size, text.lines, text.parameter("charset")) == ("7bit", 12, 2, "UTF-8")
    assert (pdf.id, pdf.description, pdf.size, pdf.lines) == ("<id@x>", "words", 99, 0)
    assert (pdf.disposition, pdf.disposition_parameters) == ("attachment", (("filename", "a.pdf"),))
    assert (pdf.language, pdf.location) == (("EN", "DE"), "u:l")


def test_parts_are_numbered_as_imap_numbers_them() -> None:
    assert shape(read_structure(value(PLAIN))) == [("1", "text/plain")]
    envelope = b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
    letter = b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 500 %s %s 20)'
    assert shape(read_structure(value(letter % (envelope, PLAIN)))) == [
        ("1", "message/rfc822"),
        ("1.1", "text/plain"),
    ]
    within = letter % (envelope, MIXED % PLAIN)
    assert shape(read_structure(value(b'(%s%s "MIXED")' % (PLAIN, within)))) == [
        ("", "multipart/mixed"),
        ("1", "text/plain"),
        ("2", "message/rfc822"),
        ("2", "multipart/mixed"),
        ("2.1", "text/plain"),
        ("2.2", "application/pdf"),
    ]
    assert shape(read_structure(value(MIXED % (MIXED % PLAIN)))) == [
        ("", "multipart/mixed"),
        ("1", "multipart/mixed"),
        ("1.1", "text/plain"),
        ("1.2", "application/pdf"),
        ("2", "application/pdf"),
    ]


@pytest.mark.parametrize(
    ("broken", "types"),
    [
        (b"NIL", ["text/plain"]),
        (b"()", ["text/plain"]),
        (b"x", ["text/plain"]),
        (b"(NIL NIL NIL NIL NIL NIL NIL NIL)", ["text/plain"]),
        (b'("text")', ["text/plain"]),
        (b'("TEXT" NIL ("a") 7 NIL "" -5 x)', ["text/plain"]),
        (b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 500)', ["message/rfc822"]),
        (b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 500 NIL NIL 20)', ["message/rfc822"]),
        (b'("MESSAGE" "DELIVERY-STATUS" NIL NIL NIL "7BIT" 500 NIL)', ["message/delivery-status"]),
        (b'("multipart" "alternative" ("boundary" "x"))', ["multipart/alternative"]),
        (b'(("TEXT" "HTML" NIL NIL NIL "8BIT" 3 1))', ["multipart/mixed", "text/html"]),
        (b'(() "MIXED")', ["multipart/mixed", "text/plain"]),
        (b'("IMAGE" "PNG" NIL NIL NIL "BASE64" "77" NIL "inline")', ["image/png"]),
        (b'(((((NIL "A")', ["multipart/mixed", "multipart/mixed", "multipart/mixed", "multipart/mixed", "text/a"]),
    ],
)
def test_a_broken_structure_is_some_structure(broken: bytes, types: list[str]) -> None:
    assert [kind for _, kind in shape(read_structure(value(broken)))] == types


def test_a_structure_of_a_thousand_levels_ends_somewhere() -> None:
    deep = read_structure(value(b"(" * 1000 + PLAIN + b' "MIXED")' * 1000))
    depth, part = 0, deep
    while part.children:
        depth, part = depth + 1, part.children[0]
    assert depth == DEPTH_MAX
    letter = b'("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 1 (NIL) '
    read_structure(value(letter * 1000 + PLAIN + b" 1)" * 1000))


def test_an_envelope_is_read_whatever_is_missing() -> None:
    box = b'(("Ida" NIL "ida" "example.org")(NIL NIL "friends" NIL)("Per" NIL "per" "example.org")(NIL NIL NIL NIL)(x))'
    read = read_envelope(value(b'("Mon" "Hi" %s NIL () NIL NIL "" NIL "<1@x>")' % box))
    assert read.from_ == (
        Mailbox(b"Ida", b"ida", b"example.org"),
        Mailbox(None, b"friends", None),
        Mailbox(b"Per", b"per", b"example.org"),
        Mailbox(None, None, None),
    )
    assert (read.date, read.subject, read.message_id, read.to) == (b"Mon", b"Hi", b"<1@x>", ())
    assert read_envelope(None) == read_envelope(value(b"()")) == Envelope(b"", b"")


def test_fetch_is_read_whatever_else_a_server_tells() -> None:
    told = (
        b'(uid 7 flags (\\seen $Junk) X-GM-MSGID 12 X-GM-LABELS ("\\\\Sent" a) modseq (99) rfc822.size 5 '
        b'internaldate " 1-Jun-2026 10:00:00 +0200" BODY[1.2]<0> "x" BODY[header.fields ("Date" "FROM")] NIL '
        b"BODYSTRUCTURE NIL ENVELOPE NIL 5 6 EMAILID (M1))"
    )
    one = read_fetch(parse_values([told]))
    assert (one.uid, one.modseq, one.size, one.received) == (7, 99, 5, 1_780_300_800)
    assert one.flags == frozenset({"\\Seen", "$Junk"})
    assert one.sections == {"1.2": b"x", "HEADER.FIELDS (DATE FROM)": b""}
    assert read_fetch([]) == read_fetch(["x"]) == Fetched(0)
    assert read_fetch([["UID", "99999999999999999999999"]]).uid == 0
    assert merge(one, Fetched(7, frozenset())).flags == frozenset()
    assert merge(one, Fetched(7, frozenset())).size == 5
    assert section_of("BODY.PEEK[HEADER.FIELDS (Date From)]") == "HEADER.FIELDS (DATE FROM)"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (b"01-Jan-1970 00:00:00 +0000", 0),
        (b" 1-jan-1970 01:30:00 +0130", 0),
        (b"31-Dec-1969 19:00:00 -0500", 0),
        (b"1-Jan-1970 00:00:00", 0),
        (b"1-Foo-1970 00:00:00 +0000", None),
        (b"", None),
    ],
)
def test_dates_are_instants(text: bytes, seconds: int | None) -> None:
    assert read_date(text) == seconds
    assert read_date(b"99-Jan-2020 99:99:99 +9999")  # some number, no failure
    assert read_date(b"01-Jan-0000 00:00:00 +0000") is None  # no year of ours


def test_other_responses_become_values() -> None:
    listed = read_listed(parse_values([b'(\\HasNoChildren \\Sent) "." inbox']))
    assert listed is not None
    assert (listed.name, listed.separator) == ("INBOX", ".")
    assert listed.attributes == {"\\hasnochildren", "\\sent"}
    flat = read_listed(parse_values([b"() NIL NIL"]))
    assert flat is not None
    assert (flat.name, flat.separator) == ("NIL", "")
    assert read_listed(["x"]) is None
    spaces = read_namespaces(parse_values([b'(("" "/")) NIL (("shared/" "/" "X" ("y"))("&-" NIL))']))
    assert [one.prefix for one in spaces.personal] == [""]
    assert spaces.others == ()
    assert [(one.prefix, one.separator) for one in spaces.shared] == [("shared/", "/"), ("&", "")]
    quotas = read_quota(parse_values([b'"" (storage 10 512 MESSAGE 1 2)']))
    assert [(one.resource, one.used, one.limit) for one in quotas] == [("STORAGE", 10, 512), ("MESSAGE", 1, 2)]
    assert read_quota(["x"]) == []
    assert read_esearch(parse_values([b'(TAG "f1") UID COUNT 3 ALL 2,4:5 MODSEQ 7'])) == (
        "f1",
        {"COUNT": "3", "ALL": "2,4:5", "MODSEQ": "7"},
    )
    copied = read_copied(Code("COPYUID", ["9", "5,1:2", "10:12"]))
    assert (copied.uid_validity, copied.sources, copied.targets) == (9, [5, 1, 2], [10, 11, 12])
    assert read_copied(Code("COPYUID", ["9", "1:4", "10:12"])).targets == ()
    assert read_copied(None).targets == ()
    assert read_set("1:99999999") == ()


def test_threads_are_trees_however_deep() -> None:
    assert read_threads(parse_values([b"(2)(3 6 (4 23)(44 7 96))"])) == [
        Thread(2),
        Thread(3, (Thread(6, (Thread(4, (Thread(23),)), Thread(44, (Thread(7, (Thread(96),)),)))),)),
    ]
    assert read_threads(parse_values([b"((3)(5))"])) == [Thread(None, (Thread(3), Thread(5)))]
    assert read_threads(parse_values([b"(x 0 -1)"])) == []
    (deep,) = read_threads(parse_values([b"(" + b" ".join(b"%d" % n for n in range(1, 50_001)) + b")"]))
    count, here = 1, deep
    while here.answers:
        count, here = count + 1, here.answers[0]
    assert count == 50_000
    nested = read_threads(parse_values([b"".join(b"(%d(%d)" % (2 * n, 2 * n + 1) for n in range(1, 2_000))]))
    pending, found = list(nested), set()
    while pending:
        one = pending.pop()
        found.add(one.uid)
        pending.extend(one.answers)
    assert len(found) == 3_998


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("INBOX", b"INBOX"),
        ("Entwürfe", b"Entw&APw-rfe"),
        ("R&D", b"R&-D"),
        ("台北/日本語", b"&U,BTFw-/&ZeVnLIqe-"),
        ("😀", b"&2D3eAA-"),
        ('a b~\\"', b'a b~\\"'),
    ],
)
def test_names_are_spelt_in_modified_utf7(name: str, wire: bytes) -> None:
    assert encode_name(name) == wire
    assert decode_name(wire) == name


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=50))
def test_names_come_back(name: str) -> None:
    assert decode_name(encode_name(name)) == name


@given(st.binary())
def test_any_name_can_be_read(octets: bytes) -> None:
    decode_name(octets)


def test_names_that_are_none_are_refused() -> None:
    for name in ("", "a\r\nb", "a\0", "x" * 2000, "\x7f"):
        with pytest.raises(MalformedInput):
            encode_name(name)


@given(st.sets(st.integers(1, 2**32 - 1) | st.integers(1, 500), max_size=300))
def test_sets_hold_what_was_put_into_them(numbers: set[int]) -> None:
    written = list(write_sets(numbers))
    assert sorted(n for one in written for n in expand(one)) == sorted(numbers)
    assert all(n in Membership(numbers) for n in numbers)
    assert len(spans_of(numbers)) <= len(numbers)


def test_sets_are_short_and_bounded() -> None:
    assert list(write_sets(range(1, 100_000))) == ["1:99999"]
    assert all(len(one) <= 7_100 for one in write_sets(range(1, 200_000, 2)))
    assert expand("3:1,7") == [1, 2, 3, 7]
    assert read_spans("7:*,4") == [(7, 2**32 - 1), (4, 4)]
    assert 9 in Membership("7:*")
    assert 6 not in Membership("7:*")
    assert 6 in Membership("*")
    for text in ("", "1,", "a", "1:2:3", "1\r\n", f"1:{EXPANDED_MAX + 1}", "1:*"):
        with pytest.raises(MalformedInput):
            expand(text)
    for numbers in ([0], [-1], [2**32]):
        with pytest.raises(MalformedInput):
            list(write_sets(numbers))


def written(criterion: c.Criterion) -> bytes:
    return b"".join(piece if isinstance(piece, bytes) else b"{%d}" % len(piece.octets) for piece in criterion.pieces)


def test_criteria_are_written_as_search_reads_them() -> None:
    day = date(2026, 6, 1)
    assert written(c.and_()) == b"ALL"
    assert written(c.or_()) == b"NOT ALL"
    assert written(c.and_(c.not_(c.flag("\\Seen")), c.since(day))) == b"(NOT SEEN SINCE 1-Jun-2026)"
    assert written(c.or_(c.flag("$label1"), c.before(day), c.larger(5))) == (
        b"OR OR KEYWORD $label1 BEFORE 1-Jun-2026 LARGER 5"
    )
    assert written(c.header("From", 'a"b\\')) == b'FROM "a\\"b\\\\"'
    assert written(c.header("X-Spam")) == b'HEADER X-Spam ""'
    assert written(c.header("Message-ID", "<1@x>")) == b'HEADER Message-ID "<1@x>"'
    assert written(c.body("grün")) == b"BODY {5}"
    assert c.body("grün").wide
    assert c.and_(c.body("grün"), c.all_()).wide
    assert written(c.text("a\r\nb")) == b"TEXT {4}"
    assert written(c.uids([3, 1, 2, 9])) == b"UID 1:3,9"
    assert written(c.uids([])) == b"NOT ALL"
    assert written(c.and_(c.younger(3600), c.sent_since(day), c.sent_before(day))) == (
        b"(YOUNGER 3600 SENTSINCE 1-Jun-2026 SENTBEFORE 1-Jun-2026)"
    )
    assert written(c.and_(c.uids("7:*"), c.modseq(12), c.smaller(-4))) == b"(UID 7:* MODSEQ 12 SMALLER 0)"


def test_criteria_cannot_become_commands() -> None:
    for name in ("\\Seen OR", "a b", "\\Nope", ""):
        with pytest.raises(MalformedInput):
            c.flag(name)
    for field in ("X Y", "X\r\nY", "X:", ""):
        with pytest.raises(MalformedInput):
            c.header(field, "z")
    with pytest.raises(MalformedInput):
        c.body("a\0b")
    for which in ("1 OR", [0], ""):
        with pytest.raises(MalformedInput):
            c.uids(which)
    with pytest.raises(MalformedInput):
        c.or_(*(c.body(str(n)) for n in range(2_000)))
    deep = c.all_()
    for _ in range(c.DEPTH_MAX - 1):
        deep = c.not_(deep)
    with pytest.raises(MalformedInput):
        c.not_(deep)


def test_commands_wait_where_the_server_wants_them_to() -> None:
    pieces = [b"APPEND ", astring(b"a b"), b" ", Literal(b"x" * 5_000), b" ", Literal(b"y", binary=True)]
    assert encode("f1", pieces, Literals.PLUS) == [b'f1 APPEND "a b" {5000+}\r\n' + b"x" * 5_000 + b" ~{1+}\r\ny\r\n"]
    assert encode("f1", pieces, Literals.MINUS) == [
        b'f1 APPEND "a b" {5000}\r\n',
        b"x" * 5_000 + b" ~{1+}\r\ny\r\n",
    ]
    assert len(encode("f1", pieces, Literals.SYNCHRONIZING)) == 3
    assert astring(b"INBOX") == b"INBOX"
    assert astring(b"") == b'""'
    assert astring(b"nil") == b'"nil"'
    assert astring(b"a%") == b'"a%"'
    assert astring(b"a]") == b'"a]"'
    assert isinstance(string(b"a\nb"), Literal)
    assert isinstance(string("ü".encode()), Literal)
    for flags in (["a b"], ["\\Recent"], ["a)"], [""], ["a\r\n"], ["(x"]):
        with pytest.raises(MalformedInput):
            flag_list(flags)


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        (b"Plan", "plan"),
        (b"Re: Plan", "plan"),
        (b"RE[2]: [list] Fwd: re : Plan (fwd)", "plan"),
        (b"[list] Re: Plan", "plan"),
        (b"[fwd: Re: Plan]", "plan"),
        (b"[all that is]", "[all that is]"),
        (b"Re:", ""),
        (b"=?utf-8?q?Re=3A_Gr=C3=BCn?=", "grün"),
        (b"a" * 100_000, "a" * 4_000),
        (b"[x]" * 3_000, "[x]"),
    ],
)
def test_subjects_are_compared_without_what_answering_adds(subject: bytes, base: str) -> None:
    assert base_subject(subject)[:4000] == base or len(base) < 10 <= len(base_subject(subject))


def message(uid: int, own: str, above: str = "", answer_to: str = "", day: int = 1, subject: str = "s") -> Fetched:
    envelope = Envelope(
        f"Mon, {day} Jun 2026 10:00:00 +0000".encode(),
        subject.encode(),
        (Mailbox(None, f"p{9 - uid}".encode(), b"x"),),
        in_reply_to=answer_to.encode(),
        message_id=own.encode(),
    )
    sections = {section_of(HEADER_ITEM): f"References: {above}\r\n\r\n".encode()}
    return Fetched(uid, envelope=envelope, size=10 - uid, sections=sections)


def test_messages_are_sorted_here_where_the_server_cannot() -> None:
    messages = [message(1, "<1@x>", day=3), message(2, "<2@x>", day=1), message(3, "<3@x>", day=3)]
    assert ordered(["DATE"], messages) == [2, 1, 3]
    assert ordered(["REVERSE DATE"], messages) == [1, 3, 2]
    assert ordered(["REVERSE DATE", "FROM"], messages) == [3, 1, 2]
    assert ordered(["SIZE"], messages) == [3, 2, 1]
    assert ordered(["SUBJECT", "ARRIVAL", "TO", "CC", "DISPLAYFROM", "DISPLAYTO"], messages) == [3, 2, 1]
    assert ordered(["DATE", "SUBJECT"], [Fetched(1), Fetched(2)]) == [1, 2]


def test_conversations_are_made_here_where_the_server_cannot() -> None:
    messages = [
        message(1, "<1@x>"),
        message(2, "<2@x>", "<1@x>", day=2),
        message(3, "<3@x>", "<1@x> <2@x>", day=4),
        message(4, "<4@x>", answer_to="<1@x>", day=3),
        message(5, "<5@x>", "<gone@x>", day=5),
        message(6, "<6@x>", "<gone@x>", day=6),
        message(7, "<1@x>", day=7),
        message(8, "", day=8),
    ]
    assert threads_of(messages) == [
        Thread(1, (Thread(2, (Thread(3),)), Thread(4))),
        Thread(None, (Thread(5), Thread(6))),
        Thread(7),
        Thread(8),
    ]
    circle = [message(1, "<1@x>", "<2@x>"), message(2, "<2@x>", "<1@x>"), message(3, "<3@x>", "<3@x>")]
    assert sum(1 + len(one.answers) for one in threads_of(circle)) == 3


def test_letters_of_rights_are_translated() -> None:
    assert from_old_style("lrswipcda") == "lrswipkxtea"
    assert to_old_style("lrswipkxtea") == "lrswipacd"
    assert to_old_style("lrsk") == "lrs"
