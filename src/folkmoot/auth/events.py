"""What people are told by mail about their own ways in: whoever did it, its owner learns of it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec
import structlog

from folkmoot.core.clock import Clock
from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Transaction
from folkmoot.mail.letter import Letter, Row, cut
from folkmoot.mail.words import Reader
from folkmoot.store import outbox, person
from folkmoot.store.outbox import NewMail, key_of

KIND: Final = "sign-in"
DETAIL_MAX: Final = 200  # characters of a device's name in a letter

_log: Final = structlog.get_logger("folkmoot.auth")


class Event(StrEnum):
    """What has happened."""

    APP_PASSWORD_ADDED = "app_password_added"  # noqa: S105 - a name
    TOTP_ON = "totp_on"
    TOTP_OFF = "totp_off"
    TOTP_LOST = "totp_lost"
    CODES_RENEWED = "codes_renewed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_REQUIRED = "passkey_required"
    PASSKEY_OPTIONAL = "passkey_optional"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name
    RECOVERY_CHANGED = "recovery_changed"


class SignInNotice(msgspec.Struct, frozen=True):
    """The payload of an outbox mail of kind ``sign-in``."""

    event: Event
    detail: str = ""  # such as the name of a device


class Events:
    """Tells people what has happened."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    async def tell(self, tx: Transaction, event: Event, principal: PrincipalId, detail: str = "") -> None:
        """Write a letter into the outbox, in the transaction of what has happened."""
        now = self.clock.milliseconds()
        await person.raise_(tx, principal, now)  # pages that show it are told
        _log.info("sign-in changed", what=event.value, principal=principal)
        mail = NewMail(
            key=key_of(KIND, event.value, principal, cut(detail, DETAIL_MAX), str(now)),
            kind=KIND,
            sender=principal,
            recipient=principal,
            payload={"event": event.value, "detail": cut(detail, DETAIL_MAX)},
        )
        await outbox.add(tx, [mail], now)


def sign_in_notice_of(payload: Mapping[str, object]) -> SignInNotice:
    """Return a payload as a value.

    Raises:
        MalformedInput: something is missing or of another type.
    """
    try:
        return msgspec.convert(payload, SignInNotice)
    except msgspec.ValidationError as error:
        raise MalformedInput(f"outbox: {error}") from error


def sign_in_letter(notice: SignInNotice, account: str, reader: Reader) -> Letter:
    """Return the words of such a letter; ``account`` is the login."""
    words = reader.words
    rows = [Row(words.text("label.account"), account)]
    if notice.detail:
        rows.append(Row(words.text("label.device"), notice.detail))
    return Letter(
        kind=f"sign-in-{notice.event.value.replace('_', '-')}",
        language=words.language,
        subject=words.text(f"subject.{notice.event.value}"),
        heading=words.text(f"heading.{notice.event.value}"),
        title="",
        rows=tuple(rows),
        remark=words.text("text.not_you"),
        footer=words.text("text.automatic"),
        values={"account": account, "detail": notice.detail},
    )
