"""Why a request has no caller, or not one who may do this now."""

from folkmoot.core.errors import FolkmootError, Forbidden


class NotAuthenticated(FolkmootError):
    """No credentials, or none that are right; the client is asked for others."""


class TooManyFailures(FolkmootError):
    """The account is blocked for a while, whatever the password."""


class ProofNeeded(Forbidden):
    """The caller is known, but must give the password or second factor once more."""


class WrongCode(Forbidden):
    """A code, an answer or what a passkey signed is not right; nothing has changed."""
