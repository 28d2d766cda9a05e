"""The beginning of a message: what stands in an answer, and that it can be sent."""

from dataclasses import replace
from typing import Any

import pytest

from folkmoot.core.caller import Caller
from folkmoot.core.errors import MalformedInput, NotFound
from folkmoot.mailboxes.draft_form import InMessage
from folkmoot.mailboxes.values import MAIN, MessageRef
from folkmoot.mime.headers import MailAddress
from folkmoot.mime.reading import read_message
from folkmoot.store import profiles
from tests.support.outgoing import Post
from tests.support.smtp import MailServer

pytestmark = [pytest.mark.anyio, pytest.mark.live]

LETTER = b"""\
From: Ida <ida@example.net>
To: %s, Jan <jan@example.net>
Subject: Lunch
Date: Mon, 1 Jun 2026 10:00:00 +0000
Message-ID: <lunch@example.net>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="m"

--m
Content-Type: multipart/related; boundary="r"

--r
Content-Type: text/html; charset=utf-8

<p>Shall <b>we</b>?</p><script>alert(1)</script><img src="cid:pic@x"><img src="https://example.net/track.gif">
--r
Content-Type: image/gif
Content-ID: <pic@x>
Content-Disposition: inline; filename=pic.gif
Content-Transfer-Encoding: base64

R0lG
--r--
--m
Content-Type: application/pdf; name="menu.pdf"
Content-Disposition: attachment; filename="menu.pdf"
Content-Transfer-Encoding: base64

JVBERg==
--m--
"""


async def _choose(post: Post, caller: Caller, **chosen: Any) -> None:
    properties = {"defaults": {"SOGoTimeZone": "Europe/Berlin", "SOGoLanguage": "German", **chosen}}
    await post.mail.database.write(
        lambda tx: profiles.set_(tx, caller.principal, properties=properties, dead_properties={}, now=1)
    )


async def _letter(post: Post, caller: Caller) -> MessageRef:
    return await post.put(caller, "INBOX", LETTER % f"{caller.principal}@example.org".encode())


async def test_an_answer_quotes_and_joins_the_thread(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    await _choose(post, anna, SOGoMailSignature="<b>Anna</b><script>x</script>")
    ref = await _letter(post, anna)
    draft = await post.answers.reply(anna, MAIN, ref)
    assert draft.to == (MailAddress("Ida", "ida@example.net"),)
    assert (draft.subject, draft.in_reply_to, draft.references) == (
        "Re: Lunch",
        ("<lunch@example.net>",),
        ("<lunch@example.net>",),
    )
    assert "1. Juni 2026, 12:00 schrieb Ida:" in draft.html
    assert "<b>we</b>" in draft.html
    assert "script" not in draft.html
    assert "track.gif" not in draft.html
    assert draft.html.index("blockquote") < draft.html.index("<b>Anna</b>")
    assert [one.name for one in draft.files] == ["pic.gif"]
    stored = await post.drafts.save(anna, MAIN, draft)
    await post.send(anna, stored)
    (one,) = smtp.received
    message = read_message(one.octets)
    assert [part.content_type for part in message.part.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/gif",
    ]
    assert b"> Shall we?" in message.content("1")
    (inbox,) = await post.messages(anna, "INBOX")
    assert "\\Answered" in (inbox.flags or ())
    assert "\\Seen" not in (inbox.flags or ())


async def test_an_answer_to_all_leaves_oneself_out(post: Post) -> None:
    anna = post.mail.person()
    draft = await post.answers.reply(anna, MAIN, await _letter(post, anna), everybody=True)
    assert [one.address for one in draft.to] == ["ida@example.net", "jan@example.net"]


@pytest.mark.parametrize(
    ("chosen", "order"),
    [
        ({}, "QWS"),
        ({"SOGoMailReplyPlacement": "above"}, "WQS"),
        ({"SOGoMailReplyPlacement": "above", "SOGoMailSignaturePlacement": "above"}, "WSQ"),
        ({"SOGoMailReplyPlacement": "above", "SOGoMailUseSignatureOnReply": 0}, "WQ"),
    ],
)
async def test_quote_answer_and_signature_stand_where_they_were_wished(
    post: Post, chosen: dict[str, Any], order: str
) -> None:
    anna = post.mail.person()
    await _choose(post, anna, SOGoMailSignature="Sig", SOGoMailComposeMessageType="text", **chosen)
    draft = await post.answers.reply(anna, MAIN, await _letter(post, anna))
    assert draft.html == ""
    text = draft.text
    places = {"Q": text.find("> Shall"), "S": text.find("-- \nSig")}
    places["W"] = 0 if text.startswith("\n") else text.find("\n\n\n")
    assert "".join(sorted((key for key, place in places.items() if place >= 0), key=places.__getitem__)) == order


async def test_answers_in_the_style_of_outlook_have_the_header_above_the_original(post: Post) -> None:
    anna = post.mail.person()
    await _choose(post, anna, SOGoMailUseOutlookStyleReplies=1, SOGoMailComposeMessageType="text")
    draft = await post.answers.reply(anna, MAIN, await _letter(post, anna))
    assert "-------- Ursprüngliche Nachricht --------\nBetreff: Lunch\nDatum: " in draft.text
    assert "> " not in draft.text


async def test_a_message_is_forwarded_with_its_files(post: Post, smtp: MailServer) -> None:
    anna = post.mail.person()
    ref = await _letter(post, anna)
    draft = await post.answers.forward(anna, MAIN, [ref])
    assert (draft.subject, draft.to, draft.forwards) == ("Fwd: Lunch", (), (ref,))
    assert "Ida &lt;ida@example.net&gt;" in draft.html
    assert sorted(one.name for one in draft.files) == ["menu.pdf", "pic.gif"]
    stored = await post.drafts.save(anna, MAIN, replace(draft, to=(MailAddress("", "x@example.net"),)))
    await post.send(anna, stored)
    message = read_message(smtp.received[0].octets)
    assert message.content(message.part.children[-1].path) == b"%PDF"
    (inbox,) = await post.messages(anna, "INBOX")
    assert "$Forwarded" in (inbox.flags or ())


async def test_several_messages_are_forwarded_as_attachments(post: Post) -> None:
    anna = post.mail.person()
    refs = [await _letter(post, anna), await post.put(anna, "INBOX", b"Subject: a/b\n\ny\n")]
    draft = await post.answers.forward(anna, MAIN, refs)
    assert [(one.name, one.content_type, one.source) for one in draft.files] == [
        ("Lunch.eml", "message/rfc822", InMessage(refs[0])),
        ("a_b.eml", "message/rfc822", InMessage(refs[1])),
    ]
    with pytest.raises(MalformedInput):
        await post.answers.forward(anna, MAIN, [])
    with pytest.raises(NotFound):
        await post.answers.forward(anna, MAIN, [MessageRef("INBOX", refs[0].uid_validity, 999)])


async def test_a_message_is_written_once_more(post: Post) -> None:
    anna = post.mail.person()
    ref = await _letter(post, anna)
    draft = await post.answers.edit_as_new(anna, MAIN, ref)
    assert [one.address for one in draft.to][1] == "jan@example.net"
    assert (draft.sender.address, draft.subject, draft.references) == (f"{anna.principal}@example.org", "Lunch", ())
    assert "script" not in draft.html
    assert sorted(one.name for one in draft.files) == ["menu.pdf", "pic.gif"]
    saved = await post.drafts.save(anna, MAIN, draft)
    assert sorted(one.name for one in saved.draft.files) == ["menu.pdf", "pic.gif"]


async def test_a_new_message_carries_the_signature(post: Post) -> None:
    anna = post.mail.person()
    await _choose(post, anna, SOGoMailSignature="Anna\nBerlin")
    draft = await post.answers.new(anna, MAIN, [MailAddress("", "x@example.net")])
    assert "Anna<br>" in draft.html
    assert draft.to == (MailAddress("", "x@example.net"),)
