"""A wait that somebody else ends."""

import asyncio

import pytest

from folkmoot.core.waking import Waking

pytestmark = pytest.mark.anyio


async def test_what_has_happened_is_not_waited_for() -> None:
    waking = Waking()
    waking.set()
    assert await waking.wait(0)
    waking.clear()
    assert not await waking.wait(0)


async def test_a_wait_ends_when_it_happens_and_may_be_repeated() -> None:
    waking = Waking()
    for _ in range(2):
        waiting = asyncio.create_task(waking.wait(5))
        await asyncio.sleep(0)
        waking.set()
        waking.set()
        assert await waiting
        waking.clear()


async def test_a_wait_that_was_given_up_leaves_room_for_another() -> None:
    waking = Waking()
    waiting = asyncio.create_task(waking.wait(5))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError):
        await waking.wait(5)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert not await waking.wait(0.001)
