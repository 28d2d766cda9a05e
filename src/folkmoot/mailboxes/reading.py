"""A message as a person reads it, in two questions to the mail server; it is not marked as read by that.

The first asks for what lists show, the header and the structure, the second for all that is shown.  Only what is
signed, encrypted or in a winmail.dat is fetched as a whole and opened.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound, TooLarge, Unavailable
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.fetching import ITEMS_MAX
from folkmoot.mail.imap.values import Fetched
from folkmoot.mail.smime import Opened
from folkmoot.mail.smime.smime import MESSAGE_MAX
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.calendar_parts import CalendarPart, read_calendars, readable
from folkmoot.mailboxes.drafts import require_same
from folkmoot.mailboxes.opening import Opening, needs_opening
from folkmoot.mailboxes.part_paths import OPENED, PartPath, find_part, parse_path
from folkmoot.mailboxes.picture_consent import PictureChoice, picture_choice
from folkmoot.mailboxes.receipts import SENT
from folkmoot.mailboxes.summaries import MessageSummary, summary_of
from folkmoot.mailboxes.values import MessageRef
from folkmoot.mime.headers import HEADER_OCTETS_MAX, Headers, MailAddress, parse_headers
from folkmoot.mime.part import Part
from folkmoot.mime.reading import Message, read_message
from folkmoot.mime.receipts import requested_by
from folkmoot.mime.rendering import Attachment, Rendered, RenderOptions, render
from folkmoot.mime.selecting import sections, select

OPENED_AT_ONCE: Final = 2  # messages opened at a time by one worker: each is in memory several times, up to 60 MB
HEADER: Final = f"BODY.PEEK[HEADER]<0.{HEADER_OCTETS_MAX}>"
_FIRST: Final = ("FLAGS", "ENVELOPE", "RFC822.SIZE", "INTERNALDATE", "BODYSTRUCTURE", HEADER)

OwnState = Callable[[Caller, str], Awaitable[str]]
"""Tells what became of the meeting with a UID in somebody's calendar; empty: nothing."""


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """What is shown, and how; ``path`` names a message within the message, or a signed or encrypted part of it."""

    render: RenderOptions = field(default_factory=RenderOptions)
    path: str = ""
    # Where it depends on who sent the message: given its own header, whatever within it is shown.
    by_header: Callable[[Headers], RenderOptions] | None = None


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message ready to be shown.  Names of parts are those of ``part_paths``, also in URLs of pictures."""

    summary: MessageSummary  # of the message itself, whatever within it is shown
    part: Part  # of what is shown; its paths lack the prefix
    rendered: Rendered
    prefix: str = ""  # of paths within ``part``
    opened: Opened | None = None  # its layers and signatures; None: there was nothing to take off
    fault: str = ""  # why it was not opened
    calendars: tuple[CalendarPart, ...] = ()
    receipt_to: tuple[MailAddress, ...] = ()  # who asks to be told, and was not; ``Receipts.wish`` tells what to do

    @property
    def headers(self) -> Headers:
        """All header fields of what is shown."""
        return self.rendered.headers


@dataclass(frozen=True, slots=True)
class _Content:
    """What is shown, and the octets of it."""

    part: Part
    sections: Mapping[str, bytes]
    prefix: str = ""
    opened: Opened | None = None
    fault: str = ""


class Reading:
    """Reads messages."""

    def __init__(self, access: MailAccess, opening: Opening, own_state: OwnState | None = None) -> None:
        self._access = access
        self._opening = opening
        self._own_state = own_state
        self._turns = asyncio.Semaphore(OPENED_AT_ONCE)

    async def view(
        self, caller: Caller, account_id: str, ref: MessageRef, options: ViewOptions | None = None
    ) -> MessageView:
        """Return a message as it is shown.

        Raises, beside what ``MailAccess.selected`` raises:
            NotFound: the message is gone, or has no such message within.
        """
        options = options or ViewOptions()
        path = parse_path(options.path)
        plain = options.render.prefer_plain
        octets, content = b"", None
        async with self._access.selected(caller, account_id, ref.mailbox) as connection:
            require_same(connection, ref)
            fetched = await _look(connection, ref.uid)
            top = _target(fetched.structure, path.outer)
            wrapped = path.opened or top is None or needs_opening(top)
            within = top is not None and top is not fetched.structure
            if wrapped and (fetched.size or 0) <= MESSAGE_MAX:
                octets = await connection.fetch_part(ref.uid, "", limit=MESSAGE_MAX)
            elif path.opened or top is None:
                raise TooLarge(f"what is opened has at most {MESSAGE_MAX} octets")
            else:
                content = await _shown(connection, fetched, top, within=within, plain=plain, name=path.outer)
                if wrapped:
                    content = replace(content, fault=f"what is opened has at most {MESSAGE_MAX} octets")
        if content is None:
            content = await self._open(caller, octets, path, plain=plain)
        headers = parse_headers(fetched.sections.get("HEADER", b""))
        render_options = options.render if options.by_header is None else options.by_header(headers)
        rendered, calendars = await asyncio.to_thread(_rendered, content, render_options)
        flags = {flag.lower() for flag in fetched.flags or ()}
        answered = not flags.isdisjoint({SENT.lower(), "\\draft"})
        return MessageView(
            summary_of(fetched, ref.mailbox, ref.uid_validity),
            content.part,
            rendered,
            content.prefix,
            content.opened,
            content.fault,
            await self._with_own(caller, calendars),
            () if answered else requested_by(headers),
        )

    async def picture_choice(self, caller: Caller) -> PictureChoice:
        """Return in which messages the caller wants to see pictures from elsewhere."""
        person = await self._access.person(caller.principal)
        return picture_choice(await self._access.profile(caller.principal), self._access.settings_of(person))

    async def headers(self, caller: Caller, account_id: str, ref: MessageRef) -> Headers:
        """Return all header fields of a message; raises as ``view`` does."""
        async with self._access.selected(caller, account_id, ref.mailbox) as connection:
            require_same(connection, ref)
            found = await connection.fetch([ref.uid], [HEADER])
        if not found:
            raise NotFound("there is no such message")
        return parse_headers(found[0].sections.get("HEADER", b""))

    async def sections(
        self, caller: Caller, account_id: str, mailbox: str, uids: Sequence[int], section: str, *, uid_validity: int
    ) -> dict[int, bytes]:
        """Return one section of several messages, "" for all of each; callers see to it that these are not too large.

        Raises:
            NotFound: the mailbox was made anew since.
        """
        if not uids:
            return {}
        async with self._access.selected(caller, account_id, mailbox) as connection:
            require_same(connection, MessageRef(mailbox, uid_validity, uids[0]))
            found = await connection.fetch(uids, [f"BODY.PEEK[{section}]"])
        return {one.uid: next(iter(one.sections.values()), b"") for one in found}

    async def opened(self, caller: Caller, account_id: str, ref: MessageRef, outer: str) -> Message:
        """Return a message, or what its part ``outer`` holds, without its layers; few at a time.

        Raises, beside what ``view`` raises:
            TooLarge: it is larger than what is opened.
        """
        async with self._turns:
            found = await self._opening.open(caller, account_id, ref) if not outer else None
            if found is None:
                async with self._access.selected(caller, account_id, ref.mailbox) as connection:
                    require_same(connection, ref)
                    octets = await connection.fetch_part(ref.uid, "", limit=MESSAGE_MAX)
                found = await self._opened_part(caller, octets, outer)
            return await asyncio.to_thread(read_message, found.message)

    async def _open(self, caller: Caller, octets: bytes, path: PartPath, *, plain: bool) -> _Content:
        async with self._turns:
            opened: Opened | None = None
            fault = ""
            try:
                opened = await self._opened_part(caller, octets, path.outer)
            except (TooLarge, Unavailable) as error:
                if path.opened:
                    raise
                fault = str(error)
            message = await asyncio.to_thread(read_message, opened.message if opened else octets)
            wanted = path.within if path.opened else ("" if opened else path.outer)
            part = _target(message.part, wanted)
            if part is None:
                raise NotFound("the message has no such part")
            prefix = f"{path.outer}{OPENED}" if opened else ""
            held = {}
            for name in _names(part, plain=plain):
                with suppress(NotFound):  # what is no message has no header
                    held[name] = message.section(_real(name, wanted, part, message.part))
            return _Content(part, held, prefix, opened, fault or (opened.error if opened else ""))

    async def _opened_part(self, caller: Caller, octets: bytes, outer: str) -> Opened:
        if not outer:
            return await self._opening.open_octets(caller, octets)
        message = await asyncio.to_thread(read_message, octets)
        part = find_part(message.part, outer)
        if part.content_type in _MESSAGES:
            return await self._opening.open_octets(caller, message.content(outer))
        return await self._opening.open_octets(caller, octets, path=outer)

    async def _with_own(self, caller: Caller, calendars: Sequence[CalendarPart]) -> tuple[CalendarPart, ...]:
        found = list(calendars)
        if self._own_state is not None:
            for place, one in enumerate(found):
                if one.summary is not None:
                    found[place] = replace(one, own=await self._own_state(caller, one.summary.uid))
        return tuple(found)


_MESSAGES: Final = frozenset({"message/rfc822", "message/global"})


async def _look(connection: Connection, uid: int) -> Fetched:
    found = await connection.fetch([uid], _FIRST)
    if not found:
        raise NotFound("there is no such message")
    return found[0]


def _target(structure: Part | None, path: str) -> Part | None:
    """Return the top of what a path names; None where the server did not tell the structure."""
    if structure is None or not path:
        return structure
    part = find_part(structure, path)
    if part.content_type in _MESSAGES and part.children:
        return part.children[0]
    if needs_opening(part):
        return part
    raise NotFound("that part is no message")


def _names(part: Part, *, plain: bool) -> list[str]:
    selection = select(part, prefer_plain=plain)
    return list(dict.fromkeys([*sections(selection), *(one.path for one in readable(selection.calendars))]))


def _real(name: str, within: str, part: Part, top: Part) -> str:
    """Return the section for a name that ``select`` gave: the header of a message within has its number before it."""
    return f"{within}.HEADER" if name == "HEADER" and within and part is not top else name


async def _shown(
    connection: Connection, fetched: Fetched, part: Part, *, within: bool, plain: bool, name: str
) -> _Content:
    """Fetch what is shown of a message, all at once."""
    held = {} if within else {"HEADER": fetched.sections.get("HEADER", b"")}
    wanted = {f"{name}.HEADER" if one == "HEADER" else one: one for one in _names(part, plain=plain) if one not in held}
    items = [
        f"BODY.PEEK[{real}]<0.{HEADER_OCTETS_MAX}>" if real.endswith("HEADER") else f"BODY.PEEK[{real}]"
        for real in wanted
    ]
    for start in range(0, len(items), ITEMS_MAX):
        for one in await connection.fetch([fetched.uid], items[start : start + ITEMS_MAX]):
            held |= {wanted[real]: octets for real, octets in one.sections.items() if real in wanted}
    return _Content(part, held)


def _rendered(content: _Content, options: RenderOptions) -> tuple[Rendered, tuple[CalendarPart, ...]]:
    prefix = content.prefix
    if prefix and (cid := options.cid) is not None:
        options = replace(options, cid=lambda path: cid(prefix + path))
    if content.opened is not None and not content.opened.remote_allowed:
        options = replace(options, proxy=None)
    rendered = render(content.part, content.sections, options)
    chosen = select(content.part, prefer_plain=options.prefer_plain).calendars
    calendars = read_calendars(chosen, content.sections)
    if not prefix:
        return rendered, calendars
    return (
        replace(
            rendered,
            attachments=tuple(_named(one, prefix) for one in rendered.attachments),
            calendars=tuple(_named(one, prefix) for one in rendered.calendars),
        ),
        tuple(replace(one, path=prefix + one.path) for one in calendars),
    )


def _named(attachment: Attachment, prefix: str) -> Attachment:
    return msgspec.structs.replace(attachment, path=prefix + attachment.path)
