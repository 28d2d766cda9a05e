"""Clients that need something of their own, known by their user agent (as few as possible)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Client:
    """What is different for one client."""

    extra_types: bool = True  # GroupDAV resource types and the outbox type on calendars; Apple's hide such calendars
    exports: bool = True  # X.ics and X.xml in the listing of a home
    dav_on_propfind: bool = False  # iCal 4 looks for the DAV header on PROPFIND
    one_book: bool = False  # Contacts on a Mac shows whichever address book it finds first, and only that


_PLAIN: Final = Client()
_CLIENTS: Final = (
    (
        re.compile(r"AddressBookCore/|AddressBookSourceSync/|Address%20Book/"),
        Client(extra_types=False, exports=False, one_book=True),
    ),
    (re.compile(r"iCal/4\.|DAVKit"), Client(extra_types=False, exports=False, dav_on_propfind=True)),
    (
        re.compile(r"iOS/|iPhone|iPadOS/|dataaccessd|macOS/|Mac OS X|Mac_OS_X|CalendarAgent|accountsd|iCal/"),
        Client(extra_types=False, exports=False),
    ),
)
_AGENT_MAX: Final = 512  # characters looked at


@lru_cache(maxsize=1024)
def client_of(user_agent: str) -> Client:
    """Return what a client needs by its User-Agent header."""
    agent = user_agent[:_AGENT_MAX]
    # Thunderbird on a Mac names the system too, and is not Apple's.
    if "Thunderbird" in agent:
        return _PLAIN
    return next((client for pattern, client in _CLIENTS if pattern.search(agent)), _PLAIN)


_FAMILIES: Final = (
    ("thunderbird", re.compile(r"Thunderbird|Lightning|Betterbird")),
    ("davx5", re.compile(r"DAVx5|DAVdroid|ICSx5")),
    ("evolution", re.compile(r"Evolution/|evolution-data-server")),
    ("outlook", re.compile(r"CalDavSynchronizer|Outlook CalDav")),
    ("apple", re.compile(r"iOS/|iPhone|iPadOS/|dataaccessd|macOS/|Mac OS X|Mac_OS_X|CalendarAgent|iCal/|DAVKit")),
)


@lru_cache(maxsize=1024)
def family_of(user_agent: str) -> str:
    """Return the family of a client as scheduling tells them apart; empty for all that need nothing of their own."""
    agent = user_agent[:_AGENT_MAX]
    return next((name for name, pattern in _FAMILIES if pattern.search(agent)), "")
