"""What the methods call."""

from collections.abc import Callable
from dataclasses import dataclass

from folkmoot.addressbooks.completing import Completing
from folkmoot.addressbooks.directory_books import DirectoryBooks
from folkmoot.addressbooks.service import AddressBooks
from folkmoot.administration.people import AdministeredPeople
from folkmoot.administration.work import Administration
from folkmoot.auth.sign_in import SignIn
from folkmoot.calendars.busy.free_busy import FreeBusy
from folkmoot.calendars.service import Calendars
from folkmoot.calendars.web.calendars import WebCalendars
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.collections import Collections
from folkmoot.collections.grants import Grants
from folkmoot.collections.home_objects import HomeObjects
from folkmoot.collections.links import Links
from folkmoot.collections.objects import Objects
from folkmoot.collections.share_invitations import ShareInvitations
from folkmoot.collections.subscriptions import Subscriptions
from folkmoot.collections.transfer import Transfers
from folkmoot.config.settings import Settings
from folkmoot.core.clock import Clock
from folkmoot.mailboxes.accounts import Accounts
from folkmoot.mailboxes.adding import Adding
from folkmoot.mailboxes.answers import Answers
from folkmoot.mailboxes.certificates import Certificates
from folkmoot.mailboxes.changes import Following
from folkmoot.mailboxes.cleaning import Cleaning
from folkmoot.mailboxes.conversations import Conversations
from folkmoot.mailboxes.delegation import Delegation
from folkmoot.mailboxes.deleting import Deleting
from folkmoot.mailboxes.direct import DirectSending
from folkmoot.mailboxes.downloading import Downloading
from folkmoot.mailboxes.drafts import Drafts
from folkmoot.mailboxes.exporting import Exporting
from folkmoot.mailboxes.filling import Filling
from folkmoot.mailboxes.filters import Filters
from folkmoot.mailboxes.flags import Flags
from folkmoot.mailboxes.folders import Folders
from folkmoot.mailboxes.gathering import Gathering
from folkmoot.mailboxes.identities import Identities
from folkmoot.mailboxes.identity_editing import IdentityEditing
from folkmoot.mailboxes.images import Pictures
from folkmoot.mailboxes.junk import Junk
from folkmoot.mailboxes.labels import Labels
from folkmoot.mailboxes.listing import Listing
from folkmoot.mailboxes.moving import Moving
from folkmoot.mailboxes.opening import Opening
from folkmoot.mailboxes.present import Present
from folkmoot.mailboxes.previews import Previews
from folkmoot.mailboxes.query_memory import QueryMemory
from folkmoot.mailboxes.querying import Querying
from folkmoot.mailboxes.reading import Reading
from folkmoot.mailboxes.receipts import Receipts
from folkmoot.mailboxes.redirecting import Redirecting
from folkmoot.mailboxes.rights import MailRights
from folkmoot.mailboxes.scripts import Scripts
from folkmoot.mailboxes.searching import Searching
from folkmoot.mailboxes.sending import Sending
from folkmoot.mailboxes.snoozing import Snoozing
from folkmoot.mailboxes.threads import Threads
from folkmoot.mailboxes.uploads import Uploads
from folkmoot.moving.importing import DataImports
from folkmoot.push.subscriptions import PushSubscriptions
from folkmoot.sharing.choices import Choices
from folkmoot.sharing.people import People


@dataclass(frozen=True, slots=True)
class MailRoom:
    """The services of mail."""

    adding: Adding
    answers: Answers
    certificates: Certificates
    cleaning: Cleaning
    conversations: Conversations
    delegation: Delegation
    deleting: Deleting
    direct: DirectSending
    downloading: Downloading
    drafts: Drafts
    exporting: Exporting
    filling: Filling
    filters: Filters
    flags: Flags
    folders: Folders
    following: Following
    gathering: Gathering
    identities: Identities
    identity_editing: IdentityEditing
    junk: Junk
    labels: Labels
    listing: Listing
    moving: Moving
    opening: Opening
    pictures: Pictures
    previews: Previews
    query_memory: QueryMemory
    querying: Querying
    present: Present
    reading: Reading
    receipts: Receipts
    redirecting: Redirecting
    rights: MailRights
    scripts: Scripts
    searching: Searching
    sending: Sending
    snoozing: Snoozing
    threads: Threads


@dataclass(frozen=True, slots=True)
class JmapServices:
    """All that the methods may call."""

    sign_in: SignIn
    mail: MailRoom
    mail_accounts: Accounts
    uploads: Uploads
    collections: Collections
    objects: Objects
    home_objects: HomeObjects
    transfers: Transfers
    calendars: Calendars
    zones: CalendarZones
    free_busy: FreeBusy
    web_calendars: WebCalendars
    addressbooks: AddressBooks
    completing: Completing
    directory_books: DirectoryBooks
    data_imports: DataImports
    administered_people: AdministeredPeople
    administration: Administration
    people: People
    choices: Choices
    grants: Grants
    subscriptions: Subscriptions
    links: Links
    share_invitations: ShareInvitations
    push_subscriptions: PushSubscriptions
    settings: Callable[[str | None], Settings]  # of a domain
    clock: Clock
