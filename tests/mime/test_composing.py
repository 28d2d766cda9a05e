"""New messages: what is written is what is read, by us and by Python's own parser, and no line is too long."""

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.mime import writing
from folkmoot.mime.composing import Attachment, NewMessage, Priority, chain, compose, file_name
from folkmoot.mime.flowed import flow, unflow
from folkmoot.mime.headers import MailAddress, addresses, decode
from folkmoot.mime.html_text import text_of_html

ANNA = MailAddress("Anna Grün", "anna@example.org")
IDA = MailAddress("", "ida@example.net")
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
LINE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=200)
TEXT = st.text(st.one_of(st.characters(codec="utf-8", exclude_characters="\r\0"), st.just("\n")), max_size=300)


def _new(**more: Any) -> NewMessage:
    usual = {"sender": ANNA, "message_id": "<1@example.org>", "date": NOON, "to": (IDA,), "text": "Hello\n"}
    return NewMessage(**{**usual, **more})


def _read(message: NewMessage) -> EmailMessage:
    octets = compose(message)
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert b"\n" not in octets.replace(b"\r\n", b"")
    return message_from_bytes(octets, policy=default)


def test_a_text_is_a_message_of_one_part() -> None:
    message = _read(_new(subject="Grüße aus Köln", text="Liebe Ida\n\nbis bald\n"))
    assert message["From"] == "Anna Grün <anna@example.org>"
    assert message["Subject"] == "Grüße aus Köln"
    assert message["Date"] == "Mon, 01 Jun 2026 12:00:00 +0200"
    assert message.get_content_type() == "text/plain"
    assert message.get_content() == "Liebe Ida\r\n\r\nbis bald\r\n"


def test_html_has_its_text_beside_it_and_its_pictures_within() -> None:
    picture = Attachment("logo.png", b"\x89PNG", "image/png", cid="logo@x")
    paper = Attachment("Bericht für März.pdf", b"%PDF" * 100, "application/pdf")
    message = _read(_new(text="", html='<p>Hello <b>Ida</b></p><img src="cid:logo@x">', attachments=(picture, paper)))
    shape = [part.get_content_type() for part in message.walk()]
    assert shape == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    parts = list(message.walk())
    assert parts[2].get_content() == "Hello Ida\r\n"
    assert parts[5]["Content-ID"] == "<logo@x>"
    assert parts[6].get_filename() == "Bericht für März.pdf"
    assert parts[6].get_payload(decode=True) == b"%PDF" * 100


def test_a_picture_that_the_html_does_not_show_is_a_file() -> None:
    message = _read(_new(html="<p>x</p>", attachments=(Attachment("a.png", b"x", "image/png", cid="a@x"),)))
    assert message.get_content_type() == "multipart/mixed"


def test_everything_else_that_can_be_said_of_a_message_is_said() -> None:
    message = _read(
        _new(
            cc=(ANNA,),
            bcc=(MailAddress("Secret", "s@example.net"),),
            reply_to=(MailAddress("", "list@example.org"),),
            acting=MailAddress("Jan", "jan@example.org"),
            in_reply_to=("<0@example.net>",),
            references=("<a@example.net>", "<0@example.net>"),
            priority=Priority.HIGH,
            receipt_to=ANNA,
            fields=(("X-Forward", "192.0.2.1"),),
            user_agent="Folkmoot/1",
        )
    )
    assert message["Sender"] == "Jan <jan@example.org>"
    assert message["Bcc"] == "Secret <s@example.net>"
    assert message["References"] == "<a@example.net> <0@example.net>"
    assert (message["X-Priority"], message["Importance"]) == ("2 (High)", "high")
    assert message["Disposition-Notification-To"] == "Anna Grün <anna@example.org>"
    assert (message["X-Forward"], message["User-Agent"]) == ("192.0.2.1", "Folkmoot/1")
    assert "X-Priority" not in _read(_new())


@pytest.mark.parametrize("octets", [b"Subject: x\r\n\r\nText\r\n", "Subject: x\n\nGrüße\n".encode()])
def test_a_message_within_a_message_stays_one(octets: bytes) -> None:
    message = _read(_new(attachments=(Attachment("x.eml", octets, "message/rfc822"),)))
    inner = list(message.walk())[2]
    assert inner.get_content_type() == "message/rfc822"
    assert compose(_new(attachments=(Attachment("x", octets, "message/rfc822"),))).isascii() is octets.isascii()


def test_a_message_within_that_no_relay_takes_is_a_file() -> None:
    message = _read(_new(attachments=(Attachment("x.eml", b"x" * 2000, "message/rfc822"),)))
    assert [part.get_content_type() for part in message.walk()][2] == "application/octet-stream"


def test_a_boundary_does_not_stand_in_what_it_parts() -> None:
    first = compose(_new(attachments=(Attachment("a", b"x"),)))
    message = _read(_new(attachments=(Attachment("a.eml", first, "message/rfc822"), Attachment("b", b"y"))))
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "text/plain",
        "message/rfc822",
        "multipart/mixed",
        "text/plain",
        "application/octet-stream",
        "application/octet-stream",
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"subject": "a\r\nBcc: x@example.org"},
        {"subject": "a\nb"},
        {"subject": "a\0b"},
        {"to": (MailAddress("A\r\nBcc: b@c", "a@example.org"),)},
        {"to": (MailAddress("A", "a@example.org>\r\nBcc: <b@c"),)},
        {"to": (MailAddress("A", "a@example.org, b@example.org"),)},
        {"in_reply_to": ("<a@b>\r\nX: y",)},
        {"in_reply_to": ("no id",)},
        {"fields": (("X-A: b\r\nC", "d"),)},
        {"fields": (("X-A", "b\r\nC: d"),)},
        {"attachments": (Attachment("x", b"", cid="a>\r\nX: y"),)},
        {"date": NOON.replace(tzinfo=None)},
    ],
)
def test_nothing_that_was_typed_becomes_another_line(more: dict[str, Any]) -> None:
    with pytest.raises(MalformedInput):
        compose(_new(**more))


def test_names_of_files_and_types_do_no_harm() -> None:
    message = _read(_new(attachments=(Attachment("../../e\u202etc/pass\r\nX: y", b"x", "text/html\r\nX: y"),)))
    part = list(message.walk())[2]
    assert part.get_filename() == "_.._e_tc_pass__X: y"
    assert part.get_content_type() == "application/octet-stream"
    assert part["X"] is None
    assert file_name(" . ") == "attachment"
    assert len(file_name("x" * 1000)) == 255


def test_what_is_too_much_is_refused() -> None:
    with pytest.raises(TooLarge):
        compose(_new(to=(IDA,) * 2001))
    with pytest.raises(TooLarge):
        compose(_new(attachments=(Attachment("x", b""),) * 501))
    with pytest.raises(TooLarge):
        compose(_new(text="x" * 10_000_001))


def test_a_long_chain_of_references_keeps_its_ends() -> None:
    ids = [f"<{number}@example.org>" for number in range(500)]
    kept = chain([*ids, *ids])
    assert (len(kept), kept[0], kept[-1]) == (100, ids[0], ids[-1])


@given(LINE)
def test_any_subject_is_read_as_it_was_written(subject: str) -> None:
    line = writing.field("Subject", subject)
    assert all(len(one) <= 250 for one in line.split(b"\r\n"))
    wanted = " ".join(subject.replace("\t", " ").strip().split("\n"))
    read = decode(line[len(b"Subject:") :].strip().replace(b"\r\n", b""))
    assert "".join(read.split()) == "".join("".join(wanted.split()).translate(dict.fromkeys(INVISIBLE)))


# What our reader takes out of texts, as it would turn around what follows.
INVISIBLE = [*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xFFF9, 0xFFFC), *range(0xD800, 0xE000)]


@given(st.lists(st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=100), min_size=1, max_size=8))
def test_any_names_are_read_as_they_were_written(names: list[str]) -> None:
    people = [MailAddress(name, f"p{number}@example.org") for number, name in enumerate(names)]
    line = writing.address_field("To", people)
    assert all(len(one) <= 78 for one in line.split(b"\r\n"))
    read = addresses(line[len(b"To:") :].replace(b"\r\n", b""))
    assert [one.address for one in read] == [one.address for one in people]
    for one, name in zip(read, names, strict=True):
        assert "".join(one.name.split()) == "".join(name.split())


@given(LINE)
def test_any_file_name_is_read_as_it_was_written(name: str) -> None:
    safe = file_name(name)
    message = message_from_bytes(compose(_new(attachments=(Attachment(safe, b"x"),))), policy=default)
    assert "".join((list(message.walk())[2].get_filename() or "").split()) == "".join(safe.split())


@given(TEXT)
@example(">0")
@example("> 0")
@example(">  0\n>\n>>From me\n> >0")
@example(">" + "0 >" * 60)
def test_any_text_arrives(text: str) -> None:
    text = "\n".join(line.lstrip(">") for line in text.split("\n"))  # marks of quotes get a blank behind them
    message = message_from_bytes(compose(_new(text=text)), policy=default)
    read = message.get_payload(decode=True)
    assert isinstance(read, bytes)
    wanted = [line.rstrip(" ") for line in (text or text_of_html("")).split("\n")]
    assert [line.rstrip(" ") for line in unflow(read.decode().replace("\r\n", "\n")).split("\n")] == wanted


@given(st.text(st.sampled_from("ab >-\n"), max_size=400))
def test_lines_wrapped_softly_become_what_they_were(text: str) -> None:
    flowed = flow(text)
    assert [line.rstrip(" ") for line in unflow(flowed).split("\n")] == [line.rstrip(" ") for line in text.split("\n")]
    assert flow(unflow(flowed)) == flowed


def test_long_lines_are_wrapped_and_quotes_keep_their_marks() -> None:
    flowed = flow(">> " + "word " * 40 + "\n-- \nAnna")
    lines = flowed.split("\n")
    assert len(lines) > 3
    assert all(line.startswith(">> ") and len(line) <= 78 for line in lines[:-2])
    assert lines[-2:] == ["-- ", "Anna"]
    assert unflow("a \nb", delete_spaces=True) == "ab"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>Two<br>Three</p>", "One\n\nTwo\nThree\n"),
        ("<ul><li>a<li>b<ol><li>c</li></ol></ul>", "* a\n* b\n\n  1. c\n"),
        ("<blockquote>said<blockquote>before</blockquote></blockquote>new", "> said\n>\n>> before\n\nnew\n"),
        ('<a href="https://example.org/x">here</a>', "here <https://example.org/x>\n"),
        ('<a href="https://example.org/">https://example.org</a>', "https://example.org\n"),
        ('<a href="javascript:x">here</a>', "here\n"),
        ("<style>p {}</style><script>x</script>Text &amp; &#60;", "Text & <\n"),
        ("<pre>a\n  b</pre>", "a\n  b\n"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1  2\n3\n"),
        ('<img alt="Logo" src="x">', "Logo\n"),
        ("", ""),
        ("<" * 5000 + "</blockquote>" * 500 + "<ul>" * 5000, None),
    ],
)
def test_html_becomes_text(html: str, text: str | None) -> None:
    if text is None:
        text_of_html(html)
    else:
        assert text_of_html(html) == text


def test_a_message_of_many_megabytes_is_made_in_little_time() -> None:
    octets = compose(_new(attachments=(Attachment("big", b"x" * 5_000_000),), date=datetime(2026, 1, 1, tzinfo=UTC)))
    assert len(octets) > 6_600_000
