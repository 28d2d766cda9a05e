"""Ids of mail, made of what IMAP names things by; nothing is looked up to read one.

A mailbox is ``f`` and a digest of what the server calls it for good, else of its path.  An email is ``e`` and that
digest, UIDVALIDITY and UID: so it belongs to one mailbox, and has another id once it is moved.  A thread is ``t`` and
the digest that ``mailboxes.summaries.thread_id_of`` makes of its first Message-ID.  A blob is ``M``, the email, and
the name of a part.
"""

import re
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BinasciiError
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from folkmoot.mailboxes.part_paths import OPENED

MAILBOX: Final = "f"
EMAIL: Final = "e"
THREAD: Final = "t"
BLOB: Final = "M"
KEY_OCTETS: Final = 9  # of a mailbox; one person has some thousand at most
_EMAIL: Final = struct.Struct(f">{KEY_OCTETS}sLL")
_EMAIL_TEXT: Final = 23  # characters of it in base64url, unpadded
_INDEX: Final = "i"  # before the number of a file that stands uuencoded within a part
_BLOB: Final = re.compile(r"M([A-Za-z0-9_-]{23})(?:p([0-9_-]{1,180})(?:i([1-9][0-9]{0,5}))?)?\Z", re.ASCII)
_THREAD_DIGITS: Final = 16


@dataclass(frozen=True, slots=True, order=True)
class EmailId:
    """An email by name."""

    mailbox: str  # id of its mailbox
    uid_validity: int
    uid: int

    def __str__(self) -> str:
        return EMAIL + _text(self)


@dataclass(frozen=True, slots=True)
class BlobId:
    """A message, or a part of it."""

    email: EmailId
    path: str | None = None  # as ``mailboxes.part_paths`` names it; None: the whole message
    index: int = 0  # of a file that stands uuencoded within the part, from 1

    def __str__(self) -> str:
        if self.path is None:
            return BLOB + _text(self.email)
        path = self.path.replace(".", "-").replace(OPENED, "_")
        return f"{BLOB}{_text(self.email)}p{path}" + (f"{_INDEX}{self.index}" if self.index else "")


def mailbox_id(guid: str | None, path: str) -> str:
    """Return the id of a mailbox; ``guid`` is what stays when it is renamed, where the server tells that."""
    named = f"guid {guid}" if guid else f"path {path}"
    return MAILBOX + _encoded(blake2b(named.encode("utf-8", "surrogatepass"), digest_size=KEY_OCTETS).digest())


def key_of(mailbox: str) -> bytes:
    """Return the octets that a mailbox's id is made of."""
    return urlsafe_b64decode(mailbox[len(MAILBOX) :])


def mailbox_of_key(key: bytes) -> str:
    """Return the id of the mailbox whose key this is."""
    return MAILBOX + _encoded(key)


def email_ids(mailbox: str, uid_validity: int) -> "Emails":
    """Return what makes ids of UIDs of one mailbox."""
    return Emails(key_of(mailbox), uid_validity)


class Emails:
    """Makes the ids of emails of one mailbox."""

    __slots__ = ("_key", "_uid_validity")

    def __init__(self, key: bytes, uid_validity: int) -> None:
        self._key = key
        self._uid_validity = uid_validity

    def id(self, uid: int) -> str:
        """Return the id of an email."""
        return EMAIL + _encoded(_EMAIL.pack(self._key, self._uid_validity, uid))


def parse_email_id(text: str) -> EmailId | None:
    """Return what an id names, None if it is no such id."""
    return _parsed(text[1:]) if text.startswith(EMAIL) else None


def parse_blob_id(text: str) -> BlobId | None:
    """Return what an id names, None if it is no such id."""
    found = _BLOB.match(text)
    email = _parsed(found[1]) if found else None
    if found is None or email is None:
        return None
    if found[2] is None:
        return BlobId(email)
    return BlobId(email, found[2].replace("-", ".").replace("_", OPENED), int(found[3] or 0))


def thread_id(digest: str) -> str:
    """Return the id of a thread by the digest that summaries tell."""
    return THREAD + digest[:_THREAD_DIGITS]


def thread_id_of_root(root: int) -> str:
    """Return the id of a thread by the number that ``mailboxes.roots`` keeps of it."""
    return f"{THREAD}{root:016x}"


def root_of_thread_id(text: str) -> int | None:
    """Return the number of a thread, None if it is no such id."""
    digits = text[1:]
    if not text.startswith(THREAD) or len(digits) != _THREAD_DIGITS:
        return None
    try:
        root = int(digits, 16)
    except ValueError:
        return None
    return root if thread_id_of_root(root) == text else None


def _parsed(text: str) -> EmailId | None:
    if len(text) != _EMAIL_TEXT:
        return None
    try:
        key, uid_validity, uid = _EMAIL.unpack(urlsafe_b64decode(text + "="))
    except (BinasciiError, ValueError, struct.error):
        return None
    email = EmailId(mailbox_of_key(key), uid_validity, uid)
    return email if _text(email) == text and uid else None


def _text(email: EmailId) -> str:
    return _encoded(_EMAIL.pack(key_of(email.mailbox), email.uid_validity, email.uid))


def _encoded(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode("ascii").rstrip("=")
