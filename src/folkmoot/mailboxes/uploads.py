"""Files on their way into a draft: kept on disk for a short while, for one person each, within bounds.

The truth is the draft in IMAP; this is only for what is not in one yet.  Whatever is not used in time goes, and an
upload that breaks off leaves nothing.
"""

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec
import structlog

from folkmoot.core.errors import NotFound, TooLarge, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.mail.addresses import header_text
from folkmoot.mime.composing import file_name

MEGABYTE: Final = 1024 * 1024
HEAD_MAX: Final = 8_192  # octets of what stands before the content
SWEEP_SECONDS: Final = 600.0  # between two looks for what nobody uses
SWEPT_MAX: Final = 100_000  # files of one look
PIECE_OCTETS: Final = 256 * 1024  # read at a time
_ID: Final = re.compile(r"[0-9a-f]{32}")
_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,100}/[a-z0-9][a-z0-9!#$&^_.+-]{0,100}")
_PART: Final = ".part"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How much may lie here, and for how long."""

    file_octets: int = 50 * MEGABYTE
    person_octets: int = 200 * MEGABYTE
    person_files: int = 200
    seconds: float = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is kept for its owner."""

    id: str
    name: str
    content_type: str
    size: int  # octets


class Uploads:
    """A directory of files, shared by all workers of a node."""

    def __init__(self, directory: Path, limits: UploadLimits | None = None) -> None:
        self._directory = directory
        self._limits = limits or UploadLimits()
        self._swept = 0.0

    @property
    def largest(self) -> int:
        """How many octets one file may have."""
        return self._limits.file_octets

    async def put(
        self, owner: PrincipalId, name: str, content_type: str, pieces: AsyncIterator[bytes] | bytes
    ) -> Upload:
        """Keep a file; nothing of it stays unless all of it came.

        Raises:
            TooLarge: the file is, or its owner has too much here.
            Unavailable: the disk does not take it.
        """
        place = self._place(owner)
        name = file_name(header_text(name))
        content_type = content_type.split(";", maxsplit=1)[0].strip().lower()
        if not _TYPE.fullmatch(content_type):
            content_type = "application/octet-stream"
        identity = secrets.token_hex(16)
        path = place / f"{identity}{_PART}"
        try:
            used, count = await asyncio.to_thread(self._room, place)
            if count >= self._limits.person_files:
                raise TooLarge(f"more than {self._limits.person_files} files are waiting to be attached")
            try:
                size = await self._write(path, _head(name, content_type), pieces, used)
                await asyncio.to_thread(path.rename, place / identity)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
        except OSError as error:
            log.error("upload not kept", path=str(path), fault=str(error))
            raise Unavailable("the file cannot be kept at present") from error
        return Upload(identity, name, content_type, size)

    async def _write(self, path: Path, head: bytes, pieces: AsyncIterator[bytes] | bytes, used: int) -> int:
        most = min(self._limits.file_octets, self._limits.person_octets - used)
        size = 0
        with await asyncio.to_thread(path.open, "xb") as file:
            await asyncio.to_thread(path.chmod, 0o600)
            file.write(head)
            async for piece in _one(pieces) if isinstance(pieces, bytes) else pieces:
                size += len(piece)
                if size > most:
                    raise TooLarge(f"the file is too large, or too much is waiting to be attached: {most} octets")
                await asyncio.to_thread(file.write, piece)
        return size

    async def get(self, owner: PrincipalId, identity: str) -> tuple[Upload, bytes]:
        """Return a file and its content.

        Raises:
            NotFound: there is none for this owner, or its time is over.
        """
        path = self._path(owner, identity)
        try:
            octets = await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise NotFound("the uploaded file is not there any more") from error
        head, _, content = octets.partition(b"\n")
        try:
            name, content_type = msgspec.json.decode(head[:HEAD_MAX], type=tuple[str, str])
        except msgspec.DecodeError as error:
            raise NotFound("the uploaded file cannot be read") from error
        return Upload(identity, name, content_type, len(content)), content

    async def open(self, owner: PrincipalId, identity: str) -> tuple[Upload, AsyncIterator[bytes]]:
        """Return a file and what yields its content piece by piece.

        Raises:
            NotFound: there is none for this owner, or its time is over.
        """
        path = self._path(owner, identity)
        try:
            head, size = await asyncio.to_thread(_look, path)
            name, content_type = msgspec.json.decode(head, type=tuple[str, str])
        except (OSError, msgspec.DecodeError) as error:
            raise NotFound("the uploaded file is not there any more") from error
        start = len(head) + 1
        return Upload(identity, name, content_type, size - start), _pieces(path, start)

    async def forget(self, owner: PrincipalId, identities: Iterable[str]) -> None:
        """Remove files that are not needed any more; there need be none."""
        paths = [self._path(owner, identity) for identity in identities]
        await asyncio.to_thread(_unlink, paths)

    def _place(self, owner: PrincipalId) -> Path:
        # A principal may hold anything; the digest is a name that every file system takes.
        return self._directory / blake2b(owner.encode(errors="surrogatepass"), digest_size=16).hexdigest()

    def _path(self, owner: PrincipalId, identity: str) -> Path:
        if not _ID.fullmatch(identity):
            raise NotFound("there is no such uploaded file")
        return self._place(owner) / identity

    def _room(self, place: Path) -> tuple[int, int]:
        """Return how much an owner has here, octets and files, after what is too old is gone."""
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        now = time.time()
        if now - self._swept > SWEEP_SECONDS:
            self._swept = now
            self._sweep(now)
        found = _statuses(place.iterdir())
        return sum(size for _, size, _ in found), len(found)

    def _sweep(self, now: float) -> None:
        paths = (path for place in self._directory.iterdir() if place.is_dir() for path in place.iterdir())
        _unlink([path for path, _, changed in _statuses(paths) if now - changed > self._limits.seconds])


def _statuses(paths: Iterable[Path]) -> list[tuple[Path, int, float]]:
    """Return sizes and ages; what another worker has removed meanwhile is left out."""
    found: list[tuple[Path, int, float]] = []
    for path in islice(paths, SWEPT_MAX):
        with suppress(OSError):
            status = path.stat()
            found.append((path, status.st_size, status.st_mtime))
    return found


def _unlink(paths: Sequence[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _look(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as file:
        head, _, _ = file.read(HEAD_MAX).partition(b"\n")
        return head, path.stat().st_size


async def _pieces(path: Path, start: int) -> AsyncIterator[bytes]:
    while piece := await asyncio.to_thread(_read, path, start):
        yield piece
        start += len(piece)


def _read(path: Path, start: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(PIECE_OCTETS)
    except OSError as error:
        raise NotFound("the uploaded file is not there any more") from error


def _head(name: str, content_type: str) -> bytes:
    return msgspec.json.encode((name, content_type)) + b"\n"


async def _one(octets: bytes) -> AsyncIterator[bytes]:
    yield octets
