"""The capabilities of sharing (RFC 9670 section 1.5)."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.jmap.accounts import Account, account_id
from folkmoot.jmap.protocol.calling import Capability, Context
from folkmoot.jmap.sharing import grants, notifications, principals
from folkmoot.jmap.sharing.describing import GRANT, PRINCIPAL, SHARE_NOTIFICATION
from folkmoot.jmap.sharing.ids import principal_id

OWNER: Final = "urn:ietf:params:jmap:principals:owner"


def _principals(context: Context, account: Account) -> Mapping[str, Any] | None:
    if account != context.accounts.own:
        return None
    return {"currentUserPrincipalId": principal_id(context.caller.principal)}


def _owner(context: Context, account: Account) -> Mapping[str, Any] | None:
    if account.elsewhere:
        return None
    return {
        "accountIdForPrincipal": account_id(context.caller.principal),
        "principalId": principal_id(account.owner),
    }


def _own(context: Context, account: Account) -> Mapping[str, Any] | None:
    return {} if account == context.accounts.own else None


PRINCIPALS: Final = Capability(
    "urn:ietf:params:jmap:principals",
    methods=(*principals.METHODS, *notifications.METHODS),
    types=(PRINCIPAL, SHARE_NOTIFICATION),
    states={"ShareNotification": notifications.state},
    account=_principals,
)
# Stands among an account's capabilities only, never among the session's.
PRINCIPALS_OWNER: Final = Capability(OWNER, account=_owner, primary=False, in_session=False)
SHARING: Final = Capability(
    "https://folkmoot.org/jmap/sharing", methods=grants.METHODS, types=(GRANT,), account=_own, primary=False
)
