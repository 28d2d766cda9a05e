"""Dovecot's configuration as a tree of values, and the one place that knows how 2.3 writes it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import ConfigurationError

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LINE_BREAK: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_WORD: Final = re.compile(r"[^\s#\"'\\{}=]+")
_PLAIN: Final = re.compile(r"[^\s#\"'<\\](?:[^#\"'\\\t]*[^\s#\"'\\])?")  # read back as it stands


@dataclass(frozen=True, slots=True)
class Setting:
    """``name = value``; what Dovecot expands (``%u``, ``$mail_plugins``) stands in the value as it is."""

    name: str
    value: str | int | bool


@dataclass(frozen=True, slots=True)
class Section:
    """``kind name { … }``; some kinds have no name."""

    kind: str
    name: str
    nodes: "tuple[Node, ...]"


Node = Setting | Section


def section(kind: str, name: str, *nodes: Node) -> Section:
    """Return a section."""
    return Section(kind, name, nodes)


def settings(**values: str | int | bool) -> tuple[Setting, ...]:
    """Return settings in the order given."""
    return tuple(Setting(name, value) for name, value in values.items())


def write(nodes: Sequence[Node]) -> str:
    """Return the text of a ``dovecot.conf`` for Dovecot 2.3.

    Raises:
        ConfigurationError: a name or value that no line of it can hold.
    """
    return "\n".join(_lines(nodes, 0)) + "\n"


def write_flat(nodes: Sequence[Setting]) -> str:
    """Return the text of a file of ``args``, which knows neither sections nor quotes.

    Raises:
        ConfigurationError: a value that no line of it can hold.
    """
    for node in nodes:
        if str(node.value) != str(node.value).strip() or "#" in str(node.value):
            raise ConfigurationError(f"Dovecot cannot be told this value of {node.name}")
    return "".join(f"{_name(node.name)} = {_checked(node.name, _word(node.value))}\n" for node in nodes)


def _lines(nodes: Sequence[Node], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for node in nodes:
        if isinstance(node, Setting):
            yield f"{indent}{_name(node.name)} = {_quoted(node.name, _word(node.value))}".rstrip()
            continue
        name = f" {_label(node)}" if node.name else ""
        yield f"{indent}{_name(node.kind)}{name} {{"
        yield from _lines(node.nodes, depth + 1)
        yield f"{indent}}}"


def _label(node: Section) -> str:
    """Return a section's name, quoted where it is more than one word."""
    name = _checked(node.kind, node.name)
    return name if _WORD.fullmatch(name) else _in_quotes(name)


def _word(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"no name of a Dovecot setting: {name[:80]!r}")
    return name


def _checked(name: str, value: str) -> str:
    if _LINE_BREAK.search(value):
        raise ConfigurationError(f"Dovecot's {name} cannot hold a line break")
    return value


def _quoted(name: str, value: str) -> str:
    _checked(name, value)
    if not value or _PLAIN.fullmatch(value):
        return value
    return _in_quotes(value)


def _in_quotes(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
