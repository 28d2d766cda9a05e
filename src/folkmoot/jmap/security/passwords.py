"""``PasswordPolicy``, what a new password must satisfy, and ``Recovery``, what helps who has forgotten it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from folkmoot.auth.recovery import QUESTIONS_KNOWN, RecoveryMode
from folkmoot.jmap.protocol.calling import Call, Context, Method
from folkmoot.jmap.protocol.errors import SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import JsonObject, set_method
from folkmoot.jmap.security.describing import PASSWORD_POLICY, RECOVERY
from folkmoot.jmap.telling import SINGLETON, OwnSetter, reading, state_of


async def tell_policy(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return the one object."""
    change = context.services.sign_in.password_change
    rules = await change.rules(context.caller) if change.offered else ()
    told = {
        "id": SINGLETON,
        "isOffered": change.offered,
        "rules": [{"label": one.label, "regex": one.regex, "value": one.value} for one in rules],
    }
    return {SINGLETON: told}


async def tell_recovery(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return the one object, without the answer."""
    recovery = context.services.sign_in.recovery
    choice = await recovery.choice(context.caller)
    told = {
        "id": SINGLETON,
        "isOffered": await recovery.offered_to(context.caller),
        "mode": choice.mode.value,
        "questions": list(QUESTIONS_KNOWN),
        "question": choice.question,
        "isAnswered": choice.answered,
        "answer": None,
        "address": choice.address,
    }
    return {SINGLETON: told}


class RecoverySetter(OwnSetter):
    """Chooses how one's password is recovered."""

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        raise SetFailed("singleton", "there is one, and no more")

    async def destroy_one(self, id_: str) -> None:
        raise SetFailed("singleton", "there is one, always")

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        if id_ != SINGLETON:
            raise SetFailed("notFound", "there is one object, singleton")
        present = (await tell_recovery(self.call.context))[SINGLETON]
        patch = RECOVERY.refuse_fixed(patch, present)
        wanted = {name: RECOVERY.check(name, patch.of(name, present[name])) for name in _CHOSEN}
        await self.call.services.sign_in.recovery.choose(
            self.call.caller,
            RecoveryMode(wanted["mode"] or RecoveryMode.DISABLED),
            question=wanted["question"] or "",
            answer=wanted["answer"] or "",
            address=wanted["address"] or "",
        )
        after = (await tell_recovery(self.call.context))[SINGLETON]
        return {name: one for name, one in after.items() if one != wanted.get(name, present[name])} or None


_CHOSEN: Final = ("mode", "question", "answer", "address")


def _setter(call: Call[Any]) -> RecoverySetter:
    return RecoverySetter(RECOVERY, call, tell_recovery)


METHODS: Final[Sequence[Method]] = (
    reading(PASSWORD_POLICY, tell_policy)[0],
    *reading(RECOVERY, tell_recovery),
    set_method(RECOVERY, _setter),
)
STATE: Final = state_of(tell_recovery)
