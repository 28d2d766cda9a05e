"""Commands about mailboxes: LIST, STATUS, CREATE and the like (RFC 9051 section 6.3; RFC 5258, 5819, 6154, 2342)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from folkmoot.core.errors import Conflict, MalformedInput, NotFound, Unsupported
from folkmoot.mail.imap.commands import Piece
from folkmoot.mail.imap.responses import read_listed, read_namespaces, read_status
from folkmoot.mail.imap.selecting import unselect
from folkmoot.mail.imap.session import Session
from folkmoot.mail.imap.values import Listed, Namespace, Namespaces, Status
from folkmoot.mail.imap.wire import Told

LISTED_MAX: Final = 100_000  # mailboxes of one account
SPECIAL_USES: Final = frozenset(
    {"\\all", "\\archive", "\\drafts", "\\flagged", "\\important", "\\junk", "\\sent", "\\trash"}
)
_STATUS: Final = frozenset({"MESSAGES", "UNSEEN", "RECENT", "UIDNEXT", "UIDVALIDITY", "HIGHESTMODSEQ", "SIZE", "GUID"})
_DOVECOT: Final = "SNIPPET=FUZZY"  # its alone; it tells X-GUID, too, and says so nowhere
_EMPTY: Final = frozenset({"\\noselect", "\\nonexistent"})


async def namespaces(session: Session) -> Namespaces:
    """Return where mailboxes are."""
    found: list[Namespaces] = []
    if session.can("NAMESPACE", "IMAP4REV2"):
        await session.run(
            "NAMESPACE",
            b"NAMESPACE",
            take=lambda told: found.append(read_namespaces(told.values)) if told.name == "NAMESPACE" else None,
        )
    if found:
        return found[-1]
    separators: list[str] = []

    def take(told: Told) -> None:
        listed = read_listed(told.values) if told.name == "LIST" else None
        if listed is not None:
            separators.append(listed.separator)

    await session.run("LIST", b'LIST "" ""', take=take)
    return Namespaces(personal=(Namespace("", separators[0] if separators else ""),))


async def list_(
    session: Session, pattern: str, *, reference: str = "", subscribed: bool = False, status: Sequence[str] = ()
) -> list[Listed]:
    """Return mailboxes; see ``Connection.list``."""
    if status:
        # Of a selected mailbox servers tell what the connection has seen of it, not what is there.
        await unselect(session)
    items = status_items(session, status) if status else b""
    found: dict[str, Listed] = {}
    states: dict[str, Status] = {}
    subscriptions: set[str] = set()

    def take(told: Told) -> None:
        if told.name == "STATUS" and told.values:
            states[session.read_name(told.values[0])] = read_status(told.values[-1])
            return
        listed = read_listed(told.values) if told.name in {"LIST", "LSUB"} else None
        if listed is None or len(found) >= LISTED_MAX:
            return
        listed = replace(listed, name=session.read_name(told.values[2]))
        if told.name == "LSUB" and not subscribed:
            subscriptions.add(listed.name)
        else:
            found[listed.name] = listed

    where: list[Piece] = [session.spell_pattern(reference), b" ", session.spell_pattern(pattern)]
    together = bool(items) and session.can("LIST-STATUS", "IMAP4REV2")
    if session.can("LIST-EXTENDED", "IMAP4REV2"):
        wanted = [b"SUBSCRIBED", b"CHILDREN"]
        if session.can("SPECIAL-USE", "IMAP4REV2"):
            wanted.append(b"SPECIAL-USE")
        if together:
            wanted.append(b"STATUS " + items)
        selection = b"(SUBSCRIBED) " if subscribed else b""
        await session.run("LIST", b"LIST " + selection, *where, b" RETURN (" + b" ".join(wanted) + b")", take=take)
    elif subscribed:
        await session.run("LSUB", b"LSUB ", *where, take=take)
        found.update({name: replace(one, attributes=one.attributes | {"\\subscribed"}) for name, one in found.items()})
    else:
        await session.run_each("LIST", [[b"LIST ", *where], [b"LSUB ", *where]], take=take)
    if items and not states:
        await _each_status(session, [one.name for one in found.values() if not one.attributes & _EMPTY], items, states)
    return [
        replace(
            one,
            status=states.get(one.name),
            attributes=one.attributes | {"\\subscribed"} if one.name in subscriptions else one.attributes,
        )
        for one in found.values()
    ]


async def _each_status(session: Session, names: Sequence[str], items: bytes, states: dict[str, Status]) -> None:
    def take(told: Told) -> None:
        if told.name == "STATUS" and told.values:
            states[session.read_name(told.values[0])] = read_status(told.values[-1])

    # What refuses (a mailbox that may be seen, not read) stays without.
    await session.run_all("STATUS", [[b"STATUS ", session.spell(name), b" ", items] for name in names], take=take)


async def status(session: Session, name: str, items: Sequence[str]) -> Status:
    """Return STATUS of a mailbox; see ``Connection.status``."""
    found: list[Status] = []
    await session.run(
        "STATUS",
        b"STATUS ",
        session.spell(name),
        b" ",
        status_items(session, items),
        take=lambda told: found.append(read_status(told.values[-1])) if told.name == "STATUS" and told.values else None,
    )
    if not found:
        raise NotFound("the mail server tells nothing of the mailbox")
    return found[-1]


def status_items(session: Session, items: Sequence[str]) -> bytes:
    """Return the items of STATUS that the server knows, in parentheses.

    Raises:
        MalformedInput: one that there is not.
    """
    names = [item.upper() for item in items]
    if not _STATUS.issuperset(names):
        raise MalformedInput(f"not items of STATUS: {', '.join(items)[:100]}")
    if not session.can("CONDSTORE", "QRESYNC"):
        names = [name for name in names if name != "HIGHESTMODSEQ"]
    if not session.can("STATUS=SIZE", "IMAP4REV2"):
        names = [name for name in names if name != "SIZE"]
    if session.can("IMAP4REV2") and not session.can("IMAP4REV1"):
        names = [name for name in names if name != "RECENT"]
    if "GUID" in names:
        names.remove("GUID")
        names.extend(_guid_item(session))
    return b"(" + " ".join(names or ["MESSAGES"]).encode("ascii") + b")"


def _guid_item(session: Session) -> Sequence[str]:
    if session.can("OBJECTID"):
        return ("MAILBOXID",)
    return ("X-GUID",) if session.can(_DOVECOT) else ()


async def create(session: Session, name: str, *, special_use: str = "") -> None:
    r"""Create a mailbox, of a special use (``\Drafts``) if the server takes that (RFC 6154 section 3)."""
    if special_use and special_use.lower() not in SPECIAL_USES:
        raise MalformedInput(f"not a special use: {special_use[:40]!r}")
    spelt = session.spell(name)
    if special_use and session.can("CREATE-SPECIAL-USE"):
        try:
            await session.run("CREATE", b"CREATE ", spelt, b" (USE (%s))" % special_use.encode("ascii"))
        except (Conflict, Unsupported):  # [USEATTR], or another mailbox has it already: then without
            await session.run("CREATE", b"CREATE ", spelt)
    else:
        await session.run("CREATE", b"CREATE ", spelt)


async def delete(session: Session, name: str) -> None:
    """Delete a mailbox with its messages."""
    if session.mailbox is not None and session.mailbox.name == name:
        await unselect(session)  # some servers refuse to delete it, others hang up
    await session.run("DELETE", b"DELETE ", session.spell(name))


async def rename(session: Session, old: str, new: str) -> None:
    """Rename a mailbox and all below it."""
    if session.mailbox is not None and (session.mailbox.name == old or session.mailbox.name.startswith(old)):
        await unselect(session)
    await session.run("RENAME", b"RENAME ", session.spell(old), b" ", session.spell(new))


async def subscribe(session: Session, name: str, *, wanted: bool) -> None:
    """Add a mailbox to those that clients show, or take it away."""
    verb = "SUBSCRIBE" if wanted else "UNSUBSCRIBE"
    await session.run(verb, verb.encode("ascii") + b" ", session.spell(name))
