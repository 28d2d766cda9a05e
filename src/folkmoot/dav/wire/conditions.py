"""Preconditions that requests fail, by the name the standards give them (RFC 4918 section 16)."""

from folkmoot.core.errors import FolkmootError


class ConditionFailed(FolkmootError):
    """A precondition with an element of its own; the answer is DAV:error around it.

    ``condition`` is its Clark name, ``inner`` ready XML text inside that element; ``status`` is 403 where repeating
    the request cannot help, 409 where the client could mend the state first.
    """

    def __init__(self, condition: str, message: str, *, status: int = 403, inner: str = "") -> None:
        super().__init__(message)
        self.condition = condition
        self.status = status
        self.inner = inner
