"""What a client asks about emails, what has to be fetched for it, and the objects made of that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from folkmoot.jmap.mail.describing import BODY_PART
from folkmoot.jmap.mail.email_body import (
    DEFAULT_PART_PROPERTIES,
    BlobOf,
    Body,
    PartShape,
    body_of,
    body_value,
    octets_wanted,
    texts,
)
from folkmoot.jmap.mail.header_forms import Field, as_raw, field_of, header_value, is_allowed, last
from folkmoot.jmap.mail.keywords import keywords_of
from folkmoot.jmap.protocol.describing import UnsignedInt
from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.standard import GetArguments
from folkmoot.mailboxes.summaries import has_attachment
from folkmoot.mailboxes.thread_index import FIELDS as THREAD_FIELDS
from folkmoot.mime.headers import HEADER_OCTETS_MAX, Headers
from folkmoot.mime.list_headers import priority_of
from folkmoot.mime.part import Part

DEFAULTS: Final = (
    "id",
    "blobId",
    "threadId",
    "mailboxIds",
    "keywords",
    "size",
    "receivedAt",
    "messageId",
    "inReplyTo",
    "references",
    "sender",
    "from",
    "to",
    "cc",
    "bcc",
    "replyTo",
    "subject",
    "sentAt",
    "hasAttachment",
    "preview",
    "bodyValues",
    "textBody",
    "htmlBody",
    "attachments",
)
HEADER: Final = f"BODY.PEEK[HEADER]<0.{HEADER_OCTETS_MAX}>"
SMIME: Final = frozenset({"smimeStatus", "smimeStatusAtDelivery", "smimeErrors", "smimeVerifiedAt"})
FIELDS_MAX: Final = 100  # different header fields of one call
_CONVENIENT: Final[Mapping[str, str]] = {
    "messageId": "header:Message-ID:asMessageIds",
    "inReplyTo": "header:In-Reply-To:asMessageIds",
    "references": "header:References:asMessageIds",
    "sender": "header:Sender:asAddresses",
    "from": "header:From:asAddresses",
    "to": "header:To:asAddresses",
    "cc": "header:Cc:asAddresses",
    "bcc": "header:Bcc:asAddresses",
    "replyTo": "header:Reply-To:asAddresses",
    "subject": "header:Subject:asText",
    "sentAt": "header:Date:asDate",
}
_OWN_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "threadId": ("references", "in-reply-to", "message-id"),
    "priority": ("x-priority", "importance"),
    "listId": ("list-id",),
}
_BODY: Final = frozenset({"bodyStructure", "textBody", "htmlBody", "attachments", "bodyValues"})
_STRUCTURED: Final = _BODY | SMIME | {"hasAttachment", "preview"}


class BodyArguments(GetArguments):
    """Of methods that tell of emails (RFC 8621 sections 4.2 and 4.9)."""

    body_properties: list[str] | None = None
    fetch_text_body_values: bool = False
    fetch_html_body_values: bool = msgspec.field(name="fetchHTMLBodyValues", default=False)
    fetch_all_body_values: bool = False
    max_body_value_bytes: UnsignedInt = 0


@dataclass(slots=True)
class Known:
    """What was fetched of one email."""

    ids: Mapping[str, Any]  # id, blobId, threadId, mailboxIds as far as they are known
    flags: frozenset[str] = frozenset()
    size: int = 0
    received: int | None = None
    fields: Sequence[Field] = ()
    structure: Part | None = None
    parts: dict[str, bytes] = field(default_factory=dict)  # texts as they came, by path
    part_fields: dict[str, Sequence[Field]] = field(default_factory=dict)
    preview: str = ""
    smime: Mapping[str, Any] = field(default_factory=dict)


class EmailShape:
    """The properties that a call asks for."""

    def __init__(self, properties: frozenset[str], arguments: BodyArguments) -> None:
        """Read what is asked for; ``properties`` empty: those of the standard.

        Raises:
            MethodFailed: ``invalidArguments``: there is no such property of a part, or a form that its field has not.
        """
        self.names = properties or frozenset(DEFAULTS)
        self._arguments = arguments
        asked = arguments.body_properties
        self.part_names = DEFAULT_PART_PROPERTIES if asked is None else tuple(dict.fromkeys(asked))
        BODY_PART.check_names(frozenset(self.part_names))
        headers = [name for name in (*self.names, *self.part_names) if name.startswith("header:")]
        wrong = [name for name in headers if not is_allowed(name)]
        if wrong:
            raise MethodFailed("invalidArguments", f"a field has no such form: {min(wrong)[:60]}")
        self.limit = arguments.max_body_value_bytes

    @property
    def fields(self) -> frozenset[str]:
        """The header fields that are needed, in lower case."""
        wanted = {field_of(_CONVENIENT.get(name, name)) for name in self.names if name in _CONVENIENT or ":" in name}
        return frozenset(wanted.union(*(_OWN_FIELDS.get(name, ()) for name in self.names)))

    def items(self, *, thread_known: bool = False) -> list[str]:
        """Return what to FETCH of each message; nothing where ids are all that is asked for."""
        names = self.names
        items = []
        if "keywords" in names:
            items.append("FLAGS")
        if "size" in names:
            items.append("RFC822.SIZE")
        if "receivedAt" in names:
            items.append("INTERNALDATE")
        if names & _STRUCTURED:
            items.append("BODYSTRUCTURE")
        fields = self.fields
        if thread_known and names.isdisjoint({"messageId", "inReplyTo", "references"}):
            own = set().union(*(_OWN_FIELDS.get(name, ()) for name in names - {"threadId"}))
            fields = fields - (set(_OWN_FIELDS["threadId"]) - own - self._named())
        if "headers" in names or len(fields) > FIELDS_MAX:
            items.append(HEADER)
        elif fields == set(_OWN_FIELDS["threadId"]):
            items.append(f"BODY.PEEK[{THREAD_FIELDS}]")
        elif fields:
            items.append(f"BODY.PEEK[HEADER.FIELDS ({' '.join(sorted(fields)).upper()})]")
        return items

    def _named(self) -> set[str]:
        return {field_of(name) for name in self.names if name.startswith("header:")}

    def sections(self, structure: Part) -> list[tuple[str, int]]:
        """Return the sections of a message whose octets are needed, and their sizes."""
        wanted = [(part.path, part.size) for part in self._valued(structure)]
        if self.names & (_BODY - {"bodyValues"}) and self._part_shape(lambda _: None, {}).wants_headers:
            wanted += [(f"{part.path}.MIME" if part.path else "HEADER", 2048) for part in structure.walk()]
        return wanted

    @property
    def section_octets(self) -> int:
        """How much of each section is fetched at most."""
        return octets_wanted(self.limit)

    @property
    def wants_smime(self) -> bool:
        """Whether messages have to be opened to see who signed them."""
        return not self.names.isdisjoint(SMIME)

    @property
    def heavy(self) -> bool:
        """Whether texts are decoded, which takes milliseconds."""
        return "bodyValues" in self.names or "preview" in self.names

    def object(self, known: Known, blob: BlobOf) -> dict[str, Any]:
        """Return the properties of an email."""
        told: dict[str, Any] = {name: value for name, value in known.ids.items() if name in self.names or name == "id"}
        body = None if known.structure is None else body_of(known.structure)
        shape = self._part_shape(blob, known.part_fields)
        for name in self.names:
            if name in _CONVENIENT:
                told[name] = header_value(_CONVENIENT[name], known.fields)
            elif name.startswith("header:"):
                told[name] = header_value(name, known.fields)
            elif name in _BODY:
                told[name] = self._of_body(name, known, body, shape)
            elif name in SMIME:
                told[name] = known.smime.get(name)
            elif name not in told:
                told[name] = self._other(name, known)
        return told

    def _other(self, name: str, known: Known) -> Any:
        match name:
            case "keywords":
                return keywords_of(known.flags)
            case "size":
                return known.size
            case "receivedAt":
                return None if known.received is None else utc_date(known.received)
            case "hasAttachment":
                return has_attachment(known.structure, known.flags)
            case "preview":
                return known.preview
            case "headers":
                return [{"name": key, "value": as_raw(value)} for key, value in known.fields]
            case "priority":
                return priority_of(Headers(tuple((key.lower(), value.strip()) for key, value in known.fields)))
            case "listId":
                found = last(known.fields, "list-id")
                return None if found is None else header_value("header:List-Id:asText", known.fields)
        return None

    def _of_body(self, name: str, known: Known, body: Body | None, shape: PartShape) -> Any:
        if known.structure is None or body is None:
            return {} if name == "bodyValues" else None if name == "bodyStructure" else []
        match name:
            case "bodyStructure":
                return shape.tree(known.structure)
            case "textBody":
                return [shape.told(part) for part in body.text]
            case "htmlBody":
                return [shape.told(part) for part in body.html]
            case "attachments":
                return [shape.told(part) for part in body.attachments]
        return {
            part.path: body_value(part, known.parts[part.path], self.limit)
            for part in self._valued(known.structure)
            if part.path in known.parts
        }

    def _valued(self, structure: Part) -> list[Part]:
        arguments = self._arguments
        if "bodyValues" not in self.names:
            return []
        if arguments.fetch_all_body_values:
            return list(texts(structure))
        body = body_of(structure)
        wanted = (body.text if arguments.fetch_text_body_values else []) + (
            body.html if arguments.fetch_html_body_values else []
        )
        return list({part.path: part for part in wanted if part.type == "text"}.values())

    def _part_shape(self, blob: BlobOf, headers: Mapping[str, Sequence[Field]]) -> PartShape:
        return PartShape(self.part_names, blob, headers)


def utc_date(seconds: int) -> str:
    """Return a moment as JMAP writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
