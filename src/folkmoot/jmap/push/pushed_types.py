"""The types whose changes can be pushed, and their present states."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError, Unavailable
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.jmap.accounts import Account, Accounts
from folkmoot.jmap.protocol.calling import Capability, Context, OpenBlob, StateOf
from folkmoot.jmap.protocol.describing import Feed
from folkmoot.jmap.services import JmapServices
from folkmoot.push.watching import Watched
from folkmoot.store.records import Kind

EMAIL_DELIVERY: Final = "EmailDelivery"  # no type with objects: it changes with new mail only (RFC 8621 section 1.5)
MAIL_AT_ONCE: Final = 4  # people whose mail servers are asked for states; a small part of a worker's connections
AT_ONCE: Final = 16  # people whose other states are asked for
STATE_SECONDS: Final = 30.0  # for the states of one account

_FEEDS: Final[Mapping[Kind, Feed]] = {
    Kind.MAIL: Feed.MAIL,
    Kind.CALENDAR: Feed.CALENDARS,
    Kind.ADDRESSBOOK: Feed.ADDRESSBOOKS,
}
_log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PushedType:
    """One of them: what raises its state, how to ask for it, and which accounts have it."""

    name: str
    feed: Feed
    state: StateOf
    account: Callable[[Context, Account], Mapping[str, object] | None]


def pushed_types(capabilities: Iterable[Capability]) -> Mapping[str, PushedType]:
    """Return the types that have a state and a feed, by name; not EmailDelivery, which deliveries alone change."""
    return {
        kind.name: PushedType(kind.name, kind.feed, capability.states[kind.name], capability.account)
        for capability in capabilities
        for kind in capability.types
        if kind.feed is not Feed.NOTHING and kind.name in capability.states and kind.name != EMAIL_DELIVERY
    }


def feed_of(watched: Watched, principal: PrincipalId) -> Feed | None:
    """Return which types a collection concerns, for somebody; None: none that are told of."""
    if watched.kind in _FEEDS:
        return _FEEDS[watched.kind]
    return Feed.PERSON if watched.owner == principal else None


@dataclass(frozen=True, slots=True)
class Asked:
    """One question for states: of an account that the caller has, and types."""

    account: Account
    types: frozenset[str]


class States:
    """Asks for states: of few people at once, and of fewer where mail servers have to be asked."""

    def __init__(
        self, types: Mapping[str, PushedType], services: JmapServices, blobs: Mapping[str, OpenBlob] | None = None
    ) -> None:
        self.types = types
        self._services = services
        self._blobs = blobs or {}
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._mail_turns = asyncio.Semaphore(MAIL_AT_ONCE)

    def accounts(self, caller: Caller) -> Accounts:
        """Return what knows the caller's accounts, for one round of questions."""
        return Accounts(self._services, caller)

    async def ask(self, caller: Caller, asked: Asked) -> tuple[dict[str, str], frozenset[str]]:
        """Return states by type, and the types whose states cannot be told just now.

        Types that the account is without, or that the caller may not ask for, have no state.
        """
        accounts = self.accounts(caller)
        context = Context(self._services, caller, accounts, blobs=self._blobs)
        known = [self.types[name] for name in sorted(asked.types) if name in self.types]
        mail = [one for one in known if one.feed is Feed.MAIL]
        rest = [one for one in known if one.feed is not Feed.MAIL]
        found: dict[str, str] = {}
        failed: set[str] = set()
        for turns, some in ((self._turns, rest), (self._mail_turns, mail)):
            if some:
                async with turns:
                    await self._ask(context, asked.account, some, found, failed)
        return found, frozenset(failed)

    async def _ask(
        self,
        context: Context,
        account: Account,
        types: Iterable[PushedType],
        found: dict[str, str],
        failed: set[str],
    ) -> None:
        for one in types:
            try:
                async with asyncio.timeout(STATE_SECONDS):
                    if one.account(context, account) is not None:
                        found[one.name] = await one.state(context, account)
            except (Unavailable, TimeoutError) as error:
                _log.info("state not known", type=one.name, user=context.caller.principal, reason=str(error))
                failed.add(one.name)
            except FolkmootError as error:  # the account is no longer there, or closed to this caller
                _log.debug("no state", type=one.name, user=context.caller.principal, reason=str(error))


Marks = Mapping[CollectionId, Watched]
