"""Saving all of a person's accounts elsewhere at once, as preferences do."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError, MalformedInput, NotFound, TooLarge
from folkmoot.mailboxes.accounts import ACCOUNTS_MAX, Accounts, Host, NewAccount
from folkmoot.mailboxes.external import ENCRYPTIONS
from folkmoot.mailboxes.values import Account


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account elsewhere as it shall be; ``id`` is "" for a new one."""

    id: str
    account: NewAccount
    mailboxes: Mapping[str, str] = field(default_factory=dict)  # chosen names, by key of ``special.KEYS``


async def save_all(
    accounts: Accounts, caller: Caller, wanted: Sequence[Wanted], then: Callable[[], Awaitable[None]]
) -> None:
    """Make somebody's accounts elsewhere what is wanted, and do ``then`` before any is removed.

    What is as it was is left alone, whether its server answers or not.  If ``then`` fails, what was added goes again.

    Raises: what ``Accounts.add`` and ``Accounts.change`` raise, and what ``then`` does.
    """
    present = {one.id: one for one in await accounts.list_all(caller) if one.external}
    if len(wanted) > ACCOUNTS_MAX:
        raise TooLarge(f"one person has at most {ACCOUNTS_MAX} accounts elsewhere")
    named = [one.id for one in wanted if one.id]
    if len(set(named)) < len(named):
        raise MalformedInput("an account is named twice")
    if not set(named) <= present.keys():
        raise NotFound("no such mail account")
    added: list[str] = []
    try:
        for one in wanted:
            if not one.id:
                added.append((await accounts.add(caller, one.account)).id)
                await _choose(accounts, caller, added[-1], one.mailboxes, {})
                continue
            if one.account.password is not None or one.account != new_account(present[one.id]):
                await accounts.change(caller, one.id, one.account)
            await _choose(accounts, caller, one.id, one.mailboxes, await accounts.mailboxes(caller, one.id))
        await then()
    except FolkmootError:
        for account_id in added:
            with suppress(FolkmootError):
                await accounts.remove(caller, account_id)
        raise
    for account_id in present.keys() - set(named):
        with suppress(NotFound):
            await accounts.remove(caller, account_id)


def new_account(account: Account) -> NewAccount:
    """Return an account as somebody would write it down, without its password."""
    words = {mode: word for word, mode in ENCRYPTIONS.items()}
    smtp = account.smtp
    return NewAccount(
        name=account.name,
        imap=Host(account.imap.host, account.imap.port, words[account.imap.tls]),
        user_name=account.user_name,
        smtp=Host(smtp.host, smtp.port, words[smtp.tls]) if smtp is not None else None,
        identities=account.identities,
    )


async def _choose(
    accounts: Accounts, caller: Caller, account_id: str, wanted: Mapping[str, str], present: Mapping[str, str]
) -> None:
    for key, name in wanted.items():
        if name and name != present.get(key):
            await accounts.set_mailbox(caller, account_id, key, name)
