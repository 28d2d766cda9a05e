import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.stack.delivered import EVENTS_MAX, Delivered, parse_delivered


def test_events_are_lines_of_forms() -> None:
    body = (
        b"event=MessageNew&user=anna&mailbox=INBOX&uid=7&uidvalidity=1795463485&from=x%40y%2Ez&subject=caf%C3%A9\n"
        b"event=FlagsSet&user=anna&mailbox=Work%2F2026&uid=3&uidvalidity=9\n"
        b"event=MailboxRename&user=anna&mailbox=New&old=Old"
    )
    assert parse_delivered(body) == [
        Delivered(PrincipalId("anna"), "MessageNew", "INBOX", 1795463485, 7, "x@y.z", "café"),
        Delivered(PrincipalId("anna"), "FlagsSet", "Work/2026", 9, 3),
        Delivered(PrincipalId("anna"), "MailboxRename", "New", old_mailbox="Old"),
    ]


@pytest.mark.parametrize(("event", "new"), [("MessageNew", True), ("MessageAppend", True), ("FlagsSet", False)])
def test_messages_that_were_not_there_before_are_told_from_other_changes(event: str, new: bool) -> None:
    assert Delivered(PrincipalId("anna"), event, "INBOX").new_message is new


@pytest.mark.parametrize(
    "body",
    [
        b"event=MessageNew&user=anna",
        b"event=&user=anna&mailbox=INBOX",
        b"event=MessageNew&user=anna&mailbox=INBOX&uid=-1",
        b"event=MessageNew&user=anna&mailbox=INBOX&uid=1e9",
        b"event=MessageNew&user=anna&mailbox=INBOX&uid=99999999999",
        b"nothing",
        b"\xff",
        b"a=b&" * 20,
        b"\n".join([b"event=FlagsSet&user=a&mailbox=b"] * (EVENTS_MAX + 1)),
    ],
)
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedInput):
        parse_delivered(body)


@given(st.binary(max_size=300))
def test_no_octets_are_a_bug(body: bytes) -> None:
    try:
        parse_delivered(body)
    except MalformedInput:
        return
