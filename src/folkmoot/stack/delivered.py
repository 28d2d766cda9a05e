"""What Dovecot tells us of: events of RFC 5423, one a line, each a form."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId

EVENTS_MAX: Final = 500  # of one call; the script tells 100 and the last of each kind
FIELDS_MAX: Final = 12  # of one event; the script sends eight
TEXT_MAX: Final = 1000  # characters of a subject or sender; the rest is cut
_NUMBER_DIGITS: Final = 10  # of an unsigned number of 32 bits (RFC 9051 section 9)


@dataclass(frozen=True, slots=True)
class Delivered:
    """Something happened to a mailbox; for one that tells of many messages ``uid`` is that of the last."""

    user: PrincipalId  # whose session or delivery it was; of a shared mailbox not its owner
    event: str  # MessageNew (delivered), MessageAppend, MessageExpunge, FlagsSet, FlagsClear, MailboxCreate, ...
    mailbox: str  # as that user sees it
    uid_validity: int = 0  # 0: not told
    uid: int = 0
    sender: str = ""  # of a new message: its From, undecoded and unproven
    subject: str = ""
    old_mailbox: str = ""  # of MailboxRename

    @property
    def new_message(self) -> bool:
        """Whether there is a message that was not there before."""
        return self.event in {"MessageNew", "MessageAppend"}


def parse_delivered(body: bytes) -> list[Delivered]:
    """Parse the body of a call.

    Raises:
        MalformedInput: it is not what the script sends.
    """
    lines = body.split(b"\n")
    if len(lines) > EVENTS_MAX:
        raise MalformedInput("too many events in one call")
    return [_event(line) for line in lines if line]


def _event(line: bytes) -> Delivered:
    try:
        pairs = parse_qsl(
            line.decode("ascii"),
            strict_parsing=True,
            keep_blank_values=True,
            max_num_fields=FIELDS_MAX,
            errors="replace",
        )
    except ValueError as error:
        raise MalformedInput("an event that is no form") from error
    fields = dict(pairs)
    user, event, mailbox = (fields.get(name, "")[:TEXT_MAX] for name in ("user", "event", "mailbox"))
    if not user or not event or not mailbox:
        raise MalformedInput("an event without user, name or mailbox")
    return Delivered(
        user=PrincipalId(user),
        event=event,
        mailbox=mailbox,
        uid_validity=_number(fields.get("uidvalidity", "0")),
        uid=_number(fields.get("uid", "0")),
        sender=fields.get("from", "")[:TEXT_MAX],
        subject=fields.get("subject", "")[:TEXT_MAX],
        old_mailbox=fields.get("old", "")[:TEXT_MAX],
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS):
        raise MalformedInput("an event with an odd number")
    return int(text)
