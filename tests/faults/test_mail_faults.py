"""The line to the mail servers breaks, or falls silent, anywhere: a clear error, nothing lost, nothing sent twice."""

import asyncio
import base64
import io
import random
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError, Unavailable
from folkmoot.jobs.runner import Runner
from folkmoot.jobs.submissions import Submissions
from folkmoot.mail.credentials import Password
from folkmoot.mail.errors import Uncertain
from folkmoot.mail.imap import criteria
from folkmoot.mail.managesieve.client import connect
from folkmoot.mail.server import MailServer as Server
from folkmoot.mailboxes.chosen import Chosen
from folkmoot.mailboxes.downloading import Downloading
from folkmoot.mailboxes.draft_form import StoredDraft
from folkmoot.mailboxes.drafts import Replaces
from folkmoot.mailboxes.filters import Filters
from folkmoot.mailboxes.flags import Flags
from folkmoot.mailboxes.listing import Listing, ListQuery
from folkmoot.mailboxes.moving import Moving
from folkmoot.mailboxes.reading import Reading
from folkmoot.mailboxes.searching import Searching, SearchPlace
from folkmoot.mailboxes.snoozing import MAILBOX, Snoozing
from folkmoot.mailboxes.values import MAIN, MessageRef
from folkmoot.store import submissions
from folkmoot.store.submissions import State
from tests.mailboxes.test_certificates import services
from tests.support.cutting import CuttingProxy, Fault, Way, cutting
from tests.support.dovecot import PASSWORD, Dovecot, dovecot
from tests.support.outgoing import Post, post_on
from tests.support.smtp import MailServer, mail_server

pytestmark = [pytest.mark.anyio, pytest.mark.live]

POINTS: Final = 9  # places in each direction at which a line breaks
SILENCE: Final = 0.4  # seconds after which a silent line counts as broken, in these tests
MESSAGES: Final = 3
FILE: Final = random.Random(4).randbytes(30_000)
HOUR: Final = 3_600_000


def message(number: int) -> bytes:
    return (
        f"From: ida@example.net\nTo: anna@example.org\nSubject: M{number}\nMessage-ID: <{number}@example.net>\n"
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nHello\n"
        "--b\nContent-Type: application/octet-stream; name=a.bin\nContent-Transfer-Encoding: base64\n\n"
        f"{base64.encodebytes(FILE).decode()}\n--b--\n"
    ).encode()


@dataclass
class World:
    """The services behind proxies, and what went wrong where nobody looks."""

    post: Post
    imap: CuttingProxy
    sieve: CuttingProxy
    smtp_line: CuttingProxy
    smtp: MailServer
    server: Dovecot
    reading: Reading
    unexpected: list[dict[str, Any]] = field(default_factory=list)

    @property
    def listing(self) -> Listing:
        return Listing(self.post.mail.access)

    @property
    def snoozing(self) -> Snoozing:
        return Snoozing(self.post.mail.access, self.post.mail.database, self.post.clock)

    async def subjects(self, caller: Caller, mailbox: str) -> list[str]:
        try:
            window = await self.listing.window(caller, MAIN, mailbox, ListQuery())
        except Unavailable:  # another line of the search was cut, too, and nobody had noticed yet
            window = await self.listing.window(caller, MAIN, mailbox, ListQuery())
        return sorted(row.subject for row in window.rows)

    async def run_jobs(self) -> None:
        self.post.clock.pass_(days=1)
        for _ in range(3):
            await Runner(
                self.post.mail.database, self.post.clock, {submissions.JOB: Submissions(self.post.sending)}
            ).run_due()
            self.post.clock.pass_(hours=2)


@pytest.fixture
async def world(migrated_file: Path, tmp_path: Path) -> AsyncIterator[World]:
    server = dovecot()
    async with AsyncExitStack() as stack:
        smtp = await stack.enter_async_context(mail_server())
        imap, sieve, line = [
            await stack.enter_async_context(cutting(port)) for port in (server.imap, server.sieve, smtp.port)
        ]
        behind = Dovecot(imap.port, sieve.port, server.lmtp, server.directory)
        url = f"smtp://127.0.0.1:{line.port}"
        offered = {"vacation": True, "forward": True, "scripts": True}
        post = await stack.enter_async_context(post_on(behind, migrated_file, tmp_path, url, sieve=offered))
        reading = Reading(post.mail.access, services(post.mail).opening)
        made = World(post, imap, sieve, line, smtp, server, reading)
        asyncio.get_running_loop().set_exception_handler(lambda _, context: made.unexpected.append(context))
        yield made
        await asyncio.sleep(0)
        assert not made.unexpected


@dataclass
class Scene:
    """Somebody with some messages, before something is done."""

    world: World
    caller: Caller
    refs: list[MessageRef]

    @property
    def chosen(self) -> Chosen:
        return Chosen("INBOX", [ref.uid for ref in self.refs], self.refs[0].uid_validity)


async def _list(scene: Scene) -> None:
    window = await scene.world.listing.window(scene.caller, MAIN, "INBOX", ListQuery(threaded=True))
    assert len(window.rows) == MESSAGES


async def _tree(scene: Scene) -> None:
    assert (await scene.world.post.mail.folders.tree(scene.caller)).find("INBOX") is not None


async def _search(scene: Scene) -> None:
    places = [SearchPlace(MAIN)]
    found = [one async for one in Searching(scene.world.post.mail.access).run(scene.caller, places, criteria.body("H"))]
    faults = [one.fault for one in found if one.fault]
    if faults:  # told with what was found elsewhere
        raise Unavailable(faults[0])
    assert sum(len(one.uids) for one in found) == MESSAGES


async def _view(scene: Scene) -> None:
    view = await scene.world.reading.view(scene.caller, MAIN, scene.refs[0])
    assert "Hello" in view.rendered.html


async def _save_attachment(scene: Scene) -> None:
    downloading = Downloading(scene.world.post.mail.access, scene.world.reading)
    download = await downloading.part(scene.caller, MAIN, scene.refs[0], "2")
    assert b"".join([piece async for piece in download.pieces]) == FILE


async def _flag(scene: Scene) -> None:
    marked = await Flags(scene.world.post.mail.access).change(scene.caller, MAIN, scene.chosen, add=["\\Flagged"])
    assert len(marked.uids) == MESSAGES


async def _move(scene: Scene) -> None:
    await Moving(scene.world.post.mail.access).move(scene.caller, MAIN, scene.chosen, "Trash")


async def _copy(scene: Scene) -> None:
    await Moving(scene.world.post.mail.access).copy(scene.caller, MAIN, scene.chosen, "Trash")


async def _snooze(scene: Scene) -> None:
    world = scene.world
    await world.snoozing.snooze(scene.caller, MAIN, scene.chosen, world.post.clock.milliseconds() + HOUR)


async def _export(scene: Scene) -> None:
    pieces = [piece async for piece in scene.world.post.mail.exporting.mailbox(scene.caller, MAIN, "INBOX")]
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as opened:
        assert len(opened.namelist()) == MESSAGES


async def _stays(scene: Scene) -> None:
    assert await scene.world.subjects(scene.caller, "INBOX") == ["M0", "M1", "M2"]


async def _in_one_place(scene: Scene) -> None:
    world = scene.world
    both = [*await world.subjects(scene.caller, "INBOX"), *await world.subjects(scene.caller, "Trash")]
    assert sorted(both) == ["M0", "M1", "M2"]


async def _comes_back(scene: Scene) -> None:
    world = scene.world
    waiting = await world.snoozing.list(scene.caller, MAIN)
    inbox = await world.subjects(scene.caller, "INBOX")
    assert len(inbox) in {0, MESSAGES}
    assert waiting or len(inbox) == MESSAGES
    world.post.clock.pass_(hours=2)
    assert await world.snoozing.wake(scene.caller, MAIN) is None
    await _stays(scene)
    async with world.post.mail.access.connection(scene.caller) as connection:
        if await connection.list(MAILBOX):
            assert (await connection.status(MAILBOX, ("MESSAGES",))).messages == 0


Step = Callable[[Scene], Awaitable[None]]
OPERATIONS: Final[dict[str, tuple[Step, Step]]] = {
    "list": (_list, _stays),
    "tree": (_tree, _stays),
    "search": (_search, _stays),
    "view": (_view, _stays),
    "save an attachment": (_save_attachment, _stays),
    "flag": (_flag, _stays),
    "move": (_move, _in_one_place),
    "copy": (_copy, _stays),
    "snooze": (_snooze, _comes_back),
    "export": (_export, _stays),
}


async def _scene(world: World, *, cold: bool) -> Scene:
    caller = world.post.mail.person()
    refs = [await world.post.put(caller, "INBOX", message(number)) for number in range(MESSAGES)]
    await world.post.mail.access.special(caller)
    if cold:  # signing in is part of what breaks
        world.imap.fail()
        await asyncio.sleep(0.01)
    return Scene(world, caller, refs)


def _points(passed: int, seed: str) -> list[int]:
    """Return places to break a line: the ends, the first octets, and some between."""
    between = random.Random(seed).sample(range(max(passed, 1)), min(POINTS - 3, passed))
    return sorted({0, 1, max(passed - 1, 0), *between})


async def _fault_of(work: Awaitable[object]) -> FolkmootError | None:
    """Do something, and return how it failed, which may be in one way only."""
    fault: FolkmootError | None = None
    try:
        await work
    except FolkmootError as error:
        fault = error
    assert fault is None or (isinstance(fault, Unavailable) and str(fault)), fault
    return fault


@pytest.mark.parametrize("cold", [False, True], ids=["kept line", "new line"])
@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_line_that_breaks_anywhere_is_told_and_loses_nothing(world: World, name: str, cold: bool) -> None:
    act, check = OPERATIONS[name]
    whole = await _scene(world, cold=cold)
    world.imap.count()
    await act(whole)
    passed = dict(world.imap.passed)
    told = 0
    for way in Way:
        for octets in _points(passed[way], f"{name} {way}"):
            scene = await _scene(world, cold=cold)
            world.imap.arm(way, octets)
            told += await _fault_of(act(scene)) is not None
            broke = world.imap.failed
            world.imap.count()
            assert broke or octets >= passed[way] - 400, (name, way, octets, passed)
            await check(scene)
    assert told


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "imap.dialogue.SILENCE_SECONDS",
        "imap.pool.LIVES_SECONDS",
        "imap.signing_in.GREETING_SECONDS",
        "managesieve.session.COMMAND_SECONDS",
        "managesieve.client.OPEN_SECONDS",
        "smtp.COMMAND_SECONDS",
    ):
        monkeypatch.setattr(f"folkmoot.mail.{name}", SILENCE)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_line_that_falls_silent_is_given_up(world: World, name: str) -> None:
    act, check = OPERATIONS[name]
    whole = await _scene(world, cold=False)
    world.imap.count()
    await act(whole)
    passed = dict(world.imap.passed)
    for way in Way:
        for octets in (0, passed[way] // 2):
            scene = await _scene(world, cold=False)
            world.imap.arm(way, octets, Fault.HANG)
            async with asyncio.timeout(20):
                await _fault_of(act(scene))
            world.imap.count()
            await check(scene)


async def test_drafts_are_never_lost_and_saved_once_when_saved_again(world: World) -> None:
    post = world.post

    async def begun() -> tuple[Caller, StoredDraft]:
        caller = post.mail.person()
        return caller, await post.save(caller, text="old " * 500)

    caller, stored = await begun()
    world.imap.count()
    await post.drafts.save(caller, MAIN, post.draft(caller, text="new " * 500), _after(stored))
    passed = dict(world.imap.passed)
    for way in Way:
        for octets in [*_points(passed[way], f"draft {way}"), passed[way] // 3]:
            caller, stored = await begun()
            new = post.draft(caller, text="new " * 500)
            world.imap.arm(way, octets)
            await _fault_of(post.drafts.save(caller, MAIN, new, _after(stored)))
            world.imap.count()
            assert len(await post.messages(caller, "Drafts")) in {1, 2}
            await post.drafts.save(caller, MAIN, new, _after(stored))
            (left,) = await post.messages(caller, "Drafts")
            assert b"new " in left.sections[""]


def _after(stored: StoredDraft) -> Replaces:
    return Replaces(stored.message_id, stored.version)


async def _sent_once(world: World, caller: Caller, stored: StoredDraft, caught: FolkmootError | None) -> None:
    """Check what became of a draft that was to be sent, and send it again if that is the sender's to do."""
    post, before = world.post, len(world.smtp.received)
    rows = {one.message_id: one for one in await post.sending.list(caller)}
    row = rows.get(stored.message_id)
    arrived = [one for one in world.smtp.received if one.message["Message-ID"] == stored.message_id]
    assert len(arrived) <= 1
    if caught is not None:
        assert str(caught)
        assert len(await post.messages(caller, "Drafts")) == 1
        assert await post.messages(caller, "Sent") == []
        assert isinstance(caught, Uncertain) or not arrived
    await world.run_jobs()
    assert len(world.smtp.received) == before
    if caught is not None and not isinstance(caught, Uncertain):
        assert row is None or row.state is State.FAILED
        await post.send(caller, stored)
        assert len(world.smtp.received) == before + 1
    if not isinstance(caught, Uncertain):
        assert await post.messages(caller, "Drafts") == []
        assert len(await post.messages(caller, "Sent")) == 1


@pytest.mark.parametrize("which", ["imap", "smtp_line"])
async def test_a_message_is_sent_once_wherever_a_line_breaks(world: World, which: str) -> None:
    post, line = world.post, getattr(world, which)
    caller = post.mail.person()
    stored = await post.save(caller, text="word " * 500)
    line.count()
    await post.send(caller, stored)
    passed = dict(line.passed)
    uncertain = told = 0
    for way in Way:
        for octets in sorted({*_points(passed[way], f"send {which} {way}"), *range(passed[way] - 8, passed[way])}):
            caller = post.mail.person()
            stored = await post.save(caller, text="word " * 500)
            line.arm(way, octets)
            caught = await _fault_of(post.send(caller, stored))
            uncertain += isinstance(caught, Uncertain)
            told += caught is not None
            line.count()
            await _sent_once(world, caller, stored, caught)
    assert told
    assert bool(uncertain) == (which == "smtp_line")


async def test_filters_are_the_old_ones_or_the_new_ones_wherever_the_line_breaks(world: World) -> None:
    mail = world.post.mail
    filters = Filters(mail.access, mail.choices, mail.database, world.post.clock)

    async def save(caller: Caller, target: str) -> None:
        values = {"Forward": {"enabled": 1, "forwardAddress": [target], "keepCopy": 1}}
        await filters.save(caller, caller.principal, values, {})

    async def script(caller: Caller) -> str:
        async with connect(Server("127.0.0.1", world.server.sieve), Password(caller.principal, PASSWORD)) as session:
            (one,) = await session.list_scripts()
            assert one.active
            return await session.get_script(one.name)

    caller = mail.person()
    await save(caller, "old@example.net")
    world.sieve.count()
    await save(caller, "new@example.net")
    passed = dict(world.sieve.passed)
    old, new = [f'redirect "{name}@example.net";\r\nkeep;\r\n' for name in ("old", "new")]
    for way in Way:
        for octets in _points(passed[way], f"sieve {way}"):
            caller = mail.person()
            await save(caller, "old@example.net")
            world.sieve.arm(way, octets)
            failed = await _fault_of(save(caller, "new@example.net")) is not None
            world.sieve.count()
            kept = (await mail.choices.get(caller, caller.principal))[0]["Forward"]
            assert isinstance(kept, dict)
            assert kept["forwardAddress"] == (["old@example.net"] if failed else ["new@example.net"])
            assert await script(caller) in ({old, new} if failed else {new})
            await save(caller, "new@example.net")
            assert await script(caller) == new


async def test_a_server_that_is_away_is_told_at_once_and_used_again_when_it_is_back(world: World) -> None:
    scene = await _scene(world, cold=False)
    world.imap.down = True
    world.imap.fail()
    for act, _ in OPERATIONS.values():
        with pytest.raises(Unavailable):
            await act(scene)
    world.imap.down = False
    await asyncio.gather(*(_list(scene) for _ in range(8)))
    assert world.post.mail.pool.open_count <= 4
