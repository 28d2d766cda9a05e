"""Brings HTML of mails into a shape that every parser reads alike, before it is sanitised.

Only listed elements are left, closed in order and nested no deeper than ``DEPTH_MAX``.  The repairs that readers make
(paragraphs that end by themselves, cells without rows, links within links, text pushed out of tables) are made here, so
that no parser after this one makes them differently or pays for them.  Attributes are only listed ones; what stands in
them is checked later, by ``html``.
"""

import html
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from folkmoot.core.errors import TooLarge
from folkmoot.mime.tokens import Start, Text, tokens

DEPTH_MAX: Final = 200  # open elements; browsers stop at 512, long chains of answers reach 100
TAGS_MAX: Final = 100_000  # in one message; the longest newsletters have some 10,000
REOPENED_MAX: Final = 8  # elements like <b> that go on in the next paragraph
ATTRIBUTE_MAX: Final = 20_000  # characters of a value; pictures are longer, and bounded in ``urls``
STYLES_MAX: Final = 256 * 1024  # characters of all style sheets
# & and what begins in UTF-8 as a no-break space does, in one text: each costs as much as the text behind it is long.
SLOW_MAX: Final = 4000
_SLOW: Final = re.compile("[&\x80-\xbf]")
_SLOW_RUN: Final = re.compile("(?:[^&\x80-\xbf]*[&\x80-\xbf]){1,1000}|[^&\x80-\xbf]+")

_FORMATTING: Final = frozenset("b big em font i s small strike strong tt u".split())  # noqa: SIM905
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# Begin a new block, so that an open paragraph ends (HTML, "in body").
_BLOCKS: Final = _HEADINGS | frozenset(
    {"blockquote", "center", "dd", "dl", "dt", "div", "hr", "li", "ol", "p", "pre", "ul"}
)
_TABLE_PARTS: Final = frozenset({"caption", "colgroup", "col", "tbody", "thead", "tfoot", "tr", "td", "th"})
_CELLS: Final = frozenset({"td", "th", "caption"})
_SECTIONS: Final = frozenset({"tbody", "thead", "tfoot"})
_VOID: Final = frozenset({"br", "hr", "img", "col", "wbr"})
_OTHERS: Final = frozenset(
    {
        "a",
        "abbr",
        "acronym",
        "cite",
        "code",
        "del",
        "dfn",
        "ins",
        "kbd",
        "q",
        "samp",
        "span",
        "sub",
        "sup",
        "table",
        "var",
    }
)
ELEMENTS: Final = _FORMATTING | _BLOCKS | _TABLE_PARTS | _VOID | _OTHERS
# What stands for an element that is not kept, where something of it should be.
_INSTEAD: Final = {
    **dict.fromkeys(("address", "article", "aside", "details", "dir", "fieldset", "figcaption", "figure"), "div"),
    **dict.fromkeys(("footer", "header", "main", "menu", "nav", "section", "summary", "body", "form"), "div"),
    **dict.fromkeys(("nobr", "mark", "bdi", "bdo", "label"), "span"),
    "listing": "pre",
    "image": "img",
}
FORM_CONTROLS: Final = frozenset({"form", "input", "button", "select", "textarea"})
# Elements whose content is not shown, to their end tag.
_HIDDEN: Final = frozenset({"svg", "math", "template", "select", "object", "applet", "audio", "video", "canvas"})
_FOREIGN: Final = frozenset({"svg", "math"})
_NOT_TEXT: Final = frozenset({"script", "style", "iframe", "noembed", "noframes", "textarea", "title"})
_ATTRIBUTES: Final = frozenset(
    """
    align alt background bgcolor border cellpadding cellspacing cite class color cols colspan datetime dir face
    height href hspace id lang noshade nowrap rel rowspan size span src start style summary target title type valign
    value vspace width
    """.split()  # noqa: SIM905
)
_LONG: Final = frozenset({"src", "background"})


@dataclass(slots=True)
class Markup:
    """A document in one shape, and what was found on the way."""

    html: str = ""
    styles: list[str] = field(default_factory=list)
    had_form: bool = False
    trackers: int = 0  # pictures of one pixel, left out


def normalise(document: str) -> Markup:
    """Bring a document into shape.

    Raises:
        TooLarge: it has more tags than any mail needs.
    """
    return _Builder().build(document)


class _Builder:
    """Writes tags in order; knows which ones are open."""

    def __init__(self) -> None:
        self._written: list[str] = []
        self._open: list[tuple[str, str]] = []  # name, start tag as written
        self._names: Counter[str] = Counter()  # of what is open
        self._hidden: list[str] = []  # elements being skipped
        self._tags = 0
        self._late: set[int] = set()  # depths of elements that end with what is open within
        self._skipped: dict[str, int] = {}  # start tags not written for their depth, whose ends are to be skipped
        self._slow = 0  # characters that cost the serialiser much, since text was cut
        self._fresh_pre = False  # nothing written yet within <pre>
        self._found = Markup()
        self._style_size = 0

    def build(self, document: str) -> Markup:
        for token in tokens(document):
            if isinstance(token, Text):
                self._text(token)
                continue
            self._tags += 1
            if self._tags > TAGS_MAX:
                raise TooLarge(f"the message has more than {TAGS_MAX} tags")
            if isinstance(token, Start):
                self._start(token)
            else:
                self._end(token.name)
        self._close_to(0)
        self._found.html = "".join(self._written)
        return self._found

    # -- tokens

    def _text(self, token: Text) -> None:
        if token.raw_of == "style" and not self._hidden:
            self._style_size += len(token.content)
            if self._style_size <= STYLES_MAX:
                self._found.styles.append(token.content)
        if token.raw_of in _NOT_TEXT or self._hidden:
            return
        content = token.content
        if self._open and self._open[-1][0] in {"table", "colgroup", *_SECTIONS, "tr"}:
            if not content.strip(" \t\n\f"):
                return
            self._need_cell()
        if self._fresh_pre:
            content = content.lstrip("\n")  # a parser drops the first one, and the next parser the next
            self._fresh_pre = not content
        self._write_text(content)

    def _write_text(self, content: str) -> None:
        """Write text, cut by an empty element where the serialiser after this would take ever longer over it."""
        for piece in _SLOW_RUN.findall(content) if _SLOW.search(content) else [content]:
            self._slow += len(_SLOW.findall(piece))
            if self._slow > SLOW_MAX:
                self._written.append("<span></span>")
                self._slow = 0
            self._written.append(_escaped(piece))

    def _start(self, token: Start) -> None:
        name = token.name
        if name in FORM_CONTROLS:
            self._found.had_form = True
        if self._hidden and not self._leaves_hidden(name):
            if name in _HIDDEN and len(self._hidden) < DEPTH_MAX:
                self._hidden.append(name)
            return
        if name in _HIDDEN:
            self._hidden.append(name)
            return
        name = _INSTEAD.get(name, name)
        if name not in ELEMENTS or (name == "img" and self._is_tracker(token)):
            return
        self._make_room(name)
        if not self._fits(name):
            return
        if len(self._open) >= DEPTH_MAX and name not in _VOID:
            self._skipped[name] = self._skipped.get(name, 0) + 1
            return
        tag = _start_tag(name, token.attributes, body=token.name == "body")
        self._written.append(tag)
        self._fresh_pre = name == "pre"
        if name not in _VOID:
            self._enter(name, tag)

    def _end(self, name: str) -> None:
        if self._hidden:
            if name in self._hidden:
                while self._hidden.pop() != name:
                    pass
            return
        if name == "br":
            self._start(Start("br", {}))
            return
        name = _INSTEAD.get(name, name)
        if name not in ELEMENTS or name in _VOID:
            return
        if self._skipped.get(name):
            self._skipped[name] -= 1
            return
        if name == "p" and not self._has("p"):
            return
        if name in _HEADINGS:
            name = next((opened for opened, _ in reversed(self._open) if opened in _HEADINGS), name)
        depth = self._find(name, across_cells=name in {"table", "tr", *_SECTIONS, *_CELLS})
        if depth is None:
            return
        if name in _FORMATTING and any(opened not in _FORMATTING for opened, _ in self._open[depth + 1 :]):
            self._late.add(depth)  # <b><div></b>: it ends with the block
            return
        self._close_to(depth, reopen=name in _FORMATTING or name in {"a", "span", "p"})

    # -- structure

    def _make_room(self, name: str) -> None:
        """Close what a start tag ends by itself."""
        if name in _TABLE_PARTS:
            self._make_room_in_table(name)
            return
        if self._open and self._open[-1][0] in {"table", "colgroup", *_SECTIONS, "tr"}:
            self._need_cell()
        if name in _BLOCKS or name == "table":
            if name == "li":
                self._close_within("li", {"ol", "ul"})
            elif name in {"dd", "dt"}:
                self._close_within("dd", {"dl"})
                self._close_within("dt", {"dl"})
            depth = self._find("p")
            if depth is not None:
                self._close_to(depth, reopen=True)
            if name in _HEADINGS and self._open and self._open[-1][0] in _HEADINGS:
                self._close_to(len(self._open) - 1)
        elif name == "a":
            depth = self._find("a")
            if depth is not None:
                self._close_to(depth, reopen=True)

    def _make_room_in_table(self, name: str) -> None:
        table = self._find("table", across_cells=True)
        if table is None:
            return
        if name in _CELLS:
            keep: frozenset[str] = frozenset({"tr"}) if name != "caption" else frozenset()
        elif name == "tr":
            keep = _SECTIONS
        elif name == "col":
            keep = frozenset({"colgroup"})
        else:
            keep = frozenset()
        depth = len(self._open)
        while depth > table + 1 and self._open[depth - 1][0] not in keep:
            depth -= 1
        self._close_to(depth)
        wanted = {"td": "tr", "th": "tr", "tr": "tbody", "col": "colgroup"}.get(name)
        if wanted and self._open[-1][0] != wanted:
            if wanted == "tr" and self._open[-1][0] not in _SECTIONS:
                self._push("tbody")
            self._push(wanted)

    def _need_cell(self) -> None:
        """Text and blocks within a table stand in a cell: parsers would push them out, before the table."""
        self._make_room_in_table("td")
        self._push("td")

    def _fits(self, name: str) -> bool:
        return name not in _TABLE_PARTS or self._find("table", across_cells=True) is not None

    def _push(self, name: str) -> None:
        self._written.append(f"<{name}>")
        self._enter(name, f"<{name}>")

    def _enter(self, name: str, tag: str) -> None:
        self._open.append((name, tag))
        self._names[name] += 1

    def _close_within(self, name: str, boundary: set[str]) -> None:
        for depth in range(len(self._open) - 1, -1, -1):
            opened = self._open[depth][0]
            if opened == name:
                self._close_to(depth)
                return
            if opened in boundary or opened in _CELLS:
                return

    def _close_to(self, depth: int, *, reopen: bool = False) -> None:
        """Close elements until so many are open; what is formatting goes on after it if asked for."""
        again: list[tuple[str, str]] = []
        while len(self._open) > depth or len(self._open) - 1 in self._late:
            name, tag = self._open.pop()
            self._names[name] -= 1
            self._written.append(f"</{name}>")
            if len(self._open) in self._late:
                self._late.discard(len(self._open))
            elif reopen and name in _FORMATTING and len(self._open) > depth:
                again.append((name, tag))
        self._fresh_pre = False
        for name, tag in reversed(again[:REOPENED_MAX]):
            if (name, tag) not in self._open:
                self._written.append(tag)
                self._enter(name, tag)

    def _find(self, name: str, *, across_cells: bool = False) -> int | None:
        """Return where an element is open; not beyond the cell that we are in, unless asked for."""
        if not self._names[name]:
            return None
        for depth in range(len(self._open) - 1, -1, -1):
            opened = self._open[depth][0]
            if opened == name:
                return depth
            if opened == "table" and across_cells and name != "table":
                return None
            if opened in _CELLS and not across_cells:
                return None
        return None

    def _has(self, name: str) -> bool:
        return self._find(name) is not None

    # -- what is left out

    def _leaves_hidden(self, name: str) -> bool:
        """HTML elements end SVG and MathML (HTML, "in foreign content"), so that nothing is lost behind an open one."""
        if any(hidden not in _FOREIGN for hidden in self._hidden) or name not in _BLOCKS | _FORMATTING | {
            "table",
            "img",
        }:
            return False
        self._hidden.clear()
        return True

    def _is_tracker(self, token: Start) -> bool:
        sizes = [token.attributes.get(name, "").strip().removesuffix("px") for name in ("width", "height")]
        if not all(size in {"0", "1"} for size in sizes):
            return False
        self._found.trackers += 1
        return True


def _start_tag(name: str, attributes: dict[str, str], *, body: bool) -> str:
    if name == "a":
        attributes = {**attributes, "target": "_blank", "rel": "noopener noreferrer"}
    if not attributes:
        return f"<{name}>"
    if body:
        attributes = _of_body(attributes)
    written = [
        f' {key}="{_quoted(value)}"'
        for key, value in attributes.items()
        if key in _ATTRIBUTES and (len(value) <= ATTRIBUTE_MAX or key in _LONG)
    ]
    return f"<{name}{''.join(written)}>"


def _of_body(attributes: dict[str, str]) -> dict[str, str]:
    """The page's own colours, as style of the block that stands for it."""
    style = [
        f"{name}:{attributes[key]}"
        for key, name in (("bgcolor", "background-color"), ("text", "color"))
        if key in attributes
    ]
    kept = {key: value for key, value in attributes.items() if key in {"class", "dir", "id", "lang"}}
    kept["class"] = f"body {kept.get('class', '')}".strip()  # what rules for the page are about
    return {**kept, "style": ";".join([*style, attributes.get("style", "")])}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', "&quot;")


_PLAIN_BREAKS: Final = _BLOCKS | {"table", "tr", "br"}
_SAFE_TAG: Final = re.compile(r"<(/?[a-z0-9]+)[^>]*>")
_SAFE_STYLE: Final = re.compile(r"\A<style>[^<]*</style>")
_MANY_BREAKS: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")
_MANY_BLANKS: Final = re.compile(r"[ \t\n\f]+")


def text_of(document: str) -> str:
    """Return the words of a document, one block a line: for excerpts, searches, and where HTML cannot be shown."""
    lines: list[str] = []
    hidden = ""
    for token in tokens(document):
        if isinstance(token, Text):
            if token.raw_of in _NOT_TEXT or hidden:
                continue
            lines.append(token.content if token.raw_of else _MANY_BLANKS.sub(" ", token.content))
        elif isinstance(token, Start):
            if token.name in {"template", "svg", "math"} and not hidden:
                hidden = token.name
            elif token.name in _PLAIN_BREAKS:
                lines.append("\n")
            elif token.name in _CELLS:
                lines.append(" ")
        elif token.name == hidden:
            hidden = ""
        elif token.name in _PLAIN_BREAKS:
            lines.append("\n")
    return _tidied("".join(lines))


def text_of_safe(document: str) -> str:
    """Return the words of a document that was sanitised, as ``text_of`` does, in a fraction of the time."""
    document = _MANY_BLANKS.sub(" ", _SAFE_STYLE.sub("", document))
    return _tidied(html.unescape(_SAFE_TAG.sub(_break_of, document)))


def _break_of(tag: re.Match[str]) -> str:
    name = tag[1].removeprefix("/")
    if name in _PLAIN_BREAKS:
        return "\n"
    return " " if name in _CELLS and name == tag[1] else ""


def _tidied(text: str) -> str:
    text = "\n".join(line.strip() for line in text.split("\n"))
    return _MANY_BREAKS.sub("\n\n", text).strip()
