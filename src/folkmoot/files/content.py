"""What a collection of files accepts: anything up to a size."""

from collections.abc import Sequence
from dataclasses import dataclass

from folkmoot.collections.content import Checked, DefaultCollection, LimitExceeded, Place, Settling, WriteOptions
from folkmoot.collections.settling import PlainSettling
from folkmoot.core.caller import Caller
from folkmoot.database.statement import Transaction
from folkmoot.store.records import Collection, IndexRow, Kind

_INDEX = IndexRow(component="FILE", transparent=True)


@dataclass(frozen=True, slots=True)
class FilesContent:
    """The rules of file collections; ``size_max`` is in octets."""

    size_max: int
    kind: Kind = Kind.FILES
    suffix: str = ""
    defaults: Sequence[DefaultCollection] = (DefaultCollection("", {"displayname": "Files"}),)

    def check(self, body: bytes, content_type: str, collection: Collection) -> Checked:
        """Accept any body of up to ``size_max`` octets.

        Raises:
            LimitExceeded: it is larger.
        """
        if len(body) > self.size_max:
            raise LimitExceeded("max-resource-size", f"a file holds at most {self.size_max} octets")
        return Checked(body, content_type or "application/octet-stream", _INDEX)

    def settling(self, caller: Caller, place: Place, options: WriteOptions) -> Settling:
        """Return what settles the writes of one request."""
        return PlainSettling()

    async def written(
        self, tx: Transaction, collection: Collection, name: str, present: Checked | None, *, existed: bool
    ) -> None:
        """Files have no followers."""

    async def removed(self, tx: Transaction, collection: Collection) -> None:
        """Files have no followers."""
