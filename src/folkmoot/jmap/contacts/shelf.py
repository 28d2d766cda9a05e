"""The address books of an account: stored ones with the subscriber's own view of them, and user sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from folkmoot.addressbooks.default_book import PERSONAL, DefaultBook
from folkmoot.collections.access import Seen
from folkmoot.collections.content import Place
from folkmoot.collections.subscriptions import Mount
from folkmoot.core.ids import CollectionId
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.contacts.ids import book_id, source_id
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.sharing.rights import told_rights
from folkmoot.jmap.sharing.share_with import ShareWith, shares_of_home
from folkmoot.store.records import Collection, Kind


@dataclass(frozen=True, slots=True)
class Book:
    """One address book, what the caller may do with it, and the subscription that shows it otherwise."""

    seen: Seen
    mount: Mount | None
    own: bool
    is_default: bool
    source: str | None = None  # the user source that it is
    must_search: bool = False

    @property
    def id(self) -> str:
        return book_id(self.seen.collection.id) if self.source is None else source_id(self.source)

    @property
    def place(self) -> Place:
        stored = self.seen.collection
        return Place(stored.owner, stored.kind, stored.name)

    @property
    def shown(self) -> Collection:
        """The book with the subscriber's own properties over its owner's."""
        return self.seen.collection if self.mount is None else self.mount.over(self.seen.collection)


async def books_of(context: Context, account: Account) -> list[Book]:
    """Return an account's address books by name; in the own account, user sources follow."""
    services, caller = context.services, context.caller
    own = account.owner == caller.principal
    found = await services.collections.home(caller, account.owner, Kind.ADDRESSBOOK)
    if not own:
        mounted = await services.subscriptions.home(caller, caller.principal, Kind.ADDRESSBOOK)
        mounts = {one.mount.place.name: one.mount for one in mounted if one.mount.place.owner == account.owner}
        return [Book(seen, mounts.get(seen.collection.name), own=False, is_default=False) for seen in found]
    default = await DefaultBook(services.people, services.collections).name(account.owner)
    if all(seen.collection.name != default for seen in found):
        default = PERSONAL
    books = [Book(seen, None, own=True, is_default=seen.collection.name == default) for seen in found]
    for seen in await services.directory_books.home(caller, account.owner):
        name = seen.collection.name
        must_search = services.directory_books.must_search(name)
        books.append(Book(seen, None, own=True, is_default=False, source=name, must_search=must_search))
    return books


async def objects_of(context: Context, account: Account) -> dict[str, dict[str, Any]]:
    """Return the AddressBooks of an account by id."""
    shares = await shares_of_home(context, account, Kind.ADDRESSBOOK)
    return {one.id: address_book(one, shares) for one in await books_of(context, account)}


def address_book(one: Book, shares: Mapping[CollectionId, ShareWith]) -> dict[str, Any]:
    """Return an AddressBook."""
    properties = one.shown.properties
    rights = told_rights(Kind.ADDRESSBOOK, one.seen.rights)
    if properties.get("read_only"):
        rights["mayWrite"] = False
    if one.source is not None:
        rights |= {"mayShare": False, "mayDelete": False}
    rights["mayDelete"] = rights["mayDelete"] and not one.is_default and not _must_exist(one)
    return {
        "id": one.id,
        "name": _text(properties, "displayname") or one.shown.name,
        "description": _text(properties, "description"),
        "sortOrder": _order(properties.get("order")),
        "isDefault": one.is_default,
        "isSubscribed": one.own or one.mount is not None,
        "shareWith": shares.get(one.seen.collection.id) or None if one.source is None else None,
        "myRights": rights,
        "source": "own" if one.source is None else "directory",
        "mustSearch": one.must_search,
    }


def _must_exist(one: Book) -> bool:
    return one.own and one.source is None and one.seen.collection.name in {PERSONAL, "collected"}


def _text(properties: Mapping[str, object], key: str) -> str | None:
    found = properties.get(key)
    return found if isinstance(found, str) and found else None


def _order(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
