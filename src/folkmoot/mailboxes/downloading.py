"""Attachments, whole messages, and all attachments as a zip: sent while they are fetched, decoded on the way.

A connection is held only while a piece is fetched: whoever downloads may be slow.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.drafts import require_same
from folkmoot.mailboxes.part_paths import find_part, parse_path
from folkmoot.mailboxes.reading import MessageView, Reading
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mailboxes.zipping import ZipStream
from folkmoot.mime.content import decode_content
from folkmoot.mime.filenames import part_name
from folkmoot.mime.incremental import Decoder, decoder
from folkmoot.mime.part import Part
from folkmoot.mime.reading import Message
from folkmoot.mime.selecting import TEXT_OCTETS_MAX
from folkmoot.mime.uuencoded import split_uuencoded

PIECE_OCTETS: Final = 512 * 1024  # fetched at a time
FILES_MAX: Final = 2_000  # of one zip; as many as are listed
SUFFIX_MAX: Final = 20


@dataclass(frozen=True, slots=True)
class Download:
    """A file on its way; whoever leaves it half way closes ``pieces``."""

    name: str  # safe to save under
    content_type: str  # as the sender says it; faces decide what browsers may make of it
    part: Part | None  # None: a whole message
    pieces: AsyncIterator[bytes]  # decoded
    size: int | None = None  # octets, where they are known before


class Downloading:
    """Sends messages and parts of them."""

    def __init__(self, access: MailAccess, reading: Reading) -> None:
        self._access = access
        self._reading = reading

    async def source(self, caller: Caller, account_id: str, ref: MessageRef) -> Download:
        """Return a message as it was received.

        Raises, beside what ``MailAccess.selected`` raises:
            NotFound: the message is gone; while it is read, too.
        """
        async with self._access.selected(caller, account_id, ref.mailbox) as connection:
            require_same(connection, ref)
            found = await connection.fetch([ref.uid], ["RFC822.SIZE"])
        if not found:
            raise NotFound("there is no such message")
        pieces = self._pieces(caller, account_id, ref, "")
        return Download(f"{ref.uid}.eml", "message/rfc822", None, pieces, found[0].size)

    async def part(self, caller: Caller, account_id: str, ref: MessageRef, path: str, *, index: int = 0) -> Download:
        """Return a part's content, decoded; ``index`` names a file that stands uuencoded in it (``Attachment``).

        Raises: as ``source``, and as ``Reading.opened`` for parts of what has to be opened.
        """
        place = parse_path(path)
        held: Message | None = None
        if place.opened:
            held = await self._reading.opened(caller, account_id, ref, place.outer)
            part = find_part(held.part, place.within)
        else:
            part = await self._structure(caller, account_id, ref, place.outer)
        if part.is_multipart:
            raise NotFound("the message has no such part")
        if index:
            raw = held.section(part.path) if held else await self._short(caller, account_id, ref, part)
            return await _uuencoded(raw, part, index)
        if held is not None:
            content = await asyncio.to_thread(held.content, part.path)
            return Download(part_name(part), part.content_type, part, _in_pieces(content), len(content))
        pieces = _decoded(self._pieces(caller, account_id, ref, part.path), decoder(part.encoding))
        return Download(part_name(part), part.content_type, part, pieces)

    async def zip(self, caller: Caller, account_id: str, ref: MessageRef, view: MessageView) -> AsyncIterator[bytes]:
        """Yield a zip of all attachments of a message that is shown, under the names that are shown.

        One that goes away in the meantime ends where it was.  Raises: as ``part``.
        """
        made = ZipStream()
        held: Message | None = None
        if view.prefix:
            held = await self._reading.opened(caller, account_id, ref, parse_path(view.prefix).outer)
        for one in view.rendered.attachments[:FILES_MAX]:
            pieces = await self._attachment(caller, account_id, ref, one.path, one.index, held)
            stem, suffix = _split(one.name)
            made.begin("", stem, suffix, view.summary.received or 0)
            async for piece in pieces:
                yield await asyncio.to_thread(_compressed, made, piece)
            made.end()
        await asyncio.to_thread(made.close)
        yield made.take()

    async def _attachment(
        self, caller: Caller, account_id: str, ref: MessageRef, path: str, index: int, held: Message | None
    ) -> AsyncIterator[bytes]:
        if held is None:
            return (await self.part(caller, account_id, ref, path, index=index)).pieces
        part = find_part(held.part, parse_path(path).within)
        if index:
            return (await _uuencoded(held.section(part.path), part, index)).pieces
        return _in_pieces(await asyncio.to_thread(held.content, part.path))

    async def _structure(self, caller: Caller, account_id: str, ref: MessageRef, path: str) -> Part:
        async with self._access.selected(caller, account_id, ref.mailbox) as connection:
            require_same(connection, ref)
            found = await connection.fetch([ref.uid], ["BODYSTRUCTURE"])
        if not found or found[0].structure is None:
            raise NotFound("there is no such message")
        return find_part(found[0].structure, path)

    async def _short(self, caller: Caller, account_id: str, ref: MessageRef, part: Part) -> bytes:
        async with self._access.selected(caller, account_id, ref.mailbox) as connection:
            require_same(connection, ref)
            return await connection.fetch_part(ref.uid, part.path, limit=TEXT_OCTETS_MAX)

    async def _pieces(self, caller: Caller, account_id: str, ref: MessageRef, section: str) -> AsyncIterator[bytes]:
        offset = 0
        while True:
            async with self._access.selected(caller, account_id, ref.mailbox) as connection:
                require_same(connection, ref)
                found = await connection.fetch([ref.uid], [f"BODY.PEEK[{section}]<{offset}.{PIECE_OCTETS}>"])
            piece = found[0].sections.get(section) if found else None
            if piece is None:
                raise NotFound("the message is gone")
            if piece:
                yield piece
            if len(piece) != PIECE_OCTETS:  # fewer: the end; more: a server that knows no pieces
                return
            offset += len(piece)


async def _uuencoded(raw: bytes, part: Part, index: int) -> Download:
    content = await asyncio.to_thread(decode_content, raw, part.encoding)
    _, files = await asyncio.to_thread(split_uuencoded, content)
    if not 0 < index <= len(files):
        raise NotFound("the message has no such file")
    file = files[index - 1]
    return Download(file.name, "application/octet-stream", part, _in_pieces(file.content), len(file.content))


async def _decoded(pieces: AsyncIterator[bytes], encoding: Decoder) -> AsyncIterator[bytes]:
    async for piece in pieces:
        if content := await asyncio.to_thread(encoding.feed, piece):
            yield content
    if content := await asyncio.to_thread(encoding.finish):
        yield content


async def _in_pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), PIECE_OCTETS):
        yield content[start : start + PIECE_OCTETS]


def _compressed(made: ZipStream, octets: bytes) -> bytes:
    made.write(octets)
    return made.take()


def _split(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    return (stem, f".{suffix}") if dot and stem and len(suffix) <= SUFFIX_MAX else (name, "")
