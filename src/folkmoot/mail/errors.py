"""Why a message did not go; the text is the mail server's answer, or what kept us from hearing one."""

from folkmoot.core.errors import FolkmootError, Unavailable


class Deferred(Unavailable):
    """Another attempt may succeed: the server is away, busy, or does not let us in (RFC 5321 section 4.2.1)."""


class Refused(FolkmootError):
    """No attempt will succeed: sender, recipient or message is not taken.

    ``no_such_recipient`` tells that it is the recipient's address that nobody knows (RFC 3463: X.1.x).
    """

    def __init__(self, message: str, *, no_such_recipient: bool = False) -> None:
        super().__init__(message)
        self.no_such_recipient = no_such_recipient
