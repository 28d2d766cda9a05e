"""Long work on one calendar leaves the event loop to others."""

import asyncio
from time import perf_counter

import pytest

from folkmoot.collections.turns import Turns

pytestmark = pytest.mark.anyio


async def test_others_get_their_turn_after_long_work_and_only_then(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    async def other() -> None:
        given.append(perf_counter())

    turns = Turns()
    task = asyncio.create_task(other())
    await turns.pass_on()
    assert given == []
    began = perf_counter()
    while perf_counter() - began < 0.02:
        pass
    await turns.pass_on()
    assert len(given) == 1
    await task
