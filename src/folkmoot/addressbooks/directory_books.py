"""User sources as address books that everybody may read: SOGo's global address books.

Their cards are made of what the directory says at the moment; nothing of them is stored, locked or synchronised.
"""

from collections.abc import Collection as Names
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from folkmoot.addressbooks.directory_card import directory_object
from folkmoot.collections.access import Seen
from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound
from folkmoot.core.ids import CollectionId, PrincipalId, ResourceName, Revision
from folkmoot.directory.domains import Domains
from folkmoot.directory.principal import Principal
from folkmoot.directory.source import UserSource
from folkmoot.sharing.rights import rights_of_roles
from folkmoot.store.records import Collection, Kind, StoredObject
from folkmoot.vcard import AddressFilter, match, parse

CARDS_MAX: Final = 1_000  # of one answer; a book of 50,000 people is searched, never listed
SEARCHES_MAX: Final = 8  # texts of one filter that the source is asked for; clients send the one that was typed
_VIEWER: Final = rights_of_roles(["ObjectViewer"])


class BookDirectory(Protocol):
    """What is needed of the directory."""

    @property
    def address_books(self) -> Sequence[UserSource]:
        """The sources that are shown as address books."""

    @property
    def domains(self) -> Domains:
        """Who finds people of which domain."""

    async def find(self, principal: PrincipalId) -> Principal | None:
        """Return a principal by its id."""


class DirectoryBooks:
    """The address books that the administrator keeps, by their ids."""

    def __init__(self, directory: BookDirectory) -> None:
        self._directory = directory
        self._sources = {source.id: source for source in directory.address_books}

    def reserves(self, name: str) -> bool:
        """Whether an address book of this name is the directory's, in everybody's home."""
        return name in self._sources

    async def home(self, caller: Caller, owner: PrincipalId) -> list[Seen]:
        """Return the books that the caller finds in its own home, in the configured order."""
        if caller.anonymous or caller.principal != owner or not self._sources:
            return []
        domains = await self._domains(caller)
        return [_seen(source, owner) for source in self._sources.values() if _visible(source, domains)]

    async def find(self, caller: Caller, owner: PrincipalId, name: str) -> Seen | None:
        """Return the book of this name, if it is one and the caller may see it."""
        source = self._sources.get(name)
        if source is None or caller.anonymous or not _visible(source, await self._domains(caller)):
            return None
        return _seen(source, owner)

    def must_search(self, name: str) -> bool:
        """Whether a book shows nothing before somebody searches."""
        source = self._sources[name]
        return source.list_requires_dot or not source.first_entries_count

    async def list_(self, caller: Caller, name: str) -> list[StoredObject]:
        """Return the cards that are shown before anybody searches; none where the source wants a search.

        Raises:
            Unavailable: the source does not answer.
        """
        source = self._sources[name]
        if source.list_requires_dot:
            return []
        count = CARDS_MAX if source.first_entries_count < 0 else min(source.first_entries_count, CARDS_MAX)
        found = await source.search("", limit=count, domains=await self._domains(caller)) if count else ()
        return [directory_object(principal) for principal in found]

    async def query(
        self, caller: Caller, name: str, wanted: AddressFilter, limit: int | None
    ) -> tuple[list[StoredObject], bool]:
        """Return the cards that match, at most ``limit``, and whether there are more.

        Raises:
            Unavailable: the source does not answer.
        """
        candidates: dict[str, StoredObject] = {}
        for text in _texts(wanted):
            for principal in await self._sources[name].search(
                text, limit=CARDS_MAX, domains=await self._domains(caller)
            ):
                candidates.setdefault(principal.id, directory_object(principal))
        if not _texts(wanted):
            candidates = {card.meta.name: card for card in await self.list_(caller, name)}
        found = [card for card in candidates.values() if match(parse(card.body), wanted)]
        count = CARDS_MAX if limit is None else min(limit, CARDS_MAX)
        return found[:count], len(found) > count

    async def read_many(self, caller: Caller, name: str, names: Sequence[ResourceName]) -> Mapping[str, StoredObject]:
        """Return those of the named cards that exist for this caller.

        Raises:
            Unavailable: the source does not answer.
        """
        domains = await self._domains(caller)
        wanted = {PrincipalId(one): one for one in names[:CARDS_MAX]}
        found = await self._sources[name].find_many(list(wanted))
        return {
            wanted[principal.id]: directory_object(principal)
            for principal in found
            if principal.id in wanted and (domains is None or (principal.domain or "").casefold() in domains)
        }

    async def read(self, caller: Caller, name: str, card: ResourceName) -> StoredObject:
        """Return one card.

        Raises:
            NotFound: no such principal for this caller.
            Unavailable: the source does not answer.
        """
        found = (await self.read_many(caller, name, [card])).get(card)
        if found is None:
            raise NotFound(f"no such card: {card}")
        return found

    async def _domains(self, caller: Caller) -> Names[str] | None:
        asking = await self._directory.find(caller.principal)
        return self._directory.domains.seen_from(asking.domain if asking is not None else None)


def _visible(source: UserSource, domains: Names[str] | None) -> bool:
    return domains is None or source.domain is None or source.domain.casefold() in domains


def _seen(source: UserSource, owner: PrincipalId) -> Seen:
    properties: dict[str, object] = {"displayname": source.display_name, "read_only": True}
    book = Collection(
        id=CollectionId(0),  # of no stored collection
        owner=owner,
        kind=Kind.ADDRESSBOOK,
        name=source.id,
        properties=properties,
        dead_properties={},
        revision=Revision(0),
        history_start=Revision(0),
        created_at=0,
        modified_at=0,
    )
    return Seen(book, _VIEWER)


def _texts(wanted: AddressFilter) -> list[str]:
    """Return what a card must hold to match, so far as a source can be asked for it."""
    texts = [text.text for one in wanted.prop_filters for text in one.text_matches if text.text and not text.negate]
    return list(dict.fromkeys(texts))[:SEARCHES_MAX]
