"""The types of contacts; what JSContact says of their parts is checked where it is turned into a vCard."""

from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from folkmoot.jmap.protocol.describing import DataType, Described, Feed, Id, UnsignedInt, immutable, server_set, told

NAME_MAX: Final = 255

Name = Annotated[str, Meta(min_length=1, max_length=NAME_MAX)]
Map = dict[str, dict[str, Any]]


class AddressBookRights(Described, kw_only=True):
    """What the caller may do with an address book."""

    may_read: bool = False
    may_write: bool = False
    may_share: bool = False
    may_delete: bool = False


class AddressBookBody(Described, kw_only=True):
    """An address book (RFC 9610 section 2)."""

    id: Annotated[Id, server_set]
    name: Name
    description: str | None = None
    sort_order: UnsignedInt = 0
    is_default: Annotated[bool, server_set] = False
    is_subscribed: bool = True
    share_with: dict[Id, dict[str, Any]] | None = None
    my_rights: Annotated[AddressBookRights, server_set]
    source: Annotated[
        Literal["own", "directory"],
        server_set,
        told("where cards come from: written by people, or a user source of the server"),
    ] = "own"
    must_search: Annotated[bool, server_set, told("whether it tells cards only to who searches")] = False


class ContactCardBody(Described, kw_only=True):
    """A contact or a group: what JMAP adds (RFC 9610 section 3) to a JSContact Card (RFC 9553 section 2)."""

    id: Annotated[Id, server_set]
    address_book_ids: Annotated[dict[str, bool] | None, told("one id; the default book if nothing is said")] = None
    uid: Annotated[str, immutable] = ""
    kind: str = "individual"
    created: Annotated[str | None, told("when it came to this server; what clients say is not kept")] = None
    updated: Annotated[str | None, told("when it was last written; what clients say is not kept")] = None
    prod_id: str | None = None
    language: str | None = None
    name: dict[str, Any] | None = None
    nicknames: Map | None = None
    organizations: Map | None = None
    speak_to_as: dict[str, Any] | None = None
    titles: Map | None = None
    emails: Map | None = None
    online_services: Map | None = None
    phones: Map | None = None
    preferred_languages: Map | None = None
    calendars: Map | None = None
    scheduling_addresses: Map | None = None
    addresses: Map | None = None
    crypto_keys: Map | None = None
    directories: Map | None = None
    links: Map | None = None
    media: Map | None = None
    localizations: Map | None = None
    anniversaries: Map | None = None
    keywords: dict[str, bool] | None = None
    members: dict[str, bool] | None = None
    notes: Map | None = None
    personal_info: Map | None = None
    related_to: Map | None = None


ADDRESS_BOOK: Final = DataType("AddressBook", AddressBookBody, Feed.ADDRESSBOOKS)
CONTACT_CARD: Final = DataType("ContactCard", ContactCardBody, Feed.ADDRESSBOOKS, open=True)
