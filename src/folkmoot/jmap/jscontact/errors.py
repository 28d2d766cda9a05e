"""What is wrong with a JSContact value."""

from folkmoot.core.errors import MalformedInput


class JsError(MalformedInput):
    """A value or a patch that is no JSContact; ``properties`` are pointers to what offends."""

    def __init__(self, message: str, *properties: str) -> None:
        super().__init__(message)
        self.properties: tuple[str, ...] = properties
