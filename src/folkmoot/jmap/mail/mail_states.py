"""States of emails and mailboxes: compact vectors over all mailboxes, so that what has changed since can be told.

A mailbox is its key and five numbers, each as a varint: UIDVALIDITY, UIDNEXT, messages, unseen, MODSEQ.  The state of
``Mailbox`` is a key, a digest of what it is called and may be done with it, and one of its counts.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BinasciiError
from collections.abc import Mapping
from typing import Final

from folkmoot.core.errors import MalformedInput
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.ids import KEY_OCTETS, key_of, mailbox_of_key
from folkmoot.jmap.mail.mailbox_objects import mailbox_vector
from folkmoot.jmap.mail.views import Mailboxes, mailboxes_of
from folkmoot.jmap.protocol.calling import Context
from folkmoot.mailboxes.states import MailboxState
from folkmoot.mailboxes.threads import HiddenCounts

TEXT_MAX: Final = 1024 * 1024  # characters of a state that a client sends: more than 20,000 mailboxes
_VARINT_MAX: Final = 10  # octets; MODSEQ has 63 bits
_NUMBERS: Final = 5
_EMAILS: Final = "m"  # begins a state of emails


def write_vector(states: Mapping[str, MailboxState]) -> str:
    """Return the state of all emails in mailboxes of these states, by id."""
    packed = bytearray()
    for id_ in sorted(states):
        one = states[id_]
        packed += key_of(id_)
        for number in (one.uid_validity, one.uid_next, one.messages, one.unseen, one.modseq):
            _put(packed, number)
    return _EMAILS + urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def read_vector(text: str) -> dict[str, MailboxState]:
    """Return the states that ``write_vector`` wrote.

    Raises:
        MalformedInput: it did not write this.
    """
    if not text.startswith(_EMAILS) or len(text) > TEXT_MAX:
        raise MalformedInput("not a state of emails")
    try:
        packed = urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))
    except (BinasciiError, ValueError) as error:
        raise MalformedInput("not a state of emails") from error
    states: dict[str, MailboxState] = {}
    at = 0
    while at < len(packed):
        id_ = mailbox_of_key(packed[at : at + KEY_OCTETS])
        at += KEY_OCTETS
        numbers = []
        for _ in range(_NUMBERS):
            number, at = _take(packed, at)
            numbers.append(number)
        states[id_] = MailboxState(*numbers)
    if write_vector(states) != text:
        raise MalformedInput("not a state of emails")
    return states


async def email_state(context: Context, account: Account) -> str:
    """Return the state of ``Email``, of ``Thread`` and of queries of emails."""
    return write_vector((await mailboxes_of(context, account)).states)


async def mailbox_state(context: Context, account: Account) -> str:
    """Return the state of ``Mailbox``."""
    mailboxes = await mailboxes_of(context, account)
    return mailbox_vector(mailboxes, account, hidden_counts(context, mailboxes))


def hidden_counts(context: Context, mailboxes: Mailboxes) -> dict[str, HiddenCounts]:
    """Return how many messages are marked as deleted, where that is known and there are such, by mailbox."""
    threads = context.services.mail.threads
    found = {
        id_: threads.hidden_counts(context.caller, mailboxes.mail, mailboxes.by_id[id_].path, state)
        for id_, state in mailboxes.states.items()
    }
    return {id_: counts for id_, counts in found.items() if counts is not None}


def _put(packed: bytearray, number: int) -> None:
    while number > 0x7F:  # noqa: PLR2004 - seven bits an octet
        packed.append(number & 0x7F | 0x80)
        number >>= 7
    packed.append(number)


def _take(packed: bytes, at: int) -> tuple[int, int]:
    number = 0
    for place in range(_VARINT_MAX):
        if at + place >= len(packed):
            break
        octet = packed[at + place]
        number |= (octet & 0x7F) << (7 * place)
        if octet < 0x80:  # noqa: PLR2004 - the last one
            return number, at + place + 1
    raise MalformedInput("not a state of emails")
