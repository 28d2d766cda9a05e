"""History: what a client that knows an older revision is told."""

from functools import partial
from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from folkmoot.core.ids import Revision
from folkmoot.store import collections, objects
from folkmoot.store.records import IndexRow
from tests.support.servers import Machine
from tests.support.store import Home, make_home, name

pytestmark = pytest.mark.anyio


async def test_a_client_is_told_each_object_once_as_it_is_now(home: Home) -> None:
    await home.put("a", b"1")
    await home.put("b", b"1")
    await home.put("a", b"2")
    await home.delete("b")
    etag = (await home.put("c")).etag
    a = await home.get("a")
    assert a is not None
    assert await home.changes(1) == {"a": a.meta.etag, "b": None, "c": etag}
    assert await home.changes(0) == {"a": a.meta.etag, "c": etag}
    assert await home.changes(5) == {"c": etag}
    assert await home.changes(1, until=4) == {"a": a.meta.etag}


async def test_a_page_ends_where_the_next_begins(home: Home) -> None:
    for number in range(10):
        await home.put(f"{number}")
    await home.delete("3")
    seen: list[str] = []
    since = Revision(1)
    while True:
        page = await home.database.read(
            partial(objects.changes, collection_id=home.id, since=since, until=Revision(99), limit=4)
        )
        if not page:
            break
        seen += [change.name for change in page]
        since = page[-1].revision
    assert seen == ["0", "1", "2", "4", "5", "6", "7", "8", "9", "3"]


async def test_trimmed_history_starts_after_the_lost_tombstones(home: Home) -> None:
    for resource in ("a", "b", "c"):
        await home.put(resource)
    await home.delete("a")
    home.now += 1000
    await home.delete("b")
    assert await home.database.write(lambda tx: objects.trim_history(tx, home.id, home.now)) == 0
    found = await home.database.read(lambda tx: collections.get(tx, home.id))
    assert found.history_start == 5
    assert set(await home.changes(4)) == {"a", "b"}, "who saw the old start still finds what happened since"
    assert await home.database.write(lambda tx: objects.trim_history(tx, home.id, home.now)) == 1
    assert set(await home.changes(4)) == {"b"}
    assert await home.database.write(lambda tx: objects.trim_history(tx, home.id, home.now)) == 0


async def test_candidates_are_found_by_extent(home: Home) -> None:
    extents = {
        "before": (0, 9),
        "touching": (0, 10),
        "inside": (12, 13),
        "across": (0, 100),
        "at_end": (20, 30),
        "after": (21, 30),
        "endless": (0, None),
        "dateless": (None, None),
        "point": (10, 10),
    }
    for resource, (start, end) in extents.items():
        row = IndexRow(uid=resource, component="VEVENT", starts_at=start, ends_at=end)
        await home.put(resource, index=row)
    await home.put("task", index=IndexRow(uid="task", component="VTODO", starts_at=12, ends_at=13))

    async def candidates(start: int | None, end: int | None, component: str | None = "VEVENT") -> set[str]:
        found = await home.database.read(
            lambda tx: objects.in_range(tx, home.id, component=component, start=start, end=end, bodies=False)
        )
        return {meta.name for meta in found}

    everything = set(extents)
    assert await candidates(10, 20) == everything - {"before", "at_end", "after"}
    assert await candidates(10, None) == everything - {"before"}
    assert await candidates(None, 20) == everything - {"at_end", "after"}
    assert await candidates(None, None) == everything
    assert await candidates(None, None, None) == everything | {"task"}
    whole = await home.database.read(
        lambda tx: objects.in_range(tx, home.id, component="VTODO", start=0, end=99, bodies=True)
    )
    assert [stored.body for stored in whole] == [b"body"]


async def test_search_texts_are_matched_literally(home: Home) -> None:
    texts = {"a": "anna müller +49", "b": "100% _real_", "c": "100x yreal~z", "d": "back\\slash"}
    for resource, text in texts.items():
        await home.put(resource, index=IndexRow(uid=resource, component="VCARD", search=text))

    async def found(text: str) -> set[str]:
        metas = await home.database.read(lambda tx: objects.find_by_search(tx, home.id, text))
        return {meta.name for meta in metas}

    assert await found("müll") == {"a"}
    assert await found("0%") == {"b"}
    assert await found("_real_") == {"b"}
    assert await found("l~z") == {"c"}
    assert await found("k\\s") == {"d"}
    assert await found("ANNA") == set()
    assert len(await home.database.read(lambda tx: objects.find_by_search(tx, home.id, "", limit=2))) == 2


NAMES = st.sampled_from(["a", "b", "c", "d"])


class ClientFollowsServer(RuleBasedStateMachine):
    """A client fed only by ``changes`` ends equal to the server, whatever happens and however it pages."""

    kind = "sqlite"

    def __init__(self) -> None:
        super().__init__()
        self.machine = Machine(self.kind)
        self.home: Home = self.machine.run(make_home(self.machine.database))
        self.other: Home = self.machine.run(make_home(self.machine.database, "other"))
        self.model: dict[str, bytes] = {}
        self.uids: dict[str, str] = {}
        self.fresh = count()
        self.client: dict[str, str] = {}
        self.token = Revision(0)

    @rule(resource=NAMES, body=st.binary(max_size=5), same_uid=st.booleans())
    def put(self, resource: str, body: bytes, *, same_uid: bool) -> None:
        if not same_uid or resource not in self.uids:
            self.uids[resource] = f"uid-{next(self.fresh)}"
        result = self.machine.run(self.home.put(resource, body, uid=self.uids[resource]))
        assert result.created == (resource not in self.model)
        self.model[resource] = body

    @rule(resource=NAMES)
    def delete(self, resource: str) -> None:
        if self.model.pop(resource, None) is not None:
            self.machine.run(self.home.delete(resource))
            del self.uids[resource]

    @rule(source=NAMES, new_name=NAMES)
    def rename(self, source: str, new_name: str) -> None:
        if source == new_name or source not in self.model:
            return
        home = self.home
        self.machine.run(
            home.database.write(
                lambda tx: objects.move(
                    tx, home.id, name(source), home.id, name(new_name), overwrite=True, now=home.now
                )
            )
        )
        self.model[new_name] = self.model.pop(source)
        self.uids[new_name] = self.uids.pop(source)

    @rule(resource=NAMES)
    def move_away(self, resource: str) -> None:
        if self.model.pop(resource, None) is None:
            return
        del self.uids[resource]
        home, other = self.home, self.other
        self.machine.run(
            home.database.write(
                lambda tx: objects.move(
                    tx, home.id, name(resource), other.id, name(resource), overwrite=True, now=home.now
                )
            )
        )

    @rule()
    def trim(self) -> None:
        home = self.home
        home.now += 1000
        self.machine.run(home.database.write(lambda tx: objects.trim_history(tx, home.id, home.now)))

    @rule(limit=st.none() | st.integers(1, 3))
    def sync(self, limit: int | None) -> None:
        home = self.home
        found = self.machine.run(home.database.read(lambda tx: collections.get(tx, home.id)))
        if 0 < self.token < found.history_start:
            self.client, self.token = {}, Revision(0)  # the token has expired: start again
        page = self.machine.run(
            home.database.read(
                lambda tx: objects.changes(tx, home.id, since=self.token, until=found.revision, limit=limit)
            )
        )
        for change in page:
            if change.etag is None:
                self.client.pop(change.name, None)
            else:
                self.client[change.name] = change.etag
        if limit is None or len(page) < limit:
            self.token = found.revision
            assert self.client.keys() == self.model.keys()
        elif page[-1].revision >= found.history_start:
            self.token = page[-1].revision
        else:
            self.client, self.token = {}, Revision(0)  # no page of a first sync may end before history starts

    @invariant()
    def agrees(self) -> None:
        assert self.machine.run(self.home.names()) == set(self.model)

    def teardown(self) -> None:
        try:
            self.sync(limit=None)
            for resource, body in self.model.items():
                stored = self.machine.run(self.home.get(resource))
                assert stored is not None
                assert stored.body == body
                assert stored.meta.etag == self.client[resource]
        finally:
            self.machine.close()


TestClientFollowsServer = ClientFollowsServer.TestCase
TestClientFollowsServer.settings = settings(max_examples=25, stateful_step_count=25)


class ClientFollowsMariaDB(ClientFollowsServer):
    kind = "mariadb"


class ClientFollowsPostgreSQL(ClientFollowsServer):
    kind = "postgresql"


TestClientFollowsMariaDB = pytest.mark.live(ClientFollowsMariaDB.TestCase)
TestClientFollowsPostgreSQL = pytest.mark.live(ClientFollowsPostgreSQL.TestCase)
for case in (TestClientFollowsMariaDB, TestClientFollowsPostgreSQL):
    case.settings = settings(max_examples=8, stateful_step_count=25)
