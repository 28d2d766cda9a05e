"""What a device that is away is told: which types have changed since it was told last, in pieces that can be sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import msgspec

from folkmoot.core.caller import Caller
from folkmoot.jmap.protocol.describing import Feed
from folkmoot.jmap.push.listener import Changed, state_change
from folkmoot.jmap.push.position import digests
from folkmoot.jmap.push.pushed_types import EMAIL_DELIVERY, Asked, States
from folkmoot.push.watching import Watching

DELIVERED: Final = "delivered"  # beside the feeds, in positions
STATE_MAX: Final = 300  # characters; a longer one is sent as a digest, which sends the client to ask for changes
PIECES_MAX: Final = 4  # messages of one telling; what does not fit, the client finds when it asks


@dataclass(frozen=True, slots=True)
class Telling:
    """What to tell now, and how far that brings the device."""

    changed: Changed
    positions: dict[str, object]
    complete: bool  # False: some states could not be asked for, and should be soon


class Away:
    """Finds what has changed for somebody who does not wait."""

    def __init__(self, states: States, watching: Watching) -> None:
        self._states = states
        self._watching = watching

    async def since(self, caller: Caller, types: frozenset[str] | None, positions: Mapping[str, object]) -> Telling:
        """Return what has changed; nothing where there are no positions yet.

        Raises:
            FolkmootError: what there is cannot be found.
        """
        accounts = [one for one in await self._states.accounts(caller).all() if not one.elsewhere]
        marks = await self._watching.collections(caller, [one.owner for one in accounts])
        changed: Changed = {}
        reached: dict[str, object] = {}
        complete = True
        for account in accounts:
            own = {number: one for number, one in marks.items() if one.owner == account.owner}
            present = {feed.value: digest for feed, digest in digests(own, caller.principal).items()}
            present.update((DELIVERED, one.delivered) for one in own.values() if one.delivered)
            known = positions.get(account.id)
            before: Mapping[str, object] = known if isinstance(known, dict) else {}
            moved = {name for name in present if before.get(name) != present[name]} if positions else set()
            wanted = frozenset(
                one.name
                for one in self._states.types.values()
                if one.feed.value in moved and (types is None or one.name in types)
            )
            states, failed = await self._states.ask(caller, Asked(account, wanted)) if wanted else ({}, frozenset())
            if failed:
                complete = False
                for feed in {self._states.types[name].feed.value for name in failed}:
                    present.pop(feed)
                    present |= {feed: str(before[feed])} if feed in before else {}
            if DELIVERED in moved and Feed.MAIL.value in present and (types is None or EMAIL_DELIVERY in types):
                states[EMAIL_DELIVERY] = present[DELIVERED]
            if states:
                changed[account.id] = states
            reached[account.id] = present
        return Telling(changed, reached, complete)


def messages(changed: Mapping[str, Mapping[str, str]], octets_max: int) -> list[bytes]:
    """Return StateChange objects as JSON, each of at most so many octets."""
    found: list[bytes] = []
    piece: Changed = {}
    for account, name, state in _each(changed):
        states = {**piece.get(account, {}), name: state}
        larger = {**piece, account: states}
        if len(msgspec.json.encode(state_change(larger))) > octets_max:
            found.append(msgspec.json.encode(state_change(piece)))
            larger = {account: {name: state}}
        piece = larger
    if piece:
        found.append(msgspec.json.encode(state_change(piece)))
    return found[:PIECES_MAX]


def _each(changed: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    for account, states in changed.items():
        for name, state in states.items():
            short = state if len(state) <= STATE_MAX else blake2b(state.encode(), digest_size=16).hexdigest()
            yield account, name, short
