"""Names of content: the same in every worker, and worthless after a while."""

from datetime import UTC, datetime

import pytest

from folkmoot.auth.content_tokens import ContentTokens
from folkmoot.core.errors import NotFound
from folkmoot.database import Database, Transaction
from folkmoot.store import secrets
from tests.support.clock import SetClock

pytestmark = pytest.mark.anyio


async def test_another_worker_opens_what_one_has_sealed(database: Database) -> None:
    clock = SetClock(datetime(2026, 6, 1, 6, 59, tzinfo=UTC))
    token = await ContentTokens(database, clock).seal(b"what")
    assert token == await ContentTokens(database, clock).seal(b"what")
    clock.pass_(minutes=10)
    assert await ContentTokens(database, clock).open(token) == b"what"
    clock.pass_(minutes=30)
    with pytest.raises(NotFound):
        await ContentTokens(database, clock).open(token)


async def test_old_keys_are_deleted(database: Database) -> None:
    clock = SetClock(datetime(2026, 6, 1, 6, 30, tzinfo=UTC))
    tokens = ContentTokens(database, clock)
    await tokens.seal(b"what")
    hour = clock.milliseconds() // 3_600_000

    async def kept(tx: Transaction) -> bytes:
        return await secrets.get_or_make(tx, f"content {hour:010}", 32)

    key = await database.write(kept)
    assert key == await database.write(kept)
    clock.pass_(hours=2)
    await tokens.seal(b"what")
    assert await database.write(kept) != key


@pytest.mark.parametrize("token", ["", "A", "=", "é", "A" * 5000, "A" * 40, "\x00", "../.."])
async def test_a_name_that_nobody_made_opens_nothing(embedded: Database, token: str) -> None:
    tokens = ContentTokens(embedded, SetClock(datetime(2026, 6, 1, tzinfo=UTC)))
    with pytest.raises(NotFound):
        await tokens.open(token)


async def test_a_changed_name_opens_nothing(embedded: Database) -> None:
    tokens = ContentTokens(embedded, SetClock(datetime(2026, 6, 1, tzinfo=UTC)))
    token = await tokens.seal(b"what")
    for place in range(len(token) - 1):
        with pytest.raises(NotFound):
            await tokens.open(token[:place] + ("B" if token[place] != "B" else "C") + token[place + 1 :])
