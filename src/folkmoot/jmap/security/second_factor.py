"""``SecondFactor``: the codes of an authenticator app, turned on by showing the first one."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from folkmoot.jmap.protocol.calling import Answer, Call, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.security.describing import SECOND_FACTOR
from folkmoot.jmap.telling import SINGLETON, AccountArguments, reading, state_of, utc_or_none


class ConfirmArguments(Arguments):
    """Of ``SecondFactor/confirm``."""

    account_id: Id
    code: str


async def tell(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return the one object."""
    state = await context.services.sign_in.second_factor.state(context.caller)
    told = {
        "id": SINGLETON,
        "code": state.code,
        "passkey": state.passkey,
        "recoveryCodes": state.recovery_codes,
        "since": utc_or_none(state.since),
    }
    return {SINGLETON: told}


async def _begin(call: Call[AccountArguments]) -> Answer:
    begun = await call.services.sign_in.second_factor.begin(call.caller, call.caller.principal)
    return {"accountId": call.account.id, "secret": begun.secret, "uri": begun.uri}


async def _confirm(call: Call[ConfirmArguments]) -> Answer:
    codes = await call.services.sign_in.second_factor.confirm(call.caller, call.arguments.code.strip())
    return {"accountId": call.account.id, "recoveryCodes": list(codes)}


async def _renew(call: Call[AccountArguments]) -> Answer:
    codes = await call.services.sign_in.second_factor.renew_codes(call.caller)
    return {"accountId": call.account.id, "recoveryCodes": list(codes)}


async def _turn_off(call: Call[AccountArguments]) -> Answer:
    await call.services.sign_in.second_factor.remove(call.caller)
    return {"accountId": call.account.id}


METHODS: Final[Sequence[Method]] = (
    *reading(SECOND_FACTOR, tell),
    Method(
        "SecondFactor/begin",
        AccountArguments,
        _begin,
        "Makes a new `secret` for an app, and the `uri` of its QR code; it counts once a code of it is confirmed.",
        writes=True,
    ),
    Method(
        "SecondFactor/confirm",
        ConfirmArguments,
        _confirm,
        "Asks for codes from now on; `recoveryCodes` are told once. Other sessions end.",
        writes=True,
    ),
    Method(
        "SecondFactor/renewCodes",
        AccountArguments,
        _renew,
        "Makes new `recoveryCodes`, told once; those that are left serve no more.",
        writes=True,
    ),
    Method("SecondFactor/turnOff", AccountArguments, _turn_off, "Asks for codes no more.", writes=True),
)
STATE: Final = state_of(tell)
