"""Mailboxes as JMAP shows them, and the state of all of them."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

import msgspec

from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.ids import KEY_OCTETS, key_of
from folkmoot.jmap.mail.views import Mailboxes
from folkmoot.mailboxes.rights import MailRight, rights_of
from folkmoot.mailboxes.snoozing import MAILBOX as SNOOZED
from folkmoot.mailboxes.threads import HiddenCounts
from folkmoot.mailboxes.tree import Folder, Place

MAILBOXES: Final = "b"  # begins a state of mailboxes
DIGEST_OCTETS: Final = 3  # of what it is called, and of its counts
ENTRY_OCTETS: Final = KEY_OCTETS + 2 * DIGEST_OCTETS
_ORDER: Final[Mapping[str, int]] = {
    role: 10 * number for number, role in enumerate(("inbox", "drafts", "sent", "templates", "junk", "trash"), 1)
}
_OTHERS_ORDER: Final[Mapping[Place, int]] = {Place.OWN: 100, Place.OTHERS: 200, Place.SHARED: 300}
_encode: Final = msgspec.json.Encoder(order="deterministic").encode


def mailbox_object(
    mailboxes: Mailboxes, id_: str, account: Account, hidden: HiddenCounts | None = None
) -> dict[str, Any]:
    """Return a mailbox as it is shown; where nobody counted its threads, each message is one.

    ``hidden`` messages are marked as deleted, as far as that is known.
    """
    folder = mailboxes.by_id[id_]
    status = folder.status
    messages = (status.messages if status else 0) or 0
    unseen = (status.unseen if status else 0) or 0
    if hidden is not None:
        messages, unseen = max(messages - hidden.messages, 0), max(unseen - hidden.unseen, 0)
    return {
        **named(mailboxes, id_, account),
        "totalEmails": messages,
        "unreadEmails": unseen,
        "totalThreads": messages,
        "unreadThreads": unseen,
    }


def named(mailboxes: Mailboxes, id_: str, account: Account) -> dict[str, Any]:
    """Return what a mailbox is called, where it lies and what may be done with it."""
    folder = mailboxes.by_id[id_]
    return {
        "id": id_,
        "name": folder.name,
        "parentId": mailboxes.ids.get(folder.parent) if folder.parent else None,
        "role": role_of(mailboxes, folder),
        "sortOrder": mailboxes.orders.get(folder.path, _ORDER.get(folder.use, _OTHERS_ORDER[folder.place])),
        "isSubscribed": folder.subscribed,
        "myRights": rights(folder, account),
    }


def role_of(mailboxes: Mailboxes, folder: Folder) -> str | None:
    """Return the role of a mailbox, of which each account has one."""
    if folder.use:
        first = next(one for one in mailboxes.tree.folders if one.use == folder.use)
        return folder.use if first is folder else None
    if folder.name == SNOOZED and not folder.parent and folder.place is Place.OWN:
        return "snoozed"
    return None


def rights(folder: Folder, account: Account) -> dict[str, bool]:
    """Return what the caller may do with a mailbox (RFC 8621 section 2; RFC 4314)."""
    letters = rights_of(folder.rights) if folder.rights else frozenset(MailRight)
    own = folder.place is Place.OWN
    if not folder.selectable or (folder.status is None and not own):
        letters = frozenset({MailRight.CREATE}) if own else frozenset()
    fixed = own and bool(folder.use)  # services leave mailboxes with a use where they are
    return {
        "mayReadItems": MailRight.READ in letters,
        "mayAddItems": MailRight.INSERT in letters,
        "mayRemoveItems": MailRight.DELETE in letters and MailRight.EXPUNGE in letters,
        "maySetSeen": MailRight.MARK_READ in letters,
        "maySetKeywords": MailRight.WRITE in letters,
        "mayCreateChild": MailRight.CREATE in letters and folder.may_have_children,
        "mayRename": MailRight.DELETE_MAILBOX in letters and not fixed,
        "mayDelete": MailRight.DELETE_MAILBOX in letters and not fixed,
        "maySubmit": MailRight.POST in letters,
        "mayShare": MailRight.ADMINISTER in letters and account.personal and not account.elsewhere,
    }


def mailbox_vector(mailboxes: Mailboxes, account: Account, hidden: Mapping[str, HiddenCounts]) -> str:
    """Return the state of an account's mailboxes; ``hidden`` as for their objects, by id."""
    return write_entries(
        {
            id_: (_digest(named(mailboxes, id_, account)), _digest(_counts(mailboxes, id_, hidden.get(id_))))
            for id_ in mailboxes.by_id
        }
    )


def write_entries(entries: Mapping[str, tuple[bytes, bytes]]) -> str:
    """Return the state of mailboxes with these digests: of what they are called, and of their counts."""
    packed = b"".join(key_of(id_) + b"".join(entries[id_]) for id_ in sorted(entries))
    return MAILBOXES + urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def _counts(mailboxes: Mailboxes, id_: str, hidden: HiddenCounts | None) -> tuple[int, ...]:
    state = mailboxes.states.get(id_)
    if state is None:
        return ()
    known = () if hidden is None else (hidden.messages, hidden.unseen)
    # Flags too: a message that is marked as deleted counts no more, nor does its conversation.
    return (state.uid_validity, state.uid_next, state.messages, state.unseen, state.modseq, *known)


def _digest(value: object) -> bytes:
    return blake2b(_encode(value), digest_size=DIGEST_OCTETS).digest()
