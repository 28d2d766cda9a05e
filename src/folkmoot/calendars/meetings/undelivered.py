"""Writes into a meeting that a message by mail could not be delivered (SCHEDULE-STATUS, RFC 6638 section 7.3)."""

from dataclasses import dataclass
from typing import Final

from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict, MalformedInput, PreconditionFailed
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.ical import Component, calendar_address, parse
from folkmoot.ical import format as format_calendar
from folkmoot.scheduling.meeting import address_of, components
from folkmoot.scheduling.values import Address
from folkmoot.store import meetings, objects
from folkmoot.store.records import etag_of
from folkmoot.store.writing import get_whole

ATTEMPTS_MAX: Final = 5  # against other writers of the same object
NO_SUCH_USER: Final = "3.7"
NOT_DELIVERED: Final = "5.1"


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Tells senders, in their own calendars, who could not be reached."""

    database: Database
    clock: Clock

    async def note(self, owner: PrincipalId, uid: str, address: str, status: str) -> None:
        """Give an attendee or organizer of a meeting a status, in all copies that ``owner`` has.

        The Schedule-Tag stays: nothing has changed for whoever edits the meeting.

        Raises:
            Conflict: others write the object all the time.
            Unavailable: the database does not answer.
        """
        wanted = Address(calendar_address(address))

        async def work(tx: Transaction) -> None:
            for copy in await meetings.copies(tx, [owner], uid):
                stored = copy.stored
                calendar = _marked(stored.body, wanted, status)
                if calendar is None:
                    continue
                _, index = await get_whole(tx, copy.collection.id, stored.meta.name)
                body = format_calendar(calendar).encode("utf-8", "replace")
                await objects.put(
                    tx,
                    copy.collection.id,
                    stored.meta.name,
                    body=body,
                    etag=etag_of(body),
                    content_type=stored.meta.content_type,
                    index=index,
                    now=self.clock.milliseconds(),
                    if_match=stored.meta.etag,
                    must_be_new=False,
                )

        for _ in range(ATTEMPTS_MAX):
            try:
                return await self.database.write(work)
            except PreconditionFailed:
                continue
        raise Conflict("the meeting is being written all the time")


def _marked(body: bytes, address: Address, status: str) -> Component | None:
    """Return the object with the status, ``None`` if that changes nothing."""
    try:
        calendar = parse(body)
    except MalformedInput:
        return None
    changed = False
    for component in components(calendar):
        for position, line in enumerate(component.properties):
            if line.name not in {"ATTENDEE", "ORGANIZER"} or address_of(line) != address:
                continue
            if line.param("SCHEDULE-STATUS") != status:
                component.properties[position] = line.with_param("SCHEDULE-STATUS", status)
                changed = True
    return calendar if changed else None
