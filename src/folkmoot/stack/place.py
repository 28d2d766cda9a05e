"""Where the embedded mail of one state directory is: its directory, ports and secret, made once and kept."""

import os
import secrets
import socket
import stat
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec

from folkmoot.core.errors import ConfigurationError

DIRECTORY: Final = "mail"  # below the state directory
FILE: Final = "place.json"
SECRET_OCTETS: Final = 32
SOCKETS_MAX: Final = 68  # characters of the sockets' directory: names are up to 38 longer, and 107 is the end
PORTS_TRIED: Final = 100  # after the preferred one
PATIENCE_SECONDS: Final = 3.0
LOOPBACK: Final = "127.0.0.1"


class PlacePorts(msgspec.Struct, frozen=True, kw_only=True):
    """Ports on loopback; the defaults are what is tried first."""

    imap: int = 20_143
    sieve: int = 24_190
    submission: int = 20_587
    relay: int = 20_025
    calls: int = 20_080


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    ports: PlacePorts
    secret: str
    base: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where embedded mail is."""

    directory: Path
    base: Path  # of Dovecot's sockets
    ports: PlacePorts
    secret: str

    @property
    def homes(self) -> Path:
        """Where people's mail is, a directory each."""
        return self.directory / "homes"

    @property
    def lmtp(self) -> Path:
        """The socket that takes mail for delivery."""
        return self.base / "lmtp"

    def __repr__(self) -> str:
        return f"Place({str(self.directory)!r})"


def known_place(state_directory: str) -> Place | None:
    """Return the place that a server has made, if one has."""
    directory = Path(state_directory).absolute() / DIRECTORY
    try:
        kept = msgspec.json.decode((directory / FILE).read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError):
        return None
    return Place(directory, Path(kept.base), kept.ports, kept.secret)


def make_place(state_directory: str) -> Place:
    """Return the place, made now if there is none.

    Raises:
        ConfigurationError: its directory cannot be made or written to.
    """
    known = known_place(state_directory)
    directory = Path(state_directory).absolute() / DIRECTORY
    try:
        for path in (directory, directory / "homes"):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        base = _base(directory, known.base if known else None)
        place = Place(
            directory,
            base,
            known.ports if known else PlacePorts(),
            known.secret if known else secrets.token_urlsafe(SECRET_OCTETS),
        )
        keep(place)
    except OSError as error:
        raise ConfigurationError(f"no room for mail in {directory}: {error.strerror}") from error
    return place


def keep(place: Place) -> None:
    """Write down what a next start needs."""
    kept = _Kept(ports=place.ports, secret=place.secret, base=str(place.base))
    write_private(place.directory / FILE, msgspec.json.encode(kept).decode())


def write_private(path: Path, text: str) -> bool:
    """Write a file that only we read, whole or not at all; return whether that changed it."""
    if path.exists() and path.read_text("utf-8") == text:
        return False
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:  # noqa: PTH123 - for its mode
        out.write(text)
    fresh.replace(path)
    return True


def with_free_ports(place: Place) -> Place:
    """Return the place with another port for each that somebody else has taken, and keep it.

    Mail programs remember ports, so this waits a little for those of a server that was killed a moment ago.

    Raises:
        ConfigurationError: there is no free one.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while not all(map(_free, msgspec.structs.astuple(place.ports))) and time.monotonic() < until:
        time.sleep(0.1)
    taken: set[int] = set()
    chosen: dict[str, int] = {}
    for name in PlacePorts.__struct_fields__:
        wanted = getattr(place.ports, name)
        port = next((port for port in range(wanted, wanted + PORTS_TRIED) if port not in taken and _free(port)), None)
        if port is None:
            raise ConfigurationError(f"no free port for mail from {wanted} on")
        taken.add(port)
        chosen[name] = port
    free = replace(place, ports=PlacePorts(**chosen))
    if free != place:
        keep(free)
    return free


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _base(directory: Path, known: Path | None) -> Path:
    """Return a directory of our own whose name is short enough for sockets in it."""
    usual = directory / "run"
    if len(str(usual)) <= SOCKETS_MAX:
        return usual
    if known is not None and known != usual and known.exists():
        found = known.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077:
            return known
    return Path(tempfile.mkdtemp(prefix="folkmoot-mail-"))
