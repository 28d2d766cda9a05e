"""Calendars, tasks and books edited at random through JMAP and DAV: clients fed only by changes end equal."""

import os
import random
import re
from collections import Counter

import pytest

from folkmoot.database import Database
from folkmoot.dav.face import DavFace
from folkmoot.dav.settings import DavSettings
from folkmoot.store.records import Kind
from tests.jmap.stateful.following import DavDevice, Device
from tests.jmap.stateful.groupware_edits import GroupwareEdits
from tests.support.dav import Dav
from tests.support.jmap import Client, world

pytestmark = pytest.mark.anyio

OWN = ("Calendar", "CalendarEvent", "TaskList", "Task", "AddressBook", "ContactCard")
PEOPLE = ("Principal", "ShareNotification")
UID = re.compile(r"^UID:(.*?)\r?$", re.MULTILINE)
WALKS = int(os.environ.get("FOLKMOOT_WALKS", "200"))  # of a night


async def walk(database: Database, seed: int, steps: int) -> None:
    """Go for a walk of edits, with clients that come by now and then, and compare."""
    chance = random.Random(seed)
    async with world(database) as w:
        alma, bruno = await w.person(f"alma{seed}"), await w.person(f"bruno{seed}")
        dav = Dav(DavFace(w.rooms.services, DavSettings()))
        edits = GroupwareEdits(alma, bruno, dav, chance)
        devices = [
            Device(alma, (*OWN, *PEOPLE), chance),
            Device(alma, OWN, chance, pieces=(500,)),
            Device(bruno, (*OWN, *PEOPLE), chance, [alma.account]),
        ]
        homes = [DavDevice(dav, alma.caller.principal, f"/{alma.caller.principal}/{kind}/", chance)
                 for kind in ("Calendar", "Contacts")]  # fmt: skip
        for one in devices:
            await one.follow()
        done: list[str] = []
        for _ in range(steps):
            done.append(await edits.step())
            if chance.random() < 0.25:
                await chance.choice(devices).follow(
                    check=chance.random() < 0.5, about=f"seed {seed}, {done}", upheavals=edits.upheavals
                )
                await chance.choice(homes).follow()
        for one in devices:
            await one.follow(f"seed {seed}, after {done}", check=True, upheavals=edits.upheavals)
            told, reloads = one.counted
            assert told
            assert reloads == 0, f"seed {seed}: everything anew without a reason"
        for home in homes:
            await home.follow(check=True)
        await same_by_dav_and_jmap(alma, dav, homes)


async def same_by_dav_and_jmap(client: Client, dav: Dav, homes: list[DavDevice]) -> None:
    """Compare the UIDs in each collection as DAV and JMAP show them."""
    by_dav: Counter[tuple[str, str]] = Counter()
    for home in homes:
        for path, hrefs in home.known.items():
            for href in hrefs:
                got = await dav.request("GET", href.removeprefix("/SOGo/dav"), as_=home.login)
                assert isinstance(got.body, bytes)
                (uid, *_) = UID.findall(got.body.decode())
                by_dav[path, uid.removeprefix("urn:uuid:")] += 1
    names = {}
    principal = client.caller.principal
    for home_kind, label in ((Kind.CALENDAR, "Calendar"), (Kind.ADDRESSBOOK, "Contacts")):
        for seen in await client.services.collections.home(client.caller, principal, home_kind):
            names[f"c{seen.collection.id}"] = f"/{principal}/{label}/{seen.collection.name}/"
    by_jmap: Counter[tuple[str, str]] = Counter()
    for kind, held in (("CalendarEvent", "calendarIds"), ("Task", "taskListId"), ("ContactCard", "addressBookIds")):
        for one in (await client.call(f"{kind}/get", ids=None))["list"]:
            collections = [one[held]] if isinstance(one[held], str) else list(one[held])
            for id_ in collections:
                by_jmap[names[id_], one["uid"].removeprefix("urn:uuid:")] += 1
    assert by_dav == by_jmap


@pytest.mark.parametrize("seed", range(3))
async def test_clients_fed_by_changes_end_equal_to_the_server(embedded: Database, seed: int) -> None:
    await walk(embedded, seed, 40)


@pytest.mark.live
async def test_on_each_database_clients_end_equal(database: Database) -> None:
    for seed in range(100, 103):
        await walk(database, seed, 60)


@pytest.mark.nightly
async def test_on_long_walks_clients_end_equal(embedded: Database) -> None:
    for seed in range(1000, 1000 + WALKS):
        await walk(embedded, seed, 150)
