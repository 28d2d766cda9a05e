"""Messages that something is to be done with: named one by one, or all that a list shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import Conflict, MalformedInput
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.criteria import Criterion

NAMED_MAX: Final = 100_000  # UIDs in one call; more is a whole list, which a criterion names


@dataclass(frozen=True, slots=True)
class Chosen:
    """Messages of one mailbox: those of ``uids``, or all that meet ``criterion`` if there is one.

    UIDs mean nothing without the UIDVALIDITY they were told with; whoever leaves it out trusts that it has not changed.
    """

    mailbox: str
    uids: Sequence[int] = ()
    uid_validity: int | None = None
    criterion: Criterion | None = None


def require_same(connection: Connection, uid_validity: int | None) -> int:
    """Return the UIDVALIDITY of the selected mailbox.

    Raises:
        Conflict: it is not the one that UIDs were told with.
    """
    selected = connection.mailbox
    now = 0 if selected is None else selected.uid_validity
    if uid_validity is not None and uid_validity != now:
        raise Conflict("the mailbox was made anew; its messages have other numbers now")
    return now


async def uids_of(connection: Connection, chosen: Chosen) -> list[int]:
    """Return the UIDs that are meant, ascending; the mailbox is selected.

    Raises:
        Conflict: the mailbox was made anew since.
        MalformedInput: too many of them, or numbers that are none of messages.
    """
    require_same(connection, chosen.uid_validity)
    if chosen.criterion is not None:
        return list(await connection.search(chosen.criterion))
    if len(chosen.uids) > NAMED_MAX:
        raise MalformedInput(f"at most {NAMED_MAX} messages at once")
    if any(not 0 < uid < 2**32 for uid in chosen.uids):
        raise MalformedInput("not the number of a message")
    return sorted(set(chosen.uids))
