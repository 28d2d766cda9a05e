"""Mail edited at random through JMAP and IMAP: a client fed only by changes ends equal."""

import random

import pytest

from folkmoot.database import Database
from tests.jmap.mail.reading import mail_world, reader
from tests.jmap.stateful.following import Device
from tests.jmap.stateful.mail_edits import MailEdits

pytestmark = [pytest.mark.anyio, pytest.mark.live]

TYPES = ("Mailbox", "Email", "Thread")


async def walk(database: Database, seed: int, steps: int) -> None:
    """Go for a walk of edits, with two clients that come by now and then, and compare."""
    chance = random.Random(seed)
    async with mail_world(database) as opened:
        anna = await reader(opened)
        edits = MailEdits(opened, anna, chance)
        devices = [Device(anna, TYPES, chance), Device(anna, TYPES, chance, pieces=(500,))]
        for one in devices:
            await one.follow()
        for step in range(steps):
            await edits.step()
            if chance.random() < 0.3:
                about = f"seed {seed}, after {edits.done}"
                one = chance.choice(devices)
                await one.follow(about, check=step % 2 == 0, upheavals=edits.upheavals)
        for one in devices:
            await one.follow(f"seed {seed}, after {edits.done}", check=True, upheavals=edits.upheavals)
            told, reloads = one.counted
            assert told
            assert reloads == 0, f"seed {seed}: everything anew without a reason"


@pytest.mark.parametrize("seed", range(3))
async def test_a_client_fed_by_changes_has_the_mail_that_is_there(embedded: Database, seed: int) -> None:
    await walk(embedded, seed, 50)


@pytest.mark.nightly
async def test_on_long_walks_it_has_the_mail_that_is_there(embedded: Database) -> None:
    for seed in range(100, 130):
        await walk(embedded, seed, 150)
