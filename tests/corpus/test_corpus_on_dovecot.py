"""Every message of the corpus, in a mailbox of a real Dovecot: the same parts, and the same is seen."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from folkmoot.mail.imap.connection import Connection
from folkmoot.mailboxes.values import MAIN
from folkmoot.mime.part import Part
from folkmoot.mime.reading import read_message
from folkmoot.mime.rendering import needed
from folkmoot.mime.tnef import holds_tnef
from tests.corpus.looking import every_part, faults, look
from tests.corpus.sample import Sample
from tests.corpus.samples import samples
from tests.support.dovecot import dovecot
from tests.support.mailboxes import mail_on

pytestmark = [pytest.mark.anyio, pytest.mark.live]

# Without a header Dovecot keeps nothing of a message, or adds what was not there.
_NOT_KEPT = frozenset({"broken-empty", "broken-only-newline"})

# Dovecot tells of no octets in a part that no boundary ends, cuts a name at its first blank, and does not join a
# boundary from pieces; we show what is there.
_OTHERWISE = frozenset(
    {
        "broken-boundary-encoded",
        "broken-boundary-never-comes",
        "broken-multipart-encoded",
        "broken-no-boundary-parameter",
        "filename-unquoted-blanks",
    }
)


async def _sections(connection: Connection, uid: int, names: Sequence[str]) -> Mapping[str, bytes]:
    fetched: dict[str, bytes] = {}
    for start in range(0, len(names), 50):
        (found,) = await connection.fetch(str(uid), [f"BODY.PEEK[{name}]" for name in names[start : start + 50]])
        fetched |= found.sections
    return fetched


async def _faults(connection: Connection, uid: int, sample: Sample) -> list[str]:
    (found,) = await connection.fetch(str(uid), ["BODYSTRUCTURE", "FLAGS", "BODY.PEEK[]"])
    part, octets = found.structure, found.sections[""]
    assert part is not None
    ours = read_message(octets)
    wanted = needed(part)
    every = [*wanted, *(one.path for one in _leaves(part) if one.path not in wanted)]
    fetched = await _sections(connection, uid, every)

    def sections(names: Sequence[str]) -> Mapping[str, bytes]:
        return {name: fetched[name] for name in names if name in fetched}

    wrong = [] if _outline(ours.part) == _outline(part) else [f"{_outline(ours.part)}, Dovecot {_outline(part)}"]
    if needed(ours.part) != wanted:
        wrong.append("other sections are needed")
    rendered = look(part, sections)
    if rendered.html != look(ours.part, ours.sections).html:
        wrong.append("something else is shown")
    if not holds_tnef(part):
        wrong += faults(sample, part, rendered, sections)
    if "\\Seen" in (found.flags or ()):
        wrong.append("marked as seen")
    return wrong


def _leaves(part: Part) -> list[Part]:
    return [one for one in every_part(part).values() if not one.children and not one.is_multipart]


def _outline(part: Part) -> tuple[object, ...]:
    """Return what both must say of a part; BODYSTRUCTURE has no size of a multipart, and adds defaults to the rest."""
    size = 0 if part.is_multipart else part.size
    return part.path, part.content_type, size, tuple(map(_outline, part.children))


async def test_dovecot_and_we_see_the_same(migrated_file: Path, tmp_path: Path) -> None:
    async with mail_on(dovecot(), migrated_file, tmp_path) as mail:
        anna = mail.person()
        wrong: dict[str, list[str]] = {}
        uids: dict[str, int] = {}
        every = [one for one in samples() if one.name not in _NOT_KEPT]
        async with mail.access.selected(anna, MAIN, "INBOX", write=True) as connection:
            for sample in every:
                appended = await connection.append("INBOX", sample.octets)
                assert appended.uid is not None
                uids[sample.name] = appended.uid
        async with mail.access.selected(anna, MAIN, "INBOX") as connection:
            for sample in every:
                found = await _faults(connection, uids[sample.name], sample)
                if found:
                    wrong[sample.name] = found
        assert set(wrong) == _OTHERWISE, "\n".join(f"{name}: {str(one)[:300]}" for name, one in wrong.items())
