"""Bodies of extended MKCOL and of MKCALENDAR (RFC 5689, RFC 4791 section 9.2)."""

from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import MalformedInput, Unsupported
from folkmoot.dav.wire.names import CALDAV, clark
from folkmoot.dav.wire.rfc4918 import PropertyChange, parse_changes
from folkmoot.dav.wire.xml import parse_body

MKCOL: Final = "{DAV:}mkcol"
MKCALENDAR: Final = clark(CALDAV, "mkcalendar")
RESOURCE_TYPE: Final = "{DAV:}resourcetype"


@dataclass(frozen=True, slots=True)
class NewCollection:
    """What a collection is to be; ``types`` are Clark names, None where the body does not say."""

    types: frozenset[str] | None
    changes: tuple[PropertyChange, ...]
    extended: bool  # whether there was a body, which an answer must speak about


def parse_new_collection(body: bytes, document: str) -> NewCollection:
    """Return what the body of a MKCOL or MKCALENDAR asks for.

    Raises:
        Unsupported: a body that is none we know (RFC 4918 section 9.3.1).
        MalformedInput: a known body with a fault.
        TooLarge: too many properties.
    """
    try:
        root = parse_body(body)
    except MalformedInput as error:
        if document == MKCOL and not body.lstrip().startswith(b"<"):
            raise Unsupported("no such kind of body is known for MKCOL") from error
        raise
    if root is None:
        return NewCollection(None, (), extended=False)
    if root.tag != document:
        raise Unsupported("no such kind of body is known for this method")
    steps = parse_changes(root, document)
    types: frozenset[str] | None = None
    changes = []
    for step in steps:
        if step.element is None:
            raise MalformedInput("nothing can be removed from what is being made")
        if step.name == RESOURCE_TYPE:
            types = frozenset(str(child.tag) for child in step.element)
        else:
            changes.append(step)
    return NewCollection(types, tuple(changes), extended=True)
