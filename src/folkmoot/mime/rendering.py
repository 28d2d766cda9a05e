"""Shows a message: from its structure and the contents of a few parts to one piece of safe HTML.

``needed`` names the IMAP sections to fetch, ``render`` takes them as they came, still in their transfer encoding.  What
was not fetched, or cannot be shown, is among the attachments.  Pure and bounded; a long message takes some hundred
milliseconds, so callers run it in a thread.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from folkmoot.core.errors import TooLarge
from folkmoot.mime.authentication import Authentication, authentication_of
from folkmoot.mime.charsets import to_text
from folkmoot.mime.content import decode_content
from folkmoot.mime.enriched import enriched_to_html
from folkmoot.mime.filenames import distinct, part_name, safe_name
from folkmoot.mime.headers import Headers, parse_headers
from folkmoot.mime.hints import Hint, hints_of
from folkmoot.mime.html import Sources, sanitise
from folkmoot.mime.list_headers import ListHeaders, list_headers
from folkmoot.mime.markup import text_of, text_of_safe
from folkmoot.mime.page import document, policy
from folkmoot.mime.parameters import parameter_text
from folkmoot.mime.part import Part
from folkmoot.mime.plain import linked, text_to_html
from folkmoot.mime.reports import Report, parse_delivery_status, parse_disposition
from folkmoot.mime.selecting import MESSAGE, PICTURE, Selection, Shown, pictures, sections, select
from folkmoot.mime.uuencoded import split_uuencoded

PLAIN_TEXT_MAX: Final = 1024 * 1024  # characters of the message as text, for answers and excerpts
_SHOWN_FIELDS: Final = ("from", "to", "cc", "date", "subject")
_LABELS: Final = MappingProxyType({"from": "From", "to": "To", "cc": "Cc", "date": "Date", "subject": "Subject"})


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How the reader wants it, and where pictures come from."""

    cid: Callable[[str], str] | None = None  # path of a part -> URL of that picture, re-encoded
    proxy: Callable[[str], str] | None = None  # URL on the web -> URL of the proxy; None: no consent
    picture_sources: tuple[str, ...] = ("'self'",)  # CSP: where the two lead
    prefer_plain: bool = False
    charset: str | None = None  # the reader's choice
    labels: Mapping[str, str] = field(default_factory=lambda: _LABELS)  # of the header of a message within, by field
    trusted_servers: tuple[str, ...] = ()  # whose Authentication-Results are believed


class Attachment(Struct, frozen=True):
    """A part that may be saved; ``index`` tells files apart that stand uuencoded within one part (else 0)."""

    path: str
    name: str  # safe to show and to save under, distinct in this message
    content_type: str
    size: int  # octets as they stand in the message; of base64 about 4/3 of the file
    content_id: str = ""  # without angle brackets
    inline: bool = False  # shown within the text
    index: int = 0
    method: str = ""  # of a calendar: REQUEST, REPLY, CANCEL ...


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready to be shown."""

    html: str  # a piece of safe HTML; goes into no page but ``document``
    document: str  # for the sandboxed frame
    csp: str  # to be served with
    text: str  # the same as plain text, for answers
    text_only: bool  # nothing of it was HTML
    attachments: tuple[Attachment, ...] = ()
    calendars: tuple[Attachment, ...] = ()  # also among the attachments unless an alternative of the text
    remote_content: bool = False  # there are pictures elsewhere, shown or not
    trackers: int = 0  # pictures nobody can see, never loaded
    hints: tuple[Hint, ...] = ()
    alternatives: frozenset[str] = frozenset()  # "plain", "html": what the reader may choose between
    signed: Part | None = None
    encrypted: Part | None = None
    reports: tuple[Report, ...] = ()
    lists: ListHeaders | None = None
    authentication: Authentication | None = None
    headers: Headers = field(default_factory=Headers)


def needed(part: Part, *, prefer_plain: bool = False) -> list[str]:
    """Return the sections (BODY[...]) that are enough to show a message: its header, and texts within the bounds."""
    return sections(select(part, prefer_plain=prefer_plain))


def render(part: Part, contents: Mapping[str, bytes], options: RenderOptions | None = None) -> Rendered:
    """Show a message; ``contents`` are sections as fetched, by the names that ``needed`` gave."""
    options = options or RenderOptions()
    selection = select(part, prefer_plain=options.prefer_plain)
    return _Rendering(selection, contents, options).render()


class _Rendering:
    """Collects the pieces."""

    def __init__(self, selection: Selection, contents: Mapping[str, bytes], options: RenderOptions) -> None:
        self._selection = selection
        self._contents = contents
        self._options = options
        self._html: list[str] = []
        self._text: list[str] = []
        self._inline: set[str] = set()  # paths of pictures within the text
        self._missing: list[Part] = []
        self._files: list[tuple[Part, int, str, int]] = []  # uuencoded: part, index, name, size
        self._reports: list[Report] = []
        self._remote = self._had_form = self._had_html = False
        self._trackers = 0

    def render(self) -> Rendered:
        for shown in self._selection.shown:
            self._show(shown)
        headers = parse_headers(self._contents.get("HEADER", b""))
        html = "\n".join(self._html)
        csp = policy(self._options.picture_sources)
        return Rendered(
            html,
            document(html, csp, plain=not self._had_html),
            csp,
            "\n\n".join(self._text)[:PLAIN_TEXT_MAX],
            not self._had_html,
            attachments=self._attachments(),
            calendars=tuple(_attachment(part, part_name(part)) for part in self._selection.calendars),
            remote_content=self._remote,
            trackers=self._trackers,
            hints=hints_of(headers, html, had_form=self._had_form),
            alternatives=frozenset(self._selection.alternatives),
            signed=self._selection.signed,
            encrypted=self._selection.encrypted,
            reports=tuple(self._reports),
            lists=list_headers(headers),
            authentication=authentication_of(headers, self._options.trusted_servers),
            headers=headers,
        )

    def _show(self, shown: Shown) -> None:
        part = shown.part
        if shown.kind == PICTURE:
            self._picture(part)
            return
        if shown.kind == MESSAGE:
            self._message_header(parse_headers(self._contents.get(f"{part.path}.HEADER", b"")))
            return
        raw = self._contents.get(part.path)
        if raw is None:
            self._missing.append(part)
            return
        octets = decode_content(raw, part.encoding)
        match shown.kind:
            case "plain":
                self._plain(part, octets)
            case "html":
                self._markup(shown, self._to_text(part, octets))
            case "enriched":
                self._enriched(enriched_to_html(self._to_text(part, octets), richtext=part.subtype == "richtext"))
            case "status":
                self._status(part, octets)

    def _plain(self, part: Part, octets: bytes) -> None:
        octets, files = split_uuencoded(octets)
        for index, file in enumerate(files, 1):
            self._files.append((part, index, file.name, len(file.content)))
        text = self._to_text(part, octets)
        flowed = part.parameter("format").lower() == "flowed"
        html = text_to_html(text, flowed=flowed, delete_space=part.parameter("delsp").lower() == "yes")
        self._add(f'<div class="text">{html}</div>', text)

    def _markup(self, shown: Shown, text: str) -> None:
        found = pictures(shown.scope)

        def content(reference: str) -> str:
            picture = found.get(reference)
            if picture is None or self._options.cid is None:
                return ""
            self._inline.add(picture.path)
            return self._options.cid(picture.path)

        try:
            safe = sanitise(text, Sources(content, self._options.proxy))
        except TooLarge:
            self._words_only(text)
            return
        self._remote = self._remote or safe.remote
        self._had_form = self._had_form or safe.had_form
        self._trackers += safe.trackers
        self._had_html = True
        self._add(f"<div>{safe.html}</div>", text_of_safe(safe.html))

    def _enriched(self, written: str) -> None:
        try:
            safe = sanitise(written).html
        except TooLarge:
            self._words_only(written)
            return
        self._add(f"<div>{safe}</div>", text_of(written))

    def _words_only(self, markup: str) -> None:
        plain = text_of(markup[: 4 * PLAIN_TEXT_MAX])
        self._add(f'<div class="text">{text_to_html(plain)}</div>', plain)

    def _status(self, part: Part, octets: bytes) -> None:
        if part.subtype == "delivery-status":
            self._reports.append(parse_delivery_status(octets))
        elif part.subtype == "disposition-notification":
            self._reports.append(parse_disposition(octets))
        text = to_text(octets, "utf-8").strip()
        self._add(f'<div class="text">{text_to_html(text)}</div>', text)

    def _picture(self, part: Part) -> None:
        if self._options.cid is None:
            return
        self._inline.add(part.path)
        url, name = escape(self._options.cid(part.path)), escape(part_name(part))
        self._html.append(f'<div class="picture"><img src="{url}" alt="{name}"></div>')

    def _message_header(self, headers: Headers) -> None:
        rows, lines = [], []
        for name in _SHOWN_FIELDS:
            value = headers.text(name)[:2000]
            if value:
                label = self._options.labels.get(name, name)
                rows.append(f"<dt>{escape(label)}: </dt><dd>{linked(value, [20])}</dd>")
                lines.append(f"{label}: {value}")
        self._add(f'<div class="message"><dl>{"".join(rows)}</dl></div>', "\n".join(lines))

    def _to_text(self, part: Part, octets: bytes) -> str:
        return to_text(octets, parameter_text(part.parameters, "charset"), self._options.charset)

    def _add(self, html: str, text: str) -> None:
        self._html.append(html)
        self._text.append(text)

    def _name(self, part: Part) -> str:
        """Return a part's name; a message that has none is called as its subject."""
        header = self._contents.get(f"{part.path}.HEADER")
        if header is None or part.disposition_parameters or part.parameter("name"):
            return part_name(part)
        subject = parse_headers(header).text("subject")[:80]
        return safe_name(f"{subject}.eml") if subject else part_name(part)

    def _attachments(self) -> tuple[Attachment, ...]:
        taken: set[str] = set()
        listed: list[Attachment] = []
        paths: set[str] = set()
        for part in (*self._selection.attachments, *self._missing):
            if part.path in paths:
                continue
            paths.add(part.path)
            name = distinct(self._name(part), taken)
            taken.add(name.casefold())
            listed.append(_attachment(part, name, inline=part.path in self._inline))
        for part, index, wanted, size in self._files:
            name = distinct(wanted, taken)
            taken.add(name.casefold())
            listed.append(Attachment(part.path, name, "application/octet-stream", size, index=index))
        return tuple(listed)


def _attachment(part: Part, name: str, *, inline: bool = False) -> Attachment:
    return Attachment(
        part.path,
        name,
        part.content_type,
        part.size,
        content_id=part.id.strip().strip("<>"),
        inline=inline,
        method=part.parameter("method").upper()[:40],
    )
