"""Accounts: one for each owner of whom the caller sees something, and one for each mail account elsewhere.

An id is ``u`` and the owner's id in base64url, or ``x`` and the number of a mail account elsewhere.  Nothing here
gives rights: services check them on what is loaded.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BinasciiError
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.jmap.services import JmapServices
from folkmoot.mailboxes.access import account_id_of
from folkmoot.mailboxes.values import MAIN
from folkmoot.mailboxes.values import Account as MailAccount
from folkmoot.store.records import Kind

SHARED_MAX: Final = 500  # accounts of others that one session tells of
_OWNER: Final = "u"
_ELSEWHERE: Final = re.compile(r"x([0-9]{1,18})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Account:
    """One account as JMAP sees it."""

    id: str
    owner: PrincipalId
    name: str
    personal: bool  # the caller's own, or elsewhere
    mail: str | None = None  # the mailboxes room's name of it; None: no mail here
    elsewhere: bool = False  # an external mail account: nothing but mail
    calendars: bool = False
    addressbooks: bool = False
    in_session: bool = True  # False: there is something for the caller that he has not subscribed to (RFC 9670 1.4)


def account_id(owner: PrincipalId) -> str:
    """Return the id of an owner's account."""
    return _OWNER + urlsafe_b64encode(owner.encode()).decode().rstrip("=")


def owner_of(account: str) -> PrincipalId | None:
    """Return whose account an id names, if it can be one."""
    if not account.startswith(_OWNER):
        return None
    text = account[1:]
    try:
        owner = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (ValueError, BinasciiError):
        return None
    return PrincipalId(owner) if owner and account_id(PrincipalId(owner)) == account else None


class Accounts:
    """The accounts of one request's caller, looked up when they are needed and at most once."""

    def __init__(self, services: JmapServices, caller: Caller) -> None:
        self._services = services
        self._caller = caller
        self._shared: dict[str, Account] | None = None
        self._elsewhere: dict[str, Account] | None = None

    @property
    def own(self) -> Account:
        """The caller's own account."""
        caller = self._caller
        return Account(
            account_id(caller.principal),
            caller.principal,
            caller.principal,
            personal=True,
            mail=None if "Mail" in caller.denied else MAIN,
            calendars="Calendar" not in caller.denied,
            addressbooks="Contacts" not in caller.denied,
        )

    async def get(self, wanted: str) -> Account:
        """Return an account by its id.

        Raises:
            NotFound: there is none of this id for the caller.
        """
        if wanted == self.own.id:
            return self.own
        found = (await self._elsewhere_accounts()).get(wanted) if _ELSEWHERE.match(wanted) else None
        if found is None and owner_of(wanted) is not None:
            found = (await self.shared()).get(wanted) or await self._administered(wanted)
        if found is None:
            raise NotFound("no such account")
        return found

    async def all(self) -> Sequence[Account]:
        """Return all of them, the own one first."""
        return [self.own, *(await self._elsewhere_accounts()).values(), *(await self.shared()).values()]

    async def shared(self) -> dict[str, Account]:
        """Return the accounts of others by id: who shares a calendar or book with the caller, or lets him read mail."""
        if self._shared is None:
            services, caller, own = self._services, self._caller, self.own
            mail = await self._delegated()
            calendars = await services.subscriptions.owners(caller, Kind.CALENDAR) if own.calendars else {}
            books = await services.subscriptions.owners(caller, Kind.ADDRESSBOOK) if own.addressbooks else {}
            owners = sorted((mail | calendars.keys() | books.keys()) - {caller.principal})[:SHARED_MAX]
            people = await services.people.find_many(caller, owners)
            self._shared = {
                account_id(owner): Account(
                    account_id(owner),
                    owner,
                    people[owner].display_name if owner in people else owner,
                    personal=False,
                    mail=account_id_of(owner) if owner in mail else None,
                    calendars=owner in calendars,
                    addressbooks=owner in books,
                    in_session=owner in mail or calendars.get(owner, False) or books.get(owner, False),
                )
                for owner in owners
            }
        return self._shared

    async def _administered(self, wanted: str) -> Account | None:
        """Return anybody's calendars and books to a superuser, whose role opens no mail."""
        owner = owner_of(wanted)
        if not self._caller.superuser or owner is None:
            return None
        person = await self._services.people.find(self._caller, owner)
        if person is None or person.id != owner:
            return None
        own = self.own
        return Account(
            wanted,
            owner,
            person.display_name,
            personal=False,
            calendars=own.calendars,
            addressbooks=own.addressbooks,
            in_session=False,
        )

    async def _delegated(self) -> set[PrincipalId]:
        return {one.owner for one in await self._mail_accounts() if one.delegated}

    async def _elsewhere_accounts(self) -> dict[str, Account]:
        if self._elsewhere is None:
            self._elsewhere = {
                f"x{one.id}": Account(
                    f"x{one.id}", self._caller.principal, one.name, personal=True, mail=one.id, elsewhere=True
                )
                for one in await self._mail_accounts()
                if one.external
            }
        return self._elsewhere

    async def _mail_accounts(self) -> list[MailAccount]:
        if self.own.mail is None:
            return []
        try:
            return await self._services.mail_accounts.list_all(self._caller)
        except Forbidden:
            return []
