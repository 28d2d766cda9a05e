"""The services of mail that the DAV face calls."""

from dataclasses import dataclass

from folkmoot.mailboxes.accounts import Accounts
from folkmoot.mailboxes.adding import Adding
from folkmoot.mailboxes.deleting import Deleting
from folkmoot.mailboxes.downloading import Downloading
from folkmoot.mailboxes.folders import Folders
from folkmoot.mailboxes.listing import Listing
from folkmoot.mailboxes.moving import Moving
from folkmoot.mailboxes.reading import Reading


@dataclass(frozen=True, slots=True)
class MailServices:
    """All that the tree of mail may call; each of them checks who is asking."""

    accounts: Accounts
    folders: Folders
    listing: Listing
    reading: Reading
    downloading: Downloading
    adding: Adding
    moving: Moving
    deleting: Deleting
