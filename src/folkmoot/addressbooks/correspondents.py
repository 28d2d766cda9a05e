"""People whom somebody writes with, in that person's own address books: what is known of them, and who is new.

Mail asks for certificates to encrypt with, and has those it wrote to kept (``mailboxes`` names what it wants as
protocols, as services do not know each other).
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

from folkmoot.addressbooks.correspondent_cards import card_text, certificates_of, new_card, with_certificates
from folkmoot.addressbooks.service import AddressBooks
from folkmoot.collections.access import Seen
from folkmoot.collections.collections import Collections
from folkmoot.collections.content import Condition, Place
from folkmoot.collections.objects import Objects
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, MalformedInput, NotFound, PreconditionFailed
from folkmoot.core.ids import ResourceName
from folkmoot.directory.directory import Directory
from folkmoot.mail.addresses import header_text, mailbox
from folkmoot.mail.smime import Certificate
from folkmoot.mime.headers import MailAddress
from folkmoot.store.records import Kind, StoredObject
from folkmoot.vcard import AddressFilter, Card, MatchType, PropFilter, TextMatch, parse, summarize

COLLECTED: Final = "collected"  # the default book of those written to
BOOKS_MAX: Final = 50  # of one person that are looked through
CARDS_MAX: Final = 1_000  # of one book that may have one of the addresses
ADDRESSES_MAX: Final = 500  # asked for at once; a message has no more recipients
COLLECTED_MAX: Final = 100  # new cards of one message: who writes to more sends to a list of some kind
ATTEMPTS: Final = 3  # at a card that others change at the same time
NAME_MAX: Final = 200  # characters
_VCARD: Final = "text/vcard; charset=utf-8"


class Correspondents:
    """What the callers' own address books know of mail addresses."""

    def __init__(
        self, collections: Collections, objects: Objects, addressbooks: AddressBooks, directory: Directory
    ) -> None:
        self._collections = collections
        self._objects = objects
        self._addressbooks = addressbooks
        self._directory = directory

    async def certificates_for(self, caller: Caller, addresses: Sequence[str]) -> dict[str, list[Certificate]]:
        """Return the certificates in cards with these addresses, by address in lower case; of some there are none."""
        wanted = _folded(addresses)
        found: dict[str, list[Certificate]] = {}
        for _, stored in await self._cards(caller, wanted):
            card = parse(stored.body)
            certificates = certificates_of(card)
            for address in _addresses_of(card) & wanted if certificates else ():
                found.setdefault(address, []).extend(certificates)
        return found

    async def keep_certificates(
        self, caller: Caller, person: MailAddress, certificates: Sequence[Certificate], *, book: str = COLLECTED
    ) -> None:
        """Put certificates into the first of the caller's cards with this address, or into a new one in ``book``.

        Raises:
            MalformedInput: no address, or none of the certificates is of it.
            PreconditionFailed: others keep changing that card.
        """
        address = mailbox(person.address)
        fitting = [one for one in certificates if one.covers(address)]
        if not fitting:
            raise MalformedInput(f"not a certificate of {address}")
        for _ in range(ATTEMPTS):
            try:
                return await self._keep(caller, address, person.name, fitting, book)
            except (Conflict, PreconditionFailed):  # somebody else was faster: look again
                continue
        raise PreconditionFailed("the card keeps changing; try again")

    async def collect(self, caller: Caller, people: Sequence[MailAddress], *, book: str = COLLECTED) -> int:
        """Make cards for those who are in none of the caller's books and not of this server; return how many.

        Raises:
            Unavailable: the directory or the database does not answer.
        """
        wanted: dict[str, MailAddress] = {}
        for one in people[:ADDRESSES_MAX]:
            wanted.setdefault(one.address.strip().lower(), one)
        for _, stored in await self._cards(caller, frozenset(wanted)):
            for address in _addresses_of(parse(stored.body)):
                wanted.pop(address, None)
        if not wanted:
            return 0
        place = await self._book(caller, book)
        made = 0
        for one in list(wanted.values())[:COLLECTED_MAX]:
            if await self._directory.find_by_mail(one.address) is None:
                made += await self._add(caller, place, one)
        return made

    async def _add(self, caller: Caller, place: Place, person: MailAddress) -> bool:
        try:
            address = mailbox(person.address)
        except MalformedInput:
            return False
        try:
            await self._put_new(caller, place, new_card(_uid(address), address, _name(person.name)))
        except (Conflict, PreconditionFailed):
            # Another message makes it at this moment, or its owner has given that card another address.
            return False
        return True

    async def _keep(self, caller: Caller, address: str, name: str, certificates: list[Certificate], book: str) -> None:
        cards = await self._cards(caller, _folded([address]))
        if not cards:
            bare = new_card(_uid(address), address, _name(name))
            await self._put_new(caller, await self._book(caller, book), with_certificates(bare, certificates) or bare)
            return
        seen, stored = cards[0]
        changed = with_certificates(parse(stored.body), certificates)
        if changed is not None:
            place = _place(seen)
            condition = Condition(match=frozenset({stored.meta.etag}))
            await self._objects.put(caller, place, stored.meta.name, card_text(changed), _VCARD, condition)

    async def _put_new(self, caller: Caller, place: Place, card: Card) -> None:
        name = ResourceName(f"{card.text('UID')}.vcf")
        await self._objects.put(caller, place, name, card_text(card), _VCARD, Condition(none_match=frozenset({"*"})))

    async def _book(self, caller: Caller, name: str) -> Place:
        """Return one of the caller's own books; the one of that purpose if there is none of this name."""
        place = Place(caller.principal, Kind.ADDRESSBOOK, name)
        try:
            await self._collections.seen(caller, place)
        except NotFound:
            return Place(caller.principal, Kind.ADDRESSBOOK, COLLECTED)
        return place

    async def _cards(self, caller: Caller, addresses: frozenset[str]) -> list[tuple[Seen, StoredObject]]:
        """Return the caller's cards with one of these addresses (lower case), each with its book."""
        if not addresses:
            return []
        texts = tuple(TextMatch(address, match_type=MatchType.CONTAINS) for address in sorted(addresses))
        wanted = AddressFilter((PropFilter("EMAIL", text_matches=texts),))
        found = []
        for seen in (await self._collections.home(caller, caller.principal, Kind.ADDRESSBOOK))[:BOOKS_MAX]:
            book, cards, _ = await self._addressbooks.query(caller, _place(seen), wanted, CARDS_MAX)
            found += [(book, one) for one in cards if _addresses_of(parse(one.body)) & addresses]
        return found


def _place(seen: Seen) -> Place:
    return Place(seen.collection.owner, seen.collection.kind, seen.collection.name)


def _folded(addresses: Iterable[str]) -> frozenset[str]:
    distinct = dict.fromkeys(address.strip().lower() for address in addresses)
    return frozenset(list(distinct)[:ADDRESSES_MAX]) - {""}


def _addresses_of(card: Card) -> frozenset[str]:
    return frozenset(mail.strip().lower() for mail in summarize(card).mails)


def _name(text: str) -> str:
    return header_text(text)[:NAME_MAX]


def _uid(address: str) -> str:
    """Return a UID that two messages to the same new person agree on."""
    return sha256(f"correspondent {address.lower()}".encode()).hexdigest()[:32]
