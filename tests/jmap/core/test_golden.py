"""Transcripts: what a client says and what it must be told; ``docs/developer/testing.md`` tells the notation."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from folkmoot.database import Database
from folkmoot.jmap.capabilities import REGISTRY
from folkmoot.jmap.protocol.dispatch import run
from folkmoot.jmap.protocol.request import Invocation, Request
from tests.jmap.mail.writing import post_world
from tests.support.dovecot import somebody
from tests.support.jmap import Client, world
from tests.support.smtp import mail_server

pytestmark = pytest.mark.anyio

PLACE: Final = Path(__file__).parent.parent / "golden"
GOLDEN: Final = sorted(PLACE.glob("*.json"))
OF_MAIL: Final = sorted((PLACE / "mail").glob("*.json"))
HELD: Final = re.compile(r"\{(\*|[a-z][a-z0-9]*)\}")


def filled(value: Any, known: dict[str, str]) -> Any:
    """Return what is asked, with what is known in place of placeholders."""
    if isinstance(value, str):
        return HELD.sub(lambda found: known.get(found[1], found[0]), value)
    if isinstance(value, dict):
        return {filled(name, known): filled(one, known) for name, one in value.items()}
    return [filled(one, known) for one in value] if isinstance(value, list) else value


def differences(expected: Any, found: Any, known: dict[str, str], where: str = "") -> list[str]:
    """Return where an answer is another one; placeholders met for the first time take what stands there."""
    if isinstance(expected, str) and (name := HELD.fullmatch(expected)) is not None:
        if name[1] == "*":
            return []
        return [] if known.setdefault(name[1], found) == found else [f"{where}: {found!r} is not {known[name[1]]!r}"]
    if isinstance(expected, dict) and isinstance(found, dict):
        expected = filled(expected, known)
        wrong = [f"{where}: {name} is not expected" for name in found.keys() - expected.keys()]
        for name, one in expected.items():
            below = f"{where}/{name}"
            wrong += differences(one, found[name], known, below) if name in found else [f"{below} is missing"]
        return wrong
    if isinstance(expected, list) and isinstance(found, list | tuple) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return [text for i, (a, b) in pairs for text in differences(a, b, known, f"{where}/{i}")]
    return [] if expected == found else [f"{where}: {found!r} where {expected!r} is expected"]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
async def test_a_session_reads_as_it_is_written(path: Path, embedded: Database) -> None:
    async with world(embedded) as made:
        await follow(path, await made.person("anna"))


@pytest.mark.live
@pytest.mark.parametrize("path", OF_MAIL, ids=lambda path: path.stem)
async def test_a_session_about_mail_reads_as_it_is_written(path: Path, embedded: Database) -> None:
    async with mail_server() as smtp, post_world(embedded, smtp.url) as made:
        await follow(path, await made.person(somebody()))


async def follow(path: Path, client: Client) -> None:
    """Say what the file has the client say, and compare what it is told."""
    login = client.caller.principal
    known = {"account": client.account, "mail": f"{login}@example.com", "login": login, "name": login.title()}
    for step in json.loads(path.read_text()):  # noqa: ASYNC240 - a small file
        calls = [Invocation(*call) for call in filled(step["calls"], known)]
        answers = await run(REGISTRY, client.context(), Request(REGISTRY.urns, calls))
        told = json.loads(json.dumps([one.told() for one in answers]))
        assert differences(step["answers"], told, known) == [], step["about"]
