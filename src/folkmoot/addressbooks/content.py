"""What an address book accepts, and the index columns that follow from a card (RFC 6352 section 5.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from folkmoot.collections.content import (
    Checked,
    DefaultCollection,
    LimitExceeded,
    Place,
    Settling,
    UnsupportedMediaType,
    WriteOptions,
)
from folkmoot.collections.settling import PlainSettling
from folkmoot.core.caller import Caller
from folkmoot.database.statement import Transaction
from folkmoot.store.records import Collection, IndexRow, Kind
from folkmoot.vcard import Birthday, Card, birthdays, check_address_object, parse, summarize

_MEDIA_TYPES: Final = frozenset(
    ["", "text/vcard", "text/x-vcard", "text/directory", "application/octet-stream", "text/plain"]
)
_NAMES_A_DAY: Final = re.compile(rb"BDAY|ANNIVERSARY|X-ABDATE", re.IGNORECASE)
_SEARCH_MAX: Final = 16_000  # characters; a card that says more is found by reading it


class BirthdayCalendar(Protocol):
    """Where the birthdays of a book's cards are shown; implemented by the calendars."""

    async def show(self, tx: Transaction, book: Collection, name: str, found: Sequence[Birthday]) -> None:
        """Make the owner's birthday calendar show just ``found`` for this card."""

    async def forget(self, tx: Transaction, book: Collection) -> None:
        """Remove all that the owner's birthday calendar shows for this book."""


@dataclass(frozen=True, slots=True)
class AddressBookContent:
    """The rules of address books; ``size_max`` is in octets of one card."""

    birthday_calendar: BirthdayCalendar | None = None
    size_max: int = 10 * 1024 * 1024
    kind: Kind = Kind.ADDRESSBOOK
    suffix: str = ".vcf"
    defaults: Sequence[DefaultCollection] = (
        DefaultCollection("personal", {"displayname": "Personal Address Book"}),
        DefaultCollection("collected", {"displayname": "Collected Address Book"}),
    )

    def check(self, body: bytes, content_type: str, collection: Collection) -> Checked:
        """Accept one card or list; the stored bytes are the client's.

        Raises:
            UnsupportedMediaType: it is not a vCard.
            MalformedInput: it does not parse, or is not one card.
            LimitExceeded: too large.
        """
        if content_type.partition(";")[0].strip().lower() not in _MEDIA_TYPES:
            raise UnsupportedMediaType("an address book takes text/vcard only")
        if len(body) > self.size_max:
            raise LimitExceeded("max-resource-size", f"a card holds at most {self.size_max} octets")
        card = parse(body)
        check_address_object(card)
        return Checked(body, "text/vcard; charset=utf-8", index_row(card))

    def settling(self, caller: Caller, place: Place, options: WriteOptions) -> Settling:
        """Return what settles the writes of one request."""
        return PlainSettling()

    async def written(
        self, tx: Transaction, collection: Collection, name: str, present: Checked | None, *, existed: bool
    ) -> None:
        """Keep the birthday calendar in step with the card."""
        if self.birthday_calendar is None:
            return
        found: Sequence[Birthday] = ()
        # Most cards name no day: a look at the text spares the second parse.
        if present is not None and _NAMES_A_DAY.search(present.body):
            found = birthdays(parse(present.body))
        if found or existed:
            await self.birthday_calendar.show(tx, collection, name, found)

    async def removed(self, tx: Transaction, collection: Collection) -> None:
        """Take the book's birthdays away."""
        if self.birthday_calendar is not None:
            await self.birthday_calendar.forget(tx, collection)


def index_row(card: Card) -> IndexRow:
    """Return the index columns of a card."""
    summary = summarize(card)
    return IndexRow(
        uid=summary.uid or None,
        component=summary.component,
        starts_at=None,
        ends_at=None,
        exact=True,
        transparent=True,
        classification=0,
        status="",
        title=summary.title,
        search=summary.search if len(summary.search) <= _SEARCH_MAX else None,
    )
