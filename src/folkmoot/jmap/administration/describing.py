"""The types of administration."""

from typing import Annotated, Final, Literal

import msgspec

from folkmoot.jmap.protocol.describing import (
    DataType,
    Described,
    Id,
    Int,
    UnsignedInt,
    UTCDate,
    immutable,
    server_set,
    told,
)


class Person(Described):
    """Somebody, or a group, room or thing, of any user source; the id is the Principal's."""

    id: Annotated[Id, server_set]
    login: Annotated[str, immutable]
    name: str = ""
    email: str = ""
    aliases: Annotated[list[str], told("further addresses")] = msgspec.field(default_factory=list)
    kind: Annotated[Literal["individual", "group", "location", "resource"], immutable] = "individual"
    multiple_bookings: Annotated[Int, told("of a resource: meetings at a time; 0 any, -1 any but shown as busy")] = 0
    source: Annotated[str, server_set, told("`local` is the built-in one")] = ""
    is_editable: Annotated[bool, server_set] = False
    password: Annotated[str | None, told("never told; without one nobody signs in by this name")] = None
    must_change_password: Annotated[bool, told("never told; with a password: it serves for choosing another")] = False


class OutboxLetter(Described):
    """A mail that the server writes by itself: an invitation, a notice, a reminder."""

    id: Annotated[Id, server_set]
    state: Annotated[Literal["waiting", "sending", "sent", "dead"], told("set to `waiting` it is sent at once")]
    kind: Annotated[str, server_set]
    sender: Annotated[str, server_set, told("for whom it is written")]
    recipient: Annotated[str, server_set]
    attempts: Annotated[UnsignedInt, server_set] = 0
    fault: Annotated[str, server_set, told("what the last server said")] = ""
    created: Annotated[UTCDate, server_set] = ""
    changed: Annotated[UTCDate, server_set] = ""


class Job(Described):
    """What the server has to do without being asked by anybody."""

    id: Annotated[Id, server_set]
    kind: Annotated[str, server_set]
    key: Annotated[str, server_set, told("what it is about")]
    due: Annotated[UTCDate, server_set]
    running_until: Annotated[UTCDate | None, server_set, told("unless it takes longer; null: it waits")] = None
    attempts: Annotated[UnsignedInt, server_set] = 0
    fault: Annotated[str, server_set, told("of the last attempt")] = ""


class MessageOfTheDay(Described):
    """What everybody is told: plain text, whose URLs programs may show as links."""

    id: Annotated[Id, server_set]
    text: str = ""
    since: UTCDate | None = None
    until: UTCDate | None = None


class Peer(Described):
    """A server that ours needs, and how it answers now."""

    id: Annotated[Id, server_set]
    milliseconds: Annotated[UnsignedInt, server_set]
    fault: Annotated[str, server_set, told("empty: it answers")] = ""


class AuditEntry(Described):
    """What an administrator has done."""

    id: Annotated[Id, server_set]
    at: Annotated[UTCDate, server_set]
    actor: Annotated[str, server_set]
    action: Annotated[str, server_set]
    subject: Annotated[str, server_set, told("to whom; empty: nobody")] = ""
    details: Annotated[dict[str, str | int | None], server_set] = msgspec.field(default_factory=dict)


PERSON: Final = DataType("Person", Person)
OUTBOX_LETTER: Final = DataType("OutboxLetter", OutboxLetter)
JOB: Final = DataType("Job", Job)
MESSAGE: Final = DataType("MessageOfTheDay", MessageOfTheDay)
PEER: Final = DataType("Peer", Peer)
AUDIT_ENTRY: Final = DataType("AuditEntry", AuditEntry)
