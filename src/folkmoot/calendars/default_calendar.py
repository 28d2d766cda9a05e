"""Which of one's calendars invitations go to (RFC 6638 section 9.2)."""

from folkmoot.calendars.meetings.copies import DEFAULT_CALENDAR, PERSONAL
from folkmoot.collections.collections import Collections
from folkmoot.collections.content import Place, ReadOnly
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden
from folkmoot.core.ids import PrincipalId
from folkmoot.sharing.people import People
from folkmoot.store.records import Kind


class DefaultCalendar:
    """Reads and sets the choice."""

    def __init__(self, people: People, collections: Collections) -> None:
        self._people = people
        self._collections = collections

    async def name(self, owner: PrincipalId) -> str:
        """Return the name of the calendar that somebody has chosen; it may be gone since."""
        chosen = (await self._people.profile(owner)).properties.get(DEFAULT_CALENDAR)
        return chosen if isinstance(chosen, str) and chosen else PERSONAL

    async def choose(self, caller: Caller, place: Place) -> None:
        """Have invitations go to this calendar from now on.

        Raises:
            NotFound: there is none.
            ReadOnly: it is computed or fetched from elsewhere.
            Forbidden: it is somebody else's.
        """
        if place.kind is not Kind.CALENDAR or not (caller.superuser or place.owner == caller.principal):
            raise Forbidden("the default calendar is one of one's own")
        seen = await self._collections.seen(caller, place)
        if seen.collection.properties.get("read_only"):
            raise ReadOnly("a calendar that is fetched or computed takes no invitations")
        await self._people.change_profile(caller, place.owner, {DEFAULT_CALENDAR: place.name}, {})
