"""What lists, finds, shows and files messages, composed of the way to mailboxes."""

import secrets
from dataclasses import dataclass

from folkmoot.core.clock import Clock
from folkmoot.database import Database
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.changes import Following
from folkmoot.mailboxes.conversations import Conversations
from folkmoot.mailboxes.deleting import Deleting
from folkmoot.mailboxes.direct import DirectSending
from folkmoot.mailboxes.downloading import Downloading
from folkmoot.mailboxes.flags import Flags
from folkmoot.mailboxes.gathering import Gathering
from folkmoot.mailboxes.junk import Junk
from folkmoot.mailboxes.junk_reports import JunkReports
from folkmoot.mailboxes.labels import Labels
from folkmoot.mailboxes.listing import Listing
from folkmoot.mailboxes.moving import Moving
from folkmoot.mailboxes.opening import Opening
from folkmoot.mailboxes.previews import Previews
from folkmoot.mailboxes.query_memory import QueryMemory
from folkmoot.mailboxes.querying import Querying
from folkmoot.mailboxes.reading import OwnState, Reading
from folkmoot.mailboxes.remembered import Remembered
from folkmoot.mailboxes.searching import Searching
from folkmoot.mailboxes.snoozing import Snoozing
from folkmoot.mailboxes.threads import Threads


@dataclass(frozen=True, slots=True)
class Messages:
    """The services of messages; one set a worker, as lists are remembered in it."""

    listing: Listing
    conversations: Conversations
    searching: Searching
    following: Following
    flags: Flags
    labels: Labels
    moving: Moving
    deleting: Deleting
    junk: Junk
    snoozing: Snoozing
    reading: Reading
    downloading: Downloading
    gathering: Gathering
    threads: Threads
    previews: Previews
    querying: Querying
    query_memory: QueryMemory


def messages_of(
    access: MailAccess,
    database: Database,
    clock: Clock,
    direct: DirectSending,
    opening: Opening,
    own_state: OwnState | None = None,
) -> Messages:
    """Compose the services; nothing is opened yet."""
    remembered = Remembered()
    listing, searching, moving = Listing(access, remembered), Searching(access), Moving(access)
    reading, gathering, threads = Reading(access, opening, own_state), Gathering(access), Threads(access, remembered)
    reports = JunkReports(access, direct, clock, random_key=lambda: secrets.token_hex(12))
    return Messages(
        listing,
        Conversations(access, listing, searching),
        searching,
        Following(access),
        Flags(access),
        Labels(access, database, clock),
        moving,
        Deleting(access, moving),
        Junk(access, moving, reports.send),
        Snoozing(access, database, clock),
        reading,
        Downloading(access, reading),
        gathering,
        threads,
        Previews(gathering),
        Querying(access, remembered, threads),
        QueryMemory(),
    )
