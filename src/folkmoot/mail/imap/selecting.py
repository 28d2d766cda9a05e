"""SELECT and EXAMINE (RFC 9051 section 6.3.2, RFC 7162 section 3.2.5)."""

from folkmoot.mail.imap.commands import Piece
from folkmoot.mail.imap.responses import flags_of, read_fetch, read_set
from folkmoot.mail.imap.session import Session
from folkmoot.mail.imap.structures import number_of
from folkmoot.mail.imap.values import Fetched, Selected
from folkmoot.mail.imap.wire import Condition, Told


class _Heard:
    """What SELECT has told so far."""

    def __init__(self) -> None:
        self.messages = 0
        self.flags: frozenset[str] = frozenset()
        self.codes: dict[str, int] = {}
        self.permanent: frozenset[str] | None = None
        self.no_modseq = False
        self.vanished: list[int] = []
        self.changed: list[Fetched] = []

    def take(self, told: Told) -> None:
        if told.name == "EXISTS":
            self.messages = told.number or 0
        elif told.name == "FLAGS" and told.values:
            self.flags = flags_of(told.values[0])
        elif told.name == "VANISHED" and told.values:
            self.vanished.extend(read_set(told.values[-1]))
        elif told.name == "FETCH":
            self.changed.append(read_fetch(told.values))

    def note(self, condition: Condition) -> None:
        code = condition.code
        if code is None:
            return
        value = code.values[0] if code.values else None
        if code.name == "PERMANENTFLAGS":
            self.permanent = flags_of(value)
        elif code.name in {"UIDVALIDITY", "UIDNEXT", "HIGHESTMODSEQ"}:
            self.codes[code.name] = number_of(value)
        elif code.name == "NOMODSEQ":
            self.no_modseq = True
        elif code.name == "CLOSED":  # what came before was of the mailbox selected until now
            self.messages, self.vanished, self.changed = 0, [], []

    def value(self, name: str, *, read_only: bool) -> Selected:
        modseq = None if self.no_modseq else self.codes.get("HIGHESTMODSEQ")
        return Selected(
            name=name,
            uid_validity=self.codes.get("UIDVALIDITY", 0),
            uid_next=self.codes.get("UIDNEXT", 0),
            messages=self.messages,
            modseq=modseq or None,
            flags=self.flags,
            permanent=self.flags if self.permanent is None else self.permanent,
            read_only=read_only,
            vanished=tuple(self.vanished),
            changed=tuple(one for one in self.changed if one.uid),
        )


async def select(session: Session, name: str, *, write: bool = False, since: tuple[int, int] | None = None) -> Selected:
    """Select a mailbox; ``since`` is a UIDVALIDITY and modseq, after which changes are told (QRESYNC).

    Raises:
        NotFound: there is no such mailbox, or it holds no messages.
    """
    verb = "SELECT" if write else "EXAMINE"
    pieces: list[Piece] = [verb.encode("ascii"), b" ", session.spell(name)]
    if since is not None and "QRESYNC" in session.enabled:
        pieces.append(b" (QRESYNC (%d %d))" % since)
    elif session.can("CONDSTORE", "QRESYNC") and not session.enabled & {"CONDSTORE", "QRESYNC"}:
        pieces.append(b" (CONDSTORE)")
    heard = _Heard()
    session.mailbox = None  # a SELECT that fails leaves none selected
    session.stale = False
    ended = await session.run(verb, *pieces, take=heard.take, note=heard.note)
    read_only = not write or (ended.code is not None and ended.code.name == "READ-ONLY")
    session.mailbox = heard.value(name, read_only=read_only)
    session.writable = write
    return session.mailbox


async def unselect(session: Session) -> None:
    """Leave the mailbox; nothing is expunged."""
    if session.mailbox is None:
        return
    session.mailbox = None
    if session.can("UNSELECT", "IMAP4REV2"):
        await session.run("UNSELECT", b"UNSELECT")
    elif not session.writable:
        await session.run("CLOSE", b"CLOSE")  # expunges nothing after EXAMINE
    else:
        session.dialogue.retire()  # CLOSE would expunge, so it stays selected there
