"""A collection that the server alone fills, and whose owner only takes things away."""

from collections.abc import Sequence
from dataclasses import dataclass

from folkmoot.collections.content import Checked, DefaultCollection, Place, Settling, WriteOptions
from folkmoot.collections.settling import PlainSettling
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden
from folkmoot.database.statement import Transaction
from folkmoot.store.records import Collection, Kind


@dataclass(frozen=True, slots=True)
class ServerMadeContent:
    """The rules of such a kind; ``refusal`` says to who writes how things come into it."""

    kind: Kind
    name: str  # of the one collection in each home
    suffix: str
    refusal: str

    @property
    def defaults(self) -> Sequence[DefaultCollection]:
        return (DefaultCollection(self.name, {}),)

    def check(self, body: bytes, content_type: str, collection: Collection) -> Checked:
        """Accept nothing.

        Raises:
            Forbidden: always.
        """
        raise Forbidden(self.refusal)

    def settling(self, caller: Caller, place: Place, options: WriteOptions) -> Settling:
        """Return what lets the owner take things away."""
        return PlainSettling()

    async def written(
        self, tx: Transaction, collection: Collection, name: str, present: Checked | None, *, existed: bool
    ) -> None:
        """Nothing follows."""

    async def removed(self, tx: Transaction, collection: Collection) -> None:
        """Nothing follows."""
