"""``OpenSession``: the browsers that are signed in; and ``Proof``, which makes the one that asks fresh again."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from folkmoot.core.errors import MalformedInput
from folkmoot.jmap.protocol.calling import Answer, Call, Context, Method
from folkmoot.jmap.protocol.describing import Arguments, Id
from folkmoot.jmap.protocol.standard import set_method
from folkmoot.jmap.security.describing import OPEN_SESSION
from folkmoot.jmap.telling import AccountArguments, OwnSetter, reading, state_of, utc


class ProofArguments(Arguments):
    """Of ``Proof/give``: one of the three."""

    account_id: Id
    password: str | None = None
    code: str | None = None
    passkey: dict[str, Any] | None = None


async def tell(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return the caller's, the last used first."""
    return {
        one.id: {
            "id": one.id,
            "browser": one.browser,
            "agent": one.agent,
            "address": one.client,
            "created": utc(one.created_at),
            "lastUsed": utc(one.used_at),
            "expires": utc(one.expires_at),
            "isPresent": one.present,
        }
        for one in await context.services.sign_in.session_list.list(context.caller)
    }


class SessionSetter(OwnSetter):
    """Ends sessions."""

    async def destroy_one(self, id_: str) -> None:
        await self.call.services.sign_in.session_list.end(self.call.caller, id_)


async def _end_others(call: Call[AccountArguments]) -> Answer:
    ended = await call.services.sign_in.session_list.end_others(call.caller)
    return {"accountId": call.account.id, "ended": ended}


async def _begin_proof(call: Call[AccountArguments]) -> Answer:
    options = await call.services.sign_in.passkeys.begin_sign_in(call.caller.principal)
    return {"accountId": call.account.id, "publicKey": options}


async def _give_proof(call: Call[ProofArguments]) -> Answer:
    asked, sign_in = call.arguments, call.services.sign_in
    if (asked.password is None) + (asked.code is None) + (asked.passkey is None) != 2:  # noqa: PLR2004 - all but one
        raise MalformedInput("a password, a code or a passkey's answer")
    if asked.passkey is None:
        await sign_in.session_list.prove(
            call.caller, call.context.client, password=asked.password or "", code=asked.code or ""
        )
    else:
        await sign_in.session_list.prove_by_passkey(call.caller, sign_in.passkeys, asked.passkey, call.context.client)
    return {"accountId": call.account.id}


def _setter(call: Call[Any]) -> SessionSetter:
    return SessionSetter(OPEN_SESSION, call, tell)


METHODS: Final[Sequence[Method]] = (
    *reading(OPEN_SESSION, tell),
    set_method(OPEN_SESSION, _setter),
    Method(
        "OpenSession/endOthers",
        AccountArguments,
        _end_others,
        "Ends all sessions but the one that asks, and tells how many: `ended`.",
        writes=True,
    ),
    Method(
        "Proof/begin",
        AccountArguments,
        _begin_proof,
        "Answers with `publicKey`, what `navigator.credentials.get` takes, for one of the caller's passkeys.",
    ),
    Method(
        "Proof/give",
        ProofArguments,
        _give_proof,
        "Makes the session fresh for the requests of the next ten minutes, by the password, a code or a passkey.",
        writes=True,
    ),
)
STATE: Final = state_of(tell)
