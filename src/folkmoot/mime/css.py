"""Style made safe: what is allowed is read as a tree and written anew, all else is dropped.

One path for ``style`` attributes and for style sheets.  A declaration stays if its property is listed, and each of its
values, however nested, is a literal of a listed kind.  What is written holds nothing but words, numbers, colours and
quoted names of fonts, and cleaning it again changes nothing.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

import tinycss2

DECLARATIONS_MAX: Final = 200  # of one element; editors that repeat themselves reach 60
STYLE_MAX: Final = 20_000  # characters of one attribute
LENGTH_MAX: Final = 5000  # pixels: what is larger hides something or breaks the page
_FUNCTION_ARGUMENTS_MAX: Final = 20

Picture = Callable[[str], str]
"""Gives the URL under which a picture may be loaded, or nothing."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LENGTHS: Final = _listed("""
    border-spacing height letter-spacing line-height max-height max-width min-height min-width text-indent width
    word-spacing margin margin-bottom margin-left margin-right margin-top padding padding-bottom padding-left
    padding-right padding-top border-radius border-top-left-radius border-top-right-radius
    border-bottom-left-radius border-bottom-right-radius margin-block margin-inline padding-block padding-inline
    """)
_WORDS: Final = _listed("""
    background-attachment background-clip background-origin background-position background-repeat background-size
    border-collapse box-sizing caption-side clear direction empty-cells float hyphens list-style list-style-position
    list-style-type object-fit overflow overflow-wrap overflow-x overflow-y table-layout text-align text-align-last
    text-decoration text-decoration-color text-decoration-line text-decoration-style text-overflow text-transform
    unicode-bidi vertical-align visibility white-space word-break word-wrap opacity
    """)
_COLOURS: Final = _listed("""
    background background-color border border-bottom border-bottom-color border-bottom-style border-bottom-width
    border-color border-left border-left-color border-left-style border-left-width border-right border-right-color
    border-right-style border-right-width border-style border-top border-top-color border-top-style border-top-width
    border-width color outline outline-color outline-style outline-width
    """)
_FONTS: Final = _listed("font font-family font-size font-stretch font-style font-variant font-weight")
_PROPERTIES: Final = _LENGTHS | _WORDS | _COLOURS | _FONTS | {"display"}
_WITH_PICTURE: Final = frozenset({"background", "background-image"})
_BELOW_ZERO: Final = frozenset({"letter-spacing", "word-spacing", "background-position"})
_DISPLAYS: Final = _listed("""
    none block inline inline-block list-item table table-row table-cell table-row-group table-header-group
    table-footer-group table-column table-column-group table-caption inline-table flex inline-flex contents
    """)
_UNITS: Final = _listed("px pt em rem ex ch pc cm mm in vw vh")
_PIXELS: Final = {"pt": 1.34, "em": 16, "rem": 16, "pc": 16, "cm": 38, "mm": 3.8, "in": 96, "vw": 20, "vh": 12}
_COLOUR_FUNCTIONS: Final = frozenset({"rgb", "rgba", "hsl", "hsla"})
_MAYBE_PICTURE: Final = re.compile(r"url|\\", re.IGNORECASE)
_WORD: Final = re.compile(r"-?[a-z][a-z0-9-]{0,39}")
_HEX: Final = re.compile(r"(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_FONT_NAME: Final = re.compile(r"[\w .+-]{1,60}")
_SAFE_URL: Final = re.compile(r"[A-Za-z0-9:/?&=%._~+,;@!*#-]{1,8000}")

Declaration = tuple[str, str, bool]  # property, value, important


class _Refused(Exception):
    """A value that is not a listed literal."""


def clean_style(text: str, picture: Picture | None = None) -> str:
    """Return the declarations of a ``style`` attribute that may stay, written anew; ``!important`` goes."""
    if len(text) > STYLE_MAX:
        return ""
    if picture is None or not _MAYBE_PICTURE.search(text):
        return _clean_cached(text)
    return _written(clean_declarations(tinycss2.parse_blocks_contents(text), picture))


@lru_cache(maxsize=4096)
def _clean_cached(text: str) -> str:
    return _written(clean_declarations(tinycss2.parse_blocks_contents(text), None))


def clean_declarations(nodes: Sequence[Any], picture: Picture | None) -> list[Declaration]:
    """Return what may stay of a parsed list of declarations."""
    kept: list[Declaration] = []
    for node in nodes[:DECLARATIONS_MAX]:
        if node.type != "declaration":
            continue
        name = node.lower_name
        if name not in _PROPERTIES and name not in _WITH_PICTURE:
            continue
        try:
            value = _value(name, node.value, picture)
        except _Refused:
            continue
        if value:
            kept.append((name, value, bool(node.important)))
    return kept


def _written(declarations: Sequence[Declaration]) -> str:
    # What was important comes last, so that it still wins.
    ordered = sorted(declarations, key=lambda declaration: declaration[2])
    return ";".join(f"{name}:{value}" for name, value, _ in ordered)


def _value(name: str, tokens: Sequence[Any], picture: Picture | None) -> str:
    written: list[str] = []
    for token in tokens:
        match token.type:
            case "whitespace" | "comment":
                if written and written[-1] not in {" ", ",", "/"}:
                    written.append(" ")
            case "literal":
                _literal(name, token.value, written)
            case _:
                written.append(_token(name, token, picture))
    value = "".join(written).strip()
    if name == "display" and value not in _DISPLAYS:
        raise _Refused
    return value


def _literal(name: str, value: str, written: list[str]) -> None:
    if value not in {",", "/"} or (value == "/" and name not in {"font", "border-radius", "background"}):
        raise _Refused
    if written and written[-1] == " ":
        written.pop()
    written.append(value)


def _token(name: str, token: Any, picture: Picture | None) -> str:
    match token.type:
        case "ident":
            word = token.lower_value if name != "font-family" else token.value.lower()
            if not _WORD.fullmatch(word):
                raise _Refused
            return str(word)
        case "number":
            return _number(name, token.value, 1.0)
        case "percentage":
            return f"{_number(name, token.value, 1.0)}%"
        case "dimension":
            unit = token.lower_unit
            if unit not in _UNITS:
                raise _Refused
            return f"{_number(name, token.value, _PIXELS.get(unit, 1.0))}{unit}"
        case "hash":
            colour = token.value.lower()
            if not _HEX.fullmatch(colour):
                raise _Refused
            return f"#{colour}"
        case "string":
            if name not in {"font", "font-family"} or not _FONT_NAME.fullmatch(token.value):
                raise _Refused
            return f"'{token.value}'"
        case "function":
            return _function(name, token, picture)
        case "url":
            return _picture(name, token.value, picture)
    raise _Refused


def _number(name: str, value: float, pixels: float) -> str:
    if not (-LENGTH_MAX <= value * pixels <= LENGTH_MAX) or (value < 0 and name not in _BELOW_ZERO):
        raise _Refused
    if name in {"letter-spacing", "word-spacing"} and abs(value * pixels) > 50:  # noqa: PLR2004 (pixels: no more words)
        raise _Refused
    return f"{round(value, 4):g}" if abs(value) >= 0.0001 or value == 0 else "0"  # noqa: PLR2004 (no exponent)


def _function(name: str, token: Any, picture: Picture | None) -> str:
    function = token.lower_name
    if function == "url" and len(token.arguments) == 1 and token.arguments[0].type == "string":
        return _picture(name, token.arguments[0].value, picture)
    if function not in _COLOUR_FUNCTIONS or len(token.arguments) > _FUNCTION_ARGUMENTS_MAX:
        raise _Refused
    arguments: list[str] = []
    for argument in token.arguments:
        if argument.type in {"number", "percentage"}:
            if abs(argument.value) > LENGTH_MAX:
                raise _Refused
            sign = "%" if argument.type == "percentage" else ""
            arguments.append(f"{round(argument.value, 4):g}{sign}")
        elif argument.type not in {"whitespace", "comment"} and not (
            argument.type == "literal" and argument.value in {",", "/"}
        ):
            raise _Refused
    if len(arguments) not in {3, 4}:
        raise _Refused
    return f"{function}({','.join(arguments)})"


def _picture(name: str, url: str, picture: Picture | None) -> str:
    if name not in _WITH_PICTURE or picture is None:
        raise _Refused
    permitted = picture(url)
    if not permitted or not _SAFE_URL.fullmatch(permitted):
        raise _Refused
    return f"url('{permitted}')"
