"""The scheduling inbox: messages received, until their owner's clients take them away (RFC 6638 section 2.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from folkmoot.calendars.meetings.copies import INBOX
from folkmoot.collections.content import (
    Checked,
    DefaultCollection,
    Place,
    Settling,
    WriteOptions,
)
from folkmoot.collections.settling import PlainSettling
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden
from folkmoot.database.statement import Transaction
from folkmoot.store.records import Collection, Kind


@dataclass(frozen=True, slots=True)
class InboxContent:
    """The rules of inboxes: the server alone puts something in."""

    kind: Kind = Kind.INBOX
    suffix: str = ".ics"
    defaults: Sequence[DefaultCollection] = (DefaultCollection(INBOX, {}),)

    def check(self, body: bytes, content_type: str, collection: Collection) -> Checked:
        """Accept nothing.

        Raises:
            Forbidden: always.
        """
        raise Forbidden("messages come into the inbox by being sent")

    def settling(self, caller: Caller, place: Place, options: WriteOptions) -> Settling:
        """Return what lets the owner take messages away."""
        return PlainSettling()

    async def written(
        self, tx: Transaction, collection: Collection, name: str, present: Checked | None, *, existed: bool
    ) -> None:
        """Nothing follows."""

    async def removed(self, tx: Transaction, collection: Collection) -> None:
        """Nothing follows."""
