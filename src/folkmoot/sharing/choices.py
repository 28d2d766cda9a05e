"""Keeping what a person has chosen, in the two dictionaries that ``preferences`` reads."""

from collections.abc import Mapping
from typing import Final

import msgspec

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Forbidden, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.database.database import Database
from folkmoot.database.statement import Transaction
from folkmoot.sharing.preferences import DEFAULTS, SETTINGS
from folkmoot.store import person, profiles

CHOICES_MAX: Final = 512 * 1024  # octets of JSON of one person's choices; filters and signatures are the most of it

Values = Mapping[str, object]


class Choices:
    """People's own defaults and settings."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def get(self, caller: Caller, principal: PrincipalId) -> tuple[Values, Values]:
        """Return somebody's defaults and settings as they were saved.

        Raises:
            Forbidden: somebody else's.
        """
        _check(caller, principal)
        kept = await self._database.read(lambda tx: profiles.get(tx, principal))
        return _dictionary(kept.properties.get(DEFAULTS)), _dictionary(kept.properties.get(SETTINGS))

    async def save(
        self, caller: Caller, principal: PrincipalId, defaults: Values, settings: Mapping[str, Values]
    ) -> None:
        """Set defaults by key, and settings by module and key; None removes, what is not named stays.

        Raises:
            Forbidden: somebody else's.
            TooLarge: more than ``CHOICES_MAX``.
        """
        _check(caller, principal)

        async def work(tx: Transaction) -> None:
            kept = await profiles.hold(tx, principal)
            chosen = _patched(_dictionary(kept.properties.get(DEFAULTS)), defaults)
            modules = dict(_dictionary(kept.properties.get(SETTINGS)))
            for module, values in settings.items():
                modules[module] = _patched(_dictionary(modules.get(module)), values)
            if len(msgspec.json.encode([chosen, modules])) > CHOICES_MAX:
                raise TooLarge(f"preferences have at most {CHOICES_MAX} octets")
            await profiles.set_(
                tx,
                principal,
                properties={**kept.properties, DEFAULTS: chosen, SETTINGS: modules},
                dead_properties=kept.dead_properties,
                now=self._clock.milliseconds(),
            )

        await self._database.write(work)

    async def tell(self, caller: Caller) -> None:
        """Let the caller's programs know that something has changed that is the caller's and kept elsewhere."""
        now = self._clock.milliseconds()

        async def work(tx: Transaction) -> None:
            await person.raise_(tx, caller.principal, now)

        await self._database.write(work)


def _check(caller: Caller, principal: PrincipalId) -> None:
    if caller.anonymous or not (caller.superuser or caller.principal == principal):
        raise Forbidden("preferences are their owner's")


def _dictionary(value: object) -> Values:
    return value if isinstance(value, dict) else {}


def _patched(present: Values, patch: Values) -> dict[str, object]:
    merged = {**present, **patch}
    return {key: value for key, value in merged.items() if value is not None}
