"""Style sheets of mails: rules to be moved into elements, and what is left for narrow windows.

Selectors are kept if they are made of names, classes and ids alone: others match what mails do not hold, or read what
they should not.  Of at-rules only ``@media`` on widths stays.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import tinycss2

from folkmoot.mime.css import Picture, clean_declarations

RULES_MAX: Final = 3000  # of all sheets; the longest newsletters have some hundreds
SELECTORS_MAX: Final = 50  # of one rule
CLASS_PREFIX: Final = "m-"
_COMPOUND: Final = r"(?:\*|[a-z][a-z0-9]{0,12})?(?:[.#][A-Za-z_][\w-]{0,60}){0,4}"
_SELECTOR: Final = re.compile(rf"(?!\Z){_COMPOUND}(?: ?[ >] ?{_COMPOUND}){{0,5}}", re.IGNORECASE | re.ASCII)
_CLASS: Final = re.compile(r"\.([A-Za-z_][\w-]*)", re.ASCII)
_ID: Final = re.compile(r"#[A-Za-z_]", re.ASCII)
_MEDIA: Final = re.compile(
    r"(?:only )?(?:screen|all)?(?: ?(?:and)? ?\((?:max|min)-(?:device-)?width ?: ?\d{2,4}px\)){1,2}",
    re.IGNORECASE | re.ASCII,
)
_BLANKS: Final = re.compile(r"\s+")
_BRACKETS: Final = frozenset({"() block", "[] block", "{} block", "function"})
_ALWAYS: Final = frozenset({"", "all", "screen", "only screen"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is left of style sheets: plain rules, and ``@media`` rules with the classes they name."""

    rules: str = ""
    media: str = ""
    classes: frozenset[str] = frozenset()


def clean_sheets(texts: list[str], picture: Picture | None) -> Sheet:
    """Read style sheets in their order and keep what is allowed."""
    rules: list[str] = []
    media: list[str] = []
    classes: set[str] = set()
    for text in texts:
        # Old writers hide their sheets from older readers.
        for node in tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True):
            if len(rules) + len(media) >= RULES_MAX:
                break
            if node.type == "qualified-rule":
                rules += _rule(node, picture)
            elif node.type == "at-rule" and node.lower_at_keyword == "media" and node.content is not None:
                _media(node, picture, rules, media, classes)
    return Sheet("\n".join(rules), "\n".join(dict.fromkeys(media)), frozenset(classes))


def _media(node: Any, picture: Picture | None, rules: list[str], media: list[str], classes: set[str]) -> None:
    condition = _written(node.prelude, nested=True).strip().lower().replace(": ", ":").replace(" :", ":")
    nested = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    inner = [line for rule in nested[:RULES_MAX] if rule.type == "qualified-rule" for line in _rule(rule, picture)]
    if condition in _ALWAYS:
        rules += inner
    elif _MEDIA.fullmatch(condition):
        kept = [line for line in inner if not _ID.search(line.partition("{")[0])]
        if kept:
            for line in kept:
                classes.update(_CLASS.findall(line.partition("{")[0]))
            media.append(f"@media {condition}{{{''.join(map(_with_prefixes, kept))}}}")


def _written(prelude: Sequence[Any], *, nested: bool = False) -> str:
    """Return what stands before a block; "?" for brackets that nothing here has, as the library recurses into them."""
    return _BLANKS.sub(" ", "".join(_one(token, nested=nested) for token in prelude))


def _one(token: Any, *, nested: bool) -> str:
    if token.type not in _BRACKETS:
        return str(token.serialize())
    if token.type != "() block" or not nested:
        return "?"
    return f"({_written(token.content)})"


def prefixed(name: str) -> str:
    """Return a class of a mail as it may stand in a page: never one of the page's own."""
    return name if name.startswith(CLASS_PREFIX) else CLASS_PREFIX + name


def _with_prefixes(rule: str) -> str:
    selectors, brace, body = rule.partition("{")
    return _CLASS.sub(lambda match: f".{prefixed(match[1])}", selectors) + brace + body


def _rule(node: Any, picture: Picture | None) -> list[str]:
    selectors = []
    for selector in _written(node.prelude).split(",")[:SELECTORS_MAX]:
        selector = selector.strip().removeprefix("<!-- ").strip()
        if selector.lower().startswith("body"):
            selector = f".body{selector[4:]}" if len(selector) == 4 or selector[4] in " .>#" else selector  # noqa: PLR2004
        if _SELECTOR.fullmatch(selector):
            selectors.append(selector)
    if not selectors:
        return []
    kept = clean_declarations(tinycss2.parse_blocks_contents(node.content), picture)
    if not kept:
        return []
    body = ";".join(f"{name}:{value}{' !important' if last else ''}" for name, value, last in kept)
    return [f"{','.join(selectors)}{{{body}}}"]
