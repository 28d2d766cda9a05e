"""What can keep services of mail from serving, beside the failures of the mail servers themselves."""

from folkmoot.core.errors import Forbidden


class NoCredentials(Forbidden):
    """There is nothing to sign in to the mail server with: no password came along, and no other way is set."""


class SendingBlocked(Forbidden):
    """Somebody sends more than the administrator allows; ``until`` is when it goes on, milliseconds since 1970 UTC."""

    def __init__(self, message: str, until: int) -> None:
        super().__init__(message)
        self.until = until
