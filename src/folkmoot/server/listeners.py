"""Sockets bound once, by the supervisor, and shared by all workers."""

import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from folkmoot.config.kinds import ListenAddress
from folkmoot.core.errors import ConfigurationError

PORTS_TRIED: Final = 20  # ports after the wanted one, where the next free one will do
UNIX_MODE: Final = 0o660  # the web server in front shares our group


def bind(address: ListenAddress, *, backlog: int, next_free: bool = False) -> socket.socket:
    """Return a listening socket; with ``next_free`` the port may be one of the following ones.

    Raises:
        ConfigurationError: the address cannot be had.
    """
    if address.path:
        return _bind_unix(address.path, backlog)
    last: OSError | None = None
    for port in range(address.port, address.port + (PORTS_TRIED if next_free and address.port else 1)):
        try:
            return _bind_tcp(address.host, port, backlog)
        except OSError as error:
            last = error
    raise ConfigurationError(f"cannot listen on {address.host}:{address.port}: {last}")


def name_of(listener: socket.socket) -> str:
    """Return a listener's address as people write it."""
    if listener.family == socket.AF_UNIX:
        return f"unix:{listener.getsockname()}"
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _bind_tcp(host: str, port: int, backlog: int) -> socket.socket:
    everywhere = host in ("", "*")
    family, _, _, _, where = socket.getaddrinfo(
        "::" if everywhere and socket.has_dualstack_ipv6() else host.replace("*", "") or "0.0.0.0",  # noqa: S104
        port,
        type=socket.SOCK_STREAM,
        flags=socket.AI_PASSIVE,
    )[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if everywhere else 1)
        listener.bind(where)
        listener.listen(backlog)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def _bind_unix(path: str, backlog: int) -> socket.socket:
    if _left_behind(path):
        Path(path).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(path)
        Path(path).chmod(UNIX_MODE)
        listener.listen(backlog)
    except OSError as error:
        listener.close()
        raise ConfigurationError(f"cannot listen on {path}: {error}") from error
    listener.setblocking(False)
    return listener


def _left_behind(path: str) -> bool:
    """Return whether ``path`` is the socket of a server that is gone."""
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(Path(path).stat().st_mode):
            raise ConfigurationError(f"{path} exists and is no socket")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(path)
            except ConnectionRefusedError:
                return True
        raise ConfigurationError(f"another server listens on {path}")
    return False
