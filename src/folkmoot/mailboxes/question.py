"""Questions about messages that IMAP cannot answer alone: to the second, about whole conversations, over mailboxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from folkmoot.mail.imap.criteria import Criterion, all_, and_, not_, or_

NEVER: Final = not_(all_())
ALWAYS: Final = all_()


class Quantity(StrEnum):
    """Of which messages of a conversation something holds."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Meets:
    """Messages that meet a criterion of IMAP."""

    criterion: Criterion


@dataclass(frozen=True, slots=True)
class Received:
    """Messages that came at or after ``since`` and before ``before``, in seconds since 1970; None is no bound."""

    since: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class InThreads:
    """Messages of conversations of which all, some or no messages bear a flag."""

    flag: str
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Within:
    """Messages of some mailboxes, or with ``inside`` False of all others."""

    mailboxes: frozenset[str]
    inside: bool = True


@dataclass(frozen=True, slots=True)
class All:
    """What meets all of these; of none, everything."""

    parts: tuple["Question", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """What meets one of these at least."""

    parts: tuple["Question", ...]


@dataclass(frozen=True, slots=True)
class No:
    """What does not meet this."""

    part: "Question"


Question: TypeAlias = Meets | Received | InThreads | Within | All | Any | No


def of_mailbox(question: Question, mailbox: str) -> Question:
    """Return a question as it stands within one mailbox: what IMAP can answer becomes one criterion.

    Raises:
        MalformedInput: of more conditions than servers take.
    """
    match question:
        case Within(mailboxes, inside):
            return Meets(ALWAYS if (mailbox in mailboxes) is inside else NEVER)
        case All(parts):
            known, rest = _parted([of_mailbox(part, mailbox) for part in parts])
            if NEVER in known:
                return Meets(NEVER)
            known = [one for one in known if one != ALWAYS]
            if not rest:
                return Meets(and_(*known))
            return All(((Meets(and_(*known)),) if known else ()) + tuple(rest))
        case Any(parts):
            known, rest = _parted([of_mailbox(part, mailbox) for part in parts])
            if ALWAYS in known:
                return Meets(ALWAYS)
            known = [one for one in known if one != NEVER]
            if not rest:
                return Meets(or_(*known) if known else NEVER)
            return Any(((Meets(or_(*known)),) if known else ()) + tuple(rest))
        case No(part):
            within = of_mailbox(part, mailbox)
            if not isinstance(within, Meets):
                return No(within)
            if within.criterion in {ALWAYS, NEVER}:
                return Meets(NEVER if within.criterion == ALWAYS else ALWAYS)
            return Meets(not_(within.criterion))
        case _:
            return question


def threads_asked(question: Question) -> frozenset[InThreads]:
    """Return the conditions on whole conversations within a question."""
    match question:
        case InThreads():
            return frozenset({question})
        case All(parts) | Any(parts):
            return frozenset().union(*map(threads_asked, parts))
        case No(part):
            return threads_asked(part)
        case _:
            return frozenset()


def mailboxes_asked(question: Question, all_of: Mapping[str, object]) -> Sequence[str]:
    """Return the mailboxes in which something may meet a question."""
    return [mailbox for mailbox in all_of if of_mailbox(question, mailbox) != Meets(NEVER)]


def _parted(parts: Sequence[Question]) -> tuple[list[Criterion], list[Question]]:
    known = [part.criterion for part in parts if isinstance(part, Meets)]
    return known, [part for part in parts if not isinstance(part, Meets)]
