"""Alarms of a running server with two workers: from the client's PUT to the mail server, once."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.support.folkmoot import ANNA, running
from tests.support.servers import Server, mariadb_server, postgresql_server
from tests.support.smtp import MailServer, mail_server

__all__ = ["mariadb_server", "postgresql_server"]
pytestmark = pytest.mark.live


@contextmanager
def mail_server_beside() -> Iterator[MailServer]:
    """Run a mail server in a thread, as the test itself blocks."""
    started, done = Event(), Event()
    found: list[MailServer] = []

    async def serve() -> None:
        async with mail_server() as server:
            found.append(server)
            started.set()
            await asyncio.to_thread(done.wait)

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert started.wait(30)
        yield found[0]
    finally:
        done.set()
        thread.join()


@pytest.mark.parametrize("kind", ["sqlite", "mariadb", "postgresql"])
def test_a_reminder_is_mailed_once_and_the_server_leaves_politely(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    server: Server | None = None if kind == "sqlite" else request.getfixturevalue(f"{kind}_server")
    with mail_server_beside() as mails:
        settings = f'SOGoEnableEMailAlarms = YES; SOGoSMTPServer = "smtp://127.0.0.1:{mails.port}";'
        with running(tmp_path, server, settings=settings) as folkmoot:
            starts = datetime.now(UTC) + timedelta(minutes=15, seconds=4)
            lines = [
                "BEGIN:VCALENDAR",
                "VERSION:2.0",
                "PRODID:x",
                "BEGIN:VEVENT",
                "UID:tea",
                "DTSTAMP:20260101T000000Z",
                f"DTSTART:{starts:%Y%m%dT%H%M%SZ}",
                "SUMMARY:Tea with Bert",
                "BEGIN:VALARM",
                "ACTION:EMAIL",
                "TRIGGER:-PT15M",
                "END:VALARM",
                "END:VEVENT",
                "END:VCALENDAR",
                "",
            ]
            with folkmoot.client(ANNA) as client:
                answer = client.put(f"{ANNA.calendar}tea.ics", content="\r\n".join(lines))
                assert answer.status_code == 201
            until = time.monotonic() + 60
            while not mails.received and time.monotonic() < until:
                time.sleep(0.1)
            time.sleep(3)  # in which another worker might send it again
            (mail,) = mails.received
            assert mail.recipients == [ANNA.mail]
            assert "Tea with Bert" in str(mail.message["Subject"])
            began = time.monotonic()
        assert time.monotonic() - began < 20
