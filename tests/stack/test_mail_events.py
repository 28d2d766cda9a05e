"""A mail server of the administrator's own tells of new mail, and is asked nothing else."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from folkmoot.core.errors import MalformedInput, NotFound
from folkmoot.directory.directory import Directory
from folkmoot.stack.calls import Call
from folkmoot.stack.delivered import Delivered
from folkmoot.stack.lua import script
from folkmoot.stack.mail_events import MailEvents
from folkmoot.tool.main import main
from tests.support import dovecot as private
from tests.support.dovecot import start_dovecot
from tests.support.memory_source import Memory
from tests.support.servers import own_directory

SECRET = "s3cret.of.sixteen.characters"
BODY = b"event=MessageNew&user=%s&mailbox=INBOX&uid=7&uidvalidity=9"
# Of docs/admin/mail-servers.md, with the plugins of this Dovecot's LMTP.
EVENTS = """
protocol lmtp {{
  mail_plugins = quota acl sieve notify push_notification mail_lua push_notification_lua
}}
plugin {{
  push_notification_driver = lua:file={file}
}}
"""


@pytest.fixture
def told() -> list[Delivered]:
    return []


@pytest.fixture
def events(told: list[Delivered]) -> MailEvents:
    async def note(event: Delivered) -> None:
        told.append(event)

    return MailEvents(SECRET, Directory([Memory({"anna": "x"})]), note)


def _call(body: bytes, *, path: str = "delivered", shown: str = f"Bearer {SECRET}", method: str = "POST") -> Call:
    return Call(method, path, shown, body)


@pytest.mark.anyio
@pytest.mark.parametrize("name", [b"anna", b"anna%40example.org"])
async def test_whose_mailbox_it_is_the_directory_knows(events: MailEvents, told: list[Delivered], name: bytes) -> None:
    assert (await events(_call(b"%s\n%s" % (BODY % name, BODY % b"nobody")))).status == 204
    assert [(one.user, one.mailbox, one.uid) for one in told] == [("anna", "INBOX", 7)]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "call",
    [
        _call(BODY % b"anna", shown="Bearer wrong"),
        _call(BODY % b"anna", shown=""),
        _call(BODY % b"anna", shown=f"Basic {SECRET}"),
        _call(BODY % b"anna", method="GET"),
        _call(b"grant_type=password&username=anna&password=x", path="login"),
        _call(b"name=anna", path="person"),
    ],
)
async def test_nobody_else_tells_and_nothing_else_is_answered(
    events: MailEvents, told: list[Delivered], call: Call
) -> None:
    with pytest.raises(NotFound):
        await events(call)
    assert told == []


@pytest.mark.anyio
async def test_what_is_no_event_is_refused(events: MailEvents) -> None:
    with pytest.raises(MalformedInput):
        await events(_call(b"\xff\xff"))


def test_the_command_prints_the_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sogo.conf"
    file.write_text(f'{{ FolkmootMailEventsSecret = "{SECRET}"; }}')
    with pytest.raises(SystemExit, match="0"):
        main(["-c", str(file), "mail-events", "--url", "http://192.0.2.1:20000/"])
    assert capsys.readouterr().out == script("http://192.0.2.1:20000/.folkmoot/mail", SECRET)
    file.write_text("{ FolkmootMailEventsSecret = short; }")
    with pytest.raises(SystemExit, match="1"):
        main(["-c", str(file), "mail-events"])


@pytest.mark.live
def test_a_dovecot_set_up_as_the_manual_says_tells_of_a_delivery() -> None:
    seen: list[tuple[str, str | None, bytes]] = []
    arrived = threading.Event()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, self.headers["Authorization"], body))
            self.send_response(204)
            self.end_headers()
            if b"event=MessageNew" in body:
                arrived.set()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Listener) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        directory = own_directory("dovecot-events", "root")  # pytest's lets no other user in
        directory.chmod(0o755)
        file = directory / "folkmoot.lua"
        file.write_text(script(f"http://127.0.0.1:{listener.server_port}/.folkmoot/mail", SECRET))
        server = private._of(start_dovecot(EVENTS.format(file=file)))
        server.deliver(b"Subject: x\r\n\r\nHello.\r\n", "anna")
        assert arrived.wait(10), server.log
        listener.shutdown()
    assert {one[:2] for one in seen} == {("/.folkmoot/mail/delivered", f"Bearer {SECRET}")}
    assert [b"user=anna" in body for _, _, body in seen if b"event=MessageNew" in body] == [True]
