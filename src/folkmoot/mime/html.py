"""HTML of mails made safe to show: an allowlist of elements, attributes, URLs and style, written by us.

Three steps, each of which would do against most tricks.  ``markup`` brings the document into one shape and bounds it.
Its style sheets are cleaned and moved into the elements.  A parser that follows the HTML standard reads the result and
keeps what is listed, each attribute looked at here.  Nothing may edit the text that comes out: it parses to what was
checked, and sanitising it again changes nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import css_inline
import nh3

from folkmoot.core.errors import TooLarge
from folkmoot.mime import urls
from folkmoot.mime.css import clean_style
from folkmoot.mime.markup import ELEMENTS, Markup, normalise
from folkmoot.mime.sheets import Sheet, clean_sheets, prefixed

HTML_MAX: Final = 2 * 1024 * 1024  # characters of one part; longer ones are shown as text
MATCHES_MAX: Final = 10_000_000  # rules times tags: newsletters have a fifth; half a second at the worst
OUTPUT_MAX: Final = 8 * HTML_MAX  # rules that match everything make much of little
_INLINER: Final = css_inline.CSSInliner(load_remote_stylesheets=False)

Rewrite = Callable[[str], str]
"""Gives the URL to load something from, or nothing."""

_GLOBAL: Final = {"align", "bgcolor", "class", "dir", "height", "lang", "style", "title", "valign", "width"}
_ATTRIBUTES: Final[dict[str, set[str]]] = {
    "*": _GLOBAL,
    "a": {"href", "rel", "target"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "font": {"color", "face", "size"},
    "hr": {"color", "noshade", "size"},
    "img": {"alt", "border", "hspace", "src", "vspace"},
    "li": {"type", "value"},
    "ol": {"start", "type"},
    "table": {"background", "border", "cellpadding", "cellspacing", "summary"},
    "td": {"abbr", "background", "colspan", "nowrap", "rowspan"},
    "th": {"abbr", "background", "colspan", "nowrap", "rowspan", "scope"},
    "tr": {"background"},
    "ul": {"type"},
}
_NUMBER: Final = re.compile(r"\d{1,4}%?|\d{1,4}\.\d{1,4}%?")
_INTEGER: Final = re.compile(r"[+-]?\d{1,4}")
_COLOUR: Final = re.compile(r"#?[0-9a-zA-Z]{1,24}")
_WORD: Final = re.compile(r"[A-Za-z0-9-]{1,35}")
_FACE: Final = re.compile(r"[\w ,.'+-]{1,200}")
_SPAN_MAX: Final = 1000  # as browsers; an engine lays out every column
_PATTERNS: Final = {
    **dict.fromkeys(("width", "height", "border", "cellpadding", "cellspacing", "hspace", "vspace"), _NUMBER),
    **dict.fromkeys(("size", "start", "value"), _INTEGER),
    **dict.fromkeys(("align", "dir", "lang", "scope", "type", "valign"), _WORD),
    **dict.fromkeys(("bgcolor", "color"), _COLOUR),
    "face": _FACE,
}
_TEXT_MAX: Final = 1000  # characters of a hint shown over an element


@dataclass(frozen=True, slots=True)
class Sources:
    """Where pictures come from; without these functions none are shown but those in the text itself."""

    content: Rewrite | None = None  # Content-ID or Content-Location -> URL
    remote: Rewrite | None = None  # URL on the web -> URL of the proxy; None: without consent


@dataclass(frozen=True, slots=True)
class Sanitised:
    """Safe HTML, and what was found."""

    html: str
    remote: bool = False  # something would be loaded from elsewhere, with consent
    had_form: bool = False
    trackers: int = 0


def sanitise(document: str, sources: Sources | None = None) -> Sanitised:
    """Return a document as a piece of safe HTML.

    Raises:
        TooLarge: the document is larger than any mail needs; show its text.
    """
    if len(document) > HTML_MAX:
        raise TooLarge("the HTML of the message is too long")
    checks = _Checks(sources or Sources())
    markup = normalise(document)
    sheet = clean_sheets(markup.styles, checks.picture) if markup.styles else Sheet()
    body = _with_rules(markup, sheet)
    checks.classes = sheet.classes
    cleaned = nh3.clean(
        body,
        tags=set(ELEMENTS),
        attributes=_ATTRIBUTES,
        attribute_filter=checks.attribute,
        url_schemes={"http", "https", "mailto", "tel", "sms", "cid", "data"},
        link_rel=None,  # ``markup`` writes it: the order of what is added here is not always the same
        strip_comments=True,
    )
    style = f"<style>{sheet.media}</style>" if sheet.media else ""
    return Sanitised(style + cleaned, checks.remote, markup.had_form, markup.trackers)


def _with_rules(markup: Markup, sheet: Sheet) -> str:
    if not sheet.rules:
        return markup.html
    if sheet.rules.count("{") * markup.html.count("<") > MATCHES_MAX:
        return markup.html
    try:
        inlined = _INLINER.inline_fragment(markup.html, sheet.rules)
    except css_inline.InlineError:
        return markup.html
    return inlined if len(inlined) <= OUTPUT_MAX else markup.html


class _Checks:
    """Looks at each attribute that the parser found in a listed place."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self.remote = False
        self.classes: frozenset[str] = frozenset()

    def attribute(self, element: str, name: str, value: str) -> str | None:
        """Return the value that may stay; None if none may."""
        pattern = _PATTERNS.get(name)
        if pattern is not None:
            literal = value.strip().removesuffix("px")
            return literal if pattern.fullmatch(literal) else None
        match name:
            case "style":
                return clean_style(value, self.picture) or None
            case "class":
                return self._class(value)
            case "href" | "cite":
                return urls.link(value) or None
            case "src" | "background":
                return self.picture(value) or None
            case "alt" | "title" | "summary" | "abbr":
                # Serialisers differ in whether they escape angle brackets here.
                return value[:_TEXT_MAX].replace("<", "\u2039").replace(">", "\u203a")
            case "colspan" | "rowspan" | "span":
                return value if _INTEGER.fullmatch(value) and 0 < int(value) <= _SPAN_MAX else None
            case "nowrap" | "noshade":
                return name
            case "rel":
                return "noopener noreferrer"
            case "target":
                return "_blank"
        return None

    def picture(self, value: str) -> str:
        """Return the URL from which a picture may be loaded; empty if it may not."""
        inline = urls.inline_picture(value)
        if inline:
            return inline
        identified = urls.content_id(value)
        if identified:
            return self._sources.content(f"cid:{identified}") if self._sources.content else ""
        if self._sources.content:
            part = self._sources.content(value.strip())
            if part:
                return part
        url = urls.remote(value)
        if not url:
            return ""
        self.remote = True
        return self._sources.remote(url) if self._sources.remote else ""

    def _class(self, value: str) -> str | None:
        names = (prefixed(name) for name in value.split() if name in self.classes)
        return " ".join(dict.fromkeys(names)) or None
