"""Everything by which somebody gets in beside the password of the directory, forgotten at once."""

from folkmoot.core.ids import PrincipalId
from folkmoot.database import Transaction
from folkmoot.store import app_passwords, passkeys, person, push_subscriptions, second_factors, sessions


async def forget(tx: Transaction, principal: PrincipalId, now: int) -> None:
    """End somebody's sessions and forget app passwords, second factors and passkeys.

    For who is removed, so that they do not open what a new person of that name has; and for who has lost them all.
    """
    await sessions.remove_of(tx, principal, now=now)
    await app_passwords.remove_all(tx, principal)
    await second_factors.remove_all(tx, principal)
    await passkeys.remove_all(tx, principal)
    if await person.find(tx, principal) is not None:  # else nobody waits
        await person.raise_(tx, principal, now)


async def count(tx: Transaction, principal: PrincipalId, now: int) -> tuple[int, int, int, int, bool]:
    """Return the numbers of sessions, app passwords, passkeys, push subscriptions; and if a second factor is asked."""
    return (
        len(await sessions.list_of(tx, principal, now)),
        len(await app_passwords.list_of(tx, principal)),
        len(await passkeys.list_of(tx, principal)),
        len(await push_subscriptions.list_of(tx, principal)),
        any(await second_factors.kinds(tx, principal)),
    )
