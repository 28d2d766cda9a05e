"""Rows of message lists, made of what odd servers and senders tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.mail.imap.values import Envelope, Fetched, Mailbox
from folkmoot.mailboxes.summaries import MessageSummary, summary_of
from folkmoot.mime.part import Part


def row(envelope: Envelope | None = None, header: bytes = b"", structure: Part | None = None) -> MessageSummary:
    sections = {"HEADER.FIELDS (REFERENCES X-PRIORITY IMPORTANCE LIST-ID)": header}
    return summary_of(
        Fetched(7, frozenset({"\\Seen"}), envelope=envelope, structure=structure, sections=sections), "INBOX", 1
    )


def test_a_message_of_which_nothing_is_told_has_a_row() -> None:
    found = summary_of(Fetched(7), "INBOX", 1)
    assert (found.subject, found.from_, found.sent, found.priority, found.has_attachment) == ("", (), None, 3, False)
    assert found.thread_id != summary_of(Fetched(8), "INBOX", 1).thread_id


@pytest.mark.parametrize(
    ("header", "priority"),
    [
        (b"X-Priority: 1 (Highest)\r\n", 1),
        (b"X-Priority: 4\r\n", 4),
        (b"X-Priority: 9\r\n", 3),
        (b"X-Priority: \xb2\r\n", 3),
        (b"Importance: HIGH\r\n", 1),
        (b"Importance: low\r\n", 5),
        (b"", 3),
    ],
)
def test_priorities_are_read_in_all_their_forms(header: bytes, priority: int) -> None:
    assert row(header=header).priority == priority


@pytest.mark.parametrize(
    ("date", "known"),
    [
        (b"Mon, 2 Mar 2026 09:00:00 +0100", True),
        (b"", False),
        (b"yesterday", False),
        (b"Mon, 99 Mar 2026 09:00:00 +9999999999999999", False),
        (b"Mon, 2 Mar 99999999999999999999 09:00:00 +0000", False),
        (b"\xff\xfe", False),
    ],
)
def test_dates_that_cannot_be_read_are_none(date: bytes, known: bool) -> None:
    assert (row(Envelope(date, b"")).sent is not None) == known


def test_groups_and_broken_addresses_are_left_out() -> None:
    boxes = (
        Mailbox(None, b"team", None),
        Mailbox(b"=?utf-8?q?Z=C3=B6e?=", b"zoe", b"example.net"),
        Mailbox(None, None, None),
        Mailbox(None, b"root", b""),
    )
    found = row(Envelope(b"", b"", to=boxes))
    assert [(one.name, one.address) for one in found.to] == [("Zöe", "zoe@example.net"), ("", "root")]


def test_what_counts_as_an_attachment() -> None:
    text, html = Part("1"), Part("2", subtype="html")
    picture = Part("3", "image", "png", id="<a@b>")
    file = Part("3", "application", "pdf")
    signature = Part("3", "application", "pkcs7-signature")
    attached = Part("3", disposition="attachment")
    forwarded = Part("3", "message", "rfc822")

    def top(*parts: Part) -> Part:
        return Part("", "multipart", "mixed", children=parts)

    assert not row(structure=text).has_attachment
    assert not row(structure=top(text, html, picture)).has_attachment
    assert not row(structure=top(text, signature)).has_attachment
    for part in (file, attached, forwarded):
        assert row(structure=top(text, part)).has_attachment


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=120))
def test_no_octets_are_a_failure(subject: bytes, date: bytes, header: bytes) -> None:
    envelope = Envelope(date, subject, (Mailbox(subject, date, header),), in_reply_to=header, message_id=subject)
    row(envelope, header)
