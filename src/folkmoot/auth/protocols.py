"""The doors of the server, as far as credentials are told apart by them."""

from enum import StrEnum
from typing import Final


class Protocol(StrEnum):
    """A door."""

    WEB = "web"  # a browser's session, which asks for the second factor itself
    DAV = "dav"  # CalDAV, CardDAV, WebDAV
    EAS = "eas"  # ActiveSync
    MAIL = "mail"  # IMAP, SMTP, ManageSieve
    JMAP = "jmap"  # JMAP without a session, and SOGo's JSON actions with HTTP Basic


EVERYWHERE: Final = frozenset(Protocol)
DEVICES: Final = EVERYWHERE - {Protocol.WEB}  # where devices sign in by themselves, with nobody to ask
