"""Expected failures, named by meaning; each face maps them to its protocol in one table.

The message is safe to show to whoever caused the failure.  Anything that is not a
``FolkmootError`` is a bug: it is not caught below the face.
"""


class FolkmootError(Exception):
    """Root of all expected failures."""


class MalformedInput(FolkmootError):
    """The peer's bytes do not follow the format; the message says what and where."""


class NotFound(FolkmootError):
    """Does not exist, or the caller may not know that it does."""


class Forbidden(FolkmootError):
    """The caller knows of the thing but lacks the right for this operation."""


class Conflict(FolkmootError):
    """The operation does not fit the present state (name taken, parent missing, raced)."""


class PreconditionFailed(FolkmootError):
    """The version the caller named (If-Match, If-None-Match) is not the present one."""


class Locked(FolkmootError):
    """A write lock of somebody else stands in the way."""


class TooLarge(FolkmootError):
    """A documented size, depth or count limit is exceeded."""


class Unsupported(FolkmootError):
    """A media type, component or feature that this collection or server does not take."""


class Unavailable(FolkmootError):
    """A peer (database, directory) does not answer; trying again later may help."""


class ConfigurationError(FolkmootError):
    """The administrator's settings cannot be used; the message names key and line."""
