"""IDLE (RFC 2177), NOTIFY (RFC 5465), and asking now and then where a server has neither."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from folkmoot.core.errors import Unavailable
from folkmoot.mail.imap.dialogue import SILENCE_SECONDS, check
from folkmoot.mail.imap.responses import read_fetch, read_status
from folkmoot.mail.imap.session import Session
from folkmoot.mail.imap.values import Event
from folkmoot.mail.imap.wire import Condition, Continuation, Told

ASK_SECONDS: Final = 60.0  # between two NOOPs
IDLE_SECONDS_MAX: Final = 25 * 60.0  # RFC 2177 wants less than 29 minutes


async def idle(session: Session, seconds: float) -> AsyncIterator[Event]:
    """Yield what happens in the selected mailbox, for so long; see ``Connection.idle``."""
    if session.can("IDLE", "IMAP4REV2"):
        async for event in _idle(session, min(seconds, IDLE_SECONDS_MAX)):
            yield event
    else:
        async for event in _ask(session, seconds):
            yield event


async def notify(session: Session, seconds: float) -> AsyncIterator[Event]:
    """Yield what happens in all of the user's own mailboxes, for so long; see ``Connection.notify``."""
    session.need("NOTIFY")
    await session.run(
        "NOTIFY",
        b"NOTIFY SET (SELECTED (MessageNew MessageExpunge FlagChange)) "
        b"(PERSONAL (MessageNew MessageExpunge FlagChange))",
    )
    async for event in _idle(session, min(seconds, IDLE_SECONDS_MAX)):
        yield event
    await session.run("NOTIFY", b"NOTIFY NONE")


async def _idle(session: Session, seconds: float) -> AsyncIterator[Event]:
    dialogue = session.dialogue
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    tag = dialogue.begin(b"IDLE")
    while True:
        left = until - loop.time()
        if left <= 0:
            break
        try:
            response = await dialogue.next(left)
        except Unavailable:
            if dialogue.channel.ended:
                raise
            break  # time is up
        if isinstance(response, Told):
            event = event_of(session, response)
            if event is not None:
                yield event
        elif isinstance(response, Condition) and response.tag == tag:
            dialogue.broken = False
            check("IDLE", response)
            return
    await _leave(session, tag)


async def _leave(session: Session, tag: str) -> None:
    dialogue = session.dialogue
    dialogue.say(b"DONE")
    while True:
        response = await dialogue.next(SILENCE_SECONDS)
        if isinstance(response, Told):
            session.observe(response)
        elif isinstance(response, Condition) and response.tag == tag:
            dialogue.broken = False
            check("IDLE", response)
            return
        elif isinstance(response, Continuation):
            continue


async def _ask(session: Session, seconds: float) -> AsyncIterator[Event]:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    events: list[Event] = []

    def take(told: Told) -> None:
        event = event_of(session, told)
        if event is not None:
            events.append(event)

    while (left := until - loop.time()) > 0:
        await asyncio.sleep(min(left, ASK_SECONDS))
        await session.run("NOOP", b"NOOP", take=take)
        for event in events:
            yield event
        events.clear()


def event_of(session: Session, told: Told) -> Event | None:
    """Return what a response tells that was not asked for; None: nothing that matters."""
    session.observe(told)
    if told.name == "STATUS" and told.values:
        return Event(session.read_name(told.values[0]), status=read_status(told.values[-1]))
    if session.mailbox is None:
        return None
    name = session.mailbox.name
    if told.name == "EXISTS":
        return Event(name, messages=told.number)
    if told.name in {"EXPUNGE", "VANISHED"}:
        return Event(name, expunged=True)
    if told.name == "FETCH":
        return Event(name, flags=read_fetch(told.values))
    return None
