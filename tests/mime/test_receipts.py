"""Receipts: when one is sent, and what stands in it."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from folkmoot.mime.headers import MailAddress, parse_headers
from folkmoot.mime.receipts import Action, Receipt, ReceiptRules, action_for, write_receipt

OWN = frozenset({"anna@example.org"})
DOMAINS = frozenset({"example.org"})
ALL = ReceiptRules(True, Action.SEND, Action.SEND, Action.SEND)
EACH = ReceiptRules(True, Action.IGNORE, Action.ASK, Action.SEND)
HERE = (
    b"Return-Path: <ida@example.org>\r\nFrom: Ida <ida@example.org>\r\nTo: anna@example.org\r\n"
    b"Disposition-Notification-To: Ida <Ida@example.org>\r\nMessage-ID: <1@example.org>\r\n"
)
OUTSIDE = HERE.replace(b"example.org", b"example.net").replace(b"anna@example.net", b"anna@example.org")


@pytest.mark.parametrize(
    ("header", "rules", "action"),
    [
        (HERE, ALL, Action.SEND),
        (HERE, ReceiptRules(), Action.IGNORE),
        (HERE, EACH, Action.SEND),
        (
            HERE.replace(b"example.org", b"example.net").replace(b"anna@example.net", b"anna@example.org"),
            EACH,
            Action.ASK,
        ),
        (HERE.replace(b"anna@", b"team@"), EACH, Action.IGNORE),
        (HERE.replace(b"Disposition", b"X-Disposition"), ALL, Action.IGNORE),
        (HERE + b"List-Id: <x.example.org>\r\n", ALL, Action.IGNORE),
        (HERE + b"Precedence: bulk\r\n", ALL, Action.IGNORE),
        (HERE + b"Auto-Submitted: auto-replied\r\n", ALL, Action.IGNORE),
        (HERE + b"Content-Type: multipart/report; report-type=disposition-notification\r\n", ALL, Action.IGNORE),
        (HERE.replace(b"From: Ida <ida@", b"From: Anna <anna@"), ALL, Action.IGNORE),
        # Somebody else than the message came from would get it, or several.
        (HERE.replace(b"<ida@example.org>\r\nFrom", b"<spam@example.org>\r\nFrom"), ALL, Action.ASK),
        (HERE.replace(b"Return-Path", b"X-Path"), ALL, Action.ASK),
        (HERE.replace(b"<Ida@example.org>", b"<ida@example.org>, eva@example.org"), ALL, Action.ASK),
        (b"Disposition-Notification-To: nobody\r\n", ALL, Action.IGNORE),
    ],
)
def test_a_receipt_goes_by_the_rules(header: bytes, rules: ReceiptRules, action: Action) -> None:
    assert action_for(parse_headers(header + b"\r\n"), OWN, DOMAINS, rules) is action


@pytest.mark.parametrize(("automatic", "mode"), [(True, "MDN-sent-automatically"), (False, "MDN-sent-manually")])
def test_a_receipt_says_which_message_was_displayed_to_whom(automatic: bool, mode: str) -> None:
    receipt = Receipt(
        sender=MailAddress("Anna", "anna@example.org"),
        to=(MailAddress("Ida", "ida@example.org"),),
        subject="Gelesen: Grüße",
        text="Ihre Nachricht wurde angezeigt.\n",
        message_id="<r@example.org>",
        date=datetime(2026, 6, 1, tzinfo=UTC),
        user_agent="Folkmoot/1",
        automatic=automatic,
    )
    original = HERE + b"Original-Recipient: rfc822;a@example.org\r\nReceived: from secret\r\nSubject: x\r\n\r\nBody\r\n"
    octets = write_receipt(receipt, original)
    assert octets.isascii()
    message = message_from_bytes(octets, policy=default)
    assert message.get_content_type() == "multipart/report"
    assert message["References"] == "<1@example.org>"
    text, notification, header = message.iter_parts()
    assert "angezeigt" in text.get_content()
    assert notification.get_content_type() == "message/disposition-notification"
    fields = notification.as_string()
    assert "Final-Recipient: rfc822;anna@example.org" in fields
    assert "Original-Recipient: rfc822;a@example.org" in fields
    assert "Original-Message-ID: <1@example.org>" in fields
    assert f"Disposition: manual-action/{mode}; displayed" in fields
    assert header.get_content_type() == "text/rfc822-headers"
    returned = header.as_string()
    assert "Subject: x" in returned
    assert "secret" not in octets.decode()
    assert "Body" not in octets.decode()
