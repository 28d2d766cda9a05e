"""Edits of mail at random, through JMAP and by another program over IMAP."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from folkmoot.mail.imap.connection import Connection
from tests.jmap.mail.reading import imap, message, put
from tests.support.jmap import Client, World

KEYWORDS: Final = ("$seen", "$flagged", "$answered", "$label1")
FLAGS: Final = ("\\Seen", "\\Flagged", "\\Answered", "$Label1", "\\Deleted")
UPHEAVALS: Final = {"imap_rename", "imap_remove", "destroy_mailbox", "rename_mailbox"}


@dataclass
class MailEdits:
    """One edit after the other."""

    world: World
    client: Client
    chance: random.Random
    sent: int = 0
    made: int = 0
    upheavals: int = 0
    done: list[str] = field(default_factory=list)

    async def step(self) -> None:
        """Do one edit."""
        edits: Sequence[tuple[int, Callable[[], Awaitable[None]]]] = (
            (6, self.imap_append), (5, self.imap_flags), (3, self.imap_move), (2, self.imap_copy),
            (2, self.imap_expunge), (1, self.imap_create), (1, self.imap_rename), (1, self.imap_remove),
            (5, self.keywords), (4, self.move), (3, self.destroy), (3, self.create),
            (1, self.create_mailbox), (1, self.rename_mailbox), (1, self.destroy_mailbox),
        )  # fmt: skip
        (edit,) = self.chance.choices([one for _, one in edits], [weight for weight, _ in edits])
        self.done.append(edit.__name__)
        await edit()
        self.upheavals += edit.__name__ in UPHEAVALS

    def _name(self) -> str:
        self.made += 1
        return f"Box {self.made}"

    async def _names(self, *, usable: bool = True) -> list[str]:
        """Return names of mailboxes: INBOX and those made here, or the latter alone."""
        async with imap(self.world, self.client) as connection:
            found = [one.name for one in await connection.list()]
        return [one for one in found if one.startswith("Box ") or (usable and one == "INBOX")]

    async def _uids(self, connection: Connection, name: str) -> list[int]:
        await connection.select(name, write=True)
        found = sorted(one.uid for one in await connection.fetch("1:*", ["FLAGS"]))
        return self.chance.sample(found, min(len(found), self.chance.randrange(1, 4)))

    # IMAP

    async def imap_append(self) -> None:
        name = self.chance.choice(await self._names())
        some = []
        for _ in range(self.chance.randrange(1, 4)):
            self.sent += 1
            references = [self.chance.randrange(1, self.sent)] if self.sent > 1 and self.chance.random() < 0.5 else []
            some.append(message(self.sent, references=references))
        await put(self.world, self.client, *some, mailbox=name, first=self.sent)

    async def imap_flags(self) -> None:
        async with imap(self.world, self.client) as connection:
            uids = await self._uids(connection, self.chance.choice(await self._names()))
            flags = [self.chance.choice(FLAGS)]
            if uids:
                await (connection.store(uids, add=flags) if self.chance.random() < 0.6 else
                       connection.store(uids, remove=flags))  # fmt: skip

    async def imap_move(self) -> None:
        source, target = self.chance.choices(await self._names(), k=2)
        async with imap(self.world, self.client) as connection:
            if source != target and (uids := await self._uids(connection, source)):
                await connection.move(uids, target)

    async def imap_copy(self) -> None:
        source, target = self.chance.choices(await self._names(), k=2)
        async with imap(self.world, self.client) as connection:
            if uids := await self._uids(connection, source):
                await connection.copy(uids, target)

    async def imap_expunge(self) -> None:
        name = self.chance.choice(await self._names())
        async with imap(self.world, self.client) as connection:
            if uids := await self._uids(connection, name):
                await connection.store(uids, add=["\\Deleted"])
                await connection.expunge(uids)

    async def imap_create(self) -> None:
        async with imap(self.world, self.client) as connection:
            await connection.create(self._name())

    async def imap_rename(self) -> None:
        if names := await self._names(usable=False):
            async with imap(self.world, self.client) as connection:
                await connection.rename(self.chance.choice(names), self._name())

    async def imap_remove(self) -> None:
        if names := await self._names(usable=False):
            async with imap(self.world, self.client) as connection:
                await connection.delete(self.chance.choice(names))

    # JMAP

    async def _set(self, kind: str, **arguments: Any) -> None:
        told = await self.client.call(f"{kind}/set", **arguments)
        refused = [told[name] for name in ("notCreated", "notUpdated", "notDestroyed") if told[name]]
        assert not refused, (kind, arguments, refused)

    async def _emails(self) -> list[str]:
        found = (await self.client.call("Email/query", limit=500))["ids"]
        return self.chance.sample(found, min(len(found), self.chance.randrange(1, 4)))

    async def _mailbox(self, *, own: bool = False) -> str | None:
        found = (await self.client.call("Mailbox/get", ids=None, properties=["name", "role"]))["list"]
        usable = [one["id"] for one in found if one["name"].startswith("Box ") or (not own and one["role"] == "inbox")]
        return self.chance.choice(usable) if usable else None

    async def keywords(self) -> None:
        value = self.chance.choice((True, None))
        patch = {f"keywords/{self.chance.choice(KEYWORDS)}": value}
        await self._set("Email", update=dict.fromkeys(await self._emails(), patch))

    async def move(self) -> None:
        target = {await self._mailbox(): True}
        await self._set("Email", update={one: {"mailboxIds": target} for one in await self._emails()})

    async def destroy(self) -> None:
        await self._set("Email", destroy=await self._emails())

    async def create(self) -> None:
        new = {
            "mailboxIds": {await self._mailbox(): True},
            "subject": f"Written {self.chance.randrange(1000)}",
            "bodyValues": {"1": {"value": "Hello"}},
            "textBody": [{"partId": "1", "type": "text/plain"}],
        }
        await self._set("Email", create={"k": new})

    async def create_mailbox(self) -> None:
        await self._set("Mailbox", create={"k": {"name": self._name()}})

    async def rename_mailbox(self) -> None:
        if id_ := await self._mailbox(own=True):
            await self._set("Mailbox", update={id_: {"name": self._name()}})

    async def destroy_mailbox(self) -> None:
        if id_ := await self._mailbox(own=True):
            await self._set("Mailbox", destroy=[id_], onDestroyRemoveEmails=True)
