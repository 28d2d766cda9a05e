"""Names of folders in web URLs, escaped as SOGo's scripts escape them into identifiers."""

import re
from typing import Final

_NAMES: Final = {
    "_": "_U_",
    ".": "_D_",
    "#": "_H_",
    "@": "_A_",
    "*": "_S_",
    ":": "_C_",
    ";": "_SC_",
    ",": "_CO_",
    " ": "_SP_",
    "'": "_SQ_",
    '"': "_DQ_",
    "(": "_LP_",
    ")": "_RP_",
    "[": "_LS_",
    "]": "_RS_",
    "{": "_LC_",
    "}": "_RC_",
    "&": "_AM_",
    "+": "_P_",
    "$": "_DS_",
}
_CHARACTERS: Final = {name: character for character, name in _NAMES.items()}
_ESCAPE: Final = str.maketrans(_NAMES)
_ESCAPED: Final = re.compile("|".join(map(re.escape, sorted(_CHARACTERS, key=len, reverse=True))))


def escaped(name: str) -> str:
    """Return a folder's name as it stands in URLs."""
    text = name.translate(_ESCAPE)
    return f"_{text}" if text[:1].isdigit() else text


def unescaped(identifier: str) -> str:
    """Return the name that an identifier stands for."""
    if identifier[:1] == "_" and identifier[1:2].isdigit():
        identifier = identifier[1:]
    return _ESCAPED.sub(lambda found: _CHARACTERS[found[0]], identifier)
