"""Description, keywords and categories (RFC 8984 sections 4.2.2, 4.2.3, 4.2.9 and 4.2.10)."""

from html.parser import HTMLParser
from typing import Any, Final

from folkmoot.contentline.text import split_values
from folkmoot.ical import Line, Parameter, escape_text, unescape_text
from folkmoot.jmap.jscalendar.checks import ENTRIES_MAX
from folkmoot.jmap.jscalendar.source import Mapped, Source, Target, place, put, swap

_HTML: Final = "text/html"
_SILENT: Final = frozenset({"script", "style", "head", "title", "template"})
_BREAKING: Final = frozenset({"p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"})


def _html_line(source: Source, carrier: str) -> Line | None:
    for line in source.lines.get(carrier, ()):
        if (line.param("FMTTYPE") or "").lower() == _HTML and (line.param("VALUE") or "TEXT").upper() == "TEXT":
            return line
    return None


def _read_description(source: Source, found: dict[str, Any]) -> None:
    """Show HTML where the standard's property has it, or where there is nothing else.

    X-ALT-DESC is what Outlook adds to every plain description, and says no more than that.
    """
    styled = _html_line(source, "STYLED-DESCRIPTION")
    if styled is None and "DESCRIPTION" not in source.lines:
        styled = _html_line(source, "X-ALT-DESC")
    if styled is not None:
        found["description"] = unescape_text(styled.value)
        found["descriptionContentType"] = _HTML
    elif "DESCRIPTION" in source.lines:
        found["description"] = unescape_text(source.lines["DESCRIPTION"][0].value)


def _write_description(target: Target) -> None:
    """Write the text, and drop what other forms of the old one there are: they would go on saying it."""
    component = target.component
    description = target.wanted.get("description")
    html = (target.wanted.get("descriptionContentType") or "").lower() == _HTML
    component.remove("X-ALT-DESC")
    if description is None or not html:
        component.remove("STYLED-DESCRIPTION")
        put(component, "DESCRIPTION", None if description is None else escape_text(description))
        _mark_derived(target, derived=False)
        return
    component.remove("STYLED-DESCRIPTION")
    put(component, "DESCRIPTION", escape_text(_plain(description)))
    _mark_derived(target, derived=True)
    params = [Parameter("VALUE", ("TEXT",)), Parameter("FMTTYPE", (_HTML,))]
    place(component, Line("STYLED-DESCRIPTION", escape_text(description), params), after=("DESCRIPTION",))


def _mark_derived(target: Target, *, derived: bool) -> None:
    line = target.component.get("DESCRIPTION")
    if line is not None and (line.param("DERIVED") is not None) is not derived:
        swap(target.component, line, line.with_param("DERIVED", *(["TRUE"] if derived else [])))


class _Text(HTMLParser):
    """Collects the text of HTML, with a line break where a block ends."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SILENT:
            self._silent += 1
        elif tag == "br":
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BREAKING:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data)


def _plain(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    lines = [" ".join(line.split()) for line in "".join(parser.pieces).split("\n")]
    return "\n".join(lines).strip()


def _read_keywords(source: Source, found: dict[str, Any]) -> None:
    words: dict[str, bool] = {}
    for line in source.lines["CATEGORIES"]:
        for value in split_values(line.value)[:ENTRIES_MAX]:
            word = unescape_text(value).strip()
            if word:
                words[word] = True
    if words:
        found["keywords"] = words


def _write_keywords(target: Target) -> None:
    """Take words out of the lines they stand on, and add new ones to the last line."""
    component = target.component
    missing: dict[str, bool] = dict(target.wanted.get("keywords") or {})
    for line in component.all("CATEGORIES"):
        values = split_values(line.value)
        left = [value for value in values if unescape_text(value).strip() in missing]
        for value in left:
            missing[unescape_text(value).strip()] = False
        if len(left) != len(values):
            swap(component, line, line.replace(value=",".join(left)) if left else None)
    new = ",".join(escape_text(word) for word, wanted in missing.items() if wanted)
    if new:
        lines = component.all("CATEGORIES")
        if lines:
            swap(component, lines[-1], lines[-1].replace(value=f"{lines[-1].value},{new}"))
        else:
            component.add(Line("CATEGORIES", new))


def _read_categories(source: Source, found: dict[str, Any]) -> None:
    categories = {line.value.strip(): True for line in source.lines["CONCEPT"] if line.value.strip()}
    if categories:
        found["categories"] = categories


def _write_categories(target: Target) -> None:
    component = target.component
    wanted = dict(target.wanted.get("categories") or {})
    for line in component.all("CONCEPT"):
        if wanted.pop(line.value.strip(), None) is None:
            swap(component, line, None)
    for address in wanted:
        place(component, Line("CONCEPT", address))


DESCRIPTION: Final = Mapped(
    ("description", "descriptionContentType"),
    ("DESCRIPTION", "STYLED-DESCRIPTION", "X-ALT-DESC"),
    _read_description,
    _write_description,
)
KEYWORDS: Final = Mapped(("keywords",), ("CATEGORIES",), _read_keywords, _write_keywords)
CATEGORIES: Final = Mapped(("categories",), ("CONCEPT",), _read_categories, _write_categories)
