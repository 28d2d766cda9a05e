"""XML property lists, as GNUstep and Apple write them.

The plain DOCTYPE line of Apple's is let through; entity declarations and an internal subset are refused, so
nothing outside the text is ever read and nothing grows.
"""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NoReturn
from xml.parsers import expat  # declarations of entities are refused below

from folkmoot.config.nodes import Dictionary, Entry, Node, Scalar
from folkmoot.config.openstep import DEPTH_MAX
from folkmoot.core.errors import MalformedInput, TooLarge

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,20}", re.ASCII)
_REAL: Final = re.compile(r"[+-]?[0-9]{1,400}(?:\.[0-9]{0,400})?(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)


@dataclass(slots=True)
class _Element:
    name: str
    line: int
    column: int
    text: list[str] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    key: Entry | None = None  # read, and waiting for its value


def parse_xml(text: str) -> Node:
    """Parse one whole XML property list.

    Raises:
        MalformedInput: not XML, no property list, or with entities of its own.
        TooLarge: nested deeper than ``DEPTH_MAX``.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise MalformedInput(
            f"line {error.lineno}, column {error.offset + 1}: {expat.ErrorString(error.code)}"
        ) from None
    if reader.root is None:
        raise MalformedInput("property list without a value")
    return reader.root


class _Reader:
    """Builds the nodes while expat goes through the text."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[_Element] = []
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def _doctype(self, _name: str, _system: str | None, _public: str | None, has_subset: bool) -> None:
        if has_subset:
            self._refuse("a DOCTYPE with declarations of its own is not accepted")

    def _entity(self, *_declaration: object) -> None:
        self._refuse("entity declarations are not accepted")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._open) > DEPTH_MAX:
            raise TooLarge(f"line {self.parser.CurrentLineNumber}: nested deeper than {DEPTH_MAX}")
        parent = self._open[-1] if self._open else None
        if (parent is None) != (name == "plist") or (parent is not None and parent.name not in _CONTAINERS):
            self._refuse(f"unexpected element {name[:40]!r}")
        if name not in _CONTAINERS and name not in _SCALARS and name != "key":
            self._refuse(f"unknown element {name[:40]!r}")
        self._open.append(_Element(name, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1))

    def _characters(self, text: str) -> None:
        element = self._open[-1]
        if element.name not in _CONTAINERS:
            element.text.append(text)
        elif text.strip():
            self._refuse(f"text within {element.name!r}")

    def _end(self, name: str) -> None:
        element = self._open.pop()
        if name == "plist":
            return
        parent = self._open[-1]
        if name == "key":
            if parent.name != "dict" or parent.key is not None:
                self._refuse("a key where none may stand")
            empty = Node("", element.line, element.column)
            parent.key = Entry("".join(element.text), empty, element.line, element.column)
            return
        node = Node(self._value(element), element.line, element.column)
        match parent.name:
            case "array":
                parent.items.append(node)
            case "dict" if parent.key is not None:
                parent.entries.append(Entry(parent.key.key, node, parent.key.line, parent.key.column))
                parent.key = None
            case "plist" if self.root is None:
                self.root = node
            case _:
                self._refuse("a value where none may stand")

    def _value(self, element: _Element) -> Scalar | tuple[Node, ...] | Dictionary:
        match element.name:
            case "array":
                return tuple(element.items)
            case "dict":
                if element.key is not None:
                    self._refuse("a key without a value")
                return Dictionary(tuple(element.entries))
            case name:
                try:
                    return _SCALARS[name]("".join(element.text))
                except (ValueError, OverflowError):  # binascii.Error is one of them
                    self._refuse(f"not the text of an element {name!r}")

    def _refuse(self, why: str) -> NoReturn:
        raise MalformedInput(
            f"line {self.parser.CurrentLineNumber}, column {self.parser.CurrentColumnNumber + 1}: {why}"
        )


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text.strip()):
        raise ValueError(text)
    return int(text)


def _real(text: str) -> float:
    if not _REAL.fullmatch(text.strip()):
        raise ValueError(text)
    return float(text)


def _date(text: str) -> datetime:
    return datetime.strptime(text.strip(), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _bytes(text: str) -> bytes:
    return base64.b64decode("".join(text.split()), validate=True)


_CONTAINERS: Final = frozenset({"plist", "array", "dict"})
_SCALARS: Final[dict[str, Callable[[str], Scalar]]] = {
    "string": str,
    "integer": _integer,
    "real": _real,
    "true": lambda _text: True,
    "false": lambda _text: False,
    "date": _date,
    "data": _bytes,
}
