"""Edits of calendars, tasks and books at random, through JMAP and DAV, by an owner and by whom she shares with."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from folkmoot.core.ids import PrincipalId
from folkmoot.jmap.sharing.ids import principal_id
from tests.support.dav import Dav, card, event
from tests.support.jmap import Client, Refused

CLASSES: Final = ("PUBLIC", "PRIVATE", "CONFIDENTIAL")
UPHEAVALS: Final = {"destroy_collection", "dav_remove", "share"}  # nothing remains that could tell more
DIRECTORY: Final = "/Contacts/local/"  # the book of all people, not anybody's own
REFUSALS: Final = {"accountNotFound", "accountNotSupportedByMethod"}
CALENDAR_RIGHTS: Final = (
    {"mayReadItems": True},
    {"mayReadItems": True, "mayWriteAll": True},
    {"mayReadFreeBusy": True},
)
BOOK_RIGHTS: Final = ({"mayRead": True}, {"mayRead": True, "mayWrite": True})


@dataclass(frozen=True)
class Sort:
    """What differs between calendars, task lists and books."""

    object: str
    collection: str
    held: str  # the property that names the collections of an object
    empty: str  # the argument that destroys what is in a collection too
    kind: str  # the home of DAV
    titled: str
    rights: Sequence[dict[str, bool]]


EVENTS: Final = Sort(
    "CalendarEvent", "Calendar", "calendarIds", "onDestroyRemoveEvents", "Calendar", "title", CALENDAR_RIGHTS
)
TASKS: Final = Sort("Task", "TaskList", "taskListId", "onDestroyRemoveTasks", "Calendar", "title", CALENDAR_RIGHTS)
CARDS: Final = Sort(
    "ContactCard", "AddressBook", "addressBookIds", "onDestroyRemoveContents", "Contacts", "name", BOOK_RIGHTS
)


@dataclass
class GroupwareEdits:
    """One edit after the other; what is refused changes nothing and is counted."""

    owner: Client
    other: Client
    dav: Dav
    chance: random.Random
    done: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    upheavals: int = 0

    async def step(self) -> str:
        """Do one edit and return what it was."""
        sort = self.chance.choice((EVENTS, EVENTS, TASKS, CARDS))
        edits: Sequence[tuple[int, Callable[[Sort], Awaitable[bool]]]] = (
            (6, self.create), (6, self.change), (3, self.move), (3, self.destroy),
            (4, self.dav_put), (4, self.dav_change), (2, self.dav_move), (2, self.dav_delete),
            (1, self.create_collection), (1, self.rename_collection), (1, self.destroy_collection),
            (1, self.dav_make), (1, self.dav_remove), (2, self.share), (3, self.other_writes),
        )  # fmt: skip
        (edit,) = self.chance.choices([one for _, one in edits], [weight for weight, _ in edits])
        self.upheavals += edit.__name__ in UPHEAVALS
        name = f"{edit.__name__} of {sort.object}"
        counted = self.done if await edit(sort) else self.refused
        counted[name] = counted.get(name, 0) + 1
        return name

    def word(self) -> str:
        return f"{self.chance.choice(('Lunch', 'Talk', 'Böats', 'Kites'))} {self.chance.randrange(10_000)}"

    def uid(self) -> str:
        return str(UUID(int=self.chance.getrandbits(128), version=4))

    async def _all(self, client: Client, account: str, kind: str) -> list[dict[str, Any]]:
        told = await client.call(f"{kind}/get", accountId=account, ids=None)
        return list(told["list"])

    async def _one(self, sort: Sort) -> dict[str, Any] | None:
        found = await self._all(self.owner, self.owner.account, sort.object)
        found = [one for one in found if one["id"].startswith("o")]
        return self.chance.choice(found) if found else None

    async def _collection(self, sort: Sort, *, own: bool = False) -> str | None:
        found = await self._all(self.owner, self.owner.account, sort.collection)
        stored = [one for one in found if one["id"].startswith("c")]  # not a book of the directory
        usable = [one["id"] for one in stored if not (own and (one.get("isDefault") or one.get("role")))]
        return self.chance.choice(usable) if usable else None

    async def _set(self, client: Client, kind: str, account: str | None = None, **arguments: Any) -> bool:
        told = await client.call(f"{kind}/set", accountId=account or self.owner.account, **arguments)
        refused = [told[name] for name in ("notCreated", "notUpdated", "notDestroyed") if told[name]]
        assert client is not self.owner or not refused, (kind, arguments, refused)
        return not refused

    def _value(self, sort: Sort, collection: str) -> dict[str, Any]:
        title, chance = self.word(), self.chance
        if sort is CARDS:
            full = {"full": title, "components": [{"kind": "given", "value": title}]}
            return {"addressBookIds": {collection: True}, "name": full}
        value: dict[str, Any] = {"title": title, "privacy": chance.choice(("public", "private", "secret"))}
        when = f"2026-03-{chance.randrange(1, 28):02}T09:00:00"
        if sort is TASKS:
            return value | {"taskListId": collection, "due": when, "timeZone": "Europe/Prague"}
        value |= {"calendarIds": {collection: True}, "start": when, "timeZone": "Europe/Prague", "duration": "PT1H"}
        if chance.random() < 0.4:
            value["recurrenceRules"] = [{"@type": "RecurrenceRule", "frequency": "daily", "count": 9}]
        return value

    async def create(self, sort: Sort) -> bool:
        collection = await self._collection(sort)
        if collection is None:
            return False
        some = {f"k{i}": self._value(sort, collection) for i in range(self.chance.randrange(1, 4))}
        return await self._set(self.owner, sort.object, create=some)

    async def change(self, sort: Sort) -> bool:
        one = await self._one(sort)
        if one is None:
            return False
        patch: dict[str, Any] = {"name/full" if sort is CARDS else sort.titled: self.word()}
        if sort is TASKS and self.chance.random() < 0.5:
            patch["progress"] = self.chance.choice(("completed", "in-process", "needs-action"))
        if one.get("recurrenceRules") and self.chance.random() < 0.7:
            day = int(one["start"][8:10]) + self.chance.randrange(0, 4)
            when, known = f"2026-03-{day:02}T09:00:00", one.get("recurrenceOverrides")
            wanted = self.chance.choice(({"title": self.word()}, {"excluded": True}, None))
            if known and (wanted is not None or when in known):
                patch = {f"recurrenceOverrides/{when}": wanted}
            elif wanted is not None and day <= 31:
                patch = {"recurrenceOverrides": {when: wanted}}
        return await self._set(self.owner, sort.object, update={one["id"]: patch})

    async def move(self, sort: Sort) -> bool:
        one, target = await self._one(sort), await self._collection(sort)
        if one is None or target is None:
            return False
        value = target if sort is TASKS else {target: True}
        return await self._set(self.owner, sort.object, update={one["id"]: {sort.held: value}})

    async def destroy(self, sort: Sort) -> bool:
        one = await self._one(sort)
        return one is not None and await self._set(self.owner, sort.object, destroy=[one["id"]])

    async def create_collection(self, sort: Sort) -> bool:
        return await self._set(self.owner, sort.collection, create={"k": {"name": self.word()}})

    async def rename_collection(self, sort: Sort) -> bool:
        id_ = await self._collection(sort)
        return id_ is not None and await self._set(self.owner, sort.collection, update={id_: {"name": self.word()}})

    async def destroy_collection(self, sort: Sort) -> bool:
        id_ = await self._collection(sort, own=True)
        if id_ is None:
            return False
        told = await self.owner.call(f"{sort.collection}/set", destroy=[id_], **{sort.empty: True})
        return bool(told["destroyed"])

    async def share(self, sort: Sort) -> bool:
        id_ = await self._collection(sort)
        if id_ is None:
            return False
        given = self.chance.choice((None, *sort.rights))
        whom = principal_id(PrincipalId(self.other.caller.principal))
        patch = {"shareWith": None if given is None else {whom: given}}
        return await self._set(self.owner, sort.collection, update={id_: patch})

    async def other_writes(self, sort: Sort) -> bool:
        """Whom is shared with changes, destroys or creates something, as far as he may."""
        account = self.owner.account
        try:
            objects = await self._all(self.other, account, sort.object)
            collections = await self._all(self.other, account, sort.collection)
        except Refused as refused:
            assert refused.type in REFUSALS, refused  # noqa: PT017  # nothing is shared at present
            return False
        collections = [one for one in collections if one["id"].startswith("c")]
        if not collections:
            return False
        if not objects or self.chance.random() < 0.4:
            new = self._value(sort, self.chance.choice(collections)["id"])
            return await self._set(self.other, sort.object, account, create={"k": new})
        one = self.chance.choice(objects)
        if self.chance.random() < 0.3:
            return await self._set(self.other, sort.object, account, destroy=[one["id"]])
        patch = {"name/full" if sort is CARDS else sort.titled: self.word()}
        return await self._set(self.other, sort.object, account, update={one["id"]: patch})

    # DAV

    async def paths(self, sort: Sort) -> list[str]:
        """Return the paths of the owner's collections."""
        home = f"/{self.owner.caller.principal}/{sort.kind}/"
        answers = await self._propfind(home)
        return [path for path in answers if path != home and path.endswith("/") and not path.endswith(DIRECTORY)]

    async def _propfind(self, path: str) -> list[str]:
        answers = await self.dav.propfind(path, "{DAV:}getetag", depth="1", as_=self.owner.caller.principal)
        return [href.removeprefix("/SOGo/dav") for href in answers.hrefs]

    async def _path(self, sort: Sort) -> str | None:
        """Return the path of an object."""
        found = await self._propfind(self.chance.choice(await self.paths(sort)))
        files = [one for one in found if not one.endswith("/")]
        return self.chance.choice(files) if files else None

    async def _dav(self, method: str, path: str, body: bytes = b"", **headers: str) -> bool:
        response = await self.dav.request(method, path, body, self.owner.caller.principal, **headers)
        assert response.status < 500, (method, path, response)
        return response.status < 300

    def _octets(self, sort: Sort, uid: str) -> tuple[bytes, str]:
        if sort is CARDS:
            return card(uid, self.word(), "X-UNKNOWN;A=b:kept\r\n"), "text/vcard"
        rule = self.chance.choice(("", "RRULE:FREQ=WEEKLY;COUNT=4\r\n"))
        body = event(uid, self.word(), extra=f"CLASS:{self.chance.choice(CLASSES)}\r\nX-UNKNOWN;A=b:kept\r\n{rule}")
        if sort is TASKS:
            body = body.replace(b"VEVENT", b"VTODO").replace(b"DURATION:PT1H\r\n", b"")
        return body, "text/calendar"

    async def dav_put(self, sort: Sort) -> bool:
        uid = self.uid()
        body, kind = self._octets(sort, uid)
        suffix = "vcf" if sort is CARDS else "ics"
        path = f"{self.chance.choice(await self.paths(sort))}{uid}.{suffix}"
        return await self._dav("PUT", path, body, content_type=kind)

    async def dav_change(self, sort: Sort) -> bool:
        path = await self._path(sort)
        if path is None:
            return False
        login = self.owner.caller.principal
        octets = (await self.dav.request("GET", path, as_=login)).body
        assert isinstance(octets, bytes)
        line = b"FN:" if sort is CARDS else b"SUMMARY:"
        lines = [
            f"{line.decode()}{self.word()}".encode() if one.startswith(line) else one for one in octets.split(b"\r\n")
        ]
        kind = "text/vcard" if sort is CARDS else "text/calendar"
        return await self._dav("PUT", path, b"\r\n".join(lines), content_type=kind)

    async def dav_move(self, sort: Sort) -> bool:
        path = await self._path(sort)
        if path is None:
            return False
        target = f"{self.chance.choice(await self.paths(sort))}{path.rpartition('/')[2]}"
        return await self._dav("MOVE", path, destination=f"http://dav.test/SOGo/dav{target}")

    async def dav_delete(self, sort: Sort) -> bool:
        path = await self._path(sort)
        return path is not None and await self._dav("DELETE", path)

    async def dav_make(self, sort: Sort) -> bool:
        path = f"/{self.owner.caller.principal}/{sort.kind}/{self.uid()[:8]}/"
        if sort is not CARDS:
            return await self._dav("MKCALENDAR", path)
        body = (
            b'<D:mkcol xmlns:D="DAV:" xmlns:CR="urn:ietf:params:xml:ns:carddav"><D:set><D:prop><D:resourcetype>'
            b"<D:collection/><CR:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>"
        )
        return await self._dav("MKCOL", path, body, content_type="text/xml")

    async def dav_remove(self, sort: Sort) -> bool:
        usable = [path for path in await self.paths(sort) if "/personal/" not in path]
        return bool(usable) and await self._dav("DELETE", self.chance.choice(usable))
