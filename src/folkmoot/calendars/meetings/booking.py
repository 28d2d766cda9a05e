"""Rooms, things and people who answer invitations by a rule: accepted, full, or not to be invited at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final

from folkmoot.calendars.meetings.bookings import Booking, bookings, conflict, may_book, wanted_times
from folkmoot.calendars.meetings.copies import Copies
from folkmoot.calendars.meetings.invitees import Person
from folkmoot.calendars.meetings.policy import Policies
from folkmoot.core.caller import Caller
from folkmoot.ical import format_when
from folkmoot.scheduling.values import Address, Message, Method, Prevented, Reason
from folkmoot.sharing.preferences import preferences_of

ACCEPTED: Final = "ACCEPTED"
Addressed = tuple[Message, Person | None]


@dataclass(frozen=True, slots=True)
class Booker:
    """Decides who can be invited, for one write."""

    copies: Copies
    policies: Policies
    caller: Caller
    organizer: Person
    now: datetime
    zone: tzinfo
    forced: bool  # conflicts of people do not count

    async def book(self, addressed: Sequence[Addressed]) -> dict[Address, str]:
        """Return the answers of those who answer at once.

        Raises:
            Prevented: somebody cannot be invited, or a room is taken.
        """
        asked = [(message, person) for message, person in addressed if person and message.method is Method.REQUEST]
        self._refuse_prevented(asked, sum(message.method is Method.REQUEST for message, _ in addressed))
        booked = [(message, person) for message, person in asked if person.keeps_calendars]
        resources = [(message, person) for message, person in booked if person.books_itself]
        for _, person in resources:
            calendar = self.copies.default_calendar(person)
            if not await may_book(self.copies.tx, self.caller, person.principal, calendar):
                raise Prevented(f"{_shown(person)} may not be booked by you", [_shown(person)])
        watched = [one for one in booked if self._limit(one[1]) is not None]
        await self._refuse_conflicts(watched)
        return {message.recipient: ACCEPTED for message, _ in resources}

    def _limit(self, person: Person) -> int | None:
        """Return how many bookings at once are too many for another one; None: any number is fine."""
        limit = person.principal.multiple_bookings
        if person.books_itself and limit is not None and limit >= 0:
            return limit or None
        return None if self.forced else 1

    async def _refuse_conflicts(self, watched: Sequence[tuple[Message, Person]]) -> None:
        people = {person.id: person for _, person in watched if person.id != self.organizer.id}
        if not people:
            return
        times = {id(message): wanted_times(message.calendar, self.now, self.zone) for message, _ in watched}
        taken = await bookings(
            self.copies.tx,
            {principal: self.copies.calendars(person) for principal, person in people.items()},
            {principal: person.addresses for principal, person in people.items()},
            [one for found in times.values() for one in found],
            uid=self.copies.uid,
            zone=self.zone,
        )
        for message, person in watched:
            limit = self._limit(person)
            if limit is None or person.id not in people:
                continue
            found = conflict(times[id(message)], taken[person.id], limit)
            if found is not None:
                told = _told(found if person.books_itself else replace(found, title=""))
                raise Prevented(f"{_shown(person)} is taken: {told}", [_shown(person)], told)

    def _refuse_prevented(self, asked: Sequence[tuple[Message, Person]], invited: int) -> None:
        unavailable = {
            person.main: _shown(person)
            for message, person in asked
            if message.reason is Reason.INVITATION
            and person.keeps_calendars
            and not person.books_itself
            and not self.copies.stored(person)
            and self._prevents(person)
        }
        if unavailable:
            named = tuple(unavailable.values())
            raise Prevented(
                f"Cannot invite: {', '.join(named)}",
                named,
                without=tuple(unavailable) if len(unavailable) < invited else (),
            )

    def _prevents(self, person: Person) -> bool:
        profile = self.copies.profiles.get(person.id)
        if profile is None:
            return False
        chosen = preferences_of(profile, self.policies(person.principal.domain).preferences)
        return chosen.prevent_invitations and self.organizer.id not in chosen.whitelist


def _shown(person: Person) -> str:
    return f"{person.principal.display_name} <{person.main}>" if "@" in person.main else person.principal.display_name


def _told(booking: Booking) -> str:
    """Name a booking: a room's by its title, too, if that is no secret; a person's by its time alone."""
    times = f"{format_when(booking.start)} - {format_when(booking.end)}"
    return f"{booking.title} ({times})" if booking.title else times
