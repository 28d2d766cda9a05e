"""``Recipient/query``: people, lists and groups for an address field, as somebody types."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from folkmoot.addressbooks.completing import SUGGESTIONS_MAX, TEXT_MAX, Suggestion
from folkmoot.jmap.accounts import Account, account_id
from folkmoot.jmap.protocol.calling import Answer, Call, Capability, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, DataType, Described, Id, server_set, told
from folkmoot.jmap.sharing.ids import principal_id

CAPABILITY: Final = "https://folkmoot.org/jmap/recipients"
LIMIT: Final = 20


class RecipientBody(Described, kw_only=True):
    """One suggestion; the likeliest comes first, and no address comes twice."""

    name: Annotated[str, server_set]
    email: Annotated[str | None, server_set, told("null for a list, whose members are those of its card")] = None
    kind: Annotated[Literal["person", "group", "list", "resource"], server_set]
    account_id: Annotated[Id | None, server_set, told("where the card is")] = None
    address_book_id: Annotated[Id | None, server_set] = None
    card_id: Annotated[Id | None, server_set] = None
    principal_id: Annotated[Id | None, server_set, told("whom the directory knows")] = None


class RecipientQueryArguments(Arguments):
    """Of ``Recipient/query``."""

    account_id: Id
    text: Annotated[str, Meta(max_length=TEXT_MAX)]
    limit: Annotated[int, Meta(ge=0, le=SUGGESTIONS_MAX)] = LIMIT


async def query(call: Call[RecipientQueryArguments]) -> Answer:
    """Return suggestions; a text shorter than SOGoSearchMinimumWordLength finds none."""
    services, caller, asked = call.services, call.caller, call.arguments
    person = await services.people.find(caller, caller.principal)
    least = services.settings(person.domain if person else None).web.search_letters_min
    text = asked.text.strip()
    found = await services.completing.complete(caller, text, asked.limit) if len(text) >= least else []
    return {"accountId": call.account.id, "list": [_told(one) for one in found]}


def _told(one: Suggestion) -> dict[str, Any]:
    collection = one.book.collection if one.book is not None else None
    return {
        "name": one.name,
        "email": one.address or None,
        "kind": one.kind.value,
        "accountId": account_id(collection.owner) if collection is not None else None,
        "addressBookId": f"c{collection.id}" if collection is not None else None,
        "cardId": f"o{one.card}" if one.card is not None else None,
        "principalId": principal_id(one.principal) if one.principal is not None else None,
    }


def _account(context: Context, account: Account) -> Mapping[str, Any] | None:
    return {} if account == context.accounts.own else None


RECIPIENT: Final = DataType("Recipient", RecipientBody)
RECIPIENTS: Final = Capability(
    CAPABILITY,
    methods=(Method("Recipient/query", RecipientQueryArguments, query, "Suggests recipients for what is typed."),),
    types=(RECIPIENT,),
    account=_account,
)
