"""Short ways to write through the store, for tests."""

from dataclasses import dataclass, field

from folkmoot.core.ids import CollectionId, PrincipalId, ResourceName, Revision
from folkmoot.database import Database
from folkmoot.store import collections, objects
from folkmoot.store.records import Collection, IndexRow, Kind, PutResult, StoredObject, etag_of

ANNA = PrincipalId("anna")
NOW = 1_700_000_000_000


def name(text: str) -> ResourceName:
    return ResourceName(text)


@dataclass
class Home:
    """A database and one collection in it, with what services do in one line each."""

    database: Database
    collection: Collection
    now: int = field(default=NOW)

    @property
    def id(self) -> CollectionId:
        return self.collection.id

    async def put(
        self,
        resource: str,
        body: bytes = b"body",
        *,
        uid: str | None = None,
        if_match: str | None = None,
        must_be_new: bool = False,
        dead_properties: dict[str, str] | None = None,
        index: IndexRow | None = None,
    ) -> PutResult:
        row = index or IndexRow(uid=f"uid-{resource}" if uid is None else uid, component="VEVENT", title=resource)
        return await self.database.write(
            lambda tx: objects.put(
                tx,
                self.id,
                name(resource),
                body=body,
                etag=etag_of(body),
                content_type="text/calendar",
                index=row,
                now=self.now,
                if_match=if_match,
                must_be_new=must_be_new,
                dead_properties=dead_properties,
            )
        )

    async def get(self, resource: str) -> StoredObject | None:
        return await self.database.read(lambda tx: objects.get(tx, self.id, name(resource)))

    async def delete(self, resource: str, *, if_match: str | None = None) -> Revision:
        return await self.database.write(
            lambda tx: objects.delete(tx, self.id, name(resource), if_match=if_match, now=self.now)
        )

    async def names(self) -> set[str]:
        return {meta.name for meta in await self.database.read(lambda tx: objects.list_(tx, self.id))}

    async def changes(self, since: int, *, until: int = 2**40, limit: int | None = None) -> dict[str, str | None]:
        found = await self.database.read(
            lambda tx: objects.changes(tx, self.id, since=Revision(since), until=Revision(until), limit=limit)
        )
        return {change.name: change.etag for change in found}

    async def revision(self) -> Revision:
        return (await self.database.read(lambda tx: collections.get(tx, self.id))).revision


async def make_home(database: Database, collection: str = "personal", owner: PrincipalId = ANNA) -> Home:
    made = await database.write(
        lambda tx: collections.create(tx, owner, Kind.CALENDAR, collection, {"displayname": "Work"}, now=NOW)
    )
    return Home(database, made)
