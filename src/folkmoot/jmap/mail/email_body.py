"""What a client shows of a message: its parts, and which of them are text, HTML and attachments (RFC 8621 4.1.4)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from folkmoot.jmap.mail.header_forms import Field, as_raw, header_value
from folkmoot.mime.charsets import codec_of, to_text
from folkmoot.mime.content import decode_content
from folkmoot.mime.parameters import parameter_text
from folkmoot.mime.part import Part

DEFAULT_PART_PROPERTIES: Final = (
    "partId",
    "blobId",
    "size",
    "name",
    "type",
    "charset",
    "disposition",
    "cid",
    "language",
    "location",
)
PARTS_MAX: Final = 1_000  # of one message that are told of
DEPTH_MAX: Final = 100  # of multiparts within each other
VALUE_OCTETS_MAX: Final = 4 * 1024 * 1024  # of one text, in its transfer encoding
_EXPANSION: Final = 3  # octets on the wire for one of text: quoted-printable at its worst
_PICTURES: Final = ("image", "audio", "video")
_BASE64: Final = (57, 78)  # octets in a line of base64, and those of the line
_CHARSET: Final = "us-ascii"  # of text that names none (RFC 2046 section 4.1.2)
_REPLACED: Final = "\ufffd"

BlobOf = Callable[[str], str | None]
"""Returns the id of a part's blob by its path."""


@dataclass(slots=True)
class Body:
    """The parts of a message by how they are shown."""

    text: list[Part] = field(default_factory=list)
    html: list[Part] = field(default_factory=list)
    attachments: list[Part] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PartShape:
    """Which properties of parts are told."""

    names: tuple[str, ...]
    blob: BlobOf
    headers: Mapping[str, Sequence[Field]] = field(default_factory=dict)  # of parts, by path

    @property
    def wants_headers(self) -> bool:
        return any(name == "headers" or name.startswith("header:") for name in self.names)

    def told(self, part: Part) -> dict[str, Any]:
        """Return a part without those within it."""
        told: dict[str, Any] = {}
        for name in self.names:
            if name.startswith("header:"):
                told[name] = header_value(name, self.headers.get(part.path, ()))
            elif name == "headers":
                told[name] = [{"name": key, "value": as_raw(value)} for key, value in self.headers.get(part.path, ())]
            elif name == "blobId":
                told[name] = None if part.is_multipart else self.blob(part.path)
            elif name in _PROPERTIES:
                told[name] = _PROPERTIES[name](part)
        return told

    def tree(self, part: Part, depth: int = 0) -> dict[str, Any]:
        """Return a part and all within it; deeper ones than anybody sends are left out."""
        told = self.told(part)
        if part.is_multipart:
            told["subParts"] = [self.tree(child, depth + 1) for child in part.children] if depth < DEPTH_MAX else []
        return told


def body_of(structure: Part) -> Body:
    """Return which parts are text, HTML and attachments."""
    body = Body()
    _sort((structure,), "mixed", False, body.html, body.text, body.attachments, [PARTS_MAX], 0)
    return body


def texts(structure: Part) -> Iterator[Part]:
    """Yield all parts of text, not those of messages within."""
    for number, part in enumerate(structure.walk()):
        if number >= PARTS_MAX:
            return
        if part.type == "text":
            yield part


def octets_wanted(limit: int) -> int:
    """Return how much of a part is fetched for so many octets of text; 0 is no limit of the client's."""
    return min(limit * _EXPANSION + 1024, VALUE_OCTETS_MAX) if limit else VALUE_OCTETS_MAX


def body_value(part: Part, raw: bytes, limit: int) -> dict[str, Any]:
    """Return the text of a part; ``raw`` is its beginning in its transfer encoding, ``limit`` 0 for all of it."""
    content = decode_content(raw, part.encoding)
    charset = parameter_text(part.parameters, "charset")
    text = to_text(content, charset or _CHARSET)
    problem = _REPLACED in text or bool(charset and not codec_of(charset))
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", _REPLACED)
    cut = _cut(text, limit, html=part.subtype == "html") if limit else text
    return {
        "value": cut,
        "isEncodingProblem": problem,
        "isTruncated": len(cut) < len(text) or len(raw) < part.size,
    }


def _cut(text: str, limit: int, *, html: bool) -> str:
    octets = text.encode("utf-8", "replace")
    if len(octets) <= limit:
        return text
    cut = octets[:limit].decode("utf-8", "ignore")
    if html and cut.rfind("<") > cut.rfind(">"):  # a tag is not told in half
        cut = cut[: cut.rfind("<")]
    return cut


def _sort(
    parts: Sequence[Part],
    kind: str,
    alternative: bool,
    html: list[Part] | None,
    text: list[Part] | None,
    attachments: list[Part],
    left: list[int],
    depth: int,
) -> None:
    """Put parts of a multipart where they belong; ``html`` or ``text`` None: something else is shown there instead."""
    texts_before = len(text) if text is not None else -1
    htmls_before = len(html) if html is not None else -1
    for place, part in enumerate(parts):
        left[0] -= 1
        if left[0] < 0:
            return
        if part.is_multipart:
            if depth < DEPTH_MAX:
                within = alternative or part.subtype == "alternative"
                _sort(part.children, part.subtype, within, html, text, attachments, left, depth + 1)
            continue
        if not _is_inline(part, kind, first=place == 0):
            attachments.append(part)
            continue
        if kind == "alternative":
            shown = {"text/plain": text, "text/html": html}.get(part.content_type, attachments)
            if shown is not None:
                shown.append(part)
            continue
        if alternative:
            html = None if part.content_type == "text/plain" else html
            text = None if part.content_type == "text/html" else text
        if text is not None:
            text.append(part)
        if html is not None:
            html.append(part)
        if (text is None or html is None) and part.type in _PICTURES:
            attachments.append(part)
    if kind == "alternative" and text is not None and html is not None:
        if len(text) == texts_before and len(html) != htmls_before:
            text.extend(html[htmls_before:])
        elif len(html) == htmls_before and len(text) != texts_before:
            html.extend(text[texts_before:])


def _is_inline(part: Part, kind: str, *, first: bool) -> bool:
    picture = part.type in _PICTURES
    if part.disposition == "attachment" or not (picture or part.content_type in {"text/plain", "text/html"}):
        return False
    return first or (kind != "related" and (picture or _name(part) is None))


def _name(part: Part) -> str | None:
    given = parameter_text(part.disposition_parameters, "filename") or parameter_text(part.parameters, "name")
    return given.replace("\0", "") or None


def _size(part: Part) -> int:
    """Return about how many octets a part has without its transfer encoding, of which the server tells nothing."""
    if part.is_multipart:
        return 0
    return part.size * _BASE64[0] // _BASE64[1] if part.encoding == "base64" else part.size


def _charset(part: Part) -> str | None:
    if part.type != "text":
        return None
    return parameter_text(part.parameters, "charset") or _CHARSET


_PROPERTIES: Final[Mapping[str, Callable[[Part], Any]]] = {
    "partId": lambda part: None if part.is_multipart else part.path,
    "size": _size,
    "name": _name,
    "type": lambda part: part.content_type,
    "charset": _charset,
    "disposition": lambda part: part.disposition or None,
    "cid": lambda part: part.id.strip().strip("<>") or None,
    "language": lambda part: list(part.language) or None,
    "location": lambda part: part.location or None,
}
