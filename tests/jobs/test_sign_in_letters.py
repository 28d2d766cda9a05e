"""Letters about ways in: in everybody's language, with a link of the configured host."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from folkmoot.auth.events import Event
from folkmoot.auth.recovery import RecoveryMode
from folkmoot.config.security_section import SecuritySettings
from folkmoot.config.server_section import ServerSettings
from folkmoot.config.settings import Settings
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.directory.directory import Directory
from folkmoot.jobs.letters import Letters
from folkmoot.store import outbox, profiles
from folkmoot.store.outbox import Mail
from tests.support.cheap_hashes import cheap_hashes
from tests.support.clock import SetClock
from tests.support.doors import Doors
from tests.support.memory_source import Memory

__all__ = ["cheap_hashes"]

pytestmark = pytest.mark.anyio
ANNA = PrincipalId("anna")
NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)
SETTINGS = Settings(
    security=SecuritySettings(password_change=True, password_recovery=True),
    server=ServerSettings(public_url="https://mail.example.org/"),
)


@pytest.fixture
async def database(tmp_path: Path, migrated_file: Path, anyio_backend: str) -> AsyncIterator[Database]:
    """An empty database."""
    shutil.copy(migrated_file, tmp_path / "letters.db")
    async with await Database.open(f"sqlite:///{tmp_path}/letters.db") as database:
        yield database


async def reads(database: Database, language: str) -> None:
    async def work(tx: Transaction) -> None:
        await profiles.hold(tx, ANNA)
        properties = {"defaults": {"SOGoLanguage": language}}
        await profiles.set_(tx, ANNA, properties=properties, dead_properties={}, now=1)

    await database.write(work)


@pytest.mark.parametrize("language", ["English", "German", "French", "SpanishSpain", "Thai"])
@pytest.mark.parametrize("event", list(Event))
async def test_each_event_is_told_to_its_owner(database: Database, event: Event, language: str) -> None:
    await reads(database, language)
    payload: dict[str, object] = {"event": event.value, "detail": "Phone\r\nBcc: x@evil.example"}
    mail = Mail(1, "key", "sign-in", ANNA, "anna", payload, outbox.State.WAITING, 1, "", 1, 1)
    letters = Letters(database, Directory([Memory({"anna": "x"})]), Settings(), SetClock(NOW))
    posted = await letters.write(mail)
    assert posted is not None
    assert (posted.recipient, posted.sender) == ("anna@example.org", "anna@example.org")
    assert posted.message["Bcc"] is None
    body = posted.message.get_body(("plain",))
    assert body is not None
    assert "anna" in body.get_content()
    assert posted.message["Subject"]


async def test_the_link_of_a_lost_password_has_the_configured_host_and_its_own_sender(database: Database) -> None:
    doors = Doors(database, Memory({"anna": "x"}), SetClock(NOW), SETTINGS)
    await doors.all.recovery.choose(doors.anna, RecoveryMode.ADDRESS, address="anna@elsewhere.example")
    await doors.all.recovery.send("anna", "192.0.2.1")
    await doors.all.recovery.settled()
    mails = await database.read(lambda tx: outbox.list_(tx, list(outbox.State)))
    (mail,) = [mail for mail in mails if mail.kind == "recovery"]
    posted = await Letters(database, doors.directory, SETTINGS, doors.clock).write(mail)
    assert posted is not None
    assert (posted.recipient, posted.sender) == ("anna@elsewhere.example", "noreply@example.org")
    body = posted.message.get_body(("plain",))
    assert body is not None
    link = next(word for word in body.get_content().split() if "token=" in word)
    assert link.startswith("https://mail.example.org/SOGo/?token=")
    assert await doors.all.recovery.take(link.partition("=")[2]) == "anna"
