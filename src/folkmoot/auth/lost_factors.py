"""Second factors that were on in SOGo, and whose secrets have not come along.

SOGo makes its secrets from something else that is secret, or was to be; they are not taken over.  Whoever had one on
is told at the first sign-in that it is off, and by mail.
"""

from folkmoot.auth.events import Event, Events
from folkmoot.auth.second_factor import SecondFactor
from folkmoot.core.clock import Clock
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.store import profiles

_DEFAULTS = "defaults"
_KEYS = ("SOGoTOTPEnabled", "SOGoGoogleAuthenticatorEnabled")


class LostFactors:
    """Turns off what only looks as if it were on."""

    def __init__(self, database: Database, second_factor: SecondFactor, events: Events, clock: Clock) -> None:
        self._database = database
        self._second_factor = second_factor
        self._events = events
        self._clock = clock

    async def give_up(self, principal: PrincipalId) -> bool:
        """Return whether somebody's second factor was on in SOGo and is off now; only once."""
        profile = await self._database.read(lambda tx: profiles.get(tx, principal))
        if not _on(profile.properties) or await self._second_factor.asked(principal):
            return False

        async def work(tx: Transaction) -> bool:
            held = await profiles.hold(tx, principal)
            if not _on(held.properties):
                return False
            found = held.properties.get(_DEFAULTS)
            kept = {key: value for key, value in found.items() if key not in _KEYS} if isinstance(found, dict) else {}
            await profiles.set_(
                tx,
                principal,
                properties={**held.properties, _DEFAULTS: kept},
                dead_properties=held.dead_properties,
                now=self._clock.milliseconds(),
            )
            await self._events.tell(tx, Event.TOTP_LOST, principal)
            return True

        return await self._database.write(work)


def _on(properties: object) -> bool:
    defaults = properties.get(_DEFAULTS) if isinstance(properties, dict) else None
    if not isinstance(defaults, dict):
        return False
    return any(defaults.get(key) in (1, True, "1", "YES") for key in _KEYS)
