"""The services that the DAV face calls."""

from dataclasses import dataclass

from folkmoot.addressbooks.directory_books import DirectoryBooks
from folkmoot.addressbooks.service import AddressBooks
from folkmoot.calendars.busy.free_busy import FreeBusy
from folkmoot.calendars.meetings.service import Meetings
from folkmoot.calendars.service import Calendars
from folkmoot.collections.collections import Collections
from folkmoot.collections.grants import Grants
from folkmoot.collections.links import Links
from folkmoot.collections.locks import Locks
from folkmoot.collections.objects import Objects
from folkmoot.collections.share_invitations import ShareInvitations
from folkmoot.collections.subscriptions import Subscriptions
from folkmoot.collections.transfer import Transfers
from folkmoot.core.clock import Clock
from folkmoot.sharing.people import People


@dataclass(frozen=True, slots=True)
class Services:
    """All that methods, properties and reports may call."""

    collections: Collections
    objects: Objects
    transfers: Transfers
    locks: Locks
    calendars: Calendars
    free_busy: FreeBusy
    addressbooks: AddressBooks
    directory_books: DirectoryBooks
    people: People
    grants: Grants
    subscriptions: Subscriptions
    links: Links
    share_invitations: ShareInvitations
    meetings: Meetings
    clock: Clock
