"""Second factor and recovery, as SOGo keeps them among the preferences.

Browsers send all preferences back when they save one: only what differs is a change, and needs a fresh proof.
"""

from collections.abc import Mapping
from typing import Final

from folkmoot.auth.recovery import RecoveryMode
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, MalformedInput
from folkmoot.sharing.preferences import flag
from folkmoot.web.services import WebServices

TOTP: Final = "SOGoTOTPEnabled"
CODE: Final = "totpVerificationCode"  # the first code of an app
MODE: Final = "SOGoPasswordRecoveryMode"
QUESTION: Final = "SOGoPasswordRecoveryQuestion"
ANSWER: Final = "SOGoPasswordRecoveryQuestionAnswer"
ADDRESS: Final = "SOGoPasswordRecoverySecondaryEmail"
_KEYS: Final = (TOTP, CODE, MODE, QUESTION, ANSWER, ADDRESS)


async def told_ways_in(services: WebServices, caller: Caller) -> dict[str, object]:
    """Return what a browser shows of them; never the answer."""
    state = await services.second_factor.state(caller)
    choice = await services.recovery.choice(caller)
    return {
        TOTP: int(state.code),
        MODE: choice.mode.value,
        QUESTION: choice.question,
        ADDRESS: choice.address,
    }


def take_ways_in(sent: dict[str, object]) -> dict[str, object]:
    """Take them out of what a browser sent."""
    return {key: sent.pop(key) for key in _KEYS if key in sent}


async def save_ways_in(services: WebServices, caller: Caller, sent: Mapping[str, object]) -> None:
    """Change what differs.

    Raises:
        ProofNeeded: something does, and the caller must give the password or second factor anew.
        Forbidden: it is not offered, or a second factor is to be turned on without a first code.
        WrongCode: the first code is not right.
        MalformedInput: a value that is none.
    """
    if not sent:
        return
    if any(not isinstance(value, str | int) for value in sent.values() if value is not None):
        raise MalformedInput("second factor and recovery are texts and flags")
    await _save_recovery(services, caller, sent)
    await _save_second_factor(services, caller, sent)


async def _save_second_factor(services: WebServices, caller: Caller, sent: Mapping[str, object]) -> None:
    if TOTP not in sent:
        return
    wanted = flag(sent[TOTP])
    state = await services.second_factor.state(caller)
    if wanted == state.code:
        return
    if not wanted:
        await services.second_factor.remove(caller)
        return
    code = str(sent.get(CODE) or "").rjust(6, "0")
    if not sent.get(CODE):
        raise Forbidden(f"{TOTP} is turned on with a first code, {CODE}")
    await services.second_factor.confirm(caller, code)


async def _save_recovery(services: WebServices, caller: Caller, sent: Mapping[str, object]) -> None:
    choice = await services.recovery.choice(caller)
    name = str(sent.get(MODE) or choice.mode.value)
    mode = next((one for one in RecoveryMode if one.value == name), None)
    if mode is None:
        raise MalformedInput(f"{MODE}: no such mode")
    question = str(sent.get(QUESTION) or choice.question)
    answer = str(sent.get(ANSWER) or "")
    address = str(sent.get(ADDRESS) or "")
    if answer and mode is not RecoveryMode.QUESTION:
        raise MalformedInput(f"{ANSWER}: there is no question")
    changed = (
        mode is not choice.mode
        or (mode is RecoveryMode.QUESTION and (bool(answer) or question != choice.question))
        or (mode is RecoveryMode.ADDRESS and address not in {"", choice.address})
    )
    if changed:
        await services.recovery.choose(caller, mode, question=question, answer=answer, address=address)
