"""How full an account is (RFC 9208), as people are shown it."""

from dataclasses import dataclass
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.mail.imap.values import Quota
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.special import INBOX
from folkmoot.mailboxes.values import MAIN

_STORAGE: Final = "STORAGE"
_MESSAGES: Final = "MESSAGE"


@dataclass(frozen=True, slots=True)
class Usage:
    """What is used, and what there may be; None: no limit, or the server does not count it."""

    kibibytes: int | None = None
    kibibytes_max: int | None = None
    messages: int | None = None
    messages_max: int | None = None


async def usage(access: MailAccess, caller: Caller, account_id: str = MAIN, path: str = INBOX) -> Usage:
    """Return how full the account of a mailbox is; the limit is shown multiplied by SOGoSoftQuotaRatio.

    Raises: what ``MailAccess.connection`` raises.
        NotFound: no such mailbox.
    """
    account = await access.account(caller, account_id)
    async with access.connection(caller, account_id) as connection:
        quotas = await connection.quota(path)
    storage = next((one for one in quotas if one.resource.upper() == _STORAGE), None)
    messages = next((one for one in quotas if one.resource.upper() == _MESSAGES), None)
    ratio = 0.0 if account.external else access.settings_of(await access.person(account.owner)).imap.soft_quota_ratio
    return Usage(
        kibibytes=storage.used if storage else None,
        kibibytes_max=_limit(storage, ratio),
        messages=messages.used if messages else None,
        messages_max=_limit(messages, 0.0),
    )


def _limit(quota: Quota | None, ratio: float) -> int | None:
    if quota is None or quota.limit <= 0:
        return None
    return int(quota.limit * ratio) if ratio > 0 else quota.limit
