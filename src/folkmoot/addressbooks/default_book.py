"""Which of one's address books takes what names none."""

from typing import Final

from folkmoot.collections.collections import Collections
from folkmoot.collections.content import Place, ReadOnly
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden
from folkmoot.core.ids import PrincipalId
from folkmoot.sharing.people import People
from folkmoot.store.records import Kind

DEFAULT_BOOK: Final = "default_addressbook"  # the profile's key
PERSONAL: Final = "personal"


class DefaultBook:
    """Reads and sets the choice."""

    def __init__(self, people: People, collections: Collections) -> None:
        self._people = people
        self._collections = collections

    async def name(self, owner: PrincipalId) -> str:
        """Return the name of the address book that somebody has chosen; it may be gone since."""
        chosen = (await self._people.profile(owner)).properties.get(DEFAULT_BOOK)
        return chosen if isinstance(chosen, str) and chosen else PERSONAL

    async def choose(self, caller: Caller, place: Place) -> None:
        """Have new cards go to this address book from now on.

        Raises:
            NotFound: there is none.
            ReadOnly: nobody writes to it.
            Forbidden: it is somebody else's.
        """
        if place.kind is not Kind.ADDRESSBOOK or place.owner != caller.principal:
            raise Forbidden("the default address book is one of one's own")
        seen = await self._collections.seen(caller, place)
        if seen.collection.properties.get("read_only"):
            raise ReadOnly("this address book takes no cards")
        await self._people.change_profile(caller, place.owner, {DEFAULT_BOOK: place.name}, {})
