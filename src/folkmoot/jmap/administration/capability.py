"""The capability of administration: the account of whoever is no administrator is without it."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.jmap.accounts import Account
from folkmoot.jmap.administration import people, work
from folkmoot.jmap.administration.describing import AUDIT_ENTRY, JOB, MESSAGE, OUTBOX_LETTER, PEER, PERSON
from folkmoot.jmap.protocol.calling import Capability, Context


def _account(context: Context, account: Account) -> Mapping[str, Any] | None:
    if account != context.accounts.own or not context.caller.superuser:
        return None
    return {"mayAddPeople": context.services.administered_people.has_own}


ADMINISTRATION: Final = Capability(
    "https://folkmoot.org/jmap/administration",
    methods=(*people.METHODS, *work.METHODS),
    types=(PERSON, OUTBOX_LETTER, JOB, MESSAGE, PEER, AUDIT_ENTRY),
    account=_account,
    document="People, mails that wait, jobs, the message of the day, peers, and what administrators have done.",
)
