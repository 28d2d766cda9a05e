"""Why a mail server did not do it; the text is its answer, or what kept us from hearing one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import Conflict, FolkmootError, Forbidden, TooLarge, Unavailable

TOLD_MAX: Final = 20  # recipients named in one message to a person


class Deferred(Unavailable):
    """Another attempt may succeed: the server is away, busy, or does not let us in (RFC 5321 section 4.2.1)."""


class Uncertain(Deferred):
    """The line broke when the server had the whole message and had not yet said whether it takes it."""


class Refused(FolkmootError):
    """No attempt will succeed: sender, recipient or message is not taken.

    ``no_such_recipient`` tells that it is the recipient's address that nobody knows (RFC 3463: X.1.x).
    """

    def __init__(self, message: str, *, no_such_recipient: bool = False) -> None:
        super().__init__(message)
        self.no_such_recipient = no_such_recipient


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the server said to one recipient."""

    answer: str
    permanent: bool
    unknown: bool = False  # nobody has this address


class RecipientsRefused(FolkmootError):
    """The server does not take the message for some recipients, so nobody has got it."""

    def __init__(self, refusals: Mapping[str, Refusal]) -> None:
        told = "; ".join(f"{address}: {refusal.answer}" for address, refusal in list(refusals.items())[:TOLD_MAX])
        super().__init__(f"not sent, as the mail server refuses recipients: {told}")
        self.refusals = refusals

    @property
    def permanent(self) -> bool:
        """Whether another attempt is of no use."""
        return any(refusal.permanent for refusal in self.refusals.values())


class SignInRefused(Forbidden):
    """The mail server does not take the name and password, or the token."""


class OverQuota(TooLarge):
    """The mailbox is full (RFC 9208 section 5)."""


class Declined(Conflict):
    """The mail server says no, and not why in a way that programs understand."""
