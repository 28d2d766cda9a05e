"""Putting the script on the server so that mail is always filtered by the old one or by the new one."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum
from typing import Final

from folkmoot.core.errors import Conflict, FolkmootError, NotFound
from folkmoot.mail.managesieve.answers import ScriptName
from folkmoot.mail.managesieve.session import Session

SCRIPT: Final = "sogo"  # as SOGo names it, so that its scripts are taken over
Undo = Callable[[], Awaitable[None]]


class ForeignScript(Conflict):
    """Another script is active that we have not written."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the script {name!r:.100} is active on the mail server, and was not written here")
        self.name = name


class Foreign(Enum):
    """What becomes of an active script that we have not written."""

    REFUSE = "refuse"  # nothing is done
    LEAVE = "leave"  # it stays active; ours is stored beside it
    REPLACE = "replace"  # ours becomes the active one


def foreign_of(scripts: list[ScriptName]) -> str:
    """Return the name of the active script that is somebody else's; empty if there is none."""
    return next((one.name for one in scripts if one.active and one.name.lower() != SCRIPT), "")


def mine_of(scripts: list[ScriptName]) -> ScriptName | None:
    """Return our script, active or not."""
    return next((one for one in scripts if one.name.lower() == SCRIPT), None)


async def place(session: Session, text: str, foreign: Foreign) -> Undo:
    """Store and activate a script, or take ours away if the text is empty; return what puts the old one back.

    A server stores a script only if it understands it (RFC 5804 section 2.6), and at one stroke.

    Raises:
        ForeignScript: another script is active, and ``foreign`` refuses.
        ScriptRefused: the server finds fault with it; the old one is still there.
        FolkmootError: the server fails; the old one is put back if that is possible.
    """
    scripts = await session.list_scripts()
    other = foreign_of(scripts)
    mine = mine_of(scripts)
    if other and text and foreign is Foreign.REFUSE:
        raise ForeignScript(other)
    before = await session.get_script(mine.name) if mine is not None else None

    async def undo() -> None:
        with suppress(FolkmootError):
            await _put_back(session, mine, before, other)

    name = mine.name if mine is not None else SCRIPT
    active = mine is not None and mine.active
    try:
        if not text:
            await _take_away(session, mine)
            return undo
        if text != before:
            await session.put_script(name, text)
        if not active and (not other or foreign is Foreign.REPLACE):
            await session.set_active(name)
    except FolkmootError:
        await undo()
        raise
    return undo


async def _take_away(session: Session, mine: ScriptName | None) -> None:
    if mine is None:
        return
    if mine.active:
        await session.set_active("")
    with suppress(NotFound):
        await session.delete_script(mine.name)


async def _put_back(session: Session, mine: ScriptName | None, before: str | None, other: str) -> None:
    if mine is not None and before is not None:
        await session.put_script(mine.name, before)
    active = mine.name if mine is not None and mine.active else other
    await session.set_active(active)
    if mine is None:
        await session.delete_script(SCRIPT)
