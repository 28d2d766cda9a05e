"""By what message lists are sorted, and how that is asked of a server whose SORT knows less (RFC 5256)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from folkmoot.core.errors import Unsupported
from folkmoot.mail.imap.criteria import Criterion, flag, not_
from folkmoot.mailboxes import conditions

LEVELS_MAX: Final = 6  # of one order; more than anybody chooses


class SortBy(StrEnum):
    """What a list can be sorted by."""

    ORDER = "order"  # as the messages came into the mailbox
    SUBJECT = "subject"  # without Re: and Fwd:
    SENDER = "sender"
    RECIPIENT = "recipient"
    COPY = "copy"  # first address of Cc
    DATE = "date"  # as its sender dated it
    RECEIVED = "received"
    SIZE = "size"
    UNREAD = "unread"
    FLAGGED = "flagged"
    ANSWERED = "answered"
    FORWARDED = "forwarded"
    PRIORITY = "priority"
    ATTACHMENT = "attachment"
    KEYWORD = "keyword"


@dataclass(frozen=True, slots=True)
class Level:
    """One level of an order.  Descending: the latest, largest, unread, flagged, most urgent first."""

    by: SortBy = SortBy.RECEIVED
    ascending: bool = False
    keyword: str = ""  # with KEYWORD


NEWEST_FIRST: Final = (Level(SortBy.RECEIVED),)

_KEYS: Final[Mapping[SortBy, str]] = {
    SortBy.SUBJECT: "SUBJECT",
    SortBy.SENDER: "FROM",
    SortBy.RECIPIENT: "TO",
    SortBy.COPY: "CC",
    SortBy.DATE: "DATE",
    SortBy.RECEIVED: "ARRIVAL",
    SortBy.SIZE: "SIZE",
}
_REVERSED: Final = "REVERSE "


@dataclass(frozen=True, slots=True)
class Plan:
    """How an order is made: all messages ranked by the server, turned round if need be, then parted.

    Each of ``parts`` is a list of criteria: the messages that meet the first come first, then those that meet the
    second, then the rest.  The first of ``parts`` counts most.
    """

    keys: tuple[str, ...] = ()  # of SORT, the first of them ascending; none: by UID
    turned: bool = False
    parts: tuple[tuple[Criterion, ...], ...] = ()


def plan_of(levels: Sequence[Level]) -> Plan:
    """Return how to make an order; no level at all is the order in which messages came.

    Raises:
        Unsupported: marks such as unread below something else, which SORT cannot express, or too many levels.
    """
    if len(levels) > LEVELS_MAX:
        raise Unsupported(f"an order has {LEVELS_MAX} levels at most")
    parts: list[tuple[Criterion, ...]] = []
    keys: list[Level] = []
    for level in levels:
        if level.by in _KEYS:
            keys.append(level)
        elif level.by is SortBy.ORDER:
            if not keys:
                return Plan((), not level.ascending, tuple(parts))
            break  # servers break ties that way: what stands below says nothing any more
        elif keys:
            raise Unsupported(f"{level.by} can only stand above what texts, dates and sizes sort by")
        else:
            parts.append(_part(level))
    if not keys:
        return Plan((), turned=True, parts=tuple(parts))
    turned = not keys[0].ascending
    names = tuple(("" if level.ascending != turned else _REVERSED) + _KEYS[level.by] for level in keys)
    return Plan(names, turned, tuple(parts))


def _part(level: Level) -> tuple[Criterion, ...]:
    match level.by:
        case SortBy.UNREAD:
            first = conditions.UNSEEN
        case SortBy.FLAGGED:
            first = conditions.FLAGGED
        case SortBy.ANSWERED:
            first = flag("\\Answered")
        case SortBy.FORWARDED:
            first = conditions.FORWARDED
        case SortBy.ATTACHMENT:
            first = conditions.HAS_ATTACHMENT
        case SortBy.PRIORITY:
            urgent, idle = conditions.HIGH_PRIORITY, conditions.LOW_PRIORITY
            rest = not_(idle if not level.ascending else urgent)
            return (idle, rest) if level.ascending else (urgent, rest)
        case _:
            first = flag(level.keyword)
    return (not_(first),) if level.ascending else (first,)
