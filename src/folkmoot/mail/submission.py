"""What an SMTP server is told of a message: the envelope (RFC 5321), and whom to tell of its delivery (RFC 3461)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.mail.addresses import header_text, mailbox
from folkmoot.mail.errors import Refusal

RECIPIENTS_MAX: Final = 1_000  # of one transaction; servers must take a hundred, Postfix takes a thousand
ENVELOPE_ID_MAX: Final = 100  # characters (RFC 3461 section 4.4)
_NOT_XTEXT: Final = re.compile(rb"[^!-*,-<>-~]")


class Notify(StrEnum):
    """When the sender wants to hear of a delivery (RFC 3461 section 4.1)."""

    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    DELAY = "DELAY"


@dataclass(frozen=True, slots=True)
class DeliveryNotice:
    """Which delivery status notifications are wanted; ``notify`` empty: none at all, not even of failures."""

    notify: frozenset[Notify] = frozenset({Notify.FAILURE})
    whole_message: bool = False  # comes back with the notice, not its header only
    identifier: str = ""  # ENVID: stands in the notice


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends, and to whom; addresses as ``mailbox`` gives them."""

    sender: str  # "": nobody is told of failures, as with reports (RFC 8098 section 3)
    recipients: tuple[str, ...]
    notice: DeliveryNotice | None = None

    def __post_init__(self) -> None:
        """Check what goes into commands.

        Raises:
            MalformedInput: an address that could not stand in a command, or no recipient.
            TooLarge: more recipients than a server takes.
        """
        if not self.recipients:
            raise MalformedInput("the message has no recipients")
        if len(self.recipients) > RECIPIENTS_MAX:
            raise TooLarge(f"a message has at most {RECIPIENTS_MAX} recipients")
        for address in (*([self.sender] if self.sender else []), *self.recipients):
            if mailbox(address) != address:
                raise MalformedInput(f"not a bare mail address: {header_text(address)[:80]!r}")

    @property
    def wide(self) -> bool:
        """Whether an address has characters beyond ASCII (RFC 6531)."""
        return not (self.sender.isascii() and all(address.isascii() for address in self.recipients))


@dataclass(frozen=True, slots=True)
class Submitted:
    """The server has the message."""

    answer: str
    refusals: Mapping[str, Refusal] = field(default_factory=lambda: MappingProxyType({}))  # who does not get it
    notices: bool = False  # the server sends the notices that were wanted


def mail_options(notice: DeliveryNotice) -> list[str]:
    """Return what MAIL says of notices (RFC 3461 sections 4.3 and 4.4)."""
    options = [f"RET={'FULL' if notice.whole_message else 'HDRS'}"]
    if notice.identifier:
        options.append(f"ENVID={xtext(notice.identifier)[:ENVELOPE_ID_MAX]}")
    return options


def recipient_options(notice: DeliveryNotice, address: str) -> list[str]:
    """Return what RCPT says of notices (RFC 3461 sections 4.1 and 4.2)."""
    wanted = ",".join(kind.value for kind in Notify if kind in notice.notify) or "NEVER"
    options = [f"NOTIFY={wanted}"]
    if address.isascii():
        options.append(f"ORCPT=rfc822;{xtext(address)}")
    return options


def xtext(text: str) -> str:
    """Return a text as a parameter's value may be written (RFC 3461 section 4)."""
    return _NOT_XTEXT.sub(lambda found: b"+%02X" % found[0][0], text.encode("ascii", "replace")).decode()
