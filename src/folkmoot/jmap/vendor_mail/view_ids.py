"""Blobs of a message as it is shown: the page, an attachment as a page, all attachments as a zip, a picture elsewhere.

The first three are ``V``, the email, letters that say what and how, and after them the part and the charset.  The last
is ``W`` and the token that ``mailboxes.images.Pictures`` made for the reader: nobody makes up whom this server asks.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from folkmoot.jmap.mail.ids import EMAIL, EmailId, parse_email_id
from folkmoot.mailboxes.part_paths import OPENED

VIEW: Final = "V"
REMOTE: Final = "W"
PATH_MAX: Final = 180  # characters of a part's name in an id
_PLAIN: Final = "t"
_ID: Final = re.compile(
    r"V([A-Za-z0-9_-]{23})([maz])([dsh])(t?)(?:p([0-9_-]{1,180}))?(?:c([a-z0-9_-]{1,40}))?\Z", re.ASCII
)
CHARSET: Final = re.compile(r"[a-z0-9_-]{1,40}\Z", re.ASCII)


class Shows(StrEnum):
    """What a blob is."""

    MESSAGE = "m"
    ATTACHMENT = "a"  # as a page
    ZIP = "z"


class Remote(StrEnum):
    """Whether pictures from elsewhere are shown."""

    DEFAULT = "d"  # as the reader has chosen
    SHOW = "s"
    HIDE = "h"


@dataclass(frozen=True, slots=True)
class ViewId:
    """What of an email is shown, and how."""

    email: EmailId
    shows: Shows = Shows.MESSAGE
    remote: Remote = Remote.DEFAULT
    plain: bool = False
    path: str = ""  # of a message within, or of the attachment
    charset: str = ""  # the reader's choice; "": as the message says

    def __str__(self) -> str:
        path = self.path.replace(".", "-").replace(OPENED, "_")
        return (
            f"{VIEW}{str(self.email)[len(EMAIL) :]}{self.shows}{self.remote}{_PLAIN if self.plain else ''}"
            f"{f'p{path}' if path else ''}{f'c{self.charset}' if self.charset else ''}"
        )


def parse_view_id(text: str) -> ViewId | None:
    """Return what an id names, None if it is no such id."""
    found = _ID.match(text)
    email = parse_email_id(EMAIL + found[1]) if found else None
    if found is None or email is None:
        return None
    path = (found[5] or "").replace("-", ".").replace("_", OPENED)
    return ViewId(email, Shows(found[2]), Remote(found[3]), bool(found[4]), path, found[6] or "")
