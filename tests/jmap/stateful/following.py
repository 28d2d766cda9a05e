"""Clients that know what is there from what they are told of changes alone."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.dav import Answers, Dav
from tests.support.jmap import Client, Refused
from tests.support.reports import document, status_of

PAGES_MAX: Final = 1000  # a walk has fewer changes; more pages than that never end
UNTOLD: Final = {"Principal"}  # directories tell nothing of changes
PIECES: Final = (1, 2, 3, 500, 500)  # maxChanges

# What is compared; None is everything.  Bodies of emails never change.
SHOWN: Final[Mapping[str, Sequence[str] | None]] = {
    "Email": ("id", "mailboxIds", "keywords", "threadId", "blobId", "size", "receivedAt", "subject", "messageId"),
}


@dataclass
class Copy:
    """What a client has of the objects of one type in one account."""

    client: Client
    account: str
    type: str
    chance: random.Random
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    state: str = ""
    told: int = 0  # answers of /changes
    reloads: int = 0  # cannotCalculateChanges that neither a small maxChanges nor an upheaval explains
    upheavals: int = 0  # of which it has heard
    pieces: Sequence[int] = PIECES

    async def load(self) -> None:
        """Take everything anew."""
        self.objects, self.state = await everything(self.client, self.account, self.type)

    async def follow(self, upheavals: int = 0) -> None:
        """Ask for changes until there are no more, and for the objects that they name."""
        for _ in range(PAGES_MAX):
            most = self.chance.choice(self.pieces)
            try:
                answer = await self.client.call(
                    f"{self.type}/changes", accountId=self.account, sinceState=self.state, maxChanges=most
                )
            except Refused as refused:
                if refused.type != "cannotCalculateChanges":
                    raise
                self.reloads += most >= max(PIECES) and upheavals == self.upheavals and self.type not in UNTOLD
                self.upheavals = upheavals
                await self.load()
                return
            self.told += 1
            await self._take(answer, most)
            if not answer["hasMoreChanges"]:
                self.upheavals = upheavals
                return
        raise AssertionError(f"the changes of {self.type} never end")

    async def _take(self, answer: Mapping[str, Any], most: int) -> None:
        created, updated, destroyed = (answer[name] for name in ("created", "updated", "destroyed"))
        named = [*created, *updated, *destroyed]
        assert len(named) == len(set(named)) <= most, f"{self.type} names ids twice, or more than {most}"
        assert answer["oldState"] == self.state
        if answer["hasMoreChanges"]:
            assert answer["newState"] != self.state, "a client that goes on would never end"
        if not self.type.startswith("Thread"):
            assert not self.objects.keys() & set(created), f"{self.type} says created of what is known"
        for id_ in destroyed:
            self.objects.pop(id_, None)
        only = answer.get("updatedProperties")
        await self._get(created, None)
        await self._get(updated, only)
        self.state = answer["newState"]

    async def _get(self, ids: Sequence[str], only: Sequence[str] | None) -> None:
        if not ids:
            return
        told = await self.client.call(
            f"{self.type}/get", accountId=self.account, ids=list(ids), properties=only or SHOWN.get(self.type)
        )
        for one in told["list"]:
            known = self.objects.get(one["id"], {}) if only else {}
            self.objects[one["id"]] = {**known, **one}
        for id_ in told["notFound"]:
            self.objects.pop(id_, None)

    async def check(self, about: str, upheavals: int = 0) -> None:
        """Compare with everything that is there."""
        await self.follow(upheavals)
        found, _ = await everything(self.client, self.account, self.type)
        for id_ in self.objects.keys() | found.keys():
            ours, theirs = self.objects.get(id_), found.get(id_)
            assert ours == theirs, f"{about}: {self.type} {id_} of {self.account}: {_apart(ours, theirs)}"


def _apart(ours: Mapping[str, Any] | None, theirs: Mapping[str, Any] | None) -> str:
    if ours is None:
        return f"was never told: {theirs}"
    if theirs is None:
        return f"is gone, which was not told: {ours}"
    names = ours.keys() | theirs.keys()
    return "; ".join(
        f"{name} is {ours.get(name)!r} where the server has {theirs.get(name)!r}"
        for name in sorted(names)
        if ours.get(name) != theirs.get(name)
    )


async def everything(client: Client, account: str, kind: str) -> tuple[dict[str, dict[str, Any]], str]:
    """Return all objects of a type by id, and the state before they were read."""
    state = (await client.call(f"{kind}/get", accountId=account, ids=[]))["state"]
    ids: list[str] | None = None
    if kind in {"Email", "Thread"}:
        ids = (await client.call("Email/query", accountId=account, limit=500))["ids"]
    if kind == "Thread":
        emails = await client.call("Email/get", accountId=account, ids=ids, properties=["threadId"])
        ids = sorted({one["threadId"] for one in emails["list"]})
    told = await client.call(f"{kind}/get", accountId=account, ids=ids, properties=SHOWN.get(kind))
    assert told["notFound"] == []
    return {one["id"]: one for one in told["list"]}, state


@dataclass
class Device:
    """A JMAP client with copies of some types of its accounts, others' among them as far as it may see them."""

    client: Client
    types: Sequence[str]
    chance: random.Random
    accounts: Sequence[str] = ()
    pieces: Sequence[int] = PIECES
    copies: dict[tuple[str, str], Copy] = field(default_factory=dict)
    told: int = 0
    reloads: int = 0

    async def follow(self, about: str = "", *, check: bool = False, upheavals: int = 0) -> None:
        """Follow every copy, and with ``check`` compare each with the server.

        ``upheavals`` is how many edits there were after which everything may have to be read anew.
        """
        for account in (self.client.account, *self.accounts):
            for kind in self.types:
                await self._one(account, kind, about, check, upheavals)

    async def _one(self, account: str, kind: str, about: str, check: bool, upheavals: int) -> None:
        key = account, kind
        copy = self.copies.get(key)
        try:
            if copy is None:
                copy = Copy(self.client, account, kind, self.chance, pieces=self.pieces, upheavals=upheavals)
                await copy.load()
                self.copies[key] = copy
            elif not check:
                await copy.follow(upheavals)
            if check:
                await copy.check(about, upheavals)
        except Refused as refused:
            if account == self.client.account or refused.type not in {
                "accountNotFound",
                "accountNotSupportedByMethod",
            }:
                raise AssertionError(f"{about}: {kind} of {account}: {refused}") from refused
            if known := self.copies.pop(key, None):
                self.told, self.reloads = self.told + known.told, self.reloads + known.reloads

    @property
    def counted(self) -> tuple[int, int]:
        """How many answers told changes, and how often everything had to be read anew."""
        copies = self.copies.values()
        return self.told + sum(one.told for one in copies), self.reloads + sum(one.reloads for one in copies)


@dataclass
class DavDevice:
    """A DAV client that knows the objects of one home from sync-collection alone."""

    dav: Dav
    login: str
    home: str  # /anna/Calendar/
    chance: random.Random
    known: dict[str, dict[str, str]] = field(default_factory=dict)  # collection → href → ETag
    tokens: dict[str, str] = field(default_factory=dict)

    async def collections(self) -> list[str]:
        """Return the paths of the collections that are the person's own."""
        answers = await self.dav.propfind(self.home, "{DAV:}resourcetype", depth="1", as_=self.login)
        return [
            href.removeprefix("/SOGo/dav")
            for href in answers.hrefs
            if not href.endswith((self.home, "/Contacts/local/")) and b"collection" in _xml(answers, href)
        ]

    async def follow(self, *, check: bool = False) -> None:
        """Synchronise each collection, and with ``check`` compare it with a listing."""
        there = await self.collections()
        for gone in self.known.keys() - set(there):
            del self.known[gone], self.tokens[gone]
        for path in there:
            known = self.known.setdefault(path, {})
            token = self.tokens.get(path, "")
            for _ in range(PAGES_MAX):
                limit = self.chance.choice((1, 2, 100))
                answers = await self._sync(path, token, limit)
                if answers is None:  # another collection of that name by now
                    known.clear()
                    token = ""
                    continue
                token = answers.root.findtext("{DAV:}sync-token") or ""
                itself = f"/SOGo/dav{path}"
                for href in answers.hrefs:
                    if href == itself:
                        continue
                    if "404" in status_of(answers, href):
                        known.pop(href, None)
                    else:
                        known[href] = answers.text("{DAV:}getetag", href)
                if itself not in answers.hrefs:
                    break
            self.tokens[path] = token
            if check:
                listed = await self.dav.propfind(path, "{DAV:}getetag", depth="1", as_=self.login)
                etags = {href: listed.text("{DAV:}getetag", href) for href in listed.hrefs if not href.endswith("/")}
                assert known == etags, f"sync-collection of {path}"

    async def _sync(self, path: str, token: str, limit: int) -> Answers | None:
        asked = (
            f"<D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
            f"<D:limit><D:nresults>{limit}</D:nresults></D:limit><D:prop><D:getetag/></D:prop>"
        )
        body = document("D:sync-collection", asked)
        response = await self.dav.request("REPORT", path, body, self.login, depth="0")
        if response.status == 403:
            assert b"valid-sync-token" in response.body
            return None
        assert response.status == 207, response
        return Answers(response.body)


def _xml(answers: Answers, href: str) -> bytes:
    types = answers.found(href).get("{DAV:}resourcetype")
    return b" ".join(one.tag.encode() for one in types) if types is not None else b""
