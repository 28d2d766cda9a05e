"""The session resource: what a client may ask for, in which accounts, and where (RFC 8620 section 2)."""

from hashlib import blake2b
from time import monotonic
from typing import Any, Final

import msgspec

from folkmoot.jmap.accounts import Account
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.protocol.dispatch import Registry

API: Final = "/SOGo/jmap/api"
DOWNLOAD: Final = "/SOGo/jmap/download/{accountId}/{blobId}/{name}?type={type}"
UPLOAD: Final = "/SOGo/jmap/upload/{accountId}/"
EVENT_SOURCE: Final = "/SOGo/jmap/eventsource/?types={types}&closeafter={closeafter}&ping={ping}"
STATE_SECONDS: Final = 10.0  # that a session's state is told again without looking; each answer tells it
STATES_MAX: Final = 50_000  # sessions remembered, 200 octets each


async def describe_session(registry: Registry, context: Context) -> dict[str, Any]:
    """Return the session object of whoever asks; its ``state`` is a digest of the rest."""
    accounts = await context.accounts.all()
    capabilities: dict[str, dict[str, Any]] = {}
    for one in registry.capabilities:
        if one.in_session:  # several rooms may add to one
            capabilities.setdefault(one.urn, {}).update(one.session(context))
    told: dict[str, Any] = {
        "capabilities": capabilities,
        "accounts": {one.id: _account(registry, context, one) for one in accounts if one.in_session},
        "primaryAccounts": {
            one.urn: context.accounts.own.id
            for one in registry.capabilities
            if one.primary and one.account(context, context.accounts.own) is not None
        },
        "username": context.caller.principal,
        "apiUrl": context.origin + API,
        "downloadUrl": context.origin + DOWNLOAD,
        "uploadUrl": context.origin + UPLOAD,
        "eventSourceUrl": context.origin + EVENT_SOURCE,
    }
    digest = blake2b(msgspec.json.encode(told, order="deterministic"), digest_size=12).hexdigest()
    return {**told, "state": digest}


def _account(registry: Registry, context: Context, account: Account) -> dict[str, Any]:
    abilities: dict[str, dict[str, Any]] = {}
    for one in registry.capabilities:
        ability = one.account(context, account)
        if ability is not None:
            abilities.setdefault(one.urn, {}).update(ability)
    return {
        "name": account.name,
        "isPersonal": account.personal,
        "isReadOnly": False,  # rights differ by collection: each tells its own
        "accountCapabilities": abilities,
    }


class SessionStates:
    """The states of sessions, for the answers to requests: looked at anew every few seconds."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: dict[tuple[object, ...], tuple[float, str]] = {}

    async def of(self, context: Context) -> str:
        """Return the present state."""
        until, state = self._known.get(_key(context), (0.0, ""))
        if until > monotonic():
            return state
        return str((await self.describe(context))["state"])

    async def describe(self, context: Context) -> dict[str, Any]:
        """Return the session object, and remember its state."""
        told = await describe_session(self._registry, context)
        key = _key(context)
        self._known.pop(key, None)
        while len(self._known) >= STATES_MAX:
            del self._known[next(iter(self._known))]
        self._known[key] = monotonic() + STATE_SECONDS, told["state"]
        return told


def _key(context: Context) -> tuple[object, ...]:
    return context.caller.principal, context.caller.denied, context.caller.superuser, context.origin
