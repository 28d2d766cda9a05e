"""Completing what somebody types into an address field, from all books and directories at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from folkmoot.addressbooks.service import AddressBooks
from folkmoot.collections.access import Seen
from folkmoot.collections.collections import Collections
from folkmoot.collections.subscriptions import Subscriptions
from folkmoot.core.caller import Caller
from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import ObjectId, PrincipalId
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.store.records import Kind, StoredObject
from folkmoot.vcard import Needle, Prefilter, parse, search_fold, summarize

TEXT_MAX: Final = 200  # characters typed
WORDS_MAX: Final = 8
BOOKS_MAX: Final = 100  # own and subscribed
CARDS_MAX: Final = 60  # of one book that are read; whoever has more of a name types on
SUGGESTIONS_MAX: Final = 100
_PROPERTIES: Final = ("FN", "N", "NICKNAME", "EMAIL", "ORG")
_COLLECTED: Final = "collected"


class SuggestionKind(StrEnum):
    """What is suggested."""

    PERSON = "person"
    GROUP = "group"  # of the directory
    LIST = "list"  # a card with members
    RESOURCE = "resource"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One address, or one list of them, with the place where it was found."""

    name: str
    address: str  # empty for a list
    kind: SuggestionKind
    book: Seen | None = None
    card: ObjectId | None = None
    principal: PrincipalId | None = None


class SearchedPeople(Protocol):
    """What is needed of the directory."""

    async def search(self, caller: Caller, *, text: str, limit: int) -> Sequence[Principal]:
        """Return principals that the caller may find."""

    def addresses(self, principal: Principal) -> tuple[str, ...]:
        """Return a principal's mail addresses, the main one first."""


class Completing:
    """Completes names and addresses."""

    def __init__(
        self, collections: Collections, subscriptions: Subscriptions, books: AddressBooks, people: SearchedPeople
    ) -> None:
        self._collections = collections
        self._subscriptions = subscriptions
        self._books = books
        self._people = people

    async def complete(self, caller: Caller, text: str, limit: int = 20) -> list[Suggestion]:
        """Return whom the words may mean, the likeliest first: each word stands in a name, address or organization.

        Who has the words at the start of a name or address comes before who has them within; own books before
        subscribed ones, directories and collected addresses.  Of one address there is one suggestion.

        Raises:
            MalformedInput: too long a text.
        """
        if len(text) > TEXT_MAX:
            raise MalformedInput(f"at most {TEXT_MAX} characters")
        words = [search_fold(word) for word in text.split()][:WORDS_MAX]
        if not words or limit <= 0:
            return []
        found = [*await self._of_books(caller, words), *await self._of_directory(caller, text)]
        distinct: dict[str, tuple[tuple[int, int, str], Suggestion]] = {}
        for place, one in found:
            key = one.address.casefold() or f"{one.kind}:{one.card}"
            rank = (_distance(one, words), place, search_fold(one.name or one.address))
            if key not in distinct or rank < distinct[key][0]:
                distinct[key] = rank, one
        ordered = sorted(distinct.values(), key=lambda pair: pair[0])
        return [one for _, one in ordered[: min(limit, SUGGESTIONS_MAX)]]

    async def _of_books(self, caller: Caller, words: Sequence[str]) -> list[tuple[int, Suggestion]]:
        own = await self._collections.home(caller, caller.principal, Kind.ADDRESSBOOK)
        subscribed = await self._subscriptions.home(caller, caller.principal, Kind.ADDRESSBOOK)
        books = [*own, *(one.seen for one in subscribed)][:BOOKS_MAX]
        wanted = Prefilter(tuple(tuple(Needle(name, word) for name in _PROPERTIES) for word in words), exact=True)
        return [
            (_place(seen, caller), one)
            for seen, stored in await self._books.find(books, wanted, CARDS_MAX)
            for one in _suggestions(seen, stored, words)
        ]

    async def _of_directory(self, caller: Caller, text: str) -> list[tuple[int, Suggestion]]:
        found = []
        for principal in await self._people.search(caller, text=text, limit=SUGGESTIONS_MAX):
            addresses = self._people.addresses(principal)
            if addresses:
                kind = _KINDS.get(principal.kind, SuggestionKind.RESOURCE)
                found.append((2, Suggestion(principal.display_name, addresses[0], kind, principal=principal.id)))
        return found


_KINDS: Final = {PrincipalKind.INDIVIDUAL: SuggestionKind.PERSON, PrincipalKind.GROUP: SuggestionKind.GROUP}


def _place(seen: Seen, caller: Caller) -> int:
    if seen.collection.owner != caller.principal:
        return 1
    return 3 if seen.collection.name == _COLLECTED else 0


def _suggestions(seen: Seen, stored: StoredObject, words: Sequence[str]) -> Iterator[Suggestion]:
    try:
        card = summarize(parse(stored.body))
    except MalformedInput:  # what was taken over as it was, and never read
        return
    name = card.title or stored.meta.title
    if card.component == "VLIST" or card.kind.casefold() == "group":
        yield Suggestion(name, "", SuggestionKind.LIST, seen, stored.meta.oid)
        return
    said = "\n".join(line for line in card.search.split("\n") if not line.startswith("EMAIL:"))
    for address in card.mails:
        # What was typed may mean another address of the card.
        if "@" in address and all(word in said or word in search_fold(address) for word in words):
            yield Suggestion(name, address, SuggestionKind.PERSON, seen, stored.meta.oid)


def _distance(one: Suggestion, words: Sequence[str]) -> int:
    """Return 0 if all that was typed begins the name or address, 1 if each word begins one of theirs, else 2."""
    name, address = search_fold(one.name), search_fold(one.address)
    whole = " ".join(words)
    if name.startswith(whole) or address.startswith(whole):
        return 0
    parts = [*name.split(), *_parts(address)]
    return 1 if all(any(part.startswith(word) for part in parts) for word in words) else 2


def _parts(address: str) -> Iterable[str]:
    local, _, domain = address.partition("@")
    return [address, *local.replace("_", ".").replace("-", ".").split("."), domain]
