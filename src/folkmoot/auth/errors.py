"""Why a request has no caller."""

from folkmoot.core.errors import FolkmootError


class NotAuthenticated(FolkmootError):
    """No credentials, or none that are right; the client is asked for others."""


class TooManyFailures(FolkmootError):
    """The account is blocked for a while, whatever the password."""
