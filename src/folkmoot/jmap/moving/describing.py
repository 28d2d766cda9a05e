"""The type ``DataImport``."""

from typing import Annotated, Final, Literal

import msgspec

from folkmoot.jmap.protocol.describing import (
    DataType,
    Described,
    Feed,
    Id,
    Reference,
    UnsignedInt,
    UTCDate,
    immutable,
    server_set,
    told,
)

Format = Literal["ics", "vcf", "ldif", "csv", "eml", "mbox", "zip"]


class Rejected(Described):
    """What was wrong with one item of a file."""

    where: Annotated[str, told("such as `line 120` or `contact 3`")]
    reason: str


class DataImport(Described):
    """A file on its way into a calendar, an address book or a mailbox; exactly one of these is named."""

    id: Annotated[Id, server_set]
    blob_id: Annotated[Reference | None, immutable, told("the file; not told afterwards")] = None
    target_account_id: Annotated[Id | None, immutable, told("null: the account of the call")] = None
    calendar_id: Annotated[Reference | None, immutable] = None
    address_book_id: Annotated[Reference | None, immutable] = None
    mailbox_id: Annotated[Reference | None, immutable] = None
    name: Annotated[str, immutable, told("of the file")] = ""
    format: Annotated[Format | None, immutable, told("null: as name, type or content tell; `zip` is of `.eml`")] = None
    dry_run: Annotated[bool, immutable, told("check and report everything, store nothing")] = False
    is_cancelled: Annotated[bool, told("true ends it; what is in stays")] = False
    stage: Annotated[
        Literal["waiting", "running", "done", "failed", "cancelled", "interrupted"],
        server_set,
        told("interrupted: the server went away; importing once more changes nothing of what is in"),
    ] = "waiting"
    total: Annotated[UnsignedInt, server_set, told("items of the file; 0 until it has been read")] = 0
    created: Annotated[UnsignedInt, server_set] = 0
    replaced: Annotated[UnsignedInt, server_set, told("by items with the same UID")] = 0
    unchanged: Annotated[UnsignedInt, server_set] = 0
    rejected: Annotated[UnsignedInt, server_set] = 0
    report: Annotated[list[Rejected], server_set, told("the first 500 that were rejected")] = msgspec.field(
        default_factory=list
    )
    fault: Annotated[str, server_set, told("why it failed")] = ""
    begun: Annotated[UTCDate, server_set] = ""
    changed: Annotated[UTCDate, server_set, told("it is forgotten a day later")] = ""


DATA_IMPORT: Final = DataType("DataImport", DataImport, feed=Feed.PERSON)
