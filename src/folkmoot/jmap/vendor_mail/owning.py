"""What belongs to a person, and not to each account that the person may use."""

from folkmoot.jmap.accounts import Account
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.protocol.errors import MethodFailed


def require_own(context: Context, account: Account) -> None:
    """Check that an account is the caller's own.

    Raises:
        MethodFailed: ``accountNotSupportedByMethod``: it is elsewhere, or somebody else's.
    """
    if account.id != context.accounts.own.id:
        raise MethodFailed("accountNotSupportedByMethod", "this belongs to a person's own account")
