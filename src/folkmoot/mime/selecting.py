"""Decides, from the structure alone, which parts of a message are shown, in which order, and which are attachments.

The rules are those people know from their mail programs: of alternatives the last that can be shown (RFC 2046 section
5.1.4); of related parts the root, the others being its pictures (RFC 2387); of a signed message what is signed; a
message within a message after it, with its header.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from folkmoot.mime.filenames import part_name
from folkmoot.mime.part import Part

SHOWN_MAX: Final = 100  # parts shown of one message; digests have some fifty
NESTED_MAX: Final = 8  # messages within messages shown; deeper ones are attachments
DEPTH_MAX: Final = 100  # multiparts within each other
ATTACHMENTS_MAX: Final = 2000  # listed
TEXT_OCTETS_MAX: Final = 4 * 1024 * 1024  # encoded, of all that is shown of one message
PLAIN, HTML, ENRICHED, PICTURE, MESSAGE, STATUS = "plain", "html", "enriched", "picture", "message", "status"

_TEXTS: Final = {
    "text/plain": PLAIN,
    "text/html": HTML,
    "application/xhtml+xml": HTML,
    "text/enriched": ENRICHED,
    "text/richtext": ENRICHED,
}
_STATUSES: Final = frozenset({"message/delivery-status", "message/disposition-notification", "message/feedback-report"})
_CALENDARS: Final = frozenset({"text/calendar", "application/ics", "text/x-vcalendar"})
_OCTETS: Final = "application/octet-stream"  # as gateways send what they do not know
_SIGNATURES: Final = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_ENCRYPTED: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"})
_RASTER: Final = frozenset({"png", "jpeg", "jpg", "pjpeg", "gif", "webp", "bmp", "x-ms-bmp", "x-png", "avif"})
_RASTER_SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp")


@dataclass(frozen=True, slots=True)
class Shown:
    """A part to be shown."""

    kind: str
    part: Part
    scope: Part  # the top of the message it belongs to: its pictures are looked up there
    depth: int = 0  # messages around it


@dataclass(slots=True)
class Selection:
    """What is shown, and what is not."""

    shown: list[Shown] = field(default_factory=list)
    attachments: list[Part] = field(default_factory=list)
    calendars: list[Part] = field(default_factory=list)
    signed: Part | None = None  # multipart/signed, or opaque S/MIME
    encrypted: Part | None = None
    alternatives: set[str] = field(default_factory=set)  # kinds of text between which the reader may choose
    left: int = TEXT_OCTETS_MAX


def select(top: Part, *, prefer_plain: bool = False) -> Selection:
    """Decide what is shown of a message."""
    selection = Selection()
    _Selecting(selection, prefer_plain=prefer_plain).visit(top, top, 0, 0)
    return selection


def sections(selection: Selection) -> list[str]:
    """Return the IMAP sections that hold what is shown, each once; the message's own header first."""
    names = ["HEADER"]
    for shown in selection.shown:
        if shown.kind == MESSAGE:
            names.append(f"{shown.part.path}.HEADER")
        elif shown.kind != PICTURE:
            names.append(shown.part.path)
    return list(dict.fromkeys(names))


def pictures(scope: Part) -> Mapping[str, Part]:
    """Return the bitmaps of a message by ``cid:`` and Content-ID, and by Content-Location."""
    found: dict[str, Part] = {}
    for part in scope.walk():
        if is_raster(part):
            if part.id:
                found.setdefault(f"cid:{part.id.strip().strip('<>')}", part)
            if part.location:
                found.setdefault(part.location.strip(), part)
    return found


def is_raster(part: Part) -> bool:
    """Whether a part calls itself a bitmap that browsers show; never SVG."""
    if part.type == "image":
        return part.subtype in _RASTER
    return part.content_type == "application/octet-stream" and part_name(part).lower().endswith(_RASTER_SUFFIXES)


class _Selecting:
    def __init__(self, selection: Selection, *, prefer_plain: bool) -> None:
        self._to = selection
        self._prefer_plain = prefer_plain

    def visit(self, part: Part, scope: Part, depth: int, nested: int) -> None:
        """Put a part, and what it holds, where it belongs."""
        if depth > DEPTH_MAX:
            self._attach(part)
        elif part.is_multipart and part.children:
            self._multipart(part, scope, depth, nested)
        elif part.content_type in {"message/rfc822", "message/global"} and part.children:
            self._message(part, depth, nested)
        else:
            self._leaf(part, scope, nested)

    def _multipart(self, part: Part, scope: Part, depth: int, nested: int) -> None:
        children = part.children
        match part.subtype:
            case "alternative":
                self._alternative(part, scope, depth, nested)
            case "related":
                root = _root(part)
                self.visit(root, scope, depth + 1, nested)
                for child in children:
                    if child is not root:
                        self._collect(child)
            case "signed":
                if nested == 0:
                    self._to.signed = self._to.signed or part
                self.visit(children[0], scope, depth + 1, nested)
                for child in children[1:]:
                    if child.content_type not in _SIGNATURES:
                        self.visit(child, scope, depth + 1, nested)
            case "encrypted":
                self._to.encrypted = self._to.encrypted or part
                for child in children:
                    self._attach(child)
            case "appledouble":
                for child in children:
                    if child.content_type != "application/applefile":
                        self.visit(child, scope, depth + 1, nested)
            case _:
                for child in children:
                    self.visit(child, scope, depth + 1, nested)

    def _alternative(self, part: Part, scope: Part, depth: int, nested: int) -> None:
        kinds = {child.path: _best_kind(child) for child in part.children}
        if nested == 0:
            self._to.alternatives.update(kind for kind in kinds.values() if kind)
        candidates = [child for child in part.children if kinds[child.path]]
        plain = [child for child in candidates if kinds[child.path] == PLAIN]
        chosen = (plain if self._prefer_plain and plain else candidates or [None])[-1]  # type: ignore[list-item]  # none
        for child in part.children:
            if child is chosen:
                self.visit(child, scope, depth + 1, nested)
            elif not (child in candidates and not child.is_multipart):
                self._collect(child, texts=child not in candidates)

    def _message(self, part: Part, depth: int, nested: int) -> None:
        self._attach(part)
        encoded = part.encoding in {"base64", "quoted-printable"}  # forbidden (RFC 2046 section 5.2.1), and unreadable
        if part.disposition == "attachment" or encoded or nested >= NESTED_MAX or len(self._to.shown) >= SHOWN_MAX:
            return
        inner = part.children[0]
        self._to.shown.append(Shown(MESSAGE, part, inner, nested + 1))
        self.visit(inner, inner, depth + 1, nested + 1)

    def _leaf(self, part: Part, scope: Part, nested: int) -> None:
        kind = _TEXTS.get(part.content_type, "")
        if part.content_type in _STATUSES:
            kind = STATUS
        elif not kind and is_raster(part) and part.disposition == "inline":
            kind = PICTURE
        if part.content_type in _ENCRYPTED and nested == 0:
            if part.parameter("smime-type").lower() == "signed-data":
                self._to.signed = self._to.signed or part
            else:
                self._to.encrypted = self._to.encrypted or part
        if kind == PICTURE:
            self._attach(part)
        elif not kind or part.disposition == "attachment" or (kind != STATUS and self._is_file(part, scope)):
            self._collect(part)
            return
        if len(self._to.shown) >= SHOWN_MAX or (kind != PICTURE and part.size > self._to.left):
            if kind != PICTURE:
                self._attach(part)
            return
        if kind != PICTURE:
            self._to.left -= part.size
        self._to.shown.append(Shown(kind, part, scope, nested))

    def _is_file(self, part: Part, scope: Part) -> bool:
        """Text that has a name is a file, unless it is the first of its message."""
        named = any(key.startswith(("name", "filename")) for key, _ in (*part.parameters, *part.disposition_parameters))
        return named and any(shown.scope is scope for shown in self._to.shown)

    def _collect(self, part: Part, *, texts: bool = True) -> None:
        """List what is not shown, of a multipart its parts; without ``texts`` not what says the same in other words."""
        for leaf in part.walk():
            if leaf.is_multipart and leaf.children:
                continue
            if leaf.content_type in _CALENDARS or (leaf.content_type == _OCTETS and _is_called_calendar(leaf)):
                self._to.calendars.append(leaf)
            if leaf.content_type != "application/applefile" and (texts or leaf.content_type not in _TEXTS):
                self._attach(leaf)

    def _attach(self, part: Part) -> None:
        if len(self._to.attachments) < ATTACHMENTS_MAX:
            self._to.attachments.append(part)


def _root(related: Part) -> Part:
    """Return the root of multipart/related: as named, or else the first (RFC 2387 section 3.2)."""
    start = related.parameter("start").strip().strip("<>")
    if start:
        for child in related.children:
            if child.id.strip().strip("<>") == start:
                return child
    return related.children[0]


def _best_kind(part: Part) -> str:
    """Return the best kind of text that an alternative holds; empty if it holds none."""
    if part.content_type == "multipart/related" and part.children:
        return _best_kind(_root(part))
    best = ""
    for leaf in part.walk():
        kind = _TEXTS.get(leaf.content_type, "") if leaf.disposition != "attachment" else ""
        if kind == HTML:
            return HTML
        best = best or kind
    return best


def _is_called_calendar(part: Part) -> bool:
    return part_name(part).lower().endswith(".ics")
