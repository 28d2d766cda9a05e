"""Refusals that name the properties at fault."""

from folkmoot.core.errors import MalformedInput


class JsError(MalformedInput):
    """A JSCalendar value, or a patch of one, that cannot be taken.

    ``properties`` are the names or pointers of what is wrong, for a SetError of type
    ``invalidProperties`` (RFC 8620 section 5.3).
    """

    def __init__(self, message: str, *properties: str) -> None:
        super().__init__(message)
        self.properties: tuple[str, ...] = properties
