"""Rights, quota and metadata of mailboxes (RFC 4314, RFC 9208, RFC 5464)."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.mail.imap.commands import Literal, Piece, astring, string
from folkmoot.mail.imap.responses import read_pairs, read_quota
from folkmoot.mail.imap.rights import OLD_STYLE, from_old_style, to_old_style
from folkmoot.mail.imap.session import Session
from folkmoot.mail.imap.structures import text_of
from folkmoot.mail.imap.values import Quota, Rights
from folkmoot.mail.imap.wire import Told

IDENTIFIER_MAX: Final = 500  # characters
ENTRIES_MAX: Final = 100  # of METADATA in one command
VALUE_MAX: Final = 65_536  # octets of a METADATA value; Dovecot's default bound
_LETTERS: Final = re.compile(r"[a-z0-9]{0,26}")
_ENTRY: Final = re.compile(r"/(?:private|shared)/[\x21-\x24\x26-\x29\x2b-\x7e]{1,500}", re.IGNORECASE)


async def get_rights(session: Session, name: str, *, style: str = "") -> Rights:
    """Return everybody's rights in a mailbox."""
    session.need("ACL")
    grants: dict[str, str] = {}

    def take(told: Told) -> None:
        if told.name == "ACL":
            for identifier, letters in read_pairs(told.values[1:]).items():
                grants[identifier] = _read(session, (letters or b"").decode("latin-1"), style)

    await session.run("GETACL", b"GETACL ", session.spell(name), take=take)
    return Rights(name, grants)


async def my_rights(session: Session, name: str, *, style: str = "") -> str:
    """Return the signed-in user's own letters."""
    session.need("ACL")
    found: list[str] = []

    def take(told: Told) -> None:
        if told.name == "MYRIGHTS" and len(told.values) > 1:
            found.append(_read(session, text_of(told.values[1]), style))

    await session.run("MYRIGHTS", b"MYRIGHTS ", session.spell(name), take=take)
    return found[-1] if found else ""


async def set_rights(session: Session, name: str, identifier: str, letters: str, *, style: str = "") -> None:
    """Give an identifier exactly these letters."""
    session.need("ACL")
    if not _LETTERS.fullmatch(letters):
        raise MalformedInput(f"not the letters of rights: {letters[:40]!r}")
    if _old(session, style):
        letters = to_old_style(letters)
    spelt = _identifier(identifier)
    await session.run("SETACL", b"SETACL ", session.spell(name), b" ", spelt, b" ", astring(letters.encode("ascii")))


async def delete_rights(session: Session, name: str, identifier: str) -> None:
    """Take all rights from an identifier."""
    session.need("ACL")
    await session.run("DELETEACL", b"DELETEACL ", session.spell(name), b" ", _identifier(identifier))


async def quota(session: Session, name: str) -> list[Quota]:
    """Return the quotas that a mailbox counts towards; none where the server keeps none."""
    if not session.can("QUOTA") and not any(word.startswith("QUOTA=") for word in session.capabilities):
        return []
    found: list[Quota] = []

    def take(told: Told) -> None:
        if told.name == "QUOTA":
            found.extend(read_quota(told.values))

    await session.run("GETQUOTAROOT", b"GETQUOTAROOT ", session.spell(name), take=take)
    return found


async def get_metadata(session: Session, name: str, entries: Sequence[str]) -> Mapping[str, bytes]:
    """Return those of the entries that have a value; ``name`` "" is the server."""
    session.need("METADATA", *(["METADATA-SERVER"] if not name else []))
    found: dict[str, bytes] = {}

    def take(told: Told) -> None:
        if told.name == "METADATA" and len(told.values) > 1 and isinstance(told.values[1], list):
            pairs = read_pairs(told.values[1])
            found.update({entry.lower(): value for entry, value in pairs.items() if value is not None})

    pieces: list[Piece] = [b"GETMETADATA ", _mailbox(session, name), b" ("]
    for index, entry in enumerate(_entries(entries)):
        pieces.append((b" " if index else b"") + entry)
    pieces.append(b")")
    await session.run("GETMETADATA", *pieces, take=take)
    return {entry: found[entry.lower()] for entry in entries if entry.lower() in found}


async def set_metadata(session: Session, name: str, entries: Mapping[str, bytes | None]) -> None:
    """Set entries; None removes one."""
    session.need("METADATA", *(["METADATA-SERVER"] if not name else []))
    pieces: list[Piece] = [b"SETMETADATA ", _mailbox(session, name), b" ("]
    for index, (entry, value) in enumerate(zip(_entries(list(entries)), entries.values(), strict=True)):
        pieces.append((b" " if index else b"") + entry + b" ")
        if value is None:
            pieces.append(b"NIL")
        elif len(value) > VALUE_MAX:
            raise MalformedInput(f"a value of more than {VALUE_MAX} octets")
        elif b"\0" in value:
            pieces.append(Literal(value, binary=True))
        else:
            pieces.append(string(value))
    pieces.append(b")")
    await session.run("SETMETADATA", *pieces)


def _mailbox(session: Session, name: str) -> Piece:
    return session.spell(name) if name else b'""'


def _entries(entries: Sequence[str]) -> list[bytes]:
    if not 0 < len(entries) <= ENTRIES_MAX:
        raise MalformedInput(f"1 to {ENTRIES_MAX} entries of metadata")
    for entry in entries:
        if not _ENTRY.fullmatch(entry) or '"' in entry or "\\" in entry:
            raise MalformedInput(f"not an entry of metadata: {entry[:80]!r}")
    return [b'"' + entry.encode("ascii") + b'"' for entry in entries]


def _identifier(identifier: str) -> Piece:
    if not identifier or len(identifier) > IDENTIFIER_MAX or not identifier.isprintable():
        raise MalformedInput("rights are given to somebody whose name can be printed")
    return astring(identifier.encode())


def _old(session: Session, style: str) -> bool:
    return style == OLD_STYLE and not any(word.startswith("RIGHTS=") for word in session.capabilities)


def _read(session: Session, letters: str, style: str) -> str:
    return from_old_style(letters) if _old(session, style) else letters
