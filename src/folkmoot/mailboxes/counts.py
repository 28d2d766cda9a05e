"""How many messages of a mailbox are unread, flagged, or bear a label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from folkmoot.core.caller import Caller
from folkmoot.core.errors import TooLarge
from folkmoot.mail.imap.criteria import flag
from folkmoot.mailboxes import conditions
from folkmoot.mailboxes.keywords import FLAGS_MAX
from folkmoot.mailboxes.listing import Listing


@dataclass(frozen=True, slots=True)
class Counts:
    """Messages of a mailbox."""

    messages: int
    unseen: int
    flagged: int
    labels: Mapping[str, int] = field(default_factory=dict)  # by keyword


async def count(listing: Listing, caller: Caller, account: str, mailbox: str, keywords: Sequence[str] = ()) -> Counts:
    """Count the messages of a mailbox; keywords that no message there ever had are not looked for.

    Raises:
        TooLarge: too many keywords.
        NotFound: no such mailbox.
    """
    if len(keywords) > FLAGS_MAX:
        raise TooLarge(f"at most {FLAGS_MAX} labels at once")
    wanted = {keyword: flag(keyword) for keyword in keywords}
    state, found = await listing.count(caller, account, mailbox, [conditions.FLAGGED, *wanted.values()])
    labels = {keyword: found[criterion] for keyword, criterion in wanted.items()}
    return Counts(state.messages, state.unseen, found[conditions.FLAGGED], labels)
