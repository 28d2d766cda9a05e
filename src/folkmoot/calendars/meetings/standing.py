"""What became of a meeting in somebody's own calendars: for who reads an invitation by mail."""

from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError
from folkmoot.database import Database, Transaction
from folkmoot.directory.directory import Directory
from folkmoot.ical import calendar_address, parse
from folkmoot.store.meetings import Copy, copies

ORGANIZER: Final = "organizer"
FILED: Final = "filed"  # it is there, and says nothing of this person
READ_MAX: Final = 20  # copies that are looked at
_COMPONENTS: Final = ("VEVENT", "VTODO")
_UNANSWERED: Final = "NEEDS-ACTION"  # RFC 5545 section 3.2.12


class Standing:
    """Tells how somebody stands to a meeting."""

    def __init__(self, database: Database, directory: Directory) -> None:
        self._database = database
        self._directory = directory

    async def of(self, caller: Caller, uid: str) -> str:
        """Return the caller's answer (``accepted``, ``needs-action`` ...), ``organizer`` or ``filed``; "": not there.

        Raises:
            Unavailable: the directory or the database does not answer.
        """
        if caller.anonymous or not uid or "Calendar" in caller.denied:
            return ""
        person = await self._directory.find(caller.principal)
        own = frozenset(one.lower() for one in self._directory.addresses(person)) if person is not None else frozenset()

        async def work(tx: Transaction) -> list[Copy]:
            return await copies(tx, [caller.principal], uid)

        found = ""
        for copy in (await self._database.read(work))[:READ_MAX]:
            standing = _standing(copy.stored.body, own)
            if standing != FILED:
                return standing
            found = found or standing
        return found


def _standing(body: bytes, own: frozenset[str]) -> str:
    try:
        calendar = parse(body)
    except FolkmootError:
        return FILED
    for component in (one for name in _COMPONENTS for one in calendar.children(name)):
        organizer = component.get("ORGANIZER")
        if organizer is not None and calendar_address(organizer.value) in own:
            return ORGANIZER
        for attendee in component.all("ATTENDEE"):
            if calendar_address(attendee.value) in own:
                return (attendee.param("PARTSTAT") or _UNANSWERED).lower()
    return FILED
