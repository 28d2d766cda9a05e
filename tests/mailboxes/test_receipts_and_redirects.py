"""Receipts and redirected messages on their way out."""

from typing import Any

import pytest

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, Forbidden, MalformedInput, NotFound
from folkmoot.mail.errors import Refused
from folkmoot.mailboxes.errors import SendingBlocked
from folkmoot.mailboxes.values import MAIN, MessageRef
from folkmoot.mime.headers import MailAddress
from folkmoot.mime.receipts import Action
from folkmoot.store import profiles
from tests.support.outgoing import IDA, Post, without
from tests.support.smtp import MailServer

pytestmark = [pytest.mark.anyio, pytest.mark.live]


async def _choose(post: Post, caller: Caller, **chosen: Any) -> None:
    await post.mail.database.write(
        lambda tx: profiles.set_(tx, caller.principal, properties={"defaults": chosen}, dead_properties={}, now=1)
    )


async def _asking(post: Post, caller: Caller) -> MessageRef:
    letter = (
        "Return-Path: <ida@example.org>\nFrom: Ida <ida@example.org>\nTo: {me}@example.org\n"
        "Disposition-Notification-To: ida@example.org\nMessage-ID: <ask@example.org>\nSubject: Lunch\n\nx\n"
    )
    return await post.put(caller, "INBOX", letter.format(me=caller.principal).encode())


async def test_a_receipt_is_sent_once_and_the_message_says_so(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    ref = await _asking(post, anna)
    assert (await post.receipts.wish(anna, MAIN, ref)).action is Action.IGNORE
    await _choose(post, anna, SOGoMailReceiptAllow=1, SOGoMailReceiptAnyAction="send", SOGoLanguage="German")
    wish = await post.receipts.wish(anna, MAIN, ref)
    assert (wish.action, wish.to) == (Action.SEND, (MailAddress("", "ida@example.org"),))
    smtp.fail("DATA", "554 no")
    with pytest.raises(Refused):
        await post.receipts.answer(anna, MAIN, ref, send=True, automatic=True)
    await post.receipts.answer(anna, MAIN, ref, send=True, automatic=True)
    (one,) = smtp.received
    assert (one.sender, one.recipients) == ("<>", ["ida@example.org"])
    assert one.message["Subject"] == "Gelesen: Lunch"
    (message,) = await post.messages(anna, "INBOX")
    assert "$MDNSent" in (message.flags or ())
    assert (await post.receipts.wish(anna, MAIN, ref)).action is Action.IGNORE
    with pytest.raises(Conflict):
        await post.receipts.answer(anna, MAIN, ref, send=True)
    copy = await _asking(post, anna)  # the same message once more, as lists and aliases deliver it
    with pytest.raises(Conflict):
        await post.receipts.answer(anna, MAIN, copy, send=True)
    assert len(smtp.received) == 1


async def test_who_declines_is_not_asked_again(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    await _choose(post, anna, SOGoMailReceiptAllow=1, SOGoMailReceiptAnyAction="ask")
    ref = await _asking(post, anna)
    assert (await post.receipts.wish(anna, MAIN, ref)).action is Action.ASK
    await post.receipts.answer(anna, MAIN, ref, send=False)
    assert (await post.receipts.wish(anna, MAIN, ref)).action is Action.IGNORE
    plain = await post.put(anna, "INBOX", b"From: x@example.org\n\nx\n")
    with pytest.raises(MalformedInput):
        await post.receipts.answer(anna, MAIN, plain, send=True)
    assert smtp.received == []


async def test_a_redirected_message_is_the_same_with_a_note(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    me = MailAddress("", f"{anna.principal}@example.org")
    ref = await post.put(
        anna, "INBOX", "Return-Path: <x@y>\nBcc: s@example.net\nFrom: Ida <ida@example.net>\n\nGrüße\n".encode()
    )
    await post.redirecting.redirect(anna, MAIN, ref, me, [IDA, MailAddress("", "IDA@example.net")])
    (one,) = smtp.received
    assert (one.sender, one.recipients) == (me.address, ["IDA@example.net"])
    assert one.message["From"] == "Ida <ida@example.net>"
    assert one.message["Resent-From"].addresses[0].addr_spec == me.address
    assert "Grüße".encode() in one.octets
    assert one.message["Bcc"] is None
    assert one.message["Return-Path"] is None
    (message,) = await post.messages(anna, "INBOX")
    assert "$Forwarded" in (message.flags or ())


async def test_a_redirected_message_goes_by_the_rules_of_all_mail(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    me = MailAddress("", f"{anna.principal}@example.org")
    ref = await post.put(anna, "INBOX", b"From: Ida <ida@example.net>\n\nx\n")
    with pytest.raises(Forbidden):
        await post.redirecting.redirect(anna, MAIN, ref, MailAddress("", "boss@example.org"), [IDA])
    with pytest.raises(MalformedInput):
        await post.redirecting.redirect(anna, MAIN, ref, me, [])
    with pytest.raises(NotFound):
        await post.redirecting.redirect(anna, MAIN, MessageRef("INBOX", 1, 1), me, [IDA])
    without(post, submissions_max=1)
    await post.redirecting.redirect(anna, MAIN, ref, me, [IDA])
    with pytest.raises(SendingBlocked):
        await post.redirecting.redirect(anna, MAIN, ref, me, [IDA])
    assert len(smtp.received) == 1
    assert await post.sending.list(anna) == []
