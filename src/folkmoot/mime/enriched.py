"""text/enriched and its predecessor text/richtext to HTML, as far as anybody still writes them (RFC 1896, RFC 1341)."""

import re
from html import escape
from typing import Final

from folkmoot.mime.plain import TEXT_MAX

COMMANDS_MAX: Final = 20_000
DEPTH_MAX: Final = 50
_COMMAND: Final = re.compile(r"<(/?)([A-Za-z0-9-]{1,60})>|<<")
_ELEMENTS: Final = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "fixed": "tt",
    "bigger": "big",
    "smaller": "small",
    "center": "center",
    "excerpt": "blockquote",
    "subscript": "sub",
    "superscript": "sup",
    "paragraph": "p",
}
_HIDDEN: Final = frozenset({"param", "comment"})


def enriched_to_html(text: str, *, richtext: bool = False) -> str:
    """Return the text as HTML that is well-formed, escaped, and holds a dozen plain elements.

    In text/enriched one line break is a blank, and each further one a break; in text/richtext all are blanks, and
    ``<nl>`` is a break.
    """
    text = text[:TEXT_MAX].replace("\r\n", "\n").replace("\r", "\n")
    written: list[str] = []
    opened: list[str] = []
    hidden = 0
    position = 0
    for count, command in enumerate(_COMMAND.finditer(text)):
        if count >= COMMANDS_MAX:
            break
        if not hidden:
            written.append(_broken(text[position : command.start()], richtext=richtext))
        position = command.end()
        closing, name = command[1], (command[2] or "").lower()
        if not name:
            written.append("" if hidden else "&lt;")
        elif name in _HIDDEN:
            hidden = max(hidden - 1, 0) if closing else hidden + 1
        elif hidden:
            continue
        elif name in {"nl", "np"}:
            written.append("<br>")
        elif name == "lt":
            written.append("&lt;")
        elif name in _ELEMENTS:
            _element(_ELEMENTS[name], bool(closing), written, opened)
    if not hidden:
        written.append(_broken(text[position:], richtext=richtext))
    written += [f"</{element}>" for element in reversed(opened)]
    return "".join(written)


def _element(element: str, closing: bool, written: list[str], opened: list[str]) -> None:
    if not closing:
        if len(opened) < DEPTH_MAX:
            opened.append(element)
            written.append(f"<{element}>")
        return
    if element in opened:
        while True:
            last = opened.pop()
            written.append(f"</{last}>")
            if last == element:
                return


def _broken(text: str, *, richtext: bool) -> str:
    escaped = escape(text, quote=False)
    if richtext:
        return escaped.replace("\n", " ")
    return re.sub(r"\n+", lambda breaks: "<br>" * (len(breaks[0]) - 1) or " ", escaped)
