"""How full accounts are, for who has no way to mailboxes of his own."""

from folkmoot.core.caller import Caller
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.quota import Usage, usage


class Filling:
    """Tells how full an account is."""

    def __init__(self, access: MailAccess) -> None:
        self._access = access

    async def of(self, caller: Caller, account: str) -> Usage:
        """Return how full the account is that the inbox counts towards; nothing where the server keeps no quotas.

        Raises: as ``quota.usage``.
        """
        special = await self._access.special(caller, account, make=())
        return await usage(self._access, caller, account, special.inbox)
