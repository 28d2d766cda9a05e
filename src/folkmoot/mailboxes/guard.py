"""Which addresses a mail server may have that a person has chosen: those of the public internet, and the exceptions.

The host is resolved once, and the connection goes to one of these very addresses, as with what ``fetch`` fetches.
"""

from collections.abc import Sequence
from typing import Final

from folkmoot.fetch.addresses import Network, may_ask
from folkmoot.fetch.guarding import Resolve, resolve_name

ADDRESSES_MAX: Final = 4  # tried of one name


class HostGuard:
    """Tells where connections to somebody's own mail servers may go; ``allowed`` are private networks all the same."""

    def __init__(self, allowed: Sequence[Network] = (), *, resolve: Resolve = resolve_name) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses of a host that may be connected to; none: it does not exist, or may not be asked."""
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError):
            return ()
        return [address for address in found if may_ask(address, self._allowed)][:ADDRESSES_MAX]
