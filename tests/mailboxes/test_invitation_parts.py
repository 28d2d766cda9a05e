"""Invitations of all vendors are found in their messages, and acted on only where their senders may say such things."""

import pytest

from folkmoot.mailboxes.invitations import PARTS_MAX, Found, candidates, invitations, is_forged, senders
from folkmoot.mime.headers import parse_headers
from folkmoot.mime.part import Part
from folkmoot.mime.reading import read_message
from folkmoot.scheduling.itip import parse_message
from folkmoot.scheduling.receiving.unattended import Doubt, doubt
from folkmoot.scheduling.values import Address, Method
from tests.corpus.sample import Sample
from tests.corpus.samples import samples

ANNA = Address("anna@example.org")
OSKAR = Address("oskar@outside.example")
NOT_ONE = {"invitation-odd-two-events", "invitation-odd-in-forwarded"}  # two meetings; somebody else's message


def found_in(octets: bytes) -> list[Found]:
    message = read_message(octets)
    parts = candidates(message.part)
    return list(invitations(parts, {part.path: message.section(part.path) for part in parts}))


@pytest.mark.parametrize("sample", [one for one in samples() if one.method], ids=lambda one: one.name)
def test_a_vendors_message_is_understood(sample: Sample) -> None:
    found = found_in(sample.octets)
    if sample.name in NOT_ONE:
        assert found == []
    elif sample.name == "invitation-odd-wrong-method":
        assert [one.method for one in found] == [Method.CANCEL]  # the text counts, not what is said about it
    else:
        assert found[0].method == sample.method
        assert found[0].uid


def test_messages_about_nothing_hold_no_invitation() -> None:
    wrongly = [one.name for one in samples() if not one.method and found_in(one.octets)]
    assert wrongly == []


def test_only_few_small_parts_are_looked_at() -> None:
    parts = tuple(Part(f"{number}", "text", "calendar", size=10) for number in range(1, 50))
    assert len(candidates(Part("", "multipart", "mixed", children=parts))) == PARTS_MAX
    assert candidates(Part("1", "text", "calendar", size=10**9)) == []
    assert candidates(Part("1", "application", "ms-tnef", size=10**9)) == []


def itip(method: str, organizer: str = f"ORGANIZER:mailto:{OSKAR}", attendee: str = ANNA) -> bytes:
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:u\r\n"
        f"DTSTAMP:20260101T000000Z\r\nDTSTART:20270101T000000Z\r\nSUMMARY:s\r\n{organizer}\r\n"
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{attendee}\r\nSEQUENCE:0\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("body", "sender", "expected"),
    [
        (itip("REQUEST"), OSKAR, None),
        (itip("CANCEL"), OSKAR, None),
        (itip("REQUEST"), "mallory@elsewhere.example", Doubt.NOT_THE_ORGANIZER),
        (itip("CANCEL"), "mallory@elsewhere.example", Doubt.NOT_THE_ORGANIZER),
        (itip("REQUEST", attendee="bert@example.org"), OSKAR, Doubt.NOT_INVITED),
        (itip("REQUEST", f"ORGANIZER:mailto:{ANNA}"), OSKAR, Doubt.OWN_MEETING),
        (itip("REQUEST", f'ORGANIZER;SENT-BY="mailto:pa@outside.example":mailto:{OSKAR}'), "pa@outside.example", None),
        (
            itip("REQUEST", f'ORGANIZER;SENT-BY="mailto:pa@else.example":mailto:{OSKAR}'),
            "pa@else.example",
            Doubt.NOT_THE_ORGANIZER,
        ),
        (itip("REPLY", f"ORGANIZER:mailto:{ANNA}", OSKAR), OSKAR, None),
        (itip("REPLY", attendee=OSKAR), OSKAR, Doubt.OTHERS_MEETING),
        (itip("COUNTER", f"ORGANIZER:mailto:{ANNA}", OSKAR), OSKAR, None),
        (itip("PUBLISH"), OSKAR, Doubt.NOT_TAKEN),
        (itip("REFRESH", f"ORGANIZER:mailto:{ANNA}", OSKAR), OSKAR, Doubt.NOT_TAKEN),
    ],
)
def test_who_may_say_what_with_nobody_watching(body: bytes, sender: str, expected: Doubt | None) -> None:
    method, calendar = parse_message(body)
    assert doubt(method, calendar, frozenset([ANNA]), [Address(sender)]) is expected


def test_no_sender_or_several_are_nobody() -> None:
    method, calendar = parse_message(itip("REQUEST"))
    assert doubt(method, calendar, frozenset([ANNA]), []) is Doubt.SENDER
    assert doubt(method, calendar, frozenset([ANNA]), [OSKAR, ANNA]) is Doubt.SENDER
    assert senders(parse_headers(b"From: a@x.example\r\nFrom: b@x.example\r\n\r\n")) == ()
    assert list(senders(parse_headers(b"From: A <A@X.example>, b@x.example\r\n\r\n"))) == ["a@x.example", "b@x.example"]
    assert list(senders(parse_headers(b'From: "oskar@outside.example" <m@x.example>\r\n\r\n'))) == ["m@x.example"]


@pytest.mark.parametrize(
    ("field", "trusted", "forged"),
    [
        ("mx.example.org; dmarc=fail header.from=outside.example", ("mx.example.org",), True),
        ("mx.example.org; dmarc=pass header.from=outside.example; spf=fail", ("mx.example.org",), False),
        ("mx.example.org; spf=fail smtp.mailfrom=x; dkim=none", ("mx.example.org",), True),
        ("mx.example.org; spf=fail smtp.mailfrom=x; dkim=pass header.d=outside.example", ("mx.example.org",), False),
        ("other.example; dmarc=fail", (), True),
        ("other.example; dmarc=pass", (), False),
        ("other.example; dmarc=fail", ("mx.example.org",), True),
    ],
)
def test_what_mail_servers_found_out_counts(field: str, trusted: tuple[str, ...], forged: bool) -> None:
    headers = parse_headers(f"Authentication-Results: {field}\r\nFrom: oskar@outside.example\r\n\r\n".encode())
    assert is_forged(headers, trusted) is forged
