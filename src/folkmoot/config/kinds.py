"""The kinds of value a parameter may have: how each is read from a property list and named in the manual."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from types import MappingProxyType
from typing import Final, Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from folkmoot.config import qualifier
from folkmoot.config.faults import Faults, Severity, Unreadable
from folkmoot.config.nodes import Dictionary, Node, Plain, plain
from folkmoot.config.url import PORT_MAX, DatabaseUrl, parse_database_url
from folkmoot.core.errors import FolkmootError

T = TypeVar("T")

ALL_ADDRESSES: Final = "0.0.0.0"  # noqa: S104 - what a bare port in WOPort means to SOGo
ITEMS_MAX: Final = 10_000  # of an array or dictionary; the largest real list, domains of a hoster, has hundreds
_INTEGER: Final = re.compile(r"([+-]?[0-9]{1,15})(?:\.0{0,15})?", re.ASCII)  # SOGo's own defaults have 300.0
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?", re.ASCII)
_YES: Final = frozenset({"yes", "true", "1", "y", "t"})
_NO: Final = frozenset({"no", "false", "0", "n", "f", ""})


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """How a value is read; ``read`` raises ``Unreadable`` or adds to the faults and returns what it could read."""

    name: str
    read: Callable[[Node, Faults], T]
    choices: tuple[str, ...] = ()  # where it is one out of some words


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Where the server accepts connections: a host and port, or the path of a unix socket."""

    host: str = "127.0.0.1"
    port: int = 20_000
    path: str = ""


def simple(name: str, read: Callable[[Node], T]) -> Kind[T]:
    """Return the kind of values that are read whole or not at all."""
    return Kind(name, lambda node, _faults: read(node))


def describe(node: Node) -> str:
    """Say what a value is, for a fault's message."""
    match node.value:
        case Dictionary():
            return "a dictionary"
        case tuple():
            return "an array"
        case bytes():
            return "binary data"
        case value:
            shown = str(value)
            return repr(shown if len(shown) <= 60 else shown[:57] + "...")  # noqa: PLR2004 - a line of a terminal


def _text(node: Node) -> str:
    match node.value:
        case str():
            return node.value
        case bool():
            return "YES" if node.value else "NO"
        case int() | float():
            return str(node.value)
        case _:
            raise Unreadable(f"expected a text, found {describe(node)}")


def _boolean(node: Node) -> bool:
    match node.value:
        case bool():
            return node.value
        case int() | float():
            return node.value != 0
        case str() if node.value.strip().lower() in _YES:
            return True
        case str() if node.value.strip().lower() in _NO:
            return False
        case _:
            raise Unreadable(f"expected YES or NO, found {describe(node)}")


text: Final = simple("text", _text)
path: Final = simple("path", _text)
boolean: Final = simple("boolean", _boolean)


def integer(minimum: int = 0, maximum: int | None = None) -> Kind[int]:
    """Return the kind of whole numbers in a range, both ends included."""

    def read(node: Node) -> int:
        match node.value:
            case bool():
                number = None
            case int():
                number = node.value
            case float() if node.value.is_integer():
                number = int(node.value)
            case str() if _INTEGER.fullmatch(node.value.strip()):
                number = int(node.value.split(".")[0])
            case _:
                number = None
        if number is None:
            raise Unreadable(f"expected a whole number, found {describe(node)}")
        if number < minimum or (maximum is not None and number > maximum):
            limits = f"at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
            raise Unreadable(f"expected a number {limits}, found {number}")
        return number

    return simple("integer", read)


def _decimal(node: Node) -> float:
    match node.value:
        case bool():
            pass
        case int() | float():
            return float(node.value)
        case str() if _NUMBER.fullmatch(node.value.strip()):
            return float(node.value)
    raise Unreadable(f"expected a number, found {describe(node)}")


decimal: Final = simple("number", _decimal)


def choice(*values: str) -> Kind[str]:
    """Return the kind of one out of these words, compared without case and returned as written here."""
    by_folded = {value.casefold(): value for value in values}

    def read(node: Node) -> str:
        found = by_folded.get(_text(node).strip().casefold())
        if found is None:
            raise Unreadable(f"expected one of {', '.join(filter(None, values))}; found {describe(node)}")
        return found

    named = "one of " + ", ".join(f"`{value}`" for value in values if value)
    return Kind(named, lambda node, _faults: read(node), values)


def array(item: Kind[T], *, separator: str = "") -> Kind[tuple[T, ...]]:
    """Return the kind of arrays; with ``separator`` a text in which it parts the items is read too."""

    def read(node: Node, faults: Faults) -> tuple[T, ...]:
        items = node.value
        if isinstance(items, str) and separator:
            items = tuple(Node(part.strip(), node.line, node.column) for part in items.split(separator) if part.strip())
        if not isinstance(items, tuple):
            raise Unreadable(f"expected an array, found {describe(node)}")
        if len(items) > ITEMS_MAX:
            raise Unreadable(f"array of more than {ITEMS_MAX} items")
        values: list[T] = []
        for number, one in enumerate(items, start=1):
            inner = faults.within(key=str(number))
            try:
                values.append(item.read(one, inner))
            except Unreadable as unreadable:
                inner.add(unreadable.severity, str(unreadable), one)
        return tuple(values)

    return Kind(f"array of {item.name}", read)


def mapping(item: Kind[T]) -> Kind[Mapping[str, T]]:
    """Return the kind of dictionaries whose values are all of one kind."""

    def read(node: Node, faults: Faults) -> Mapping[str, T]:
        if not isinstance(node.value, Dictionary):
            raise Unreadable(f"expected a dictionary, found {describe(node)}")
        if len(node.value) > ITEMS_MAX:
            raise Unreadable(f"dictionary of more than {ITEMS_MAX} entries")
        values: dict[str, T] = {}
        for entry in node.value:
            try:
                values[entry.key] = item.read(entry.node, faults.within(key=entry.key))
            except Unreadable as unreadable:
                faults.add(unreadable.severity, str(unreadable), entry)
        return MappingProxyType(values)

    return Kind(f"dictionary of {item.name}", read)


names: Final = array(text)
"""An array of texts."""


def _anything(node: Node) -> Plain:
    return plain(node)


anything: Final = simple("property list", _anything)


def _time_zone(node: Node) -> str:
    name = _text(node).strip()
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unreadable(f"unknown time zone {describe(node)}; expected an IANA name such as Europe/Paris") from None
    return name


time_zone: Final = simple("time zone", _time_zone)


def database_url(*, table: bool) -> Kind[DatabaseUrl]:
    """Return the kind of database URLs; those of SOGo end in a table."""

    def read(node: Node) -> DatabaseUrl:
        try:
            return parse_database_url(_text(node), table=table)
        except FolkmootError as error:
            raise Unreadable(str(error), severity=Severity.FATAL) from None

    return simple("database URL with table" if table else "database URL", read)


def _filter(node: Node) -> qualifier.Expression:
    try:
        return qualifier.parse(_text(node))
    except FolkmootError as error:
        # A filter that is dropped would let in people whom it was written to keep out.
        raise Unreadable(str(error), severity=Severity.FATAL) from None


expression: Final = simple("filter", _filter)

_HOST_PORT: Final = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.%]+)\]|(?P<name>[A-Za-z0-9._-]*|\*)):(?P<port>[0-9]{1,5})")


def _listen_address(node: Node) -> ListenAddress:
    written = _text(node).strip()
    if written.startswith(("/", "unix:/")):
        return ListenAddress(host="", port=0, path=written.removeprefix("unix:"))
    match = _HOST_PORT.fullmatch(written if ":" in written else f"*:{written}")
    if match is None or not 0 < int(match["port"]) <= PORT_MAX:
        raise Unreadable(
            f"expected a port, host:port, [IPv6]:port or unix:/path, found {describe(node)}", severity=Severity.FATAL
        )
    host = match["v6"] or match["name"]
    return ListenAddress(host=ALL_ADDRESSES if host in {"", "*"} else host, port=int(match["port"]))


listen_address: Final = simple("address", _listen_address)


def _network(node: Node) -> IPv4Network | IPv6Network:
    try:
        return ip_network(_text(node).strip(), strict=False)
    except ValueError:
        raise Unreadable(f"expected an IP address or network (CIDR), found {describe(node)}") from None


network: Final = simple("address or network", _network)
