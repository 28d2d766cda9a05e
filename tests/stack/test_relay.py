"""The relay between people here, with a mail store that answers as a test says."""

import asyncio
import base64
import os
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import pytest

from folkmoot.auth.mail_tokens import MailTokens
from folkmoot.config.servers_section import SmtpSettings
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.directory import Directory
from folkmoot.directory.principal import PrincipalKind
from folkmoot.stack import relay as relay_module
from folkmoot.stack.peers import peer_uid
from folkmoot.stack.relay import Relay, serve_relay
from folkmoot.stack.relay_auth import RelayAuth
from folkmoot.stack.relay_delivery import RelayDelivery
from tests.support.clock import SetClock
from tests.support.doorkeeper import Doorkeeper
from tests.support.memory_source import Memory
from tests.support.smtp import mail_server

pytestmark = pytest.mark.anyio

SECRET = "the-secret"
TOKENS = MailTokens(b"k" * 32)
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
NOBODY_UID = 4_000_000  # whom no process of a test belongs to


@dataclass
class Store:
    """A mail store that speaks LMTP."""

    full: set[str] = field(default_factory=set)  # who has no room, told at RCPT
    broken: set[str] = field(default_factory=set)  # who cannot be delivered to, told after the message
    boxes: dict[str, list[bytes]] = field(default_factory=dict)
    senders: list[str] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken: list[str] = []
        writer.write(b"220 store\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line[:4].upper()
            if verb == "QUIT":
                break
            if verb == "RCPT":
                address = line.partition("<")[2].rstrip(">")
                writer.write(b"552 5.2.2 full\r\n" if address in self.full else b"250 ok\r\n")
                if address not in self.full:
                    taken.append(address)
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                octets = await reader.readuntil(b"\r\n.\r\n")
                for address in taken:
                    if address in self.broken:
                        writer.write(b"451 4.2.0 broken\r\n")
                    else:
                        self.boxes.setdefault(address, []).append(octets[:-3].replace(b"\r\n..", b"\r\n."))
                        writer.write(b"250 2.0.0 saved\r\n")
            else:
                if verb == "MAIL":
                    self.senders.append(line.partition("<")[2].rstrip(">"))
                writer.write(b"250-ok\r\n250 fine\r\n")
        writer.close()


class Client:
    """Somebody who talks to the relay."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, line: str) -> str:
        self._writer.write(line.encode() + b"\r\n")
        return await self.answer()

    async def answer(self) -> str:
        text = ""
        while line := (await asyncio.wait_for(self._reader.readline(), 5)).decode():
            text += line
            if line[3] == " ":
                break
        return text.strip()

    async def raw(self, octets: bytes) -> str:
        self._writer.write(octets)
        return await self.answer()

    async def signed_in(self, name: str = "folkmoot", password: str = SECRET) -> Self:
        assert (await self.ask("EHLO test")).endswith("OAUTHBEARER")
        assert (await self.ask(f"AUTH PLAIN {plain(name, password)}")).startswith("235")
        return self

    async def send(self, sender: str, recipients: Sequence[str], octets: bytes) -> str:
        answers = [await self.ask(f"MAIL FROM:<{sender}>")]
        answers += [await self.ask(f"RCPT TO:<{one}>") for one in recipients]
        for answer in answers:
            if not answer.startswith("250"):
                return answer
        assert (await self.ask("DATA")).startswith("354")
        return await self.raw(octets + b"\r\n.\r\n")


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def plain(name: str, password: str) -> str:
    return b64(f"\0{name}\0{password}")


def bearer(who: str, token: str) -> str:
    return b64(f"{who}\1auth=Bearer {token}\1\1")


@dataclass
class World:
    """A relay, its people and its store."""

    port: int
    store: Store
    source: Memory

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        client = Client(reader, writer)
        assert (await client.answer()).startswith("220")
        try:
            yield client
        finally:
            writer.close()


@asynccontextmanager
async def world(
    *, outer: SmtpSettings | None = None, owner: int = NOBODY_UID, octets_max: int = 100_000
) -> AsyncIterator[World]:
    source = Memory({"anna": "a", "bert": "b", "carl": "c", "room": "r"})
    source.kinds["room"] = PrincipalKind.LOCATION
    directory = Directory([source], cache_seconds=0)
    store = Store()
    with TemporaryDirectory(prefix="fm") as made:
        path = Path(made) / "lmtp"
        server = await asyncio.start_unix_server(store.talk, path, limit=1_000_000)
        relay = Relay(
            RelayAuth(SECRET, Doorkeeper(source), directory, TOKENS, SetClock(NOW)),
            RelayDelivery(directory, path, outer),
            octets_max=octets_max,
            owner=owner,
        )
        with socket.create_server(("127.0.0.1", 0)) as listener:
            async with serve_relay(listener, relay):
                yield World(listener.getsockname()[1], store, source)
        server.close()


async def test_what_the_server_sends_is_delivered_as_it_is() -> None:
    octets = b"Subject: x\r\n\r\n..dots\r\nand text"
    async with world() as here, here.client() as client:
        await client.signed_in()
        assert (await client.send("anybody@example.net", ["anna@example.org", "bert@example.org"], octets))[:3] == "250"
    kept = here.store.boxes["anna@example.org"][0]
    assert kept.endswith(b"Subject: x\r\n\r\n.dots\r\nand text\r\n")
    assert here.store.boxes["bert@example.org"] == [kept]
    assert here.store.senders == ["anybody@example.net"]


async def test_several_messages_go_over_one_connection() -> None:
    async with world() as here, here.client() as client:
        await client.signed_in()
        for number in range(3):
            await client.send("", ["anna@example.org"], b"Subject: %d\r\n\r\n" % number)
    assert len(here.store.boxes["anna@example.org"]) == 3


async def test_a_person_sends_as_nobody_else() -> None:
    async with world() as here, here.client() as client:
        await client.signed_in("anna", "a")
        assert (await client.send("anna@example.org", ["bert@example.org"], b"x"))[:3] == "250"
        assert (await client.ask("MAIL FROM:<anna+list@example.org>"))[:3] == "250"
        await client.ask("RSET")
        assert (await client.ask("MAIL FROM:<>"))[:3] == "250"
        await client.ask("RSET")
        assert (await client.ask("MAIL FROM:<bert@example.org>"))[:3] == "553"


async def test_dovecots_submission_says_for_whom_it_speaks() -> None:
    async with world() as here, here.client() as client:
        await client.signed_in("dovecot")
        assert (await client.ask("MAIL FROM:<anna@example.org> AUTH=anna"))[:3] == "250"
        await client.ask("RSET")
        for option in ("AUTH=bert", "AUTH=<>", "AUTH=", ""):
            assert (await client.ask(f"MAIL FROM:<anna@example.org> {option}".strip()))[:3] == "553"


async def test_a_token_signs_in_and_a_wrong_one_does_not() -> None:
    token = TOKENS.mint(PrincipalId("anna"), "sending", SetClock(NOW).milliseconds())
    async with world() as here, here.client() as client:
        await client.ask("EHLO x")
        assert (await client.ask(f"AUTH XOAUTH2 {bearer('user=anna', token + 'x')}"))[:3] == "535"
        assert (await client.ask(f"AUTH OAUTHBEARER {bearer('n,a=anna,', token)}"))[:3] == "235"
        assert (await client.ask("MAIL FROM:<bert@example.org>"))[:3] == "553"


async def test_who_has_no_mail_sends_none() -> None:
    token = TOKENS.mint(PrincipalId("anna"), "sending", SetClock(NOW).milliseconds())
    async with world() as here, here.client() as client:
        here.source.denied["anna"] = frozenset({"Mail"})
        await client.ask("EHLO x")
        assert (await client.ask(f"AUTH OAUTHBEARER {bearer('n,a=anna,', token)}"))[:3] == "535"
        assert (await client.ask(f"AUTH PLAIN {plain('anna', 'a')}"))[:3] == "535"
        assert (await client.ask("MAIL FROM:<anna@example.org>"))[:3] == "530"


async def test_login_asks_for_name_and_password() -> None:
    async with world() as here, here.client() as client:
        await client.ask("EHLO x")
        assert (await client.ask("AUTH LOGIN")) == "334 VXNlcm5hbWU6"
        assert (await client.ask(b64("bert"))) == "334 UGFzc3dvcmQ6"
        assert (await client.ask(b64("b")))[:3] == "235"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("AUTH PLAIN " + b64("\0anna\0wrong"), "535"),
        ("AUTH PLAIN " + b64("bert\0anna\0a"), "535"),
        ("AUTH PLAIN " + b64("\0folkmoot\0wrong"), "535"),
        ("AUTH PLAIN " + b64("\0dovecot\0wrong"), "535"),
        ("AUTH PLAIN " + b64("\0blocked\0x"), "535"),
        ("AUTH PLAIN !!!", "501"),
        ("AUTH PLAIN " + b64("\0anna"), "501"),
        ("AUTH CRAM-MD5", "504"),
        ("MAIL FROM:<anna@example.org>", "530"),
        ("RCPT TO:<anna@example.org>", "503"),
        ("DATA", "503"),
        ("BDAT 5", "500"),
        ("\0\0\0", "500"),
        ("", "500"),
    ],
)
async def test_what_is_not_right_is_refused_and_changes_nothing(command: str, code: str) -> None:
    async with world() as here, here.client() as client:
        await client.ask("EHLO x")
        assert (await client.ask(command))[:3] == code
        assert (await client.ask("NOOP"))[:3] == "250"
    assert here.store.boxes == {}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("MAIL FROM:anna@example.org", "501"),
        ("MAIL FROM:<anna@example.org> SIZE=100001", "552"),
        ("MAIL FROM:<anna@example.org> SIZE=x", "552"),
        ("MAIL FROM:<anna@example.org> SIZE=\u00b2", "552"),  # a digit to Python
        ("MAIL FROM:<anna@exa mple.org>", "501"),
        ("MAIL TO:<anna@example.org>", "501"),
        ("MAIL FROM:<a@b.example>" + " X=1" * 11, "501"),
        ("AUTH PLAIN " + b64("\0anna\0a"), "503"),
    ],
)
async def test_odd_envelopes_are_refused(command: str, code: str) -> None:
    async with world() as here, here.client() as client:
        await client.signed_in()
        assert (await client.ask(command))[:3] == code


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("room@example.org", "550"),
        ("nobody@example.org", "550"),
        ("someone@example.net", "550"),
        ("", "501"),
        ("anna@example.org>\rRCPT TO:<x", "500"),
    ],
)
async def test_recipients_who_get_no_mail_here_are_refused(address: str, code: str) -> None:
    async with world() as here, here.client() as client:
        await client.signed_in()
        await client.ask("MAIL FROM:<>")
        assert (await client.ask(f"RCPT TO:<{address}>"))[:3] == code


async def test_a_full_mailbox_is_told_at_once() -> None:
    async with world() as here, here.client() as client:
        here.store.full.add("anna@example.org")
        await client.signed_in()
        assert (await client.send("", ["anna@example.org"], b"x")).startswith("552 5.2.2")


async def test_the_sender_hears_of_who_did_not_get_it_while_others_did() -> None:
    async with world() as here, here.client() as client:
        here.store.broken.add("bert@example.org")
        await client.signed_in("anna", "a")
        sent = await client.send("anna@example.org", ["bert@example.org", "carl@example.org"], b"Subject: x\r\n\r\ny")
        assert sent[:3] == "250"
    report = here.store.boxes["anna@example.org"][0]
    assert b"multipart/report" in report
    assert b"Final-Recipient: rfc822; bert@example.org" in report
    assert b"carl" not in report
    assert b"Subject: x" in report


async def test_nobody_hears_twice_of_what_nobody_got() -> None:
    async with world() as here, here.client() as client:
        here.store.broken.add("bert@example.org")
        await client.signed_in("anna", "a")
        assert (await client.send("anna@example.org", ["bert@example.org"], b"x"))[:3] == "451"
    assert here.store.boxes == {}


async def test_a_source_or_store_that_is_down_means_later() -> None:
    async with world() as here, here.client() as client:
        await client.signed_in()
        await client.ask("MAIL FROM:<>")
        here.source.down = True
        assert (await client.ask("RCPT TO:<anna@example.org>"))[:3] == "451"


async def test_a_message_that_is_too_large_is_refused_and_the_connection_goes_on() -> None:
    async with world(octets_max=10_000) as here, here.client() as client:
        await client.signed_in()
        assert (await client.send("", ["anna@example.org"], b"x" * 300_000))[:3] == "552"
        assert (await client.send("", ["anna@example.org"], b"x" * 9_000))[:3] == "250"


async def test_what_many_send_at_once_is_bounded_and_room_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "HELD_MAX", 150_000)
    async with world() as here, here.client() as one, here.client() as other:
        for client in (one, other):
            await client.signed_in()
            await client.ask("MAIL FROM:<>")
            await client.ask("RCPT TO:<anna@example.org>")
            await client.ask("DATA")
        one._writer.write(b"x" * 90_000)
        await one._writer.drain()
        await asyncio.sleep(0.1)
        assert (await other.raw(b"x" * 90_000 + b"\r\n.\r\n"))[:3] == "452"
        assert (await one.raw(b"\r\n.\r\n"))[:3] == "250"
        assert (await other.send("", ["anna@example.org"], b"x" * 90_000))[:3] == "250"
    assert len(here.store.boxes["anna@example.org"]) == 2


@pytest.mark.parametrize("octets", [b"a\nb", b"a\r\n\n.\nb", b"a\rb", b"\n.\n", b"a\r\n.\rb"])
async def test_two_servers_cannot_disagree_about_where_a_message_ends(octets: bytes) -> None:
    async with world() as here, here.client() as client:
        await client.signed_in()
        assert (await client.send("", ["anna@example.org"], octets))[:3] == "550"
    assert here.store.boxes == {}


async def test_a_message_may_come_in_pieces_of_any_size() -> None:
    async with world() as here, here.client() as client:
        await client.signed_in()
        await client.ask("MAIL FROM:<>")
        await client.ask("RCPT TO:<anna@example.org>")
        await client.ask("DATA")
        text = b"Subject: x\r\n\r\n..\r\n.x\r\n\r\n.\r\n"
        for octet in text[:-1]:
            client._writer.write(bytes([octet]))
            await client._writer.drain()
            await asyncio.sleep(0)
        assert (await client.raw(text[-1:]))[:3] == "250"
    assert here.store.boxes["anna@example.org"][0].endswith(b"Subject: x\r\n\r\n.\r\nx\r\n\r\n")


async def test_mail_for_others_goes_out_where_a_server_takes_it() -> None:
    async with mail_server() as beyond:
        settings = SmtpSettings(mechanism="smtp", server=beyond.url)
        async with world(outer=settings) as here, here.client() as client:
            await client.signed_in("anna", "a")
            sent = await client.send(
                "anna@example.org", ["bert@example.org", "ida@example.net"], b"Subject: x\r\n\r\ny"
            )
            assert sent[:3] == "250"
        assert beyond.received[0].recipients == ["ida@example.net"]
        assert list(here.store.boxes) == ["bert@example.org"]


async def test_who_guesses_is_shown_the_door() -> None:
    async with world() as here, here.client() as client:
        answers = [await client.ask(f"AUTH PLAIN {plain('anna', str(guess))}") for guess in range(20)]
        assert {answer[:3] for answer in answers} == {"535"}
        assert (await client.ask("NONSENSE"))[:3] == "500"
        assert (await client.answer())[:3] == "421"


async def test_programs_of_dovecots_user_need_no_sign_in() -> None:
    async with world(owner=os.geteuid()) as here, here.client() as client:
        assert (await client.send("anna@example.org", ["bert@example.org"], b"x"))[:3] == "250"


def test_whose_program_is_at_the_other_end_is_read_from_the_kernel() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()):
        accepted, peer = listener.accept()
        with accepted:
            assert peer_uid(accepted.getsockname(), peer) == os.geteuid()
            assert peer_uid(accepted.getsockname(), ("127.0.0.1", 1)) is None
