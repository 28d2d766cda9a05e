"""A directory that knows whoever is named, for tests that give rights to made-up people."""

from collections.abc import Collection, Mapping

from folkmoot.core.ids import PrincipalId
from folkmoot.directory.principal import Principal, PrincipalKind


class Everybody:
    """Names that begin with ``staff`` are groups, all others are people."""

    async def find_many(self, principals: Collection[PrincipalId]) -> Mapping[PrincipalId, Principal]:
        return {name: _principal(name) for name in principals}


def _principal(name: PrincipalId) -> Principal:
    kind = PrincipalKind.GROUP if name.startswith("staff") else PrincipalKind.INDIVIDUAL
    return Principal(name, name, name.title(), (f"{name}@example.org",), kind, "test")
