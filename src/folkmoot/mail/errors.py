"""Why a mail server did not do it; the text is its answer, or what kept us from hearing one."""

from folkmoot.core.errors import Conflict, FolkmootError, Forbidden, TooLarge, Unavailable


class Deferred(Unavailable):
    """Another attempt may succeed: the server is away, busy, or does not let us in (RFC 5321 section 4.2.1)."""


class Refused(FolkmootError):
    """No attempt will succeed: sender, recipient or message is not taken.

    ``no_such_recipient`` tells that it is the recipient's address that nobody knows (RFC 3463: X.1.x).
    """

    def __init__(self, message: str, *, no_such_recipient: bool = False) -> None:
        super().__init__(message)
        self.no_such_recipient = no_such_recipient


class SignInRefused(Forbidden):
    """The mail server does not take the name and password, or the token."""


class OverQuota(TooLarge):
    """The mailbox is full (RFC 9208 section 5)."""


class Declined(Conflict):
    """The mail server says no, and not why in a way that programs understand."""
