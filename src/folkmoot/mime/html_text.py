"""The text of HTML, for readers that show none: paragraphs, lists, quotes and where links lead."""

import re
from html.parser import HTMLParser
from typing import Final

HTML_MAX: Final = 5_000_000  # characters that are read; nobody writes more
DEPTH_MAX: Final = 100  # of lists and quotes within each other
_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")
_PARAGRAPHS: Final = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre", "dl"}
)
_LINES: Final = frozenset(
    {"div", "tr", "li", "dt", "dd", "section", "article", "header", "footer", "address", "figure", "center"}
)
_UNSEEN: Final = frozenset({"script", "style", "head", "title", "template", "noscript"})
_RULE: Final = "-" * 40


def text_of_html(html: str) -> str:
    """Return what HTML says, as plain text with lines ended by LF; quotes are marked by ``>``."""
    reader = _Reader()
    reader.feed(html[:HTML_MAX])
    reader.close()
    return reader.finished()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line = ""
        self._unseen: list[str] = []
        self._lists: list[int | None] = []  # number of the last item; None: not numbered
        self._quotes = 0
        self._pre = 0
        self._links: list[tuple[str, int]] = []  # where it leads, where its text begins

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen = [*self._unseen[-DEPTH_MAX:], tag]
            return
        if tag in _PARAGRAPHS:
            self._paragraph()
        elif tag in _LINES:
            self._end_line()
        match tag:
            case "br":
                self._lines.append(self._marked(self._line))
                self._line = ""
            case "hr":
                self._end_line()
                self._lines.append(self._marked(_RULE))
            case "blockquote":
                self._quotes = min(self._quotes + 1, DEPTH_MAX)
            case "pre":
                self._pre += 1
            case "ul" | "ol":
                self._lists = [*self._lists[-DEPTH_MAX:], 0 if tag == "ol" else None]
            case "li":
                self._item()
            case "td" | "th" if self._line and not self._line.endswith(" "):
                self._line += "  "
            case "a":
                href = next((value or "" for name, value in attrs if name == "href"), "")
                self._links = [*self._links[-DEPTH_MAX:], (href.strip(), len(self._line))]
            case "img":
                self._line += next((value or "" for name, value in attrs if name == "alt"), "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            if tag in self._unseen:
                del self._unseen[self._unseen.index(tag) :]
            return
        if tag == "a" and self._links:
            self._end_link(*self._links.pop())
        if tag in _LINES or tag in _PARAGRAPHS:
            self._end_line()
        if tag == "blockquote":
            self._quotes = max(self._quotes - 1, 0)
        elif tag == "pre":
            self._pre = max(self._pre - 1, 0)
        elif tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
        if tag in _PARAGRAPHS:
            self._paragraph()

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._pre:
            first, *rest = data.replace("\r\n", "\n").split("\n")
            self._line += first
            for line in rest:
                self._lines.append(self._marked(self._line))
                self._line = line
            return
        text = _BLANKS.sub(" ", data)
        if not self._line or self._line.endswith(" "):
            text = text.lstrip(" ")
        self._line += text

    def finished(self) -> str:
        self._end_line()
        text = _EMPTY_LINES.sub("\n\n", "\n".join(self._lines).replace("\xa0", " "))
        return text.strip("\n") + "\n" if text.strip() else ""

    def _item(self) -> None:
        indent = "  " * max(len(self._lists) - 1, 0)
        mark = "*"
        if self._lists and self._lists[-1] is not None:
            self._lists[-1] += 1
            mark = f"{self._lists[-1]}."
        self._line = f"{indent}{mark} "

    def _end_link(self, href: str, begins: int) -> None:
        shown = self._line[begins:].strip()
        target = href.removeprefix("mailto:")
        wanted = href.startswith(("http://", "https://", "mailto:", "ftp://"))
        if wanted and target.rstrip("/") not in {shown, f"http://{shown}", f"https://{shown}"}:
            self._line += f" <{target}>"

    def _end_line(self) -> None:
        if self._line.strip():
            self._lines.append(self._marked(self._line.rstrip()))
        self._line = ""

    def _paragraph(self) -> None:
        self._end_line()
        if self._lines and self._lines[-1].strip("> "):
            self._lines.append(self._marked(""))
        elif self._lines:
            self._lines[-1] = self._marked("")

    def _marked(self, line: str) -> str:
        if not self._quotes:
            return line
        return ">" * self._quotes + (" " + line if line else "")
