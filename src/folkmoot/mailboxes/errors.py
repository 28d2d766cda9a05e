"""What can keep services of mail from serving, beside the failures of the mail servers themselves."""

from folkmoot.core.errors import Forbidden


class NoCredentials(Forbidden):
    """There is nothing to sign in to the mail server with: no password came along, and no other way is set."""
