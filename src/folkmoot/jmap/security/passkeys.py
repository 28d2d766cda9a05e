"""``Passkey``: made by the browser between ``begin`` and ``finish``."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from folkmoot.auth.passkeys import Passkey
from folkmoot.jmap.protocol.calling import Answer, Call, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import JsonObject, set_method
from folkmoot.jmap.security.describing import PASSKEY
from folkmoot.jmap.telling import AccountArguments, OwnSetter, number_of, reading, state_of, utc, utc_or_none


class FinishArguments(Arguments):
    """Of ``Passkey/finish``."""

    account_id: Id
    name: str
    credential: dict[str, Any]
    required: bool = False


async def tell(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return the caller's, the oldest first."""
    return {str(one.id): _told(one) for one in await context.services.sign_in.passkeys.list(context.caller)}


def _told(one: Passkey) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "required": one.required,
        "created": utc(one.created_at),
        "lastUsed": utc_or_none(one.used_at),
    }


class PasskeySetter(OwnSetter):
    """Names them, says which are asked for, and removes them."""

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        raise SetFailed("forbidden", "a passkey is made by Passkey/begin and Passkey/finish")

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        number = number_of(id_, self.kind)
        present = (await tell(self.call.context)).get(id_)
        if present is None:
            raise SetFailed("notFound", "no such passkey")
        patch = PASSKEY.refuse_fixed(patch, present)
        wanted = {name: PASSKEY.check(name, patch.of(name, present[name])) for name in ("name", "required")}
        if None in wanted.values():
            raise InvalidProperties("a passkey has a name, and is required or not", "name", "required")
        passkeys, caller = self.call.services.sign_in.passkeys, self.call.caller
        if wanted["name"] != present["name"]:
            await passkeys.rename(caller, number, wanted["name"])
        if wanted["required"] == present["required"]:
            return None
        codes = await passkeys.require(caller, number, wanted=wanted["required"])
        return {"recoveryCodes": list(codes)} if codes else None

    async def destroy_one(self, id_: str) -> None:
        await self.call.services.sign_in.passkeys.remove(self.call.caller, number_of(id_, self.kind))


async def _begin(call: Call[AccountArguments]) -> Answer:
    options = await call.services.sign_in.passkeys.begin_adding(call.caller)
    return {"accountId": call.account.id, "publicKey": options}


async def _finish(call: Call[FinishArguments]) -> Answer:
    asked = call.arguments
    made = await call.services.sign_in.passkeys.add(call.caller, asked.name, asked.credential, required=asked.required)
    return {
        "accountId": call.account.id,
        "created": _told(made.made),
        "recoveryCodes": list(made.recovery_codes),
    }


def _setter(call: Call[Any]) -> PasskeySetter:
    return PasskeySetter(PASSKEY, call, tell)


METHODS: Final[Sequence[Method]] = (
    *reading(PASSKEY, tell),
    set_method(PASSKEY, _setter),
    Method(
        "Passkey/begin",
        AccountArguments,
        _begin,
        "Answers with `publicKey`, what `navigator.credentials.create` takes, in JSON.",
        writes=True,
    ),
    Method(
        "Passkey/finish",
        FinishArguments,
        _finish,
        "Keeps what the browser made: `created`; `recoveryCodes` come with the first second factor, and are told once.",
        writes=True,
    ),
)
STATE: Final = state_of(tell)
