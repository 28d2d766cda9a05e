"""Keeping the addresses that one has written to (SOGoMailAddOutgoingAddresses, SOGoSelectedAddressBook)."""

from collections.abc import Sequence
from typing import Final, Protocol

import structlog

from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError
from folkmoot.mailboxes.access import MailAccess, dictionary
from folkmoot.mime.headers import MailAddress, parse_headers
from folkmoot.sharing.preferences import DEFAULTS, flag

WANTED: Final = "SOGoMailAddOutgoingAddresses"
BOOK: Final = "SOGoSelectedAddressBook"
_RECIPIENTS: Final = ("to", "cc", "bcc")

log: Final = structlog.get_logger("folkmoot.submissions")


class RecipientBooks(Protocol):
    """Keeps people whom somebody wrote to and who are new."""

    async def collect(self, caller: Caller, people: Sequence[MailAddress], *, book: str) -> int:
        """Put those who are not known into a book of this name; return how many."""


class Collecting:
    """Has recipients of sent messages kept, for those who want it."""

    def __init__(self, access: MailAccess, books: RecipientBooks) -> None:
        self._access = access
        self._books = books

    async def collect(self, caller: Caller, message: bytes) -> None:
        """Keep the recipients of a message that has gone; what fails is logged, as the message is sent all the same."""
        try:
            settings = self._access.settings_of(await self._access.person(caller.principal)).mail
            chosen = dictionary(await self._access.profile(caller.principal), DEFAULTS)
            if not flag(chosen.get(WANTED, settings.collect_addresses)):
                return
            headers = parse_headers(message)
            people = [one for name in _RECIPIENTS for one in headers.addresses(name) if one.address]
            made = await self._books.collect(caller, people, book=await chosen_book(self._access, caller))
        except FolkmootError as error:
            log.warning("recipients not collected", owner=caller.principal, fault=str(error))
        else:
            log.debug("recipients collected", owner=caller.principal, made=made)


async def chosen_book(access: MailAccess, caller: Caller) -> str:
    """Return the name of the book that somebody has chosen for new people."""
    settings = access.settings_of(await access.person(caller.principal)).mail
    chosen = dictionary(await access.profile(caller.principal), DEFAULTS).get(BOOK)
    return chosen if isinstance(chosen, str) and chosen else settings.collected_address_book
