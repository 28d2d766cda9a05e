"""What JMAP's methods call, composed of the rooms."""

from folkmoot.addressbooks.completing import Completing
from folkmoot.administration.people import AdministeredPeople
from folkmoot.administration.work import Administration
from folkmoot.auth.sign_in import SignIn
from folkmoot.calendars.web.calendars import WebCalendars
from folkmoot.calendars.web.refresh import WebRefresh
from folkmoot.collections.home_objects import HomeObjects
from folkmoot.config.settings import Settings
from folkmoot.fetch.fetcher import Fetcher
from folkmoot.jmap.services import JmapServices, MailRoom
from folkmoot.mailboxes.accounts import Accounts
from folkmoot.mailboxes.adding import Adding
from folkmoot.mailboxes.cleaning import Cleaning
from folkmoot.mailboxes.delegation import Delegation
from folkmoot.mailboxes.exporting import Exporting
from folkmoot.mailboxes.filling import Filling
from folkmoot.mailboxes.filters import Filters
from folkmoot.mailboxes.folders import Folders
from folkmoot.mailboxes.identity_editing import IdentityEditing
from folkmoot.mailboxes.present import Present
from folkmoot.mailboxes.rights import MailRights
from folkmoot.mailboxes.scripts import Scripts
from folkmoot.moving.importing import DataImports
from folkmoot.moving.mail import MailImports
from folkmoot.push.subscriptions import PushSubscriptions
from folkmoot.server.checks import checks_of
from folkmoot.server.rooms import Rooms
from folkmoot.sharing.choices import Choices


def jmap_services(settings: Settings, rooms: Rooms, sign_in: SignIn) -> JmapServices:
    """Compose the services; nothing is opened yet."""
    choices = Choices(rooms.database, rooms.clock)
    accounts = Accounts(rooms.mail, rooms.database, rooms.clock)
    fetcher = Fetcher(settings.security.allowed_private_networks)
    refresh = WebRefresh(rooms.access, fetcher, interval_minutes=settings.calendar.web_calendar_minutes)
    below, people = rooms.services, rooms.people_directory
    return JmapServices(
        sign_in=sign_in,
        mail=_mail(rooms, accounts, choices),
        mail_accounts=accounts,
        uploads=rooms.outgoing.uploads,
        collections=below.collections,
        objects=below.objects,
        home_objects=HomeObjects(rooms.access, below.collections),
        transfers=below.transfers,
        calendars=below.calendars,
        zones=rooms.zones,
        free_busy=below.free_busy,
        web_calendars=WebCalendars(rooms.access, refresh),
        addressbooks=below.addressbooks,
        completing=Completing(below.collections, below.subscriptions, below.addressbooks, below.people),
        directory_books=below.directory_books,
        data_imports=DataImports(rooms.database, rooms.clock, rooms.imports, MailImports(rooms.mail)),
        administered_people=AdministeredPeople(rooms.database, people.directory, people.local, rooms.clock),
        administration=Administration(rooms.database, rooms.clock, checks_of(settings, rooms)),
        people=below.people,
        choices=choices,
        grants=below.grants,
        subscriptions=below.subscriptions,
        links=below.links,
        share_invitations=below.share_invitations,
        push_subscriptions=PushSubscriptions(rooms.database, rooms.clock),
        settings=lambda domain: settings.for_domain(domain or ""),
        clock=rooms.clock,
    )


def _mail(rooms: Rooms, accounts: Accounts, choices: Choices) -> MailRoom:
    messages, outgoing = rooms.messages, rooms.outgoing
    folders = Folders(rooms.mail, accounts, choices)
    return MailRoom(
        adding=Adding(rooms.mail),
        answers=outgoing.answers,
        certificates=rooms.signed.certificates,
        cleaning=Cleaning(rooms.mail, folders),
        conversations=messages.conversations,
        delegation=Delegation(rooms.mail, rooms.database, rooms.clock),
        deleting=messages.deleting,
        direct=outgoing.direct,
        downloading=messages.downloading,
        drafts=outgoing.drafts,
        exporting=Exporting(rooms.mail, folders),
        filling=Filling(rooms.mail),
        filters=Filters(rooms.mail, choices, rooms.database, rooms.clock),
        flags=messages.flags,
        folders=folders,
        following=messages.following,
        gathering=messages.gathering,
        identities=outgoing.identities,
        identity_editing=IdentityEditing(
            rooms.mail, outgoing.identities, rooms.people_directory.directory, choices, accounts
        ),
        junk=messages.junk,
        labels=messages.labels,
        listing=messages.listing,
        moving=messages.moving,
        opening=rooms.signed.opening,
        pictures=rooms.pictures,
        previews=messages.previews,
        query_memory=messages.query_memory,
        querying=messages.querying,
        present=Present(rooms.mail),
        reading=messages.reading,
        receipts=outgoing.receipts,
        redirecting=outgoing.redirecting,
        rights=MailRights(rooms.mail, folders, rooms.people_directory.directory),
        scripts=Scripts(rooms.mail, choices),
        searching=messages.searching,
        sending=outgoing.sending,
        snoozing=messages.snoozing,
        threads=messages.threads,
    )
