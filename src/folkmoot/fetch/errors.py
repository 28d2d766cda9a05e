"""Why a document could not be fetched."""

from typing import Final

from folkmoot.core.errors import FolkmootError

INVALID_URL: Final = "invalid-url"
BAD_URL: Final = "bad-url"
HTTP_ERROR: Final = "http-error"


class FetchFailed(FolkmootError):
    """A document could not be fetched; ``reason`` is SOGo's word for the kind of failure.

    ``invalid-url``: nothing that is fetched here; ``bad-url``: nobody answers there; ``http-error``: the answer is no
    document, with its ``status`` if it had one.  The message tells nothing about networks that may not be asked.
    """

    def __init__(self, reason: str, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status
