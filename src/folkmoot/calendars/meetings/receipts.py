"""Mails to a calendar's owner, or to the address set for it, when something in the calendar has changed.

Wanted by SOGoNotifyOnPersonalModifications and SOGoNotifyOnExternalModifications, or by the calendar's own
properties, which SOGo Connector sets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final, Literal

import msgspec

from folkmoot import ical
from folkmoot.collections.content import Checked, Settling, Write
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import MalformedInput
from folkmoot.database.statement import Transaction
from folkmoot.mail.letter import Letter, Row
from folkmoot.mail.words import Reader
from folkmoot.scheduling.letters.occasion import occasion_of, rows, when_text
from folkmoot.sharing.notices import anywhere
from folkmoot.sharing.rights import Rights
from folkmoot.store import objects, outbox
from folkmoot.store.outbox import NewMail, key_of
from folkmoot.store.records import Collection

KIND: Final = "receipt"
OWN: Final = "inverse:notify_personal"  # in a calendar's properties
OTHERS: Final = "inverse:notify_external"
USER: Final = "inverse:notify_user"
USER_ADDRESS: Final = "inverse:notified_user"


@dataclass(frozen=True, slots=True)
class ReceiptPolicy:
    """Which mails any domain of this server wants where a calendar says nothing."""

    own: bool = False  # SOGoNotifyOnPersonalModifications
    others: bool = False  # SOGoNotifyOnExternalModifications


class Receipt(msgspec.Struct, frozen=True):
    """The payload of an outbox mail of kind ``receipt``."""

    event: Literal["created", "changed", "deleted"]
    folder: str
    owner: str
    actor: str
    calendar: str  # text of the object, as it is or was
    previous: str = ""
    to_principal: bool = True  # the recipient is the owner, not an address
    by_default: bool = False  # only if the owner's domain wants it

    @property
    def own(self) -> bool:
        """Whether the owner has changed it."""
        return self.owner == self.actor


def receipt_policy(settings: Settings) -> ReceiptPolicy:
    """Return what the system or any of its domains wants."""
    return ReceiptPolicy(
        own=anywhere(settings, lambda one: one.calendar.notify_own_changes),
        others=anywhere(settings, lambda one: one.calendar.notify_others_changes),
    )


@dataclass(frozen=True, slots=True)
class Receipts:
    """Has what is written to calendars told by mail, where that is wanted."""

    policy: ReceiptPolicy
    clock: Clock

    def around(self, settling: Settling, caller: Caller) -> Settling:
        """Return a settling that does the same and queues receipts in its transaction."""
        return _Told(settling, self, caller)

    def recipients(self, collection: Collection, caller: Caller) -> Sequence[tuple[str, bool, bool]]:
        """Return who is told: principal or address, whether it is a principal, whether its domain decides."""
        own = caller.principal == collection.owner
        found: list[tuple[str, bool, bool]] = []
        wanted = collection.properties.get(OWN if own else OTHERS)
        default = self.policy.own if own else self.policy.others
        if wanted or (wanted is None and default):
            found.append((collection.owner, True, wanted is None))
        address = collection.properties.get(USER_ADDRESS)
        if own and collection.properties.get(USER) and isinstance(address, str) and "@" in address:
            found.append((address, False, False))
        return found


@dataclass(frozen=True, slots=True)
class _Told:
    """Another settling, and receipts of what it has stored."""

    inner: Settling
    receipts: Receipts
    caller: Caller

    async def look_up(self, addresses: frozenset[str]) -> None:
        await self.inner.look_up(addresses)

    async def settle_removal(self, tx: Transaction, collection: Collection, rights: Rights) -> None:
        await self.inner.settle_removal(tx, collection, rights)

    async def settle(self, tx: Transaction, write: Write) -> Checked | None:
        told = self.receipts.recipients(write.collection, self.caller)
        before = None
        if told and write.present is not None:
            before = await objects.get(tx, write.collection.id, write.present.name)
        checked = await self.inner.settle(tx, write)
        if told:
            now = self.receipts.clock.milliseconds()
            old = "" if before is None else before.body.decode("utf-8", "replace")
            new = "" if checked is None else checked.body.decode("utf-8", "replace")
            mails = receipts_for(write.collection, self.caller, old, new, told, now)
            await outbox.add(tx, mails, now)
        return checked


def receipts_for(
    collection: Collection,
    caller: Caller,
    before: str,
    after: str,
    recipients: Sequence[tuple[str, bool, bool]],
    now: int,
) -> Sequence[NewMail]:
    """Return the mails that tell of a write; ``before`` and ``after`` are the object's text, empty where it is not."""
    if before == after:
        return []
    event = "created" if not before else "deleted" if not after else "changed"
    name = collection.properties.get("displayname")
    payload = {
        "event": event,
        "folder": name if isinstance(name, str) and name else collection.name,
        "owner": collection.owner,
        "actor": caller.principal,
        "calendar": after or before,
        "previous": before if after else "",
    }
    return [
        NewMail(
            key=key_of(KIND, event, str(collection.id), before, after, recipient, str(now)),
            kind=KIND,
            sender=caller.principal or collection.owner,
            recipient=recipient,
            payload={**payload, "to_principal": is_principal, "by_default": by_default},
        )
        for recipient, is_principal, by_default in recipients
    ]


def receipt_of(payload: Mapping[str, object]) -> Receipt:
    """Return a payload as a value.

    Raises:
        MalformedInput: something is missing or of another type.
    """
    try:
        return msgspec.convert(payload, Receipt)
    except msgspec.ValidationError as error:
        raise MalformedInput(f"outbox: {error}") from error


def receipt_letter(receipt: Receipt, actor_name: str, reader: Reader, default_zone: tzinfo) -> Letter:
    """Return the words of a receipt.

    Raises:
        MalformedInput: what was stored holds no event, task or journal entry.
    """
    words = reader.words
    occasion = occasion_of(ical.parse(receipt.calendar), default_zone)
    previous = occasion_of(ical.parse(receipt.previous), default_zone) if receipt.previous else None
    title = occasion.title(reader)
    return Letter(
        kind="receipt",
        language=words.language,
        subject=words.text(f"subject.{receipt.event}", title=title, folder=receipt.folder),
        heading=words.text(f"heading.{receipt.event}", sender=actor_name, folder=receipt.folder),
        title=title,
        rows=(*rows(occasion, reader, previous), Row(words.text("label.calendar"), receipt.folder)),
        description=occasion.text("DESCRIPTION"),
        footer=words.text("text.automatic"),
        tone="gone" if receipt.event == "deleted" else "news",
        values={
            "sender": actor_name,
            "folder": receipt.folder,
            "summary": title,
            "when": when_text(occasion, reader),
            "location": occasion.text("LOCATION"),
            "description": occasion.text("DESCRIPTION"),
        },
    )
