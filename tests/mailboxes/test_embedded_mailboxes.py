"""Mailboxes of embedded mail, signed in to with tokens: with nobody there, and for somebody else."""

from collections.abc import AsyncIterator, Iterator

import pytest

from folkmoot.config.load import load
from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.mailboxes.accounts import Accounts
from folkmoot.mailboxes.delegation import Delegation
from folkmoot.mailboxes.folders import Folders
from folkmoot.mailboxes.values import MAIN
from folkmoot.server.rooms import Rooms, open_rooms
from folkmoot.sharing.choices import Choices
from folkmoot.stack.applying import as_served
from tests.support.folkmoot import ANNA, BERT, Folkmoot, running

pytestmark = [pytest.mark.anyio, pytest.mark.live]


@pytest.fixture(scope="module")
def folkmoot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folkmoot]:
    with running(tmp_path_factory.mktemp("embedded"), mail=True) as server:
        yield server


@pytest.fixture
async def rooms(folkmoot: Folkmoot) -> AsyncIterator[Rooms]:
    settings = as_served(load([], {}, [folkmoot.directory / "sogo.conf"]))
    async with open_rooms(settings) as opened:
        yield opened


async def test_nobody_needs_a_password_and_a_delegate_sees_the_owners_account(rooms: Rooms) -> None:
    anna, bert = Caller(PrincipalId(ANNA.login)), Caller(PrincipalId(BERT.login))
    choices = Choices(rooms.database, rooms.clock)
    folders = Folders(rooms.mail, Accounts(rooms.mail, rooms.database, rooms.clock), choices)
    delegation = Delegation(rooms.mail, rooms.database, rooms.clock)
    await folders.create(anna, MAIN, "", "Projekt")
    with pytest.raises(NotFound):
        await folders.tree(bert, anna.principal)
    await delegation.add(anna, [bert.principal])
    tree = await folders.tree(bert, anna.principal)
    assert tree.find("Projekt") is not None
    assert [one.use for one in tree.folders][:6] == ["inbox", "drafts", "sent", "templates", "junk", "trash"]
    await delegation.remove(anna, [bert.principal])
    with pytest.raises(NotFound):
        await folders.tree(bert, anna.principal)
