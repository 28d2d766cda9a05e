"""How a database's refusals surface."""

from folkmoot.core.errors import Conflict, Forbidden


class DuplicateKey(Conflict):
    """A row with this key exists already."""


class ReadOnly(Forbidden):
    """A table or view of somebody else's that cannot be written."""


class Interrupted(Exception):
    """The unit of work was undone by the database and may be repeated: deadlock, lock time-out, busy file.

    Never leaves this room: repeated a few times, then ``Unavailable``.
    """


class ConnectionLost(Exception):
    """The connection broke; ``committing`` tells whether COMMIT may have reached the database.

    Never leaves this room: repeated if that is safe, else ``Unavailable``.
    """

    def __init__(self, message: str, *, committing: bool = False) -> None:
        super().__init__(message)
        self.committing = committing
