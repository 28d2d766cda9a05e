"""``AppPassword``: one for each device."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from folkmoot.auth.app_passwords import AppPassword
from folkmoot.auth.protocols import Protocol
from folkmoot.jmap.protocol.calling import Call, Context, Method
from folkmoot.jmap.protocol.errors import InvalidProperties
from folkmoot.jmap.protocol.standard import JsonObject, set_method
from folkmoot.jmap.security.describing import APP_PASSWORD
from folkmoot.jmap.telling import OwnSetter, number_of, reading, state_of, utc, utc_or_none


async def tell(context: Context) -> Mapping[str, Mapping[str, Any]]:
    """Return the caller's, the oldest first."""
    return {str(one.id): _told(one) for one in await context.services.sign_in.app_passwords.list(context.caller)}


def _told(one: AppPassword) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "protocols": sorted(one.scopes),
        "created": utc(one.created_at),
        "expires": utc_or_none(one.expires_at),
        "lastUsed": utc_or_none(one.used_at),
        "lastUsedFrom": one.used_from,
        "lastUsedBy": one.used_by,
        "password": None,
    }


class AppPasswordSetter(OwnSetter):
    """Makes app passwords and revokes them."""

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        made = await self.call.services.sign_in.app_passwords.add(
            self.call.caller,
            value["name"],
            [Protocol(one) for one in value["protocols"]],
            expires_at=_milliseconds(value.get("expires")),
        )
        return {**_told(made.made), "password": made.password}

    async def destroy_one(self, id_: str) -> None:
        await self.call.services.sign_in.app_passwords.remove(self.call.caller, number_of(id_, self.kind))


def _milliseconds(date: str | None) -> int | None:
    if date is None:
        return None
    try:
        return int(datetime.fromisoformat(date).timestamp() * 1000)
    except ValueError as error:
        raise InvalidProperties("there is no such time", "expires") from error


def _setter(call: Call[Any]) -> AppPasswordSetter:
    return AppPasswordSetter(APP_PASSWORD, call, tell)


METHODS: Final[Sequence[Method]] = (*reading(APP_PASSWORD, tell), set_method(APP_PASSWORD, _setter))
STATE: Final = state_of(tell)
