"""Addresses and texts that may stand in envelopes and header fields; where the server is."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from folkmoot.core.errors import MalformedInput
from folkmoot.mail import MailServer, TlsMode, VerifyMode, header_text, mailbox, message_id, parse_server
from folkmoot.mail.server import SMTP


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("ida@example.org", "ida@example.org"),
        ("MAILTO:Ida@Example.org", "Ida@Example.org"),
        ("mailto:ida%2Bcal@example.org", "ida+cal@example.org"),
        ("mailto:%22Ida%20M%C3%BCller%22%20%3Cida@example.org%3E", "ida@example.org"),
        ("mailto:ida@example.org?subject=x", "ida@example.org"),
        ("Ida <ida@example.org>", "ida@example.org"),
        (" ida@example.org ", "ida@example.org"),
        ("ida@bücher.example", "ida@xn--bcher-kva.example"),
        ("søren@example.org", "søren@example.org"),
        ("user%relay@example.org", "user%relay@example.org"),
    ],
)
def test_an_address_is_taken_out_of_what_clients_write(written: str, address: str) -> None:
    assert mailbox(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ida",
        "@example.org",
        "ida@",
        "ida@a b",
        "mailto:a@b.org%0d%0aDATA",
        "a@b.org\r\nRCPT TO:<c@d.org>",
        "a@b.org, c@d.org",
        "a@@b.org",
        "<a@b.org><c@d.org",
        "a@[127.0.0.1]",
        ".a@b.org",
        "a..b@c.org",
        "x" * 65 + "@b.org",
        "a@" + "b" * 64 + ".org",
        "a@" + "b." * 400 + "org",
        "a\u202e@b.org",
        "urn:uuid:1234",
        "/principals/ida/",
    ],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    with pytest.raises(MalformedInput):
        mailbox(written)


@given(st.text(max_size=80))
@example("a@b.org\x85")
def test_no_address_can_break_a_line_or_leave_its_brackets(written: str) -> None:
    with suppress(MalformedInput):
        address = mailbox(written)
        assert not set(address) & set("\r\n<> \x00\u2028")
        assert mailbox(address) == address


@given(st.text(max_size=80))
def test_no_text_can_break_a_header_field(text: str) -> None:
    assert not set(header_text(text)) & set("\r\n\x00\u2028\u202e")


def test_a_message_id_is_made_from_the_key_and_a_clean_domain() -> None:
    assert message_id("ab12", "anna@example.org") == "<ab12@example.org>"
    assert message_id("ab12", 'x@exa"mple>.org\r\nBcc: a') == "<ab12@example.orgBcca>"
    assert message_id("ab12", "") == "<ab12@localhost>"


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("localhost", MailServer("localhost", 25)),
        ("mail.example.org:587", MailServer("mail.example.org", 587)),
        ("smtp://mail", MailServer("mail", 25)),
        ("smtp://mail:587/?tls=YES", MailServer("mail", 587, TlsMode.START)),
        ("smtp://mail:587?tls=NO", MailServer("mail", 587)),
        ("smtps://mail", MailServer("mail", 465, TlsMode.IMPLICIT)),
        ("SMTPS://mail:10465/", MailServer("mail", 10465, TlsMode.IMPLICIT)),
        ("smtp://[::1]:26", MailServer("::1", 26)),
        (
            "smtp://localhost/?tls=YES&tlsVerifyMode=allowInsecureLocalhost",
            MailServer("localhost", 25, TlsMode.START, VerifyMode.ALLOW_INSECURE_LOCALHOST),
        ),
        ("smtps://mail?tlsverifymode=none", MailServer("mail", 465, TlsMode.IMPLICIT, VerifyMode.NONE)),
    ],
)
def test_all_forms_of_the_servers_address_are_read(text: str, server: MailServer) -> None:
    assert parse_server(text, SMTP) == server


@pytest.mark.parametrize(
    "text", ["", "http://mail", "mail:0", "mail:99999", "mail:x", "a b", "smtp://mail?tlsVerifyMode=maybe", "x" * 2000]
)
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises(MalformedInput):
        parse_server(text, SMTP)


def test_an_insecure_certificate_is_allowed_on_this_machine_only() -> None:
    for host, verified in (("localhost", False), ("127.0.0.1", False), ("::1", False), ("mail", True)):
        assert MailServer(host, 25, verify=VerifyMode.ALLOW_INSECURE_LOCALHOST).verified is verified
    assert MailServer("localhost", 25).verified
    assert not MailServer("mail", 25, verify=VerifyMode.NONE).verified
