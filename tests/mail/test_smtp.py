"""One message to one recipient, and what every refusal means."""

import asyncio
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import structlog

from folkmoot.config.servers_section import SmtpSettings
from folkmoot.core.errors import ConfigurationError, MalformedInput, TooLarge, Unavailable
from folkmoot.mail import Deferred, Refused, Smtp, tls
from folkmoot.mail import smtp as smtp_module
from folkmoot.mail.credentials import Credentials, Password, Token
from folkmoot.mail.errors import RecipientsRefused, SignInRefused, Uncertain
from folkmoot.mail.server import SMTP as SCHEMES
from folkmoot.mail.server import parse_server
from folkmoot.mail.submission import DeliveryNotice, Envelope, Notify, Submitted, mail_options, recipient_options
from tests.support.smtp import DROP, HANG, MailServer, Stage, mail_server, self_signed

pytestmark = pytest.mark.anyio

ANNA = "anna@example.org"
STAGES: tuple[Stage, ...] = ("MAIL", "RCPT", "DATA")
IDA = "ida@example.net"


def _message(text: str = "Hello", *, to: str = IDA) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ANNA, to, "Grüße"
    message["Message-ID"] = "<1@example.org>"
    message.set_content(text)
    return message


def _smtp(server: MailServer, *, url: str = "", transcript: bool = False, **settings: Any) -> Smtp:
    chosen = SmtpSettings(mechanism="smtp", server=url or server.url, **settings)
    return Smtp(chosen, transcript=transcript, local_hostname="localhost")


async def _send(smtp: Smtp, message: EmailMessage | None = None, to: str = IDA) -> str:
    return await smtp.send(message or _message(to=to), sender=ANNA, recipient=to)


async def test_a_message_arrives_as_it_was_written() -> None:
    async with mail_server() as server:
        answer = await _send(_smtp(server), _message("Grüße\n.\n..dots\n" + "x" * 5000))
    assert answer == "250 queued"
    (one,) = server.received
    assert (one.sender, one.recipients) == (ANNA, [IDA])
    assert one.message["Subject"] == "Grüße"
    assert one.message.get_content().replace("\r\n", "\n") == "Grüße\n.\n..dots\n" + "x" * 5000 + "\n"
    assert max(map(len, one.octets.split(b"\r\n"))) <= 998
    assert one.octets.isascii()


@pytest.mark.parametrize("stage", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
async def test_a_server_that_is_busy_or_goes_away_may_be_asked_again(stage: Stage) -> None:
    async with mail_server() as server:
        for answer in ("451 4.3.0 later", DROP):
            server.fail(stage, answer)
            with pytest.raises(Deferred) as caught:
                await _send(_smtp(server))
            assert "\n" not in str(caught.value)
        assert server.received == []
        await _send(_smtp(server))
    assert len(server.received) == 1


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
async def test_a_permanent_refusal_is_final(stage: Stage) -> None:
    async with mail_server() as server:
        server.fail(stage, "550 5.1.1 no such user")
        with pytest.raises(Refused, match=r"550 5\.1\.1 no such user") as caught:
            await _send(_smtp(server))
    assert caught.value.no_such_recipient is (stage == "RCPT")


async def test_a_server_that_refuses_everybody_is_not_the_recipients_fault() -> None:
    async with mail_server() as server:
        server.fail("CONNECT", "554 5.7.1 go away")
        with pytest.raises(Deferred):
            await _send(_smtp(server))
        server.fail("MAIL", "530 5.7.0 Authentication required")
        with pytest.raises(Deferred):
            await _send(_smtp(server))


async def test_a_server_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_module, "COMMAND_SECONDS", 0.05)
    async with mail_server() as server:
        for stage in STAGES:
            server.fail(stage, HANG)
            with pytest.raises(Deferred, match="in time"):
                await _send(_smtp(server))
    monkeypatch.setattr(smtp_module, "COMMAND_SECONDS", 60)
    monkeypatch.setattr(smtp_module, "MESSAGE_SECONDS", 0.05)
    async with mail_server() as server:
        server.fail("MAIL", HANG)
        with pytest.raises(Deferred, match="in time"):
            await _send(_smtp(server))


async def test_a_server_that_is_not_there_may_come_back() -> None:
    async with mail_server() as server:
        pass
    with pytest.raises(Deferred):
        await _send(_smtp(server))


async def test_a_message_that_is_too_large_is_final() -> None:
    async with mail_server() as server:
        with pytest.raises(Refused, match="larger than 1 kB"):
            await _send(_smtp(server, message_max_kilobytes=1), _message("x" * 2000))
        with pytest.raises(Refused, match="larger than the mail server takes"):
            await _send(_smtp(server), _message("x" * 1_000_000))
    assert server.received == []


async def test_addresses_beyond_ascii_are_sent_where_the_server_takes_them() -> None:
    async with mail_server() as server:
        await _send(_smtp(server), to="søren@example.net")
        assert server.received[0].recipients == ["søren@example.net"]
        assert "SMTPUTF8" in server.received[0].options
        assert "søren@example.net".encode() in server.received[0].octets


async def test_nothing_of_an_address_becomes_a_command() -> None:
    async with mail_server() as server:
        for address in ("a@b.org>\r\nRCPT TO:<c@d.org", "a@b.org\nDATA"):
            with pytest.raises(Refused):
                await _smtp(server).send(_message(), sender=ANNA, recipient=address)
            with pytest.raises(Refused):
                await _smtp(server).send(_message(), sender=address, recipient=IDA)
    assert server.received == []


async def test_starttls_is_required_and_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, certificate = self_signed(tmp_path)
    async with mail_server(tls=context) as server:
        with pytest.raises(Deferred, match=r"(?i)certificate"):
            await _send(_smtp(server, url=f"{server.url}/?tls=YES"))
        await _send(_smtp(server, url=f"{server.url}/?tls=YES&tlsVerifyMode=allowInsecureLocalhost"))
        await _send(_smtp(server, url=f"{server.url}/?tls=YES&tlsVerifyMode=none"))
        with pytest.raises(Deferred):
            await _send(_smtp(server))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        tls._context.cache_clear()
        await _send(_smtp(server, url=f"smtp://localhost:{server.port}/?tls=YES"))
    assert len(server.received) == 3
    async with mail_server() as plain:
        with pytest.raises(Deferred, match=r"(?i)starttls"):
            await _send(_smtp(plain, url=f"{plain.url}?tls=YES"))
    assert plain.received == []


async def test_smtps_is_encrypted_from_the_first_octet(tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path)
    async with mail_server(tls=context, implicit=True) as server:
        await _send(_smtp(server, url=f"smtps://localhost:{server.port}?tlsVerifyMode=allowInsecureLocalhost"))
        with pytest.raises(Deferred):
            await _send(_smtp(server, url=f"smtps://localhost:{server.port}"))
    assert len(server.received) == 1


@pytest.mark.parametrize("mechanism", ["PLAIN", "xoauth2"])
@pytest.mark.parametrize(("password", "sent"), [("secret", 1), ("wrong", 0)])
async def test_the_account_of_the_system_signs_in(password: str, sent: int, mechanism: str) -> None:
    account: dict[str, Any] = {"authentication": mechanism, "master_user": True, "master_user_name": "sogo"}
    async with mail_server(password="secret") as server:
        smtp = _smtp(server, **account, master_user_password=password)
        if not sent:
            with pytest.raises(Deferred, match="535"):
                await _send(smtp)
        else:
            await _send(smtp)
            assert server.received[0].login == "sogo"
        with pytest.raises(Deferred, match="530"):
            await _send(_smtp(server))
    assert len(server.received) == sent


async def test_the_transcript_shows_the_dialogue_without_password_and_text() -> None:
    account: dict[str, Any] = {"authentication": "PLAIN", "master_user": True, "master_user_name": "sogo"}
    async with mail_server(password="secret") as server:
        with structlog.testing.capture_logs() as lines:
            await _send(_smtp(server, transcript=True, **account, master_user_password="secret"), _message("private"))
    shown = "\n".join(str(line.get("line", "")) for line in lines)
    assert f"RCPT TO:<{IDA}>" in shown
    assert "AUTH ***" in shown
    assert "DATA" in shown
    assert "private" not in str(lines)
    assert "c2VjcmV0" not in str(lines)


def test_a_parameter_that_names_no_server_is_the_administrators_fault() -> None:
    with pytest.raises(ConfigurationError, match="SOGoSMTPServer"):
        Smtp(SmtpSettings(server="imap://mail"))


def test_a_password_is_not_shown_by_the_settings() -> None:
    assert "secret" not in repr(SmtpSettings(master_user_password="secret"))
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED


async def _submit(
    server: MailServer, recipients: tuple[str, ...] = (IDA,), octets: bytes = b"Subject: x\r\n\r\nText\r\n", **more: Any
) -> Submitted:
    credentials = more.pop("credentials", None)
    sender = more.pop("sender", ANNA)
    envelope = Envelope(sender, recipients, more.pop("notice", None))
    return await _smtp(server).submit(octets, envelope, credentials=credentials, **more)


async def test_several_recipients_get_one_message_in_one_transaction() -> None:
    async with mail_server() as server:
        submitted = await _submit(server, (IDA, "jan@example.net"), b".dot\r\n\r\nText without an end")
        assert (submitted.answer, submitted.refusals) == ("250 queued", {})
    (one,) = server.received
    assert one.recipients == [IDA, "jan@example.net"]
    assert one.octets == b".dot\r\n\r\nText without an end\r\n"


async def test_one_refused_recipient_keeps_all_from_getting_it_unless_that_is_wanted() -> None:
    async with mail_server() as server:
        server.by_recipient = {"no@example.net": "550 5.1.1 who", "busy@example.net": "451 later"}
        everybody = (IDA, "no@example.net", "busy@example.net")
        with pytest.raises(RecipientsRefused, match=r"no@example\.net: 550") as caught:
            await _submit(server, everybody)
        refusals = caught.value.refusals
        assert {address: (one.permanent, one.unknown) for address, one in refusals.items()} == {
            "no@example.net": (True, True),
            "busy@example.net": (False, False),
        }
        assert caught.value.permanent
        assert server.received == []
        submitted = await _submit(server, everybody, partial=True)
        assert set(submitted.refusals) == {"no@example.net", "busy@example.net"}
        assert server.received[0].recipients == [IDA]
        with pytest.raises(RecipientsRefused):
            await _submit(server, ("no@example.net",), partial=True)


@pytest.mark.parametrize(
    ("credentials", "right"),
    [
        (Password("sogo", "secret"), True),
        (Token("sogo", "secret"), True),
        (Password("sogo", "wrong"), False),
        (Token("sogo", "wrong"), False),
    ],
)
async def test_a_person_signs_in_with_what_there_is(credentials: Credentials, right: bool) -> None:
    async with mail_server(password="secret") as server:
        if right:
            await _submit(server, credentials=credentials)
            assert server.received[0].login == "sogo"
        else:
            with pytest.raises(SignInRefused, match="535"):
                await _submit(server, credentials=credentials)


async def test_the_sender_of_a_report_is_nobody() -> None:
    async with mail_server() as server:
        await _submit(server, sender="")
    assert server.received[0].sender == "<>"


async def test_a_line_that_breaks_after_the_last_dot_leaves_it_open_whether_it_went() -> None:
    reached: list[str] = []

    async def committing() -> None:
        reached.append("dot")

    async with mail_server() as server:
        server.fail("DATA", "taken, then drop")
        with pytest.raises(Uncertain):
            await _submit(server, committing=committing)
        assert (len(server.received), reached) == (1, ["dot"])
        for stage in ("CONNECT", "EHLO", "MAIL", "RCPT"):
            server.fail(stage, DROP)
            with pytest.raises(Deferred) as caught:
                await _submit(server, committing=committing)
            assert not isinstance(caught.value, Uncertain)
        server.fail("DATA", "554 no")
        with pytest.raises(Refused):
            await _submit(server, committing=committing)
    assert len(server.received) == 1


async def test_nothing_goes_if_the_one_who_keeps_count_cannot_note_it() -> None:
    async def committing() -> None:
        raise Unavailable("the database is away")

    async with mail_server() as server:
        with pytest.raises(Unavailable, match="database"):
            await _submit(server, committing=committing)
        await asyncio.sleep(0.05)
    assert server.received == []


async def test_notices_are_asked_for_where_the_server_gives_them() -> None:
    notice = DeliveryNotice(frozenset({Notify.SUCCESS, Notify.DELAY}), whole_message=True, identifier="a b+c=d")
    async with mail_server() as server:
        assert not (await _submit(server, notice=notice)).notices
    assert mail_options(notice) == ["RET=FULL", "ENVID=a+20b+2Bc+3Dd"]
    assert recipient_options(notice, "a+b@example.net") == ["NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;a+2Bb@example.net"]
    assert recipient_options(DeliveryNotice(frozenset()), IDA)[0] == "NOTIFY=NEVER"


async def test_a_server_chosen_by_a_user_is_asked_at_permitted_addresses_only() -> None:
    async def none(host: str, port: int) -> list[str]:
        return []

    async def loopback(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async with mail_server() as server:
        place = parse_server(f"smtp://mail.example.net:{server.port}", SCHEMES)
        envelope = Envelope(ANNA, (IDA,))
        with pytest.raises(Deferred, match="cannot be reached"):
            await Smtp(SmtpSettings(), server=place, allow=none, local_hostname="localhost").submit(
                b"x: y\r\n\r\n", envelope, credentials=None
            )
        await Smtp(SmtpSettings(), server=place, allow=loopback, local_hostname="localhost").submit(
            b"x: y\r\n\r\n", envelope, credentials=None
        )
    assert len(server.received) == 1


@pytest.mark.parametrize("address", ["a@b.org>\r\nDATA", "Anna <a@b.org>", "a b@c.org", "a@b\0.org", ""])
def test_an_envelope_holds_bare_addresses(address: str) -> None:
    with pytest.raises(MalformedInput):
        Envelope(ANNA, (address,))
    if address:
        with pytest.raises(MalformedInput):
            Envelope(address, (IDA,))


def test_an_envelope_has_some_recipients_and_not_too_many() -> None:
    with pytest.raises(MalformedInput):
        Envelope(ANNA, ())
    with pytest.raises(TooLarge):
        Envelope(ANNA, (IDA,) * 1001)
