"""What clients name to use contacts (RFC 9610 section 1.5)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from folkmoot.jmap.accounts import Account
from folkmoot.jmap.contacts import book_methods
from folkmoot.jmap.contacts.cards import follow, load
from folkmoot.jmap.contacts.copying import copy
from folkmoot.jmap.contacts.describing import ADDRESS_BOOK, CONTACT_CARD
from folkmoot.jmap.contacts.parsing import CardParseArguments, parse_blobs
from folkmoot.jmap.contacts.pictures import holders_of, open_picture
from folkmoot.jmap.contacts.querying import search
from folkmoot.jmap.contacts.writing import CardSetter
from folkmoot.jmap.protocol.calling import BlobHolders, Capability, Context, Method
from folkmoot.jmap.protocol.standard import (
    changes_method,
    copy_method,
    get_method,
    query_method,
    set_method,
    untold_query_changes,
)
from folkmoot.store.records import Kind

URN: Final = "urn:ietf:params:jmap:contacts"
PARSE_URN: Final = "urn:ietf:params:jmap:contacts:parse"


async def _state(context: Context, account: Account) -> str:
    return await context.services.home_objects.state(context.caller, account.owner, Kind.ADDRESSBOOK)


def _account(context: Context, account: Account) -> Mapping[str, Any] | None:
    if not account.addressbooks:
        return None
    return {"maxAddressBooksPerCard": 1, "mayCreateAddressBook": account.owner == context.caller.principal}


_SET: Final = set_method(CONTACT_CARD, CardSetter)
CONTACTS: Final = Capability(
    URN,
    methods=(
        *book_methods.METHODS,
        get_method(CONTACT_CARD, load),
        changes_method(CONTACT_CARD, follow),
        query_method(CONTACT_CARD, search),
        untold_query_changes(CONTACT_CARD, "ContactCard/query is asked again"),
        _SET,
        copy_method(CONTACT_CARD, copy, _state, _SET),
    ),
    types=(ADDRESS_BOOK, CONTACT_CARD),
    states={"AddressBook": book_methods.state, "ContactCard": _state},
    account=_account,
    blobs={"B": open_picture},
    holders={"B": BlobHolders(frozenset({"ContactCard"}), holders_of)},
)
PARSE: Final = Capability(
    PARSE_URN,
    methods=(Method("ContactCard/parse", CardParseArguments, parse_blobs),),
    account=lambda _context, account: {} if account.addressbooks else None,
    document="One blob holds one vCard; `parsed` maps blob ids to Cards, as in Stalwart.",
)
CAPABILITIES: Final[Sequence[Capability]] = (CONTACTS, PARSE)
