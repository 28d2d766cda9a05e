"""What the commands of one connection share: what the server can do, which mailbox is selected, how names are spelt."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from folkmoot.core.errors import MalformedInput, Unsupported
from folkmoot.mail.imap.commands import Piece, astring, string
from folkmoot.mail.imap.dialogue import Dialogue, Note, Skim, Take, check
from folkmoot.mail.imap.names import check_name, encode_name
from folkmoot.mail.imap.responses import name_of
from folkmoot.mail.imap.structures import octets_of
from folkmoot.mail.imap.values import Selected
from folkmoot.mail.imap.wire import Condition, Told, Value

SPELLINGS_MAX: Final = 2_000  # names that their server spells otherwise than we would
_STALE: Final = frozenset({"EXPUNGE", "VANISHED", "EXISTS"})


class Session:
    """The state of one authenticated connection."""

    def __init__(
        self,
        dialogue: Dialogue,
        capabilities: frozenset[str],
        enabled: frozenset[str],
        *,
        spellings: dict[str, bytes] | None = None,
    ) -> None:
        self.dialogue = dialogue
        self.capabilities = capabilities
        self.enabled = enabled
        self.utf8 = "UTF8=ACCEPT" in enabled
        self.mailbox: Selected | None = None
        self.writable = False  # SELECT, not EXAMINE
        self.stale = False  # what SELECT told is not the whole truth any more
        self._spellings = {} if spellings is None else spellings

    def can(self, *names: str) -> bool:
        """Whether the server offers one of these."""
        return not self.capabilities.isdisjoint(names)

    def need(self, *names: str) -> None:
        """Refuse what the server lacks.

        Raises:
            Unsupported: it offers none of these.
        """
        if not self.can(*names):
            raise Unsupported(f"the mail server lacks {names[0]}")

    def spell(self, name: str) -> Piece:
        """Return a mailbox's name as an argument.

        Raises:
            MalformedInput: no name for a mailbox.
        """
        known = self._spellings.get(name)
        if known is not None:
            return astring(known)
        if self.utf8:
            check_name(name)
            octets = name.encode("utf-8", "replace")
            # RFC 6855 section 3 wants these quoted, not as literals.
            return astring(octets) if name.isascii() else b'"' + _quoted(octets) + b'"'
        return astring(encode_name(name))

    def spell_pattern(self, pattern: str) -> Piece:
        """Return a LIST pattern as an argument; it may be empty."""
        if not pattern:
            return b'""'
        if self.utf8 and not pattern.isascii():
            check_name(pattern)
            return b'"' + _quoted(pattern.encode("utf-8", "replace")) + b'"'
        return string(pattern.encode("ascii") if self.utf8 else encode_name(pattern))

    def read_name(self, value: Value) -> str:
        """Return a mailbox's name, and remember a spelling that is not ours."""
        name = name_of(value, utf8=self.utf8)
        octets = octets_of(value)
        if (not octets.isascii() or b"&" in octets) and not self.utf8 and len(self._spellings) < SPELLINGS_MAX:
            try:
                ours = encode_name(name)
            except (UnicodeError, MalformedInput):
                ours = b""
            if ours != octets:
                self._spellings[name] = octets
        return name

    async def run(self, verb: str, *pieces: Piece, take: Take | None = None, note: Note | None = None) -> Condition:
        """Carry out a command, watching what happens to the mailbox; raises as ``Dialogue.run`` does."""
        return await self.dialogue.run(verb, *pieces, take=self._watching(verb, take), note=note)

    async def run_all(
        self, verb: str, commands: Sequence[Sequence[Piece]], *, take: Take | None = None, note: Note | None = None
    ) -> list[Condition]:
        """Carry out commands in a row, likewise."""
        return await self.dialogue.run_all(verb, commands, take=self._watching(verb, take), note=note)

    async def run_each(
        self,
        verb: str,
        commands: Sequence[Sequence[Piece]],
        *,
        take: Take | None = None,
        note: Note | None = None,
        skim: Skim | None = None,
    ) -> list[Condition]:
        """Carry out commands in a row, and fail if one of them did; those after it have been carried out, too."""
        every = await self.dialogue.run_all(verb, commands, take=self._watching(verb, take), note=note, skim=skim)
        return [check(verb, ended) for ended in every]

    def _watching(self, verb: str, take: Take | None) -> Take:
        def watch(told: Told) -> None:
            self.observe(told, asked=verb == "FETCH")
            if take is not None:
                take(told)

        return watch

    def observe(self, told: Told, *, asked: bool = False) -> None:
        """Take note of what a response says about the selected mailbox."""
        if self.mailbox is None:
            return
        if told.name in _STALE or (told.name == "FETCH" and not asked):
            self.stale = True
            if told.name == "EXISTS" and told.number is not None:
                self.mailbox = replace(self.mailbox, messages=told.number)
            elif told.name == "EXPUNGE" and self.mailbox.messages:
                self.mailbox = replace(self.mailbox, messages=self.mailbox.messages - 1)


def _quoted(octets: bytes) -> bytes:
    return octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
